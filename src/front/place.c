/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses with their symbols.
 */
#include "front/place.h"
#include "base/printable.h"

#include <stdio.h>
#include <string.h>

bool ws__place_name(char name[WS__PLACE_BYTES], const struct ws_symbols *symbols, uint32_t linear)
{
    uint32_t offset = 0;
    const char *symbol = symbols ? ws_symbols_at(symbols, linear, &offset) : NULL;
    char distance[sizeof "+0x00000000"] = "";
    name[0] = 0;
    if (!symbol)
        return false;
    if (offset)
        snprintf(distance, sizeof distance, "+0x%x", offset);
    ws__printable_copy(name, WS__PLACE_BYTES - sizeof distance + 1, symbol);
    strcat(name, distance);
    return true;
}

void ws__place_append(struct ws_buffer *out, const struct ws_symbols *symbols, uint32_t linear)
{
    char name[WS__PLACE_BYTES];
    ws_buffer_printf(out, "0x%08x", linear);
    if (ws__place_name(name, symbols, linear))
        ws_buffer_printf(out, " <%s>", name);
}
