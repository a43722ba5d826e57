/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guests: what fuzz_guest.c runs, and random_guest.c and random_code.c make.
 */
#ifndef TESTS_FUZZ_RANDOM_GUEST_H
#define TESTS_FUZZ_RANDOM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/machine.h>

/* Where things are in a guest's memory. */
enum {
    GUEST_MEMORY = 1 << 20,
    GUEST_DIRECTORY = 0x4000,
    GDT = 0x1000,
    GDT_ENTRIES = 16,
    NEAR_SEGMENT = 7, /* from this entry on, segments of lively guests that end near the code */
    NEAR_SEGMENTS = GDT_ENTRIES - NEAR_SEGMENT,
    IDT = 0x2000,
    TSS = 0x3000,
    TASK_TSS = 0x6000,
    TABLE = GUEST_DIRECTORY + 0x1000, /* the page table of the first 4 MiB */
    STACKS = 0x8000,
    SECOND_TABLE = 0xd000, /* and of the next */
    CODE = 0x10000,
    CODE_BYTES = 2048, /* half of a page: data stand in the other half */
    EDGES = 0x12000,   /* pages at whose ends there is code, */
    EDGE_PAGES = 3,
    EDGE_BYTES = 24,   /* so much of it in front of each end and behind */
    HANDLER = 0x18000, /* of a lively guest; it counts here, */
    COUNTER = 0x19000,
    TARGETS = 0x1a000, /* and goes on at one of these addresses */
    TARGET_COUNT = 64,
    ALIASES = 0x80000, /* linear: pages that are other pages, too */
    ALIAS_PAGES = 16,
    SECOND = 0x400000, /* linear: what the second table maps; code runs into it from the page in front */
    SECOND_PAGES = 4,
    REGIONS = 0xf100, /* where the bus master finds what it shall move */
    SECTOR = 512,
    CODE_SECTORS = 16,  /* the disk's first ones; then come such with */
    TABLE_SECTORS = 16, /* entries for TABLE, by turns the first 128 and the next */
    SELECTOR_CODE = 0x08,
    SELECTOR_DATA = 0x10,
    SELECTOR_USER_CODE = 0x1b,
    SELECTOR_USER_DATA = 0x23,
    SELECTOR_TSS = 0x28,
    SELECTOR_TASK = 0x30
};

/* Bytes of the fuzzer's input first, then a generator seeded by what came before. */
struct dice {
    uint64_t state;
    const uint8_t *input;
    size_t bytes;
};

/* A number below `sides`. */
uint32_t roll(struct dice *dice, uint32_t sides);

uint32_t roll_word(struct dice *dice);
/* Numbers that mean something: selectors, addresses, bits of control registers, edges. */
uint32_t roll_value(struct dice *dice);

struct code {
    uint8_t bytes[CODE_BYTES + 128]; /* room for the longest piece behind the end */
    size_t size;
    uint16_t start[CODE_BYTES]; /* the offsets at which its pieces begin, */
    uint32_t starts;            /* so many of them */
    struct dice *dice;
};

/* Anything; or, for a lively guest, what seldom ends it, so that it runs for long and in block mode. */
void code_make(struct code *code, struct dice *dice, bool lively);

/* Give a new machine the disk that all guests have. */
void disk_make(struct ws_machine *machine);

/* Put a random guest into a fresh machine of GUEST_MEMORY bytes, ready to start. */
void program_make(struct ws_machine *machine, struct dice *dice);

#endif
