/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done to a world that is made: pages, gates, the words its kernel reads. */
#include <assert.h>

#include <worldswitch/segment.h>

#include "worlds/lab.h"

void ws__world_share_kernel(struct ws_world *world)
{
    uint32_t first = world->kernel_linear >> 22;
    const uint32_t *from = (const uint32_t *)(void *)(world->lab->ram + world->cr3);
    struct ws_process *process;
    uint32_t i;

    for (process = world->process; process; process = process->next)
        for (i = first; i < 1024; i++)
            ((uint32_t *)(void *)(world->lab->ram + process->cr3))[i] = from[i];
}

enum ws_status ws_world_map(struct ws_world *world, uint32_t linear, uint32_t bytes, unsigned flags)
{
    uint32_t pte = (flags & WS_MAP_WRITE ? WS_PTE_RW : 0) | (flags & WS_MAP_USER ? WS_PTE_US : 0);
    enum ws_status status;

    if (!ws__lab_is_open(world->lab) || !world->index || flags & ~(unsigned)(WS_MAP_WRITE | WS_MAP_USER))
        return WS_BAD_ARGUMENT;
    if (linear >= world->kernel_linear)
        pte |= world->pte_flags;
    status = ws__space_map(world->lab, world->cr3, linear, bytes, pte);
    ws__world_share_kernel(world);
    return status;
}

enum ws_status ws_world_load(struct ws_world *world, uint32_t linear, const void *content, uint32_t bytes)
{
    if (!ws__lab_is_open(world->lab))
        return WS_BAD_ARGUMENT;
    return ws__space_write(world->lab, world->cr3, linear, content, bytes);
}

enum ws_status ws_world_set_gate(struct ws_world *world, unsigned vector, uint32_t handler, unsigned dpl, unsigned type)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_gate gate = {
        .offset = handler,
        .selector = ws_world_selector(world, WS_SELECTOR_KERNEL_CODE),
        .type = (uint8_t)type,
        .system = true,
        .dpl = (uint8_t)dpl,
        .present = true,
    };

    if (!ws__lab_is_open(world->lab) || vector > ws__tables_last_vector(world->index) || dpl > 3 ||
        (type != WS_TYPE_INTERRUPT_GATE32 && type != WS_TYPE_TRAP_GATE32))
        return WS_BAD_ARGUMENT;
    ws_gate_encode(raw, &gate);
    return ws__space_write(world->lab, world->cr3, world->tables + WS_TABLES_IDT + vector * WS_DESCRIPTOR_BYTES, raw,
                           sizeof raw);
}

enum ws_status ws_world_set_request_gate(struct ws_world *world, unsigned type)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_gate gate;
    enum ws_status status;

    if (!world->resident)
        return WS_BAD_ARGUMENT;
    status =
        ws__space_read(world->lab, world->cr3,
                       world->tables + WS_TABLES_IDT + WS_VECTOR_WORLD_SWITCH * WS_DESCRIPTOR_BYTES, raw, sizeof raw);
    if (status != WS_OK)
        return status;
    ws_gate_decode(&gate, raw);
    return ws_world_set_gate(world, WS_VECTOR_WORLD_SWITCH, gate.offset, 0, type);
}

/* Before the lab is loaded, this is building; afterwards it is what a device does, by physical
 * address. */
enum ws_status ws__world_poke(struct ws_world *world, uint32_t linear, const void *content, uint32_t bytes)
{
    uint32_t phys;
    enum ws_status status = ws__space_translate(world->lab, world->cr3, linear, &phys);

    if (status != WS_OK)
        return status;
    assert(bytes <= WS_PAGE_BYTES - phys % WS_PAGE_BYTES);
    if (!world->lab->loaded)
        return ws__space_write(world->lab, world->cr3, linear, content, bytes);
    return ws_machine_write_phys(world->lab->machine, phys, content, bytes);
}

static enum ws_status poke_resident(struct ws_world *world, size_t field, uint32_t word)
{
    if (!world->resident)
        return WS_BAD_ARGUMENT;
    return ws__world_poke(world, world->resident + (uint32_t)field, &word, sizeof word);
}

enum ws_status ws_world_set_peer(struct ws_world *world, const struct ws_world *peer)
{
    if (!ws__lab_is_open(world->lab) || peer->lab != world->lab)
        return WS_BAD_ARGUMENT;
    return poke_resident(world, offsetof(struct ws_resident, peer), ws_world_context(peer));
}

enum ws_status ws_world_set_resume(struct ws_world *world, uint32_t linear)
{
    return poke_resident(world, offsetof(struct ws_resident, resume), linear);
}

struct ws_lab *ws_world_lab(const struct ws_world *world)
{
    return world->lab;
}

const char *ws_world_name(const struct ws_world *world)
{
    return world->name;
}

uint32_t ws_world_cr3(const struct ws_world *world)
{
    return world->cr3;
}

uint32_t ws_world_context(const struct ws_world *world)
{
    const struct ws_cross_code *cross = &world->lab->cross;

    return WS_CROSS_LINEAR + cross->contexts_offset + world->index * cross->context_bytes;
}

uint32_t ws_world_kernel_linear(const struct ws_world *world)
{
    return world->kernel_linear;
}

struct ws_process *ws_world_process(const struct ws_world *world, unsigned index)
{
    struct ws_process *process = world->process;

    while (process && index--)
        process = process->next;
    return process;
}

uint16_t ws_world_selector(const struct ws_world *world, enum ws_selector_use use)
{
    static const struct {
        uint8_t offset, stride, rpl_ti;
    } row[] = {
        [WS_SELECTOR_KERNEL_CODE] = {WS_GDT_KERNEL_CODE, WS_GDT_STRIDE, 0},
        [WS_SELECTOR_KERNEL_DATA] = {WS_GDT_KERNEL_DATA, WS_GDT_STRIDE, 0},
        [WS_SELECTOR_KERNEL_MORE] = {WS_GDT_KERNEL_MORE, WS_GDT_STRIDE, 0},
        [WS_SELECTOR_USER_CODE] = {WS_GDT_USER_CODE, WS_GDT_STRIDE, 3},
        [WS_SELECTOR_USER_DATA] = {WS_GDT_USER_DATA, WS_GDT_STRIDE, 3},
        [WS_SELECTOR_TSS] = {WS_GDT_TSS, WS_GDT_STRIDE, 0},
        [WS_SELECTOR_LDT] = {WS_GDT_LDT, WS_GDT_STRIDE, 0},
        [WS_SELECTOR_FS] = {WS_LDT_FS, WS_LDT_STRIDE, 3 | WS_SELECTOR_IN_LDT},
        [WS_SELECTOR_GS] = {WS_LDT_GS, WS_LDT_STRIDE, 3 | WS_SELECTOR_IN_LDT},
    };

    assert((size_t)use < sizeof row / sizeof *row);
    return (uint16_t)(world->index * row[use].stride + row[use].offset) | row[use].rpl_ti;
}
