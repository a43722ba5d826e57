/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session's life: recorded from a machine, made a machine again, compared with one.
 */
#include "timeline/session_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/acts.h"
#include "machine/input.h"

enum { SPACING = 1 << 20 /* instructions between two hashes, at first */ };

static void inputs_release(struct ws_session_input **input, size_t *inputs)
{
    for (size_t i = 0; i < *inputs; i++)
        ws_buffer_release(&(*input)[i].bytes);
    free(*input);
    *input = NULL;
    *inputs = 0;
}

static void acts_release(struct ws_session *session)
{
    for (size_t i = 0; i < session->acts; i++)
        ws_buffer_release(&session->act[i].bytes);
    free(session->act);
    session->act = NULL;
    session->acts = 0;
}

void ws_session_release(struct ws_session *session)
{
    ws_buffer_release(&session->image);
    ws_buffer_release(&session->name);
    ws_buffer_release(&session->command_line);
    ws_buffer_release(&session->disk);
    for (size_t i = 0; i < session->modules; i++) {
        ws_buffer_release(&session->module[i].content);
        ws_buffer_release(&session->module[i].string);
    }
    free(session->module);
    free(session->mark);
    inputs_release(&session->input, &session->inputs);
    inputs_release(&session->key, &session->keys);
    acts_release(session);
    ws__session_checkpoints_release(session);
    memset(session, 0, sizeof *session);
}

bool ws__session_grow(void *array, size_t count, size_t size)
{
    void *present, *grown;
    if (count & (count - 1))
        return true;
    memcpy(&present, array, sizeof present);
    grown = realloc(present, (count ? 2 * count : 1) * size);
    if (grown)
        memcpy(array, &grown, sizeof grown);
    return grown;
}

struct ws_session_module *ws_session_module_new(struct ws_session *session)
{
    if (session->modules == WS_SESSION_MODULES ||
        !ws__session_grow(&session->module, session->modules, sizeof *session->module))
        return NULL;
    session->module[session->modules] = (struct ws_session_module){0};
    return &session->module[session->modules++];
}

/* -- running ----------------------------------------------------------------------------------- */

static enum ws_status image_put(const struct ws_session *session, struct ws_machine *machine,
                                struct ws_symbols *symbols, struct ws_buffer *why)
{
    struct ws_boot_module row[WS_SESSION_MODULES];
    struct ws_boot_options boot = {
        .command_line = ws_buffer_text(&session->command_line), .module = row, .modules = session->modules};
    const struct ws_buffer *image = &session->image;
    if (session->flat)
        return ws_image_load_flat(machine, image->data, image->size, session->flat_phys, why);
    for (size_t i = 0; i < session->modules; i++)
        row[i] = (struct ws_boot_module){
            .content = ws_buffer_text(&session->module[i].content),
            .bytes = session->module[i].content.size,
            .string = ws_buffer_text(&session->module[i].string),
        };
    return ws_image_boot(machine, image->data, image->size, &boot, symbols, why);
}

static enum ws_status inputs_put(struct ws_machine *machine, enum ws__input_port port,
                                 const struct ws_session_input *input, size_t inputs)
{
    enum ws_status status = WS_OK;
    for (size_t i = 0; i < inputs && status == WS_OK; i++)
        status = ws__machine_input_at(machine, port, input[i].time, input[i].bytes.data, input[i].bytes.size);
    return status;
}

static enum ws_status acts_put(const struct ws_session *session, struct ws_machine *machine)
{
    enum ws_status status = WS_OK;
    for (size_t i = 0; i < session->acts && status == WS_OK; i++) {
        const struct ws_session_act *act = &session->act[i];
        const struct ws__act again = {act->mark, act->kind, act->where, act->bytes.data, act->bytes.size};
        status = ws__machine_act_at(machine, &again);
    }
    return status;
}

enum ws_status ws_session_machine(const struct ws_session *session, ws_serial_sink *serial, void *serial_context,
                                  struct ws_machine **out, struct ws_symbols *symbols, struct ws_buffer *why)
{
    struct ws_machine_options options = {
        .memory_bytes = session->memory_bytes,
        .max_instructions = session->max_instructions,
        .ips = session->ips,
        .tlb = session->tlb,
        .serial = serial,
        .serial_context = serial_context,
    };
    struct ws_machine *machine;
    *out = NULL;
    enum ws_status status = ws_machine_new(&machine, &options);
    if (status != WS_OK)
        return status;
    status = image_put(session, machine, symbols, why);
    if (status == WS_OK && session->disk.size)
        status = ws_machine_disk_attach_memory(machine, session->disk.data, session->disk.size);
    if (status == WS_OK)
        status = inputs_put(machine, WS__INPUT_SERIAL, session->input, session->inputs);
    if (status == WS_OK)
        status = inputs_put(machine, WS__INPUT_KEYBOARD, session->key, session->keys);
    if (status == WS_OK)
        status = acts_put(session, machine);
    if (status == WS_OK)
        *out = machine;
    else
        ws_machine_free(machine);
    return status;
}

/* The mark and the hash of the first check, or checkpoint, at or behind `mark`; NULL: none. */
static const uint64_t *hash_from(const struct ws_session *session, uint64_t mark, uint64_t *at)
{
    const uint64_t *hash = NULL;
    size_t check = 0, checkpoint = 0;
    while (check < session->checks && session->check[check].mark < mark)
        check++;
    while (checkpoint < session->checkpoints && session->checkpoint[checkpoint].mark < mark)
        checkpoint++;
    if (check < session->checks) {
        hash = &session->check[check].hash;
        *at = session->check[check].mark;
    }
    if (checkpoint < session->checkpoints && (!hash || session->checkpoint[checkpoint].mark < *at)) {
        hash = &session->checkpoint[checkpoint].hash;
        *at = session->checkpoint[checkpoint].mark;
    }
    return hash;
}

uint64_t ws_session_next(const struct ws_session *session, uint64_t mark, uint64_t end)
{
    uint64_t at;
    return hash_from(session, mark + 1, &at) && at < end ? at : end;
}

bool ws_session_contradicts(const struct ws_session *session, const struct ws_machine *machine)
{
    uint64_t mark = ws_machine_mark(machine), at;
    const uint64_t *hash = hash_from(session, mark, &at);
    return hash && at == mark && *hash != ws_machine_hash(machine);
}

/* -- recording --------------------------------------------------------------------------------- */

static uint64_t spacing_of(const struct ws_session *session)
{
    return session->spacing ? session->spacing : SPACING;
}

/* At multiples of the spacing: so a run that is recorded again has the same ones. */
uint64_t ws_session_due(const struct ws_session *session, uint64_t mark)
{
    uint64_t spacing = spacing_of(session);
    return mark - mark % spacing + spacing;
}

static void check_add(struct ws_session *session, const struct ws_machine *machine)
{
    session->check[session->checks++] =
        (struct ws_session_check){.mark = ws_machine_mark(machine), .hash = ws_machine_hash(machine)};
}

/* Keep those that twice the spacing would have. */
static void checks_thin(struct ws_session *session)
{
    size_t kept = 0;
    session->spacing = 2 * spacing_of(session);
    for (size_t i = 0; i < session->checks; i++)
        if (session->check[i].mark % session->spacing == 0)
            session->check[kept++] = session->check[i];
    session->checks = kept;
}

void ws_session_observe(struct ws_session *session, const struct ws_machine *machine)
{
    uint64_t mark = ws_machine_mark(machine);
    if (!mark || mark % spacing_of(session) != 0 ||
        (session->checks && session->check[session->checks - 1].mark >= mark))
        return;
    check_add(session, machine);
    if (session->checks == WS_SESSION_CHECKS - 1) /* one place is for the end */
        checks_thin(session);
}

static enum ws_status inputs_take(const struct ws_machine *machine, enum ws__input_port port,
                                  struct ws_session_input **input, size_t *inputs)
{
    uint64_t time;
    const void *bytes;
    size_t size, count = 0;
    inputs_release(input, inputs);
    while (ws__machine_input_get(machine, port, count, &time, &bytes, &size))
        count++;
    if (count > WS_SESSION_INPUTS)
        return WS_NO_ROOM;
    *input = calloc(count ? count : 1, sizeof **input);
    if (!*input)
        return WS_NO_MEMORY;
    for (; *inputs < count; (*inputs)++) {
        struct ws_session_input *lot = &(*input)[*inputs];
        ws__machine_input_get(machine, port, *inputs, &lot->time, &bytes, &size);
        ws_buffer_append(&lot->bytes, bytes, size);
        if (lot->bytes.failed)
            return WS_NO_MEMORY;
    }
    return WS_OK;
}

static enum ws_status acts_take(struct ws_session *session, const struct ws_machine *machine)
{
    struct ws__act act;
    acts_release(session);
    while (ws__machine_act_get(machine, session->acts, &act)) {
        if (session->acts == WS_SESSION_ACTS)
            return WS_NO_ROOM;
        if (!ws__session_grow(&session->act, session->acts, sizeof *session->act))
            return WS_NO_MEMORY;
        struct ws_session_act *kept = &session->act[session->acts++];
        *kept = (struct ws_session_act){.mark = act.mark, .kind = act.kind, .where = act.where};
        if (act.size)
            ws_buffer_append(&kept->bytes, act.bytes, act.size);
        if (kept->bytes.failed)
            return WS_NO_MEMORY;
    }
    return WS_OK;
}

enum ws_status ws_session_finish(struct ws_session *session, const struct ws_machine *machine)
{
    session->end = ws_machine_mark(machine);
    if (!session->checks || session->check[session->checks - 1].mark < session->end)
        check_add(session, machine);
    enum ws_status status = inputs_take(machine, WS__INPUT_SERIAL, &session->input, &session->inputs);
    if (status == WS_OK)
        status = inputs_take(machine, WS__INPUT_KEYBOARD, &session->key, &session->keys);
    return status == WS_OK ? acts_take(session, machine) : status;
}

/* -- names ------------------------------------------------------------------------------------- */

static size_t mark_place(const struct ws_session *session, const char *name)
{
    size_t place = 0;
    while (place < session->marks && strcmp(session->mark[place].name, name) != 0)
        place++;
    return place;
}

enum ws_status ws_session_mark_set(struct ws_session *session, const char *name, uint64_t mark, const char *note)
{
    size_t place = mark_place(session, name);
    if (!*name || isdigit((unsigned char)*name) || strlen(name) >= WS_NAME_BYTES || strlen(note) >= WS_SESSION_NOTE ||
        strchr(note, '\n'))
        return WS_BAD_ARGUMENT;
    if (place == WS_SESSION_MARKS)
        return WS_NO_ROOM;
    if (place < session->marks)
        memmove(&session->mark[place], &session->mark[place + 1], (--session->marks - place) * sizeof session->mark[0]);
    else if (!ws__session_grow(&session->mark, session->marks, sizeof *session->mark))
        return WS_NO_MEMORY;
    for (place = session->marks++; place && session->mark[place - 1].mark > mark; place--)
        session->mark[place] = session->mark[place - 1];
    session->mark[place] = (struct ws_session_mark){.mark = mark};
    snprintf(session->mark[place].name, WS_NAME_BYTES, "%s", name);
    snprintf(session->mark[place].note, WS_SESSION_NOTE, "%s", note);
    return WS_OK;
}

enum ws_status ws_session_mark_find(const struct ws_session *session, const char *name, uint64_t *mark)
{
    size_t place = mark_place(session, name);
    if (place == session->marks)
        return WS_NOT_FOUND;
    *mark = session->mark[place].mark;
    return WS_OK;
}
