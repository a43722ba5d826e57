/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sentences about what an instruction does or did besides changing values.
 */
#ifndef WS_VIEW_SENTENCE_H
#define WS_VIEW_SENTENCE_H

#include "view/internal.h"

/* What came, or was raised: "#PF, page fault", "IRQ 14 (vector 46)", "int 0x80". */
void ws__sentence_vector(struct ws_buffer *out, const struct ws_event *event);

/* "#PF, page fault, at c0101234: to host's handler vector_14 in ring 0; error code 0x0 ..., cr2 0000beef".  `reason`:
 * with why the CPU raised it. */
void ws__sentence_event(struct ws_buffer *out, const struct ws_view_state *state, const struct ws_event *event,
                        bool reason);

/* "a request of the VMM: 2, console output: 'h'" */
void ws__sentence_request(struct ws_buffer *out, uint32_t request, uint32_t argument);

/* Why a crossing was made, in some words for a row of a list: "timer, IRQ 0"; "" if it is not known. */
void ws__sentence_cause(struct ws_buffer *out, const struct ws_view_cause *cause);

/* The VMM's request stands in the cross page: the store of its number, by the last step; NULL: it made none. */
const struct ws_view_store *ws__view_request(const struct ws_view_state *state);

/* The exception that the next step raises instead of doing what it says; NULL: none. */
const struct ws_event *ws__view_exception_ahead(const struct ws_view_state *state);

#endif
