/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recording a session, and writing it. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <worldswitch/hosted.h>

#include "front/load.h"
#include "front/progress.h"
#include "front/record.h"
#include "front/vm_disk.h"

enum { FILE_LIMIT = 1 << 30, DISK_LIMIT = 512 << 20 };

/* Without memory, it is one line. */
static int write_complain(const char *path, enum ws_status status, const char *hint)
{
    int error = errno;
    ws__complain(status == WS_NO_MEMORY || error == ENOMEM ? NULL : hint, "cannot write \"%s\": %s", path,
                 error ? strerror(error) : ws_status_text(status));
    return WS__EXIT_HOST;
}

static int file_take(const char *path, size_t limit, struct ws_buffer *out)
{
    errno = 0;
    enum ws_status status = ws_file_read(path, limit, out);
    if (status == WS_OK)
        return WS__EXIT_DONE;
    if (status == WS_BAD_FILE && errno == EFBIG)
        ws__complain("a session holds all that its run needs", "\"%s\" is too large for a session", path);
    else
        return ws__complain_unread(status, path);
    return WS__EXIT_USAGE;
}

/* The laboratory, or the hosted system with the disk that it is delivered with. */
static int builtin_take(struct ws__system *system, const struct ws__options *options, struct ws_session *session)
{
    enum ws_status status = WS_OK;
    size_t bytes;
    if (system->lab) {
        status = ws_lab_write_image(system->lab, ws_lab_system_first(system->lab), &session->image);
        ws_buffer_printf(&session->name, "laboratory");
    } else {
        const void *content = ws_hosted_image(&bytes);
        ws_buffer_append(&session->image, content, bytes);
        ws_buffer_printf(&session->name, "hosted system");
        ws_buffer_printf(&session->command_line, "hosted.elf");
        int result = options->disk ? WS__EXIT_DONE : ws__vm_disk(options, &session->disk);
        if (result != WS__EXIT_DONE)
            return result;
    }
    if (session->image.failed || session->disk.failed || session->name.failed || session->command_line.failed)
        status = WS_NO_MEMORY;
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_status(status, "the built-in system");
}

static int module_take(struct ws_session *session, const struct ws__options *options, size_t number)
{
    struct ws_session_module *module = ws_session_module_new(session);
    if (!module)
        return ws__complain_status(WS_NO_MEMORY, options->image);
    struct ws_buffer path = WS_BUFFER_INIT;
    ws_buffer_printf(&module->string, "%s", ws__load_module(options, number, &path));
    int result = path.failed || module->string.failed ? ws__complain_status(WS_NO_MEMORY, options->image)
                                                      : file_take(ws_buffer_text(&path), FILE_LIMIT, &module->content);
    ws_buffer_release(&path);
    return result;
}

static int image_take(const struct ws__system *system, const struct ws__options *options, struct ws_session *session)
{
    int result = file_take(options->image, FILE_LIMIT, &session->image);
    ws_buffer_printf(&session->name, "%s", options->image);
    session->flat = options->flat != WS__NO_ADDRESS;
    session->flat_phys = session->flat ? (uint32_t)options->flat : 0;
    if (!session->flat)
        ws__load_command_line(&session->command_line, options, &session->image);
    session->memory_bytes = ws_machine_memory(system->machine).bytes;
    for (size_t i = 0; i < ws__load_modules(options) && result == WS__EXIT_DONE; i++)
        result = module_take(session, options, i);
    if (result == WS__EXIT_DONE && (session->name.failed || session->command_line.failed))
        result = ws__complain_status(WS_NO_MEMORY, options->image);
    return result;
}

/* Could a file be written there?  Better known before the run than behind it. */
static int place_check(const char *path)
{
    static const char page[4096];
    struct ws_buffer name = WS_BUFFER_INIT;
    struct stat there;
    int result = WS__EXIT_DONE;
    if (!strcmp(path, "-"))
        return result;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) {
        /* A pipe stays open: who reads it shall not see an end before the session has come. */
        bool writes = ws_file_open_special(path) >= 0;
        return writes ? result : write_complain(path, WS_BAD_FILE, "nothing has been run");
    }
    ws_buffer_printf(&name, "%s.try-%ld", path, (long)getpid());
    errno = 0;
    if (name.failed || ws_file_write(ws_buffer_text(&name), page, sizeof page) != WS_OK)
        result = write_complain(path, name.failed ? WS_NO_MEMORY : WS_BAD_FILE, "nothing has been run");
    else
        unlink(ws_buffer_text(&name));
    ws_buffer_release(&name);
    return result;
}

int ws__record_begin(struct ws__system *system, const struct ws__options *options)
{
    int result = place_check(options->record);
    if (system->session || result != WS__EXIT_DONE) /* a recording of a recording: the same, with other marks */
        return result;
    struct ws_session *session = system->session = calloc(1, sizeof *session);
    if (!session)
        return ws__complain_status(WS_NO_MEMORY, options->record);
    session->memory_bytes = (uint32_t)options->memory_bytes;
    session->max_instructions = options->max_instructions;
    session->ips = options->ips;
    session->tlb = options->tlb;
    result = options->image ? image_take(system, options, session) : builtin_take(system, options, session);
    if (result == WS__EXIT_DONE && options->disk)
        result = file_take(options->disk, DISK_LIMIT, &session->disk);
    return result;
}

/* NAME=MARK or NAME=MARK=NOTE */
static int mark_take(struct ws_session *session, const char *path, const char *text)
{
    size_t length = strcspn(text, "=");
    char name[WS_NAME_BYTES] = "", *end = NULL;
    uint64_t mark = 0;
    if (length < sizeof name && text[length]) {
        memcpy(name, text, length);
        mark = strtoull(text + length + 1, &end, 0);
    }
    bool number = end && end != text + length + 1 && (!*end || *end == '=');
    if (number && mark > session->end) {
        ws__complain("the session would never come there", "--mark \"%s\": the run ended at mark %llu", text,
                     (unsigned long long)session->end);
        return WS__EXIT_USAGE;
    }
    enum ws_status status = number ? ws_session_mark_set(session, name, mark, *end ? end + 1 : "") : WS_BAD_ARGUMENT;
    if (status == WS_NO_MEMORY) {
        ws__complain(NULL, "\"%s\" is written without the mark \"%s\": %s", path, text, ws_status_text(status));
        return WS__EXIT_HOST;
    }
    if (status != WS_OK) {
        ws__complain("such as --mark entry=2080 or --mark entry=2080=\"the host leaves\"",
                     "--mark \"%s\" is not NAME=MARK or NAME=MARK=NOTE", text);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

/* -- running it once more ---------------------------------------------------------------------- */

/* Ctrl-C, and progress, while the session is run again. */
struct again {
    struct ws__output output; /* writes nothing */
    struct ws__progress progress;
};

static bool again_asked(void *context, uint64_t mark)
{
    struct again *again = context;
    ws__progress_show(&again->progress, mark);
    return ws__output_done(&again->output);
}

static void again_begin(struct again *again, const struct ws__options *options)
{
    ws__output_open(&again->output, NULL);
    ws__progress_begin(&again->progress, !options->quiet);
}

/* The recording is worth something without them, and is written. */
static int checkpoints_make(struct ws_session *session, const struct ws__options *options, int status)
{
    uint64_t mark[WS_SESSION_CHECKPOINTS];
    struct again again;
    ws__record_cut(session, session->end);
    if (options->checkpoints == WS__NO_CHECKPOINTS)
        return status;
    size_t marks = ws_session_checkpoint_marks(session, options->checkpoints, mark);
    again_begin(&again, options);
    enum ws_status made = ws_session_checkpoints_make(session, mark, marks, again_asked, &again);
    ws__progress_end(&again.progress);
    if (made == WS_OK)
        return status;
    ws__complain(made == WS_NO_ROOM ? "ask for fewer" : NULL, "\"%s\" is written without checkpoints: %s",
                 options->record,
                 made == WS_NO_ROOM     ? "they are too much for a file"
                 : made == WS_BAD_IMAGE ? "the run again is not the recorded one"
                                        : ws_status_text(made));
    return made == WS_INTERRUPTED ? WS__EXIT_INTERRUPTED : WS__EXIT_HOST;
}

/* -- the end ----------------------------------------------------------------------------------- */

/* What was asked for is written in any case; a mark that cannot be set is complained about. */
static int session_write(struct ws_session *session, const struct ws__options *options, int status)
{
    for (size_t i = 0; i < options->mark.count; i++) {
        int result = mark_take(session, options->record, options->mark.text[i]);
        status = result == WS__EXIT_DONE ? status : result;
    }
    status = checkpoints_make(session, options, status);
    errno = 0;
    enum ws_status written = ws_session_write(session, options->record);
    return written == WS_OK ? status : write_complain(options->record, written, "the recording is lost");
}

int ws__record_end(struct ws__system *system, const struct ws__options *options, int status)
{
    struct ws_session *session = system->session;
    if (!options->record || system->contradicted || ws_machine_failure(system->machine) != WS_OK)
        return status;
    enum ws_status finished = system->replays ? WS_OK : ws_session_finish(session, system->machine);
    if (finished != WS_OK)
        return ws__complain_status(finished, options->record);
    return session_write(session, options, status);
}

/* A copy keeps the end that it had, unless the user has named a later mark. */
static void copy_end(struct ws_session *session, uint64_t end)
{
    session->end = end;
    if (session->marks && session->mark[session->marks - 1].mark > end)
        session->end = session->mark[session->marks - 1].mark;
}

int ws__record_end_visited(struct ws__system *system, const struct ws__options *options, uint64_t frontier)
{
    struct ws_session *session = system->session;
    struct again again;
    if (system->replays) {
        copy_end(session, system->end);
        return session_write(session, options, WS__EXIT_DONE);
    }
    again_begin(&again, options);
    enum ws_status status = ws_session_finish_visited(session, system->machine, frontier, again_asked, &again);
    ws__progress_end(&again.progress);
    if (status == WS_BAD_IMAGE) {
        ws__complain("a defect of this program: \"worldswitch doctor\"",
                     "\"%s\" is not written: the run again is another one", options->record);
        return WS__EXIT_WANTING;
    }
    if (status != WS_OK && status != WS_INTERRUPTED)
        return ws__complain_status(status, options->record);
    return session_write(session, options, status == WS_OK ? WS__EXIT_DONE : WS__EXIT_INTERRUPTED);
}
