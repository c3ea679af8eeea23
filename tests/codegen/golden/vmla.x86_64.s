	.file	"<string>"
	.section	.rodata.cst16,"aM",@progbits,16
	.p2align	4, 0x0
.LCPI0_0:
	.quad	0x7fffffffffffffff
	.quad	0x7fffffffffffffff
	.section	.rodata.cst8,"aM",@progbits,8
	.p2align	3, 0x0
.LCPI0_1:
	.quad	0x0010000000000000
	.text
	.hidden	handler
	.globl	handler
	.p2align	4
	.type	handler,@function
handler:
	pushq	%rbp
	subq	$16, %rsp
	movzbl	4(%r13), %ebx
	movzbl	5(%r13), %eax
	movzbl	6(%r13), %ecx
	movq	320(%r12,%rbx,8), %xmm4
	movsd	320(%r12,%rax,8), %xmm1
	movsd	320(%r12,%rcx,8), %xmm2
	cmpl	$0, 276(%r12)
	jne	.LBB0_3
	movapd	%xmm1, %xmm0
	mulsd	%xmm2, %xmm0
	movapd	.LCPI0_0(%rip), %xmm3
	andpd	%xmm0, %xmm3
	ucomisd	.LCPI0_1(%rip), %xmm3
	je	.LBB0_3
	movq	%xmm4, %rsi
	movq	%xmm0, %rax
.LBB0_6:
	addsd	%xmm0, %xmm4
	ucomisd	%xmm4, %xmm4
	jp	.LBB0_7
.LBB0_8:
	movsd	%xmm4, 320(%r12,%rbx,8)
	movl	16(%r13), %eax
	addq	$16, %r13
	addq	%r15, %rax
	addq	$16, %rsp
	popq	%rbp
	jmpq	*%rax
.LBB0_3:
	movq	%rdi, %rbp
	movq	%xmm1, %rsi
	movq	%xmm2, %rdx
	movq	%r12, %rdi
	movq	%xmm4, 8(%rsp)
	callq	soft_mul_64
	movq	8(%rsp), %xmm4
	cmpl	$0, 276(%r12)
	movq	%xmm4, %rsi
	je	.LBB0_5
	movq	%rbp, %rdi
.LBB0_7:
	movq	%rdi, %rbp
	movq	%r12, %rdi
	movq	%rax, %rdx
	callq	soft_add_64
	movq	%rbp, %rdi
	movq	%rax, %xmm4
	jmp	.LBB0_8
.LBB0_5:
	movq	%rax, %xmm0
	movq	%rbp, %rdi
	jmp	.LBB0_6
.Lfunc_end0:
	.size	handler, .Lfunc_end0-handler

	.hidden	soft_mul_64
	.hidden	soft_add_64
	.section	".note.GNU-stack","",@progbits
