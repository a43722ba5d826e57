/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes for the serial port and for the keyboard, and when they came.
 *
 * How far the guest has come in them is part of its state; the bytes are not.
 */
#include "machine/board.h"

#include <stdlib.h>

#include "devices/key_codes.h"
#include "machine/input.h"

/* The first piece that has not been taken whole; input->pieces if there is none. */
static size_t piece_next(const struct ws_machine *machine, enum ws__input_port port)
{
    const struct ws__input *input = &machine->input[port];
    size_t low = 0, high = input->pieces;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (input->piece[middle].end <= machine->chips.inputs[port])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t next_time(const struct ws_machine *machine, enum ws__input_port port)
{
    size_t next = piece_next(machine, port);
    return next < machine->input[port].pieces ? machine->input[port].piece[next].time : WS__NEVER;
}

static uint8_t next_take(struct ws_machine *machine, enum ws__input_port port)
{
    return machine->input[port].bytes.data[machine->chips.inputs[port]++];
}

uint64_t ws__input_serial_time(void *machine)
{
    return next_time(machine, WS__INPUT_SERIAL);
}

uint8_t ws__input_serial_take(void *machine)
{
    return next_take(machine, WS__INPUT_SERIAL);
}

uint64_t ws__input_keyboard_time(void *machine)
{
    return next_time(machine, WS__INPUT_KEYBOARD);
}

uint8_t ws__input_keyboard_take(void *machine)
{
    return next_take(machine, WS__INPUT_KEYBOARD);
}

/* The guest takes another way from here: what came later than now on the old one does not come. */
static void future_forget(struct ws__input *input, uint64_t now)
{
    while (input->pieces && input->piece[input->pieces - 1].time > now)
        input->pieces--;
    input->bytes.size = input->pieces ? input->piece[input->pieces - 1].end : 0;
}

static enum ws_status piece_add(struct ws_machine *machine, enum ws__input_port port, uint64_t time, const void *bytes,
                                size_t size)
{
    struct ws__input *input = &machine->input[port];
    struct ws__input_piece *grown = realloc(input->piece, (input->pieces + 1) * sizeof *grown);
    if (!grown)
        return WS_NO_MEMORY;
    input->piece = grown;
    ws_buffer_append(&input->bytes, bytes, size);
    if (input->bytes.failed)
        return WS_NO_MEMORY;
    input->piece[input->pieces++] = (struct ws__input_piece){time, input->bytes.size};
    ws__board_settle(machine);
    return WS_OK;
}

bool ws__machine_input_get(const struct ws_machine *machine, enum ws__input_port port, size_t index, uint64_t *time,
                           const void **bytes, size_t *size)
{
    const struct ws__input *input = &machine->input[port];
    if (index >= input->pieces)
        return false;
    size_t begin = index ? input->piece[index - 1].end : 0;
    *time = input->piece[index].time;
    *bytes = input->bytes.data + begin;
    *size = input->piece[index].end - begin;
    return true;
}

enum ws_status ws__machine_input_at(struct ws_machine *machine, enum ws__input_port port, uint64_t time,
                                    const void *bytes, size_t size)
{
    const struct ws__input *input = &machine->input[port];
    if (machine->cpu.state.begun || (input->pieces && input->piece[input->pieces - 1].time > time))
        return WS_BAD_ARGUMENT;
    return size ? piece_add(machine, port, time, bytes, size) : WS_OK;
}

static enum ws_status input_send(struct ws_machine *machine, enum ws__input_port port, const void *bytes, size_t size)
{
    uint64_t now = ws__cpu_time(&machine->cpu);
    future_forget(&machine->input[port], now);
    if (size == 0)
        return WS_OK;
    enum ws_status status = piece_add(machine, port, now, bytes, size);
    if (status != WS_OK)
        return status;
    if (machine->cpu.state.halt.reason == WS_HALT_ASLEEP && machine->cpu.run.deadline != WS__NEVER)
        machine->cpu.state.halt = (struct ws_halt){0}; /* now something can wake it */
    return WS_OK;
}

enum ws_status ws_machine_serial_input(struct ws_machine *machine, const void *bytes, size_t size)
{
    return input_send(machine, WS__INPUT_SERIAL, bytes, size);
}

enum ws_status ws_machine_type(struct ws_machine *machine, const char *text, size_t bytes)
{
    struct ws_buffer codes = WS_BUFFER_INIT;
    for (size_t i = 0; i < bytes; i++) {
        uint8_t code[WS__KEY_CODES];
        ws_buffer_append(&codes, code, ws__key_codes((uint8_t)text[i], code));
    }
    enum ws_status status =
        codes.failed ? WS_NO_MEMORY : input_send(machine, WS__INPUT_KEYBOARD, codes.data, codes.size);
    ws_buffer_release(&codes);
    return status;
}

void ws__input_release(struct ws__input *input)
{
    free(input->piece);
    ws_buffer_release(&input->bytes);
}
