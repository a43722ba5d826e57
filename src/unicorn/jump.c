/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognizing the hook's call, and replacing it.
 *
 * Unicorn's translator loads the hook's four operands, each by one of three instructions, whichever is shortest, and
 * calls.  A call is recognized by just that, and by its operands: anything else is left alone.
 */
#include "unicorn/jump.h"

#include <stddef.h>
#include <string.h>

#ifdef __x86_64__

/* What loads a constant into one of the first eight registers: SDM 2B "MOV—Move", SDM 2A "LEA—Load Effective Address".
 * Returns the next instruction, or NULL if it is none. */
static const uint8_t *constant_load(const uint8_t *at, unsigned which, uint64_t *value)
{
    enum { REX_W = 0x48, MOV = 0xb8, LEA = 0x8d, RIP_RELATIVE = 0x05 };
    int32_t low;
    if (at[0] == (MOV | which)) {
        memcpy(&low, at + 1, sizeof low);
        *value = (uint32_t)low;
        return at + 5;
    }
    if (at[0] == REX_W && at[1] == (MOV | which)) {
        memcpy(value, at + 2, sizeof *value);
        return at + 10;
    }
    if (at[0] == REX_W && at[1] == LEA && at[2] == (RIP_RELATIVE | which << 3)) {
        memcpy(&low, at + 3, sizeof low);
        *value = (uintptr_t)(at + 7) + (uint64_t)(int64_t)low;
        return at + 7;
    }
    return NULL;
}

/* SDM 2A "CALL—Call Procedure": near, or through memory relative to RIP. */
static bool is_call(const uint8_t *at, const uint8_t *end)
{
    return (end - at == 5 && at[0] == 0xe8) || (end - at == 6 && at[0] == 0xff && at[1] == 0x15);
}

/* Does the call begin at `at`? */
static bool call_matches(const uint8_t *at, const struct ws__engine_call *call)
{
    enum { RCX = 1, RDX = 2, RSI = 6, RDI = 7 };
    static const uint8_t where[] = {RDI, RSI, RDX, RCX};
    const uint64_t wanted[] = {call->uc, call->linear, call->bytes, call->context};
    for (size_t i = 0; i < sizeof where; i++) {
        uint64_t value;
        at = constant_load(at, where[i], &value);
        if (!at || value != wanted[i])
            return false;
    }
    return is_call(at, call->end);
}

/* Where does it begin?  NULL: it is not the call that is expected. */
static uint8_t *call_find(const struct ws__engine_call *call)
{
    enum { SHORTEST = 4 * 5 + 5, LONGEST = 4 * 10 + 6 };
    for (int bytes = SHORTEST; bytes <= LONGEST; bytes++) {
        if (call_matches(call->end - bytes, call))
            return (uint8_t *)(uintptr_t)(call->end - bytes);
    }
    return NULL;
}

bool ws__engine_jump_set(const struct ws__engine_call *from, const struct ws__engine_call *to)
{
    enum { JMP = 0xe9, JMP_BYTES = 5 }; /* SDM 2A "JMP—Jump" */
    uint8_t *at = call_find(from), *target = call_find(to);
    if (!at || !target)
        return false;
    intptr_t distance = target - (at + JMP_BYTES);
    int32_t relative = (int32_t)distance;
    if (distance != relative)
        return false;
    at[0] = JMP;
    memcpy(at + 1, &relative, sizeof relative);
    return true;
}

#else

bool ws__engine_jump_set(const struct ws__engine_call *from, const struct ws__engine_call *to)
{
    (void)from;
    (void)to;
    return false;
}

#endif
