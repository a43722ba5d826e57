/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chain from a vector that cannot be delivered to the next one, at its longest up to a triple fault.
 */
#ifndef WS_CPU_FAULT_CHAIN_H
#define WS_CPU_FAULT_CHAIN_H

#include "cpu/delivery.h"

struct ws__fault_chain {
    uint64_t mark; /* of the events */
    uint32_t faults;
    struct ws_fault fault[WS_FAULTS];
};

/* The vector of `raise` cannot be delivered, by the attempt `d` at the instruction at `linear`: keep it, and report it.
 * `cr2` is what CR2 was when it was raised. */
void ws__fault_chain_add(struct ws__fault_chain *chain, const struct ws__delivery *d, const struct ws__raise *raise,
                         uint32_t linear, uint32_t cr2);

/* The double fault cannot be delivered, and it all began with `raise`: halt the CPU, which keeps the chain. */
void ws__fault_chain_end(const struct ws__fault_chain *chain, struct ws__cpu *cpu, const struct ws__raise *raise);

#endif
