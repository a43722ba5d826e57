/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools say, and what a student reads of it. */
#include <check.h>

#include "lesson/said.h"

static const struct {
    const char *file, *said, *told;
} rows[] = {
    {"switch.s", "submission.s: Assembler messages:\nsubmission.s:3: Error: no such instruction: `x'\n",
     "switch.s: Assembler messages:\nswitch.s:3: Error: no such instruction: `x'\n"},
    {"switch.s",
     "/usr/bin/ld: warning: program.elf has a LOAD segment with RWX permissions\n"
     "/usr/bin/ld: with0.o: in function `start':\n(.text+0x1): undefined reference to `foo'\n"
     "/usr/bin/ld: (.text+0x6): undefined reference to `foo'\n"
     "/usr/bin/ld: submission.o: in function `submission_text_begin':\n"
     "/tmp/x/submission.s:5: undefined reference to `nowhere'\ncollect2: error: ld returned 1 exit status\n",
     "switch.s: it has no global label \"foo\", which the lab uses: is there a \".globl foo\"?\n"
     "switch.s:5: there is no \"nowhere\", neither in this file nor in the lab's\n"},
    {"switch.s",
     "/usr/bin/ld: submission.o: in function `start':\n/tmp/x/submission.s:7: multiple definition of `start'; "
     "with0.o:(.text+0x0): first defined here\n",
     "switch.s:7: the lab has a label \"start\", too: choose another name\n"},
    {"answer.c", "/usr/bin/ld: with0.o:(.text+0x1): undefined reference to `answer'\n",
     "answer.c: it has no function \"answer\", which the lab calls\n"},
    {"answer.c", "submission.c:1:5: error: 'x' undeclared\n", "answer.c:1:5: error: 'x' undeclared\n"},
    {"answer.c", "submission.s:9: Error: bad\n", "what was compiled:9: Error: bad\n"},
    {"switch.s", "/usr/bin/ld: /tmp/x/submission.o: odd\nsubmission.", "/usr/bin/ld: switch.s: odd\nsubmission.\n"},
    {"switch.s", "collect2: error: killed\n", "collect2: error: killed\n"},
    {"switch.s", "", ""},
};

START_TEST(said)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_buffer_printf(&text, "%s", rows[_i].said);
    ws__said_of(&text, rows[_i].file);
    ck_assert_str_eq(ws_buffer_text(&text), rows[_i].told);
    ws_buffer_release(&text);
}
END_TEST

Suite *said_suite(void)
{
    Suite *suite = suite_create("said");
    TCase *tests = tcase_create("said");
    tcase_add_loop_test(tests, said, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
