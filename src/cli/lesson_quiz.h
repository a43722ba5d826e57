/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lesson quiz: questions without end.
 */
#ifndef WS_CLI_LESSON_QUIZ_H
#define WS_CLI_LESSON_QUIZ_H

#include "front/options.h"
#include "front/output.h"
#include "lesson/lesson.h"

/* Write the quiz that the options ask for, in that student's variant; "": in nobody's.  Returns the exit status, after
 * having complained. */
int ws__lesson_quiz(struct ws__lesson *lesson, const char *student, const struct ws__options *options,
                    struct ws__output *output);

#endif
