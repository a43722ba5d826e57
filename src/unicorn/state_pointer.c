/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the CPU's state, and reading from it.
 */
#include "unicorn/state_pointer.h"

#include <string.h>

static void place_set(struct ws__engine_window *window, enum ws_register which, size_t offset)
{
    window->place[which] = (uint16_t)(offset + 1);
}

/* See struct ws__engine_slots: a selector, a base or a limit of one of the ten. */
static void places_note(struct ws__engine_window *window)
{
    enum { SELECTOR = 0, BASE = 8, LIMIT = 16 };
    static const struct {
        enum ws_register which;
        uint8_t index, part;
    } segments[] = {
        {WS_ES, 0, SELECTOR},    {WS_CS, 1, SELECTOR},      {WS_SS, 2, SELECTOR},    {WS_DS, 3, SELECTOR},
        {WS_FS, 4, SELECTOR},    {WS_GS, 5, SELECTOR},      {WS_LDTR, 6, SELECTOR},  {WS_TR, 7, SELECTOR},
        {WS_GDTR_BASE, 8, BASE}, {WS_GDTR_LIMIT, 8, LIMIT}, {WS_IDTR_BASE, 9, BASE}, {WS_IDTR_LIMIT, 9, LIMIT},
    };
    static const struct {
        enum ws_register which;
        size_t number;
    } control[] = {{WS_CR0, 0}, {WS_CR2, 2}, {WS_CR3, 3}, {WS_CR4, 4}};
    for (unsigned i = 0; i < 8; i++)
        place_set(window, (enum ws_register)(WS_EAX + i), window->slots.general + i * sizeof(uint64_t));
    for (unsigned i = 0; i < sizeof control / sizeof control[0]; i++)
        place_set(window, control[i].which, window->slots.control + control[i].number * sizeof(uint64_t));
    for (unsigned i = 0; i < sizeof segments / sizeof segments[0]; i++)
        place_set(window, segments[i].which,
                  window->slots.segments + segments[i].index * WS__ENGINE_SEGMENT_BYTES + segments[i].part);
}

void ws__engine_window_open(struct ws__engine_window *window, const struct ws__engine_slots *slots, const void *context,
                            uint8_t *state)
{
    enum { FRONT = 128 }; /* bytes: more than a context has in front of the copy */
    size_t segments_end = slots->segments + WS__ENGINE_SEGMENTS * WS__ENGINE_SEGMENT_BYTES,
           control_end = slots->control + 5 * sizeof(uint64_t),
           end = segments_end > control_end ? segments_end : control_end;
    window->tried = true;
    if (!state || (uintptr_t)state % sizeof(uint64_t) || slots->segments < slots->general || end >= UINT16_MAX)
        return;
    for (size_t front = 0; front <= FRONT && front <= slots->general; front += sizeof(uint32_t)) {
        if (memcmp((const uint8_t *)context + front, state, end - front) == 0) {
            window->state = state;
            window->slots = (struct ws__engine_slots){
                .general = slots->general - front,
                .control = slots->control - front,
                .segments = slots->segments - front,
            };
            places_note(window);
            return;
        }
    }
}
