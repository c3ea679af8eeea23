	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	2
	.type	handler,@function
handler:
	ldrb	w8, [x21, #5]
	ldrb	w9, [x21, #6]
	add	x10, x20, #320
	ldr	d0, [x10, x8, lsl #3]
	ldr	d1, [x10, x9, lsl #3]
	ldrb	w8, [x21, #4]
	fmul	d0, d0, d1
	ldr	d1, [x10, x8, lsl #3]
	fadd	d0, d1, d0
	str	d0, [x10, x8, lsl #3]
	ldr	w8, [x21, #16]!
	add	x0, x23, x8
	br	x0
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
