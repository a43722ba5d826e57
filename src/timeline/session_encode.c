/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a session file. */
#include "timeline/session_file.h"

#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

/* The host is little-endian: configure sees to it. */
static void u32_put(struct ws_buffer *out, uint32_t value)
{
    ws_buffer_append(out, &value, sizeof value);
}

static void u64_put(struct ws_buffer *out, uint64_t value)
{
    ws_buffer_append(out, &value, sizeof value);
}

static void chunk_begin(struct ws_buffer *out, const char *tag, uint64_t size)
{
    ws_buffer_append(out, tag, WS__SESSION_TAG_BYTES);
    u64_put(out, size);
}

static void chunk_put(struct ws_buffer *out, const char *tag, const void *bytes, size_t size)
{
    chunk_begin(out, tag, size);
    if (size)
        ws_buffer_append(out, bytes, size);
}

static void buffer_put(struct ws_buffer *out, const char *tag, const struct ws_buffer *buffer)
{
    if (buffer->size)
        chunk_put(out, tag, buffer->data, buffer->size);
}

static void options_put(struct ws_buffer *out, const struct ws_session *session)
{
    chunk_begin(out, "OPTS", 4 + 8 + 8 + 4 + 4 + 8);
    u32_put(out, session->memory_bytes);
    u64_put(out, session->max_instructions);
    u64_put(out, session->ips);
    u32_put(out, session->flat);
    u32_put(out, session->flat_phys);
    u64_put(out, session->end);
    if (!session->tlb)
        return; /* what is 0 is left out */
    chunk_begin(out, "TLBK", 4);
    u32_put(out, session->tlb);
}

static void checkpoints_put(struct ws_buffer *out, const struct ws_session *session)
{
    for (size_t i = 0; i < session->checkpoints; i++) {
        const struct ws_session_checkpoint *checkpoint = &session->checkpoint[i];
        chunk_begin(out, "CKPT", 8 + 8 + checkpoint->state.size);
        u64_put(out, checkpoint->mark);
        u64_put(out, checkpoint->hash);
        ws_buffer_append(out, checkpoint->state.data, checkpoint->state.size);
    }
}

static void inputs_put(struct ws_buffer *out, const char *tag, const struct ws_session_input *input, size_t inputs)
{
    for (size_t i = 0; i < inputs; i++) {
        chunk_begin(out, tag, 8 + input[i].bytes.size);
        u64_put(out, input[i].time);
        ws_buffer_append(out, input[i].bytes.data, input[i].bytes.size);
    }
}

static void content_put(struct ws_buffer *out, const struct ws_session *session)
{
    options_put(out, session);
    buffer_put(out, "NAME", &session->name);
    buffer_put(out, "CMDL", &session->command_line);
    buffer_put(out, "IMAG", &session->image);
    for (size_t i = 0; i < session->modules; i++) {
        const struct ws_session_module *module = &session->module[i];
        chunk_put(out, "MODC", module->content.data, module->content.size);
        chunk_put(out, "MODS", module->string.data, module->string.size);
    }
    buffer_put(out, "DISK", &session->disk);
    for (size_t i = 0; i < session->acts; i++) {
        const struct ws_session_act *act = &session->act[i];
        chunk_begin(out, "ACTS", 8 + 4 + 4 + act->bytes.size);
        u64_put(out, act->mark);
        u32_put(out, act->kind);
        u32_put(out, act->where);
        if (act->bytes.size)
            ws_buffer_append(out, act->bytes.data, act->bytes.size);
    }
    inputs_put(out, "INPT", session->input, session->inputs);
    inputs_put(out, "KEYS", session->key, session->keys);
    if (session->checks)
        chunk_put(out, "CHCK", session->check, session->checks * sizeof session->check[0]);
    checkpoints_put(out, session);
    for (size_t i = 0; i < session->marks; i++) {
        const struct ws_session_mark *mark = &session->mark[i];
        chunk_begin(out, "MARK", 8 + WS_NAME_BYTES + strlen(mark->note));
        u64_put(out, mark->mark);
        ws_buffer_append(out, mark->name, WS_NAME_BYTES);
        ws_buffer_append(out, mark->note, strlen(mark->note));
    }
}

/* FNV-1a, eight bytes at a time where there are eight: damage shall be noticed, not forgery. */
uint64_t ws__session_checksum(const uint8_t *file, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t at = 0; at < size;) {
        uint64_t word = 0;
        size_t here = size - at < sizeof word ? size - at : sizeof word;
        if (at <= WS__SESSION_CHECKSUM_AT && at + here > WS__SESSION_CHECKSUM_AT)
            here = WS__SESSION_CHECKSUM_AT - at;
        if (here) {
            memcpy(&word, file + at, here);
            hash = (hash ^ word) * UINT64_C(0x100000001b3);
            hash ^= hash >> 32;
        }
        at += here;
        if (at == WS__SESSION_CHECKSUM_AT)
            at += sizeof word;
    }
    return hash;
}

/* Head and body; `expanded` is the body's size before it was compressed, 0: it is not. */
static enum ws_status file_put(struct ws_buffer *out, const struct ws_buffer *body, size_t expanded)
{
    ws_buffer_append(out, WS__SESSION_MAGIC, WS__SESSION_MAGIC_BYTES);
    u32_put(out, WS_SESSION_VERSION);
    u32_put(out, expanded ? WS__SESSION_COMPRESSED : 0);
    u64_put(out, body->size);
    u64_put(out, expanded ? expanded : body->size);
    u64_put(out, 0);
    ws_buffer_append(out, body->data, body->size);
    if (out->failed)
        return WS_NO_MEMORY;
    uint64_t sum = ws__session_checksum((const uint8_t *)out->data, out->size);
    memcpy(out->data + WS__SESSION_CHECKSUM_AT, &sum, sizeof sum);
    return WS_OK;
}

enum ws_status ws__session_encode(const struct ws_session *session, struct ws_buffer *out)
{
    struct ws_buffer content = WS_BUFFER_INIT, packed = WS_BUFFER_INIT;
    ws_buffer_clear(out);
    content_put(&content, session);
    enum ws_status status = content.failed ? WS_NO_MEMORY : WS_OK;
    if (status == WS_OK && content.size > WS__SESSION_BYTES_MOST)
        status = WS_NO_ROOM;
    if (status == WS_OK)
        status = ws__session_compress(&content, &packed);
    if (status == WS_OK)
        status = file_put(out, &packed, content.size);
    else if (status == WS_UNSUPPORTED)
        status = file_put(out, &content, 0);
    ws_buffer_release(&content);
    ws_buffer_release(&packed);
    return status;
}

enum ws_status ws_session_write(const struct ws_session *session, const char *path)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    enum ws_status status = ws__session_encode(session, &file);
    if (status == WS_OK)
        status = ws_file_write(path, file.data, file.size);
    ws_buffer_release(&file);
    return status;
}
