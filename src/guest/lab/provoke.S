/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions on purpose, in ring 0.  Each routine says first where the handler is to go on, at its label 1: the
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
        movl    $1f, resident + WS_RESIDENT_RESUME
        .endm

/* In the order of enum provocation. */
        .section .rodata
        .balign 4
        .globl  provocations
provocations:
        .text

PROVOKE provoke_ud
        ud2                             # the instruction that is none
1:      ret

PROVOKE provoke_pf
        movl    4(%esp), %eax
        movl    (%eax), %eax            # nothing is mapped there
1:      ret

PROVOKE provoke_gp
        movl    $0xfff8, %eax           # beyond the limit of any GDT here
        movl    %eax, %gs
1:      ret

PROVOKE provoke_de
        movl    $1, %eax
        xorl    %edx, %edx
        xorl    %ecx, %ecx
        divl    %ecx
1:      ret
