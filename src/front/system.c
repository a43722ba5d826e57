/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a guest, and running it.
 */
#define _POSIX_C_SOURCE 200809L

#include "front/fault.h"
#include "front/load.h"
#include "front/place.h"
#include "front/progress.h"
#include "front/record.h"
#include "front/vm_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/exception.h>
#include <worldswitch/hosted.h>
#include <worldswitch/timeline.h>

enum {
    SLICE = 1 << 20, /* instructions between two looks at the outside */
    SLICE_STREAM = 1 << 16
};

/* -- opening ------------------------------------------------------------------------------------------- */

/* Names, and the cross page, come with the symbols: of what is built in, or of an image that it was written to. */
static enum ws_status symbols_know(struct ws__system *system)
{
    uint32_t linear;
    if (ws_symbols_find(system->symbols, "cross", &linear) == WS_OK && linear == WS_CROSS_LINEAR) {
        ws_audit_cross_page(system->audit, WS_CROSS_LINEAR, WS_CROSS_BYTES);
        ws_audit_loader(system->audit, WS_WORLD_BOOT);
    }
    return ws_watcher_name_symbols(system->watcher, system->symbols);
}

static int no_room_complain(const struct ws_machine_options *machine_options, const char *what, const char *least)
{
    ws__complain(NULL, "%s does not fit into %u KiB: leave --memory away, or give it %s or more", what,
                 machine_options->memory_bytes / 1024, least);
    return WS__EXIT_USAGE;
}

static int laboratory_open(struct ws__system *system, const struct ws_machine_options *machine_options)
{
    enum ws_status status = ws_lab_system_new(&system->lab, machine_options);
    if (status == WS_NO_ROOM || status == WS_BAD_ARGUMENT)
        return no_room_complain(machine_options, "the laboratory", "4M");
    if (status != WS_OK)
        return ws__complain_status(status, "the laboratory");
    system->machine = ws_lab_machine(system->lab);
    system->symbols = ws_lab_symbols(system->lab);
    return WS__EXIT_DONE;
}

static int hosted_boot(struct ws__system *system, const struct ws__options *options,
                       const struct ws_machine_options *machine_options, const struct ws_buffer *disk)
{
    enum ws_status status = ws_machine_new(&system->machine, machine_options);
    if (status == WS_OK)
        status = ws_symbols_new(&system->own);
    if (status == WS_OK)
        status = ws_hosted_boot(system->machine, system->own);
    if (status == WS_NO_ROOM)
        return no_room_complain(machine_options, "the hosted system", "8M");
    if (status == WS_OK && !options->disk)
        status = ws_machine_disk_attach_memory(system->machine, disk->data, disk->size);
    system->symbols = system->own;
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_status(status, "the hosted system");
}

/* Its disk is the one that it is delivered with, and is forgotten, unless the options name a file. */
static int hosted_open(struct ws__system *system, const struct ws__options *options,
                       const struct ws_machine_options *machine_options)
{
    struct ws_buffer disk = WS_BUFFER_INIT;
    int result = ws__vm_disk(options, &disk);
    if (result == WS__EXIT_DONE)
        result = hosted_boot(system, options, machine_options, &disk);
    ws_buffer_release(&disk);
    return result;
}

enum ws_status ws__system_watch(struct ws__system *system)
{
    enum ws_status status = ws_watcher_new(&system->watcher, system->machine);
    if (status == WS_OK)
        status = ws_audit_new(&system->audit, system->machine, system->watcher);
    if (status == WS_OK)
        status = symbols_know(system);
    if (status == WS_OK && system->is_linux)
        ws_watcher_linux(system->watcher);
    if (status == WS_OK && system->lab)
        status = ws_audit_lab(system->audit, system->lab);
    return status;
}

/* Why the file is no disk for this run, and what to do. */
static void disk_complain(const char *path, bool throwaway, int why)
{
    bool forbidden = why == EACCES || why == EPERM || why == EROFS;
    if (why == EBUSY)
        ws__complain("wait until that run has ended, or take a copy", "the disk \"%s\" is in use by another run", path);
    else if (why == EINVAL)
        ws__complain("a disk is a regular file, of sectors of 512 bytes", "\"%s\" is not a file that can be a disk",
                     path);
    else if (forbidden && !throwaway)
        ws__complain("--snapshot runs without writing to it", "cannot write \"%s\": %s", path, strerror(why));
    else
        ws__complain(NULL, "cannot read \"%s\": %s", path, why ? strerror(why) : ws_status_text(WS_BAD_FILE));
}

/* Only `run` changes the file: all other commands shall see the same again. */
static int disk_attach(struct ws__system *system, const struct ws__options *options)
{
    bool throwaway = options->snapshot || options->command != WS__COMMAND_RUN;
    errno = 0;
    enum ws_status status = ws_machine_disk_attach(system->machine, options->disk, throwaway);
    if (status == WS_OK)
        return WS__EXIT_DONE;
    if (status == WS_BAD_FILE)
        disk_complain(options->disk, throwaway, errno);
    else if (status == WS_BAD_ARGUMENT)
        ws__complain("a disk has from 1 byte to 128 GiB", "\"%s\" is empty or too large for a disk", options->disk);
    else
        return ws__complain_status(status, options->disk);
    return WS__EXIT_USAGE;
}

int ws__system_disk_save(struct ws__system *system, const struct ws__options *options, int status)
{
    errno = 0;
    if (!options->disk || ws_machine_failure(system->machine) != WS_OK ||
        ws_machine_disk_save(system->machine) == WS_OK)
        return status;
    ws__complain(errno == ENOMEM ? NULL : "what the guest wrote is lost", "cannot write \"%s\": %s", options->disk,
                 errno ? strerror(errno) : ws_status_text(WS_NO_MEMORY));
    return WS__EXIT_HOST;
}

int ws__system_open(struct ws__system *system, const struct ws__options *options, bool watched, ws_serial_sink *serial,
                    void *serial_context)
{
    struct ws_machine_options machine_options = {
        .memory_bytes = (uint32_t)options->memory_bytes,
        .max_instructions = options->max_instructions,
        .serial = serial,
        .serial_context = serial_context,
        .ips = options->ips,
        .tlb = options->tlb,
    };
    enum ws_status status;
    *system = (struct ws__system){0};
    int result = options->image ? ws__load(system, options, &machine_options)
                 : options->lab ? laboratory_open(system, &machine_options)
                                : hosted_open(system, options, &machine_options);
    if (result == WS__EXIT_DONE && options->image)
        result = ws__load_names(system, options);
    if (result == WS__EXIT_DONE && watched && (status = ws__system_watch(system)) != WS_OK)
        result = ws__complain_status(status, "the guest cannot be watched");
    if (result == WS__EXIT_DONE && options->disk)
        result = disk_attach(system, options);
    if (result == WS__EXIT_DONE && options->record)
        result = ws__record_begin(system, options);
    if (result == WS__EXIT_DONE)
        result =
            ws__feed_open(&system->feed, system->machine, options->serial_in, options->command == WS__COMMAND_VIEW);
    if (result == WS__EXIT_DONE)
        result = ws__feed_keys(system->machine, options->keys);
    if (result == WS__EXIT_DONE && !watched && !options->quiet && (status = ws__late_begin(system)) != WS_OK)
        result = ws__complain_status(status, "the guest's names");
    if (result != WS__EXIT_DONE)
        ws__system_close(system);
    return result;
}

void ws__system_close(struct ws__system *system)
{
    ws__late_end(system);
    ws__feed_close(&system->feed);
    ws_audit_free(system->audit);
    ws_watcher_free(system->watcher);
    if (system->lab)
        ws_lab_free(system->lab);
    else
        ws_machine_free(system->machine);
    ws_symbols_free(system->own);
    if (system->session)
        ws_session_release(system->session);
    free(system->session);
    *system = (struct ws__system){0};
}

/* -- running ------------------------------------------------------------------------------------------- */

/* A guest that sleeps for good may be woken by the user at the keyboard.  false: this run has ended. */
static bool asleep_wait(struct ws__system *system, struct ws__output *output)
{
    enum ws_halt_reason reason = ws_machine_halt(system->machine)->reason;
    if (reason == WS_HALT_NONE)
        return true; /* what it was just given has woken it */
    if (reason != WS_HALT_ASLEEP || !system->feed.keys)
        return false;
    ws__output_flush(output);
    return ws__feed_wait(&system->feed, output);
}

void ws__system_run(struct ws__system *system, const struct ws__options *options, struct ws__output *output,
                    bool stream)
{
    struct ws__progress progress;
    ws__progress_begin(&progress, !options->quiet && !isatty(STDOUT_FILENO));
    while (!ws__output_done(output)) {
        uint64_t slice = ws__record_slice(system, stream ? SLICE_STREAM : SLICE);
        if (!slice)
            break;
        enum ws_stop stop = ws_machine_run(system->machine, slice);
        if (!ws__record_look(system))
            break;
        ws_machine_fail(system->machine, ws__late_look(system));
        if (system->timeline)
            ws_machine_fail(system->machine, ws_timeline_arrive(system->timeline));
        if (stream)
            ws__output_flush(output);
        else
            ws__output_relax(output);
        ws__feed_give(&system->feed);
        if (stop == WS_STOP_HALT && !asleep_wait(system, output))
            break;
        ws__progress_show(&progress, ws_machine_mark(system->machine));
    }
    ws__progress_end(&progress);
}

bool ws__system_run_to(struct ws__system *system, const struct ws__options *options, struct ws__output *output,
                       uint64_t mark)
{
    struct ws__progress progress;
    uint64_t now;
    ws__progress_begin(&progress, !options->quiet && !isatty(STDOUT_FILENO));
    while ((now = ws_machine_mark(system->machine)) < mark && !ws__output_done(output)) {
        ws__feed_give(&system->feed);
        uint64_t slice = ws__record_slice(system, mark - now < SLICE ? mark - now : SLICE);
        enum ws_stop stop = slice ? ws_machine_run(system->machine, slice) : WS_STOP_HALT;
        if (!ws__record_look(system) || stop == WS_STOP_HALT)
            break;
        ws__progress_show(&progress, ws_machine_mark(system->machine));
    }
    ws__progress_end(&progress);
    return !ws__output_done(output);
}

/* -- how it ended -------------------------------------------------------------------------------------- */

/* What to know, or to do, about it. */
static void hint_append(const struct ws_machine *machine, enum ws_halt_reason reason, struct ws_buffer *out)
{
    const struct ws_fault *obstacle = ws__fault_obstacle(ws_machine_halt(machine));
    if (reason == WS_HALT_REAL_MODE || reason == WS_HALT_VIRTUAL_8086)
        ws_buffer_printf(out, "16-bit modes are not emulated: keep the guest in 32-bit protected mode");
    if (obstacle) {
        ws_buffer_printf(out, "the CPU could not deliver it: ");
        ws_reason_append(out, &obstacle->reason);
        ws_buffer_printf(out, "; \"worldswitch why\" tells more");
    }
    ws_machine_sleep_explain(machine, out);
}

static enum ws_status halt_describe(struct ws__system *system, struct ws_buffer *out)
{
    const char *world = "?";
    enum ws_status status = ws__late_world(system, &world);
    const struct ws_halt *halt = ws_machine_halt(system->machine);
    ws_buffer_printf(out, "%s", ws_halt_text(halt->reason));
    if (halt->faults) {
        ws_buffer_printf(out, ": ");
        ws__fault_append(out, system->machine, &halt->fault[0]);
    }
    ws_buffer_printf(out, ", at mark %llu, eip ", (unsigned long long)halt->mark);
    ws__place_append(out, system->symbols, halt->eip);
    ws_buffer_printf(out, ", cr3 0x%08x", halt->cr3);
    if (status == WS_OK)
        ws_buffer_printf(out, ", world \"%s\"", world);
    if (halt->faults && halt->fault[0].origin == WS_ORIGIN_EXCEPTION) {
        ws_buffer_printf(out, ": ");
        ws_reason_append(out, &halt->fault[0].reason);
    }
    return out->failed ? WS_NO_MEMORY : status;
}

int ws__system_halt_tell(struct ws__system *system, const struct ws__options *options, int status)
{
    enum ws_halt_reason reason = ws_machine_halt(system->machine)->reason;
    struct ws_buffer text = WS_BUFFER_INIT, hint = WS_BUFFER_INIT;
    if (options->quiet || reason == WS_HALT_NONE || reason == WS_HALT_EXIT || reason == WS_HALT_HOST)
        return status;
    enum ws_status described = halt_describe(system, &text);
    hint_append(system->machine, reason, &hint);
    if (hint.failed)
        described = WS_NO_MEMORY;
    if (described == WS_OK)
        ws__complain(hint.size ? ws_buffer_text(&hint) : NULL, "%s", ws_buffer_text(&text));
    else if (ws_machine_failure(system->machine) == WS_OK)
        status = ws__complain_status(described, "how the run ended");
    ws_buffer_release(&text);
    ws_buffer_release(&hint);
    return status;
}

bool ws__system_is_process(const struct ws__system *system, const struct ws_registers *registers)
{
    struct ws_physical memory = ws_machine_memory(system->machine);
    struct ws_page_map map = {0};
    bool user = false;
    ws_machine_fail(system->machine, ws_page_map_read(&map, &memory, registers));
    for (size_t i = 0; i < map.count; i++)
        user |= map.run[i].user;
    ws_page_map_release(&map);
    return user && *ws_watcher_process(system->watcher, registers);
}

int ws__system_finish(struct ws__system *system, struct ws__output *output, int status)
{
    ws__output_fail(output, ws_machine_failure(system->machine));
    return ws__output_close(output, status);
}
