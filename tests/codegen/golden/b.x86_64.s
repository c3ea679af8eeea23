	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	4
	.type	handler,@function
handler:
	movl	8(%r13), %eax
	andl	$-2, %eax
	leaq	(%rdi,%rax,8), %r13
	cmpl	$0, 80(%r12)
	jne	.LBB0_1
	movl	(%r13), %eax
	addq	%r15, %rax
	jmpq	*%rax
.LBB0_1:
	jmp	leave_pending
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.hidden	leave_pending
	.section	".note.GNU-stack","",@progbits
