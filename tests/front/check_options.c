/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines, and what is made of them.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/disasm.h>

#include "front/options.h"

enum { WORDS = 8 };

static const struct {
    const char *line; /* words, a space apart */
    int status;
    unsigned command;
    const char *image;
    uint64_t memory_bytes;
    uint64_t max_instructions;
} rows[] = {
    {"run --lab", WS__EXIT_DONE, WS__COMMAND_RUN, NULL, 0, 0},
    {"run ./a.elf --memory 32M", WS__EXIT_DONE, WS__COMMAND_RUN, "./a.elf", 32 << 20, 0},
    {"run --memory=2048k x", WS__EXIT_DONE, WS__COMMAND_RUN, "x", 2 << 20, 0},
    {"run --memory=64k x", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --max-insns 0x10", WS__EXIT_DONE, WS__COMMAND_RUN, NULL, 0, 16},
    {"trace --format jsonl -ofile", WS__EXIT_DONE, WS__COMMAND_TRACE, NULL, 0, 0},
    {"./image.elf --max-insns=5", WS__EXIT_DONE, WS__COMMANDS, "./image.elf", 0, 5},
    {"trace --format yaml", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --max-insns -5", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --max-insns 99999999999999999999", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --memory 16X", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --memory", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --memory 999999999999G", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run a b", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --lab=yes", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --instructions", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --no-such", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run x --append a --module m --module=n=o", WS__EXIT_DONE, WS__COMMAND_RUN, "x", 0, 0},
    {"run x --flat 0x100000", WS__EXIT_DONE, WS__COMMAND_RUN, "x", 0, 0},
    {"run x --flat 0x100000000", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run x --flat start", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run x --flat 1 --append a", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run x --flat 1 --module a", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --flat 1", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --append a", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --lab --module a", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"image --module a", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --disk d --snapshot --serial-in - --ips 1000", WS__EXIT_DONE, WS__COMMAND_RUN, NULL, 0, 0},
    {"run --snapshot", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --ips 999", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --ips 1000000000001", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"run --ips=0", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"view --serial-in -", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"view --serial-in f", WS__EXIT_DONE, WS__COMMAND_VIEW, NULL, 0, 0},
    {"image --disk d", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"image --disk -o d", WS__EXIT_DONE, WS__COMMAND_IMAGE, NULL, 0, 0},
    {"figure", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"ablate --pairs --bits --storm --shard 2/8 -j4", WS__EXIT_DONE, WS__COMMAND_ABLATE, NULL, 0, 0},
    {"ablate a --merge b", WS__EXIT_DONE, WS__COMMAND_ABLATE, NULL, 0, 0},
    {"trace --pairs", WS__EXIT_USAGE, 0, NULL, 0, 0},
    {"nothing-of-that-name", WS__EXIT_USAGE, 0, NULL, 0, 0},
};

static int line_parse(const char *line, struct ws__options *options, char storage[128])
{
    static char program[] = "worldswitch";
    char *words[WORDS + 1] = {program};
    int count = 1;
    strcpy(storage, line);
    for (char *word = strtok(storage, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    return ws__options_parse(options, count, words);
}

START_TEST(lines)
{
    struct ws__options options = {0};
    char storage[128];
    int status = line_parse(rows[_i].line, &options, storage);
    ck_assert_msg(status == rows[_i].status, "\"%s\": status %d", rows[_i].line, status);
    if (status != WS__EXIT_DONE)
        return;
    if (rows[_i].command != WS__COMMANDS)
        ck_assert_msg(options.command == rows[_i].command, "\"%s\": command %u", rows[_i].line, options.command);
    ck_assert_pstr_eq(options.image, rows[_i].image);
    ck_assert_uint_eq(options.memory_bytes, rows[_i].memory_bytes);
    ck_assert_uint_eq(options.max_instructions, rows[_i].max_instructions);
}
END_TEST

START_TEST(repeated_values_are_kept_in_order)
{
    struct ws__options options = {0};
    char storage[128];
    ck_assert_int_eq(line_parse("run x --module m --module=n=o", &options, storage), WS__EXIT_DONE);
    ck_assert_uint_eq(options.module.count, 2);
    ck_assert_str_eq(options.module.text[0], "m");
    ck_assert_str_eq(options.module.text[1], "n=o");
    ck_assert_uint_eq(options.flat, WS__NO_ADDRESS);
}
END_TEST

START_TEST(values_beyond_the_most_are_refused)
{
    static char program[] = "worldswitch", run[] = "run", image[] = "x", value[] = "--module=m";
    char *words[WS__TEXTS_MAX + 4] = {program, run, image};
    struct ws__options options = {0};
    for (int i = 0; i <= WS__TEXTS_MAX; i++)
        words[3 + i] = value;
    ck_assert_int_eq(ws__options_parse(&options, WS__TEXTS_MAX + 3, words), WS__EXIT_DONE);
    ck_assert_int_eq(ws__options_parse(&options, WS__TEXTS_MAX + 4, words), WS__EXIT_USAGE);
}
END_TEST

START_TEST(choices)
{
    struct ws__options options = {0};
    char storage[128];
    ck_assert_int_eq(line_parse("trace --format csv --syntax intel --color never", &options, storage), WS__EXIT_DONE);
    ck_assert_uint_eq(options.format, WS__FORMAT_CSV);
    ck_assert_uint_eq(options.syntax, WS_SYNTAX_INTEL);
    ck_assert_uint_eq(options.color, WS__COLOR_NEVER);
    ck_assert(!ws__options_colored(&options, 1));
}
END_TEST

Suite *options_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("command lines");
    tcase_add_loop_test(tests, lines, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tests, repeated_values_are_kept_in_order);
    tcase_add_test(tests, values_beyond_the_most_are_refused);
    tcase_add_test(tests, choices);
    suite_add_tcase(suite, tests);
    return suite;
}
