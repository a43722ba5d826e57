/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine consists of.
 */
#ifndef WS_MACHINE_BOARD_H
#define WS_MACHINE_BOARD_H

#include <worldswitch/buffer.h>
#include <worldswitch/machine.h>

#include "cpu/cpu.h"
#include "devices/apic/io_apic.h"
#include "devices/apic/local_apic.h"
#include "devices/ata/ata.h"
#include "devices/ata/bus_master.h"
#include "devices/bus.h"
#include "devices/debug_exit.h"
#include "devices/eisa_nmi.h"
#include "devices/fw_cfg.h"
#include "devices/kbc8042.h"
#include "devices/pci.h"
#include "devices/pic8259.h"
#include "devices/power_ports.h"
#include "devices/system_ports.h"
#include "devices/timers/clock.h"
#include "devices/timers/cmos_rtc.h"
#include "devices/timers/pit8254.h"
#include "devices/uart16550.h"
#include "devices/vga_text.h"
#include "machine/acts.h"
#include "machine/disk/disk.h"
#include "machine/input.h"
#include "machine/memory_chips.h"
#include "machine/ram_copy.h"
#include "machine/serial.h"

enum { WS__PORTS = 65536 };

/* Which line of the interrupt controllers each chip has. */
enum { WS__IRQ_TIMER = 0, WS__IRQ_KEYBOARD = 1, WS__IRQ_SERIAL = 4, WS__IRQ_CLOCK = 8, WS__IRQ_DISK = 14 };

/* The chips: plain data, so that a snapshot is an assignment. */
struct ws__chips {
    struct ws__pic_pair pic;
    struct ws__pit8254 pit;
    struct ws__uart16550 uart;
    struct ws__system_ports system;
    struct ws__kbc8042 kbc;
    struct ws__debug_exit debug_exit;
    struct ws__ata ata;
    struct ws__rtc rtc;
    struct ws__vga_text vga;
    struct ws__eisa_nmi nmi;
    struct ws__power_ports power;
    struct ws__local_apic local_apic;
    struct ws__io_apic io_apic;
    struct ws__pci pci;
    struct ws__bus_master bus_master;
    struct ws__fw_cfg fw_cfg;
    struct ws__no_memory no_memory;
    bool nmi_line;                    /* the CPU's pin, as it was last */
    uint64_t inputs[WS__INPUT_PORTS]; /* how many bytes each port has taken from outside */
    uint8_t unknown[WS__PORTS / 8];   /* a bit a port without a chip: the guest has tried it */
};

/* How the chips are connected: nothing here is part of a snapshot. */
struct ws__wires {
    struct ws__clock clock;
    struct ws__pit_wire pit;
    struct ws__uart16550_wire uart;
    struct ws__system_wire system;
    struct ws__kbc_wire kbc;
    struct ws__ata_wire ata;
    struct ws__bus_master_wire bus_master;
    struct ws__rtc_wire rtc;
    struct ws__vga_wire vga;
    struct ws__eisa_nmi_wire nmi;
    struct ws__io_apic_wire io_apic;
    struct ws__fw_cfg_wire fw_cfg;
};

/* What was sent to a port from outside, and when.  It stays when the machine goes back to
 * a snapshot, so that the same bytes come again at the same times. */
struct ws__input_piece {
    uint64_t time; /* from then on they can be received */
    size_t end;    /* behind the last of them, in the buffer */
};

struct ws__input {
    struct ws_buffer bytes;
    struct ws__input_piece *piece; /* owned, by time */
    size_t pieces;
};

/* Who watches a frame: see frame_watch.h. */
struct ws__frame_watcher {
    void (*changed)(void *context, struct ws_machine *machine);
    void *context;
};

struct ws__listener {
    uint32_t kinds;
    ws_event_listener *call;
    void *context;
};

enum { WS__BUS_ROWS = 24, WS__BUS_WIDES = 8 };

struct ws_machine {
    struct ws__cpu cpu;
    uint8_t *ram; /* owned, mapped */
    uint32_t ram_bytes;
    struct ws__ram_copy *ram_copy; /* a share: RAM as it was when it was copied or put back last; NULL: all zero */
    struct ws__chips chips;
    struct ws__wires wires;
    struct ws__agenda agenda;
    struct ws__bus_row bus_row[WS__BUS_ROWS];
    struct ws__bus_wide bus_wide[WS__BUS_WIDES];
    struct ws__bus bus;
    struct ws__disk disk;
    struct ws__input input[WS__INPUT_PORTS];
    struct ws__acts acts;
    int8_t ended; /* the IRQ that the last write to a port has ended; -1: none */
    bool acting;  /* one of them is being done again: it is noted already */
    struct ws__serial serial;
    enum ws_status failure; /* of the host; WS_OK: none */
    struct ws_halt failed;  /* and the halt that tells of it */
    ws_serial_sink *serial_sink;
    void *serial_context;

    struct ws__listener *listener;
    size_t listeners;
    struct ws__frame_watcher frame_watcher;
    uint32_t *breakpoint; /* linear addresses, ascending */
    size_t breakpoints;
};

/* board.c: put chips at their ports, as firmware leaves them; `ips` is not 0. */
void ws__board_init(struct ws_machine *machine, uint64_t ips);
/* What the CPU asks of the board: see struct ws__cpu_client. */
void ws__board_client(struct ws_machine *machine, struct ws__cpu_client *client);
/* Bring the chips up to the present: before one of them is asked anything. */
void ws__board_run(struct ws_machine *machine);
/* The chips were put back to an earlier state, or something outside them changed: tell the CPU. */
void ws__board_settle(struct ws_machine *machine);

/* machine.c: is all of [phys, phys + bytes) RAM?  Then it can be written: code and page tables may be there. */
bool ws__memory_has(const struct ws_machine *machine, uint32_t phys, size_t bytes);
void ws__memory_store(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size);

/* input.c */
void ws__input_release(struct ws__input *input);

/* observe.c: hand an event to those who listen for its kind. */
void ws__machine_report(void *machine, const struct ws_event *event);
/* And this: the instruction that has just been executed has read or written `value`, and nothing answered. */
void ws__access_report(struct ws_machine *machine, enum ws_event_kind kind, uint32_t which, unsigned bytes,
                       uint32_t value, bool write);
bool ws__machine_breaks(void *machine, uint32_t linear, uint32_t bytes);
void ws__machine_observers_release(struct ws_machine *machine);

#endif
