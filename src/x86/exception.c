/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The exception table, and functions that look into it.
 */
#include <worldswitch/exception.h>
#include <worldswitch/paging.h>

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

/* -- error codes ------------------------------------------------------------------------------- */

/* SDM 3A §4.7 "Page-Fault Exceptions" */
static void page_code_describe(struct ws_buffer *out, uint32_t error_code)
{
    ws_buffer_printf(out, " (%s, %s, %s%s)", error_code & WS_PF_P ? "P=1 present" : "P=0 not present",
                     error_code & WS_PF_W ? "W=1 write" : "W=0 read",
                     error_code & WS_PF_U ? "U=1 ring 3" : "U=0 supervisor", error_code & WS_PF_RSVD ? ", RSVD=1" : "");
}

/* SDM 3A §6.13 "Error Code" */
void ws_error_code_describe(struct ws_buffer *out, uint8_t vector, uint32_t error_code)
{
    if (vector == WS_VECTOR_PF) {
        page_code_describe(out, error_code);
        return;
    }
    if (!error_code)
        return;
    const char *table = error_code & WS_ERROR_IDT ? "IDT" : error_code & WS_ERROR_TI ? "LDT" : "GDT";
    ws_buffer_printf(out, " (");
    if (error_code & ~7u)
        ws_buffer_printf(out, "%s entry %u", table, (error_code & 0xffff) >> 3);
    if (error_code & WS_ERROR_IDT && !(error_code & ~7u))
        ws_buffer_printf(out, "IDT entry 0");
    ws_buffer_printf(out, "%s)", error_code & WS_ERROR_EXT ? (error_code & ~1u ? ", EXT" : "EXT") : "");
}
