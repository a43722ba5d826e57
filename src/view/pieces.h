/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two linear address spaces laid side by side, cut into pieces at every place where one of them
 * changes.
 */
#ifndef WS_VIEW_PIECES_H
#define WS_VIEW_PIECES_H

#include "view/internal.h"

/* How the space that a switch enters relates to the one that it leaves. */
enum ws__sign {
    WS__SIGN_SAME,      /* the same memory with the same rights in both */
    WS__SIGN_DIFFERENT, /* both map something there, but not the same */
    WS__SIGN_APPEARED,  /* mapped only in the entered one */
    WS__SIGN_VANISHED,  /* mapped only in the left one */
    WS__SIGN_COUNT
};

/* A piece: on either side at most one run of pages, which may begin before the piece. */
struct ws__piece {
    uint64_t begin;
    uint64_t end;
    const struct ws_mapping *run[2]; /* NULL: not mapped there */
    enum ws__sign sign;
};

/* Both maps and how far each was read. */
struct ws__cutter {
    struct ws_page_map map[2];
    size_t next[2];
    uint64_t at;
    unsigned to; /* the side that is entered */
};

/* Read the page tables of both sides, as far as they are known; false: memory ran out, and nothing
 * is mapped.  Release it in any case. */
bool ws__cutter_init(struct ws__cutter *cutter, const struct ws_view_state *state);
void ws__cutter_release(struct ws__cutter *cutter);
/* The next piece that is mapped on either side; false at the end of the space. */
bool ws__cutter_next(struct ws__cutter *cutter, struct ws__piece *piece);

/* Is the cross page in it? */
bool ws__piece_is_cross(const struct ws__piece *piece, const struct ws_view_state *state);

/* Physical memory at a linear address of a run. */
uint32_t ws__run_phys(const struct ws_mapping *run, uint64_t linear);

/* Append the sign: a part of the views of figure 7-11. */
void ws__view_sign(struct ws_rows *rows, enum ws__sign sign);
/* The same in a table: it ends in this column, for in ASCII one sign takes two. */
void ws__view_sign_at(struct ws_rows *rows, enum ws__sign sign, unsigned column);
/* What the sign means, for the help: "only in the address space that the switch leaves". */
const char *ws__view_sign_meaning(enum ws__sign sign);
/* What becomes, or became, of pages with this sign: "will vanish". */
const char *ws__view_fate(enum ws__sign sign, bool will);
/* A row that says which tables are the same. */
void ws__view_space_tables(struct ws_rows *rows, const struct ws_view_state *state);

#endif
