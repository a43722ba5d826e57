/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How interrupts go from the chips to the CPU: each line to the 8259s and to the I/O APIC; the 8259s' output and the
 * I/O APIC's messages to the local APIC; and from there to the CPU.
 */
#ifndef WS_MACHINE_INTERRUPTS_H
#define WS_MACHINE_INTERRUPTS_H

#include "machine/board.h"

/* Wire them. */
void ws__interrupts_init(struct ws_machine *machine);

/* A chip's line changes, or stays. */
void ws__interrupts_line(void *machine, unsigned irq, bool high);
/* The line of NMI. */
void ws__interrupts_nmi(void *machine, unsigned number, bool high);
/* Would a rising edge on this line change anything for the CPU, now or soon? */
bool ws__interrupts_listen(const struct ws_machine *machine, unsigned irq);
/* Something has happened to the controllers: tell each what the others say. */
void ws__interrupts_settle(struct ws_machine *machine);

/* For the CPU: see struct ws__cpu_client. */
bool ws__interrupts_wait(void *machine);
uint8_t ws__interrupts_acknowledge(void *machine);
bool ws__interrupts_local_apic(void *machine);
void ws__interrupts_local_apic_set(void *machine, bool enable);

#endif
