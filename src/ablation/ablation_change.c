/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ablation changes: the switch's code, or when an interrupt comes.
 */
#include "ablation/ablation.h"

#include <string.h>

bool ws__is_storm(unsigned kind)
{
    return kind == WS_ABLATION_INTERRUPT || kind == WS_ABLATION_NMI;
}

/* -- code -------------------------------------------------------------------------------------- */

/* SDM 2B "NOP—No Operation", recommended multi-byte sequences; longer ones repeat the prefix of the longest. */
void ws__nop_put(uint8_t *code, unsigned bytes)
{
    enum { LONGEST = 8, PREFIX = 0x66 };
    static const uint8_t nop[LONGEST][LONGEST] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };
    for (; bytes > LONGEST; bytes--)
        *code++ = PREFIX;
    if (bytes)
        memcpy(code, nop[bytes - 1], bytes);
}

void ws__change_code(const struct ws_ablation_case *tried, uint8_t *code)
{
    struct ws_cross_step one, two;
    const uint8_t *page = ws_cross_page();
    memcpy(code, page, WS_CROSS_CONTEXTS_OFFSET);
    if (!ws_cross_step_get(tried->instruction, &one))
        return;
    uint32_t offset = one.linear - WS_CROSS_LINEAR;
    if (tried->kind == WS_ABLATION_REMOVE) {
        ws__nop_put(code + offset, one.size);
    } else if (tried->kind == WS_ABLATION_BIT) {
        code[offset + tried->bit / 8] ^= (uint8_t)(1u << tried->bit % 8);
    } else if (tried->kind == WS_ABLATION_SWAP && ws_cross_step_get(tried->instruction + 1u, &two)) {
        memcpy(code + offset, page + (two.linear - WS_CROSS_LINEAR), two.size);
        memcpy(code + offset + two.size, page + offset, one.size);
    }
}

/* -- what is known before ---------------------------------------------------------------------- */

/* Instructions that may change places with the next one, from `first` to `last`.  All others may
 * not. */
static const struct harmless_row {
    uint8_t first, last;
    const char *reason;
} harmless_swap[] = {
    {2, 2,
     "turning interrupts off and saving registers do not touch each other, and both are done "
     "long before CR3 is written"},
    {8, 13, "they fetch and save different things, and neither needs the other"},
    {21, 23, "they save and fetch different registers, and neither needs the other"},
    {31, 33, "CR2, GDTR, IDTR and the place of the TSS do not need each other"},
    {35, 37, "the busy bit, LDTR, TR and the stack: each finds what it needs in the new GDT"},
};

/* Bits of instructions whose change does not matter, as the laboratory is. */
static const struct idle_row {
    uint8_t instruction;
    uint32_t bits;
    const char *reason;
} idle_bit[] = {
    {4, 1 << 3, "SS and DS hold the same selector in the laboratory's kernels"},
    {15, 1 << 7, "a running world's entry is wiped, and \"or\" into zeros stores"},
    {17, 1 << 7, "a running world's entry is wiped, and \"or\" into zeros stores"},
    {19, 1 << 7, "a running world's entry is wiped, and \"or\" into zeros stores"},
    {21, 1 << 7, "a running world's entry is wiped, and \"or\" into zeros stores"},
    {23, 1 << 7, "a running world's entry is wiped, and \"or\" into zeros stores"},
    {17, 1 << 0, "CR4 has no bit above the lowest eight, and a running world's entry is wiped"},
    {22, 1 << 11, "SS and DS hold the same selector in the laboratory's kernels"},
    {35, 1u << 26 | 1u << 28 | 1u << 29 | 1u << 30,
     "the bit that is now cleared, too, is clear in the descriptor of a TSS of ring 0"},
};

/* Boundaries of the switch at which an NMI finds no way into a handler. SDM 3A §6.7
 * "Nonmaskable Interrupt (NMI)": cli does not hold it back. */
/* clang-format off */
static const struct harmless_row nmi_fails[] = {
    {26, 33, "cli does not hold an NMI back, and IDTR still names the left world's table, which is "
             "not mapped any more; VMware's driver loads a tiny IDT of the cross page's own for the "
             "duration of the switch"},
    {34, 38, "cli does not hold an NMI back; the entered world's handlers are there, but ESP still "
             "is an address of the left world, so its frame cannot be pushed"},
};
/* clang-format on */

#define ROWS(table) (sizeof(table) / sizeof *(table))

static const char *row_reason(const struct harmless_row *row, size_t rows, unsigned number)
{
    for (size_t i = 0; i < rows; i++)
        if (number >= row[i].first && number <= row[i].last)
            return row[i].reason;
    return NULL;
}

/* Is it the same instruction in another encoding?  Then nothing was changed. */
static enum ws_status encoding_reason(const struct ws_ablation_case *tried, const char **reason)
{
    struct ws_instruction as_is, changed;
    uint8_t code[WS_CROSS_CONTEXTS_OFFSET];
    enum ws_status status = ws__step_text(tried->instruction, ws_cross_page(), &as_is);
    ws__change_code(tried, code);
    if (status == WS_OK)
        status = ws__step_text(tried->instruction, code, &changed);
    if (status == WS_OK && as_is.valid && changed.valid && as_is.size == changed.size &&
        !strcmp(as_is.text, changed.text))
        *reason = "it is another encoding of the same instruction";
    return status;
}

static enum ws_status bit_reason(const struct ws_ablation_case *tried, const char **reason)
{
    for (size_t i = 0; i < ROWS(idle_bit); i++) {
        if (idle_bit[i].instruction != tried->instruction || !(idle_bit[i].bits >> tried->bit & 1))
            continue;
        *reason = idle_bit[i].reason;
        return WS_OK;
    }
    return encoding_reason(tried, reason);
}

enum ws_status ws__change_harmless(const struct ws_ablation_case *tried, const char **reason)
{
    *reason = NULL;
    if (tried->kind == WS_ABLATION_SWAP)
        *reason = row_reason(harmless_swap, ROWS(harmless_swap), tried->instruction);
    return tried->kind == WS_ABLATION_BIT ? bit_reason(tried, reason) : WS_OK;
}

const char *ws__change_fails(const struct ws_ablation_case *tried)
{
    if (tried->kind != WS_ABLATION_NMI)
        return NULL;
    return row_reason(nmi_fails, ROWS(nmi_fails), tried->instruction);
}
