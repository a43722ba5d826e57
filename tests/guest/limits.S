/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits and types of segments, checked with every access; and the error codes of page faults that
 * instructions raise which read and write.
 * SDM 3A §5.3 "Limit Checking"; §5.4 "Type Checking"; §5.4.1 "Null Segment Selector Checking";
 * §4.7 "Page-Fault Exceptions"
 */
#include "runtime.h"

#define ARENA 0x00a00000
#define ISLAND 0x1000 /* its offset in its segment */
#define STACK_SEGMENT (SPARE_2 | 3)

/* For instructions that are arguments of macros. */
    arena = ARENA
    user_code = USER_CODE
    test_linear = TEST_LINEAR

/* Through ES, which is SPARE_0. */
.macro THROUGH name, instruction
    TRY "\name"
    movl $SPARE_0, %eax
    movl %eax, %es
    \instruction
    END_TRY
.endm

/* In ring 3, with SPARE_2 as its stack. */
.macro ON_STACK name, esp, instruction
    TRY "\name"
    RING 3
    movl $STACK_SEGMENT, %eax
    movl $\esp, %ebx
    movl %eax, %ss
    movl %ebx, %esp
    \instruction
    END_TRY
.endm

/* In the code segment SPARE_1, which ends behind `island`. */
.macro ON_ISLAND name, place
    TRY "\name"
    ljmp $SPARE_1, $(\place - island + ISLAND)
    END_TRY
.endm

/* With a page that is not there, in ring 0; or one that ring 3 may not use. */
.macro PAGE_CODE instruction
    TRY "ring 0: \instruction"
    movl $TEST_LINEAR, %ebx
    xorl %ecx, %ecx
    \instruction
    END_TRY
    TRY "ring 3: \instruction"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %ebx
    xorl %ecx, %ecx
    \instruction
    END_TRY
.endm

    .text
    .globl test_main
test_main:
    movl $survivor, ARENA + 16
    movl $survivor, ARENA + 256
    DESCRIPTOR SPARE_0, ARENA, 15, (DATA_WRITABLE | BIG)
    THROUGH "limit 15: read byte 15", "movb %es:15, %al"
    THROUGH "limit 15: read byte 16", "movb %es:16, %al"
    THROUGH "limit 15: read long 12", "movl %es:12, %eax"
    THROUGH "limit 15: read long 13", "movl %es:13, %eax"
    THROUGH "limit 15: read word 15", "movw %es:15, %ax"
    THROUGH "limit 15: read long -1", "movl %es:-1, %eax"
    THROUGH "limit 15: write byte 15", "movb %al, %es:15"
    THROUGH "limit 15: write byte 16", "movb %al, %es:16"
    THROUGH "limit 15: add to long 12", "addl %eax, %es:12"
    THROUGH "limit 15: add to long 13", "addl %eax, %es:13"
    THROUGH "limit 15: lea", ".byte 0x26; leal 100, %eax"
    THROUGH "limit 15: nop", "nopl %es:100"
    THROUGH "limit 15: prefetch", "prefetcht0 %es:100"
    THROUGH "limit 15: ds instead", "movl 0x00a00064, %eax"
    THROUGH "limit 15: push 16", "pushl %es:16"
    THROUGH "limit 15: call by 16", "call *%es:16"
    THROUGH "limit 15: jmp by 16", "jmp *%es:16"
    THROUGH "limit 15: pop 16", "pushl $0; popl %es:16"
    THROUGH "limit 15: lds from 12", "ldsl %es:12, %eax"
    THROUGH "limit 15: bound 12", "bound %eax, %es:12"
    THROUGH "limit 15: sgdt 10", "sgdtl %es:10"
    THROUGH "limit 15: sgdt 11", "sgdtl %es:11"
    THROUGH "limit 15: fldl 9", "fldl %es:9"
    THROUGH "limit 15: fstpt 8", "fstpt %es:8"
    THROUGH "limit 15: fnsave 0", "fnsave %es:0"
    THROUGH "limit 15: cmpxchg8b 9", "cmpxchg8b %es:9"
    THROUGH "limit 15: bts 127 of 0", "movl $127, %ecx; btsl %ecx, %es:0"
    THROUGH "limit 15: bts 128 of 0", "movl $128, %ecx; btsl %ecx, %es:0"
    THROUGH "limit 15: bts -1 of 0", "movl $-1, %ecx; btsl %ecx, %es:0"
    THROUGH "limit 15: xlat 16", "movl $10, %ebx; movb $6, %al; .byte 0x26; xlatb"
    THROUGH "limit 15: xlat 15", "movl $10, %ebx; movb $5, %al; .byte 0x26; xlatb"
    THROUGH "limit 15: stosl 12", "movl $12, %edi; stosl"
    THROUGH "limit 15: stosl 13", "movl $13, %edi; stosl"
    THROUGH "limit 15: scasb 16", "movl $16, %edi; scasb"
    THROUGH "limit 15: cmpsb 16", "movl $16, %edi; movl $arena, %esi; cmpsb"
    THROUGH "limit 15: lodsb 16", "movl $16, %esi; lodsb %es:(%esi)"
    THROUGH "limit 15: insb 16", "movl $16, %edi; movl $0x80, %edx; insb"
    THROUGH "limit 15: outsb 16", "movl $16, %esi; movl $0x80, %edx; outsb %es:(%esi), %dx"
    THROUGH "limit 15: rep stosb, none", "movl $16, %edi; xorl %ecx, %ecx; rep stosb"
    THROUGH "limit 15: rep stosb, 20 from 4", "movl $4, %edi; movl $20, %ecx; rep stosb"
    SAY_HEX "  edi ", (fault+44)
    SAY_HEX " ecx ", (fault+68)
    SAY "\n"
    THROUGH "limit 15: address of 16 bits", "addr16 movb %es:0x10, %al"

    DESCRIPTOR SPARE_0, ARENA, 0, (DATA_WRITABLE | BIG | PAGES)
    THROUGH "limit 0 pages: read byte 4095", "movb %es:0xfff, %al"
    THROUGH "limit 0 pages: read byte 4096", "movb %es:0x1000, %al"
    DESCRIPTOR SPARE_0, ARENA, 15, (DATA_DOWN | BIG)
    THROUGH "down from 15: read byte 15", "movb %es:15, %al"
    THROUGH "down from 15: read byte 16", "movb %es:16, %al"
    THROUGH "down from 15: read long 15", "movl %es:15, %eax"
    THROUGH "down from 15: write long 0x10000", "movl %eax, %es:0x10000"
    DESCRIPTOR SPARE_0, ARENA, 15, DATA_DOWN
    THROUGH "down from 15, small: read byte 0xffff", "movb %es:0xffff, %al"
    THROUGH "down from 15, small: read byte 0x10000", "movb %es:0x10000, %al"
    THROUGH "down from 15, small: read word 0xffff", "movw %es:0xffff, %ax"
    DESCRIPTOR SPARE_0, 0, 0xfffff, (DATA_READ_ONLY | BIG | PAGES)
    THROUGH "read-only: read", "movb %es:arena, %al"
    THROUGH "read-only: write", "movb %al, %es:arena"
    THROUGH "read-only: add", "addb %al, %es:arena"
    THROUGH "read-only: cmp", "cmpb %al, %es:arena"
    THROUGH "read-only: sete", "sete %es:arena"
    THROUGH "read-only: movsb", "movl $arena, %esi; movl $arena, %edi; movsb"
    DESCRIPTOR SPARE_0, 0, 0xfffff, (CODE_READABLE | BIG | PAGES)
    THROUGH "code in es: read", "movb %es:arena, %al"
    THROUGH "code in es: write", "movb %al, %es:arena"
    THROUGH "read through cs", "movb %cs:arena, %al"
    THROUGH "write through cs", "movb %al, %cs:arena"
    THROUGH "add through cs", "addb %al, %cs:arena"
    DESCRIPTOR SPARE_0, 0, 0xfffff, (CODE_ONLY | BIG | PAGES)
    TRY "execute-only: read through cs"
    ljmp $SPARE_0, $1f
1:  movb %cs:ARENA, %al
    END_TRY

    .irp register, ds, es, fs, gs
    TRY "null \register: read"
    xorl %eax, %eax
    movl %eax, %\register
    movb %\register:ARENA, %al
    END_TRY
    TRY "null \register: write in ring 3"
    RING 3
    movl $3, %eax
    movl %eax, %\register
    movb %al, %\register:ARENA
    END_TRY
    .endr
    TRY "null ds: not used"
    xorl %eax, %eax
    movl %eax, %ds
    movb %es:ARENA, %al
    END_TRY
    TRY "ring 0's fs is null in ring 3"
    movl $KERNEL_DATA, %eax
    movl %eax, %fs
    RING 3
    movb %fs:ARENA, %al
    END_TRY

/* A monitor at the top of linear space, and segments that end below it. */
    DESCRIPTOR SPARE_0, 0, 0xffbff, (DATA_WRITABLE | DPL(1) | BIG | PAGES)
    .irp offset, 0xffbffffc, 0xffbffffd, 0xffc00000
    TRY "ring 1, truncated: write \offset"
    RING 1
    movl $SPARE_0 | 1, %eax
    movl %eax, %ds
    movl %eax, \offset
    END_TRY
    .endr

/* -- stacks -- */
    DESCRIPTOR SPARE_2, ARENA, 255, (DATA_WRITABLE | DPL(3) | BIG)
    ON_STACK "stack of 256: push at 256", 256, "pushl %eax"
    ON_STACK "stack of 256: push at 260", 260, "pushl %eax"
    ON_STACK "stack of 256: push at 2", 2, "pushl %eax"
    ON_STACK "stack of 256: pushw at 2", 2, "pushw %ax"
    ON_STACK "stack of 256: pop at 252", 252, "popl %eax"
    ON_STACK "stack of 256: pop at 253", 253, "popl %eax"
    ON_STACK "stack of 256: pusha at 32", 32, "pushal"
    ON_STACK "stack of 256: pusha at 28", 28, "pushal"
    ON_STACK "stack of 256: popa at 228", 228, "popal"
    ON_STACK "stack of 256: pushf at 0", 0, "pushfl"
    ON_STACK "stack of 256: popf at 256", 256, "popfl"
    ON_STACK "stack of 256: push es at 0", 0, "pushl %es"
    ON_STACK "stack of 256: pop es at 256", 256, "popl %es"
    ON_STACK "stack of 256: call at 0", 0, "call 1f; 1: nop"
    ON_STACK "stack of 256: ret at 256", 256, "ret"
    ON_STACK "stack of 256: lcall at 4", 4, "lcall $user_code, $1f; 1: nop"
    ON_STACK "stack of 256: lret at 252", 252, "lretl"
    ON_STACK "stack of 256: iret at 248", 248, "iretl"
    ON_STACK "stack of 256: enter at 0", 0, "enter $8, $0"
    ON_STACK "stack of 256: enter at 8, too large", 8, "enter $8, $0"
    ON_STACK "stack of 256: leave to 256", 16, "movl $256, %ebp; leave"
    ON_STACK "stack of 256: read by ebp", 16, "movl $256, %ebp; movb (%ebp), %al"
    ON_STACK "stack of 256: read by esp", 256, "movb (%esp), %al"
    ON_STACK "stack of 256: read by ss prefix", 256, "movb %ss:256, %al"
    ON_STACK "stack of 256: write by ebp and ds", 16, "movl $arena + 256, %ebp; movb %al, %ds:(%ebp)"
    ON_STACK "stack of 256: pop to esp's place", 252, "popl (%esp)"
    DESCRIPTOR SPARE_2, ARENA, 255, (DATA_DOWN | DPL(3) | BIG)
    ON_STACK "stack down to 256: push at 260", 260, "pushl %eax"
    ON_STACK "stack down to 256: push at 259", 259, "pushl %eax"
    DESCRIPTOR SPARE_2, ARENA, 0xffff, (DATA_WRITABLE | DPL(3))
    ON_STACK "small stack: push at 0", 0, "pushl %eax"
    SAY_HEX "  esp ", (fault+24)
    SAY "\n"
    ON_STACK "small stack: push at 2", 2, "pushl %eax"

/* -- code -- */
    DESCRIPTOR SPARE_1, (island - ISLAND), (island_end - island + ISLAND - 1), (CODE_READABLE | BIG)
    ON_ISLAND "code: run to the end", island_runs
    ON_ISLAND "code: half an instruction", island_half
    ON_ISLAND "code: jmp beyond", island_jmp
    ON_ISLAND "code: call beyond", island_call
    ON_ISLAND "code: jz beyond, taken", island_taken
    ON_ISLAND "code: jz beyond, not taken", island_not_taken
    ON_ISLAND "code: loop beyond", island_loop
    ON_ISLAND "code: jmp beyond by a register", island_register
    ON_ISLAND "code: ret beyond", island_ret

/* -- two faults -- */
    DESCRIPTOR SPARE_0, ARENA, 15, (DATA_WRITABLE | BIG)
    call paging_on
    TEST_PTE 0, 0
    TEST_PTE 1, (TEST_PHYS + PAGE_P + PAGE_RW)
    THROUGH "page fault at the source, limit at the destination", "movl $test_linear, %esi; movl $16, %edi; movsb"
    TRY "limit at the source, page fault at the destination"
    movl $16, %esi
    movl $TEST_LINEAR, %edi
    movl $KERNEL_DATA, %eax
    movl $SPARE_0, %ebx
    movl %ebx, %ds
    movl %eax, %es
    movsb
    END_TRY
    DESCRIPTOR SPARE_2, ARENA, 255, (DATA_WRITABLE | DPL(3) | BIG)
    ON_STACK "push of a page that is not there, no room", 0, "pushl test_linear"

/* -- reading and writing -- */
    PAGE_CODE "addl %eax, (%ebx)"
    PAGE_CODE "cmpl %eax, (%ebx)"
    PAGE_CODE "testl %eax, (%ebx)"
    PAGE_CODE "orl $1, (%ebx)"
    PAGE_CODE "cmpl $1, (%ebx)"
    PAGE_CODE "incl (%ebx)"
    PAGE_CODE "decb (%ebx)"
    PAGE_CODE "negl (%ebx)"
    PAGE_CODE "notl (%ebx)"
    PAGE_CODE "mull (%ebx)"
    PAGE_CODE "shll $1, (%ebx)"
    PAGE_CODE "rcrl $3, (%ebx)"
    PAGE_CODE "shldl $3, %eax, (%ebx)"
    PAGE_CODE "xchgl %eax, (%ebx)"
    PAGE_CODE "xaddl %eax, (%ebx)"
    PAGE_CODE "cmpxchgl %eax, (%ebx)"
    PAGE_CODE "cmpxchg8b (%ebx)"
    PAGE_CODE "btl %ecx, (%ebx)"
    PAGE_CODE "btsl %ecx, (%ebx)"
    PAGE_CODE "btrl $3, (%ebx)"
    PAGE_CODE "lock addl $1, (%ebx)"
    PAGE_CODE "movl %eax, (%ebx)"
    PAGE_CODE "movl (%ebx), %eax"
    PAGE_CODE "addl (%ebx), %eax"
    PAGE_CODE "pushl (%ebx)"
    PAGE_CODE "popl (%ebx)"
    ret

    .balign 16
island:
    .skip 4, 0x90
island_runs:
    jmp island_last
island_jmp:
    jmp island_end + 16
island_call:
    call island_end + 16
island_taken:
    xorl %eax, %eax
    jz island_end + 200
island_not_taken:
    orl $1, %eax
    jz island_end + 200
    jmp island_quiet
island_loop:
    movl $2, %ecx
    loop island_end + 16
island_register:
    movl $island_end - island + ISLAND, %eax
    jmp *%eax
island_ret:
    pushl $island_end - island + ISLAND
    ret
island_half:
    jmp island_long
island_quiet:
    int $QUIET_VECTOR
island_last:
    nop
    nop
island_long:
    .byte 0xb8, 0x90  /* mov $.., %eax */
island_end:
    .fill 4, 1, 0x90
/* Who does not check comes here, or reads this address behind a segment's end. */
survivor:
    .rept 128
    int $QUIET_VECTOR
    .endr
