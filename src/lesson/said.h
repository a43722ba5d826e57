/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the compiler, the assembler and the linker say, in words for students: about the file that they have written.
 */
#ifndef WS_LESSON_SAID_H
#define WS_LESSON_SAID_H

#include <worldswitch/buffer.h>

/* Replace what tools have said of a submission that is no program.  `file`: what the student calls it. */
void ws__said_of(struct ws_buffer *said, const char *file);

#endif
