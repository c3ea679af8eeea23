	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	2
	.type	handler,@function
handler:
	ldrb	w8, [x21, #5]
	ldr	w9, [x21, #8]
	ldrb	w11, [x21, #4]
	ldr	w10, [x20, x8, lsl #2]
	str	x21, [x20, #96]
	add	w9, w10, w9
	ldr	w10, [x22, x10]
	str	w9, [x20, x8, lsl #2]
	str	w10, [x20, x11, lsl #2]
	ldr	w8, [x21, #16]!
	add	x0, x23, x8
	br	x0
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
