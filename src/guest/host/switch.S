/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The context switch, from one process of the host to another:
 *
 *     void context_switch(struct process *from, struct process *to);
 *
 * Entry    ring 0, on `from`'s kernel stack, interrupts off.
 * Exit     on `to`'s kernel stack, returning to where `to` once called this.
 * Clobbers EAX, ECX, EDX, as C expects; EBX, ESI, EDI, EBP come back as `to` had them.
 *
 *         before the CR3 write                            after
 *   0xffc00000 ┌────────────────────┐                0xffc00000 ┌────────────────────┐
 *              │ the host's kernel  │◄── EIP, ESP, GDTR,        │ the host's kernel  │◄── the same, and
 *              │                    │    IDTR, LDTR, TR         │                    │    it never was gone
 *   0xc0000000 ├────────────────────┤                0xc0000000 ├────────────────────┤
 *              │ from's program     │                           │ to's program       │
 *   0x00000000 └────────────────────┘                0x00000000 └────────────────────┘
 *
 * So the stack may be used throughout, and no table is loaded: compare with cross.S.  The kernel half's
 * pages are global and keep their translations, too.  FPU registers stay, and CR0.TS guards them: fpu.c.
 */
#include "guest/host/numbers.h"

        .text
        .globl  context_switch
        .type   context_switch, @function
context_switch:
        movl    4(%esp), %eax                   # from
        movl    8(%esp), %edx                   # to

        pushl   %ebp                            # what C wants preserved, on from's stack
        pushl   %ebx
        pushl   %esi
        pushl   %edi

        movl    %esp, WS_PROCESS_ESP(%eax)      # from is complete
        movl    WS_PROCESS_ESP(%edx), %esp      # both stacks are in the kernel half: there now as before

        movl    WS_PROCESS_ESP0(%edx), %ecx
        movl    %ecx, host_tss + WS_TSS_ESP0    # the next interrupt in ring 3 comes to to's kernel stack
        movl    WS_PROCESS_CR3(%edx), %ecx
        movl    %ecx, %cr3                      # to's program

        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
        .size   context_switch, . - context_switch
