/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine code as text.  The text comes from the library Capstone, which only src/x86/ uses.
 */
#ifndef WORLDSWITCH_DISASM_H
#define WORLDSWITCH_DISASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/status.h>

enum ws_syntax { WS_SYNTAX_ATT, WS_SYNTAX_INTEL };

enum { WS_INSTRUCTION_BYTES = 15, WS_INSTRUCTION_TEXT = 96 };

struct ws_instruction {
    uint32_t linear;
    uint8_t size; /* in bytes; 1 if the code is no instruction */
    bool valid;
    uint8_t bytes[WS_INSTRUCTION_BYTES];
    char text[WS_INSTRUCTION_TEXT]; /* "mov %eax, %cr3"; "(bad)" if the code is no instruction */
};

struct ws_disasm;

enum ws_status ws_disasm_new(struct ws_disasm **out);
void ws_disasm_free(struct ws_disasm *disasm);

/* Disassemble one instruction that stands at `linear`; `code` holds up to 15 bytes of it.  `wide`: CS is a 32-bit code
 * segment.  *out is always filled; returns out->valid. */
bool ws_disasm_one(struct ws_disasm *disasm, const uint8_t *code, size_t bytes, uint32_t linear, bool wide,
                   enum ws_syntax syntax, struct ws_instruction *out);

#endif
