/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trace records, and the formats in which they are written.  A format is a row of functions.
 */
#ifndef WS_CLI_TRACE_H
#define WS_CLI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>
#include <worldswitch/disasm.h>
#include <worldswitch/event.h>
#include <worldswitch/forward.h>
#include <worldswitch/halt.h>
#include <worldswitch/image.h>

/* An instruction as it was when it began. */
struct ws__trace_instruction {
    uint64_t mark;
    uint32_t linear;
    uint8_t cpl;
    bool wide;                           /* in a 32-bit code segment */
    uint8_t bytes[WS_INSTRUCTION_BYTES]; /* and what follows it */
    const char *world;                   /* borrowed from the watcher */
};

/* What a format may ask. */
struct ws__trace_style {
    struct ws_disasm *disasm;
    enum ws_syntax syntax;
    const struct ws_symbols *symbols; /* may be NULL */
    bool colored;
};

struct ws__trace_format {
    /* Each appends one record; NULL: this format has none. */
    void (*begin)(struct ws_buffer *out);
    void (*crossing)(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_crossing *crossing);
    void (*event)(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_event *event,
                  const char *world);
    void (*path)(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_forward_path *path);
    void (*instruction)(struct ws_buffer *out, const struct ws__trace_style *style,
                        const struct ws__trace_instruction *instruction);
    void (*finding)(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_finding *finding);
    void (*halt)(struct ws_buffer *out, const struct ws__trace_style *style, const struct ws_halt *halt);
};

extern const struct ws__trace_format ws__trace_text, ws__trace_jsonl, ws__trace_csv;

/* The format of that number, enum ws__format. */
const struct ws__trace_format *ws__trace_format(unsigned format);

/* Decode it. */
void ws__trace_decode(const struct ws__trace_style *style, const struct ws__trace_instruction *instruction,
                      struct ws_instruction *out);
/* The reason why it is there, "" where none is known; a constant. */
const char *ws__trace_why(const struct ws__trace_instruction *instruction);

/* The name of the table that a TABLE_LOAD event loaded: "gdtr". */
const char *ws__trace_table(const struct ws_event *event);

#endif
