/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chips of a PC that the host's and the VM's kernel use, each brought to a known state: what firmware leaves
 * is no promise.  The disk's are in ata.h. */
#ifndef WS_GUEST_SHARED_CHIPS_H
#define WS_GUEST_SHARED_CHIPS_H

/* IRQ lines, and where they come: IRQ 0 .. 15 as vectors 0x20 .. 0x2f.
 * SDM 3A §6.2 "Exception and Interrupt Vectors": 32 and up are free for the system. */
#define IRQ_TIMER      0
#define IRQ_KEYBOARD   1
#define IRQ_CASCADE    2
#define IRQ_SERIAL     4
#define IRQ_DISK       14
#define VECTOR_IRQ     0x20
#define VECTOR_IRQ_END 0x30

/* The interval timer counts PIT_HZ a second down from PIT_COUNT, and asks then for IRQ 0. */
#define PIT_HZ    1193182
#define TICKS_HZ  100
#define PIT_COUNT ((PIT_HZ + TICKS_HZ / 2) / TICKS_HZ)

#ifndef __ASSEMBLER__

#include <stdbool.h>

/* The serial port is ready to be printed on, the interrupt controllers have all lines but timer and disk masked,
 * the timer runs. */
void chips_init(void);
/* One more line is not masked; it is of the master. */
void irq_enable(unsigned irq);
/* End of interrupt.  8259A data sheet, "End of Interrupt". */
void irq_end(unsigned irq);
/* A request that went away before it was taken comes as IRQ 7 or 15, and has no bit in service. */
bool irq_is_spurious(unsigned irq);

#endif
#endif
