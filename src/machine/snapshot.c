/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saving and restoring a machine.  Most of it is RAM: see ram_copy.h.
 */
#include <stdlib.h>
#include <string.h>

#include "machine/board.h"
#include "machine/snapshot.h"

struct ws_snapshot {
    size_t owners;
    struct ws__cpu_state cpu;
    struct ws__chips chips;
    struct ws__serial serial;
    struct ws__disk_table *disk; /* a share */
    uint64_t acts_done;
    struct ws_buffer kept; /* of struct ws__kept_place */
    void *engine;          /* owned: the engine's state */
    size_t engine_bytes;
    struct ws__ram_copy *ram; /* a share */
};

/* -- taking ------------------------------------------------------------------------------------ */

enum ws_status ws_snapshot_take(struct ws_snapshot **out, struct ws_machine *machine)
{
    *out = NULL;
    struct ws_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return WS_NO_MEMORY;
    snapshot->owners = 1;
    snapshot->cpu = ws__cpu_state_take(&machine->cpu);
    snapshot->chips = machine->chips;
    snapshot->acts_done = machine->acts.done;
    snapshot->disk = ws__disk_table_share(machine->disk.table);
    enum ws_status status = ws__serial_copy(&snapshot->serial, &machine->serial);
    ws__kept_copy(&machine->cpu.kept, &snapshot->kept);
    if (snapshot->kept.failed)
        status = WS_NO_MEMORY;
    snapshot->engine_bytes = ws__engine_state_bytes(machine->cpu.engine);
    snapshot->engine = malloc(snapshot->engine_bytes);
    if (status != WS_OK || !snapshot->engine || ws__ram_copy_take(&snapshot->ram, machine) != WS_OK) {
        ws_snapshot_free(snapshot);
        return WS_NO_MEMORY;
    }
    ws__engine_state_save(machine->cpu.engine, snapshot->engine);
    *out = snapshot;
    return WS_OK;
}

/* -- restoring --------------------------------------------------------------------------------- */

void ws_snapshot_restore(const struct ws_snapshot *snapshot, struct ws_machine *machine)
{
    ws__ram_copy_put_back(snapshot->ram, machine);
    ws__engine_state_restore(machine->cpu.engine, snapshot->engine);
    machine->cpu.state = snapshot->cpu;
    machine->chips = snapshot->chips;
    machine->acts.done = snapshot->acts_done;
    ws__disk_table_release(machine->disk.table);
    machine->disk.table = ws__disk_table_share(snapshot->disk);
    machine->disk.starved = false;
    ws_machine_fail(machine, ws__serial_copy(&machine->serial, &snapshot->serial));
    ws__kept_replace(&machine->cpu.kept, (const void *)snapshot->kept.data,
                     snapshot->kept.size / sizeof(struct ws__kept_place));
    ws__cpu_resync(&machine->cpu);
    ws__board_settle(machine);
}

struct ws_snapshot *ws__snapshot_share(struct ws_snapshot *snapshot)
{
    snapshot->owners++;
    return snapshot;
}

/* -- looking ----------------------------------------------------------------------------------- */

const struct ws__ram_copy *ws__snapshot_ram(const struct ws_snapshot *snapshot)
{
    return snapshot->ram;
}

uint64_t ws__snapshot_serial_sent(const struct ws_snapshot *snapshot)
{
    return ws__serial_sent(&snapshot->serial);
}

const struct ws__disk_table *ws__snapshot_disk(const struct ws_snapshot *snapshot)
{
    return snapshot->disk;
}

uint64_t ws_snapshot_mark(const struct ws_snapshot *snapshot)
{
    return snapshot->cpu.begun;
}

size_t ws_snapshot_bytes(const struct ws_snapshot *snapshot)
{
    size_t bytes = sizeof *snapshot + snapshot->serial.kept.capacity + snapshot->kept.capacity + snapshot->engine_bytes;
    return bytes + ws__ram_copy_bytes(snapshot->ram) + ws__disk_table_bytes(snapshot->disk);
}

void ws_snapshot_free(struct ws_snapshot *snapshot)
{
    if (!snapshot || --snapshot->owners > 0)
        return;
    ws__ram_copy_release(snapshot->ram);
    free(snapshot->engine);
    ws__serial_release(&snapshot->serial);
    ws_buffer_release(&snapshot->kept);
    ws__disk_table_release(snapshot->disk);
    free(snapshot);
}
