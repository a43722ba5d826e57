/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding bit tests of registers with a lock prefix.  An instruction may begin at any byte, so each byte is tried.
 */
#include "unicorn/defuse.h"

#include <stdbool.h>
#include <string.h>

#include "x86/decode.h"

enum { LOCK = 0xf0 };

/* Are these the opcode behind 0f, and the ModRM byte, of bt, bts, btr or btc of a register? */
static bool is_bit_test(uint8_t opcode, uint8_t modrm)
{
    static const uint8_t by_register[] = {0xa3, 0xab, 0xb3, 0xbb};
    return modrm >= 0xc0 && ((opcode == 0xba && modrm & 0x20) || memchr(by_register, opcode, sizeof by_register));
}

/* Does a fatal instruction begin with the lock prefix at `at`? */
static bool begins(const uint8_t *at, const uint8_t *end)
{
    while (at < end && ws__decode_is_prefix(*at))
        at++;
    return end - at < 3 ? at == end || *at == 0x0f : *at == 0x0f && is_bit_test(at[1], at[2]);
}

const uint8_t *ws__defuse_find(const uint8_t *at, const uint8_t *end)
{
    while ((at = memchr(at, LOCK, (size_t)(end - at)))) {
        if (begins(at, end))
            return at;
        at++;
    }
    return NULL;
}
