/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The non-maskable interrupt, raised by the program itself through an EISA board's ports.
 * SDM 3A §6.7.1 "Handling Multiple NMIs"
 */
#include "runtime.h"
#include "chips.h"

#define NMI_CONTROL  0x461
#define NMI_SOFTWARE 0x462
#define CLOCK_INDEX  0x70

.macro NMI_ASK
    OUT NMI_CONTROL, 0
    OUT NMI_CONTROL, 2
    OUT NMI_SOFTWARE, 0
.endm

    .text
HANDLERS

    .globl test_main
test_main:
    CHIPS_INIT
    OUT CLOCK_INDEX, 0x0d
    OUT NMI_CONTROL, 0
    TRY "turned off"
    OUT NMI_SOFTWARE, 0
    nop
    END_TRY
    TRY "with interrupts off"
    NMI_ASK
    nop
    END_TRY
    call unblock
    SAY_IN "asked for: ", NMI_CONTROL
    OUT NMI_CONTROL, 0
    SAY_IN ", and turned off: ", NMI_CONTROL
    SAY "\n"
    /* held back by port 0x70 */
    OUT CLOCK_INDEX, 0x8d
    TRY "held back"
    NMI_ASK
    nop
    nop
    END_TRY
    TRY "let through"
    OUT CLOCK_INDEX, 0x0d
    nop
    END_TRY
    call unblock

    /* one more in the handler waits for its iret */
    GATE 2, nmi_logs, KERNEL_CODE, GATE_INTERRUPT
    movl $2, again
    NMI_ASK
    nop
    SAY_LOG "one in the other's handler: "
    OUT NMI_CONTROL, 0
    OUT CLOCK_INDEX, 0x0d
    ret

/* An iret: from here on NMIs are taken again. */
unblock:
    popl %eax
    pushfl
    pushl %cs
    pushl %eax
    iretl

/* In: again, how many more to ask for from within. */
nmi_logs:
    pushal
    LOG '('
    cmpl $0, again
    je 1f
    decl again
    NMI_ASK
    nop
1:  LOG ')'
    popal
    iretl

    .bss
again: .skip 4
