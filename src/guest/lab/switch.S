/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two switches as a kernel sees them.  One is done here; for the other the world is left.
 */
#include "guest/shared/entry.h"

        .text

/*
 * The context switch, from one process of this world to another:
 *
 *     void context_switch(struct ws_process_block *from, struct ws_process_block *to);
 *
 * Entry    ring 0, on `from`'s kernel stack, interrupts off.
 * Exit     on `to`'s kernel stack, returning to where `to` once called this.
 * Clobbers EAX, ECX, EDX, as C expects; EBX, ESI, EDI, EBP come back as `to` had them.
 *
 *         before the CR3 write                            after
 *   0xffc00000 ┌────────────────────┐                0xffc00000 ┌────────────────────┐
 *              │ this world's kernel│◄── EIP, ESP, GDTR,        │ this world's kernel│◄── the same, and
 *              │                    │    IDTR, LDTR, TR         │                    │    it never was gone
 *   K          ├────────────────────┤                K          ├────────────────────┤
 *              │ from's user half   │                           │ to's user half     │
 *   0x00000000 └────────────────────┘                0x00000000 └────────────────────┘
 *
 * So the stack may be used throughout, and no table is loaded: compare with cross.S.
 */
        .globl  context_switch
context_switch:
        SWITCH_STACKS
        movl    resident + WS_RESIDENT_TSS, %ebx
        movl    WS_PROCESS_ESP0(%edx), %ecx
        movl    %ecx, WS_TSS_ESP0(%ebx)         # the next interrupt in ring 3 comes to to's kernel stack
        movl    WS_PROCESS_CR3(%edx), %ecx
        movl    %ecx, %cr3                      # to's user half

        SWITCH_RETURN

/*
 * The way to the cross page:
 *
 *     void world_call(struct ws_cross_context *from, struct ws_cross_context *to);
 *
 * Entry    ring 0.
 * Exit     ring 0, in this same world, when it is entered again.
 */
        .globl  world_call
world_call:
        WORLD_CALL *resident + WS_RESIDENT_CROSS
