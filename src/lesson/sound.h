/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sources may be given to the assembler and the compiler: those that cannot make them read another file.
 *
 * It is judged by the text alone, and what is not understood is refused.  A submission needs no macro that builds names
 * from pieces, so that refusing all of them costs nothing.
 */
#ifndef WS_LESSON_SOUND_H
#define WS_LESSON_SOUND_H

#include <stdbool.h>
#include <stddef.h>

#include <worldswitch/buffer.h>

enum { WS__SOURCE_BYTES = 256 << 10 };

/* Assembler's source, which no preprocessor sees.  false: `why` gets one line, "LINE: what is wrong". */
bool ws__sound_assembler(const char *text, size_t bytes, struct ws_buffer *why);
/* C.  What the compiler makes of it is assembler's source, and is to be judged, too. */
bool ws__sound_c(const char *text, size_t bytes, struct ws_buffer *why);

#endif
