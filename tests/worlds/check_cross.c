/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cross page's bytes and the table of its 45 steps. */
#include <check.h>
#include <string.h>

#include <worldswitch/cross.h>
#include <worldswitch/disasm.h>

#include "worlds/layout.h"

/* The whole switch as a disassembler sees it: the table in the design notes, and nothing between its rows. */
static const char *const expected[] = {
    "pushfd", "cli",  "pushal", "pushl", "pushl", "pushl", "pushl", "movl",  "movl", "sgdt", "sidt", "sldt",
    "str",    "movl", "movl",   "movl",  "movl",  "movl",  "movl",  "movl",  "movl", "movw", "movl", "movl",
    "movl",   "movl", "movl",   "movl",  "movl",  "movl",  "movl",  "lgdt",  "lidt", "movl", "andb", "lldt",
    "ltr",    "lss",  "popl",   "popl",  "popl",  "popl",  "popal", "popfd", "lret",
};

/* Mnemonics differ in suffixes between Capstone's versions: "pushfl", "pushfd" and "pushf" are one instruction. */
static bool is_mnemonic(const char *text, const char *mnemonic)
{
    size_t stem = strlen(mnemonic);

    if (strchr("lwbd", mnemonic[stem - 1]) && stem > 3)
        stem--;
    return strncmp(text, mnemonic, stem) == 0;
}

START_TEST(steps_are_the_instructions)
{
    struct ws_disasm *disasm;
    struct ws_instruction instruction;
    struct ws_cross_step step;
    uint32_t linear = WS_CROSS_LINEAR;
    unsigned number;

    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    ck_assert_uint_eq(ws_cross_step_count(), WS_CROSS_INSTRUCTIONS);
    for (number = 1; number <= WS_CROSS_INSTRUCTIONS; number++) {
        ck_assert(ws_cross_step_get(number, &step));
        ck_assert_msg(step.linear == linear, "step %u is at 0x%08x, not at 0x%08x", number, step.linear, linear);
        ws_disasm_one(disasm, ws_cross_page() + (linear - WS_CROSS_LINEAR), WS_INSTRUCTION_BYTES, linear, true,
                      WS_SYNTAX_ATT, &instruction);
        ck_assert_msg(instruction.size == step.size, "step %u has %u bytes, \"%s\" has %u", number, step.size,
                      instruction.text, instruction.size);
        ck_assert_msg(is_mnemonic(instruction.text, expected[number - 1]), "step %u is \"%s\", not \"%s\"", number,
                      instruction.text, expected[number - 1]);
        linear += step.size;
    }
    ws_disasm_free(disasm);
}
END_TEST

START_TEST(each_step_has_texts_of_its_own)
{
    struct ws_cross_step step, other;
    unsigned i, j, phase = 0;

    for (i = 1; ws_cross_step_get(i, &step); i++) {
        ck_assert_msg(strlen(step.why) > 1 && strlen(step.without) > 10, "step %u is not explained", i);
        ck_assert_msg(step.phase == phase || step.phase == phase + 1u, "step %u: phase %u after %u", i, step.phase,
                      phase);
        ck_assert_uint_gt(strlen(ws_cross_phase_text(step.phase)), 0);
        phase = step.phase;
        for (j = 1; j < i; j++) {
            ws_cross_step_get(j, &other);
            ck_assert_msg(strcmp(step.why, other.why) != 0, "steps %u and %u give the same reason", i, j);
        }
    }
    ck_assert_uint_eq(i, WS_CROSS_INSTRUCTIONS + 1);
    ck_assert_uint_eq(phase, WS_PHASE_COUNT - 1);
}
END_TEST

START_TEST(steps_are_found_by_any_of_their_bytes)
{
    struct ws_cross_step step, found;
    unsigned number, byte;

    for (number = 1; ws_cross_step_get(number, &step); number++)
        for (byte = 0; byte < step.size; byte++) {
            ck_assert(ws_cross_step_at_linear(step.linear + byte, &found));
            ck_assert_uint_eq(found.number, number);
        }
    ck_assert(ws_cross_step_get(WS_CROSS_INSTRUCTIONS, &step));
    ck_assert(!ws_cross_step_at_linear(step.linear + step.size, &found));
    ck_assert(!ws_cross_step_at_linear(WS_CROSS_LINEAR - 1, &found));
    ck_assert(!ws_cross_step_at_linear(0, &found));
    ck_assert(!ws_cross_step_get(0, &found));
    ck_assert(!ws_cross_step_get(WS_CROSS_INSTRUCTIONS + 1, &found));
}
END_TEST

/* Behind the code breakpoints, behind them nothing: a CPU that strays into the page is caught at once. */
START_TEST(rest_of_the_page_is_guarded_and_empty)
{
    const uint8_t *page = ws_cross_page();
    struct ws_cross_step last;
    uint32_t offset;

    ck_assert(ws_cross_step_get(WS_CROSS_INSTRUCTIONS, &last));
    for (offset = last.linear + last.size - WS_CROSS_LINEAR; offset < WS_CROSS_CONTEXTS_OFFSET; offset++)
        ck_assert_msg(page[offset] == 0xcc, "offset 0x%x", offset);
    for (; offset < WS_CROSS_BYTES; offset++)
        ck_assert_msg(page[offset] == 0, "offset 0x%x", offset);
}
END_TEST

START_TEST(contexts_stand_side_by_side_in_the_page)
{
    unsigned i;

    ck_assert_uint_eq(ws_cross_context_linear(0), WS_CROSS_LINEAR + WS_CROSS_CONTEXTS_OFFSET);
    for (i = 1; i < WS_CROSS_CONTEXTS; i++)
        ck_assert_uint_eq(ws_cross_context_linear(i) - ws_cross_context_linear(i - 1), sizeof(struct ws_cross_context));
}
END_TEST

Suite *cross_suite(void);

Suite *cross_suite(void)
{
    Suite *suite = suite_create("cross");
    TCase *page = tcase_create("page");

    tcase_add_test(page, steps_are_the_instructions);
    tcase_add_test(page, each_step_has_texts_of_its_own);
    tcase_add_test(page, steps_are_found_by_any_of_their_bytes);
    tcase_add_test(page, rest_of_the_page_is_guarded_and_empty);
    tcase_add_test(page, contexts_stand_side_by_side_in_the_page);
    suite_add_tcase(suite, page);
    return suite;
}
