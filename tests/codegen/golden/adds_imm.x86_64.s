	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	4
	.type	handler,@function
handler:
	movzbl	4(%r13), %eax
	movzbl	5(%r13), %ecx
	movl	8(%r13), %edx
	movl	(%r12,%rcx,4), %ecx
	xorl	%esi, %esi
	movl	%ecx, %ebx
	addl	%edx, %ebx
	setb	%sil
	xorl	%ebx, %ecx
	xorl	%ebx, %edx
	andl	%ecx, %edx
	movl	%ebx, (%r12,%rax,4)
	movl	%ebx, 64(%r12)
	movl	%ebx, 68(%r12)
	movl	%esi, 72(%r12)
	shrl	$31, %edx
	movl	%edx, 76(%r12)
	movl	16(%r13), %eax
	addq	$16, %r13
	addq	%r15, %rax
	jmpq	*%rax
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
