/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's text screen on paper. */
#ifndef WS_CLI_TEXT_SCREEN_H
#define WS_CLI_TEXT_SCREEN_H

#include <stdbool.h>

#include <worldswitch/buffer.h>
#include <worldswitch/machine.h>

/* Append the rows of the text screen, without trailing blanks and without empty rows at the end; `colored`: with the
 * sequences that colour a terminal. */
void ws__text_screen_append(struct ws_buffer *out, const struct ws_machine *machine, bool colored, bool ascii);

#endif
