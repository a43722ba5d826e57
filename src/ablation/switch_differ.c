/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In what do two machines differ that stand at the same mark?  A place is a number: its kind above, its index below.
 */
#include <string.h>

#include <worldswitch/fpu.h>

#include "ablation/switch.h"

enum kind { REGISTER, FPU, PART, WORD };
enum { CONTROL, STATUS, TAGS, MXCSR, PHYSICAL, XMM = PHYSICAL + WS_FPU_REGISTERS };

static uint64_t place_of(enum kind kind, uint32_t index)
{
    return (uint64_t)kind << 32 | index;
}

static void place_add(struct ws__differ *out, enum kind kind, uint32_t index)
{
    if (out->count == WS__DIFFER_MOST)
        out->more = true;
    else
        out->place[out->count++] = place_of(kind, index);
}

/* -- finding ----------------------------------------------------------------------------------- */

static void fpu_find(struct ws__differ *out, const struct ws_machine *one, const struct ws_machine *other)
{
    struct ws_fpu a, b;
    ws_machine_fpu(one, &a);
    ws_machine_fpu(other, &b);
    if (a.control != b.control)
        place_add(out, FPU, CONTROL);
    if (a.status != b.status)
        place_add(out, FPU, STATUS);
    if (a.full != b.full)
        place_add(out, FPU, TAGS);
    if (a.mxcsr != b.mxcsr)
        place_add(out, FPU, MXCSR);
    for (unsigned i = 0; i < WS_FPU_REGISTERS; i++)
        if (memcmp(a.physical[i], b.physical[i], sizeof a.physical[i]) != 0)
            place_add(out, FPU, PHYSICAL + i);
    for (unsigned i = 0; i < WS_XMM_REGISTERS; i++)
        if (memcmp(a.xmm[i], b.xmm[i], sizeof a.xmm[i]) != 0)
            place_add(out, FPU, XMM + i);
}

static bool is_excepted(const struct ws__differ_except *except, uint32_t phys)
{
    for (unsigned i = 0; i < except->count; i++)
        if (except->phys[i] == phys)
            return true;
    return false;
}

static bool word_differs(const uint8_t *a, const uint8_t *b, uint32_t phys, const struct ws__differ_except *except)
{
    for (unsigned i = 0; i < 4; i++)
        if (a[i] != b[i] && !is_excepted(except, phys + i))
            return true;
    return false;
}

static void memory_find(struct ws__differ *out, const struct ws_machine *one, const struct ws_machine *other,
                        const struct ws__differ_except *except)
{
    struct ws_physical a = ws_machine_memory(one), b = ws_machine_memory(other);
    for (uint32_t page = 0; page < a.bytes && !out->more; page += WS_PAGE_BYTES) {
        if (!memcmp(a.ram + page, b.ram + page, WS_PAGE_BYTES))
            continue;
        for (uint32_t phys = page; phys < page + WS_PAGE_BYTES; phys += 4)
            if (word_differs(a.ram + phys, b.ram + phys, phys, except))
                place_add(out, WORD, phys);
    }
}

void ws__differ_find(struct ws__differ *out, const struct ws_machine *one, const struct ws_machine *other,
                     const struct ws__differ_except *except)
{
    struct ws_registers a, b;
    out->count = 0;
    out->more = false;
    ws_machine_registers(one, &a);
    ws_machine_registers(other, &b);
    for (uint32_t which = 0; which < WS_REGISTER_COUNT; which++)
        if (a.value[which] != b.value[which])
            place_add(out, REGISTER, which);
    fpu_find(out, one, other);
    for (uint32_t part = 0; part < WS_PART_COUNT; part++)
        if (ws_machine_part_hash(one, (enum ws_part)part) != ws_machine_part_hash(other, (enum ws_part)part))
            place_add(out, PART, part);
    memory_find(out, one, other, except);
}

/* -- sets -------------------------------------------------------------------------------------- */

uint64_t ws__differ_beyond(const struct ws__differ *more, const struct ws__differ *all)
{
    unsigned at = 0;
    for (unsigned i = 0; i < more->count; i++) {
        while (at < all->count && all->place[at] < more->place[i])
            at++;
        if (at == all->count || all->place[at] != more->place[i])
            return more->place[i];
    }
    return UINT64_MAX;
}

void ws__differ_join(struct ws__differ *all, const struct ws__differ *more)
{
    struct ws__differ joined = {.more = all->more || more->more};
    unsigned one = 0, other = 0;
    while ((one < all->count || other < more->count) && joined.count < WS__DIFFER_MOST) {
        uint64_t a = one < all->count ? all->place[one] : UINT64_MAX;
        uint64_t b = other < more->count ? more->place[other] : UINT64_MAX;
        joined.place[joined.count++] = a < b ? a : b;
        one += a <= b;
        other += b <= a;
    }
    joined.more |= one < all->count || other < more->count;
    *all = joined;
}

bool ws__differ_has_eip(const struct ws__differ *differ)
{
    for (unsigned i = 0; i < differ->count; i++)
        if (differ->place[i] == place_of(REGISTER, WS_EIP) || differ->place[i] == place_of(REGISTER, WS_CS))
            return true;
    return false;
}

/* -- saying ------------------------------------------------------------------------------------ */

static void word_say(struct ws_buffer *out, uint32_t phys, const struct ws_machine *with,
                     const struct ws_machine *without)
{
    uint32_t a = 0, b = 0;
    /* Both have it, or it would not be a place. */
    (void)ws_machine_read_phys(with, phys, &a, sizeof a);
    (void)ws_machine_read_phys(without, phys, &b, sizeof b);
    ws_buffer_printf(out, "the word at physical 0x%08x is 0x%08x, not 0x%08x", phys, b, a);
}

void ws__differ_say(struct ws_buffer *out, uint64_t place, const struct ws_machine *with,
                    const struct ws_machine *without)
{
    uint32_t index = (uint32_t)place;
    struct ws_registers a, b;
    ws_machine_registers(with, &a);
    ws_machine_registers(without, &b);
    switch ((enum kind)(place >> 32)) {
    case REGISTER:
        ws_buffer_printf(out, "%s is 0x%x, not 0x%x", ws_register_info((enum ws_register)index)->name, b.value[index],
                         a.value[index]);
        break;
    case FPU:
        if (index >= XMM)
            ws_buffer_printf(out, "xmm%u is another one", index - XMM);
        else
            ws_buffer_printf(out, "the x87 unit is in another state");
        break;
    case PART:
        ws_buffer_printf(out, "the state of the %s is another one", ws_part_name((enum ws_part)index));
        break;
    default:
        word_say(out, index, with, without);
    }
}
