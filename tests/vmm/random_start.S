/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's first instructions, its vectors, and where its call gates lead. */
#include "guest/shared/entry.h"
#include "random.h"

#define MULTIBOOT_HEADER 0x1badb002

        .section .multiboot, "a"
        .balign 4
        .long   MULTIBOOT_HEADER, 0, -MULTIBOOT_HEADER

        .text
        .globl  start
start:
        cli
        cld
        movl    $kernel_top, %esp
        call    random_main

        .globl  tables_load
tables_load:
        TABLES_LOAD code=CODE, data=DATA, es=DATA, local=LOCAL, fs=DATA, gs=DATA, task=TASK
        ret

        VECTOR_TABLE
        VECTORS 0, 0x30
        VECTOR  VECTOR_CALL
        VECTOR  VECTOR_OVER
        VECTOR  VECTOR_GATE
        VECTOR  VECTOR_DPL0
        VECTOR_TABLE_END

trap_entry:
        FRAME_SAVE
        movl    $DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        FRAME_TRAP
        FRAME_RETURN

/* void frame_enter(struct ws_trap_frame *frame): go on with a frame that lies where the stack will end. */
        .globl  frame_enter
frame_enter:
        movl    4(%esp), %esp
        FRAME_RETURN

        .globl  gate_target, narrow_entry
gate_target:
        int     $VECTOR_GATE

/* A gate for 16 bits has an offset of 16 bits: its segment begins here.  EAX and EBX tell of the frame's words. */
narrow_entry:
        movl    (%esp), %eax
        movw    4(%esp), %bx
        int     $VECTOR_GATE

        .bss
        .balign 4096
        .globl  kernel_top, work_top, inner_top, middle_top, outer_top
        .space  0x1000
inner_top:
        .space  0x1000
middle_top:
        .space  0x1000
outer_top:
        .space  0x2000
work_top:
        .space  0x2000
kernel_top:

        .section .note.GNU-stack, "", @progbits
