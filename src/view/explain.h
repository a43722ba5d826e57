/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table behind ws__view_explain(), so that tests can go through its rows.
 */
#ifndef WS_VIEW_EXPLAIN_H
#define WS_VIEW_EXPLAIN_H

#include "view/internal.h"

/* Which row explains this instruction; -1: none. `wide`: of a 32-bit code segment. */
int ws__explain_row(const uint8_t *code, size_t bytes, bool wide);

/* The row's sentence, a constant; NULL: there is no such row. */
const char *ws__explain_text(int row);

#endif
