/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine consists of, for the files that make it: engine.c, state.c, announce.c. */
#ifndef WS_UNICORN_PARTS_H
#define WS_UNICORN_PARTS_H

#include <unicorn/unicorn.h>

#include "unicorn/context.h"
#include "unicorn/context_layout.h"
#include "unicorn/engine.h"
#include "unicorn/state_pointer.h"

/* A block that needs its twin, see announce.c. */
struct ws__engine_lone {
    const uint8_t *translation; /* NULL: none does */
    uint32_t linear;
    uint32_t bytes;
};

struct ws__engine {
    /* what every call of a hook needs */
    struct ws__budget *budget; /* first, for hook.S */
    uc_engine *uc;
    struct ws__engine_client client;
    bool stopping; /* it was told to come back */
    struct ws__state_pointer pointer;

    struct ws__context_layout layout;
    uc_context *context;                      /* scratch, for reading and mending what only the context shows */
    uc_context *segments;                     /* the same, as far as the segment registers only */
    uint8_t seen[6][WS__ENGINE_HIDDEN_BYTES]; /* as ws__engine_segments() saw them last; ones: not at all */
    struct ws__engine_lone lone;
    uint32_t jumps;
    bool high;      /* CS's base is where each instruction is announced */
    bool raised;    /* the interrupt hook was called in this run */
    bool in_front;  /* before a block */
    uint32_t front; /* linear: where that is */
    bool refused;   /* fill() said false in this run */
    uint8_t *open_bus;
    uint8_t vector;
    uintptr_t code_first; /* host addresses of translated code, since it was forgotten last */
    uintptr_t code_last;
    uint32_t faults; /* and the exceptions since then */
    bool crowded;
};

_Static_assert(offsetof(struct ws__engine, budget) == WS__ENGINE_BUDGET, "hook.S takes it to be there");

/* -- announce.c ------------------------------------------------------------------------- */

/* Have `hook_function` called for what is announced. */
bool ws__engine_announce_open(struct ws__engine *engine, void *hook_function);
/* A run begins: if a block needs its twin, it begins there. */
void ws__engine_announce_begin(struct ws__engine *engine);
/* A twin is about to be entered, in block mode. */
void ws__engine_announce_met(struct ws__engine *engine, uint64_t linear, uint32_t bytes, const uint8_t *translation);

/* -- engine.c, for hook.S --------------------------------------------------------------- */

void ws__engine_block_hook(uc_engine *uc, uint64_t linear, uint32_t size, void *context);
__attribute__((visibility("hidden"))) void ws__engine_block_called(uc_engine *uc, uint64_t linear, uint32_t size,
                                                                   void *context, uint8_t *state);

#endif
