/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a recorded session, and comparing a run with it. */
#include "front/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

#define SUFFIX ".wsr"
enum { SUFFIX_LENGTH = sizeof SUFFIX - 1 };

/* Where a session's name ends: behind ".wsr", if that is the end or "@" follows; NULL: it is none. */
static const char *name_end(const char *image)
{
    size_t length = strlen(image);
    const char *at = strrchr(image, '@');
    if (length > SUFFIX_LENGTH && !strcmp(image + length - SUFFIX_LENGTH, SUFFIX))
        return image + length;
    if (at && at - image > SUFFIX_LENGTH && !memcmp(at - SUFFIX_LENGTH, SUFFIX, SUFFIX_LENGTH))
        return at;
    return NULL;
}

bool ws__record_is(const char *image)
{
    return name_end(image) != NULL;
}

/* -- opening ----------------------------------------------------------------------------------- */

/* What makes the machine stands in the session, and nothing else may. */
static int options_refuse(const struct ws__options *options)
{
    const char *which = options->memory_bytes             ? "--memory"
                        : options->linux_kernel           ? "--linux"
                        : options->append                 ? "--append"
                        : options->module.count           ? "--module"
                        : options->initrd                 ? "--initrd"
                        : options->flat != WS__NO_ADDRESS ? "--flat"
                        : options->disk                   ? "--disk"
                        : options->serial_in              ? "--serial-in"
                        : options->keys                   ? "--keys"
                        : options->ips                    ? "--ips"
                        : options->tlb                    ? "--tlb"
                                                          : NULL;
    if (!which)
        return WS__EXIT_DONE;
    ws__complain("leave it away, or record the image again with it", "%s: a recorded session has its own", which);
    return WS__EXIT_USAGE;
}

/* Say which names there are.  Returns an exit status. */
static int marks_tell(const struct ws_session *session, const char *path, const char *text)
{
    struct ws_buffer hint = WS_BUFFER_INIT;
    ws_buffer_printf(&hint, "give a number%s", session->marks ? ", or one of its names:" : "; it has no names");
    for (size_t i = 0; i < session->marks; i++) {
        const struct ws_session_mark *mark = &session->mark[i];
        ws_buffer_printf(&hint, "%s %s (%llu%s%s)", i ? "," : "", mark->name, (unsigned long long)mark->mark,
                         *mark->note ? ": " : "", mark->note);
    }
    int result = WS__EXIT_USAGE;
    if (hint.failed)
        result = ws__complain_status(WS_NO_MEMORY, path);
    else
        ws__complain(ws_buffer_text(&hint), "\"%s\" has no mark \"%s\"", path, text);
    ws_buffer_release(&hint);
    return result;
}

/* MARK: a number, or a name that the session knows. */
static int mark_take(struct ws_session *session, const char *path, const char *text)
{
    char *end;
    errno = 0;
    uint64_t mark = strtoull(text, &end, 0);
    bool number = *text >= '0' && *text <= '9' && !*end && !errno;
    if (!number && ws_session_mark_find(session, text, &mark) != WS_OK)
        return marks_tell(session, path, text);
    if (mark > session->end) {
        ws__complain("name an earlier mark", "\"%s\" ends at mark %llu", path, (unsigned long long)session->end);
        return WS__EXIT_USAGE;
    }
    session->end = mark;
    return WS__EXIT_DONE;
}

static int session_read(struct ws_session *session, const char *path, struct ws_buffer *why)
{
    errno = 0;
    enum ws_status status = ws_session_read(session, path, why);
    if (status == WS_OK)
        return WS__EXIT_DONE;
    return why->size || why->failed ? ws__complain_file(status, path, why) : ws__complain_unread(status, path);
}

void ws__record_cut(struct ws_session *session, uint64_t end)
{
    size_t good = ws_session_checkpoints_before(session, end);
    while (session->checkpoints > good)
        ws_buffer_release(&session->checkpoint[--session->checkpoints].state);
}

static int machine_make(struct ws__system *system, const char *path, const struct ws_machine_options *options,
                        struct ws_buffer *why)
{
    struct ws_session *session = system->session;
    if (options->max_instructions) {
        session->max_instructions = options->max_instructions;
        ws__record_cut(session, options->max_instructions);
    }
    enum ws_status status = ws_symbols_new(&system->own);
    if (status == WS_OK)
        status =
            ws_session_machine(session, options->serial, options->serial_context, &system->machine, system->own, why);
    if (status == WS_OK)
        status = ws_hosted_symbols(system->own, session->image.data, session->image.size);
    system->is_linux = !session->flat && ws_image_is_linux(session->image.data, session->image.size);
    system->symbols = system->own;
    if (status == WS_OK)
        return WS__EXIT_DONE;
    return ws__complain_file(status, path, why);
}

int ws__record_open(struct ws__system *system, const struct ws__options *options,
                    const struct ws_machine_options *machine_options)
{
    struct ws_buffer path = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    const char *end = name_end(options->image);
    int result = options_refuse(options);
    ws_buffer_append(&path, options->image, (size_t)(end - options->image));
    system->session = calloc(1, sizeof *system->session);
    if (result == WS__EXIT_DONE && (!system->session || path.failed))
        result = ws__complain_status(WS_NO_MEMORY, options->image);
    if (result == WS__EXIT_DONE)
        result = session_read(system->session, ws_buffer_text(&path), &why);
    if (result == WS__EXIT_DONE)
        system->end = system->session->end;
    if (result == WS__EXIT_DONE && *end)
        result = mark_take(system->session, ws_buffer_text(&path), end + 1);
    if (result == WS__EXIT_DONE)
        result = machine_make(system, ws_buffer_text(&path), machine_options, &why);
    system->replays = result == WS__EXIT_DONE;
    system->placed = *end;
    ws_buffer_release(&path);
    ws_buffer_release(&why);
    return result;
}

/* -- running ----------------------------------------------------------------------------------- */

uint64_t ws__record_slice(const struct ws__system *system, uint64_t slice)
{
    const struct ws_session *session = system->session;
    if (!session)
        return slice;
    uint64_t mark = ws_machine_mark(system->machine);
    uint64_t next = system->replays ? ws_session_next(session, mark, session->end) : ws_session_due(session, mark);
    if (next <= mark)
        return 0;
    return next - mark < slice ? next - mark : slice;
}

static bool agrees(const struct ws_session *session, const struct ws_machine *machine, uint64_t *good)
{
    uint64_t mark = ws_machine_mark(machine);
    if (!ws_session_contradicts(session, machine)) {
        *good = mark;
        return true;
    }
    ws__complain("another version of this program, or a defect of it: \"worldswitch doctor\"",
                 "the run is not the recorded one: the state at mark %llu is another; at mark %llu "
                 "it was the same",
                 (unsigned long long)mark, (unsigned long long)*good);
    return false;
}

bool ws__record_look(struct ws__system *system)
{
    if (!system->session || ws_machine_failure(system->machine) != WS_OK)
        return true;
    if (!system->replays) {
        ws_session_observe(system->session, system->machine);
        return true;
    }
    bool same = agrees(system->session, system->machine, &system->good);
    system->contradicted |= !same;
    return same;
}

/* As the visualizer will: through the last checkpoint that is good, if it saves much.  WS_OK, or WS_NO_MEMORY. */
static enum ws_status checkpoint_go(const struct ws_session *session, uint64_t mark, struct ws_machine *machine)
{
    for (size_t count = ws_session_checkpoints_before(session, mark); count; count--) {
        const struct ws_session_checkpoint *checkpoint = &session->checkpoint[count - 1];
        if (checkpoint->mark < WS_SESSION_WORTH)
            return WS_OK;
        enum ws_status status = ws_session_checkpoint_go(session, count - 1, machine);
        if (status == WS_OK || status == WS_NO_MEMORY)
            return status;
        ws__complain("what you see is right, but takes longer: an earlier one, or the start, is gone to instead",
                     "the session's checkpoint at mark %llu %s", (unsigned long long)checkpoint->mark,
                     status == WS_UNSUPPORTED ? "is another version's" : "is damaged");
    }
    return WS_OK;
}

int ws__record_verify(const struct ws_session *session, uint64_t mark)
{
    struct ws_machine *machine;
    uint64_t now, good = 0;
    enum ws_status status = ws_session_machine(session, NULL, NULL, &machine, NULL, NULL);
    if (status != WS_OK)
        return ws__complain_status(status, "the session");
    bool same = true;
    status = checkpoint_go(session, mark, machine);
    good = ws_machine_mark(machine);
    while (same && status == WS_OK && (now = ws_machine_mark(machine)) < mark) {
        enum ws_stop stop = ws_machine_run(machine, ws_session_next(session, now, mark) - now);
        status = ws_machine_failure(machine);
        same = status != WS_OK || agrees(session, machine, &good);
        if (stop == WS_STOP_HALT)
            break;
    }
    ws_machine_free(machine);
    if (status != WS_OK)
        return ws__complain_status(status, "the session");
    return same ? WS__EXIT_DONE : WS__EXIT_WANTING;
}
