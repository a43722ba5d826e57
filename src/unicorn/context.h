/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segment registers and the CPL in a saved context.
 *
 * Unicorn's interface shows neither the hidden parts of segment registers nor the CPL.  But a saved context contains
 * them.  These functions read and change its bytes; context_layout.h says at which offsets.
 */
#ifndef WS_UNICORN_CONTEXT_H
#define WS_UNICORN_CONTEXT_H

#include <worldswitch/segment.h>

#include "unicorn/context_layout.h"
#include "unicorn/engine.h"

/* Read the hidden part of CS, SS, DS, ES, FS, GS, LDTR or TR. */
void ws__engine_context_segment(const struct ws__context_layout *layout, const void *context, enum ws_register which,
                                struct ws_descriptor *out);
/* Load a selector, and `descriptor` as the hidden part. */
void ws__engine_context_segment_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                    uint16_t selector, const struct ws_descriptor *descriptor);
/* Load only a selector.  The hidden part becomes zero, so the segment cannot be used. */
void ws__engine_context_selector_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                     uint16_t selector);

/* Set CR0.TS in the mode bits, where Unicorn's translator reads it.  This does not change CR0 itself. */
void ws__engine_context_ts_set(const struct ws__context_layout *layout, void *context);
/* Set the CPL in the mode bits, and the other mode bits that follow from the segments in the context.  So this comes
 * after all changes of segments. */
void ws__engine_context_cpl_set(const struct ws__context_layout *layout, void *context, unsigned cpl);

/* Change the engine's state through a saved context: save one, call change() with it and `what`, restore it.
 * Afterwards the engine is not in step mode: the 8 GiB of announce.c are taken off CS's base. */
typedef void ws__context_change(const struct ws__context_layout *layout, void *context, const void *what);
void ws__engine_context_change(struct ws__engine *engine, ws__context_change *change, const void *what);

#endif
