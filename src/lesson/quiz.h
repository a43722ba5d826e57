/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quizzes: questions without end, made by a lab's function quiz(), answered by the machine.
 *
 * A question is made from a seed and its number, and from nothing else: it is the same whatever the count.  One that
 * comes out as an earlier one is made again, so that no question of a quiz is asked twice.
 */
#ifndef WS_LESSON_QUIZ_H
#define WS_LESSON_QUIZ_H

#include <stdbool.h>
#include <stddef.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

struct ws__lesson;

enum { WS__QUIZ_MOST = 1000, WS__QUIZ_WRONGS = 7 };

/* What an answer is.  A number is decimal, and has a tolerance; an address is one of 32 bits, in any base. */
#define WS__QUIZ_FORM_TABLE(X) X(CHOICE, "choice") X(NUMBER, "number") X(ADDRESS, "address") X(TEXT, "text")

enum ws__quiz_form {
#define WS__QUIZ_FORM_ENUM(name, text) WS__QUIZ_##name,
    WS__QUIZ_FORM_TABLE(WS__QUIZ_FORM_ENUM)
#undef WS__QUIZ_FORM_ENUM
        WS__QUIZ_FORMS
};

/* An answer that is wrong, and what is wrong about it. */
struct ws__quiz_wrong {
    struct ws_buffer value;
    struct ws_buffer feedback;
};

/* Everything is owned. */
struct ws__quiz_question {
    unsigned form;         /* enum ws__quiz_form */
    struct ws_buffer kind; /* "the stack" */
    struct ws_buffer text;
    struct ws_buffer code; /* lines that are shown as they are; may be empty */
    struct ws_buffer answer;
    struct ws_buffer way; /* to the answer: lines */
    struct ws__quiz_wrong wrong[WS__QUIZ_WRONGS];
    size_t wrongs;
    unsigned long tolerance;
    size_t place; /* CHOICE: so many wrong ones stand before the answer */
};

struct ws__quiz {
    const char *lesson; /* "03-write-a-context-switch"; borrowed, as are the next three */
    const char *title;
    const char *seed;
    const char *student; /* "": the quiz is nobody's own */
    bool answers;        /* text and Markdown: with the answers at the end */
    struct ws__quiz_question *question;
    size_t count;
};

/*
 * Make `count` questions, from 1 to WS__QUIZ_MOST; the borrowed fields are set already.
 * WS_OK, WS_NO_MEMORY, WS_UNSUPPORTED (there is no Lua), WS_NOT_FOUND (the lab has no quiz), WS_NO_ROOM (it has not so
 * many different questions: quiz->count is how many), WS_BAD_ARGUMENT: the lab is wrong, and `why` gets one line.
 * Whatever it answers, release it.
 */
enum ws_status ws__quiz_make(struct ws__quiz *quiz, struct ws__lesson *lesson, size_t count, struct ws_buffer *why);
void ws__quiz_release(struct ws__quiz *quiz);

/* Is the question fit to be asked: texts that are there, numbers that are numbers, no answer twice?  false: `why` gets
 * what is not. */
bool ws__quiz_sound(const struct ws__quiz_question *question, struct ws_buffer *why);

/* name; write it */
struct ws__quiz_writer {
    const char *name;
    void (*write)(const struct ws__quiz *quiz, struct ws_buffer *out);
};

/* The table of formats, in the order of the option --format. */
#define WS__QUIZ_WRITER_WORDS "text|markdown|gift|text2qti"
enum { WS__QUIZ_WRITERS = 4 };
extern const struct ws__quiz_writer ws__quiz_writers[WS__QUIZ_WRITERS];

#endif
