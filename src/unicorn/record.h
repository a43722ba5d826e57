/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's state as the registers of the architecture.
 *
 * This form can be written to a file, and loaded by another build with another Unicorn.  The bytes of
 * ws__engine_state_save() cannot: they mean something to the same version of Unicorn only.
 *
 * A record consists of plain little-endian numbers without gaps, so the file contains the struct as it is in memory.
 */
#ifndef WS_UNICORN_RECORD_H
#define WS_UNICORN_RECORD_H

#include <worldswitch/registers.h>

#include "unicorn/engine.h"

enum { WS__RECORD_SEGMENTS = 8, WS__RECORD_STACK = 8, WS__RECORD_XMM = 8 };

/* A segment register: the selector, and the hidden part with the descriptor's upper four bytes as `attributes`. */
struct ws__segment_record {
    uint32_t selector;
    uint32_t base;
    uint32_t limit;
    uint32_t attributes;
};

/* An x87 register as FXSAVE writes it, ten bytes and zeros; or an SSE register. */
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
    struct ws__float_record physical[WS__RECORD_STACK]; /* R0 to R7, independent of the top of the stack */
    uint32_t mxcsr;
    struct ws__float_record xmm[WS__RECORD_XMM];
    uint32_t page_attributes[2]; /* IA32_PAT, low and high */
};

/* IA32_PAT.  SDM 3A §11.12.2 "IA32_PAT MSR" */
uint64_t ws__engine_page_attributes(const struct ws__engine *engine);

/* Read the engine's state. */
void ws__engine_record_take(const struct ws__engine *engine, struct ws__engine_record *out);
/* Can a machine be in this state?  A record from a file may contain anything. */
bool ws__engine_record_is_sound(const struct ws__engine_record *record);
/* Load a record into an engine that has not run.  false: the engine cannot have exactly this state, and has another
 * one. */
bool ws__engine_record_put(struct ws__engine *engine, const struct ws__engine_record *record);

#endif
