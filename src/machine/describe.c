/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the chips are now, in words: a line with a chip's name, then lines about it, indented.
 */
#include <worldswitch/machine.h>

#include "devices/timers/pit_counter.h"
#include "machine/interrupts.h"

/* -- lists --------------------------------------------------------------------------------------------- */

/* "  requested (IRR): IRQ 0, 4", or "none" */
static void lines_describe(struct ws_buffer *out, const char *what, uint8_t lines, unsigned first)
{
    const char *between = "IRQ ";
    ws_buffer_printf(out, "  %s: ", what);
    for (unsigned line = 0; line < 8; line++) {
        if (!(lines >> line & 1))
            continue;
        ws_buffer_printf(out, "%s%u", between, first + line);
        between = ", ";
    }
    ws_buffer_printf(out, "%s\n", lines ? "" : "none");
}

static void vectors_describe(struct ws_buffer *out, const char *what, const struct ws__vector_set *set)
{
    const char *between = "vector ";
    ws_buffer_printf(out, "  %s: ", what);
    for (unsigned vector = 0; vector < WS__APIC_VECTORS; vector++) {
        if (!(set->word[vector / 32] >> vector % 32 & 1))
            continue;
        ws_buffer_printf(out, "%s%u", between, vector);
        between = ", ";
    }
    ws_buffer_printf(out, "%s\n", ws__vector_set_highest(set) < 0 ? "none" : "");
}

/* "in 1200 instructions": guest time goes on in `hlt`, too. */
static void due_describe(struct ws_buffer *out, const struct ws_machine *machine, uint64_t due)
{
    uint64_t now = ws__cpu_time(&machine->cpu);
    if (due == WS__NEVER)
        ws_buffer_printf(out, "never, as things are");
    else
        ws_buffer_printf(out, "in the time of %llu instructions", (unsigned long long)(due > now ? due - now : 0));
}

/* -- interrupt controllers ----------------------------------------------------------------------------- */

static void wait_describe(struct ws_buffer *out, const struct ws__pic_pair *pair, unsigned irq)
{
    unsigned behind = 0;
    switch (ws__pic8259_wait(pair, irq, &behind)) {
    case WS__PIC_NONE:
        break;
    case WS__PIC_COMES:
        ws_buffer_printf(out, "  IRQ %u asks the CPU\n", irq);
        break;
    case WS__PIC_MASKED:
        ws_buffer_printf(out, "  IRQ %u waits: it is masked here\n", irq);
        break;
    case WS__PIC_SLAVE_MASKED:
        ws_buffer_printf(out, "  IRQ %u waits: the master masks this chip (its IRQ 2)\n", irq);
        break;
    case WS__PIC_BEHIND:
        ws_buffer_printf(out, "  IRQ %u waits for the end of IRQ %u\n", irq, behind);
        break;
    }
}

static void pic_describe(struct ws_buffer *out, const struct ws_machine *machine, unsigned which)
{
    const struct ws__pic_pair *pair = &machine->chips.pic;
    const struct ws__pic8259 *chip = &pair->chip[which];
    unsigned first = 8 * which;
    ws_buffer_printf(out, "8259 %s: IRQ %u to %u are vectors %u to %u%s\n", which ? "slave" : "master", first,
                     first + 7, chip->base, chip->base + 7u, chip->awaits ? "; being initialized" : "");
    lines_describe(out, "requested (IRR)", chip->irr, first);
    lines_describe(out, "in service (ISR)", chip->isr, first);
    lines_describe(out, "masked (IMR)", chip->imr, first);
    lines_describe(out, "level-triggered", chip->elcr, first);
    lines_describe(out, "pins high now", chip->line, first);
    for (unsigned irq = first; irq < first + 8; irq++)
        wait_describe(out, pair, irq);
    ws_buffer_printf(out, "  an interrupt ends %s\n",
                     chip->auto_eoi ? "by itself, when the CPU has taken it" : "with an EOI from the guest");
}

/* -- timer --------------------------------------------------------------------------------------------- */

static void counter_describe(struct ws_buffer *out, const struct ws_machine *machine, unsigned which)
{
    static const char *const mode[] = {"mode 0, once",        "mode 1, one shot", "mode 2, rate",
                                       "mode 3, square wave", "mode 4, strobe",   "mode 5, triggered strobe"};
    static const char *const use[] = {"IRQ 0", "no use", "the speaker"};
    const struct ws__pit_counter *counter = &machine->chips.pit.counter[which];
    if (!counter->counting) {
        ws_buffer_printf(out, "  counter %u (%s): does not count\n", which, use[which]);
        return;
    }
    ws_buffer_printf(out, "  counter %u (%s): %s, from %u", which, use[which], mode[counter->mode % 6],
                     (unsigned)counter->count);
    if (counter->mode == 2 || counter->mode == 3)
        ws_buffer_printf(out, ", %u times a second", WS__PIT_HERTZ / (unsigned)counter->count);
    ws_buffer_printf(out, "%s\n", counter->holds ? "; its gate holds it" : "");
}

static void pit_describe(struct ws_buffer *out, const struct ws_machine *machine)
{
    ws_buffer_printf(out, "8254 timer\n");
    for (unsigned which = 0; which < WS__PIT_COUNTERS; which++)
        counter_describe(out, machine, which);
    ws_buffer_printf(out, "  IRQ 0 changes next ");
    due_describe(out, machine, ws__pit8254_due(&machine->wires.pit));
    ws_buffer_printf(out, "\n");
}

/* -- serial port --------------------------------------------------------------------------------------- */

static void uart_describe(struct ws_buffer *out, const struct ws_machine *machine)
{
    static const char *const reason[] = {"byte received", "ready to send", "line error", "modem line changed"};
    const struct ws__uart16550 *chip = &machine->chips.uart;
    unsigned divisor = chip->dll | (unsigned)chip->dlm << 8;
    const char *between = "";
    ws_buffer_printf(out, "16550 serial port, COM1\n  ");
    if (divisor)
        ws_buffer_printf(out, "%u baud, ", 115200 / divisor);
    ws_buffer_printf(out, "%u bits a byte\n  interrupts when: ", 5u + (chip->lcr & 3u));
    for (unsigned bit = 0; bit < 4; bit++) {
        if (!(chip->ier >> bit & 1))
            continue;
        ws_buffer_printf(out, "%s%s", between, reason[bit]);
        between = ", ";
    }
    ws_buffer_printf(out, "%s\n  IRQ 4 is %s; %u bytes received wait\n", *between ? "" : "never",
                     ws__uart16550_interrupts(chip) ? "high" : "low", chip->count);
}

/* -- disk ---------------------------------------------------------------------------------------------- */

/* Nothing, as long as the guest leaves it alone. */
static void bus_master_describe(struct ws_buffer *out, const struct ws_machine *machine)
{
    const struct ws__bus_master_channel *channel = &machine->chips.bus_master.channel[0];
    if (channel->table)
        ws_buffer_printf(out, "  bus master: command 0x%02x, status 0x%02x, its regions at 0x%08x\n", channel->command,
                         channel->status, channel->table);
}

static void ata_describe(struct ws_buffer *out, const struct ws_machine *machine)
{
    static const char *const phase[] = {
        [WS__ATA_IDLE] = "idle",
        [WS__ATA_READS] = "busy: it reads from the disk",
        [WS__ATA_SENDS] = "the guest can read the data",
        [WS__ATA_TAKES] = "the guest can write the data",
        [WS__ATA_WRITES] = "busy: it writes to the disk",
        [WS__ATA_FINISHES] = "busy: it finishes the command",
        [WS__ATA_WAITS] = "it waits for the bus master",
        [WS__ATA_MOVES] = "busy: the bus master moves sectors",
    };
    const struct ws__ata *chip = &machine->chips.ata;
    uint64_t sectors = ws_machine_disk_bytes(machine) / WS__SECTOR_BYTES;
    ws_buffer_printf(out, "ATA disk, primary channel\n");
    if (!sectors) {
        ws_buffer_printf(out, "  there is no disk\n");
        return;
    }
    ws_buffer_printf(out, "  %llu sectors of %d bytes\n  %s\n", (unsigned long long)sectors, (int)WS__SECTOR_BYTES,
                     phase[chip->phase]);
    if (chip->phase != WS__ATA_IDLE)
        ws_buffer_printf(out, "  next sector %u, %u left\n", (unsigned)chip->lba, (unsigned)chip->left);
    ws_buffer_printf(out, "  status 0x%02x%s, error 0x%02x; INTRQ (IRQ 14) is %s\n", chip->status,
                     chip->status & 1 ? " (error)" : "", chip->error, chip->interrupt ? "high" : "low");
    bus_master_describe(out, machine);
    if (chip->ready_at == WS__NEVER)
        return;
    ws_buffer_printf(out, "  ready ");
    due_describe(out, machine, chip->ready_at);
    ws_buffer_printf(out, "\n");
}

/* -- APICs --------------------------------------------------------------------------------------------- */

static void local_apic_describe(struct ws_buffer *out, const struct ws_machine *machine)
{
    const struct ws__local_apic *chip = &machine->chips.local_apic;
    bool enabled = chip->spurious & WS__SPURIOUS_ENABLED;
    ws_buffer_printf(out, "local APIC: %s\n",
                     chip->off ? "switched off (IA32_APIC_BASE)"
                     : enabled ? "enabled"
                               : "not enabled (SVR)");
    ws_buffer_printf(out, "  the 8259s %s\n",
                     ws__local_apic_hears_8259(chip) ? "reach the CPU" : "are kept from the CPU (LINT0)");
    if (chip->off || !enabled)
        return;
    vectors_describe(out, "requested (IRR)", &chip->requested);
    vectors_describe(out, "in service (ISR)", &chip->in_service);
    ws_buffer_printf(out, "  task priority 0x%02x\n", chip->task_priority);
    if (chip->count)
        ws_buffer_printf(out, "  timer: counts from %u, %s, vector %u%s\n", (unsigned)chip->count,
                         chip->lvt[WS__LVT_TIMER] & WS__LVT_PERIODIC ? "again and again" : "once",
                         (unsigned)(chip->lvt[WS__LVT_TIMER] & 0xff),
                         chip->lvt[WS__LVT_TIMER] & WS__LVT_MASKED ? ", masked" : "");
    else
        ws_buffer_printf(out, "  timer: stands still\n");
}

static void io_apic_describe(struct ws_buffer *out, const struct ws_machine *machine)
{
    const struct ws__io_apic *chip = &machine->chips.io_apic;
    unsigned open = 0;
    ws_buffer_printf(out, "I/O APIC\n");
    for (unsigned irq = 0; irq < WS__PIC_LINES; irq++) {
        if (irq == WS__PIC_CASCADE || ws__io_apic_is_masked(chip, irq))
            continue;
        ws_buffer_printf(out, "  IRQ %u is vector %u\n", irq, (unsigned)(chip->pin[ws__io_apic_pin(irq)] & 0xff));
        open++;
    }
    if (!open)
        ws_buffer_printf(out, "  all its lines are masked\n");
}

void ws_machine_devices_describe(const struct ws_machine *machine, struct ws_buffer *out)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    pic_describe(out, machine, 0);
    pic_describe(out, machine, 1);
    ws_buffer_printf(out, "to the CPU\n  the 8259s %s; the CPU %s\n",
                     ws__pic8259_interrupts(&machine->chips.pic) ? "ask for an interrupt" : "ask for nothing",
                     registers.value[WS_EFLAGS] & WS_EFLAGS_IF ? "takes interrupts (IF = 1)" : "takes none (IF = 0)");
    pit_describe(out, machine);
    uart_describe(out, machine);
    ata_describe(out, machine);
    local_apic_describe(out, machine);
    io_apic_describe(out, machine);
}
