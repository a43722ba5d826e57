/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The context layout: at which offsets a saved context of Unicorn keeps what Unicorn's interface does not show.
 *
 * Unicorn does not document these offsets, and they differ between its versions.  So this file finds each of them when
 * the program starts, by an experiment with an engine of its own: it does something whose effect is known, and searches
 * the saved context for this effect.  If an offset is not found, or if two offsets fit, no engine can be made: the
 * result is WS_ENGINE, and `worldswitch doctor` reports it.
 */
#ifndef WS_UNICORN_CONTEXT_LAYOUT_H
#define WS_UNICORN_CONTEXT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <unicorn/unicorn.h>

#include <worldswitch/registers.h>
#include <worldswitch/status.h>

/* Byte offsets into a uc_context. */
struct ws__context_layout {
    size_t old_exception; /* int32: an exception after which Unicorn makes the next one a double fault; -1: none */
    size_t error_code;    /* int32: the error code of the last exception that has one */
    size_t flags;         /* uint32: the mode bits that Unicorn's translator reads; the lowest two are the CPL */
    size_t general;       /* EAX to EDI, eight bytes each */
    size_t control;       /* CR0 to CR4, eight bytes each */
    size_t segments;      /* ES CS SS DS FS GS LDTR TR GDTR IDTR, WS__ENGINE_SEGMENT_BYTES each */
    size_t size;          /* size_t: how many bytes Unicorn saves into this context */
};

enum { WS__ENGINE_HIDDEN_BYTES = 16, WS__ENGINE_SEGMENT_BYTES = 24, WS__ENGINE_SEGMENTS = 10 };

/* A segment register: the selector, and the hidden part. */
struct ws__engine_segment {
    uint32_t selector;
    uint32_t base;
    uint32_t limit;
    uint32_t attributes; /* the descriptor's upper four bytes, as in the GDT */
};

/* Find the layout: by experiments the first time, and later from memory.  Returns WS_OK, WS_NO_MEMORY, or WS_ENGINE if
 * an offset was not found, or was found twice. */
enum ws_status ws__context_layout_find(struct ws__context_layout *layout);

/* Read the segment register `which` (ES, CS, SS, DS, FS, GS, LDTR or TR) from a saved context. */
void ws__context_layout_segment(const struct ws__context_layout *layout, const void *context, enum ws_register which,
                                struct ws__engine_segment *out);
/* The offset of ES's hidden part, without the selector.  Those of CS, SS, DS, FS and GS follow, at a distance of
 * WS__ENGINE_SEGMENT_BYTES each. */
size_t ws__context_layout_hidden(const struct ws__context_layout *layout);
/* Write the segment register `which` of a saved context. */
void ws__context_layout_segment_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                    const struct ws__engine_segment *segment);
/* From now on Unicorn saves into this context only up to the segment registers, which is faster: a whole context takes
 * a quarter of a microsecond.  A shortened context cannot be restored. */
void ws__context_layout_shorten(const struct ws__context_layout *layout, uc_context *context);
/* Add `bytes`, a multiple of 4 GiB, to the 32 bits that the base of CS really has.  Unicorn's bases have 64 bits.  See
 * announce.c. */
void ws__context_layout_code_base_raise(const struct ws__context_layout *layout, void *context, uint64_t bytes);

#endif
