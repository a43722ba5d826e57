/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions and interrupts: the vectors, and how a CPU delivers one through the guest's IDT.
 *
 *   vector ──► IDT entry ──► gate ──► code segment ──► stack (same ring, or SS0:ESP0 of the TSS)
 *                                                  ──► frame: [SS ESP] EFLAGS CS EIP [error code]
 *                                                  ──► handler
 *
 * Unicorn raises exceptions, but never enters a handler.  This library does what a CPU's microcode does then, as
 * SDM 3A §6.12 "Exception and Interrupt Handling" says, and nothing more.
 */
#ifndef WORLDSWITCH_EXCEPTION_H
#define WORLDSWITCH_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>

/* What decides whether two exceptions make a double fault.  SDM 3A §6.15 "Exception and Interrupt Reference", table
 * 6-5. */
enum ws_exception_class { WS_CLASS_BENIGN, WS_CLASS_CONTRIBUTORY, WS_CLASS_PAGE_FAULT, WS_CLASS_DOUBLE_FAULT };

/* What decides which EIP the frame holds: that of the instruction, or of the next one.  SDM 3A §6.5 "Exception
 * Classifications". */
enum ws_exception_kind { WS_KIND_FAULT, WS_KIND_TRAP, WS_KIND_ABORT, WS_KIND_INTERRUPT };

/* vector, mnemonic, name, class, kind, pushes an error code */
#define WS_EXCEPTION_TABLE(X)                                      \
    X(0, DE, "divide error", CONTRIBUTORY, FAULT, false)           \
    X(1, DB, "debug exception", BENIGN, TRAP, false)               \
    X(2, NMI, "non-maskable interrupt", BENIGN, INTERRUPT, false)  \
    X(3, BP, "breakpoint", BENIGN, TRAP, false)                    \
    X(4, OF, "overflow", BENIGN, TRAP, false)                      \
    X(5, BR, "bound range exceeded", BENIGN, FAULT, false)         \
    X(6, UD, "invalid opcode", BENIGN, FAULT, false)               \
    X(7, NM, "device not available", BENIGN, FAULT, false)         \
    X(8, DF, "double fault", DOUBLE_FAULT, ABORT, true)            \
    X(9, CSO, "coprocessor segment overrun", BENIGN, FAULT, false) \
    X(10, TS, "invalid TSS", CONTRIBUTORY, FAULT, true)            \
    X(11, NP, "segment not present", CONTRIBUTORY, FAULT, true)    \
    X(12, SS, "stack-segment fault", CONTRIBUTORY, FAULT, true)    \
    X(13, GP, "general protection", CONTRIBUTORY, FAULT, true)     \
    X(14, PF, "page fault", PAGE_FAULT, FAULT, true)               \
    X(16, MF, "x87 floating-point error", BENIGN, FAULT, false)    \
    X(17, AC, "alignment check", BENIGN, FAULT, true)              \
    X(18, MC, "machine check", BENIGN, ABORT, false)               \
    X(19, XM, "SIMD floating-point exception", BENIGN, FAULT, false)

enum ws_vector {
#define WS_VECTOR_ENUM(vector, mnemonic, name, class_, kind, error) WS_VECTOR_##mnemonic = vector,
    WS_EXCEPTION_TABLE(WS_VECTOR_ENUM)
#undef WS_VECTOR_ENUM
};

struct ws_exception_info {
    const char *mnemonic; /* "#PF"; "" for a vector that is not an exception */
    const char *name;     /* "page fault"; "interrupt" for all other vectors */
    uint8_t class_;       /* enum ws_exception_class */
    uint8_t kind;         /* enum ws_exception_kind */
    bool error_code;      /* its frame has an error code */
};

/* The row for a vector; for 15 and 20 to 255 it says "interrupt".  It is a constant. */
const struct ws_exception_info *ws_exception_info(uint8_t vector);

/* Where a vector came from.  This decides whether the gate's DPL is checked, and the EXT bit. */
enum ws_origin {
    WS_ORIGIN_EXCEPTION, /* the CPU raised it while executing */
    WS_ORIGIN_SOFTWARE,  /* int n, int3, into */
    WS_ORIGIN_EXTERNAL   /* an interrupt line, or NMI */
};

/* What this delivery of a vector is.  An external interrupt or an `int n` is not an exception, whatever its number; but
 * NMI, int3 and into have their own rows.  The result is a constant. */
const struct ws_exception_info *ws_vector_info(uint8_t vector, enum ws_origin origin);

/* Bits of an error code that names a selector. SDM 3A §6.13 "Error Code". */
enum { WS_ERROR_EXT = 1, WS_ERROR_IDT = 2, WS_ERROR_TI = 4 };

/* Append a blank and an error code taken apart: "(GDT entry 3)", "(IDT entry 13, EXT)", of a page fault its bits;
 * nothing if there is nothing in it. */
void ws_error_code_describe(struct ws_buffer *out, uint8_t vector, uint32_t error_code);

#endif
