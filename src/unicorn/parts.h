/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the engine, for the files that implement it: engine.c, state.c, record.c, announce.c. */
#ifndef WS_UNICORN_PARTS_H
#define WS_UNICORN_PARTS_H

#include <unicorn/unicorn.h>

#include "unicorn/context.h"
#include "unicorn/context_layout.h"
#include "unicorn/engine.h"
#include "unicorn/state_pointer.h"

/* The block whose announced translation the next run begins with; see announce.c. */
struct ws__announce_request {
    const uint8_t *translation; /* the plain one, by the return address of its hook's call; NULL: no request */
    uint32_t linear;
    uint32_t bytes;
};

struct ws__engine {
    struct ws__budget *budget; /* the first member: hook.S expects it there */
    uc_engine *uc;
    struct ws__engine_client client;
    uint32_t ram_bytes;
    bool stopping; /* stop() was called in this run: no block and no instruction may begin */
    struct ws__state_pointer pointer;

    struct ws__context_layout layout;
    uc_context *context;                      /* to read and to change what only a saved context shows */
    uc_context *segments;                     /* a shortened one, to read segment registers */
    uint8_t seen[6][WS__ENGINE_HIDDEN_BYTES]; /* hidden parts in the last ws__engine_segments(); at first all ones */
    struct ws__announce_request request;
    uint32_t jumps;
    bool exits;                 /* Unicorn was told an address at which translations end: see announce.c */
    uint64_t base_raised;       /* this was added to CS's base: see announce.c */
    bool raised;                /* the interrupt hook was called in this run: */
    uint8_t vector;             /* with this vector */
    bool in_front;              /* this run ended in front of a block: */
    uint32_t front;             /* the block's linear address */
    bool refused;               /* fill() returned false in this run */
    uint8_t *open_bus;          /* the page of the open bus, and behind it the copies */
    uint32_t translation_bytes; /* the size of Unicorn's buffer for translations */
    uintptr_t code_first;       /* the lowest and the highest host address of translated code that was seen, */
    uintptr_t code_last;        /* since all code was forgotten the last time */
    uint32_t faults;            /* the number of exceptions since then */
    bool nearly_full;           /* see ws__engine_is_nearly_full() */
};

_Static_assert(offsetof(struct ws__engine, budget) == WS__ENGINE_BUDGET, "hook.S expects it there");

/* -- announce.c ------------------------------------------------------------------------- */

/* Add `hook_function` as the hook that announces instructions. */
bool ws__engine_announce_open(struct ws__engine *engine, void *hook_function);
/* A run begins: if ws__engine_announce() was called, it begins with the announced translation. */
void ws__engine_announce_begin(struct ws__engine *engine);
/* Step mode: the translation at `linear` is about to be entered. */
void ws__engine_announce_stepped(struct ws__engine *engine, uint64_t linear);
/* Block mode: the announced translation of a block is about to be entered. */
void ws__engine_announce_entered(struct ws__engine *engine, uint64_t linear, uint32_t bytes,
                                 const uint8_t *translation);

/* -- engine.c, for hook.S --------------------------------------------------------------- */

void ws__engine_block_hook(uc_engine *uc, uint64_t linear, uint32_t size, void *context);
__attribute__((visibility("hidden"))) void ws__engine_block_called(uc_engine *uc, uint64_t linear, uint32_t size,
                                                                   void *context, uint8_t *state);

#endif
