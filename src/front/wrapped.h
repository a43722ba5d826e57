/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts of the program's help, in lines of at most 80 columns.
 */
#ifndef WS_FRONT_WRAPPED_H
#define WS_FRONT_WRAPPED_H

#include <stdio.h>

/* Write a text in ASCII, and end the line.  `column`: where the cursor is; further lines begin at `indent`. */
void ws__wrapped_write(FILE *out, const char *text, size_t column, size_t indent);

#endif
