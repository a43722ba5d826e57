/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making quizzes. */
#include "lesson/quiz.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lesson/lesson.h"
#include "lesson/lua/script.h"

enum { ATTEMPTS = 64 }; /* to make a question that was not asked yet */

/* -- releasing ----------------------------------------------------------------------------------------- */

static void question_release(struct ws__quiz_question *question)
{
    ws_buffer_release(&question->kind);
    ws_buffer_release(&question->text);
    ws_buffer_release(&question->code);
    ws_buffer_release(&question->answer);
    ws_buffer_release(&question->way);
    for (size_t i = 0; i < WS__QUIZ_WRONGS; i++) {
        ws_buffer_release(&question->wrong[i].value);
        ws_buffer_release(&question->wrong[i].feedback);
    }
    *question = (struct ws__quiz_question){0};
}

void ws__quiz_release(struct ws__quiz *quiz)
{
    for (size_t i = 0; i < quiz->count; i++)
        question_release(&quiz->question[i]);
    free(quiz->question);
    quiz->question = NULL;
    quiz->count = 0;
}

/* -- judging ------------------------------------------------------------------------------------------- */

static bool number_read(const struct ws_buffer *buffer, unsigned long long *out)
{
    char *end;
    const char *text = ws_buffer_text(buffer);
    errno = 0;
    *out = strtoull(text, &end, 0);
    return isdigit((unsigned char)*text) && !*end && !errno && *out <= UINT32_MAX;
}

/* Would a grader take one for the other? */
static bool answers_same(const struct ws__quiz_question *question, const struct ws_buffer *a, const struct ws_buffer *b)
{
    unsigned long long x, y;
    if (question->form != WS__QUIZ_NUMBER && question->form != WS__QUIZ_ADDRESS)
        return !strcasecmp(ws_buffer_text(a), ws_buffer_text(b));
    return number_read(a, &x) && number_read(b, &y) && (x > y ? x - y : y - x) <= question->tolerance;
}

static bool answer_fits(const struct ws__quiz_question *question, const struct ws_buffer *answer)
{
    unsigned long long number;
    const char *text = ws_buffer_text(answer);
    if (question->form == WS__QUIZ_NUMBER || question->form == WS__QUIZ_ADDRESS)
        return number_read(answer, &number);
    /* Moodle takes "a -> b" for a pair, and "*" for any text, where a text is to be typed. */
    bool typed = question->form == WS__QUIZ_TEXT;
    return *text && !strchr(text, '\n') && !(typed && (strstr(text, "->") || strchr(text, '*')));
}

static bool wrong_sound(const struct ws__quiz_question *question, size_t index, struct ws_buffer *why)
{
    const struct ws__quiz_wrong *wrong = &question->wrong[index];
    const char *value = ws_buffer_text(&wrong->value);
    bool twice = answers_same(question, &wrong->value, &question->answer);
    for (size_t i = 0; i < index; i++)
        twice |= answers_same(question, &wrong->value, &question->wrong[i].value);
    if (!answer_fits(question, &wrong->value))
        ws_buffer_printf(why, "the wrong answer \"%s\" is none of that form", value);
    else if (twice)
        ws_buffer_printf(why, "the answer \"%s\" is there twice", value);
    else if (!wrong->feedback.size)
        ws_buffer_printf(why, "the wrong answer \"%s\" has no feedback", value);
    return !why->size;
}

bool ws__quiz_sound(const struct ws__quiz_question *question, struct ws_buffer *why)
{
    if (!question->kind.size || !question->text.size || !question->way.size)
        ws_buffer_printf(why, "its kind, its text, or the way to the answer is missing");
    else if (!answer_fits(question, &question->answer))
        ws_buffer_printf(why, "the answer \"%s\" is none of that form", ws_buffer_text(&question->answer));
    else if (question->form == WS__QUIZ_CHOICE && question->wrongs < 2)
        ws_buffer_printf(why, "a choice needs two wrong answers");
    for (size_t i = 0; i < question->wrongs && !why->size; i++)
        wrong_sound(question, i, why);
    return !why->size;
}

/* -- making -------------------------------------------------------------------------------------------- */

/* FNV-1a, with a zero behind each text. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    do
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    while (*text++);
    return hash;
}

/* As SplitMix64 does: each bit of both counts for each bit of the result. */
static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    hash += (number + 1) * 0x9e3779b97f4a7c15;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
    return hash ^ hash >> 31;
}

/* What question `number` is made from: all that names it, and nothing of the questions before it. */
static uint64_t question_seed(const struct ws__quiz *quiz, size_t number, unsigned attempt)
{
    uint64_t hash = hash_text(0xcbf29ce484222325, quiz->lesson);
    hash = hash_text(hash, quiz->seed);
    hash = hash_text(hash, quiz->student);
    return hash_number(hash_number(hash, number), attempt);
}

static bool buffers_same(const struct ws_buffer *a, const struct ws_buffer *b)
{
    return a->size == b->size && !memcmp(ws_buffer_text(a), ws_buffer_text(b), a->size);
}

/* Was that asked already? */
static bool question_asked(const struct ws__quiz *quiz, const struct ws__quiz_question *question)
{
    for (size_t i = 0; i < quiz->count; i++)
        if (buffers_same(&quiz->question[i].text, &question->text) &&
            buffers_same(&quiz->question[i].code, &question->code))
            return true;
    return false;
}

/* One attempt at the next question; *asked: it is an earlier one. */
static enum ws_status question_make(struct ws__quiz *quiz, struct ws__lesson *lesson, unsigned attempt, bool *asked,
                                    struct ws_buffer *why)
{
    struct ws_buffer wrong = WS_BUFFER_INIT;
    struct ws__quiz_question *question = &quiz->question[quiz->count];
    const size_t number = quiz->count + 1;
    const uint64_t seed = question_seed(quiz, number, attempt);
    enum ws_status status = ws__script_quiz(lesson->script, seed, number, attempt, question, why);
    *asked = false;
    if (status == WS_OK && !ws__quiz_sound(question, &wrong)) {
        ws_buffer_printf(why, "question %zu, \"%s\", seed \"%s\": %s", number, ws_buffer_text(&question->kind),
                         quiz->seed, ws_buffer_text(&wrong));
        status = WS_BAD_ARGUMENT;
    }
    if (status == WS_OK) {
        question->place = (size_t)(seed >> 32) % (question->wrongs + 1);
        *asked = question_asked(quiz, question);
    }
    if (status != WS_OK || *asked)
        question_release(question);
    ws_buffer_release(&wrong);
    return status;
}

enum ws_status ws__quiz_make(struct ws__quiz *quiz, struct ws__lesson *lesson, size_t count, struct ws_buffer *why)
{
    enum ws_status status = WS_OK;
    quiz->count = 0;
    quiz->question = calloc(count, sizeof *quiz->question);
    if (!quiz->question)
        return WS_NO_MEMORY;
    while (quiz->count < count) {
        bool asked = true;
        for (unsigned attempt = 0; attempt < ATTEMPTS && asked && status == WS_OK; attempt++)
            status = question_make(quiz, lesson, attempt, &asked, why);
        if (status != WS_OK)
            return status;
        if (asked)
            return WS_NO_ROOM;
        quiz->count++;
    }
    return WS_OK;
}
