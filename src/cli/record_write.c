/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recording a session, and writing it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "cli/record.h"

enum { FILE_LIMIT = 1 << 30, DISK_LIMIT = 512 << 20 };

static int file_take(const char *path, size_t limit, struct ws_buffer *out)
{
    errno = 0;
    enum ws_status status = ws_file_read(path, limit, out);
    if (status == WS_OK)
        return WS__EXIT_DONE;
    if (status == WS_BAD_FILE && errno == EFBIG)
        ws__complain("a session holds all that its run needs", "\"%s\" is too large for a session", path);
    else
        ws__complain(NULL, "cannot read \"%s\": %s", path,
                     errno ? strerror(errno) : ws_status_text(status));
    return WS__EXIT_USAGE;
}

/* The laboratory, or the hosted system with the disk that it is delivered with. */
static int builtin_take(struct ws__system *system, const struct ws__options *options,
                        struct ws_session *session)
{
    enum ws_status status = WS_OK;
    size_t bytes;
    if (system->lab) {
        status = ws_lab_write_image(system->lab, ws_laboratory_first(system->lab), &session->image);
        ws_buffer_printf(&session->name, "laboratory");
    } else {
        const void *content = ws_hosted_image(&bytes);
        ws_buffer_append(&session->image, content, bytes);
        ws_buffer_printf(&session->name, "hosted system");
        ws_buffer_printf(&session->command_line, "hosted.elf");
        content = ws_hosted_disk(&bytes);
        if (!options->disk)
            ws_buffer_append(&session->disk, content, bytes);
    }
    if (session->image.failed || session->disk.failed)
        status = WS_NO_MEMORY;
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_status(status, "the built-in system");
}

/* FILE or FILE=STRING, as load.c reads it. */
static int module_take(struct ws_session *session, const char *text)
{
    struct ws_session_module *module = &session->module[session->modules++];
    struct ws_buffer path = WS_BUFFER_INIT;
    size_t length = strcspn(text, "=");
    ws_buffer_append(&path, text, length);
    int result = file_take(ws_buffer_text(&path), FILE_LIMIT, &module->content);
    ws_buffer_printf(&module->string, "%s", text[length] ? text + length + 1 : text);
    ws_buffer_release(&path);
    return result;
}

static int image_take(const struct ws__options *options, struct ws_session *session)
{
    int result = file_take(options->image, FILE_LIMIT, &session->image);
    ws_buffer_printf(&session->name, "%s", options->image);
    session->flat = options->flat != WS__NO_ADDRESS;
    session->flat_phys = session->flat ? (uint32_t)options->flat : 0;
    if (!session->flat)
        ws_buffer_printf(&session->command_line, "%s %s", options->image,
                         options->append ? options->append : "");
    for (size_t i = 0; i < options->module.count && result == WS__EXIT_DONE; i++)
        result = module_take(session, options->module.text[i]);
    return result;
}

int ws__record_begin(struct ws__system *system, const struct ws__options *options)
{
    if (system->session) { /* a recording of a recording: the same, with other marks */
        return WS__EXIT_DONE;
    }
    struct ws_session *session = system->session = calloc(1, sizeof *session);
    if (!session)
        return ws__complain_status(WS_NO_MEMORY, options->record);
    session->memory_bytes = (uint32_t)options->memory_bytes;
    session->max_instructions = options->max_instructions;
    session->ips = options->ips;
    int result = options->image ? image_take(options, session) : builtin_take(system, options, session);
    if (result == WS__EXIT_DONE && options->disk)
        result = file_take(options->disk, DISK_LIMIT, &session->disk);
    return result;
}

/* NAME=MARK or NAME=MARK=NOTE */
static int mark_take(struct ws_session *session, const char *text)
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
        ws__complain("the session would never come there", "--mark \"%s\": the run ended at mark %llu",
                     text, (unsigned long long)session->end);
        return WS__EXIT_USAGE;
    }
    if (!number || ws_session_mark_set(session, name, mark, *end ? end + 1 : "") != WS_OK) {
        ws__complain("such as --mark entry=2080 or --mark entry=2080=\"the host leaves\"",
                     "--mark \"%s\" is not NAME=MARK or NAME=MARK=NOTE", text);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

/* What was asked for is written in any case; a mark that cannot be set is complained about. */
int ws__record_end(struct ws__system *system, const struct ws__options *options, int status)
{
    struct ws_session *session = system->session;
    if (!options->record || system->contradicted)
        return status;
    enum ws_status written = system->replays ? WS_OK : ws_session_finish(session, system->machine);
    for (size_t i = 0; i < options->mark.count; i++) {
        int result = mark_take(session, options->mark.text[i]);
        status = result == WS__EXIT_DONE ? status : result;
    }
    errno = 0;
    if (written == WS_OK)
        written = ws_session_write(session, options->record);
    if (written == WS_OK)
        return status;
    ws__complain("the recording is lost", "cannot write \"%s\": %s", options->record,
                 errno ? strerror(errno) : ws_status_text(written));
    return WS__EXIT_HOST;
}
