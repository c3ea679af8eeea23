	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	2
	.type	handler,@function
handler:
	ldrb	w8, [x21, #5]
	ldr	w9, [x21, #8]
	ldrb	w10, [x21, #4]
	ldr	w8, [x20, x8, lsl #2]
	adds	w11, w8, w9
	str	w11, [x20, x10, lsl #2]
	eor	w8, w11, w8
	eor	w9, w11, w9
	stp	w11, w11, [x20, #64]
	and	w8, w8, w9
	cset	w9, hs
	lsr	w8, w8, #31
	stp	w9, w8, [x20, #72]
	ldr	w8, [x21, #16]!
	add	x0, x23, x8
	br	x0
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
