/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine consists of.
 */
#ifndef WS_MACHINE_BOARD_H
#define WS_MACHINE_BOARD_H

#include <worldswitch/buffer.h>
#include <worldswitch/machine.h>

#include "cpu/cpu.h"
#include "devices/bus.h"
#include "devices/debug_exit.h"
#include "devices/uart16550.h"

/* The chips: plain data, so that a snapshot is an assignment. */
struct ws__chips {
    struct ws__uart16550 uart;
    struct ws__debug_exit debug_exit;
};

struct ws__listener {
    uint32_t kinds;
    ws_event_listener *call;
    void *context;
};

enum { WS__BUS_ROWS = 2 };

struct ws_machine {
    struct ws__cpu cpu;
    uint8_t *ram; /* owned, mapped */
    uint32_t ram_bytes;
    struct ws__chips chips;
    struct ws__uart16550_wire serial_wire;
    struct ws__bus_row bus_row[WS__BUS_ROWS];
    struct ws__bus bus;

    struct ws_buffer serial; /* all that was sent */
    ws_serial_sink *serial_sink;
    void *serial_context;

    struct ws__listener *listener;
    size_t listeners;
    uint32_t *breakpoint; /* linear addresses, ascending */
    size_t breakpoints;
};

/* observe.c: hand an event to those who listen for its kind. */
void ws__machine_report(void *machine, const struct ws_event *event);
bool ws__machine_breaks(void *machine, uint32_t linear);
void ws__machine_observers_release(struct ws_machine *machine);

#endif
