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
	jne	leave_pending
	decl	256(%r12)
	je	leave_hot
	movl	(%r13), %eax
	addq	%r15, %rax
	jmpq	*%rax
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.hidden	leave_pending
	.hidden	leave_hot
	.section	".note.GNU-stack","",@progbits
