/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking the state pointer, and noting where each register is in the state.
 */
#include "unicorn/state_pointer.h"

#include <string.h>

static void place_set(struct ws__state_pointer *pointer, enum ws_register which, size_t offset)
{
    pointer->place[which] = (uint16_t)(offset + 1);
}

/* Note the offset of each register in the state.  `index` is the segment's number in the order of struct
 * ws__context_layout.segments, and `part` is an offset in the segment. */
static void places_note(struct ws__state_pointer *pointer)
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
        place_set(pointer, (enum ws_register)(WS_EAX + i), pointer->layout.general + i * sizeof(uint64_t));
    for (unsigned i = 0; i < sizeof control / sizeof control[0]; i++)
        place_set(pointer, control[i].which, pointer->layout.control + control[i].number * sizeof(uint64_t));
    for (unsigned i = 0; i < sizeof segments / sizeof segments[0]; i++)
        place_set(pointer, segments[i].which,
                  pointer->layout.segments + segments[i].index * WS__ENGINE_SEGMENT_BYTES + segments[i].part);
}

void ws__state_pointer_open(struct ws__state_pointer *pointer, const struct ws__context_layout *layout,
                            const void *context, uint8_t *state)
{
    enum { FRONT = 128 }; /* a context has fewer bytes than this in front of the copy of the state */
    size_t segments_end = layout->segments + WS__ENGINE_SEGMENTS * WS__ENGINE_SEGMENT_BYTES,
           control_end = layout->control + 5 * sizeof(uint64_t),
           end = segments_end > control_end ? segments_end : control_end;
    pointer->tried = true;
    if (!state || (uintptr_t)state % sizeof(uint64_t) || layout->segments < layout->general || end >= UINT16_MAX)
        return;
    for (size_t front = 0; front <= FRONT && front <= layout->general; front += sizeof(uint32_t)) {
        if (memcmp((const uint8_t *)context + front, state, end - front) == 0) {
            pointer->state = state;
            pointer->layout = (struct ws__context_layout){
                .general = layout->general - front,
                .control = layout->control - front,
                .segments = layout->segments - front,
            };
            places_note(pointer);
            return;
        }
    }
}
