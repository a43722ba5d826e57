/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions on purpose, in ring 0.  Each routine says first where the handler is to go on: the
 * exceptions here are faults, and returning to the instruction would cause them again.
 *
 *     void provoke_...(uint32_t linear);
 */
#include "worlds/layout.h"

        .macro  PROVOKE name
        .pushsection .rodata
        .long   \name
        .popsection
\name:
        movl    $.Lresume_\name, resident + WS_RESIDENT_RESUME
        .endm

        .macro  RESUME name
.Lresume_\name:
        ret
        .endm

/* In the order of enum provocation. */
        .section .rodata
        .balign 4
        .globl  provocations
provocations:
        .text

PROVOKE provoke_ud
        ud2                             # the instruction that is none
RESUME  provoke_ud

PROVOKE provoke_pf
        movl    4(%esp), %eax
        movl    (%eax), %eax            # nothing is mapped there
RESUME  provoke_pf

PROVOKE provoke_gp
        movl    $0xfff8, %eax           # beyond the limit of any GDT here
        movl    %eax, %gs
RESUME  provoke_gp

PROVOKE provoke_de
        movl    $1, %eax
        xorl    %edx, %edx
        xorl    %ecx, %ecx
        divl    %ecx
RESUME  provoke_de
