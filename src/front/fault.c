/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults in words.
 */
#include "front/fault.h"

#include <worldswitch/exception.h>

#include "front/place.h"

void ws__fault_append(struct ws_buffer *out, const struct ws_machine *machine, const struct ws_fault *fault)
{
    const struct ws_exception_info *info = ws_vector_info(fault->vector, (enum ws_origin)fault->origin);
    int irq = fault->origin == WS_ORIGIN_EXTERNAL && !*info->mnemonic ? ws_machine_irq(machine, fault->vector) : -1;
    ws_buffer_printf(out, "vector %u (", fault->vector);
    if (irq >= 0)
        ws_buffer_printf(out, "IRQ %d)", irq);
    else
        ws_buffer_printf(out, "%s%s%s)", info->mnemonic, *info->mnemonic ? " " : "", info->name);
    if (!fault->has_error_code)
        return;
    ws_buffer_printf(out, ", error code 0x%x", fault->error_code);
    ws_error_code_describe(out, fault->vector, fault->error_code);
}

const struct ws_fault *ws__fault_obstacle(const struct ws_halt *halt)
{
    return halt->faults > 1 ? &halt->fault[1] : NULL;
}

/* -- records ----------------------------------------------------------------------------------- */

static struct ws__json fault_make(const struct ws_fault *fault, const struct ws_symbols *symbols)
{
    struct ws__json json = ws__json_begin(NULL);
    char name[WS__PLACE_BYTES];
    ws__json_number(&json, "vector", fault->vector);
    ws__json_text(&json, "name", ws_vector_info(fault->vector, (enum ws_origin)fault->origin)->name);
    if (fault->has_error_code)
        ws__json_number(&json, "error_code", fault->error_code);
    if (fault->cr2)
        ws__json_address(&json, "cr2", fault->cr2);
    ws__json_address(&json, "eip", fault->eip);
    if (ws__place_name(name, symbols, fault->linear))
        ws__json_text(&json, "eip_symbol", name);
    ws__json_number(&json, "cpl", fault->cpl);
    ws__json_reason(&json, "reason", &fault->reason);
    return json;
}

void ws__fault_halt_write(struct ws_buffer *out, const struct ws_halt *halt, const struct ws_symbols *symbols)
{
    struct ws__json json = ws__json_begin("halt");
    ws__json_number(&json, "at", halt->mark);
    ws__json_text(&json, "text", ws_halt_text((enum ws_halt_reason)halt->reason));
    ws__json_address(&json, "eip", halt->eip);
    if (halt->faults) {
        json_t *list = ws__json_list(&json, "faults");
        for (uint32_t i = 0; i < halt->faults; i++)
            ws__json_list_record(&json, list, fault_make(&halt->fault[i], symbols));
    }
    ws__json_write(&json, out);
}
