/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a sleeping machine sleeps for good: read off its state.
 */
#include <worldswitch/machine.h>

#include "machine/interrupts.h"

enum { SLAVE_FIRST = 8, MASTER_COMMAND = 0x20, SLAVE_COMMAND = 0xa0 };

static unsigned command_port(unsigned irq)
{
    return irq < SLAVE_FIRST ? MASTER_COMMAND : SLAVE_COMMAND;
}

/* Between two reasons. */
static void reason_begin(struct ws_buffer *out, size_t *reasons)
{
    if ((*reasons)++)
        ws_buffer_printf(out, "; ");
}

static void wait_explain(struct ws_buffer *out, unsigned irq, enum ws__pic_wait wait, unsigned behind)
{
    if (wait == WS__PIC_MASKED)
        ws_buffer_printf(out, "IRQ %u waits, but is masked (bit %u at port 0x%x)", irq, irq % SLAVE_FIRST,
                         command_port(irq) + 1);
    else if (wait == WS__PIC_SLAVE_MASKED)
        ws_buffer_printf(out, "IRQ %u waits, but its 8259 is masked at the other one (bit 2 at port 0x21)", irq);
    else if (irq == behind)
        ws_buffer_printf(out, "IRQ %u waits, but an earlier one is still in service: no end of interrupt at port 0x%x",
                         irq, command_port(irq));
    else
        ws_buffer_printf(out, "IRQ %u waits, but IRQ %u is still in service: no end of interrupt at port 0x%x", irq,
                         behind, command_port(behind));
}

/* Requests that do not reach the CPU. */
static void requests_explain(const struct ws_machine *machine, struct ws_buffer *out, size_t *reasons)
{
    static const enum ws__pic_wait order[] = {WS__PIC_BEHIND, WS__PIC_SLAVE_MASKED, WS__PIC_MASKED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        for (unsigned irq = 0; irq < WS__PIC_LINES; irq++) {
            unsigned behind = 0;
            if (ws__pic8259_wait(&machine->chips.pic, irq, &behind) != order[i])
                continue;
            reason_begin(out, reasons);
            wait_explain(out, irq, order[i], behind);
        }
    }
}

/* What the local APIC keeps from the CPU. */
static void local_apic_explain(const struct ws_machine *machine, struct ws_buffer *out, size_t *reasons)
{
    const struct ws__local_apic *chip = &machine->chips.local_apic;
    int waits = ws__vector_set_highest(&chip->requested), served = ws__vector_set_highest(&chip->in_service);
    if (ws__pic8259_interrupts(&machine->chips.pic) && !ws__local_apic_hears_8259(chip)) {
        reason_begin(out, reasons);
        ws_buffer_printf(out, "the 8259s interrupt, but the local APIC masks them (LINT0, bit 16 at 0xfee00350)");
    }
    if (waits >= 0 && served >= 0) {
        reason_begin(out, reasons);
        ws_buffer_printf(out,
                         "vector %d waits at the local APIC, but vector %d is still in service: "
                         "no end of interrupt at 0xfee000b0",
                         waits, served);
    } else if (waits >= 0) {
        reason_begin(out, reasons);
        ws_buffer_printf(out, "vector %d waits at the local APIC, but the task priority is 0x%02x (0xfee00080)", waits,
                         chip->task_priority);
    }
    if (ws__local_apic_timer_is_masked(chip)) {
        reason_begin(out, reasons);
        ws_buffer_printf(out, "the local APIC's timer runs, but is masked (bit 16 at 0xfee00320)");
    }
}

/* Chips that will interrupt; `heard`: that the guest hears, or else those whose IRQ it has masked. */
static void chips_explain(const struct ws_machine *machine, struct ws_buffer *out, bool heard, size_t *reasons)
{
    const struct ws__wires *wires = &machine->wires;
    const struct {
        const char *what;
        unsigned irq;
        uint64_t due;
    } chip[] = {
        {"the timer runs", WS__IRQ_TIMER, ws__pit8254_due(&wires->pit)},
        {"the serial port expects input", WS__IRQ_SERIAL, ws__uart16550_due(&wires->uart)},
        {"a key was pressed", WS__IRQ_KEYBOARD, ws__kbc8042_due(&wires->kbc)},
        {"the clock runs", WS__IRQ_CLOCK, ws__rtc_due(&wires->rtc)},
        {"the disk is at work", WS__IRQ_DISK, ws__ata_due(&wires->ata)},
    };
    for (size_t i = 0; i < sizeof chip / sizeof *chip; i++) {
        unsigned behind;
        bool told = ws__pic8259_wait(&machine->chips.pic, chip[i].irq, &behind) != WS__PIC_NONE;
        if (told || chip[i].due == WS__NEVER || ws__interrupts_listen(machine, chip[i].irq) != heard)
            continue;
        reason_begin(out, reasons);
        ws_buffer_printf(out, "%s, %s IRQ %u is %s", chip[i].what, heard ? "and its next" : "but its", chip[i].irq,
                         heard ? "still to come" : "masked");
    }
}

/* The IRQ that the CPU would hear of, if it listened.  -1: none. */
static int irq_coming(const struct ws_machine *machine)
{
    unsigned behind;
    for (unsigned irq = 0; irq < WS__PIC_LINES; irq++) {
        if (irq != WS__PIC_CASCADE && ws__pic8259_wait(&machine->chips.pic, irq, &behind) == WS__PIC_COMES)
            return (int)irq;
    }
    return -1;
}

static void coming_explain(const struct ws_machine *machine, struct ws_buffer *out)
{
    int irq = ws__pic8259_interrupts(&machine->chips.pic) ? irq_coming(machine) : -1;
    if (irq >= 0)
        ws_buffer_printf(out, "; IRQ %d waits", irq);
}

/* Nobody types. */
static void keyboard_explain(const struct ws_machine *machine, struct ws_buffer *out)
{
    const struct ws__pic_pair *pic = &machine->chips.pic;
    bool behind = ws__pic8259_serves(pic, WS__IRQ_TIMER) || ws__pic8259_serves(pic, WS__IRQ_KEYBOARD);
    if (!behind && ws__interrupts_listen(machine, WS__IRQ_KEYBOARD))
        ws_buffer_printf(out, "; IRQ %u is not masked, but no key is pressed", WS__IRQ_KEYBOARD);
}

static size_t reasons_explain(const struct ws_machine *machine, struct ws_buffer *out)
{
    size_t reasons = 0;
    requests_explain(machine, out, &reasons);
    local_apic_explain(machine, out, &reasons);
    chips_explain(machine, out, false, &reasons);
    return reasons;
}

void ws_machine_sleep_explain(const struct ws_machine *machine, struct ws_buffer *out)
{
    uint32_t reason = machine->cpu.state.halt.reason;
    if (reason == WS_HALT_STOPPED) {
        ws_buffer_printf(out, "it executed hlt with IF = 0, so that no interrupt can wake it");
        coming_explain(machine, out);
    }
    if (reason != WS_HALT_ASLEEP)
        return;
    if (!reasons_explain(machine, out)) {
        ws_buffer_printf(out, "it executed hlt, and no device that could interrupt it has anything to do");
        for (unsigned irq = 0; irq < WS__PIC_LINES; irq++) {
            if (irq != WS__PIC_CASCADE && ws__pic8259_serves(&machine->chips.pic, irq))
                ws_buffer_printf(out, "; IRQ %u is still in service: no end of interrupt at port 0x%x", irq,
                                 command_port(irq));
        }
    }
    keyboard_explain(machine, out);
}

void ws_machine_interrupts_explain(const struct ws_machine *machine, struct ws_buffer *out)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    if (!(registers.value[WS_EFLAGS] & WS_EFLAGS_IF)) {
        ws_buffer_printf(out, "IF = 0: no interrupt is taken");
        coming_explain(machine, out);
        return;
    }
    ws_buffer_printf(out, "IF = 1, and no interrupt came: ");
    size_t reasons = reasons_explain(machine, out);
    if (!reasons)
        chips_explain(machine, out, true, &reasons);
    if (!reasons)
        ws_buffer_printf(out, "no device that could interrupt has anything to do yet");
    keyboard_explain(machine, out);
}
