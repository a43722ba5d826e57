/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code and translations that change while they are in use: what is executed, read and marked next is what memory says
 * by then.
 *
 *   A and B are two pages; `page_table + TEST_PDE * PAGE_BYTES` has their entries.  Two frames are behind them.
 *
 * A CPU may go on using a translation until the guest invalidates it, and code that it fetched before until the guest
 * jumps or serializes.  Where a case does neither, the CPU may do either, and the golden file has what this machine
 * does.
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches"; §11.6 "Self-Modifying Code"; §4.8
 * "Accessed and Dirty Flags"
 */
#include "runtime.h"

        .set A, TEST_LINEAR
        .set B, TEST_LINEAR+PAGE_BYTES
        .set ONE, 0x00800000 /* two frames, mapped one to one, too */
        .set OTHER, 0x00801000
        .set ENTRY_A, page_table+TEST_PDE*PAGE_BYTES
        .set ENTRY_B, page_table+TEST_PDE*PAGE_BYTES+4

.macro MAP entry, frame
    movl $\frame+PAGE_ALL, \entry
.endm
/* Copy code to `to`. */
.macro COPY first, last, to
    movl $\first, %esi
    movl $\to, %edi
    movl $\last-\first, %ecx
    rep movsb
.endm
.macro SAY_AL text
    movzbl %al, %eax
    movl %eax, result
    SAY "\text "
    SAY_HEX "", result
    SAY "\n"
.endm
/* The low bits of an entry. */
.macro SAY_ENTRY text, entry
    movl \entry, %eax
    andl $0xfff, %eax
    movl %eax, result
    SAY "\text "
    SAY_HEX "", result
    SAY "\n"
.endm

    .text
    .globl test_main
test_main:
    call paging_on

/* Code is written through B before it is executed at A for the first time; it patches itself through B. */
    MAP ENTRY_A, ONE
    MAP ENTRY_B, ONE
    FORGET
    COPY patched, patched_end, B
    movl $A, %eax
    call *%eax
    SAY_AL "patched through another address, cpuid between: al is 2 if the new byte counts:"
    movl $A, %eax
    call *%eax
    SAY_AL "and again:"

/* The same in a page that was written, executed and written again. */
    COPY patched, patched_end, B
    movb $1, B + patched_at - patched
    movl $A, %eax
    call *%eax
    SAY_AL "written back, and patched again:"

/* Code is replaced through the other address while it is not executed. */
    COPY three, three_end, A
    movl $A, %eax
    call *%eax
    SAY_AL "other code, written to the same place:"
    COPY four, four_end, B
    movl $A, %eax
    call *%eax
    SAY_AL "and through the other address:"

/* The page is another frame. */
    COPY three, three_end, OTHER
    MAP ENTRY_A, OTHER
    invlpg A
    movl $A, %eax
    call *%eax
    SAY_AL "another frame, after invlpg:"
    MAP ENTRY_A, ONE
    movl $A, %eax
    call *%eax
    SAY_AL "and back, without invlpg:"

/* Data. */
    movb $11, ONE + 0x800
    movb $12, OTHER + 0x800
    movb A + 0x800, %al
    MAP ENTRY_A, OTHER
    movb A + 0x800, %al
    SAY_AL "a byte of another frame, without invlpg:"
    MAP ENTRY_A, ONE
    FORGET

/* An instruction with bytes in both pages, and the second page is another frame. */
    movb $0xb0, ONE + PAGE_BYTES - 1       /* mov $n, %al */
    movb $21, OTHER
    movb $0xc3, OTHER + 1
    MAP ENTRY_B, OTHER
    FORGET
    movl $B - 1, %eax
    call *%eax
    SAY_AL "an instruction in two pages:"
    movb $22, ONE
    movb $0xc3, ONE + 1
    MAP ENTRY_B, ONE
    invlpg B
    movl $B - 1, %eax
    call *%eax
    SAY_AL "and the second is another frame:"

/* A page is accessed when an instruction in it begins, and not before. */
    .set READS, reads_end-reads
    .set TAIL, OTHER-READS
    COPY reads, reads_end, TAIL
    movb $0xc3, OTHER
    MAP ENTRY_B, OTHER
    FORGET
    movl $B - READS, %eax
    call *%eax
    andl $PAGE_A, %eax
    SAY_AL "the entry of the next page, accessed in front of its first instruction:"
    SAY_ENTRY "and behind it:", ENTRY_B

/* Code in the page that it writes data to, again and again. */
    COPY counts, counts_end, A
    movl $A, %eax
    call *%eax
    SAY_AL "code beside a counter:"
/* A page table is written while its translations are in use: the next access asks it. */
    MAP ENTRY_A, ONE
    FORGET
    movb A, %al
    TRY "a page taken away, without invlpg"
    movl $0, ENTRY_A
    movb A, %al
    END_TRY
    ret

/* Copied.  Position-independent. */
patched:
    nop
    movb $2, B + patched_at - patched
    pushl %ebx
    cpuid
    popl %ebx
    .byte 0xb0 /* mov $1, %al */
patched_at:
    .byte 1
    ret
patched_end:
three:
    movb $3, %al
    ret
three_end:
four:
    movb $4, %al
    ret
four_end:
reads:
    movl ENTRY_B, %eax
    nop
    nop
reads_end:
counts:
    movb $0, A + counter - counts
    movl $200, %ecx
1:  incb A + counter - counts
    decl %ecx
    jnz 1b
    movb A + counter - counts, %al
    ret
counter:
    .byte 0
counts_end:

    .bss
result:
    .skip 4
