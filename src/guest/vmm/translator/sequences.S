/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the cache for an instruction that ring 1 would get wrong: copied from here, byte by byte, so all
 * jumps are relative.  Each sequence keeps three rules:
 *
 *   - what can fault comes first, while all registers and flags are as the VM has them;
 *   - behind that, nothing can stop it: it goes on to its end;
 *   - where it has no answer, it puts everything back and asks the VMM with `hlt`, which ring 1 may not execute.
 *
 * GS is the translator's: words.h.
 */
#include "guest/vmm/translator/words.h"

#define FLAG_IF 0x200

/* name, and its row for C: struct sequence.  `callout` is where the `hlt` is, or the end. */
        .macro  SEQUENCE name
        .section .rodata
        .globl  sequence_\name
        .balign 4
sequence_\name:
        .long   begin_\name, callout_\name, end_\name
        .text
begin_\name:
        .endm

/* Where the VM's interrupts are on or off is a word, and these two are stores.  SDM 2A "CLI—Clear Interrupt Flag" */
SEQUENCE cli
        movl    $0, %gs:WORDS_INTERRUPTS
callout_cli:
end_cli:

/* With an interrupt waiting, `sti` is the VMM's: it knows of the one instruction that is still protected. */
SEQUENCE sti
        movl    %ecx, %gs:WORDS_ECX
        movl    %gs:WORDS_WAITING, %ecx
        jecxz   1f                      # `test` would change the VM's flags
        movl    %gs:WORDS_ECX, %ecx
callout_sti:
        hlt
1:      movl    %gs:WORDS_ECX, %ecx
        movl    $FLAG_IF, %gs:WORDS_INTERRUPTS
end_sti:

/* The real EFLAGS are pushed, in which ring 1 always has IF set and IOPL 0; then these two are mended, with additions
 * that change no flag.  SDM 2B "PUSHF/PUSHFD/PUSHFQ—Push EFLAGS Register onto the Stack" */
SEQUENCE pushf
        pushfl
        movl    %eax, %gs:WORDS_EAX
        movl    %ecx, %gs:WORDS_ECX
        movl    (%esp), %eax
        movl    %gs:WORDS_INTERRUPTS, %ecx
        leal    -FLAG_IF(%eax, %ecx), %eax
        movl    %gs:WORDS_IOPL, %ecx
        leal    (%eax, %ecx), %eax
        movl    %eax, (%esp)
        movl    %gs:WORDS_ECX, %ecx
        movl    %gs:WORDS_EAX, %eax
callout_pushf:
end_pushf:

/* IF goes into its word; the other flags, into EFLAGS, where ring 1 may change them.  What is unusual is the VMM's: TF,
 * another IOPL, IF while an interrupt waits.  SDM 2B "POPF/POPFD/POPFQ—Pop Stack into EFLAGS Register" */
SEQUENCE popf
        movl    %eax, %gs:WORDS_EAX
        movl    (%esp), %eax
        orl     %gs:WORDS_IOPL, %eax    # an IOPL that goes is as unusual as one that comes
        testl   %eax, %gs:WORDS_UNUSUAL # the flags are lost, and popfl brings others
        jz      1f
        movl    %gs:WORDS_EAX, %eax
callout_popf:
        hlt
1:      andl    $FLAG_IF, %eax
        movl    %eax, %gs:WORDS_INTERRUPTS
        movl    %gs:WORDS_EAX, %eax
        popfl
end_popf:
