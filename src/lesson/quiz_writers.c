/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quizzes in the formats that people and courses read: plain text, Markdown, Moodle's GIFT, and the plain text of which
 * text2qti makes a package for Canvas.  The last two have Markdown inside.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lesson/fold.h"
#include "lesson/quiz.h"

enum { COLUMNS = 80, INDENT = 4, SPELLING = 24 };

/* Answers as they are shown: of a choice, the right one has its place among the wrong ones. */
static const struct ws_buffer *choice_at(const struct ws__quiz_question *question, size_t index)
{
    if (index == question->place)
        return &question->answer;
    return &question->wrong[index - (index > question->place)].value;
}

static char letter_of(size_t index)
{
    return (char)('a' + index);
}

/* "b)" in front of a choice's answer; nothing in front of others. */
static void letter_append(struct ws_buffer *out, const struct ws__quiz_question *question, size_t index)
{
    if (question->form == WS__QUIZ_CHOICE)
        ws_buffer_printf(out, "%c) ", letter_of(index));
}

/* Where the i-th wrong answer stands among the choices. */
static size_t wrong_place(const struct ws__quiz_question *question, size_t index)
{
    return index + (index >= question->place);
}

/* Append `text`, each line of it behind `before`; there is a line end behind the last, too. */
static void lines_append(struct ws_buffer *out, const char *text, const char *before)
{
    while (*text) {
        size_t bytes = strcspn(text, "\n");
        ws_buffer_printf(out, "%s%.*s\n", bytes ? before : "", (int)bytes, text);
        text += bytes + (text[bytes] == '\n');
    }
}

/* The other spellings of an answer, one a call, since courses compare texts; only an address has any. */
static bool spelling_next(const struct ws__quiz_question *question, const char *value, unsigned *index,
                          char out[SPELLING])
{
    unsigned long number = strtoul(value, NULL, 0);
    while (question->form == WS__QUIZ_ADDRESS && (*index)++ < 2) {
        snprintf(out, SPELLING, *index == 1 ? "0x%lx" : "%lu", number);
        if (strcmp(out, value) != 0)
            return true;
    }
    return false;
}

/* "Lab 3, Write a context switch" */
static void title_append(struct ws_buffer *out, const struct ws__quiz *quiz)
{
    ws_buffer_printf(out, "Lab %lu, %s", strtoul(quiz->lesson, NULL, 10), quiz->title);
}

static void seed_append(struct ws_buffer *out, const struct ws__quiz *quiz)
{
    ws_buffer_printf(out, "seed %s%s%s", quiz->seed, *quiz->student ? ", for " : "", quiz->student);
}

/* -- plain text ---------------------------------------------------------------------------------------- */

/* Append by a temporary buffer, folded. */
static void text_fold(struct ws_buffer *out, struct ws_buffer *line)
{
    ws__fold(out, ws_buffer_text(line), INDENT, COLUMNS);
    out->failed |= line->failed;
    ws_buffer_release(line);
}

static void text_choice(struct ws_buffer *out, const struct ws__quiz_question *question, size_t index)
{
    struct ws_buffer line = WS_BUFFER_INIT;
    letter_append(&line, question, index);
    ws_buffer_printf(&line, "%s", ws_buffer_text(choice_at(question, index)));
    text_fold(out, &line);
}

static void text_question(struct ws_buffer *out, const struct ws__quiz_question *question, size_t number)
{
    ws_buffer_printf(out, "\n%2zu. %s\n\n", number, ws_buffer_text(&question->kind));
    ws__fold(out, ws_buffer_text(&question->text), INDENT, COLUMNS);
    if (question->code.size) {
        ws_buffer_printf(out, "\n");
        lines_append(out, ws_buffer_text(&question->code), "        ");
    }
    if (question->form != WS__QUIZ_CHOICE)
        return;
    ws_buffer_printf(out, "\n");
    for (size_t i = 0; i <= question->wrongs; i++)
        text_choice(out, question, i);
}

/* " 1. " and the answer, folded. */
static void text_numbered(struct ws_buffer *out, const struct ws__quiz_question *question, size_t number)
{
    struct ws_buffer line = WS_BUFFER_INIT, folded = WS_BUFFER_INIT;
    letter_append(&line, question, question->place);
    ws_buffer_printf(&line, "%s", ws_buffer_text(&question->answer));
    text_fold(&folded, &line);
    ws_buffer_printf(out, "\n%2zu. %s\n", number, ws_buffer_text(&folded) + INDENT);
    out->failed |= folded.failed;
    ws_buffer_release(&folded);
}

static void text_answer(struct ws_buffer *out, const struct ws__quiz_question *question, size_t number)
{
    struct ws_buffer line = WS_BUFFER_INIT;
    text_numbered(out, question, number);
    ws__fold(out, ws_buffer_text(&question->way), INDENT, COLUMNS);
    for (size_t i = 0; i < question->wrongs; i++) {
        ws_buffer_printf(&line, "Not ");
        letter_append(&line, question, wrong_place(question, i));
        ws_buffer_printf(&line, "%s: %s", ws_buffer_text(&question->wrong[i].value),
                         ws_buffer_text(&question->wrong[i].feedback));
        text_fold(out, &line);
    }
}

static void text_write(const struct ws__quiz *quiz, struct ws_buffer *out)
{
    title_append(out, quiz);
    ws_buffer_printf(out, ": %zu question%s, ", quiz->count, quiz->count == 1 ? "" : "s");
    seed_append(out, quiz);
    ws_buffer_printf(out, "\n");
    for (size_t i = 0; i < quiz->count; i++)
        text_question(out, &quiz->question[i], i + 1);
    if (quiz->answers)
        ws_buffer_printf(out, "\n\nAnswers\n");
    for (size_t i = 0; i < quiz->count && quiz->answers; i++)
        text_answer(out, &quiz->question[i], i + 1);
}

/* -- Markdown ------------------------------------------------------------------------------------------ */

/* Would these characters, at the beginning of a line, begin a list, a quotation, or a heading's underline? */
static bool line_begins_block(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits)
        return strchr(".)", text[digits]) && text[digits];
    return strchr("-+>=:", *text) != NULL;
}

/* Append one character so that Markdown shows it as it is. */
static void markdown_character(struct ws_buffer *out, const char *text, bool begins, bool dollar)
{
    bool digit = isdigit((unsigned char)*text);
    if ((begins && !digit && line_begins_block(text)) || strchr("\\`*_#[]", *text) || (dollar && *text == '$'))
        ws_buffer_append(out, "\\", 1);
    if (*text == '<' || *text == '&')
        ws_buffer_printf(out, "%s", *text == '<' ? "&lt;" : "&amp;");
    else
        ws_buffer_append(out, text, 1);
}

/* How many bytes, from a backquote on, are a piece of code, with the other backquote; 0: it has none. */
static size_t markdown_code(const char *text)
{
    size_t bytes = *text == '`' ? strcspn(text + 1, "`\n") : 0;
    return bytes && text[1 + bytes] == '`' ? bytes + 2 : 0;
}

/* Append a text so that Markdown shows it as it is, pieces of code in it as such; `dollar`: so that "$" begins no
 * formula either. */
static void markdown_append(struct ws_buffer *out, const char *text, bool dollar)
{
    bool begins = true;
    while (*text) {
        size_t code = markdown_code(text), digits = begins && line_begins_block(text) ? strspn(text, "0123456789") : 0;
        ws_buffer_append(out, text, code + digits);
        if (digits)
            ws_buffer_append(out, "\\", 1);
        if (!code && !digits)
            markdown_character(out, text, begins, dollar);
        begins = !code && *text == '\n';
        text += code || digits ? code + digits : 1;
    }
}

/* The text of a question, and its block of code. */
static void markdown_question(struct ws_buffer *out, const struct ws__quiz_question *question, bool dollar)
{
    markdown_append(out, ws_buffer_text(&question->text), dollar);
    if (!question->code.size)
        return;
    ws_buffer_printf(out, "\n\n```\n");
    lines_append(out, ws_buffer_text(&question->code), "");
    ws_buffer_printf(out, "```");
}

/* Lines, as a list. */
static void markdown_list(struct ws_buffer *out, const char *text, bool dollar)
{
    while (*text) {
        struct ws_buffer line = WS_BUFFER_INIT;
        size_t bytes = strcspn(text, "\n"), blanks = strspn(text, " ");
        ws_buffer_printf(&line, "%.*s", (int)(bytes - blanks), text + blanks);
        ws_buffer_printf(out, "- ");
        markdown_append(out, ws_buffer_text(&line), dollar);
        text += bytes + (text[bytes] == '\n');
        ws_buffer_printf(out, "%s", *text ? "\n" : "");
        out->failed |= line.failed;
        ws_buffer_release(&line);
    }
}

static void markdown_answer(struct ws_buffer *out, const struct ws__quiz_question *question, size_t number)
{
    ws_buffer_printf(out, "\n**%zu.** ", number);
    letter_append(out, question, question->place);
    markdown_append(out, ws_buffer_text(&question->answer), false);
    ws_buffer_printf(out, "\n\n");
    markdown_list(out, ws_buffer_text(&question->way), false);
    ws_buffer_printf(out, "\n");
    for (size_t i = 0; i < question->wrongs; i++) {
        ws_buffer_printf(out, "- Not ");
        letter_append(out, question, wrong_place(question, i));
        markdown_append(out, ws_buffer_text(&question->wrong[i].value), false);
        ws_buffer_printf(out, ": ");
        markdown_append(out, ws_buffer_text(&question->wrong[i].feedback), false);
        ws_buffer_printf(out, "\n");
    }
}

static void markdown_write(const struct ws__quiz *quiz, struct ws_buffer *out)
{
    struct ws_buffer head = WS_BUFFER_INIT;
    title_append(&head, quiz);
    ws_buffer_printf(&head, ": ");
    seed_append(&head, quiz);
    ws_buffer_printf(out, "# ");
    markdown_append(out, ws_buffer_text(&head), false);
    ws_buffer_printf(out, "\n");
    for (size_t i = 0; i < quiz->count; i++) {
        const struct ws__quiz_question *question = &quiz->question[i];
        ws_buffer_printf(out, "\n## %zu. ", i + 1);
        markdown_append(out, ws_buffer_text(&question->kind), false);
        ws_buffer_printf(out, "\n\n");
        markdown_question(out, question, false);
        ws_buffer_printf(out, "%s", question->form == WS__QUIZ_CHOICE ? "\n\n" : "\n");
        for (size_t j = 0; question->form == WS__QUIZ_CHOICE && j <= question->wrongs; j++) {
            ws_buffer_printf(out, "- %c) ", letter_of(j));
            markdown_append(out, ws_buffer_text(choice_at(question, j)), false);
            ws_buffer_printf(out, "\n");
        }
    }
    ws_buffer_printf(out, "%s", quiz->answers ? "\n## Answers\n" : "");
    for (size_t i = 0; i < quiz->count && quiz->answers; i++)
        markdown_answer(out, &quiz->question[i], i + 1);
    out->failed |= head.failed;
    ws_buffer_release(&head);
}

/* -- Moodle's GIFT ------------------------------------------------------------------------------------- */

/* Append text so that nothing in it is GIFT's: no line ends, which would end a question, and no "->", which would make
 * it one of matching. */
static void gift_append(struct ws_buffer *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            ws_buffer_printf(out, "\\n");
        else if (text[0] == '-' && text[1] == '>') {
            ws_buffer_printf(out, "\u2192");
            text++;
        } else
            ws_buffer_printf(out, strchr("~=#{}:\\", *text) ? "\\%c" : "%c", *text);
}

static void gift_markdown(struct ws_buffer *out, const char *text)
{
    struct ws_buffer markdown = WS_BUFFER_INIT;
    markdown_append(&markdown, text, false);
    gift_append(out, ws_buffer_text(&markdown));
    out->failed |= markdown.failed;
    ws_buffer_release(&markdown);
}

/* What stands before an answer.  A "%" at its beginning would be taken for a weight, unless there is one. */
static const char *gift_before(const struct ws__quiz_question *question, const char *value, bool right)
{
    bool percent = *value == '%';
    if (question->form == WS__QUIZ_CHOICE)
        return right ? "=" : percent ? "~%0%" : "~";
    return !right ? "=%0%" : percent ? "=%100%" : "=";
}

/* One spelling of an answer, and what is said of it. */
static void gift_line(struct ws_buffer *out, const struct ws__quiz_question *question, const char *value, bool right,
                      const char *feedback)
{
    ws_buffer_printf(out, "\t%s", gift_before(question, value, right));
    if (question->form == WS__QUIZ_CHOICE)
        gift_markdown(out, value);
    else
        gift_append(out, value);
    if (question->form == WS__QUIZ_NUMBER)
        ws_buffer_printf(out, ":%lu", question->tolerance);
    ws_buffer_printf(out, "#");
    gift_markdown(out, feedback);
    ws_buffer_printf(out, "\n");
}

/* An answer: an address with each of its spellings. */
static void gift_answer(struct ws_buffer *out, const struct ws__quiz_question *question, const char *value, bool right,
                        const char *feedback)
{
    char other[SPELLING];
    gift_line(out, question, value, right, feedback);
    for (unsigned i = 0; spelling_next(question, value, &i, other);)
        gift_line(out, question, other, right, feedback);
}

static void gift_question(struct ws_buffer *out, const struct ws__quiz *quiz, size_t index)
{
    const struct ws__quiz_question *question = &quiz->question[index];
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_buffer_printf(&text, "%.2s-%s-%zu %s", quiz->lesson, quiz->seed, index + 1, ws_buffer_text(&question->kind));
    ws_buffer_printf(out, "\n::");
    gift_append(out, ws_buffer_text(&text));
    ws_buffer_printf(out, "::[markdown]");
    ws_buffer_clear(&text);
    markdown_question(&text, question, false);
    gift_append(out, ws_buffer_text(&text));
    ws_buffer_printf(out, "{%s\n", question->form == WS__QUIZ_NUMBER ? "#" : "");
    for (size_t i = 0; i <= question->wrongs; i++) {
        const struct ws__quiz_wrong *wrong = &question->wrong[i - (i > question->place)];
        bool right = i == question->place;
        gift_answer(out, question, ws_buffer_text(choice_at(question, i)), right,
                    right ? "Right." : ws_buffer_text(&wrong->feedback));
    }
    ws_buffer_clear(&text);
    markdown_list(&text, ws_buffer_text(&question->way), false);
    ws_buffer_printf(out, "\t####");
    gift_append(out, ws_buffer_text(&text));
    ws_buffer_printf(out, "\n}\n");
    out->failed |= text.failed;
    ws_buffer_release(&text);
}

static void gift_write(const struct ws__quiz *quiz, struct ws_buffer *out)
{
    ws_buffer_printf(out, "// ");
    title_append(out, quiz);
    ws_buffer_printf(out, ": ");
    seed_append(out, quiz);
    ws_buffer_printf(out, "\n");
    for (size_t i = 0; i < quiz->count; i++)
        gift_question(out, quiz, i);
}

/* -- text2qti ------------------------------------------------------------------------------------------ */

/* Append Markdown of several lines behind what introduces it; the lines below are indented as far. */
static void qti_block(struct ws_buffer *out, const char *before, const char *markdown)
{
    char indent[32];
    size_t width = strlen(before), first = strcspn(markdown, "\n");
    memset(indent, ' ', sizeof indent);
    indent[width < sizeof indent ? width : sizeof indent - 1] = 0;
    ws_buffer_printf(out, "%s%.*s\n", before, (int)first, markdown);
    lines_append(out, markdown + first + (markdown[first] == '\n'), indent);
}

static void qti_text(struct ws_buffer *out, const char *before, const char *text)
{
    struct ws_buffer markdown = WS_BUFFER_INIT;
    markdown_append(&markdown, text, true);
    qti_block(out, before, ws_buffer_text(&markdown));
    out->failed |= markdown.failed;
    ws_buffer_release(&markdown);
}

static void qti_choices(struct ws_buffer *out, const struct ws__quiz_question *question)
{
    for (size_t i = 0; i <= question->wrongs; i++) {
        bool right = i == question->place;
        const char before[] = {right ? '*' : letter_of(i), right ? letter_of(i) : ')', right ? ')' : ' ', ' ', 0};
        const struct ws__quiz_wrong *wrong = &question->wrong[i - (i > question->place)];
        qti_text(out, before, ws_buffer_text(choice_at(question, i)));
        qti_text(out, "... ", right ? "Right." : ws_buffer_text(&wrong->feedback));
    }
}

/* What is said of wrong answers that are no choices: all of it, since text2qti knows no single ones. */
static void qti_mistakes(struct ws_buffer *out, const struct ws__quiz_question *question)
{
    struct ws_buffer list = WS_BUFFER_INIT, markdown = WS_BUFFER_INIT;
    for (size_t i = 0; i < question->wrongs; i++)
        ws_buffer_printf(&list, "%s%s: %s", i ? "\n" : "", ws_buffer_text(&question->wrong[i].value),
                         ws_buffer_text(&question->wrong[i].feedback));
    markdown_list(&markdown, ws_buffer_text(&list), true);
    if (question->wrongs)
        qti_block(out, "-   ", ws_buffer_text(&markdown));
    out->failed |= list.failed || markdown.failed;
    ws_buffer_release(&list);
    ws_buffer_release(&markdown);
}

static void qti_answer(struct ws_buffer *out, const struct ws__quiz_question *question)
{
    char other[SPELLING];
    const char *value = ws_buffer_text(&question->answer);
    unsigned long number = strtoul(value, NULL, 0);
    if (question->form == WS__QUIZ_NUMBER && question->tolerance)
        ws_buffer_printf(out, "=   %lu +- %lu\n", number, question->tolerance);
    else if (question->form == WS__QUIZ_NUMBER)
        ws_buffer_printf(out, "=   %lu\n", number);
    else
        ws_buffer_printf(out, "*   %s\n", value);
    for (unsigned i = 0; spelling_next(question, value, &i, other);)
        ws_buffer_printf(out, "*   %s\n", other);
}

static void qti_question(struct ws_buffer *out, const struct ws__quiz_question *question, size_t number)
{
    char before[32];
    struct ws_buffer text = WS_BUFFER_INIT;
    snprintf(before, sizeof before, "%zu.%s", number, number < 10 ? "  " : " ");
    ws_buffer_printf(out, "\nTitle: %s\nPoints: 1\n", ws_buffer_text(&question->kind));
    markdown_question(&text, question, true);
    qti_block(out, before, ws_buffer_text(&text));
    ws_buffer_clear(&text);
    markdown_list(&text, ws_buffer_text(&question->way), true);
    qti_block(out, "... ", ws_buffer_text(&text));
    out->failed |= text.failed;
    ws_buffer_release(&text);
    if (question->form == WS__QUIZ_CHOICE) {
        qti_choices(out, question);
    } else {
        qti_mistakes(out, question);
        qti_answer(out, question);
    }
}

static void qti_write(const struct ws__quiz *quiz, struct ws_buffer *out)
{
    ws_buffer_printf(out, "Quiz title: ");
    title_append(out, quiz);
    ws_buffer_printf(out, ", ");
    seed_append(out, quiz);
    ws_buffer_printf(out, "\n");
    for (size_t i = 0; i < quiz->count; i++)
        qti_question(out, &quiz->question[i], i + 1);
}

const struct ws__quiz_writer ws__quiz_writers[WS__QUIZ_WRITERS] = {
    {"text", text_write},
    {"markdown", markdown_write},
    {"gift", gift_write},
    {"text2qti", qti_write},
};
