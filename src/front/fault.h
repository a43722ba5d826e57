/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults as people read them, and as records.
 */
#ifndef WS_FRONT_FAULT_H
#define WS_FRONT_FAULT_H

#include <worldswitch/buffer.h>
#include <worldswitch/image.h>
#include <worldswitch/machine.h>

#include "front/json.h"

/* Append "vector 13 (#GP general protection), error code 0x18 (GDT entry 3)", or "vector 32 (IRQ 0)". */
void ws__fault_append(struct ws_buffer *out, const struct ws_machine *machine, const struct ws_fault *fault);

/* The first vector that stopped the delivery of the one in front of it; NULL: none did, or none is known. */
const struct ws_fault *ws__fault_obstacle(const struct ws_halt *halt);

/* A record of how the run ended, with the whole chain. */
void ws__fault_halt_write(struct ws_buffer *out, const struct ws_halt *halt, const struct ws_symbols *symbols);

#endif
