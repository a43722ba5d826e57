/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of x87, MMX and SSE, and how two sets of them differ.
 */
#include <worldswitch/fpu.h>

#include <string.h>

#include "machine/board.h"
#include "unicorn/record.h"

_Static_assert(sizeof(struct ws_fpu) == 8 + 8 * 10 + 4 + 8 * 16, "no gaps");

enum { TOP_SHIFT = 11, TAG_EMPTY = 3 };

void ws_machine_fpu(const struct ws_machine *machine, struct ws_fpu *out)
{
    struct ws__engine_record record;
    ws__engine_record_take(machine->cpu.engine, &record);
    *out = (struct ws_fpu){
        .control = (uint16_t)record.control_word,
        .status = (uint16_t)record.status_word,
        .mxcsr = record.mxcsr,
    };
    for (unsigned i = 0; i < WS_FPU_REGISTERS; i++) {
        bool full = (record.tag_word >> 2 * i & TAG_EMPTY) != TAG_EMPTY;
        out->full |= (uint16_t)(full << i);
        memcpy(out->physical[i], record.physical[i].bytes, WS_FPU_BYTES);
    }
    for (unsigned i = 0; i < WS_XMM_REGISTERS; i++)
        memcpy(out->xmm[i], record.xmm[i].bytes, WS_XMM_BYTES);
}

unsigned ws_fpu_physical(const struct ws_fpu *fpu, unsigned i)
{
    return ((fpu->status >> TOP_SHIFT) + i) % WS_FPU_REGISTERS;
}

bool ws_fpu_is_clean(const struct ws_fpu *fpu)
{
    static const uint8_t zero[sizeof fpu->xmm];
    for (unsigned i = 0; i < WS_FPU_REGISTERS; i++) {
        if (fpu->full >> i & 1 && memcmp(fpu->physical[i], zero, WS_FPU_BYTES) != 0)
            return false;
    }
    return !memcmp(fpu->xmm, zero, sizeof zero);
}

/* -- comparing --------------------------------------------------------------------------------- */

/* Of a register, its bytes from the highest. */
static void bytes_print(struct ws_buffer *out, const uint8_t *bytes, size_t size)
{
    if (!bytes) {
        ws_buffer_printf(out, "(empty)");
        return;
    }
    ws_buffer_printf(out, "0x");
    while (size--)
        ws_buffer_printf(out, "%02x", bytes[size]);
}

/* NULL: an empty register of x87; the guest cannot load what is left in it, MMX aside. */
static void register_compare(struct ws_buffer *out, const char *name, unsigned i, const uint8_t *a, const uint8_t *b,
                             size_t size)
{
    if (a && b ? !memcmp(a, b, size) : a == b)
        return;
    ws_buffer_printf(out, "%s%s%u ", out->size ? "; " : "", name, i);
    bytes_print(out, a, size);
    ws_buffer_printf(out, " -> ");
    bytes_print(out, b, size);
}

static void word_compare(struct ws_buffer *out, const char *name, uint32_t a, uint32_t b)
{
    if (a != b)
        ws_buffer_printf(out, "%s%s 0x%04x -> 0x%04x", out->size ? "; " : "", name, a, b);
}

/* ST(i), or NULL if it is empty. */
static const uint8_t *stack_get(const struct ws_fpu *fpu, unsigned i)
{
    unsigned physical = ws_fpu_physical(fpu, i);
    return fpu->full >> physical & 1 ? fpu->physical[physical] : NULL;
}

void ws_fpu_compare(const struct ws_fpu *a, const struct ws_fpu *b, bool registers_only, struct ws_buffer *out)
{
    for (unsigned i = 0; i < WS_FPU_REGISTERS; i++)
        register_compare(out, "st", i, stack_get(a, i), stack_get(b, i), WS_FPU_BYTES);
    for (unsigned i = 0; i < WS_XMM_REGISTERS; i++)
        register_compare(out, "xmm", i, a->xmm[i], b->xmm[i], WS_XMM_BYTES);
    if (registers_only)
        return;
    word_compare(out, "fpu control", a->control, b->control);
    word_compare(out, "fpu status", a->status, b->status);
    word_compare(out, "mxcsr", a->mxcsr, b->mxcsr);
}
