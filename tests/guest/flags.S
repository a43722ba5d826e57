/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EFLAGS: what popf and iret take, and the single-step trap.
 * SDM 3A §2.3 "System Flags and Fields in the EFLAGS Register"; SDM 3B §17.3.1.4 "Single-Step
 * Exception Condition"
 */
#include "runtime.h"

#define ALL_FLAGS 0xffffffff & ~(FLAG_TF | FLAG_VM | FLAG_IF)

.macro STEP name
    TRY "step: \name"
    pushl $FLAG_FIXED | FLAG_TF
    popfl
.endm
.macro STEP_3 name
    TRY "step in ring 3: \name"
    pushl $FLAG_FIXED | FLAG_IOPL
    popfl
    RING 3
    pushl $FLAG_FIXED | FLAG_TF | FLAG_IOPL
    popfl
.endm

    .text
    .globl test_main
test_main:
    pushl $ALL_FLAGS
    popfl
    pushfl
    popl %ebx
    pushl $0
    popfl
    pushfl
    popl %esi
    SAY_HEX "popf of ones ", %ebx
    SAY_HEX ", of zeros ", %esi
    SAY "\n"
    pushl $-1 & ~(FLAG_TF | FLAG_VM | FLAG_IF | FLAG_NT)
    pushl $KERNEL_CODE
    pushl $1f
    iretl
1:  pushfl
    popl %ebx
    andl $~FLAG_RF, %ebx
    pushl $FLAG_FIXED
    popfl
    SAY_HEX "iret of ones ", %ebx
    SAY "\n"
    TRY "popf in ring 0 sets IOPL and IF"
    pushl $FLAG_FIXED | FLAG_IF | FLAG_IOPL | FLAG_NT | FLAG_AC | FLAG_ID
    popfl
    ud2
    END_TRY
    TRY "popfw leaves the upper half"
    pushl $FLAG_FIXED | FLAG_AC | FLAG_ID
    popfl
    pushw $FLAG_FIXED | FLAG_DF
    popfw
    ud2
    END_TRY
    TRY "sahf, lahf, stc, cmc, std"
    movb $0xd5, %ah
    sahf
    cmc
    std
    ud2
    END_TRY
    TRY "every arithmetic flag by an add"
    movl $0x7fffffff, %eax
    addl $1, %eax
    ud2
    END_TRY
    TRY "and by a subtraction"
    xorl %eax, %eax
    subl $1, %eax
    ud2
    END_TRY
    TRY "and by a shift"
    movl $0x80000001, %eax
    shll $1, %eax
    ud2
    END_TRY
    TRY "and by a comparison of strings"
    movl $test_main, %esi
    movl $test_main + 1, %edi
    cmpsb
    ud2
    END_TRY

/* TF */
    STEP "popf itself does not trap"
    nop
    nop
    END_TRY
    STEP "cpuid"
    cpuid
    nop
    END_TRY
    STEP "rdtsc"
    rdtsc
    nop
    END_TRY
    STEP "mov from dr7"
    movl %dr7, %eax
    nop
    END_TRY
    STEP "mov from cr0"
    movl %cr0, %eax
    nop
    END_TRY
    STEP "mov to cr3"
    movl %eax, %cr3
    nop
    END_TRY
    STEP "mov to cr0"
    movl %cr0, %eax
    nop
    END_TRY
    STEP "out"
    outb %al, $0x80
    nop
    END_TRY
    STEP "in"
    inb $0x80, %al
    nop
    END_TRY
    STEP "sti"
    sti
    nop
    nop
    END_TRY
    STEP "mov to ss: not before the next instruction is done"
    movl %ss, %eax
    movl %eax, %ss
    nop
    nop
    END_TRY
    TRY "step: mov to ss"
    movl %ss, %eax
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    movl %eax, %ss
    nop
    nop
    END_TRY
    TRY "step: pop ss"
    pushl %ss
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    popl %ss
    nop
    nop
    END_TRY
    TRY "step: mov to ds"
    movl %ds, %eax
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    movl %eax, %ds
    nop
    nop
    END_TRY
    STEP "jmp"
    jmp 1f
    nop
1:  nop
    END_TRY
    STEP "branch taken"
    jnc 1f
    nop
1:  nop
    END_TRY
    STEP "call"
    call 1f
1:  nop
    END_TRY
    STEP "far jmp"
    ljmp $KERNEL_CODE, $1f
1:  nop
    END_TRY
    STEP "int: the handler does not step"
    int $0x40
    nop
    END_TRY
    STEP "int3"
    int3
    nop
    END_TRY
    STEP "into, no overflow"
    into
    nop
    END_TRY
    STEP "fault: TF is in the frame, no trap"
    ud2
    nop
    END_TRY
    STEP "page of code that faults"
    xorl %ecx, %ecx
    END_TRY
    TRY "step: rep movsb, each iteration"
    movl $3, %ecx
    movl $source, %esi
    movl $target, %edi
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    rep movsb
    nop
    END_TRY
    SAY_HEX "ecx ", (fault+68)
    SAY "\n"
    TRY "step: rep movsb, the last iteration"
    movl $1, %ecx
    movl $source, %esi
    movl $target, %edi
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    rep movsb
    nop
    END_TRY
    SAY_HEX "ecx ", (fault+68)
    SAY "\n"
    TRY "step: rep movsb, none"
    movl $0, %ecx
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    rep movsb
    nop
    END_TRY
    STEP "pushf"
    pushfl
    nop
    END_TRY
    STEP "popf clears TF, and traps once more"
    pushl $FLAG_FIXED
    popfl
    nop
    END_TRY
    TRY "step: iret to TF"
    pushl $FLAG_FIXED | FLAG_TF
    pushl $KERNEL_CODE
    pushl $1f
    iretl
1:  nop
    nop
    END_TRY
    TRY "step: iret to TF in ring 3"
    movl $USER_DATA, %eax
    pushl %eax
    pushl $user_stack_top
    pushl $FLAG_FIXED | FLAG_TF
    pushl $USER_CODE
    pushl $1f
    iretl
1:  nop
    nop
    END_TRY
    STEP_3 "nop"
    nop
    nop
    END_TRY
    STEP_3 "rdtsc"
    rdtsc
    nop
    END_TRY
    STEP_3 "in"
    inb $0x80, %al
    nop
    END_TRY
    STEP_3 "hlt faults"
    hlt
    nop
    END_TRY
    STEP_3 "int"
    int $0x40
    nop
    END_TRY

/* A handler that returns, so that several instructions in a row are stepped: how many traps are there? */
    GATE 1, count_handler, KERNEL_CODE, GATE_INTERRUPT
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    movl $3, %ecx         /* 1 */
1:  decl %ecx             /* 3 times */
    jnz 1b                /* 3 times */
    pushl $FLAG_FIXED     /* 1 */
    popfl                 /* 1 */
    nop
    SAY_HEX "traps ", (traps)
    SAY "\n"
    GATE_DEFAULT 1
    ret

count_handler:
    incl traps
    iretl

    .data
source: .ascii "abcdefgh"
target: .skip 8
traps:  .long 0
