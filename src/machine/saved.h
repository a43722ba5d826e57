/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine's state as bytes: what ws_machine_save() writes and ws_machine_load() reads.
 *
 *   u64               the mark of the state before
 *   u64               how many acts from outside were done
 *   u32 three times   bytes of the CPU's state, of the engine's, of the chips
 *   those three       so many bytes each
 *   u64, u64, bytes   how much COM1 had sent at the state before, how much since, and that; if that is not all kept
 *                     any more, WS__SAVED_SERIAL_CUT is set in the second number, and then come a u64, the hash of what
 *                     was dropped, and what is kept
 *   u32, u32, bytes   first page of RAM, how many, their content; again and again until there are 0
 *   u32, bytes        page of the disk, its content; again and again until it is UINT32_MAX
 *   u32, pairs        only if the CPU keeps translations: how many, and each place with its entry (cpu/kept.h)
 *
 * The chips stand there as this build has them in memory, as they do in ws_machine_hash().
 */
#ifndef WS_MACHINE_SAVED_H
#define WS_MACHINE_SAVED_H

#include "machine/board.h"

enum { WS__SAVED_NO_PAGE = -1 };
#define WS__SAVED_SERIAL_CUT (UINT64_C(1) << 63)

/* A field of struct ws__cpu_state, and how it goes into a file: one after the other, without gaps. */
#define WS__SAVED_CPU_TABLE(X) \
    X(begun)                   \
    X(skipped)                 \
    X(clock)                   \
    X(shadow)                  \
    X(debug)                   \
    X(resume)                  \
    X(quiet)                   \
    X(hits)                    \
    X(cr2)                     \
    X(pending)                 \
    X(nmi_pending)             \
    X(nmi_blocked)             \
    X(stale.page)              \
    X(stale.count)             \
    X(asleep)                  \
    X(halt.mark)               \
    X(halt.reason)             \
    X(halt.eip)                \
    X(halt.cr3)                \
    X(halt.vector)             \
    X(halt.origin)             \
    X(halt.exit_value)         \
    X(halt.has_error_code)     \
    X(halt.error_code)

/* Behind these, only if the guest has triple-faulted: what led to that. */
#define WS__SAVED_CHAIN_TABLE(X) \
    X(halt.faults)               \
    X(halt.fault)

/* Could chips with this disk be in that state?  What came from a file may say anything; what is said
 * no to would have them reach outside of their buffers, divide by zero, or count beyond numbers. */
bool ws__saved_chips_are_sound(const struct ws__chips *chips, uint32_t disk_sectors);
bool ws__saved_cpu_is_sound(const struct ws__cpu_state *state);

#endif
