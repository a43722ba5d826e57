/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quizzes: what may be asked, and how each format writes it. */
#include <check.h>
#include <string.h>

#include "lesson/quiz.h"

/* A question of texts that are not owned. */
struct row {
    unsigned form;
    const char *text, *code, *answer, *way;
    const char *wrong[WS__QUIZ_WRONGS][2];
    size_t place;
};

static void question_fill(struct ws__quiz_question *question, const struct row *row)
{
    *question = (struct ws__quiz_question){.form = row->form, .place = row->place};
    ws_buffer_printf(&question->kind, "Kind: #1");
    ws_buffer_printf(&question->text, "%s", row->text);
    ws_buffer_printf(&question->code, "%s", row->code);
    ws_buffer_printf(&question->answer, "%s", row->answer);
    ws_buffer_printf(&question->way, "%s", row->way);
    for (; row->wrong[question->wrongs][0]; question->wrongs++) {
        ws_buffer_printf(&question->wrong[question->wrongs].value, "%s", row->wrong[question->wrongs][0]);
        ws_buffer_printf(&question->wrong[question->wrongs].feedback, "%s", row->wrong[question->wrongs][1]);
    }
}

static void question_release(struct ws__quiz_question *question)
{
    ws_buffer_release(&question->kind);
    ws_buffer_release(&question->text);
    ws_buffer_release(&question->code);
    ws_buffer_release(&question->answer);
    ws_buffer_release(&question->way);
    for (size_t i = 0; i < question->wrongs; i++) {
        ws_buffer_release(&question->wrong[i].value);
        ws_buffer_release(&question->wrong[i].feedback);
    }
}

/* -- what may be asked --------------------------------------------------------------------------------- */

static const struct {
    struct row row;
    const char *why; /* NULL: it may */
} judged[] = {
    {{WS__QUIZ_CHOICE, "t", "", "a", "w", {{"b", "f"}, {"c", "f"}}, 0}, NULL},
    {{WS__QUIZ_NUMBER, "t", "", "12", "w", {{"0xd", "f"}}, 0}, NULL},
    {{WS__QUIZ_ADDRESS, "t", "", "0xffffffff", "w", {{0}}, 0}, NULL},
    {{WS__QUIZ_TEXT, "t", "", "a b", "w", {{0}}, 0}, NULL},
    {{WS__QUIZ_TEXT, "", "", "a", "w", {{0}}, 0}, "its kind, its text, or the way to the answer is missing"},
    {{WS__QUIZ_TEXT, "t", "", "a", "", {{0}}, 0}, "its kind, its text, or the way to the answer is missing"},
    {{WS__QUIZ_TEXT, "t", "", "", "w", {{0}}, 0}, "the answer \"\" is none of that form"},
    {{WS__QUIZ_TEXT, "t", "", "a\nb", "w", {{0}}, 0}, "the answer \"a\nb\" is none of that form"},
    {{WS__QUIZ_TEXT, "t", "", "a -> b", "w", {{0}}, 0}, "the answer \"a -> b\" is none of that form"},
    {{WS__QUIZ_TEXT, "t", "", "a*", "w", {{0}}, 0}, "the answer \"a*\" is none of that form"},
    {{WS__QUIZ_NUMBER, "t", "", "ten", "w", {{0}}, 0}, "the answer \"ten\" is none of that form"},
    {{WS__QUIZ_NUMBER, "t", "", "-1", "w", {{0}}, 0}, "the answer \"-1\" is none of that form"},
    {{WS__QUIZ_ADDRESS, "t", "", "0x100000000", "w", {{0}}, 0}, "the answer \"0x100000000\" is none of that form"},
    {{WS__QUIZ_CHOICE, "t", "", "a", "w", {{"b", "f"}}, 0}, "a choice needs two wrong answers"},
    {{WS__QUIZ_CHOICE, "t", "", "a", "w", {{"b", "f"}, {"A", "f"}}, 0}, "the answer \"A\" is there twice"},
    {{WS__QUIZ_CHOICE, "t", "", "a", "w", {{"b", "f"}, {"b", "f"}}, 0}, "the answer \"b\" is there twice"},
    {{WS__QUIZ_CHOICE, "t", "", "a", "w", {{"b", "f"}, {"c", ""}}, 0}, "the wrong answer \"c\" has no feedback"},
    {{WS__QUIZ_ADDRESS, "t", "", "16", "w", {{"0x10", "f"}}, 0}, "the answer \"0x10\" is there twice"},
    {{WS__QUIZ_NUMBER, "t", "", "1", "w", {{"no", "f"}}, 0}, "the wrong answer \"no\" is none of that form"},
};

START_TEST(sound)
{
    struct ws__quiz_question question;
    struct ws_buffer why = WS_BUFFER_INIT;
    question_fill(&question, &judged[_i].row);
    ck_assert_msg(ws__quiz_sound(&question, &why) == !judged[_i].why, "row %d: \"%s\"", _i, ws_buffer_text(&why));
    ck_assert_str_eq(ws_buffer_text(&why), judged[_i].why ? judged[_i].why : "");
    ws_buffer_release(&why);
    question_release(&question);
}
END_TEST

/* Numbers that a grader would take for the answer. */
START_TEST(tolerance)
{
    static const struct row row = {WS__QUIZ_NUMBER, "t", "", "10", "w", {{"13", "f"}}, 0};
    struct ws__quiz_question question;
    struct ws_buffer why = WS_BUFFER_INIT;
    question_fill(&question, &row);
    question.tolerance = 2;
    ck_assert(ws__quiz_sound(&question, &why));
    question.tolerance = 3;
    ck_assert(!ws__quiz_sound(&question, &why));
    ws_buffer_release(&why);
    question_release(&question);
}
END_TEST

/* -- how it is written --------------------------------------------------------------------------------- */

static const struct {
    const char *format;
    struct row row;
    const char *written; /* of what is written, as much as begins there */
} written[] = {
    {"gift",
     {WS__QUIZ_CHOICE, "~=#{}:\\\nend", "", "%x", "w -> x", {{"%50%", "=~"}, {"c", "f"}}, 1},
     "// Lab 3, T: seed s, for n\n\n::03-s-1 Kind\\: \\#1::[markdown]\\~\\=\\\\\\#\\{\\}\\:\\\\\\\\\\nend{\n"
     "\t~%0%%50%#\\\\\\=\\~\n\t=%x#Right.\n\t~c#f\n\t####- w \xe2\x86\x92 x\n}\n"},
    {"gift",
     {WS__QUIZ_NUMBER, "t", "a\nb", "45", "w", {{"18", "f"}}, 0},
     "// Lab 3, T: seed s, for n\n\n::03-s-1 Kind\\: \\#1::[markdown]t\\n\\n```\\na\\nb\\n```{#\n\t=45:0#Right.\n"
     "\t=%0%18:0#f\n\t####- w\n}\n"},
    {"gift",
     {WS__QUIZ_ADDRESS, "t", "", "0x0000002a", "w", {{0}}, 0},
     "// Lab 3, T: seed s, for n\n\n::03-s-1 Kind\\: \\#1::[markdown]t{\n\t=0x0000002a#Right.\n\t=0x2a#Right.\n"
     "\t=42#Right.\n\t####- w\n}\n"},
    {"gift",
     {WS__QUIZ_TEXT, "t", "", "%1% a:b", "w", {{0}}, 0},
     "// Lab 3, T: seed s, for n\n\n::03-s-1 Kind\\: \\#1::[markdown]t{\n\t=%100%%1% a\\:b#Right.\n\t####- w\n}\n"},
    {"text2qti",
     {WS__QUIZ_CHOICE, "a $x$ `$y`\n2. b", "$c", "#PF", "w\n+ v", {{"b", "f"}, {"- c", "g"}}, 2},
     "Quiz title: Lab 3, T, seed s, for n\n\nTitle: Kind: #1\nPoints: 1\n1.  a \\$x\\$ `$y`\n    2\\. b\n\n    ```\n"
     "    $c\n    ```\n... - w\n    - \\+ v\na)  b\n... f\nb)  \\- c\n... g\n*c) \\#PF\n... Right.\n"},
    {"text2qti",
     {WS__QUIZ_ADDRESS, "t", "", "0x80000000", "w", {{"0x80000004", "f"}}, 0},
     "Quiz title: Lab 3, T, seed s, for n\n\nTitle: Kind: #1\nPoints: 1\n1.  t\n... - w\n-   - 0x80000004: f\n"
     "*   0x80000000\n*   2147483648\n"},
    {"text2qti",
     {WS__QUIZ_NUMBER, "t", "", "45", "w", {{0}}, 0},
     "Quiz title: Lab 3, T, seed s, for n\n\nTitle: Kind: #1\nPoints: 1\n1.  t\n... - w\n=   45\n"},
    {"markdown",
     {WS__QUIZ_CHOICE, "*a* <b>", "", "_c_", "w", {{"[d]", "f"}, {"e", "g"}}, 0},
     "# Lab 3, T: seed s, for n\n\n## 1. Kind: \\#1\n\n\\*a\\* &lt;b>\n\n- a) \\_c\\_\n- b) \\[d\\]\n- c) e\n\n"
     "## Answers\n\n**1.** a) \\_c\\_\n\n- w\n- Not b) \\[d\\]: f\n- Not c) e: g\n"},
    {"text",
     {WS__QUIZ_CHOICE, "one two", "c  d\n\n e", "x", "w", {{"y", "f"}, {"z", "g"}}, 1},
     "Lab 3, T: 1 question, seed s, for n\n\n 1. Kind: #1\n\n    one two\n\n        c  d\n\n         e\n\n    a) y\n"
     "    b) x\n    c) z\n\n\nAnswers\n\n 1. b) x\n\n    w\n    Not a) y: f\n    Not c) z: g\n"},
};

START_TEST(formats)
{
    struct ws__quiz_question question;
    struct ws_buffer out = WS_BUFFER_INIT;
    const struct ws__quiz quiz = {.lesson = "03-l",
                                  .title = "T",
                                  .seed = "s",
                                  .student = "n",
                                  .answers = true,
                                  .question = &question,
                                  .count = 1};
    question_fill(&question, &written[_i].row);
    for (size_t i = 0; i < WS__QUIZ_WRITERS; i++)
        if (!strcmp(ws__quiz_writers[i].name, written[_i].format))
            ws__quiz_writers[i].write(&quiz, &out);
    ck_assert_str_eq(ws_buffer_text(&out), written[_i].written);
    ws_buffer_release(&out);
    question_release(&question);
}
END_TEST

/* No line of plain text is longer than a terminal. */
START_TEST(folded)
{
    char longest[400];
    struct ws__quiz_question question;
    struct ws_buffer out = WS_BUFFER_INIT;
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = i % 7 ? 'x' : ' ';
    longest[sizeof longest - 1] = 0;
    const struct row row = {WS__QUIZ_CHOICE, longest, "", longest, longest, {{"y", longest}, {"z", longest}}, 1};
    const struct ws__quiz quiz = {
        .lesson = "03-l", .title = "T", .seed = "s", .student = "", .answers = true, .question = &question, .count = 1};
    question_fill(&question, &row);
    ws__quiz_writers[0].write(&quiz, &out);
    for (const char *line = ws_buffer_text(&out); *line; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
    ws_buffer_release(&out);
    question_release(&question);
}
END_TEST

Suite *quiz_suite(void)
{
    Suite *suite = suite_create("quiz");
    TCase *tests = tcase_create("quiz");
    tcase_add_loop_test(tests, sound, 0, sizeof judged / sizeof judged[0]);
    tcase_add_test(tests, tolerance);
    tcase_add_loop_test(tests, formats, 0, sizeof written / sizeof written[0]);
    tcase_add_test(tests, folded);
    suite_add_tcase(suite, tests);
    return suite;
}
