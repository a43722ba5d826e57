/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lesson quiz: making it, and what can be wrong about it. */
#include "cli/lesson_quiz.h"

#include <string.h>

#include "base/printable.h"
#include "lesson/quiz.h"

static int quiz_complain(enum ws_status status, const struct ws__quiz *quiz, const struct ws_buffer *why)
{
    switch (status) {
    case WS_NOT_FOUND:
        ws__complain("such as: worldswitch lesson quiz 1", "the lab \"%s\" has no quiz", quiz->lesson);
        return WS__EXIT_USAGE;
    case WS_NO_ROOM:
        ws__complain("ask for fewer, or take another seed", "--count: after question %zu there is none that is new",
                     quiz->count);
        return WS__EXIT_USAGE;
    case WS_BAD_ARGUMENT:
        if (why->failed)
            return ws__complain_status(WS_NO_MEMORY, quiz->lesson);
        ws__complain("this is the lab's mistake, not yours: please report it", "%s", ws_buffer_text(why));
        return WS__EXIT_HOST;
    default:
        return ws__complain_status(status, quiz->lesson);
    }
}

static int quiz_write(struct ws__quiz *quiz, struct ws__lesson *lesson, const struct ws__options *options,
                      struct ws_buffer *out)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    enum ws_status status = ws__quiz_make(quiz, lesson, (size_t)options->count, &why);
    int result = status == WS_OK ? WS__EXIT_DONE : quiz_complain(status, quiz, &why);
    if (result == WS__EXIT_DONE)
        ws__quiz_writers[options->quiz_format].write(quiz, out);
    ws__quiz_release(quiz);
    ws_buffer_release(&why);
    return result;
}

int ws__lesson_quiz(struct ws__lesson *lesson, const char *student, const struct ws__options *options,
                    struct ws__output *output)
{
    const char *word = options->seed ? options->seed : "1";
    struct ws_buffer seed = WS_BUFFER_INIT, name = WS_BUFFER_INIT;
    if (!options->count || options->count > WS__QUIZ_MOST) {
        ws__complain(NULL, "--count: from 1 to %d", WS__QUIZ_MOST);
        return WS__EXIT_USAGE;
    }
    ws__printable_append(&seed, word, strlen(word));
    ws__printable_append(&name, student, strlen(student));
    struct ws__quiz quiz = {
        .lesson = lesson->name,
        .title = ws_buffer_text(&lesson->title),
        .seed = ws_buffer_text(&seed),
        .student = ws_buffer_text(&name),
        .answers = options->answers,
    };
    int result = seed.failed || name.failed ? ws__complain_status(WS_NO_MEMORY, quiz.lesson)
                                            : quiz_write(&quiz, lesson, options, &output->pending);
    ws_buffer_release(&seed);
    ws_buffer_release(&name);
    return result;
}
