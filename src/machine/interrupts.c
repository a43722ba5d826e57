/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of an interrupt.
 *
 * MultiProcessor Specification 1.4 (Intel, order number 242016-006), §3.6.2 "Interrupt Modes".
 */
#include "machine/interrupts.h"

/* -- lines ----------------------------------------------------------------------------------- */

void ws__interrupts_line(void *context, unsigned irq, bool high)
{
    struct ws_machine *machine = context;
    ws__pic8259_line(&machine->chips.pic, irq, high);
    ws__io_apic_line(&machine->wires.io_apic, irq, high);
}

/* NMI is taken when the line rises. */
void ws__interrupts_nmi(void *context, unsigned number, bool high)
{
    struct ws_machine *machine = context;
    (void)number;
    if (high && !machine->chips.nmi_line && ws__local_apic_passes_nmi(&machine->chips.local_apic))
        machine->cpu.state.nmi_pending = true;
    machine->chips.nmi_line = high;
}

bool ws__interrupts_listen(const struct ws_machine *machine, unsigned irq)
{
    return (ws__local_apic_hears_8259(&machine->chips.local_apic) && ws__pic8259_listens(&machine->chips.pic, irq)) ||
           ws__io_apic_listens(&machine->wires.io_apic, irq);
}

/* -- messages -------------------------------------------------------------------------------- */

static void message_send(void *context, const struct ws__apic_message *message)
{
    struct ws_machine *machine = context;
    struct ws__local_apic *chip = &machine->chips.local_apic;
    if (ws__local_apic_is_meant(chip, message))
        ws__local_apic_accept(chip, message);
}

static bool message_is_heard(void *context, const struct ws__apic_message *message)
{
    const struct ws_machine *machine = context;
    return ws__local_apic_listens(&machine->chips.local_apic, message);
}

void ws__interrupts_init(struct ws_machine *machine)
{
    machine->wires.io_apic = (struct ws__io_apic_wire){
        .chip = &machine->chips.io_apic,
        .context = machine,
        .send = message_send,
        .listens = message_is_heard,
    };
}

void ws__interrupts_settle(struct ws_machine *machine)
{
    struct ws__local_apic *chip = &machine->chips.local_apic;
    if (chip->ended) {
        chip->ended = false;
        ws__io_apic_end(&machine->wires.io_apic, chip->ended_vector);
    }
    ws__local_apic_lint0(chip, ws__pic8259_interrupts(&machine->chips.pic));
    machine->cpu.state.nmi_pending |= chip->nmi;
    chip->nmi = false;
}

/* -- the CPU --------------------------------------------------------------------------------- */

/* The 8259s' interrupts have no priority at the local APIC, and go first.  SDM 3A §10.8.1 "Interrupt Handling with the
 * Pentium 4 and Intel Xeon Processors" */
static bool is_from_8259(const struct ws__chips *chips)
{
    return ws__local_apic_passes_8259(&chips->local_apic) && ws__pic8259_interrupts(&chips->pic);
}

bool ws__interrupts_wait(void *context)
{
    const struct ws__chips *chips = &((struct ws_machine *)context)->chips;
    return is_from_8259(chips) || ws__local_apic_interrupts(&chips->local_apic);
}

uint8_t ws__interrupts_acknowledge(void *context)
{
    struct ws_machine *machine = context;
    struct ws__chips *chips = &machine->chips;
    uint8_t vector =
        is_from_8259(chips) ? ws__pic8259_acknowledge(&chips->pic) : ws__local_apic_acknowledge(&chips->local_apic);
    ws__board_settle(machine);
    return vector;
}

bool ws__interrupts_local_apic(void *context)
{
    return !((struct ws_machine *)context)->chips.local_apic.off;
}

void ws__interrupts_local_apic_set(void *context, bool enable)
{
    struct ws_machine *machine = context;
    machine->chips.local_apic.off = !enable;
    ws__board_settle(machine);
}
