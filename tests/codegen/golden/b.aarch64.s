	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	2
	.type	handler,@function
handler:
	ldr	w8, [x21, #8]
	ldr	w9, [x20, #80]
	and	x8, x8, #0xfffffffe
	add	x21, x24, x8, lsl #3
	cbnz	w9, .LBB0_3
	ldr	w8, [x20, #256]
	subs	w8, w8, #1
	str	w8, [x20, #256]
	b.eq	.LBB0_4
	ldr	w8, [x21]
	add	x0, x23, x8
	br	x0
.LBB0_3:
	b	leave_pending
.LBB0_4:
	b	leave_hot
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.hidden	leave_pending
	.hidden	leave_hot
	.section	".note.GNU-stack","",@progbits
