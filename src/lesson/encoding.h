/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What editors do to texts: marks at the beginning, and other line ends.
 */
#ifndef WS_LESSON_ENCODING_H
#define WS_LESSON_ENCODING_H

#include <stdbool.h>

#include <worldswitch/buffer.h>

/* Make every line end a newline (of CR LF, and of CR, as old Macintoshes wrote), and take away the mark with which some
 * editors begin UTF-8.  false: it is UTF-16, and stays as it is. */
bool ws__encoding_plain(struct ws_buffer *text);

#endif
