	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	2
	.type	handler,@function
handler:
	ldrb	w8, [x21, #4]
	ldr	w10, [x21, #8]
	ldr	w9, [x20, x8, lsl #2]
	str	x21, [x20, #96]
	cbz	w10, .LBB0_3
	ldrsb	w11, [x21, #6]
	add	w11, w9, w11
.LBB0_2:
	rbit	w12, w10
	sub	w13, w10, #1
	ands	w10, w13, w10
	clz	w12, w12
	ldr	w12, [x20, w12, uxtw #2]
	str	w12, [x22, w11, uxtw]
	add	w11, w11, #4
	b.ne	.LBB0_2
.LBB0_3:
	ldrsb	w10, [x21, #7]
	add	w9, w9, w10
	str	w9, [x20, x8, lsl #2]
	ldr	w8, [x21, #16]!
	add	x0, x23, x8
	br	x0
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
