/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operands of 16 bytes that must be aligned, and others that need not be.
 *
 * SDM 1 §4.1.1 "Alignment of Words, Doublewords, Quadwords, and Double Quadwords"; SDM 2A §2.4.1 "Exceptions Type 1
 * (Aligned Memory Reference)", §2.4.4 "Exceptions Type 4 (>=16 Byte Mem Arg, No Alignment, No Floating-point
 * Exceptions)"
 */
#include "runtime.h"

#define NO_MEMORY (TEST_LINEAR + PAGE_BYTES) /* the second page of the tests is missing */
#define AREA_BYTES 512
#define BASED_8 SPARE_1 /* DS's segment, but 8 bytes on */

/* One form: record which exception it raises with EBX as it is. */
.macro FORM text:vararg
    .pushsection .rodata
8890: .asciz "\text: "
    .popsection
    .pushsection .rodata.names, "a"
    .long 8890b
    .popsection
    movb $0, vector
    movl $8891f, resume
    \text
8891: call record
.endm

    .section .rodata.names, "a"
    .balign 4
names:

    .text
/* Every form; in whatever ring. */
forms:
    movl $0, form
    .irp name, movaps, movapd, movdqa, movsldup, movshdup, unpcklps, unpcklpd, unpckhps, unpckhpd, sqrtps, sqrtpd, \
        rsqrtps, rcpps, andps, andpd, andnps, andnpd, orps, orpd, xorps, xorpd, addps, addpd, mulps, mulpd, subps, \
        subpd, minps, minpd, divps, divpd, maxps, maxpd, cvtpd2ps, cvtdq2ps, cvtps2dq, cvttps2dq, cvttpd2dq, \
        cvtpd2dq, haddpd, haddps, hsubpd, hsubps, addsubpd, addsubps
    FORM \name (%ebx), %xmm0
    .endr
    .irp name, punpcklbw, punpcklwd, punpckldq, packsswb, pcmpgtb, pcmpgtw, pcmpgtd, packuswb, punpckhbw, punpckhwd, \
        punpckhdq, packssdw, punpcklqdq, punpckhqdq, pcmpeqb, pcmpeqw, pcmpeqd, psrlw, psrld, psrlq, paddq, pmullw, \
        psubusb, psubusw, pminub, pand, paddusb, paddusw, pmaxub, pandn, pavgb, psraw, psrad, pavgw, pmulhuw, pmulhw, \
        psubsb, psubsw, pminsw, por, paddsb, paddsw, pmaxsw, pxor, psllw, pslld, psllq, pmuludq, pmaddwd, psadbw, \
        psubb, psubw, psubd, psubq, paddb, paddw, paddd
    FORM \name (%ebx), %xmm0
    .endr
    .irp name, pshufd, pshufhw, pshuflw, cmpps, cmppd, shufps, shufpd
    FORM \name $0, (%ebx), %xmm0
    .endr
    FORM cvttpd2pi (%ebx), %mm0
    FORM cvtpd2pi (%ebx), %mm0
    .irp name, movaps, movapd, movdqa, movntps, movntpd, movntdq
    FORM \name %xmm0, (%ebx)
    .endr
    FORM fxsave (%ebx)
    FORM fxrstor (%ebx)

/* These need not be aligned. */
    .irp name, movups, movupd, movdqu, lddqu, movss, movsd, movlps, movhps, movlpd, movhpd, movddup, movq, movd, \
        addss, addsd, sqrtss, rcpss, cmpeqss, cmpeqsd, cvtps2pd, cvtdq2pd, cvtss2sd, cvtsd2ss, \
        cvtpi2ps, cvtpi2pd, cvtsi2ss, ucomiss, comisd
    FORM \name (%ebx), %xmm0
    .endr
    .irp name, movups, movupd, movdqu, movss, movsd, movlps, movhpd, movq, movd
    FORM \name %xmm0, (%ebx)
    .endr
    .irp name, movq, paddb, punpcklbw, pxor, cvtps2pi, cvttps2pi
    FORM \name (%ebx), %mm0
    .endr
    FORM pshufw $0, (%ebx), %mm0
    FORM pinsrw $0, (%ebx), %xmm0
    FORM movntq %mm0, (%ebx)
    FORM movnti %eax, (%ebx)
    FORM stmxcsr (%ebx)
    FORM movaps %xmm1, %xmm0
    FORM pxor %xmm0, %xmm0
    pushl %edi
    movl %ebx, %edi
    FORM maskmovdqu %xmm0, %xmm0
    popl %edi
    ret

/* Note down the vector of this form in this pass, and begin with a clean unit. */
record:
    movl form, %eax
    imull $4, %eax, %eax
    addl pass, %eax
    movb vector, %cl
    movb %cl, results(%eax)
    incl form
    fninit
    ldmxcsr clean
    ret

/* Handlers that go on at `resume`. */
    .irp number, 6, 7, 13
on_\number:
    .if \number == 13
    addl $4, %esp
    .endif
    movb $\number, vector
    pushl %eax
    movl resume, %eax
    movl %eax, 4(%esp)
    popl %eax
    iretl
    .endr

.macro PASS number, offset, ring
    movl $\number, pass
    TRY "pass \number"
    .if \ring
    RING \ring
    .endif
    movl $area + \offset, %ebx
    call forms
    END_TRY
.endm

/* A byte of the number a pass: from the lowest, aligned in ring 0, not aligned in ring 0, and the same in ring 3. */
report:
    xorl %esi, %esi
1:  pushl results(, %esi, 4)
    pushl names(, %esi, 4)
    call say_hex
    addl $8, %esp
    SAY "\n"
    incl %esi
    cmpl form, %esi
    jb 1b
    ret

    .globl test_main
test_main:
    CONTROL_CLEAR cr0, (CR0_TS | CR0_EM)
    CONTROL_SET cr0, (CR0_NE | CR0_MP)
    CONTROL_SET cr4, (CR4_OSFXSR | CR4_OSXMMEXCPT)
    fninit
    .irp number, 6, 7, 13
    GATE \number, on_\number, KERNEL_CODE, GATE_INTERRUPT
    .endr
    PASS 0, 0, 0
    PASS 1, 8, 0
    PASS 2, 0, 3
    PASS 3, 8, 3
    .irp number, 6, 7, 13
    GATE_DEFAULT \number
    .endr
    call report
    call addresses
    call paging_on
    call order
    call paging_off
    ret

/* It is the linear address that counts. */
addresses:
    TRY "base and index"
    movl $area, %ebx
    movl $1, %ecx
    movaps -8(%ebx, %ecx, 8), %xmm0
    END_TRY
    TRY "base and index, not aligned"
    movl $area, %ebx
    movl $1, %ecx
    movaps (%ebx, %ecx, 8), %xmm0
    END_TRY
    TRY "no base, not aligned"
    movaps area + 4, %xmm0
    END_TRY
    TRY "on the stack"
    andl $-16, %esp
    movaps (%esp), %xmm0
    END_TRY
    TRY "on the stack, not aligned"
    andl $-16, %esp
    movaps -8(%esp), %xmm0
    END_TRY
    TRY "in the code segment, not aligned"
    movaps %cs:area + 1, %xmm0
    END_TRY
    TRY "in the code segment"
    movaps %cs:area, %xmm0
    END_TRY
    DESCRIPTOR BASED_8, 8, 0xfffff, (DATA_WRITABLE | BIG | PAGES)
    TRY "the segment's base aligns it"
    movl $BASED_8, %eax
    movl %eax, %fs
    movaps %fs:area + 8, %xmm0
    END_TRY
    TRY "the segment's base misaligns it"
    movl $BASED_8, %eax
    movl %eax, %fs
    movaps %fs:area, %xmm0
    END_TRY
    TRY "the third of four"
    movl $area, %ebx
    movaps (%ebx), %xmm0
    movaps 16(%ebx), %xmm1
    addps 40(%ebx), %xmm1
    movaps %xmm0, 48(%ebx)
    END_TRY
    TRY "in a loop, once it has run"
    movl $area, %ebx
    movl $200, %ecx
1:  movaps (%ebx), %xmm0
    pxor 16(%ebx), %xmm0
    decl %ecx
    jnz 1b
    addl $4, %ebx
    incl %ecx
    jmp 1b
    END_TRY
    TRY "a lock"
    .byte 0xf0
    movaps area + 1, %xmm0
    END_TRY
    ret

/* What comes first: the unit, the segment, the alignment, the page. */
order:
    TEST_PTE 1, 0
    TRY "a missing page, aligned"
    movaps NO_MEMORY, %xmm0
    END_TRY
    TRY "a missing page, not aligned"
    movaps NO_MEMORY + 8, %xmm0
    END_TRY
    TRY "a missing page, not aligned, fxsave"
    fxsave NO_MEMORY + 8
    END_TRY
    TRY "a missing page, not aligned, movups"
    movups NO_MEMORY + 8, %xmm0
    END_TRY
    TRY "ring 3: a missing page, not aligned"
    RING 3
    movaps NO_MEMORY + 8, %xmm0
    END_TRY
    DESCRIPTOR SPARE_0, 0, 0, (DATA_WRITABLE | BIG | PAGES)
    TRY "beyond the limit, aligned"
    movl $SPARE_0, %eax
    movl %eax, %fs
    movaps %fs:area, %xmm0
    END_TRY
    TRY "a null segment, not aligned"
    xorl %eax, %eax
    movl %eax, %fs
    movaps %fs:area + 8, %xmm0
    END_TRY
    movl $KERNEL_DATA, %eax
    movl %eax, %fs
    CONTROL_SET cr0, CR0_TS
    TRY "not aligned, with TS"
    movaps area + 8, %xmm0
    END_TRY
    TRY "not aligned, with TS, fxsave"
    fxsave area + 8
    END_TRY
    clts
    CONTROL_SET cr0, CR0_EM
    TRY "not aligned, with EM"
    movaps area + 8, %xmm0
    END_TRY
    TRY "not aligned, with EM, fxsave"
    fxsave area + 8
    END_TRY
    CONTROL_CLEAR cr0, CR0_EM
    CONTROL_CLEAR cr4, CR4_OSFXSR
    TRY "not aligned, without OSFXSR"
    movaps area + 8, %xmm0
    END_TRY
    TRY "not aligned, without OSFXSR, fxsave"
    fxsave area + 8
    END_TRY
    TRY "not aligned, without OSFXSR, paddb with MMX"
    paddb area + 8, %mm0
    END_TRY
    .irp instruction, "paddb %fs:area, %mm0", "fxsave %fs:area"
    TRY "beyond the limit, without OSFXSR, \instruction"
    movl $SPARE_0, %eax
    movl %eax, %fs
    \instruction
    END_TRY
    .endr
    CONTROL_SET cr4, CR4_OSFXSR
    CONTROL_SET cr0, CR0_AM
    TRY "ring 0: not aligned, with AM and AC"
    pushl $FLAG_FIXED | FLAG_AC
    popfl
    movaps area + 8, %xmm0
    END_TRY
    CONTROL_CLEAR cr0, CR0_AM
    TRY "the flags and the registers stay"
    movl $0x11111111, %eax
    movl $0x22222222, %ecx
    stc
    movaps area + 8, %xmm0
    END_TRY
    TRY "single step: it faults, and is not stepped over"
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    movaps area + 8, %xmm0
    END_TRY
    ret

    .data
    .balign 4
clean: .long 0x1f80
form: .long 0
pass: .long 0
resume: .long 0
vector: .byte 0

    .bss
    .balign 64
area: .skip 2 * AREA_BYTES
results: .skip 4 * 256
