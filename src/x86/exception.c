/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exception table, and functions that look into it.
 */
#include <worldswitch/exception.h>

/* SDM 3A §6.3 "Sources of Interrupts": vectors 0 to 31 are the CPU's own. */
enum { EXCEPTIONS = 32 };

/* NMI is an interrupt, so its mnemonic has no "#". */
static const struct ws_exception_info exception_info[EXCEPTIONS] = {
#define WS_EXCEPTION_ROW(vector, mnemonic, name, class, kind, error)                                     \
    [vector] = {WS_KIND_##kind == WS_KIND_INTERRUPT ? #mnemonic : "#" #mnemonic, name, WS_CLASS_##class, \
                WS_KIND_##kind, error},
    WS_EXCEPTION_TABLE(WS_EXCEPTION_ROW)
#undef WS_EXCEPTION_ROW
};

static const struct ws_exception_info interrupt_info = {"", "interrupt", WS_CLASS_BENIGN, WS_KIND_INTERRUPT, false};

const struct ws_exception_info *ws_exception_info(uint8_t vector)
{
    if (vector >= EXCEPTIONS || !exception_info[vector].name)
        return &interrupt_info;
    return &exception_info[vector];
}

const struct ws_exception_info *ws_vector_info(uint8_t vector, enum ws_origin origin)
{
    bool own = origin == WS_ORIGIN_EXCEPTION || (origin == WS_ORIGIN_EXTERNAL && vector == WS_VECTOR_NMI) ||
               (origin == WS_ORIGIN_SOFTWARE && (vector == WS_VECTOR_BP || vector == WS_VECTOR_OF));
    return own ? ws_exception_info(vector) : &interrupt_info;
}
