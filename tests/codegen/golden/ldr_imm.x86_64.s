	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	4
	.type	handler,@function
handler:
	movzbl	4(%r13), %eax
	movzbl	5(%r13), %ecx
	movl	(%r12,%rcx,4), %edx
	movl	8(%r13), %esi
	addl	%edx, %esi
	movq	%r13, 96(%r12)
	movl	(%r14,%rdx), %edx
	movl	%esi, (%r12,%rcx,4)
	movl	%edx, (%r12,%rax,4)
	movl	16(%r13), %eax
	addq	$16, %r13
	addq	%r15, %rax
	jmpq	*%rax
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
