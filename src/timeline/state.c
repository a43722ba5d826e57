/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a machine's state. */
#include <worldswitch/state.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/segment.h>

/* Up to the first page that is not mapped. */
static void bytes_take(struct ws_buffer *out, const struct ws_machine *machine, uint32_t linear, uint64_t bytes)
{
    uint8_t page[WS_PAGE_BYTES];
    while (bytes) {
        size_t here = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;
        if (here > bytes)
            here = (size_t)bytes;
        if (ws_machine_read(machine, linear, page, here) != WS_OK)
            return;
        ws_buffer_append(out, page, here);
        linear += (uint32_t)here;
        bytes -= here;
    }
}

static void segment_take(struct ws_buffer *out, const struct ws_machine *machine, enum ws_register which,
                         uint32_t selector, uint64_t most)
{
    struct ws_descriptor segment;
    if (!(selector & ~(uint32_t)WS_SELECTOR_RPL))
        return;
    ws_machine_segment(machine, which, &segment);
    uint64_t bytes = (uint64_t)segment.limit + 1;
    bytes_take(out, machine, segment.base, bytes < most ? bytes : most);
}

static void tables_take(struct ws_state *state, const struct ws_machine *machine)
{
    enum { TSS_BYTES = 104, LDT_MOST = 65536 };
    const uint32_t *value = state->registers.value;
    bytes_take(&state->table[WS_STATE_GDT], machine, value[WS_GDTR_BASE], (uint64_t)value[WS_GDTR_LIMIT] + 1);
    bytes_take(&state->table[WS_STATE_IDT], machine, value[WS_IDTR_BASE], (uint64_t)value[WS_IDTR_LIMIT] + 1);
    segment_take(&state->table[WS_STATE_LDT], machine, WS_LDTR, value[WS_LDTR], LDT_MOST);
    segment_take(&state->table[WS_STATE_TSS], machine, WS_TR, value[WS_TR], TSS_BYTES);
}

static enum ws_status memory_take(struct ws_state *state, const struct ws_machine *machine)
{
    struct ws_physical memory = ws_machine_memory(machine);
    state->pages = memory.bytes / WS_PAGE_BYTES;
    state->page = calloc(state->pages, sizeof *state->page);
    if (!state->page || ws_page_map_read(&state->map, &memory, &state->registers) != WS_OK)
        return WS_NO_MEMORY;
    for (size_t i = 0; i < state->pages; i++)
        state->page[i] = ws_machine_page_hash(machine, (uint32_t)i);
    return WS_OK;
}

enum ws_status ws_state_take(struct ws_state *out, const struct ws_machine *machine, struct ws_watcher *watcher)
{
    *out = (struct ws_state){
        .mark = ws_machine_mark(machine), .hash = ws_machine_hash(machine), .cpl = ws_machine_cpl(machine)};
    ws_machine_registers(machine, &out->registers);
    ws_machine_fpu(machine, &out->fpu);
    if (watcher) {
        snprintf(out->world, sizeof out->world, "%s", ws_watcher_world(watcher, NULL));
        snprintf(out->process, sizeof out->process, "%s", ws_watcher_process(watcher, NULL));
    }
    tables_take(out, machine);
    for (unsigned part = 0; part < WS_PART_COUNT; part++)
        out->part[part] = ws_machine_part_hash(machine, (enum ws_part)part);
    enum ws_status status = memory_take(out, machine);
    for (unsigned table = 0; table < WS_STATE_TABLES; table++)
        if (out->table[table].failed)
            status = WS_NO_MEMORY;
    if (status != WS_OK)
        ws_state_release(out);
    return status;
}

void ws_state_release(struct ws_state *state)
{
    for (unsigned table = 0; table < WS_STATE_TABLES; table++)
        ws_buffer_release(&state->table[table]);
    ws_page_map_release(&state->map);
    free(state->page);
    *state = (struct ws_state){0};
}
