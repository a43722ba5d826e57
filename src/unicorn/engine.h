/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: what executes one instruction after the other.
 *
 * Only engine*.c know Unicorn.  To the rest of the library the engine is a CPU without microcode
 * for exceptions: it executes instructions, says that some are about to begin, and comes back when
 * one of them faults, or when it was told to.  Entering a handler is delivery.c's work.
 *
 * It announces blocks of code (see block.h), and single instructions: each one when it was told to run in step mode,
 * else those that it was asked to announce.
 */
#ifndef WS_UNICORN_ENGINE_H
#define WS_UNICORN_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/paging.h>
#include <worldswitch/registers.h>
#include <worldswitch/segment.h>
#include <worldswitch/status.h>

#include "unicorn/block_table.h"

struct ws__engine;

/* A linear address with this added is the same address, in code whose instructions are announced. */
#define WS__ANNOUNCED (UINT64_C(1) << 33)

/* What the engine's TLB is to hold for one page. */
struct ws__engine_page {
    uint64_t phys;
    bool readable, writable, executable;
};

/* An address given to fill() with this added is a physical one, of a frame to be forgotten; or it is where one of the
 * copies is, from the first one on. */
#define WS__ENGINE_PHYSICAL (UINT64_C(1) << 36)
#define WS__ENGINE_COPY     (UINT64_C(1) << 37)

/* What the engine asks of its owner while it runs. */
struct ws__engine_client {
    void *context;
    /* A block of `bytes` that the budget does not let pass is about to begin; WS__ANNOUNCED is in `linear` if its
     * instructions will be announced, as they must be while the budget says in step mode.  false: do not begin it, come
     * back. */
    bool (*enter)(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation);
    /* An instruction of such a block is about to begin.  false: do not begin it, come back. */
    bool (*hook_point)(void *context, uint32_t linear);
    /* The same while the budget says in step mode. */
    bool (*begin)(void *context, uint32_t linear);
    /* The TLB has no entry for this access to the page at `linear`.  false: do not do this instruction, come back. */
    bool (*fill)(void *context, uint64_t linear, enum ws_access access, struct ws__engine_page *out);
    uint32_t (*port_read)(void *context, uint16_t port, unsigned bytes);
    void (*port_write)(void *context, uint16_t port, unsigned bytes, uint32_t value);
};

/* Where in physical memory there is a page that reads as an open bus does, and can be fetched; and behind it, pages
 * for copies of code: see frames.h. */
#define WS__ENGINE_OPEN_BUS (UINT64_C(1) << 40)
#define WS__ENGINE_COPIES   (WS__ENGINE_OPEN_BUS + WS_PAGE_BYTES)
enum { WS__ENGINE_COPY_COUNT = 64 };

/* Why ws__engine_run() came back. */
enum ws__engine_end {
    WS__ENGINE_RETURNED,  /* a question was answered with false, or it has a reason of its own: going on is right */
    WS__ENGINE_EXCEPTION, /* an instruction raised one */
    WS__ENGINE_REFUSED,   /* fill() said false */
    WS__ENGINE_FAILED     /* it cannot go on */
};

struct ws__engine_exception {
    uint8_t vector;
    uint32_t error_code; /* as Unicorn recorded it; stale if the vector has none */
};

/* Make an engine over `bytes` of RAM that the caller owns; outside RAM there is nothing: reads give
 * all ones, writes
 * vanish.  WS_OK, WS_NO_MEMORY, or WS_ENGINE if this Unicorn does not behave as unicorn-dependent
 *          code needs. */
enum ws_status ws__engine_new(struct ws__engine **out, uint8_t *ram, uint32_t bytes,
                              const struct ws__engine_client *client);
void ws__engine_free(struct ws__engine *engine);

/* What may run without asking; the engine's. */
struct ws__budget *ws__engine_budget(struct ws__engine *engine);

/* How to run from now on: as the budget says.  What loads CS makes the engine come back, if in step mode. */
void ws__engine_step_mode(struct ws__engine *engine, bool step_mode);

/* The block that is about to be entered has hook points, and its instructions are not announced: let the next run begin
 * with another translation of it, where they are, and do without this one.  false: that cannot be. */
bool ws__engine_announce(struct ws__engine *engine, const struct ws__block *block);

/* How many jumps to announced translations were written so far; see jump.h. */
uint32_t ws__engine_jumps(const struct ws__engine *engine);

/* Execute from the current CS:EIP. `exception` is filled for WS__ENGINE_EXCEPTION. */
enum ws__engine_end ws__engine_run(struct ws__engine *engine, struct ws__engine_exception *exception);

/* All registers but the debug registers, which the engine does not have. */
void ws__engine_registers(const struct ws__engine *engine, struct ws_registers *out);
/* One of them. */
uint32_t ws__engine_get(const struct ws__engine *engine, enum ws_register which);
/* The general register with the number that instructions use: the table of registers.h begins with them in this
 * order. */
static inline enum ws_register ws__engine_general(unsigned number)
{
    return (enum ws_register)(WS_EAX + number);
}

/* EAX..EDI, EIP, EFLAGS or CR2: those that are plain values. */
void ws__engine_set(struct ws__engine *engine, enum ws_register which, uint32_t value);

/* The hidden part of CS, SS, DS, ES, FS, GS, LDTR or TR, as it was loaded. */
void ws__engine_segment(const struct ws__engine *engine, enum ws_register which, struct ws_descriptor *out);

/* The same for several segment registers, one bit a WS__SEGMENT_.  `out` holds all of them, as they were last time:
 * those that are as they were then are not written again.  Returns one bit for each that is. */
uint32_t ws__engine_segments(struct ws__engine *engine, uint32_t wanted, struct ws_descriptor out[6]);

unsigned ws__engine_cpl(const struct ws__engine *engine);

/* Load CS, and SS if `stack` is not NULL, with what the caller has read and checked, entering the
 * privilege level of CS's RPL: what a CPU does when it goes through a gate. */
void ws__engine_enter(struct ws__engine *engine, uint16_t cs, const struct ws_descriptor *code, uint16_t ss,
                      const struct ws_descriptor *stack);

/* There is no room for more translations: enter() is to say no, and they must be forgotten. */
bool ws__engine_crowded(const struct ws__engine *engine);
/* The same for any one segment register, or LDTR or TR, without a change of privilege. */
void ws__engine_load(struct ws__engine *engine, enum ws_register which, uint16_t selector,
                     const struct ws_descriptor *descriptor);

enum { WS__ENGINE_TASK_SEGMENTS = 7 };

/* A task switch: load TR, and of ES, CS, SS, DS, FS, GS and LDTR the selectors, which cannot be used
 * until ws__engine_load() has loaded them; set the CPL to CS's RPL, and CR0.TS. */
void ws__engine_task_begin(struct ws__engine *engine, const uint16_t selector[WS__ENGINE_TASK_SEGMENTS], uint16_t tr,
                           const struct ws_descriptor *tss);

/* RAM was changed from outside: translated code must not outlive it. */
void ws__engine_forget_code(struct ws__engine *engine);
/* The same of one frame, or one of the copies, while the engine runs or not. */
void ws__engine_forget_frame(struct ws__engine *engine, uint32_t phys);
void ws__engine_forget_copy(struct ws__engine *engine, unsigned number);
/* One of the copies. */
uint8_t *ws__engine_copy(const struct ws__engine *engine, unsigned number);
void ws__engine_flush_tlb(struct ws__engine *engine);

/* What the open bus reads as: a page of ones; the engine's. */
const uint8_t *ws__engine_open_bus(const struct ws__engine *engine);

/* The engine's own state as opaque bytes, RAM not included. */
size_t ws__engine_state_bytes(const struct ws__engine *engine);
void ws__engine_state_save(const struct ws__engine *engine, void *state);
void ws__engine_state_restore(struct ws__engine *engine, const void *state);

/* "2.1.1", the version in use. */
void ws__engine_version(unsigned *major, unsigned *minor, unsigned *patch);

#endif
