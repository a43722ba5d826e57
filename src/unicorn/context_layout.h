/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Unicorn's saved context keeps what its interface does not show.
 *
 * The layout differs from version to version and is nobody's promise.  So each place is found at
 * start-up by behaviour, in a throw-away engine: do something whose effect is known, and look where
 * the context shows it.  If a place is not found, or two would do, nothing starts: WS_ENGINE, and
 * `doctor` tells.
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
    size_t old_exception; /* int32: the exception that could make the next one a double fault; -1: none */
    size_t error_code;    /* int32: of the last exception that has one */
    size_t flags;         /* uint32: the translator's mode bits; the lowest two are the CPL */
    size_t general;       /* EAX to EDI, eight bytes each */
    size_t control;       /* CR0 to CR4, likewise */
    size_t segments;      /* ES CS SS DS FS GS LDTR TR GDTR IDTR, each a ws__engine_segment with padding */
    size_t size;          /* size_t: how much is saved */
};

enum { WS__ENGINE_HIDDEN_BYTES = 16, WS__ENGINE_SEGMENT_BYTES = 24, WS__ENGINE_SEGMENTS = 10 };

/* A segment register's hidden part. */
struct ws__engine_segment {
    uint32_t selector;
    uint32_t base;
    uint32_t limit;
    uint32_t attributes; /* the descriptor's upper half, as it stands in the GDT */
};

/* WS_OK, WS_NO_MEMORY, or WS_ENGINE if a place was not found or found twice. */
enum ws_status ws__context_layout_find(struct ws__context_layout *layout);

/* Read the hidden part of `which` (CS..GS, LDTR, TR) from a saved context. */
void ws__context_layout_segment(const struct ws__context_layout *layout, const void *context, enum ws_register which,
                                struct ws__engine_segment *out);
/* Where ES's hidden part is; those of CS, SS, DS, FS and GS follow, each WS__ENGINE_SEGMENT_BYTES behind the one
 * before. */
size_t ws__context_layout_hidden(const struct ws__context_layout *layout);
void ws__context_layout_segment_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                    const struct ws__engine_segment *segment);
/* Let a context be filled as far as the segment registers only; it cannot be restored any more.  All of it takes
 * a quarter of a microsecond. */
void ws__context_layout_shorten(const struct ws__context_layout *layout, uc_context *context);
/* Unicorn's bases have 64 bits: add 8 GiB to CS's, or take them away. */
void ws__context_layout_code_base_raise(const struct ws__context_layout *layout, void *context, bool raised);

#endif
