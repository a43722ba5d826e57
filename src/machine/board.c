/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board: which chip is at which port, on which line, and when each has to be looked at.
 *
 * Chips do not run by themselves.  They are brought up to the present before each access to a port
 * and when the first deadline has come; in between nothing that the guest could see changes.
 */
#include "machine/board.h"

#include <string.h>

#include "machine/interrupts.h"

/* -- time -------------------------------------------------------------------------------------- */

void ws__board_run(struct ws_machine *machine)
{
    struct ws__wires *wires = &machine->wires;
    wires->clock.now = ws__cpu_time(&machine->cpu);
    ws__pit8254_run(&wires->pit);
    ws__uart16550_run(&wires->uart);
    ws__ata_run(&wires->ata);
    ws__kbc8042_run(&wires->kbc);
    ws__rtc_run(&wires->rtc);
    ws__local_apic_run(&machine->chips.local_apic, &wires->clock);
}

/* A deadline is worth having only if an interrupt controller would notice: whatever else a chip does by itself can
 * wait until the guest looks. */
static void due_set(struct ws_machine *machine, enum ws__source source, unsigned irq, uint64_t due)
{
    machine->agenda.due[source] = ws__interrupts_listen(machine, irq) ? due : WS__NEVER;
}

void ws__board_settle(struct ws_machine *machine)
{
    struct ws__wires *wires = &machine->wires;
    wires->clock.now = ws__cpu_time(&machine->cpu);
    ws__interrupts_settle(machine);
    due_set(machine, WS__SOURCE_PIT, WS__IRQ_TIMER, ws__pit8254_due(&wires->pit));
    due_set(machine, WS__SOURCE_UART, WS__IRQ_SERIAL, ws__uart16550_due(&wires->uart));
    due_set(machine, WS__SOURCE_ATA, WS__IRQ_DISK, ws__ata_due(&wires->ata));
    /* What goes to memory, the guest may look at without asking a chip: so it comes in time, interrupt or not. */
    machine->agenda.due[WS__SOURCE_BUS_MASTER] = ws__ata_dma_due(&wires->ata);
    due_set(machine, WS__SOURCE_KEYBOARD, WS__IRQ_KEYBOARD, ws__kbc8042_due(&wires->kbc));
    due_set(machine, WS__SOURCE_RTC, WS__IRQ_CLOCK, ws__rtc_due(&wires->rtc));
    machine->agenda.due[WS__SOURCE_LOCAL_APIC] = ws__local_apic_due(&machine->chips.local_apic, &wires->clock);
    ws__cpu_deadline_set(&machine->cpu, ws__agenda_first(&machine->agenda));
    ws__cpu_attend(&machine->cpu);
}

static void board_advance(void *context)
{
    struct ws_machine *machine = context;
    bool open = ws__engine_get(machine->cpu.engine, WS_EFLAGS) & WS_EFLAGS_IF;
    ws__board_run(machine);
    if (open && ws__interrupts_listen(machine, WS__IRQ_KEYBOARD))
        ws__kbc8042_wanted(&machine->wires.kbc);
    ws__board_settle(context);
}

/* -- ports ------------------------------------------------------------------------------------- */

/* Was it the first access to a port that no chip has? */
static bool is_new(struct ws_machine *machine, uint16_t port, unsigned bytes)
{
    uint8_t *seen = &machine->chips.unknown[port / 8], bit = (uint8_t)(1 << port % 8);
    if (*seen & bit || ws__bus_has(&machine->bus, port, bytes))
        return false;
    *seen |= bit;
    return true;
}

/* Some ports end the run. */
static void halt_if_asked(struct ws_machine *machine)
{
    const struct ws__chips *chips = &machine->chips;
    if (machine->cpu.state.halt.reason)
        return;
    if (chips->debug_exit.written) {
        ws__cpu_halt(&machine->cpu, WS_HALT_EXIT, 0);
        machine->cpu.state.halt.exit_value = chips->debug_exit.value;
    } else if (chips->power.off) {
        ws__cpu_halt(&machine->cpu, WS_HALT_POWER_OFF, 0);
    } else if (chips->system.reset || chips->kbc.reset || chips->power.reset) {
        ws__cpu_halt(&machine->cpu, WS_HALT_RESET, 0);
    }
}

static uint32_t port_read(void *context, uint16_t port, unsigned bytes)
{
    struct ws_machine *machine = context;
    ws__board_run(machine);
    uint32_t value = ws__bus_read(&machine->bus, port, bytes);
    if (is_new(machine, port, bytes))
        ws__access_report(machine, WS_EVENT_NO_CHIP, port, bytes, value, false);
    ws__board_settle(machine);
    return value;
}

static void port_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    struct ws_machine *machine = context;
    ws__board_run(machine);
    machine->ended = (int8_t)(bytes == 1 ? ws__pic8259_ends(&machine->chips.pic, port, (uint8_t)value) : -1);
    ws__bus_write(&machine->bus, port, bytes, value);
    ws__ata_dma_consider(&machine->wires.ata);
    if (is_new(machine, port, bytes))
        ws__access_report(machine, WS_EVENT_NO_CHIP, port, bytes, value, true);
    ws__board_settle(machine);
    halt_if_asked(machine);
}

static void serial_send(void *context, uint8_t byte)
{
    struct ws_machine *machine = context;
    ws__serial_append(&machine->serial, &byte, 1);
    if (machine->serial.kept.failed)
        ws_machine_fail(machine, WS_NO_MEMORY);
    if (machine->serial_sink)
        machine->serial_sink(machine->serial_context, byte);
}

static bool disk_read(void *context, uint32_t lba, uint8_t *sector)
{
    return ws__disk_read(&((struct ws_machine *)context)->disk, lba, sector);
}

/* A file that became shorter is a bad disk, to the guest; a host without memory is none of its affairs. */
static bool disk_write(void *context, uint32_t lba, const uint8_t *sector)
{
    struct ws_machine *machine = context;
    bool written = ws__disk_write(&machine->disk, lba, sector);
    if (machine->disk.starved)
        ws_machine_fail(machine, WS_NO_MEMORY);
    return written;
}

/* -- memory, for the bus master ---------------------------------------------------------------- */

static bool memory_read(void *context, uint32_t phys, void *out, uint32_t bytes)
{
    return ws_machine_read_phys(context, phys, out, bytes) == WS_OK;
}

/* Other than ws_machine_write_phys(), this is no act from outside. */
static bool memory_write(void *context, uint32_t phys, const void *in, uint32_t bytes)
{
    struct ws_machine *machine = context;
    if (!ws__memory_has(machine, phys, bytes))
        return false;
    ws__memory_store(machine, phys, in, bytes);
    return true;
}

/* -- wiring ------------------------------------------------------------------------------------ */

static void chips_reset(struct ws__chips *chips, uint32_t memory_bytes)
{
    memset(chips, 0, sizeof *chips);
    ws__pic8259_reset(&chips->pic);
    ws__pit8254_reset(&chips->pit);
    ws__uart16550_reset(&chips->uart);
    ws__system_ports_reset(&chips->system);
    ws__kbc8042_reset(&chips->kbc);
    ws__ata_reset(&chips->ata);
    ws__rtc_reset(&chips->rtc, memory_bytes);
    ws__vga_text_reset(&chips->vga);
    ws__eisa_nmi_reset(&chips->nmi);
    ws__local_apic_reset(&chips->local_apic);
    ws__io_apic_reset(&chips->io_apic);
    ws__pci_reset(&chips->pci);
}

static struct ws__line irq_line(struct ws_machine *machine, unsigned irq)
{
    return (struct ws__line){ws__interrupts_line, machine, irq};
}

static void chips_wire(struct ws_machine *machine)
{
    struct ws__wires *wires = &machine->wires;
    struct ws__chips *chips = &machine->chips;
    wires->pit = (struct ws__pit_wire){&chips->pit, &wires->clock, irq_line(machine, WS__IRQ_TIMER)};
    wires->system = (struct ws__system_wire){&chips->system, &wires->pit};
    wires->kbc = (struct ws__kbc_wire){
        .chip = &chips->kbc,
        .clock = &wires->clock,
        .source_time = ws__input_keyboard_time,
        .source_take = ws__input_keyboard_take,
        .context = machine,
        .line = irq_line(machine, WS__IRQ_KEYBOARD),
    };
    wires->nmi = (struct ws__eisa_nmi_wire){&chips->nmi, {ws__interrupts_nmi, machine, 0}};
    wires->rtc = (struct ws__rtc_wire){
        &chips->rtc, &wires->clock, irq_line(machine, WS__IRQ_CLOCK), {ws__eisa_nmi_hold_back, &wires->nmi, 0}};
    wires->fw_cfg = (struct ws__fw_cfg_wire){&chips->fw_cfg, machine->ram_bytes};
    wires->vga = (struct ws__vga_wire){&chips->vga, &wires->clock};
    wires->ata = (struct ws__ata_wire){
        .chip = &chips->ata,
        .clock = &wires->clock,
        .platters = {0, machine, disk_read, disk_write},
        .line = irq_line(machine, WS__IRQ_DISK),
        .bus_master = &wires->bus_master,
    };
    wires->bus_master =
        (struct ws__bus_master_wire){&chips->bus_master, &chips->pci, machine, memory_read, memory_write};
    wires->uart = (struct ws__uart16550_wire){
        .chip = &chips->uart,
        .clock = &wires->clock,
        .sink = serial_send,
        .source_time = ws__input_serial_time,
        .source_take = ws__input_serial_take,
        .context = machine,
        .line = irq_line(machine, WS__IRQ_SERIAL),
    };
}

/* The ports most used come first: the bus looks for them in this order. */
static void bus_fill(struct ws_machine *machine)
{
    struct ws__chips *chips = &machine->chips;
    struct ws__wires *wires = &machine->wires;
    enum { ISA = WS__BUS_ISA, BYTES = WS__BUS_BYTES };
    const struct ws__bus_row rows[] = {
        {WS__COM1_FIRST, WS__COM1_LAST, ISA, &wires->uart, ws__uart16550_read, ws__uart16550_write},
        {WS__PIC_MASTER, WS__PIC_MASTER + 1, ISA, &chips->pic, ws__pic8259_read, ws__pic8259_write},
        {WS__PIC_SLAVE, WS__PIC_SLAVE + 1, ISA, &chips->pic, ws__pic8259_read, ws__pic8259_write},
        {WS__PIT_FIRST, WS__PIT_LAST, ISA, &wires->pit, ws__pit8254_read, ws__pit8254_write},
        {WS__ATA_FIRST, WS__ATA_LAST, ISA, &wires->ata, ws__ata_read, ws__ata_write},
        {WS__ATA_CONTROL, WS__ATA_CONTROL, ISA, &wires->ata, ws__ata_read, ws__ata_write},
        {WS__PORT_61, WS__PORT_61, ISA, &wires->system, ws__system_ports_read, ws__system_ports_write},
        {WS__PORT_POST, WS__PORT_POST, ISA, &wires->system, ws__system_ports_read, ws__system_ports_write},
        {WS__PORT_92, WS__PORT_92, ISA, &wires->system, ws__system_ports_read, ws__system_ports_write},
        {WS__KBC_DATA, WS__KBC_DATA, ISA, &wires->kbc, ws__kbc8042_read, ws__kbc8042_write},
        {WS__KBC_COMMAND, WS__KBC_COMMAND, ISA, &wires->kbc, ws__kbc8042_read, ws__kbc8042_write},
        {WS__RTC_INDEX, WS__RTC_DATA, ISA, &wires->rtc, ws__rtc_read, ws__rtc_write},
        {WS__VGA_INDEX, WS__VGA_DATA, ISA, &wires->vga, ws__vga_text_read, ws__vga_text_write},
        {WS__VGA_STATUS, WS__VGA_STATUS, ISA, &wires->vga, ws__vga_text_read, NULL},
        {WS__PIC_ELCR, WS__PIC_ELCR + 1, ISA, &chips->pic, ws__pic8259_read, ws__pic8259_write},
        {WS__NMI_CONTROL, WS__NMI_SOFTWARE, ISA, &wires->nmi, ws__eisa_nmi_read, ws__eisa_nmi_write},
        {WS__FW_CFG_SELECT, WS__FW_CFG_DATA, BYTES, &wires->fw_cfg, ws__fw_cfg_read, NULL},
        {WS__POWER_CONTROL, WS__POWER_CONTROL + 1, ISA, &chips->power, ws__power_ports_read, ws__power_ports_write},
        /* In the midst of PCI's address register at 0xcf8, which is four bytes wide. */
        {WS__RESET_CONTROL, WS__RESET_CONTROL, BYTES, &chips->power, ws__power_ports_read, ws__power_ports_write},
        {WS__DEBUG_EXIT_PORT, WS__DEBUG_EXIT_PORT, ISA, &chips->debug_exit, ws__debug_exit_read, ws__debug_exit_write},
    };
    _Static_assert(sizeof rows <= sizeof machine->bus_row, "the board has a place for each row");
    memcpy(machine->bus_row, rows, sizeof rows);
    machine->bus.row = machine->bus_row;
    machine->bus.count = sizeof rows / sizeof *rows;
}

static void bus_fill_wide(struct ws_machine *machine)
{
    struct ws__wires *wires = &machine->wires;
    struct ws__pci *pci = &machine->chips.pci;
    struct ws__bus_master_wire *master = &wires->bus_master;
    enum { WORDS = 2 | 4, ALL = 1 | 2 | 4 };
    const struct ws__bus_wide rows[] = {
        {WS__ATA_FIRST, WS__ATA_FIRST, WORDS, &wires->ata, NULL, ws__ata_data_read, ws__ata_data_write},
        {WS__PCI_ADDRESS, WS__PCI_ADDRESS, 4, pci, NULL, ws__pci_address_read, ws__pci_address_write},
        {WS__PCI_DATA, WS__PCI_DATA_LAST, ALL, pci, NULL, ws__pci_data_read, ws__pci_data_write},
        {WS__FW_CFG_SELECT, WS__FW_CFG_SELECT, 2, &wires->fw_cfg, NULL, NULL, ws__fw_cfg_select},
        {0, UINT16_MAX, ALL, master, ws__bus_master_has, ws__bus_master_read, ws__bus_master_write},
    };
    _Static_assert(sizeof rows <= sizeof machine->bus_wide, "the board has a place for each row");
    memcpy(machine->bus_wide, rows, sizeof rows);
    machine->bus.wide = machine->bus_wide;
    machine->bus.wides = sizeof rows / sizeof *rows;
}

void ws__board_init(struct ws_machine *machine, uint64_t ips)
{
    machine->wires.clock.ips = ips;
    machine->disk.file = -1;
    for (int i = 0; i < WS__SOURCES; i++)
        machine->agenda.due[i] = WS__NEVER;
    chips_reset(&machine->chips, machine->ram_bytes);
    chips_wire(machine);
    ws__interrupts_init(machine);
    bus_fill(machine);
    bus_fill_wide(machine);
}

void ws__board_client(struct ws_machine *machine, struct ws__cpu_client *client)
{
    *client = (struct ws__cpu_client){
        .context = machine,
        .port_read = port_read,
        .port_write = port_write,
        .memory_read = ws__memory_chips_read,
        .memory_write = ws__memory_chips_write,
        .local_apic = ws__interrupts_local_apic,
        .local_apic_set = ws__interrupts_local_apic_set,
        .event = ws__machine_report,
        .breakpoint = ws__machine_breaks,
        .interrupt_line = ws__interrupts_wait,
        .interrupt_acknowledge = ws__interrupts_acknowledge,
        .advance = board_advance,
    };
}
