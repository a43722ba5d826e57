/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening what a script works on. */
#include "lesson/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

enum { FILE_LIMIT = 1 << 30 };

/* -- watching ------------------------------------------------------------------------------------------ */

static void crossing_keep(void *context, const struct ws_crossing *crossing)
{
    struct ws__guest *guest = context;
    struct ws_crossing *grown = realloc(guest->crossing, (guest->crossings + 1) * sizeof *grown);
    if (!grown) {
        guest->failed = true;
        ws_machine_fail(guest->machine, WS_NO_MEMORY);
        return;
    }
    guest->crossing = grown;
    guest->crossing[guest->crossings++] = *crossing;
}

/* Keep a path when it is complete. */
static void path_keep(void *context, const struct ws_forward_path *path, unsigned step)
{
    struct ws__guest *guest = context;
    if (!path->end || step + 1 < path->steps)
        return;
    struct ws_forward_path *grown = realloc(guest->path, (guest->paths + 1) * sizeof *grown);
    if (!grown) {
        guest->failed = true;
        ws_machine_fail(guest->machine, WS_NO_MEMORY);
        return;
    }
    guest->path = grown;
    guest->path[guest->paths++] = *path;
}

static enum ws_status paths_watch(struct ws__guest *guest)
{
    enum ws_status status = ws_forward_new(&guest->forward, guest->machine, guest->watcher);
    if (status == WS_OK)
        ws_forward_listen(guest->forward, path_keep, guest);
    return status;
}

static enum ws_status audit_watch(struct ws__guest *guest)
{
    enum ws_status status = ws_audit_new(&guest->audit, guest->machine, guest->watcher);
    if (status == WS_OK)
        status = ws_audit_thorough(guest->audit);
    if (status == WS_OK && guest->lab)
        status = ws_audit_lab(guest->audit, guest->lab);
    return status;
}

static void event_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__guest *guest = context;
    if (guest->timeline && event->mark < ws_timeline_frontier(guest->timeline))
        return; /* it was noted before */
    struct ws__noted *grown = realloc(guest->noted, (guest->noteds + 1) * sizeof *grown);
    if (!grown) {
        guest->failed = true;
        ws_machine_fail(machine, WS_NO_MEMORY);
        return;
    }
    guest->noted = grown;
    grown += guest->noteds++;
    *grown = (struct ws__noted){.event = *event};
    snprintf(grown->world, sizeof grown->world, "%s", ws_watcher_world(guest->watcher, NULL));
}

enum ws_status ws__guest_note(struct ws__guest *guest, uint32_t kinds)
{
    if (guest->kinds)
        ws_machine_unlisten(guest->machine, event_note, guest);
    guest->kinds = kinds;
    return kinds ? ws_machine_listen(guest->machine, kinds, event_note, guest) : WS_OK;
}

/* Names, and the built-in cross page, come with the symbols. */
static enum ws_status symbols_tell(struct ws__guest *guest)
{
    uint32_t linear;
    const struct ws_symbols *symbols = ws__guest_symbols(guest);
    if (guest->audit && ws_symbols_find(symbols, "cross", &linear) == WS_OK && linear == WS_CROSS_LINEAR) {
        ws_audit_cross_page(guest->audit, WS_CROSS_LINEAR, WS_CROSS_BYTES);
        ws_audit_loader(guest->audit, WS_WORLD_BOOT);
    }
    /* One's own switch may end with a jump. */
    if (guest->lab && !ws_lab_cross(guest->lab)->code) {
        enum ws_status status = ws_watcher_cross_page(guest->watcher, WS_CROSS_LINEAR, WS_CROSS_BYTES);
        if (status != WS_OK)
            return status;
    }
    return ws_watcher_name_symbols(guest->watcher, symbols);
}

static enum ws_status watch(struct ws__guest *guest)
{
    enum ws_status status = ws_watcher_new(&guest->watcher, guest->machine);
    if (status == WS_OK)
        status = ws_watcher_listen(guest->watcher, crossing_keep, guest);
    if (status == WS_OK && !guest->lab)
        status = paths_watch(guest);
    if (status == WS_OK && !guest->unaudited)
        status = audit_watch(guest);
    if (status == WS_OK)
        status = symbols_tell(guest);
    return status;
}

/* -- opening ------------------------------------------------------------------------------------------- */

static void options_take(struct ws__guest *guest, const struct ws_machine_options *options, uint32_t memory_bytes)
{
    *guest = (struct ws__guest){.options = *options, .unaudited = guest->unaudited, .vms = guest->vms};
    if (!guest->options.max_instructions)
        guest->options.max_instructions = WS__GUEST_LIMIT;
    if (!guest->options.memory_bytes)
        guest->options.memory_bytes = memory_bytes;
}

enum ws_status ws__guest_open_lab(struct ws__guest *guest, const struct ws_machine_options *options)
{
    options_take(guest, options, WS__GUEST_MEMORY_LAB);
    enum ws_status status = ws_lab_new(&guest->lab, &guest->options);
    if (status == WS_OK)
        guest->machine = ws_lab_machine(guest->lab);
    return status;
}

enum ws_status ws__guest_open_laboratory(struct ws__guest *guest, const struct ws_machine_options *options)
{
    options_take(guest, options, WS__GUEST_MEMORY_LAB);
    enum ws_status status = ws_lab_system_new(&guest->lab, &guest->options);
    if (status != WS_OK)
        return status;
    guest->machine = ws_lab_machine(guest->lab);
    guest->first = ws_lab_system_first(guest->lab);
    return watch(guest);
}

enum ws_status ws__guest_open_hosted(struct ws__guest *guest, const struct ws_machine_options *options)
{
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    options_take(guest, options, 0);
    guest->hosted = true;
    ws_buffer_append(&guest->disk, disk, bytes);
    enum ws_status status = ws_hosted_disk_vms(&guest->disk, guest->vms ? guest->vms : 1);
    if (status == WS_OK)
        status = ws_machine_new(&guest->machine, &guest->options);
    if (status == WS_OK)
        status = ws_symbols_new(&guest->own);
    if (status == WS_OK)
        status = ws_hosted_boot(guest->machine, guest->own);
    if (status == WS_OK)
        status = ws_machine_disk_attach_memory(guest->machine, guest->disk.data, guest->disk.size);
    return status == WS_OK ? watch(guest) : status;
}

/* The image, and its disk. */
static enum ws_status files_take(struct ws__guest *guest, const struct ws__guest_files *files)
{
    if (!files->image) {
        enum ws_status status = ws_file_read(files->path, FILE_LIMIT, &guest->image);
        if (status != WS_OK)
            return status;
    }
    ws_buffer_append(&guest->image, files->image, files->image_bytes);
    ws_buffer_append(&guest->disk, files->disk, files->disk_bytes);
    return guest->image.failed || guest->disk.failed ? WS_NO_MEMORY : WS_OK;
}

enum ws_status ws__guest_open_image(struct ws__guest *guest, const struct ws_machine_options *options,
                                    const struct ws__guest_files *files, struct ws_buffer *why)
{
    options_take(guest, options, 0);
    enum ws_status status = files_take(guest, files);
    if (status == WS_OK)
        status = ws_machine_new(&guest->machine, &guest->options);
    if (status == WS_OK)
        status = ws_symbols_new(&guest->own);
    if (status == WS_OK)
        status = ws_image_load(guest->machine, guest->image.data, guest->image.size, "image ", guest->own, why);
    if (status == WS_OK)
        status = ws_hosted_symbols(guest->own, guest->image.data, guest->image.size);
    if (status == WS_OK && guest->disk.size)
        status = ws_machine_disk_attach_memory(guest->machine, guest->disk.data, guest->disk.size);
    return status == WS_OK ? watch(guest) : status;
}

void ws__guest_release(struct ws__guest *guest)
{
    ws_timeline_free(guest->timeline);
    ws_audit_free(guest->audit);
    ws_forward_free(guest->forward);
    ws_watcher_free(guest->watcher);
    if (guest->lab)
        ws_lab_free(guest->lab);
    else
        ws_machine_free(guest->machine);
    ws_symbols_free(guest->own);
    ws_buffer_release(&guest->image);
    ws_buffer_release(&guest->disk);
    free(guest->crossing);
    free(guest->path);
    free(guest->noted);
    *guest = (struct ws__guest){0};
}

const struct ws_symbols *ws__guest_symbols(const struct ws__guest *guest)
{
    return guest->lab ? ws_lab_symbols(guest->lab) : guest->own;
}

/* -- running ------------------------------------------------------------------------------------------- */

enum ws_status ws__guest_load(struct ws__guest *guest, struct ws_world *first)
{
    if (!guest->lab || guest->watcher)
        return WS_BAD_ARGUMENT;
    enum ws_status status = ws_lab_load(guest->lab, first);
    if (status != WS_OK)
        return status;
    guest->first = first;
    return watch(guest);
}

enum ws_status ws__guest_timeline(struct ws__guest *guest, struct ws_timeline **out)
{
    enum ws_status status = WS_OK;
    if (!guest->timeline)
        status = ws_timeline_new(&guest->timeline, guest->machine, guest->watcher);
    *out = guest->timeline;
    return status;
}

void ws__guest_touch(struct ws__guest *guest)
{
    ws_timeline_free(guest->timeline);
    guest->timeline = NULL;
    guest->touched |= guest->watcher && !ws_machine_mark(guest->machine);
}

void ws__guest_finish(struct ws__guest *guest)
{
    if (guest->finished || !guest->watcher || ws_machine_halt(guest->machine)->reason == WS_HALT_NONE)
        return;
    guest->finished = true;
    ws_watcher_settle(guest->watcher);
    if (guest->audit)
        ws_audit_finish(guest->audit);
}

/* -- sessions ------------------------------------------------------------------------------------------ */

static enum ws_status image_give(struct ws__guest *guest, struct ws_session *out)
{
    size_t bytes;
    if (guest->lab)
        return ws_lab_write_image(guest->lab, guest->first, &out->image);
    if (!guest->hosted) {
        ws_buffer_append(&out->image, guest->image.data, guest->image.size);
        ws_buffer_append(&out->disk, guest->disk.data, guest->disk.size);
        ws_buffer_printf(&out->command_line, "image ");
        return WS_OK;
    }
    const void *content = ws_hosted_image(&bytes);
    ws_buffer_append(&out->image, content, bytes);
    ws_buffer_append(&out->disk, guest->disk.data, guest->disk.size);
    ws_buffer_printf(&out->command_line, "hosted.elf");
    return WS_OK;
}

/* Run the session in a machine of its own, as far as it is to go. */
static enum ws_status session_run(struct ws_session *session, uint64_t mark)
{
    struct ws_machine *machine;
    enum ws_status status = ws_session_machine(session, NULL, NULL, &machine, NULL, NULL);
    if (status != WS_OK)
        return status;
    ws_session_observe(session, machine);
    for (uint64_t now; (now = ws_machine_mark(machine)) < mark;) {
        uint64_t due = ws_session_due(session, now);
        enum ws_stop stop = ws_machine_run(machine, (due < mark ? due : mark) - now);
        ws_session_observe(session, machine);
        if (stop == WS_STOP_HALT)
            break;
    }
    status = ws_machine_failure(machine);
    if (status == WS_OK)
        status = ws_session_finish(session, machine);
    ws_machine_free(machine);
    return status;
}

enum ws_status ws__guest_session(struct ws__guest *guest, uint64_t mark, struct ws_session *out)
{
    if (guest->touched || !guest->watcher)
        return WS_UNSUPPORTED;
    *out = (struct ws_session){.memory_bytes = guest->options.memory_bytes,
                               .max_instructions = guest->options.max_instructions,
                               .ips = guest->options.ips,
                               .tlb = guest->options.tlb};
    enum ws_status status = image_give(guest, out);
    ws_buffer_printf(&out->name, "%s", guest->lab ? "a lab's laboratory" : guest->hosted ? "hosted system" : "image");
    if (status == WS_OK && (out->image.failed || out->name.failed || out->disk.failed || out->command_line.failed))
        status = WS_NO_MEMORY;
    if (status == WS_OK)
        status = ws_session_finish(out, guest->machine); /* what was done from outside */
    out->checks = 0;
    if (status == WS_OK)
        status = session_run(out, mark);
    if (status != WS_OK)
        ws_session_release(out);
    return status;
}
