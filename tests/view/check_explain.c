/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each explanation, where it applies and where it does not.
 */
#include <check.h>
#include <string.h>

#include "view/explain.h"

/* How the row's sentence begins; an instruction that it explains, and a neighbour that it does not. In
 * the order of the table. */
static const struct {
    const char *text;
    uint8_t bytes;
    uint8_t code[8];
    uint8_t other_bytes;
    uint8_t other[8];
} rows[] = {
    {"Loads CR3", 3, {0x0f, 0x22, 0xd8}, 3, {0x0f, 0x20, 0xd8}},
    {"Reads CR3", 3, {0x0f, 0x20, 0xd8}, 3, {0x0f, 0x22, 0xd8}},
    {"Writes CR0", 3, {0x0f, 0x22, 0xc0}, 3, {0x0f, 0x20, 0xc0}},
    {"Writes CR2", 3, {0x0f, 0x22, 0xd0}, 3, {0x0f, 0x20, 0xd0}},
    {"Reads CR2", 3, {0x0f, 0x20, 0xd0}, 3, {0x0f, 0x22, 0xd0}},
    {"Writes CR4", 3, {0x0f, 0x22, 0xe0}, 3, {0x0f, 0x20, 0xe0}},
    {"Loads SS;", 2, {0x8e, 0xd0}, 2, {0x8c, 0xd0}},
    {"Loads DS", 2, {0x8e, 0xd8}, 2, {0x8c, 0xd8}},
    {"Loads ES", 2, {0x8e, 0xc0}, 2, {0x8b, 0x22}},
    {"Loads FS", 2, {0x8e, 0xe0}, 2, {0x8c, 0xe0}},
    {"Loads GS", 2, {0x8e, 0xe8}, 2, {0x8c, 0xe8}},
    {"Loads SS;", 1, {0x17}, 1, {0x16}},
    {"Loads DS", 1, {0x1f}, 1, {0x1e}},
    {"Loads ES", 1, {0x07}, 1, {0x06}},
    {"Loads FS", 2, {0x0f, 0xa1}, 2, {0x0f, 0xa0}},
    {"Loads GS", 2, {0x0f, 0xa9}, 2, {0x0f, 0xa8}},
    {"Loads ESP", 2, {0x8b, 0x22}, 2, {0x8b, 0x2a}},
    {"Loads ESP", 2, {0x89, 0xc4}, 2, {0x89, 0xc5}},
    {"Loads ESP", 5, {0xbc, 0x0, 0x90, 0x0, 0x0}, 5, {0xbd, 0x0, 0x90, 0x0, 0x0}},
    {"Loads ESP", 1, {0x5c}, 1, {0x5d}},
    {"Loads ESP", 1, {0x94}, 1, {0x95}},
    {"Saves ESP", 2, {0x89, 0x22}, 2, {0x89, 0xe5}},
    {"Loads GDTR", 7, {0x0f, 0x01, 0x15, 0x0, 0x0, 0x0, 0x0}, 7, {0x0f, 0x01, 0x05, 0x0, 0x0, 0x0, 0x0}},
    {"Loads IDTR", 7, {0x0f, 0x01, 0x1d, 0x0, 0x0, 0x0, 0x0}, 7, {0x0f, 0x01, 0x0d, 0x0, 0x0, 0x0, 0x0}},
    {"Loads LDTR", 3, {0x0f, 0x00, 0xd0}, 3, {0x0f, 0x00, 0xc0}},
    {"Loads the task", 3, {0x0f, 0x00, 0xd8}, 3, {0x0f, 0x00, 0xc8}},
    {"Stores GDTR", 7, {0x0f, 0x01, 0x05, 0x0, 0x0, 0x0, 0x0}, 3, {0x0f, 0x01, 0xc1}},
    {"Stores IDTR", 7, {0x0f, 0x01, 0x0d, 0x0, 0x0, 0x0, 0x0}, 3, {0x0f, 0x01, 0xc8}},
    {"Stores LDTR", 3, {0x0f, 0x00, 0xc0}, 3, {0x0f, 0x00, 0xd0}},
    {"Stores the task", 3, {0x0f, 0x00, 0xc8}, 3, {0x0f, 0x00, 0xd8}},
    {"Loads SS and", 3, {0x0f, 0xb2, 0x22}, 3, {0x0f, 0xb2, 0x02}},
    {"Returns from", 1, {0xcf}, 1, {0xcb}},
    {"A far return", 1, {0xcb}, 1, {0xc3}},
    {"Returns to", 1, {0xc3}, 1, {0xcb}},
    {"A far call", 7, {0x9a, 0x0, 0x0, 0x0, 0x0, 0x8, 0x0}, 5, {0xe8, 0x0, 0x0, 0x0, 0x0}},
    {"A far call", 2, {0xff, 0x1a}, 2, {0xff, 0x12}},
    {"A far jump", 7, {0xea, 0x0, 0x0, 0x0, 0x0, 0x8, 0x0}, 5, {0xe9, 0x0, 0x0, 0x0, 0x0}},
    {"A far jump", 2, {0xff, 0x2a}, 2, {0xff, 0x22}},
    {"Clears IF", 1, {0xfa}, 1, {0xfc}},
    {"Sets IF", 1, {0xfb}, 1, {0xfd}},
    {"Waits", 1, {0xf4}, 1, {0xf5}},
    {"Raises a vector", 2, {0xcd, 0x80}, 1, {0xcc}},
    {"Raises vector 4", 1, {0xce}, 2, {0xcd, 0x4}},
    {"Is no", 2, {0x0f, 0x0b}, 2, {0x0f, 0x0c}},
    {"Pushes all", 1, {0x60}, 1, {0x61}},
    {"Pops all", 1, {0x61}, 1, {0x60}},
    {"Pushes EFLAGS", 1, {0x9c}, 1, {0x9d}},
    {"Pops EFLAGS", 1, {0x9d}, 1, {0x9c}},
    {"Drops", 3, {0x0f, 0x01, 0x3a}, 3, {0x0f, 0x01, 0x32}},
    {"Clears CR0.TS", 2, {0x0f, 0x06}, 2, {0x0f, 0x08}},
    {"Saves the x87", 2, {0xdd, 0x32}, 2, {0xdd, 0x3a}},
    {"Loads the x87", 2, {0xdd, 0x22}, 2, {0xdd, 0xe2}},
    {"Saves x87, MMX", 3, {0x0f, 0xae, 0x02}, 3, {0x0f, 0xae, 0x12}},
    {"Loads x87, MMX", 3, {0x0f, 0xae, 0x0a}, 3, {0x0f, 0xae, 0xe8}},
    {"Writes to a port", 2, {0xe6, 0x20}, 5, {0xa2, 0x20, 0x0, 0x0, 0x0}},
    {"Writes to a port", 1, {0xee}, 1, {0x6e}},
    {"Reads from a port", 2, {0xe4, 0x20}, 5, {0xa0, 0x20, 0x0, 0x0, 0x0}},
    {"Reads from a port", 1, {0xec}, 1, {0x6c}},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

START_TEST(each_row_has_its_instruction)
{
    int row = ws__explain_row(rows[_i].code, rows[_i].bytes, true);
    int other = ws__explain_row(rows[_i].other, rows[_i].other_bytes, true);
    const char *text = ws__explain_text(row);
    ck_assert_msg(row == _i, "row %d explains what is for row %d, \"%s\"", row, _i, rows[_i].text);
    ck_assert_msg(!strncmp(text, rows[_i].text, strlen(rows[_i].text)), "row %d: \"%s\", not \"%s\"", row, text,
                  rows[_i].text);
    ck_assert_msg(other != _i, "\"%s\" explains its neighbour, too", rows[_i].text);
}
END_TEST

START_TEST(no_row_is_forgotten)
{
    ck_assert_ptr_nonnull(ws__explain_text(ROWS - 1));
    ck_assert_ptr_null(ws__explain_text(ROWS));
    ck_assert_ptr_null(ws__explain_text(-1));
}
END_TEST

/* Prefixes, sizes, and what only looks alike. */
static const struct {
    const char *what;
    uint8_t bytes;
    uint8_t code[8];
    bool wide;
    const char *text; /* NULL: none */
} cases[] = {
    {"mov (%edx), %esp", 2, {0x8b, 0x22}, true, "Loads ESP"},
    {"mov 4(%edx), %esp", 3, {0x8b, 0x62, 4}, true, "Loads ESP"},
    {"mov %cs:(%edx), %esp", 3, {0x2e, 0x8b, 0x22}, true, "Loads ESP"},
    {"mov %ebp, %esp", 2, {0x89, 0xec}, true, "Loads ESP"},
    {"mov %esp, %ebp: a frame, not a stack", 2, {0x89, 0xe5}, true, NULL},
    {"the same, the other way to write it", 2, {0x8b, 0xec}, true, NULL},
    {"mov %esp, 4(%eax)", 3, {0x89, 0x60, 4}, true, "Saves ESP"},
    {"mov (%esp), %eax", 3, {0x8b, 0x04, 0x24}, true, NULL},
    {"mov %eax, (%esp)", 3, {0x89, 0x04, 0x24}, true, NULL},
    {"mov %sp, (%edx)", 3, {0x66, 0x89, 0x22}, true, NULL},
    {"mov (%edx), %sp", 3, {0x66, 0x8b, 0x22}, true, NULL},
    {"mov (%edx), %esp, 16-bit code", 4, {0x66, 0x67, 0x8b, 0x22}, false, "Loads ESP"},
    {"mov (%bp,%si), %sp, 16-bit code", 2, {0x8b, 0x22}, false, NULL},
    {"mov (%ecx), %es", 2, {0x8e, 0x01}, true, "Loads ES"},
    {"mov %es, (%ecx)", 2, {0x8c, 0x01}, true, NULL},
    {"mov %es:(%ecx), %eax", 3, {0x26, 0x8b, 0x01}, true, NULL},
    {"ret $4", 3, {0xc2, 4, 0}, true, "Returns to"},
    {"pushaw", 2, {0x66, 0x60}, true, NULL},
    {"nothing can be read", 0, {0}, true, NULL},
    {"a prefix, and then nothing", 1, {0x66}, true, NULL},
};

START_TEST(operands_decide)
{
    const char *text = ws__explain_text(ws__explain_row(cases[_i].code, cases[_i].bytes, cases[_i].wide));
    const char *wanted = cases[_i].text;
    bool right = wanted ? text && !strncmp(text, wanted, strlen(wanted)) : !text;
    ck_assert_msg(right, "%s: \"%s\"", cases[_i].what, text ? text : "(nothing)");
}
END_TEST

Suite *explain_suite(void)
{
    Suite *suite = suite_create("explain");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, each_row_has_its_instruction, 0, ROWS);
    tcase_add_test(table, no_row_is_forgotten);
    tcase_add_loop_test(table, operands_decide, 0, sizeof cases / sizeof cases[0]);
    suite_add_tcase(suite, table);
    return suite;
}
