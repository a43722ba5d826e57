/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug registers: which breakpoints an instruction meets, and what DR6 then says.
 *
 *   DR7   bits 2n, 2n+1      Ln, Gn: breakpoint n is enabled
 *         bits 16+4n, 17+4n  R/Wn: 0 instruction, 1 data write, 2 port (with CR4.DE), 3 data
 *         bits 18+4n, 19+4n  LENn: 1, 2, 8 or 4 bytes, aligned to that
 *   DR6   bits 0 to 3        Bn: breakpoint n was met; bit 13 BD, bit 14 BS, bit 15 BT
 *
 * SDM 3B §17.2 "Debug Registers".
 */
#ifndef WS_CPU_DEBUG_H
#define WS_CPU_DEBUG_H

#include "cpu/cpu.h"
#include "x86/operands.h"

enum { WS__DR6_BD = 1 << 13, WS__DR6_BS = 1 << 14, WS__DR6_BT = 1 << 15, WS__DR7_GD = 1 << 13 };

/* Which of the WS__CHECK_ bits the breakpoints in DR7 need. */
uint32_t ws__debug_reasons(const struct ws__cpu_state *state);

/* The breakpoints that stand on the instruction at `linear`, as bits of DR6. */
uint32_t ws__debug_code_hits(const struct ws__cpu_state *state, uint32_t linear);

/* Does a breakpoint on instructions stand in these bytes of code? */
bool ws__debug_code_watched(const struct ws__cpu_state *state, uint32_t linear, uint32_t bytes);
/* The breakpoints may have changed: have all blocks with a breakpoint on an instruction ask before they begin. */
void ws__debug_code_ask(struct ws__cpu *cpu);

/* Does a data breakpoint stand in this linear page? */
bool ws__debug_page_watched(const struct ws__cpu_state *state, uint32_t page);

/* An instruction is about to access its operands, or a port: remember which breakpoints it meets. */
void ws__debug_data_watch(struct ws__cpu *cpu, const struct ws__operands *operands);
void ws__debug_port_watch(struct ws__cpu *cpu, uint16_t port, unsigned bytes);
/* The instruction faulted: forget the breakpoints that it met. */
void ws__debug_data_forget(struct ws__cpu *cpu);

/* #DB is about to be raised: put the reasons into DR6, `bits` and the breakpoints that were remembered. */
void ws__debug_report(struct ws__cpu *cpu, uint32_t bits);

#endif
