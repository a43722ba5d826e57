/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions of context_switch(), as the built-in kernels have it: src/guest/lab/switch.S and
 * src/guest/host/switch.S.
 * Why each is there, and what happens without it; tests/ablation/check_context.c removes them one by one.
 */
#ifndef WS_WORLDS_CONTEXT_STEPS_H
#define WS_WORLDS_CONTEXT_STEPS_H

#include <stddef.h>
#include <stdint.h>

enum { WS__CONTEXT_STEPS = 18, WS__CONTEXT_CODE = 64 };

struct ws__context_step {
    uint8_t offset; /* from the routine's first byte */
    uint8_t size;   /* bytes */
    const char *phase, *why, *without;
};

/* Take the routine at `code` apart; returns how many instructions it has, 0 if it is not the one that is described
 * here. */
unsigned ws__context_steps(const uint8_t code[WS__CONTEXT_CODE], struct ws__context_step step[WS__CONTEXT_STEPS]);

#endif
