/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing what a saved context keeps and Unicorn's interface does not show: the hidden
 * parts of segment registers, and the CPL.  A context is handed in as the bytes it is;
 * context_layout.h says where in them things stand.
 */
#ifndef WS_UNICORN_CONTEXT_H
#define WS_UNICORN_CONTEXT_H

#include <worldswitch/segment.h>

#include "unicorn/context_layout.h"
#include "unicorn/engine.h"

/* The hidden part of CS, SS, DS, ES, FS, GS, LDTR or TR. */
void ws__engine_context_segment(const struct ws__context_layout *layout, const void *context, enum ws_register which,
                                struct ws_descriptor *out);
void ws__engine_context_segment_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                    uint16_t selector, const struct ws_descriptor *descriptor);
/* Load a selector alone: the hidden part is one that cannot be used. */
void ws__engine_context_selector_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                     uint16_t selector);

/* Set CR0.TS where the translator looks for it; the register itself is not here. */
void ws__engine_context_ts_set(const struct ws__context_layout *layout, void *context);
/* Set the CPL, and with it what else follows from the segments that the context has by now. */
void ws__engine_context_cpl_set(const struct ws__context_layout *layout, void *context, unsigned cpl);

/* Change what only the saved context of an engine shows. */
typedef void ws__context_change(const struct ws__context_layout *layout, void *context, const void *what);
void ws__engine_context_change(struct ws__engine *engine, ws__context_change *change, const void *what);

#endif
