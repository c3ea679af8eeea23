	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	4
	.type	handler,@function
handler:
	movzbl	4(%r13), %eax
	movl	8(%r13), %edx
	movl	(%r12,%rax,4), %ecx
	movq	%r13, 96(%r12)
	testl	%edx, %edx
	je	.LBB0_3
	movsbl	6(%r13), %esi
	addl	%ecx, %esi
	.p2align	4
.LBB0_2:
	rep		bsfl	%edx, %r8d
	movl	(%r12,%r8,4), %ebx
	movl	%esi, %r8d
	movl	%ebx, (%r14,%r8)
	leal	-1(%rdx), %ebx
	addl	$4, %esi
	andl	%edx, %ebx
	movl	%ebx, %edx
	jne	.LBB0_2
.LBB0_3:
	movsbl	7(%r13), %edx
	addl	%edx, %ecx
	movl	%ecx, (%r12,%rax,4)
	movl	16(%r13), %eax
	addq	$16, %r13
	addq	%r15, %rax
	jmpq	*%rax
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.section	".note.GNU-stack","",@progbits
