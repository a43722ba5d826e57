/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes for the serial port, and when they came.
 *
 * How far the guest has come in them is part of its state; the bytes are not.
 */
#include "machine/board.h"

#include <stdlib.h>

/* The first piece that has not been taken whole; input->pieces if there is none. */
static size_t piece_next(const struct ws_machine *machine)
{
    const struct ws__input *input = &machine->input;
    size_t low = 0, high = input->pieces;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (input->piece[middle].end <= machine->chips.inputs)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t ws__input_time(void *context)
{
    const struct ws_machine *machine = context;
    size_t next = piece_next(machine);
    return next < machine->input.pieces ? machine->input.piece[next].time : WS__NEVER;
}

uint8_t ws__input_take(void *context)
{
    struct ws_machine *machine = context;
    return machine->input.bytes.data[machine->chips.inputs++];
}

/* The guest takes another way from here: what came later than now on the old one does not come. */
static void future_forget(struct ws__input *input, uint64_t now)
{
    while (input->pieces && input->piece[input->pieces - 1].time > now)
        input->pieces--;
    input->bytes.size = input->pieces ? input->piece[input->pieces - 1].end : 0;
}

enum ws_status ws_machine_serial_input(struct ws_machine *machine, const void *bytes, size_t size)
{
    struct ws__input *input = &machine->input;
    uint64_t now = ws__cpu_time(&machine->cpu);
    future_forget(input, now);
    if (size == 0)
        return WS_OK;
    struct ws__input_piece *grown = realloc(input->piece, (input->pieces + 1) * sizeof *grown);
    if (!grown)
        return WS_NO_MEMORY;
    input->piece = grown;
    ws_buffer_append(&input->bytes, bytes, size);
    if (input->bytes.failed)
        return WS_NO_MEMORY;
    input->piece[input->pieces++] = (struct ws__input_piece){now, input->bytes.size};
    ws__board_settle(machine);
    if (machine->cpu.state.halt.reason == WS_HALT_ASLEEP && machine->cpu.deadline != WS__NEVER)
        machine->cpu.state.halt = (struct ws_halt){0}; /* now something can wake it */
    return WS_OK;
}

void ws__input_release(struct ws__input *input)
{
    free(input->piece);
    ws_buffer_release(&input->bytes);
}
