/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The characters of a VGA's text screen as UTF-8.
 */
#ifndef WS_VIEW_CODE_PAGE_H
#define WS_VIEW_CODE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WS__CODE_PAGE_BYTES = 3 };

/* The character with this code, of one column; where only ASCII may be written, a dot stands for those that have none.
 * Returns how many bytes it has. */
size_t ws__code_page_character(uint8_t code, bool ascii, char text[WS__CODE_PAGE_BYTES]);

#endif
