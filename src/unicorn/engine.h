/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: it executes the guest's instructions.
 *
 * Only the files in src/unicorn/ use Unicorn.  The rest of the library sees the engine as a CPU that cannot enter
 * exception handlers: the engine executes instructions, and returns when an instruction faults or when the library told
 * it to stop.  Entering the handler is the work of cpu/delivery.c.
 *
 * The engine calls its owner before it begins a block (see block_table.h), and before some instructions.  To call
 * before an instruction is to *announce* it.  In step mode the engine announces every instruction.  In block mode it
 * announces only the instructions of blocks that have hook points (see announce.c).
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

/* The engine has two translations of a piece of code.  One announces its instructions, the other does not.  The engine
 * tells them apart by the linear address: this is added to the addresses of the announced translation. */
#define WS__ANNOUNCED (UINT64_C(1) << 33)
/* An announced translation can be a short one: see ws__engine_translate_until().  Then this is added, too. */
#define WS__SHORT (UINT64_C(1) << 34)

/* The TLB entry for one page, as fill() returns it. */
struct ws__engine_page {
    uint64_t phys;
    bool readable, writable, executable;
};

/* To forget the translations of a frame, the engine calls fill() with a made-up linear address, and fill() answers with
 * the frame.  WS__ENGINE_PHYSICAL plus a physical address names a frame of RAM.  WS__ENGINE_COPY plus an offset names a
 * copy: the offset counts from the first copy. */
#define WS__ENGINE_PHYSICAL (UINT64_C(1) << 36)
#define WS__ENGINE_COPY     (UINT64_C(1) << 37)

/* The functions of its owner that the engine calls while it runs. */
struct ws__engine_client {
    void *context;
    /* A block of `bytes` bytes is about to begin, and ws__budget_pass() did not let it pass.  `linear` contains
     * WS__ANNOUNCED if this translation announces its instructions; in step mode it must.  `translation` is the return
     * address of the hook's call, by which the block is known.  false: the engine does not begin the block, it
     * returns. */
    bool (*enter)(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation);
    /* Block mode: an announced instruction is about to begin, and ws__budget_lets_begin() did not let it.  false: the
     * engine does not begin it, it returns. */
    bool (*hook_point)(void *context, uint32_t linear);
    /* Step mode: an instruction is about to begin.  false: as above. */
    bool (*begin)(void *context, uint32_t linear);
    /* The TLB has no entry that allows this access to the page at `linear`.  true: *out is the entry.  false: the
     * engine takes the instruction back and returns. */
    bool (*fill)(void *context, uint64_t linear, enum ws_access access, struct ws__engine_page *out);
    uint32_t (*port_read)(void *context, uint16_t port, unsigned bytes);
    void (*port_write)(void *context, uint16_t port, unsigned bytes, uint32_t value);
    /* An access to physical memory behind RAM; `bytes` is 1, 2, 4 or 8. */
    uint64_t (*memory_read)(void *context, uint32_t phys, unsigned bytes);
    void (*memory_write)(void *context, uint32_t phys, unsigned bytes, uint64_t value);
};

/* Two ranges of the engine's physical memory that are outside the guest's: one page that reads as an open bus (all
 * ones) and from which the engine can fetch code; behind it, the pages for copies of code, see cpu/frames.h. */
#define WS__ENGINE_OPEN_BUS (UINT64_C(1) << 40)
#define WS__ENGINE_COPIES   (WS__ENGINE_OPEN_BUS + WS_PAGE_BYTES)
enum { WS__ENGINE_COPY_COUNT = 64 };

/* Why ws__engine_run() returned. */
enum ws__engine_end {
    WS__ENGINE_RETURNED,  /* its owner returned false, or Unicorn has a reason of its own; the run may go on */
    WS__ENGINE_EXCEPTION, /* an instruction raised an exception */
    WS__ENGINE_REFUSED,   /* fill() returned false */
    WS__ENGINE_FAILED     /* Unicorn reported another error; the run cannot go on */
};

struct ws__engine_exception {
    uint8_t vector;
    uint32_t error_code; /* as Unicorn recorded it; an old value if the vector has no error code */
};

/* Make an engine over `bytes` bytes of RAM that the caller owns; outside RAM the client is asked.  Returns WS_OK,
 * WS_NO_MEMORY, or WS_ENGINE if this version of Unicorn does not behave as src/unicorn/ needs it. */
enum ws_status ws__engine_new(struct ws__engine **out, uint8_t *ram, uint32_t bytes,
                              const struct ws__engine_client *client);
void ws__engine_free(struct ws__engine *engine);

/* The instruction budget: how far the guest may run before the engine calls enter().  The engine owns it. */
struct ws__budget *ws__engine_budget(struct ws__engine *engine);

/* From now on run in step mode, or in block mode.  budget->step_mode must say the same.  An instruction that loads CS
 * undoes step mode (see announce.c): then the engine returns before the next block, and the owner calls this again. */
void ws__engine_step_mode(struct ws__engine *engine, bool step_mode);

/* The engine is in step mode, and the next run will probably not get to `end`, a linear address that no branch and no
 * end of a page separates from EIP's (more than 32 bits if CS's base plus EIP has more).  So it translates only the
 * instructions in front of `end`, and returns there. */
void ws__engine_translate_until(struct ws__engine *engine, uint64_t end);

/* `block` has hook points, but this translation of it does not announce its instructions.  The next run is to begin
 * with the announced translation (see announce.c), and if possible a jump from `block` to it is written (see jump.h).
 * false: the engine cannot do this, since it has no state pointer. */
bool ws__engine_announce(struct ws__engine *engine, const struct ws__block *block);

/* The number of jumps to announced translations that were written so far; see jump.h. */
uint32_t ws__engine_jumps(const struct ws__engine *engine);

/* Execute from the current CS:EIP on.  *exception is filled in for WS__ENGINE_EXCEPTION. */
enum ws__engine_end ws__engine_run(struct ws__engine *engine, struct ws__engine_exception *exception);

/* Read all registers except the debug registers, which cpu->state.debug holds. */
void ws__engine_registers(const struct ws__engine *engine, struct ws_registers *out);
/* Read one of them. */
uint32_t ws__engine_get(const struct ws__engine *engine, enum ws_register which);
/* The general register that an instruction names by `number`.  The first eight of enum ws_register are in the order of
 * these numbers. */
static inline enum ws_register ws__engine_general(unsigned number)
{
    return (enum ws_register)(WS_EAX + number);
}

/* Write a register that is a plain value: EAX to EDI, EIP, EFLAGS, CR0, CR2, CR3 or CR4. */
void ws__engine_set(struct ws__engine *engine, enum ws_register which, uint32_t value);
/* Load GDTR (WS_GDTR_BASE) or IDTR (WS_IDTR_BASE). */
void ws__engine_table_set(struct ws__engine *engine, enum ws_register which, uint32_t base, uint32_t limit);

/* Read the hidden part of CS, SS, DS, ES, FS, GS, LDTR or TR: the descriptor as it was when the register was loaded. */
void ws__engine_segment(const struct ws__engine *engine, enum ws_register which, struct ws_descriptor *out);

/* Update the hidden parts of the segment registers in `wanted`, one bit for each WS__SEGMENT_ number.  `out` must be
 * the array of the last call: a hidden part that has not changed since then is not written again.  Returns the bits of
 * those that were written. */
uint32_t ws__engine_segments(struct ws__engine *engine, uint32_t wanted, struct ws_descriptor out[6]);

unsigned ws__engine_cpl(const struct ws__engine *engine);

/* Load CS, and SS if `stack` is not NULL, with descriptors that the caller has read and checked.  The CPL becomes CS's
 * RPL.  A CPU does this when it goes through a gate. */
void ws__engine_enter(struct ws__engine *engine, uint16_t cs, const struct ws_descriptor *code, uint16_t ss,
                      const struct ws_descriptor *stack);

/* Load one segment register, or LDTR or TR, in the same way.  The CPL stays. */
void ws__engine_load(struct ws__engine *engine, enum ws_register which, uint16_t selector,
                     const struct ws_descriptor *descriptor);

enum { WS__ENGINE_TASK_SEGMENTS = 7 };

/* The first half of a task switch: load TR, and the selectors of ES, CS, SS, DS, FS, GS and LDTR (in this order).
 * These cannot be used until ws__engine_load() has loaded their descriptors, too.  The CPL becomes CS's RPL, and CR0.TS
 * is set. */
void ws__engine_task_begin(struct ws__engine *engine, const uint16_t selector[WS__ENGINE_TASK_SEGMENTS], uint16_t tr,
                           const struct ws_descriptor *tss);

/* The engine's buffer for translations is nearly full.  Then enter() must return false, and the owner must call
 * ws__engine_forget_code(). */
bool ws__engine_is_nearly_full(const struct ws__engine *engine);
/* Forget all translations; not while the engine runs.  The caller needs this when RAM was changed by something else
 * than the guest's instructions. */
void ws__engine_forget_code(struct ws__engine *engine);
/* Forget the translations of one frame of RAM, or of one copy.  This may be called while the engine runs, too. */
void ws__engine_forget_frame(struct ws__engine *engine, uint32_t phys);
void ws__engine_forget_copy(struct ws__engine *engine, unsigned number);
/* The bytes of one copy; see WS__ENGINE_COPIES. */
uint8_t *ws__engine_copy(const struct ws__engine *engine, unsigned number);
void ws__engine_flush_tlb(struct ws__engine *engine);

/* The page that the open bus reads as: all ones.  The engine owns it. */
const uint8_t *ws__engine_open_bus(const struct ws__engine *engine);

/* The engine's state without RAM, as bytes that only the same version of Unicorn understands. */
size_t ws__engine_state_bytes(const struct ws__engine *engine);
void ws__engine_state_save(const struct ws__engine *engine, void *state);
void ws__engine_state_restore(struct ws__engine *engine, const void *state);

/* The version of Unicorn in use. */
void ws__engine_version(unsigned *major, unsigned *minor, unsigned *patch);

#endif
