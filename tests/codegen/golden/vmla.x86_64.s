	.file	"<string>"
	.text
	.hidden	handler
	.globl	handler
	.p2align	4
	.type	handler,@function
handler:
	pushq	%rbp
	subq	$16, %rsp
	movzbl	4(%r13), %ebp
	movzbl	5(%r13), %eax
	movzbl	6(%r13), %ecx
	movq	256(%r12,%rbp,8), %rbx
	movq	256(%r12,%rax,8), %rsi
	movq	256(%r12,%rcx,8), %rax
	cmpl	$0, 212(%r12)
	jne	.LBB0_3
	movq	%rsi, %xmm0
	movq	%rax, %xmm1
	mulsd	%xmm0, %xmm1
	movq	%xmm1, %rdx
	leaq	(%rdx,%rdx), %rcx
	movabsq	$-9007199254740992, %r8
	cmpq	%r8, %rcx
	ja	.LBB0_3
	movabsq	$9007199254740992, %r8
	cmpq	%r8, %rcx
	je	.LBB0_3
.LBB0_4:
	movq	%rbx, %xmm0
	movq	%rdx, %xmm1
	addsd	%xmm0, %xmm1
	movq	%xmm1, %rax
	movabsq	$9223372036854775807, %rcx
	andq	%rax, %rcx
	movabsq	$9218868437227405313, %rsi
	cmpq	%rsi, %rcx
	jae	.LBB0_5
.LBB0_6:
	movq	%rax, 256(%r12,%rbp,8)
	movl	16(%r13), %eax
	addq	$16, %r13
	addq	%r15, %rax
	addq	$16, %rsp
	popq	%rbp
	jmpq	*%rax
.LBB0_3:
	movq	%rdi, 8(%rsp)
	movq	%r12, %rdi
	movq	%rax, %rdx
	callq	soft_mul_64
	movq	8(%rsp), %rdi
	movq	%rax, %rdx
	cmpl	$0, 212(%r12)
	je	.LBB0_4
.LBB0_5:
	movq	%rdi, 8(%rsp)
	movq	%r12, %rdi
	movq	%rbx, %rsi
	callq	soft_add_64
	movq	8(%rsp), %rdi
	jmp	.LBB0_6
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.hidden	soft_mul_64
	.hidden	soft_add_64
	.section	".note.GNU-stack","",@progbits
