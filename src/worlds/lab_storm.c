/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A handler for the interrupts of a storm, the same in all worlds of a laboratory: it counts, and returns. */
#include <worldswitch/exception.h>
#include <worldswitch/segment.h>

#include "worlds/lab.h"

/* In the cross page, where nothing else is:
 *     incl %ss:served      SS is flat in every world, even while it still is the left world's
 *     iret
 */
enum { HANDLER = WS_CROSS_RESERVED_OFFSET, SERVED = 0xff0 };

static enum ws_status gate_put(struct ws_world *world, unsigned vector)
{
    struct ws_gate gate = {
        .offset = WS_CROSS_LINEAR + HANDLER,
        .selector = ws_world_selector(world, WS_SELECTOR_KERNEL_CODE),
        .type = WS_TYPE_INTERRUPT_GATE32,
        .system = true,
        .present = true,
    };
    uint8_t raw[WS_DESCRIPTOR_BYTES];

    ws_gate_encode(raw, &gate);
    return ws__world_poke(world, world->tables + WS_TABLES_IDT + vector * WS_DESCRIPTOR_BYTES, raw, sizeof raw);
}

enum ws_status ws_lab_storm_prepare(struct ws_lab *lab)
{
    static const uint8_t handler[] = {
        0x36, 0xff, 0x05, SERVED & 0xff, SERVED >> 8 & 0xff, WS_CROSS_LINEAR >> 16 & 0xff, WS_CROSS_LINEAR >> 24, 0xcf};
    enum ws_status status = lab->broken ? WS_BAD_ARGUMENT : WS_OK;
    unsigned i;

    if (status == WS_OK)
        status = ws__world_poke(lab->world[0], WS_CROSS_LINEAR + HANDLER, handler, sizeof handler);
    for (i = 1; i < lab->worlds && status == WS_OK; i++) {
        status = gate_put(lab->world[i], WS_STORM_VECTOR);
        if (status == WS_OK)
            status = gate_put(lab->world[i], WS_VECTOR_NMI);
    }
    return status;
}

uint32_t ws_lab_storm_served(const struct ws_lab *lab)
{
    uint32_t served = 0;

    /* The page is in RAM: this cannot fail. */
    if (lab->loaded)
        (void)ws_machine_read_phys(lab->machine, lab->cross_phys + SERVED, &served, sizeof served);
    return served;
}
