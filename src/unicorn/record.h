/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's state in the architecture's terms, so that it can go into a file and into the engine
 * of another build: what ws__engine_state_save() keeps is bytes of this Unicorn alone.
 *
 * Plain numbers, little-endian as the host is, with no gaps between them: a file holds it as it is.
 */
#ifndef WS_UNICORN_RECORD_H
#define WS_UNICORN_RECORD_H

#include <worldswitch/registers.h>

#include "unicorn/engine.h"

enum { WS__RECORD_SEGMENTS = 8, WS__RECORD_STACK = 8, WS__RECORD_XMM = 8 };

/* A segment register with its hidden part; attributes as in a descriptor's second word. */
struct ws__segment_record {
    uint32_t selector;
    uint32_t base;
    uint32_t limit;
    uint32_t attributes;
};

/* An x87 register as FXSAVE writes it: ten bytes, the rest zero. */
struct ws__float_record {
    uint8_t bytes[16];
};

struct ws__engine_record {
    uint32_t value[WS_REGISTER_COUNT];                      /* as in struct ws_registers */
    struct ws__segment_record segment[WS__RECORD_SEGMENTS]; /* ES, CS, SS, DS, FS, GS, LDTR, TR */
    uint32_t cpl;
    /* SDM 1 §8.1 "x87 FPU Execution Environment" */
    uint32_t control_word, status_word, tag_word, opcode;
    uint32_t instruction, instruction_selector, operand, operand_selector;
    struct ws__float_record physical[WS__RECORD_STACK]; /* R0 to R7, wherever the top is */
    uint32_t mxcsr;
    struct ws__float_record xmm[WS__RECORD_XMM];
    uint32_t page_attributes[2]; /* IA32_PAT, low and high */
};

void ws__engine_record_take(const struct ws__engine *engine, struct ws__engine_record *out);
/* Could a machine be in that state?  One that came from a file may say anything. */
bool ws__engine_record_is_sound(const struct ws__engine_record *record);
/* The inverse of taking, for an engine that has not run.  false: this engine does not have that state
 * then, but another one. */
bool ws__engine_record_put(struct ws__engine *engine, const struct ws__engine_record *record);

#endif
