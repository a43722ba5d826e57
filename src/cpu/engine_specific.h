/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Model-specific registers that the engine keeps for a guest that writes them. */
#ifndef WS_CPU_ENGINE_SPECIFIC_H
#define WS_CPU_ENGINE_SPECIFIC_H

#include "cpu/engine.h"

/* The first ones are the MTRRs, which are not in Unicorn's saved context. */
enum { WS__SPECIFIC_MTRRS = 28, WS__SPECIFIC = 43 };

/* One register's low and high words. */
struct ws__specific {
    uint32_t word[2];
};

/* Read the first `count` of them, and write those that differ. */
void ws__engine_specific_take(const struct ws__engine *engine, struct ws__specific *out, unsigned count);
void ws__engine_specific_put(struct ws__engine *engine, const struct ws__specific *value, unsigned count);

#endif
