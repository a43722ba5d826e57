/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a session file: every byte of it may be wrong.
 */
#include "timeline/session_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

#include "base/reader.h"

/* All that is left. */
static enum ws_status rest_get(struct ws__reader *reader, struct ws_buffer *out)
{
    ws_buffer_clear(out);
    if (reader->left)
        ws_buffer_append(out, reader->at, reader->left);
    reader->at += reader->left;
    reader->left = 0;
    return out->failed ? WS_NO_MEMORY : WS_OK;
}

/* -- chunks ------------------------------------------------------------------------------------ */

static enum ws_status options_get(struct ws_session *session, struct ws__reader *reader)
{
    session->memory_bytes = ws__reader_u32(reader);
    session->max_instructions = ws__reader_u64(reader);
    session->ips = ws__reader_u64(reader);
    session->flat = ws__reader_u32(reader) != 0;
    session->flat_phys = ws__reader_u32(reader);
    session->end = ws__reader_u64(reader);
    return WS_OK;
}

static enum ws_status tlb_get(struct ws_session *session, struct ws__reader *reader)
{
    session->tlb = ws__reader_u32(reader);
    return session->tlb <= WS_TLB_KEEP ? WS_OK : WS_BAD_IMAGE;
}

static enum ws_status module_get(struct ws_session *session, struct ws__reader *reader)
{
    struct ws_session_module *module = ws_session_module_new(session);
    return module ? rest_get(reader, &module->content) : WS_NO_MEMORY;
}

/* Of the module that came just before. */
static enum ws_status string_get(struct ws_session *session, struct ws__reader *reader)
{
    if (!session->modules)
        return WS_BAD_IMAGE;
    return rest_get(reader, &session->module[session->modules - 1].string);
}

static enum ws_status lot_get(struct ws__reader *reader, struct ws_session_input **input, size_t *inputs)
{
    uint64_t time = ws__reader_u64(reader);
    if (!reader->left || (*inputs && time < (*input)[*inputs - 1].time))
        return WS_BAD_IMAGE;
    if (!ws__session_grow(input, *inputs, sizeof **input))
        return WS_NO_MEMORY;
    struct ws_session_input *lot = &(*input)[(*inputs)++];
    *lot = (struct ws_session_input){.time = time};
    return rest_get(reader, &lot->bytes);
}

static enum ws_status input_get(struct ws_session *session, struct ws__reader *reader)
{
    return lot_get(reader, &session->input, &session->inputs);
}

static enum ws_status key_get(struct ws_session *session, struct ws__reader *reader)
{
    return lot_get(reader, &session->key, &session->keys);
}

/* What the machine cannot do is found when it is told. */
static enum ws_status act_get(struct ws_session *session, struct ws__reader *reader)
{
    if (!ws__session_grow(&session->act, session->acts, sizeof *session->act))
        return WS_NO_MEMORY;
    struct ws_session_act *act = &session->act[session->acts++];
    *act = (struct ws_session_act){.mark = ws__reader_u64(reader)};
    act->kind = ws__reader_u32(reader);
    act->where = ws__reader_u32(reader);
    return rest_get(reader, &act->bytes);
}

static enum ws_status checks_get(struct ws_session *session, struct ws__reader *reader)
{
    while (reader->left && !reader->bad && session->checks < WS_SESSION_CHECKS) {
        struct ws_session_check *check = &session->check[session->checks];
        ws__reader_bytes(reader, check, sizeof *check);
        if (session->checks && check->mark <= check[-1].mark)
            return WS_BAD_IMAGE;
        session->checks++;
    }
    return WS_OK;
}

static enum ws_status checkpoint_get(struct ws_session *session, struct ws__reader *reader)
{
    if (!ws__session_grow(&session->checkpoint, session->checkpoints, sizeof *session->checkpoint))
        return WS_NO_MEMORY;
    struct ws_session_checkpoint *checkpoint = &session->checkpoint[session->checkpoints++];
    *checkpoint = (struct ws_session_checkpoint){.mark = ws__reader_u64(reader)};
    checkpoint->hash = ws__reader_u64(reader);
    if (!checkpoint->mark || (session->checkpoints > 1 && checkpoint->mark <= checkpoint[-1].mark))
        return WS_BAD_IMAGE;
    return rest_get(reader, &checkpoint->state);
}

static enum ws_status mark_get(struct ws_session *session, struct ws__reader *reader)
{
    char name[WS_NAME_BYTES], note[WS_SESSION_NOTE] = "";
    uint64_t mark = ws__reader_u64(reader);
    ws__reader_bytes(reader, name, sizeof name);
    if (name[WS_NAME_BYTES - 1] || reader->left >= sizeof note)
        return WS_BAD_IMAGE;
    ws__reader_bytes(reader, note, reader->left);
    enum ws_status status = ws_session_mark_set(session, name, mark, note);
    return status == WS_OK || status == WS_NO_MEMORY ? status : WS_BAD_IMAGE;
}

/* Each kind of chunk, how to read it, and how many a session may have: a small file can expand to millions.  A chunk
 * without a function is text or bytes, which a buffer of the session keeps: the row says where that buffer is. */
static const struct {
    const char *tag;
    enum ws_status (*get)(struct ws_session *session, struct ws__reader *reader);
    size_t most;
    size_t buffer;
} chunk[] = {
    {"OPTS", options_get, 1, 0},
    {"TLBK", tlb_get, 1, 0},
    {"NAME", NULL, 1, offsetof(struct ws_session, name)},
    {"CMDL", NULL, 1, offsetof(struct ws_session, command_line)},
    {"IMAG", NULL, 1, offsetof(struct ws_session, image)},
    {"MODC", module_get, WS_SESSION_MODULES, 0},
    {"MODS", string_get, WS_SESSION_MODULES, 0},
    {"DISK", NULL, 1, offsetof(struct ws_session, disk)},
    {"INPT", input_get, WS_SESSION_INPUTS, 0},
    {"KEYS", key_get, WS_SESSION_INPUTS, 0},
    {"ACTS", act_get, WS_SESSION_ACTS, 0},
    {"CHCK", checks_get, 1, 0},
    {"CKPT", checkpoint_get, WS_SESSION_CHECKPOINTS, 0},
    {"MARK", mark_get, WS_SESSION_MARKS, 0},
};

enum { KINDS = sizeof chunk / sizeof chunk[0] };

/* What has been read so far. */
struct decoding {
    struct ws_session *session;
    struct ws__reader reader;
    size_t seen[KINDS];
};

/* One chunk, which must be known, not be one too many, and be used up. */
static enum ws_status chunk_get(struct decoding *decoding)
{
    struct ws__reader *reader = &decoding->reader;
    char tag[WS__SESSION_TAG_BYTES];
    unsigned kind = 0;
    ws__reader_bytes(reader, tag, sizeof tag);
    uint64_t size = ws__reader_u64(reader);
    if (reader->bad || size > reader->left)
        return WS_BAD_IMAGE;
    struct ws__reader inner = {.at = reader->at, .left = (size_t)size};
    reader->at += size;
    reader->left -= (size_t)size;
    while (kind < KINDS && memcmp(chunk[kind].tag, tag, sizeof tag) != 0)
        kind++;
    if (kind == KINDS || decoding->seen[kind]++ == chunk[kind].most)
        return WS_BAD_IMAGE;
    void *buffer = (char *)decoding->session + chunk[kind].buffer;
    enum ws_status status = chunk[kind].get ? chunk[kind].get(decoding->session, &inner) : rest_get(&inner, buffer);
    return status == WS_OK && (inner.bad || inner.left) ? WS_BAD_IMAGE : status;
}

/* -- the file ---------------------------------------------------------------------------------- */

/* Say why, and answer `status`. */
static enum ws_status refuse(struct ws_buffer *why, enum ws_status status, const char *text)
{
    if (why) {
        ws_buffer_clear(why);
        ws_buffer_printf(why, "%s", text);
    }
    return why && why->failed ? WS_NO_MEMORY : status;
}

static enum ws_status content_get(struct ws_session *session, const struct ws_buffer *content, struct ws_buffer *why)
{
    struct decoding decoding = {.session = session,
                                .reader = {.at = (const uint8_t *)content->data, .left = content->size}};
    while (decoding.reader.left) {
        enum ws_status status = chunk_get(&decoding);
        if (status == WS_BAD_IMAGE)
            return refuse(why, status, "the session's content makes no sense: record it again");
        if (status != WS_OK)
            return status;
    }
    if (!session->image.size)
        return refuse(why, WS_BAD_IMAGE, "the session has no image: record it again");
    return WS_OK;
}

static enum ws_status body_get(struct ws_session *session, struct ws__reader *reader, bool compressed,
                               uint64_t expanded, struct ws_buffer *why)
{
    struct ws_buffer content = WS_BUFFER_INIT;
    enum ws_status status = WS_OK;
    if (compressed) {
        status = ws__session_expand(reader->at, reader->left, (size_t)expanded, &content);
        if (status == WS_BAD_IMAGE)
            status = refuse(why, status, "the session is damaged: its content cannot be expanded");
        else if (status == WS_UNSUPPORTED)
            status = refuse(why, status,
                            "the session is compressed, and this copy was built without zstd: install "
                            "libzstd-dev and build again");
    } else {
        status = rest_get(reader, &content);
    }
    if (status == WS_OK)
        status = content_get(session, &content, why);
    ws_buffer_release(&content);
    return status;
}

static enum ws_status version_refuse(struct ws_buffer *why, uint32_t version)
{
    char text[160];
    snprintf(text, sizeof text,
             "the session has version %u, and this program reads version %d: record it again, or use the program that "
             "wrote it",
             version, WS_SESSION_VERSION);
    return refuse(why, WS_UNSUPPORTED, text);
}

static enum ws_status file_get(struct ws_session *session, const void *bytes, size_t size, struct ws_buffer *why)
{
    struct ws__reader reader = {.at = bytes, .left = size};
    char magic[WS__SESSION_MAGIC_BYTES];
    if (!ws__session_is(bytes, size))
        return refuse(why, WS_BAD_IMAGE, "it is not a recorded session");
    ws__reader_bytes(&reader, magic, sizeof magic);
    uint32_t version = ws__reader_u32(&reader), flags = ws__reader_u32(&reader);
    uint64_t packed = ws__reader_u64(&reader), expanded = ws__reader_u64(&reader);
    uint64_t sum = ws__reader_u64(&reader);
    if (!reader.bad && version != WS_SESSION_VERSION)
        return version_refuse(why, version);
    if (reader.bad || packed > reader.left)
        return refuse(why, WS_BAD_IMAGE, "the session is cut off: copy it again");
    if (packed < reader.left || sum != ws__session_checksum(bytes, size) || flags > WS__SESSION_COMPRESSED ||
        expanded > WS__SESSION_BYTES_MOST)
        return refuse(why, WS_BAD_IMAGE, "the session is damaged: its checksum is wrong; copy it again");
    return body_get(session, &reader, flags & WS__SESSION_COMPRESSED, expanded, why);
}

bool ws__session_is(const void *bytes, size_t size)
{
    return size >= WS__SESSION_MAGIC_BYTES && !memcmp(bytes, WS__SESSION_MAGIC, WS__SESSION_MAGIC_BYTES);
}

enum ws_status ws__session_decode(struct ws_session *session, const void *bytes, size_t size, struct ws_buffer *why)
{
    enum ws_status status = file_get(session, bytes, size, why);
    if (status != WS_OK)
        ws_session_release(session);
    return status;
}

enum ws_status ws_session_read(struct ws_session *session, const char *path, struct ws_buffer *why)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    enum ws_status status = ws_file_read(path, WS__SESSION_BYTES_MOST, &file);
    if (status == WS_OK)
        status = ws__session_decode(session, file.data, file.size, why);
    ws_buffer_release(&file);
    return status;
}
