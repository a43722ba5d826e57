/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the call of the block hook in translated code, and replacing it.
 *
 * Unicorn's translator writes four instructions that load the hook's arguments, and then a call.  For each argument it
 * takes the shortest of three forms.  Only such a sequence with exactly the expected arguments counts as the call.
 * This file changes no other bytes.
 */
#include "unicorn/jump.h"

#include <stddef.h>
#include <string.h>

#ifdef __x86_64__

/* Does the instruction at `at` load a constant into the register with the number `which` (0 to 7)?  Then *value is the
 * constant, and the result is the address of the next instruction.  Otherwise the result is NULL.
 * SDM 2B "MOV—Move", SDM 2A "LEA—Load Effective Address" */
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

/* Is there a call from `at` to `end`, either a near one or one through memory relative to RIP?
 * SDM 2A "CALL—Call Procedure" */
static bool is_call(const uint8_t *at, const uint8_t *end)
{
    return (end - at == 5 && at[0] == 0xe8) || (end - at == 6 && at[0] == 0xff && at[1] == 0x15);
}

/* Does the sequence of `call`, arguments and call instruction, begin at `at`? */
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

/* Where does the sequence begin?  Only its end is known, so try each possible length.  NULL: it is not there. */
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
