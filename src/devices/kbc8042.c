/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyboard controller.
 */
#include "devices/kbc8042.h"

#include <string.h>

#include "devices/key_codes.h"

enum {
    STATUS_OUTPUT = 1 << 0,
    STATUS_SYSTEM = 1 << 2,
    STATUS_COMMAND = 1 << 3,
    STATUS_UNLOCKED = 1 << 4,
    CONFIG_INTERRUPT = 1 << 0,
    CONFIG_SYSTEM = 1 << 2,
    CONFIG_KEYBOARD_OFF = 1 << 4,
    CONFIG_MOUSE_OFF = 1 << 5,
    CONFIG_TRANSLATE = 1 << 6,
    PORT_NO_RESET = 1 << 0,
    PORT_A20 = 1 << 1,
    PORT_OUTPUT_FULL = 1 << 4,
    PORT_FIXED = 0xcc,
    ACKNOWLEDGE = 0xfa,
    CHOOSE_SET = 0xf0,
    KEY_SET = 2, /* the AT's */
    KEY_SET_LAST = 3,
    KEYS_ON = 0xf4,
    KEYS_OFF = 0xf5,
    SET_1_RELEASED = 0x80,
    LOOKS = 8 /* a guest that looks so often waits for a key; one that empties the buffer looks once */
};

void ws__kbc8042_reset(struct ws__kbc8042 *chip)
{
    memset(chip, 0, sizeof *chip);
    chip->config = CONFIG_INTERRUPT | CONFIG_MOUSE_OFF | CONFIG_TRANSLATE;
    chip->port = PORT_NO_RESET | PORT_A20 | PORT_FIXED;
    chip->was_command = true;
    chip->key_set = KEY_SET;
}

static void output_put(struct ws__kbc8042 *chip, uint8_t byte)
{
    if (chip->outputs < WS__KBC_OUTPUTS)
        chip->output[chip->outputs++] = byte;
}

static void line_update(const struct ws__kbc_wire *wire)
{
    ws__line_set(&wire->line, wire->chip->outputs && wire->chip->config & CONFIG_INTERRUPT);
}

/* -- the keyboard ------------------------------------------------------------------------------ */

/* What a keyboard answers behind its acknowledge; commands that want a byte more are told by
 * `takes`. */
static const struct {
    uint8_t command;
    bool takes;
    uint8_t answers;
    uint8_t answer[2];
} key_rows[] = {
    {0xed, true, 0, {0}},           /* set lamps */
    {CHOOSE_SET, true, 0, {0}},     /* scan codes; which, if 0 follows */
    {0xf2, false, 2, {0xab, 0x83}}, /* identify */
    {0xf3, true, 0, {0}},           /* set the repeat rate */
    {0xff, false, 1, {0xaa}},       /* reset and test */
};

/* The controller makes scan codes of set 1 of what comes from the keyboard, if it is not told otherwise; answers are
 * no exception.  A keyboard that was told to send set 1 does the same by itself. */
static void keyboard_send(struct ws__kbc8042 *chip, uint8_t byte)
{
    output_put(chip, chip->config & CONFIG_TRANSLATE ? ws__key_translated(byte) : byte);
}

/* What follows a command that takes a byte. */
static void keyboard_take(struct ws__kbc8042 *chip, uint8_t command, uint8_t byte)
{
    if (command == CHOOSE_SET && byte == 0)
        keyboard_send(chip, chip->key_set);
    else if (command == CHOOSE_SET && byte <= KEY_SET_LAST)
        chip->key_set = byte;
}

static void keyboard_write(struct ws__kbc8042 *chip, uint8_t byte)
{
    chip->config &= (uint8_t)~CONFIG_KEYBOARD_OFF;
    if (byte == 0xee) { /* echo */
        keyboard_send(chip, byte);
        return;
    }
    keyboard_send(chip, ACKNOWLEDGE);
    bool was_data = chip->key_command != 0;
    if (was_data)
        keyboard_take(chip, chip->key_command, byte);
    else if (byte == KEYS_ON || byte == KEYS_OFF || byte == 0xf6 || byte == 0xff)
        chip->is_off = byte == KEYS_OFF;
    if (!was_data && (byte == KEYS_OFF || byte == 0xf6 || byte == 0xff))
        chip->key_set = KEY_SET;
    chip->key_command = 0;
    for (size_t i = 0; i < sizeof key_rows / sizeof *key_rows && !was_data; i++) {
        if (key_rows[i].command != byte)
            continue;
        chip->key_command = key_rows[i].takes ? byte : 0;
        for (unsigned j = 0; j < key_rows[i].answers; j++)
            keyboard_send(chip, key_rows[i].answer[j]);
    }
}

/* -- keys -------------------------------------------------------------------------------------- */

/* A byte takes about a millisecond on its wire: eleven bits, at some ten thousand a second. */
enum { BYTES_A_SECOND = 1000 };

/* Type-ahead of a user who waits until the system is up: see struct ws__kbc8042. */
static bool may_send(const struct ws__kbc8042 *chip)
{
    return !chip->outputs && !chip->is_off && !(chip->config & CONFIG_KEYBOARD_OFF);
}

static void code_send(struct ws__kbc8042 *chip, uint8_t code)
{
    bool set_1 = chip->config & CONFIG_TRANSLATE || chip->key_set == 1;
    if (set_1 && code == WS__KEY_RELEASED) {
        chip->released = true;
        return;
    }
    output_put(chip, set_1 ? ws__key_translated(code) | (chip->released ? SET_1_RELEASED : 0) : code);
    chip->released = false;
}

void ws__kbc8042_run(struct ws__kbc_wire *wire)
{
    struct ws__kbc8042 *chip = wire->chip;
    uint64_t now = wire->clock->now;
    if (!chip->wanted)
        return;
    while (may_send(chip) && now >= chip->ready_at && wire->source_time(wire->context) <= now) {
        code_send(chip, wire->source_take(wire->context));
        chip->ready_at = now + ws__clock_time(wire->clock, 1, BYTES_A_SECOND);
        if (chip->released) /* that byte and the next one become one */
            chip->ready_at = now;
    }
    line_update(wire);
}

uint64_t ws__kbc8042_due(const struct ws__kbc_wire *wire)
{
    const struct ws__kbc8042 *chip = wire->chip;
    uint64_t time = wire->source_time(wire->context);
    if (!may_send(chip) || time == WS__NEVER)
        return WS__NEVER;
    if (!chip->wanted && time <= wire->clock->now)
        return wire->clock->now + ws__clock_time(wire->clock, 1, BYTES_A_SECOND);
    return time < chip->ready_at ? chip->ready_at : time;
}

void ws__kbc8042_wanted(struct ws__kbc_wire *wire)
{
    if (wire->source_time(wire->context) <= wire->clock->now)
        wire->chip->wanted = true;
}

/* -- the controller ---------------------------------------------------------------------------- */

static void data_write(struct ws__kbc8042 *chip, uint8_t value)
{
    uint8_t command = chip->command;
    chip->command = 0;
    switch (command) {
    case 0x60:
        chip->config = value;
        break;
    case 0xd1:
        chip->reset |= !(value & PORT_NO_RESET);
        chip->port = value | PORT_NO_RESET;
        break;
    case 0xd2: /* as if it came from the keyboard */
        output_put(chip, value);
        break;
    case 0xd3: /* from the mouse */
    case 0xd4: /* to the mouse, which is not there */
        break;
    default:
        keyboard_write(chip, value);
        break;
    }
}

static void command_write(struct ws__kbc8042 *chip, uint8_t command)
{
    chip->command = 0;
    switch (command) {
    case 0x20:
        output_put(chip, chip->config);
        break;
    case 0x60:
    case 0xd1:
    case 0xd2:
    case 0xd3:
    case 0xd4:
        chip->command = command;
        break;
    case 0xa7:
    case 0xa8:
        chip->config = command & 1 ? chip->config | CONFIG_MOUSE_OFF : chip->config & ~CONFIG_MOUSE_OFF;
        break;
    case 0xaa:
        chip->config |= CONFIG_SYSTEM;
        output_put(chip, 0x55);
        break;
    case 0xa9:
    case 0xab:
        output_put(chip, 0x00);
        break;
    case 0xad:
    case 0xae:
        chip->config = command & 1 ? chip->config | CONFIG_KEYBOARD_OFF : chip->config & ~CONFIG_KEYBOARD_OFF;
        break;
    case 0xd0:
        output_put(chip, chip->port | (chip->outputs ? PORT_OUTPUT_FULL : 0));
        break;
    case 0xdd:
    case 0xdf: /* A20 off, on: not the AT's, but widely known */
        chip->port = command & 2 ? chip->port | PORT_A20 : chip->port & ~PORT_A20;
        break;
    default:
        if (command >= 0xf0)
            chip->reset |= !(command & PORT_NO_RESET);
        break;
    }
}

void ws__kbc8042_write(void *context, uint16_t port, uint8_t value)
{
    const struct ws__kbc_wire *wire = context;
    wire->chip->was_command = port == WS__KBC_COMMAND;
    if (port == WS__KBC_COMMAND)
        command_write(wire->chip, value);
    else
        data_write(wire->chip, value);
    line_update(wire);
}

/* The line falls with each byte that is read, so that the next one is an edge. */
static uint8_t data_read(const struct ws__kbc_wire *wire)
{
    struct ws__kbc8042 *chip = wire->chip;
    if (chip->outputs) {
        chip->last = chip->output[0];
        chip->outputs--;
        memmove(chip->output, chip->output + 1, chip->outputs);
    }
    ws__line_set(&wire->line, false);
    line_update(wire);
    return chip->last;
}

uint8_t ws__kbc8042_read(void *context, uint16_t port)
{
    struct ws__kbc_wire *wire = context;
    struct ws__kbc8042 *chip = wire->chip;
    if (port == WS__KBC_DATA)
        return data_read(wire);
    chip->looks = chip->outputs ? 0 : (uint8_t)(chip->looks + (chip->looks < LOOKS));
    if (chip->looks == LOOKS)
        ws__kbc8042_wanted(wire);
    return STATUS_SYSTEM | STATUS_UNLOCKED | (chip->outputs ? STATUS_OUTPUT : 0) |
           (chip->was_command ? STATUS_COMMAND : 0);
}
