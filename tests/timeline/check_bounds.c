/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much a session file may have of each kind.  A small file expands to millions of chunks: they are counted before
 * anything is allocated for them.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "timeline/session_file.h"

Suite *bounds_suite(void);

static void chunk_put(struct ws_buffer *out, const char *tag, const void *bytes, uint64_t size)
{
    ws_buffer_append(out, tag, WS__SESSION_TAG_BYTES);
    ws_buffer_append(out, &size, sizeof size);
    if (size)
        ws_buffer_append(out, bytes, size);
}

/* A file with an image, and so many chunks of a kind; not compressed, so that it can be made by hand. */
static void file_make(struct ws_buffer *out, const char *tag, const void *bytes, size_t size, size_t count)
{
    struct ws_buffer content = WS_BUFFER_INIT;
    uint32_t version = WS_SESSION_VERSION, flags = 0;
    uint64_t sum = 0;
    if (strcmp(tag, "IMAG") != 0)
        chunk_put(&content, "IMAG", "image", 5);
    if (strcmp(tag, "MODS") == 0)
        chunk_put(&content, "MODC", "module", 6);
    for (size_t i = 0; i < count; i++)
        chunk_put(&content, tag, bytes, size);
    uint64_t bytes_there = content.size;
    ws_buffer_append(out, WS__SESSION_MAGIC, WS__SESSION_MAGIC_BYTES);
    ws_buffer_append(out, &version, sizeof version);
    ws_buffer_append(out, &flags, sizeof flags);
    ws_buffer_append(out, &bytes_there, sizeof bytes_there);
    ws_buffer_append(out, &bytes_there, sizeof bytes_there);
    ws_buffer_append(out, &sum, sizeof sum);
    ws_buffer_append(out, content.data, content.size);
    ck_assert(!out->failed && !content.failed);
    sum = ws__session_checksum((const uint8_t *)out->data, out->size);
    memcpy(out->data + WS__SESSION_CHECKSUM_AT, &sum, sizeof sum);
    ws_buffer_release(&content);
}

static enum ws_status decode(const char *tag, const void *bytes, size_t size, size_t count)
{
    static struct ws_session session;
    struct ws_buffer file = WS_BUFFER_INIT;
    file_make(&file, tag, bytes, size, count);
    enum ws_status status = ws__session_decode(&session, file.data, file.size, NULL);
    ws_session_release(&session);
    ws_buffer_release(&file);
    return status;
}

/* tag, content, its size, how many there may be.  Of those whose order matters, equal ones may follow each other. */
static const struct {
    const char *tag, *bytes;
    size_t size, most;
} row[] = {
    {"OPTS", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 36, 1},
    {"NAME", "name", 4, 1},
    {"CMDL", "words", 5, 1},
    {"IMAG", "image", 5, 1},
    {"MODC", "", 0, WS_SESSION_MODULES},
    {"MODS", "", 0, WS_SESSION_MODULES},
    {"DISK", "disk", 4, 1},
    {"INPT", "\0\0\0\0\0\0\0\0x", 9, WS_SESSION_INPUTS},
    {"CHCK", "", 0, 1},
    {"MARK", "\0\0\0\0\0\0\0\0name\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 40, WS_SESSION_MARKS},
};

START_TEST(as_many_as_there_may_be)
{
    ck_assert_int_eq(decode(row[_i].tag, row[_i].bytes, row[_i].size, row[_i].most), WS_OK);
}
END_TEST

START_TEST(one_too_many)
{
    ck_assert_int_eq(decode(row[_i].tag, row[_i].bytes, row[_i].size, row[_i].most + 1), WS_BAD_IMAGE);
}
END_TEST

/* Input without a byte is none, and no recorder writes it. */
START_TEST(empty_input)
{
    ck_assert_int_eq(decode("INPT", "\0\0\0\0\0\0\0\0", 8, 1), WS_BAD_IMAGE);
}
END_TEST

Suite *bounds_suite(void)
{
    Suite *suite = suite_create("bounds");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, as_many_as_there_may_be, 0, sizeof row / sizeof row[0]);
    tcase_add_loop_test(all, one_too_many, 0, sizeof row / sizeof row[0]);
    tcase_add_test(all, empty_input);
    suite_add_tcase(suite, all);
    return suite;
}
