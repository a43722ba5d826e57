/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine consists of, for the files that make it: engine.c, engine_state.c, engine_freely.c. */
#ifndef WS_CPU_ENGINE_PARTS_H
#define WS_CPU_ENGINE_PARTS_H

#include <unicorn/unicorn.h>

#include "cpu/engine.h"
#include "cpu/engine_context.h"
#include "cpu/engine_slots.h"
#include "cpu/turnstile.h"

struct ws__engine {
    uc_engine *uc;
    uc_context *context; /* scratch, for reading and mending what only the context shows */
    struct ws__engine_slots slots;
    struct ws__engine_client client;
    uc_context *segments; /* the same, as far as the segment registers only */
    uint8_t hidden[6][WS__ENGINE_HIDDEN_BYTES]; /* as ws__engine_segments() saw them last; ones: not at all */
    bool high;   /* CS's base is where single instructions are not announced; see engine_freely.c */
    bool raised; /* the interrupt hook was called in this run */
    bool stopping; /* it was told to come back */
    bool in_front; /* before a stretch */
    uint32_t front; /* linear: where that is */
    bool stops;  /* ws__engine_stop_at() was called */
    uint8_t vector;
    uintptr_t code_first; /* host addresses of translated code, since it was forgotten last */
    uintptr_t code_last;
    uint32_t faults; /* and the exceptions since then */
    bool crowded;
    struct ws__turnstiles turnstiles;
};

#endif
