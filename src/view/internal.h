/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the views share among themselves.
 */
#ifndef WS_VIEW_INTERNAL_H
#define WS_VIEW_INTERNAL_H

#include <worldswitch/view.h>

#include "view/rows.h"

/* Read linear memory under `registers` with ring-0 rights, up to the first page that is not mapped;
 * returns the bytes read. */
size_t ws__view_read(const struct ws_view_state *state, const struct ws_registers *registers, uint32_t linear,
                     void *out, size_t bytes);

/* Append text from anywhere, NULs included, as ws__rows_print() does. */
void ws__rows_text(struct ws_rows *rows, enum ws_role role, const char *text, size_t bytes);

/* Did the last step change this register? */
bool ws__view_changed(const struct ws_view_state *state, enum ws_register which);

/* Start a row that is a section's title: "-- title ----------". */
void ws__view_rule(struct ws_rows *rows, const char *title);
/* The same in parts, for a title with glyphs in it: begin, draw the title, end. */
void ws__view_rule_begin(struct ws_rows *rows);
void ws__view_rule_end(struct ws_rows *rows);

/* "name" or "name+1f" for a linear address, "" if there is none near. */
void ws__view_symbol(const struct ws_view_state *state, uint32_t linear, char *out, size_t bytes);

/* The row of the step table for a linear address, or NULL. */
const struct ws_view_step *ws__view_step_at(const struct ws_view_state *state, uint32_t linear);

/* Does this table register (GDTR's or IDTR's base, LDTR, TR) still hold what belongs to the world that was left? */
enum ws__stale {
    WS__STALE_NOT,
    WS__STALE_UNMAPPED, /* nothing is mapped where its table was */
    WS__STALE_OTHER     /* other memory is */
};
enum ws__stale ws__view_stale(const struct ws_view_state *state, enum ws_register which);
/* "stale, not mapped"; "" for what is not stale.  A constant. */
const char *ws__view_stale_text(enum ws__stale stale);

/* Have both sides the same table (GDTR's or IDTR's base, LDTR, TR) or page directory (CR3)?  The same number is not
 * enough: it must be the same memory.  Two sides without an LDT have the same. */
bool ws__view_table_same(const struct ws_view_state *state, enum ws_register which);

/* A switch is under way, and the address space that it leaves is still mapped: vanishing lies ahead. */
bool ws__view_will(const struct ws_view_state *state);

/* "host" or "host: A". */
void ws__view_side_name(const struct ws_view_side *side, char *out, size_t bytes);

/* A sentence on what the instruction about to begin does, or NULL if it is one that explains
 * itself.  A constant. */
const char *ws__view_explain(const struct ws_view_state *state);

/* Parts of both views of figure 7-10: a picture, in which "(iii)" is drawn if that step was made, and
 * the name of the present place is emphasized; a row for each step of the last path of that kind. */
void ws__view_hosted_picture(struct ws_rows *rows, const struct ws_view_state *state, const char *const *line,
                             size_t lines);
void ws__view_hosted_path(struct ws_rows *rows, const struct ws_view_state *state, unsigned kind);

/* The sections of the tables panel: the first two may be empty. */
ws_view_draw ws__view_frame;
ws_view_draw ws__view_loaded;
ws_view_draw ws__view_descriptor_tables;
ws_view_draw ws__view_handlers;
ws_view_draw ws__view_tss;
ws_view_draw ws__view_page_walk;

/* Draw a view on paper of its own. */
void ws__view_part(struct ws_rows *part, ws_view_draw *draw, const struct ws_view_state *state, unsigned width,
                   unsigned height);

/* The lower part of the screen: a row with the panels' names; the panels, in so many rows. */
ws_view_draw ws__view_tabs;
ws_view_draw ws__view_panes;
/* How many rows the time strip has. */
unsigned ws__view_strip_rows(const struct ws_view_state *state);
unsigned ws__view_panes_height(const struct ws_view_state *state);
/* The row of the screen in which the panes begin, below their names. */
unsigned ws__view_panes_top(const struct ws_view_state *state);
/* What is at a column of the names, or at a row and a column of the panes, counted from their first. */
bool ws__view_tab_at(const struct ws_view_state *state, unsigned column, unsigned *panel);
void ws__view_pane_at(const struct ws_view_state *state, unsigned column, unsigned line, struct ws_view_spot *spot);

/* The contexts in the cross page: a part of the stack panel. */
ws_view_draw ws__view_saved;

#endif
