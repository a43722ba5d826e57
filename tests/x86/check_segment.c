/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors, gates and selectors.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "many.h"
#include "x86/segment.h"

static void raw_from(uint8_t raw[WS_DESCRIPTOR_BYTES], uint64_t value)
{
    for (int i = 0; i < WS_DESCRIPTOR_BYTES; i++)
        raw[i] = (uint8_t)(value >> 8 * i);
}

/* Descriptors as a GDT holds them, each written as one 64-bit number. */
static const struct {
    uint64_t raw;
    const char *text;
} descriptors[] = {
    {0x0000000000000000, "empty"},
    {0x00cf9a000000ffff, "32-bit code, readable, base 0x00000000, limit 0xffffffff, DPL 0, present"},
    {0x00cf92000000ffff, "data, writable, base 0x00000000, limit 0xffffffff, DPL 0, present"},
    {0x00cffa000000ffff, "32-bit code, readable, base 0x00000000, limit 0xffffffff, DPL 3, present"},
    {0x00cff3000000ffff, "data, writable, base 0x00000000, limit 0xffffffff, DPL 3, present"},
    {0x00409e0000001234, "32-bit code, readable, conforming, base 0x00000000, limit 0x00001234, DPL 0, present"},
    {0x000098000000ffff, "16-bit code, execute-only, base 0x00000000, limit 0x0000ffff, DPL 0, present"},
    {0x00cf96000000fffe, "data, writable, expand-down, base 0x00000000, valid above 0xffffefff, DPL 0, present"},
    {0x00c0140000000001, "data, read-only, expand-down, base 0x00000000, valid above 0x00001fff, DPL 0, not present"},
    {0x1200893456780067, "32-bit TSS (available), base 0x12345678, limit 0x00000067, DPL 0, present"},
    {0x80008b1000000067, "32-bit TSS (busy), base 0x80100000, limit 0x00000067, DPL 0, present"},
    {0x0000820010000017, "LDT, base 0x00001000, limit 0x00000017, DPL 0, present"},
    {0x0000ec0000081234, "32-bit call gate, DPL 3, present"},
    {0x0000880000000000, "reserved type 8, base 0x00000000, limit 0x00000000, DPL 0, present"},
};

START_TEST(descriptors_are_said_in_words)
{
    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++) {
        uint8_t raw[WS_DESCRIPTOR_BYTES];
        struct ws_descriptor descriptor;
        struct ws_buffer text = WS_BUFFER_INIT;
        raw_from(raw, descriptors[i].raw);
        ws_descriptor_decode(&descriptor, raw);
        ws_descriptor_describe(&text, &descriptor);
        ck_assert_msg(strcmp(ws_buffer_text(&text), descriptors[i].text) == 0, "%016llx is \"%s\", not \"%s\"",
                      (unsigned long long)descriptors[i].raw, ws_buffer_text(&text), descriptors[i].text);
        ws_buffer_release(&text);
    }
}
END_TEST

/* Encoding must give back all bits of a descriptor, except bit 5 of byte 6, which means nothing in 32-bit mode. */
START_TEST(encoding_inverts_decoding)
{
    uint64_t state = 1;
    for (int i = 0; i < 100000; i++) {
        uint8_t raw[WS_DESCRIPTOR_BYTES], back[WS_DESCRIPTOR_BYTES];
        struct ws_descriptor descriptor;
        state = state * 6364136223846793005u + 1442695040888963407u;
        raw_from(raw, state ^ state >> 29);
        raw[6] &= 0xdf;
        ws_descriptor_decode(&descriptor, raw);
        ws_descriptor_encode(back, &descriptor);
        MANY_CHECK(memcmp(raw, back, sizeof raw) == 0, "round %d", i);
    }
}
END_TEST

static const struct {
    uint32_t limit;
    bool granular;
    uint32_t stored;
} limits[] = {
    {0, false, 0},
    {0xfffff, false, 0xfffff},
    {0x100000, false, 0x100fff}, /* needs granularity: rounded up to the page's end */
    {0xffffffff, false, 0xffffffff},
    {0x1234, true, 0x1fff},
    {0x1fff, true, 0x1fff},
};

START_TEST(limits_that_do_not_fit_are_rounded_up)
{
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        uint8_t raw[WS_DESCRIPTOR_BYTES];
        struct ws_descriptor before = {.limit = limits[i].limit, .granular = limits[i].granular};
        struct ws_descriptor after;
        ws_descriptor_encode(raw, &before);
        ws_descriptor_decode(&after, raw);
        ck_assert_msg(after.limit == limits[i].stored, "0x%x became 0x%x", limits[i].limit, after.limit);
    }
}
END_TEST

static const struct {
    uint64_t raw;
    const char *text;
    bool is_gate;
} gates[] = {
    {0x0000000000000000, "empty", false},
    {0x00108e0000081234, "32-bit interrupt gate to 0x0008:0x00101234, DPL 0, present", true},
    {0xc010ef00001b5678, "32-bit trap gate to 0x001b:0xc0105678, DPL 3, present", true},
    {0xffff060000081234, "16-bit interrupt gate to 0x0008:0x00001234, DPL 0, not present", true},
    {0x0000e50000280000, "task gate to TSS 0x0028, DPL 3, present", true},
    {0x0010ec0300081234, "32-bit call gate to 0x0008:0x00101234, 3 parameters, DPL 3, present", true},
    {0x00cf9a000000ffff, "not a gate (segment type 10), DPL 0, present", false},
    {0x0000890000080000, "not a gate (system type 9), DPL 0, present", false},
    {0x00008d0000080000, "not a gate (system type 13), DPL 0, present", false},
};

START_TEST(gates_are_said_in_words)
{
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        uint8_t raw[WS_DESCRIPTOR_BYTES];
        struct ws_gate gate;
        struct ws_descriptor descriptor;
        struct ws_buffer text = WS_BUFFER_INIT;
        raw_from(raw, gates[i].raw);
        ws_gate_decode(&gate, raw);
        ws_gate_describe(&text, &gate);
        ck_assert_msg(strcmp(ws_buffer_text(&text), gates[i].text) == 0, "%016llx is \"%s\", not \"%s\"",
                      (unsigned long long)gates[i].raw, ws_buffer_text(&text), gates[i].text);
        ws_descriptor_decode(&descriptor, raw);
        ck_assert_msg(ws_descriptor_is_gate(&descriptor) == gates[i].is_gate, "%s", gates[i].text);
        ws_buffer_release(&text);
    }
}
END_TEST

static const struct ws_gate made_gates[] = {
    {.offset = 0xc0101234, .selector = 8, .type = WS_TYPE_INTERRUPT_GATE32, .system = true, .present = true},
    {.offset = 0x1234, .selector = 0x1b, .type = WS_TYPE_TRAP_GATE16, .system = true, .dpl = 3, .present = true},
    {.selector = 0x28, .type = WS_TYPE_TASK_GATE, .system = true, .dpl = 3},
    {.offset = 4, .selector = 8, .type = WS_TYPE_CALL_GATE32, .system = true, .present = true, .parameters = 31},
};

START_TEST(gates_come_back_as_they_were_made)
{
    for (size_t i = 0; i < sizeof made_gates / sizeof *made_gates; i++) {
        const struct ws_gate *made = &made_gates[i];
        uint8_t raw[WS_DESCRIPTOR_BYTES];
        struct ws_gate back;
        ws_gate_encode(raw, made);
        ws_gate_decode(&back, raw);
        ck_assert_msg(back.offset == made->offset && back.selector == made->selector && back.type == made->type &&
                          back.system == made->system && back.dpl == made->dpl && back.present == made->present &&
                          back.parameters == made->parameters,
                      "gate %zu", i);
    }
}
END_TEST

static const struct {
    const char *what;
    struct ws_descriptor descriptor;
    uint32_t offset, bytes;
    bool allowed;
} accesses[] = {
    {"the last byte", {.limit = 0xfff, .type = WS_TYPE_WRITABLE}, 0xfff, 1, true},
    {"one beyond", {.limit = 0xfff, .type = WS_TYPE_WRITABLE}, 0xfff, 2, false},
    {"beyond", {.limit = 0xfff, .type = WS_TYPE_WRITABLE}, 0x1000, 1, false},
    {"nothing", {.limit = 0, .type = WS_TYPE_WRITABLE}, 0x1000, 0, true},
    {"flat, to the end", {.limit = UINT32_MAX}, 0xfffffffc, 4, true},
    {"flat, around the end", {.limit = UINT32_MAX}, 0xfffffffe, 4, true},
    {"short, around the end", {.limit = 0xfffffffe}, 0xfffffffe, 4, false},
    {"expand-down, at the limit", {.limit = 0xfff, .type = 6, .big = true}, 0xfff, 1, false},
    {"expand-down, above", {.limit = 0xfff, .type = 6, .big = true}, 0x1000, 4, true},
    {"expand-down, below", {.limit = 0xfff, .type = 6, .big = true}, 0, 4, false},
    {"expand-down, to 4 GiB", {.limit = 0xfff, .type = 6, .big = true}, 0xfffffffc, 4, true},
    {"expand-down, around 4 GiB", {.limit = 0xfff, .type = 6, .big = true}, 0xfffffffe, 4, false},
    {"expand-down, small, 64 KiB", {.limit = 0xfff, .type = 6}, 0xfffe, 2, true},
    {"expand-down, small, beyond", {.limit = 0xfff, .type = 6}, 0xffff, 2, false},
    {"conforming code is not expand-down", {.limit = 0xfff, .type = 14, .big = true}, 0, 4, true},
    {"a TSS of that type neither", {.limit = 0x67, .type = 6, .system = true}, 0, 4, true},
};

START_TEST(limits_are_checked_as_in_the_manual)
{
    for (size_t i = 0; i < sizeof accesses / sizeof *accesses; i++) {
        bool allowed = ws__descriptor_limit_allows(&accesses[i].descriptor, accesses[i].offset, accesses[i].bytes);
        ck_assert_msg(allowed == accesses[i].allowed, "%s: %d", accesses[i].what, allowed);
    }
}
END_TEST

static const struct {
    uint16_t selector;
    const char *text;
} selectors[] = {
    {0x0000, "0x0000: null selector, RPL 0"}, {0x0003, "0x0003: null selector, RPL 3"},
    {0x0008, "0x0008: GDT entry 1, RPL 0"},   {0x001b, "0x001b: GDT entry 3, RPL 3"},
    {0x0004, "0x0004: LDT entry 0, RPL 0"},   {0xffff, "0xffff: LDT entry 8191, RPL 3"},
};

START_TEST(selectors_are_said_in_words)
{
    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
        struct ws_buffer text = WS_BUFFER_INIT;
        ws_selector_describe(&text, selectors[i].selector);
        ck_assert_str_eq(ws_buffer_text(&text), selectors[i].text);
        ws_buffer_release(&text);
    }
}
END_TEST

Suite *segment_suite(void)
{
    Suite *suite = suite_create("segment");
    TCase *words = tcase_create("words");
    tcase_add_test(words, descriptors_are_said_in_words);
    tcase_add_test(words, gates_are_said_in_words);
    tcase_add_test(words, selectors_are_said_in_words);
    suite_add_tcase(suite, words);
    TCase *fields = tcase_create("fields");
    tcase_add_test(fields, encoding_inverts_decoding);
    tcase_add_test(fields, limits_that_do_not_fit_are_rounded_up);
    tcase_add_test(fields, gates_come_back_as_they_were_made);
    tcase_add_test(fields, limits_are_checked_as_in_the_manual);
    suite_add_tcase(suite, fields);
    return suite;
}
