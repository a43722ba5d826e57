/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stage for turnstiles and wickets: code with a call as the engine's translator makes it, and stretches. */
#ifndef TESTS_CPU_CALL_STAGE_H
#define TESTS_CPU_CALL_STAGE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

#include <worldswitch/paging.h>

#include "cpu/turnstile.h"

enum {
    RAM_BYTES = 4 * WS_PAGE_BYTES,
    SITE_BYTES = 4096,
    SITE = 256, /* where code is: the translator has data in front of it */
    MOST = 144, /* bytes that a turnstile compares */
    HIDDEN = 32, /* where the CPU's state has the segments' hidden parts, */
    STRIDE = 24 /* each so far behind the one before */
};

static uint8_t *ram, *site;
static uint8_t state[HIDDEN + 6 * STRIDE]; /* the CPU's, in RBP when the call is reached */
static struct ws__stretches stretches;
static struct ws__turnstiles turnstiles;
static struct ws__pace *pace;
static struct ws__turnstile_call asked; /* what the hook was called with */
static unsigned calls;

static void hook(uint64_t uc, uint64_t linear, uint64_t bytes, uint64_t context)
{
    asked = (struct ws__turnstile_call){uc, linear, bytes, context};
    calls++;
}

static void *memory_make(size_t bytes, int protection)
{
    void *memory = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(memory != MAP_FAILED);
    return memory;
}

static inline void setup(void)
{
    ram = memory_make(RAM_BYTES, PROT_READ | PROT_WRITE);
    site = memory_make(SITE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (unsigned i = 0; i < RAM_BYTES; i++)
        ram[i] = (uint8_t)(i * 7 + i / 256);
    ck_assert(ws__stretches_init(&stretches, ram, RAM_BYTES));
    ck_assert(ws__turnstiles_init(&turnstiles));
    pace = turnstiles.pace;
    pace->table = stretches.table;
    memset(state, 0, sizeof state);
    ws__turnstiles_open(&turnstiles, HIDDEN);
    calls = 0;
}

static inline void teardown(void)
{
    ws__turnstiles_release(&turnstiles);
    ws__stretches_release(&stretches);
    munmap(ram, RAM_BYTES);
    munmap(site, SITE_BYTES);
}

/* -- a call, as the translator makes it -------------------------------------------------------- */

static uint8_t *put(uint8_t *at, const void *bytes, size_t count)
{
    memcpy(at, bytes, count);
    return at + count;
}

static uint8_t *constant_put(uint8_t *at, unsigned which, uint64_t value)
{
    int64_t distance = (int64_t)(value - ((uintptr_t)at + 7));
    const uint8_t mov = (uint8_t)(0xb8 | which), wide[] = {0x48, mov}, lea[] = {0x48, 0x8d, (uint8_t)(5 | which << 3)};
    if (value <= UINT32_MAX)
        return put(put(at, &mov, 1), &value, 4);
    if (distance == (int32_t)distance)
        return put(put(at, lea, 3), &distance, 4);
    return put(put(at, wide, 2), &value, 8);
}

/* Returns where the call returns to. */
static inline uint8_t *call_put_at(uint8_t *at, const struct ws__turnstile_call *call)
{
    static const uint8_t begin[] = {0x55, 0x48, 0xbd}, end[] = {0x5d, 0xc3}; /* push and load RBP; pop it, ret */
    static const uint8_t through_memory[] = {0xff, 0x15};
    void (*const target)(uint64_t, uint64_t, uint64_t, uint64_t) = hook;
    const uint8_t *const cpu = state;
    at = put(put(at, begin, sizeof begin), &cpu, sizeof cpu);
    at = constant_put(at, 7, call->uc);
    at = constant_put(at, 6, call->linear);
    at = constant_put(at, 2, call->bytes);
    at = constant_put(at, 1, call->context);
    int32_t distance = (int32_t)(site + SITE_BYTES - sizeof target - (at + 6));
    at = put(put(at, through_memory, 2), &distance, 4);
    memcpy(site + SITE_BYTES - sizeof target, &target, sizeof target);
    put(at, end, sizeof end);
    return at;
}

static inline uint8_t *call_put(const struct ws__turnstile_call *call)
{
    return call_put_at(site + SITE, call);
}

static inline void call(void)
{
    void (*function)(void);
    const void *code = site + SITE;
    memcpy(&function, &code, sizeof function);
    function();
}

/* -- stretches --------------------------------------------------------------------------------- */

static inline struct ws__stretch *stretch_make(uint8_t *translation, uint32_t phys, unsigned bytes, bool writes)
{
    struct ws__stretch_code *code = calloc(1, sizeof *code + 2 * bytes);
    *code = (struct ws__stretch_code){
        .linear = 0xc0000000 + phys, .bytes = (uint16_t)bytes,
        .in_first = (uint16_t)bytes, .first = ram + phys, .writes = writes,
    };
    code->copy = code->length + bytes;
    struct ws__stretch stretch = {
        .translation = (uintptr_t)translation, .code = code, .touches = 4, .instructions = (uint16_t)((bytes + 2) / 3),
    };
    return ws__stretch_add(&stretches, &stretch);
}

static const struct ws__turnstile_call usual = {0x555500001000, 0x2c0001000, 5, 0x555500002000};

/* One whose call may pass through a turnstile. */
static inline struct ws__stretch *stretch_set(uint32_t phys, unsigned bytes, bool writes)
{
    struct ws__stretch *stretch = stretch_make(call_put(&usual), phys, bytes, writes);
#ifdef __x86_64__
    ck_assert(ws__turnstile_set(&turnstiles, &usual, stretch));
#else
    ck_assert(!ws__turnstile_set(&turnstiles, &usual, stretch));
#endif
    return stretch;
}

#endif
