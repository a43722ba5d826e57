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
#include "guest/shared/entry.h"

        .macro  SWITCH
        SWITCH_STACKS
        movl    WS_PROCESS_ESP0(%edx), %ecx
        movl    %ecx, host_tss + WS_TSS_ESP0    # the next interrupt in ring 3 comes to to's kernel stack
        .endm

        .text
        .globl  context_switch
context_switch:
        SWITCH
        movl    WS_PROCESS_CR3(%edx), %ecx
        movl    %ecx, %cr3                      # to's program
        SWITCH_RETURN

        .globl  thread_switch
thread_switch:
        SWITCH
        SWITCH_RETURN
