/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The context switch, from a thread of one process of the host to that of another; and the thread switch, within one:
 *
 *     void context_switch(struct thread *from, struct thread *to);
 *     void thread_switch(struct thread *from, struct thread *to);
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
 *
 * Between threads the picture's lower half stays as well: CR3 is not written, and what the TLB knows of the program
 * goes on to be true.  What is left of the switch are two stacks: thread.c has the picture.
 */
#include "guest/host/numbers.h"

        .macro  SWITCH_STACKS
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
        .endm

        .macro  GO_ON
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
        .endm

        .text
        .globl  context_switch
        .type   context_switch, @function
context_switch:
        SWITCH_STACKS
        movl    WS_PROCESS_CR3(%edx), %ecx
        movl    %ecx, %cr3                      # to's program
        GO_ON
        .size   context_switch, . - context_switch

        .globl  thread_switch
        .type   thread_switch, @function
thread_switch:
        SWITCH_STACKS
        GO_ON
        .size   thread_switch, . - thread_switch
