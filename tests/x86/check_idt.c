/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in an IDT.
 */
#include <check.h>
#include <string.h>

#include "x86/idt.h"

Suite *idt_suite(void);

enum { BASE = 0x1000, LIMIT = 5 * 8 - 2, RAM_BYTES = 0x2000 };

static const struct {
    uint64_t raw;
    uint8_t state;
} rows[] = {
    {0x00008e0000081234, WS__IDT_GATE},                                          /* interrupt gate */
    {0x00000e0000081234, WS__IDT_ABSENT},                                        /* P is clear */
    {0x00008c0000081234, WS__IDT_INVALID},                                       /* call gate */
    {0x0000000000000000, WS__IDT_EMPTY},   {0x0000850000280000, WS__IDT_BEYOND}, /* its last byte is beyond the limit */
};

START_TEST(entries_are_told_apart)
{
    static uint8_t ram[RAM_BYTES];
    const struct ws_physical memory = {ram, sizeof ram};
    struct ws_registers registers = {.value = {[WS_IDTR_BASE] = BASE, [WS_IDTR_LIMIT] = LIMIT}};
    struct ws__idt_entry entry;
    memcpy(ram + BASE + 8 * _i, &rows[_i].raw, sizeof rows[_i].raw);
    ck_assert_int_eq(ws__idt_read(&memory, &registers, (uint8_t)_i, &entry), rows[_i].state);
    ck_assert_uint_eq(entry.linear, BASE + 8u * (unsigned)_i);
    ck_assert_uint_eq(entry.gate.selector, rows[_i].state <= WS__IDT_INVALID ? 8 : 0);
    registers.value[WS_IDTR_BASE] = RAM_BYTES - 4;
    ck_assert_int_eq(ws__idt_read(&memory, &registers, 0, &entry), WS__IDT_UNMAPPED);
    ck_assert_uint_eq(entry.raw[0], 0);
}
END_TEST

Suite *idt_suite(void)
{
    Suite *suite = suite_create("idt");
    TCase *tcase = tcase_create("idt");
    tcase_add_loop_test(tcase, entries_are_told_apart, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tcase);
    return suite;
}
