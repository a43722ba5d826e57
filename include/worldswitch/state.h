/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine's state at a mark as one value, and how two of them differ, in words.
 *
 * A state holds no pointer into the machine: it stays what it is while the machine runs on, goes
 * back, or is freed, and states of two machines can be compared.
 */
#ifndef WORLDSWITCH_STATE_H
#define WORLDSWITCH_STATE_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/crossing.h>
#include <worldswitch/fpu.h>
#include <worldswitch/machine.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

/* name, what it is called: the tables whose content belongs to a state */
#define WS_STATE_TABLE_TABLE(X) \
    X(GDT, "gdt")               \
    X(IDT, "idt")               \
    X(LDT, "ldt")               \
    X(TSS, "tss")

enum ws_state_table {
#define WS_STATE_TABLE_ENUM(name, text) WS_STATE_##name,
    WS_STATE_TABLE_TABLE(WS_STATE_TABLE_ENUM)
#undef WS_STATE_TABLE_ENUM
        WS_STATE_TABLES
};

struct ws_state {
    uint64_t mark;
    uint64_t hash;               /* of everything, as ws_machine_hash() */
    char world[WS_NAME_BYTES];   /* "" if there was no watcher */
    char process[WS_NAME_BYTES]; /* "" if there is none */
    struct ws_registers registers;
    struct ws_fpu fpu;
    unsigned cpl;
    struct ws_buffer table[WS_STATE_TABLES]; /* owned: raw bytes, as far as they are mapped; decode
                                                entries with ws_descriptor_decode() */
    struct ws_page_map map;                  /* owned: the linear address space */
    uint64_t *page;                          /* owned: a hash of each page of RAM */
    size_t pages;
    uint64_t part[WS_PART_COUNT]; /* a hash of each chip and what else there is besides */
};

/* Take the machine's state as it is now.  `watcher` may be NULL: then names are not known.  The
 * caller releases *out.  WS_OK or WS_NO_MEMORY (*out is empty then). */
enum ws_status ws_state_take(struct ws_state *out, const struct ws_machine *machine, struct ws_watcher *watcher);
void ws_state_release(struct ws_state *state);

/* Receives one difference: its category (a constant: one of ws_category_name(), or "place", "gdt",
 * "idt", "ldt", "tss", "memory", "devices", "debug-registers", "fpu"), and what differs, one line. */
typedef void ws_state_difference(void *context, const char *category, const char *text);

/* Say all differences from `a` to `b`, category by category; none if the states are equal in all
 * but their marks.  WS_OK or WS_NO_MEMORY (some may have been said). */
enum ws_status ws_state_compare(const struct ws_state *a, const struct ws_state *b, ws_state_difference *say,
                                void *context);

#endif
