/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PC's keyboard controller, an 8042, and its keyboard.
 *
 * IBM Personal Computer AT, Technical Reference (1502494), "Keyboard Controller" and "Keyboard".
 *
 *   0x60   read    the controller's output buffer
 *          write   data: for a command that waits for it, else for the keyboard
 *   0x64   read    status: output full (0), system flag (2), last write was a command (3), not
 *                  locked (4)
 *          write   a command: 0x20 and 0x60 read and write the command byte, 0xaa and 0xab test, 0xad
 *                  and 0xae turn the keyboard off and on, 0xd0 and 0xd1 read and write the output
 *                  port, 0xf0 to 0xff pulse it: bit 0 low is a reset
 */
#ifndef WS_DEVICES_KBC8042_H
#define WS_DEVICES_KBC8042_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/line.h"
#include "devices/timers/clock.h"

enum { WS__KBC_DATA = 0x60, WS__KBC_COMMAND = 0x64, WS__KBC_OUTPUTS = 8 };

struct ws__kbc8042 {
    uint8_t output[WS__KBC_OUTPUTS]; /* what waits to be read, oldest first */
    uint8_t outputs;
    uint8_t last;        /* what was read last: an empty buffer shows it again */
    uint8_t config;      /* the command byte */
    uint8_t port;        /* the output port: reset (0, low), A20 (1) */
    uint8_t command;     /* that waits for its data, or 0 */
    uint8_t key_command; /* the keyboard's, that waits for its data, or 0 */
    uint8_t key_set;     /* which scan codes the keyboard sends: 1, else those of set 2 */
    uint8_t looks;       /* how often in a row the guest saw in the status that nothing is there */
    bool is_off;         /* the keyboard was told to send no keys */
    bool wanted;         /* the guest waits for keys; those that are pressed before it does come then */
    bool released;       /* of set 2, the byte before a released key's code has come */
    bool was_command;    /* the last write went to 0x64 */
    bool reset;          /* the guest asked for it */
    uint64_t ready_at;   /* the keyboard needs until then for the byte that it sent last */
};

struct ws__kbc_wire {
    struct ws__kbc8042 *chip;
    const struct ws__clock *clock;
    /* What the keyboard sends next, of set 2, and from when on; WS__NEVER: nothing. */
    uint64_t (*source_time)(void *context);
    uint8_t (*source_take)(void *context);
    void *context;
    struct ws__line line; /* IRQ 1 */
};

/* As firmware leaves it: keyboard on, interrupt on, translation on, A20 on. */
void ws__kbc8042_reset(struct ws__kbc8042 *chip);

/* Do what is due. */
void ws__kbc8042_run(struct ws__kbc_wire *wire);
/* When a key's code will be there, or it has to be asked again whether the guest wants one; WS__NEVER. */
uint64_t ws__kbc8042_due(const struct ws__kbc_wire *wire);
/* The guest would take an interrupt of the keyboard now. */
void ws__kbc8042_wanted(struct ws__kbc_wire *wire);

/* For the bus; `wire` is a struct ws__kbc_wire. */
uint8_t ws__kbc8042_read(void *wire, uint16_t port);
void ws__kbc8042_write(void *wire, uint16_t port, uint8_t value);

#endif
