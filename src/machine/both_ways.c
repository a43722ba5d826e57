/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a piece, and running it again.
 */
#include "machine/both_ways.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine/board.h"
#include "run/run.h"

enum { PIECE = 1000 }; /* instructions: many blocks, and where two states differ is found soon */

/* Where a piece ended. */
struct end {
    enum ws_stop stop;
    uint64_t mark, hash;
    struct ws_registers registers;
};

static struct end end_take(const struct ws_machine *machine, enum ws_stop stop)
{
    struct end end = {.stop = stop, .mark = ws_machine_mark(machine), .hash = ws_machine_hash(machine)};
    ws_machine_registers(machine, &end.registers);
    return end;
}

/* Execute what a piece consisted of, one instruction at a time.  What ended it in front of its goal, ends it again when
 * the machine is to go on. */
static void piece_step(struct ws_machine *machine, const struct end *end)
{
    uint64_t before;
    do {
        before = ws_machine_mark(machine);
        ws__cpu_go_on(&machine->cpu, 1);
    } while (ws_machine_mark(machine) < end->mark && ws_machine_mark(machine) > before);
    if (end->stop == WS_STOP_HALT || end->stop == WS_STOP_BREAKPOINT)
        ws__cpu_go_on(&machine->cpu, 1);
}

/* Neither listeners nor the serial sink see what is done again. */
static void piece_repeat(struct ws_machine *machine, const struct end *end)
{
    size_t listeners = machine->listeners;
    ws_serial_sink *sink = machine->serial_sink;
    machine->listeners = 0;
    machine->serial_sink = NULL;
    piece_step(machine, end);
    machine->serial_sink = sink;
    machine->listeners = listeners;
}

static _Noreturn void differ(const struct end *run, const struct end *stepped, uint64_t begin)
{
    fprintf(stderr,
            "both ways: block mode and step mode differ after mark %" PRIu64 ": at mark %" PRIu64 " and %" PRIu64,
            begin, run->mark, stepped->mark);
    for (unsigned i = 0; i < WS_REGISTER_COUNT; i++) {
        if (run->registers.value[i] != stepped->registers.value[i])
            fprintf(stderr, ", %s is 0x%" PRIx32 " and 0x%" PRIx32, ws_register_info((enum ws_register)i)->name,
                    run->registers.value[i], stepped->registers.value[i]);
    }
    fprintf(stderr, "\n");
    abort();
}

static struct ws_snapshot *snapshot_take(struct ws_machine *machine)
{
    struct ws_snapshot *snapshot;
    ws_machine_fail(machine, ws_snapshot_take(&snapshot, machine));
    return snapshot;
}

/* Compare what has run since `begin`, and leave the machine where it is. */
static void piece_compare(struct ws_machine *machine, const struct ws_snapshot *begin, enum ws_stop stop)
{
    struct end run = end_take(machine, stop), stepped;
    struct ws_snapshot *end = snapshot_take(machine);
    if (!end)
        return;
    ws_snapshot_restore(begin, machine);
    piece_repeat(machine, &run);
    stepped = end_take(machine, stop);
    if (run.hash != stepped.hash || run.mark != stepped.mark)
        differ(&run, &stepped, ws_snapshot_mark(begin));
    ws_snapshot_restore(end, machine);
    ws_snapshot_free(end);
}

static enum ws_stop piece_run(struct ws_machine *machine, uint64_t instructions)
{
    struct ws_snapshot *begin = snapshot_take(machine);
    enum ws_stop stop = begin ? ws__cpu_go_on(&machine->cpu, instructions) : WS_STOP_HALT;
    if (begin && machine->failure == WS_OK)
        piece_compare(machine, begin, stop);
    ws_snapshot_free(begin);
    return stop;
}

enum ws_stop ws__both_ways_run(struct ws_machine *machine, uint64_t instructions)
{
    uint64_t end = instructions ? ws_machine_mark(machine) + instructions : UINT64_MAX;
    enum ws_stop stop;
    do {
        uint64_t left = end - ws_machine_mark(machine);
        stop = piece_run(machine, left < PIECE ? left : PIECE);
    } while (stop == WS_STOP_COUNT && machine->failure == WS_OK && ws_machine_mark(machine) < end);
    return stop;
}
