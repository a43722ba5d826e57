/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the CPU's state, and reading from it.
 */
#include "cpu/engine_window.h"

#include <string.h>

static void places_note(struct ws__engine_window *window)
{
    static const enum ws_register segments[] = {WS_ES, WS_CS, WS_SS, WS_DS, WS_FS, WS_GS};
    for (unsigned i = 0; i < 8; i++)
        window->place[WS_EAX + i] = window->state + window->slots.general + i * sizeof(uint64_t);
    for (unsigned i = 0; i < sizeof segments / sizeof segments[0]; i++)
        window->place[segments[i]] = window->state + window->slots.segments + i * WS__ENGINE_SEGMENT_BYTES;
}

void ws__engine_window_open(struct ws__engine_window *window, const struct ws__engine_slots *slots, const void *context,
                            uint8_t *state)
{
    enum { FRONT = 128 }; /* bytes: more than a context has in front of the copy */
    size_t end = slots->segments + WS__ENGINE_SEGMENTS * WS__ENGINE_SEGMENT_BYTES;
    window->tried = true;
    if (!state || (uintptr_t)state % sizeof(uint64_t) || slots->segments < slots->general)
        return;
    for (size_t front = 0; front <= FRONT && front <= slots->general; front += sizeof(uint32_t)) {
        if (memcmp((const uint8_t *)context + front, state, end - front) == 0) {
            window->state = state;
            window->slots = (struct ws__engine_slots){
                .general = slots->general - front,
                .segments = slots->segments - front,
            };
            places_note(window);
            return;
        }
    }
}
