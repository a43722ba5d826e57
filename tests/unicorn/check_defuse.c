/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bytes count as a bit test of a register with a lock prefix: at the beginning of a frame, inside it, and at its
 * end.
 */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include <worldswitch/paging.h>

#include "unicorn/defuse.h"

static const struct {
    const char *name;
    uint8_t bytes;
    uint8_t code[6];
    bool inside; /* it is to be found at the beginning and inside of a frame */
    bool at_end; /* it is to be found at the end of a frame */
} rows[] = {
    {"lock bt", 4, {0xf0, 0x0f, 0xa3, 0xc0}, true, true},
    {"lock bts", 4, {0xf0, 0x0f, 0xab, 0xff}, true, true},
    {"lock btr", 4, {0xf0, 0x0f, 0xb3, 0xc1}, true, true},
    {"lock btc", 4, {0xf0, 0x0f, 0xbb, 0xe3}, true, true},
    {"lock bt by a number", 5, {0xf0, 0x0f, 0xba, 0xe0, 1}, true, true},
    {"lock btc by a number", 5, {0xf0, 0x0f, 0xba, 0xf8, 1}, true, true},
    {"prefixes", 6, {0xf0, 0x66, 0x2e, 0x0f, 0xa3, 0xc0}, true, true},
    {"in memory", 4, {0xf0, 0x0f, 0xab, 0x00}, false, false},
    {"no bit test", 4, {0xf0, 0x0f, 0xb1, 0xc0}, false, false},
    {"no bit test of 0f ba", 4, {0xf0, 0x0f, 0xba, 0xc0}, false, false},
    {"no two-byte opcode", 3, {0xf0, 0xa3, 0xc0}, false, false},
    {"no lock", 3, {0x0f, 0xa3, 0xc0}, false, false},
    {"the next frame has the opcode", 1, {0xf0}, false, true},
    {"the next frame has its second byte", 2, {0xf0, 0x0f}, false, true},
    {"the next frame has ModRM", 3, {0xf0, 0x0f, 0xa3}, false, true},
    {"the next frame has the rest of an inc", 2, {0xf0, 0xff}, false, false},
};

static void frame_expect(int row, unsigned at, bool wanted)
{
    uint8_t frame[WS_PAGE_BYTES] = {0}, *end = frame + sizeof frame;
    memcpy(frame + at, rows[row].code, rows[row].bytes);
    const uint8_t *found = ws__defuse_find(frame, end);
    ck_assert_msg(found == (wanted ? frame + at : NULL), "%s, at %u", rows[row].name, at);
    if (wanted) {
        ck_assert_ptr_null(ws__defuse_find(found + 1, end));
        frame[at] = WS__DEFUSED;
        ck_assert_ptr_null(ws__defuse_find(frame, end));
    }
}

START_TEST(locks_are_found)
{
    frame_expect(_i, 0, rows[_i].inside);
    frame_expect(_i, 777, rows[_i].inside);
    frame_expect(_i, WS_PAGE_BYTES - rows[_i].bytes, rows[_i].at_end);
}
END_TEST

Suite *defuse_suite(void)
{
    Suite *suite = suite_create("defuse");
    TCase *frames = tcase_create("frames");
    tcase_add_loop_test(frames, locks_are_found, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, frames);
    return suite;
}
