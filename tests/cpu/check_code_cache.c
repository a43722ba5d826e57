/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache of decoded instructions: an entry counts only while all bytes that the decoder has looked at are the
 * same.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/paging.h>

#include "cpu/code_cache.h"

Suite *code_cache_suite(void);

enum { HERE = 0x1000 };

static struct ws__code_cache *cache;
static uint8_t page[2 * WS_PAGE_BYTES];
static uint32_t readable; /* how many bytes of `page` can be read */

static const uint8_t *find(void *context, uint32_t linear)
{
    ck_assert_ptr_eq(context, page);
    return linear - HERE < readable ? page + (linear - HERE) : NULL;
}

static void setup(void)
{
    const struct ws__code_source source = {page, find};
    memset(page, 0, sizeof page);
    readable = sizeof page;
    ck_assert_int_eq(ws__code_cache_new(&cache, &source), WS_OK);
}

static void teardown(void)
{
    ws__code_cache_free(cache);
}

static struct ws__decoded decode_anew(const uint8_t *code)
{
    struct ws_disasm *disasm;
    struct ws__decoded decoded;
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    ws__decode(&decoded, disasm, code, WS_INSTRUCTION_BYTES, true);
    ws_disasm_free(disasm);
    return decoded;
}

/* Change the second and third byte behind some opcodes.  The cache must find what a new decoder finds: one change makes
 * a `mov` to a segment register that does not exist into one to a register that does. */
START_TEST(each_byte_counts)
{
    static const uint8_t opcodes[] = {0x8e, 0x8c, 0xc4, 0xc6, 0xfe, 0xff, 0x8f, 0x62, 0xf0, 0x0f};
    page[0] = opcodes[_i];
    for (unsigned second = 0; second < 256; second += 3) {
        for (unsigned third = 0; third < 256; third += 85) {
            page[1] = (uint8_t)second;
            page[2] = (uint8_t)third;
            struct ws__decoded expected = decode_anew(page);
            const struct ws__decoded *found = ws__code_cache_find(cache, HERE, true);
            ck_assert_msg(found->class_ == expected.class_ && found->length == expected.length,
                          "%02x %02x %02x: class %u, %u bytes", page[0], second, third, found->class_, found->length);
        }
    }
}
END_TEST

/* At the end of what can be read, bytes that are no instruction may become one when more can be read. */
START_TEST(what_cannot_be_read_is_not_remembered)
{
    uint32_t last = HERE + WS_PAGE_BYTES - 1;
    page[WS_PAGE_BYTES - 1] = 0x8e;
    page[WS_PAGE_BYTES] = 0xd0;
    readable = WS_PAGE_BYTES;
    ck_assert_uint_eq(ws__code_cache_find(cache, last, true)->length, 0);
    readable = sizeof page;
    ck_assert_uint_eq(ws__code_cache_find(cache, last, true)->class_, WS__CLASS_LOAD_SS);
}
END_TEST

Suite *code_cache_suite(void)
{
    Suite *suite = suite_create("code cache");
    TCase *tests = tcase_create("bytes");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, each_byte_counts, 0, 10);
    tcase_add_test(tests, what_cannot_be_read_is_not_remembered);
    suite_add_tcase(suite, tests);
    return suite;
}
