/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every way into the VMM, and the two ways out of it: to the virtual machine, to the host.
 *
 *   0xffffffff ┌──────────────────────┐
 *              │ the VMM, ring 0      │◄── entered through its IDT; its stack is named by its TSS
 *   0xffc00000 ├──────────────────────┤
 *              │ the virtual machine, │◄── ring 1, its ring 0; and ring 3
 *              │ shadow page tables   │
 *   0x00000000 └──────────────────────┘
 *
 * CR3 does not change between the two: the VM's segments end below 0xffc00000.
 */
#include "guest/hosted.h"
#include "guest/shared/entry.h"

#define FRAME_BYTES (WS_FRAME_VECTOR + WS_FRAME_AFTER + 5 * 4) /* struct ws_trap_frame */

/*
 * Entry    by the far return of the first world switch; ring 0, IF = 0, DS and SS flat.
 * Exit     to the VM, by a frame that vmm_main() fills.
 * The frame is where each later one will be: at the top of the stack.
 */
        .text
        .globl  vmm_entry
vmm_entry:
        movl    $(HOSTED_VMM_STACK_TOP - FRAME_BYTES), %esp
        pushl   %esp
        call    vmm_main
        addl    $4, %esp
        jmp     trap_return

        VECTOR_TABLE
        VECTORS 0, 256
        VECTOR_TABLE_END

/*
 * Entry    ring 0 of the VMM, from ring 1 (ESP was taken from the TSS), or from the VMM itself, which
 *          is a defect; ESP at the vector in the frame; DS, ES, FS, GS the VM's.
 * Exit     to trap(), then to the VM as the frame says.
 * The VM's selectors are replaced at once: a world switch must find the VMM's own.
 */
trap_entry:
        FRAME_SAVE
        SELECTORS_LOAD HOSTED_VMM_DATA, HOSTED_VMM_MORE, HOSTED_VMM_LOCAL, HOSTED_VMM_FS, HOSTED_VMM_GS
        FRAME_TRAP

/*
 * Entry    ESP at a frame whose selectors segments_check() has seen; DS flat.
 * Exit     ring 1, or ring 3.
 * FRAME_RETURN, but that LDTR is the VM's, and that the descriptor of the translator's GS goes as soon as the CPU
 * has a copy of it.
 */
trap_return:
        movl    $HOSTED_VMM_FOREIGN, %eax
        lldt    %ax
        popl    %gs
        movl    $0, HOSTED_VMM_GDT + (HOSTED_VMM_WORDS & ~7) + 4
        FRAME_RETURN_REST

/*
 * The way to the host:
 *
 *     void world_call(struct ws_cross_context *from, struct ws_cross_context *to);
 *
 * Entry    ring 0, IF = 0.
 * Exit     the same world, when the host enters it again.
 */
        .globl  world_call
world_call:
        WORLD_CALL $HOSTED_VMM_CODE, $WS_CROSS_LINEAR
