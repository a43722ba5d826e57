/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * World switches of other styles than the built-in one, for tests: all are correct, and none has 45 instructions.
 */
#ifndef TESTS_WORLDS_OWN_CROSS_H
#define TESTS_WORLDS_OWN_CROSS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/lab.h>

static const char *const own_cross[] = {"iret", "jump", "ret"};

enum { OWN_CROSSES = sizeof own_cross / sizeof *own_cross };

/* *code points into *file, which the caller releases. */
static inline void own_cross_read(const char *name, struct ws_buffer *file, struct ws_cross_code *code)
{
    const char *folder = getenv("top_builddir");
    char path[512];

    snprintf(path, sizeof path, "%s/guest/tests/worlds/cross_%s.bin", folder ? folder : ".", name);
    *file = (struct ws_buffer)WS_BUFFER_INIT;
    ck_assert_msg(ws_file_read(path, 1 << 16, file) == WS_OK, "%s", path);
    ck_assert_int_eq(ws_cross_code_read(code, file->data, file->size), WS_OK);
}

#endif
