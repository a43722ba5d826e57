/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a world.
 *
 * A world begins as if it had just been left: its saved context stands in the cross page, its TSS
 * is marked busy, and its kernel stack holds what the switch pops.  So entering it for the first
 * time is a world switch like all others.
 */
#include <stdlib.h>
#include <string.h>

#include <worldswitch/segment.h>

#include "worlds/images.h"
#include "worlds/lab.h"

enum { LEAST_KERNEL = 0x80000000, FLAG_ID = 1 << 21, IOPL_SHIFT = 12 };

/* Kernel bases as the book draws them: the host at 3 GiB, the VMM at the top; then what is free
 * between. */
static uint32_t default_kernel(unsigned index)
{
    static const uint32_t base[] = {0, 0xc0000000, WS_CROSS_LINEAR};

    return index < sizeof base / sizeof *base ? base[index] : 0xc0000000 + (index - 2) * 0x02000000;
}

/* Control registers that differ from world to world in bits that do no harm. */
static uint32_t default_cr0(unsigned index)
{
    return WS_CR0_WP | (index & 1 ? WS_CR0_NE : 0) | (index & 2 ? WS_CR0_MP : 0) | (index & 4 ? WS_CR0_AM : 0);
}

static uint32_t default_cr4(unsigned index)
{
    unsigned bits = index - 1;

    return WS_CR4_PSE | (index == 1 ? WS_CR4_PGE : 0) | (bits & 1 ? WS_CR4_DE : 0) | (bits & 2 ? WS_CR4_TSD : 0) |
           (bits & 4 ? WS_CR4_MCE : 0);
}

static uint32_t default_eflags(unsigned index)
{
    return WS_EFLAGS_FIXED | WS_EFLAGS_IF | (index & 3) << IOPL_SHIFT | (index & 4 ? FLAG_ID : 0);
}

enum ws_status ws__world_begin(struct ws_lab *lab, const char *name, struct ws_world **out)
{
    struct ws_world *world;
    enum ws_status status;

    world = calloc(1, sizeof *world);
    if (!world)
        return WS_NO_MEMORY;
    world->lab = lab;
    world->index = lab->worlds;
    strcpy(world->name, name);
    lab->world[lab->worlds++] = world;
    *out = world;
    status = ws__page_new(lab, &world->cr3);
    if (status == WS_OK)
        status = ws__space_put(lab, world->cr3, WS_CROSS_LINEAR, lab->cross_phys, WS_PTE_RW);
    return status == WS_OK ? ws__name_publish(lab, name, NULL, world->cr3) : status;
}

void ws__world_free(struct ws_world *world)
{
    while (world->process) {
        struct ws_process *process = world->process;

        world->process = process->next;
        free(process);
    }
    free(world->context_slot);
    free(world);
}

static enum ws_status make_tables(struct ws_world *world)
{
    enum ws_status status;
    uint32_t phys;

    world->tables = world->kernel_linear + WS_KERNEL_TABLES;
    status = ws__space_map(world->lab, world->cr3, world->tables, WS_PAGE_BYTES, WS_PTE_RW | world->pte_flags);
    if (status != WS_OK)
        return status;
    status = ws__space_translate(world->lab, world->cr3, world->tables, &phys);
    if (status == WS_OK)
        ws__tables_build(world->lab->ram + phys, world->index, world->tables, world->stack_top, true);
    return status;
}

static enum ws_status make_stack(struct ws_world *world)
{
    uint32_t page = world->kernel_linear + WS_KERNEL_STACK;

    world->stack_top = page + WS_PAGE_BYTES;
    return ws__space_map(world->lab, world->cr3, page, WS_PAGE_BYTES, WS_PTE_RW | world->pte_flags);
}

enum ws_status ws__world_symbol(const struct ws_world *world, const char *name, uint32_t *linear)
{
    struct ws_buffer full = WS_BUFFER_INIT;
    enum ws_status status;

    ws_buffer_printf(&full, "%s.%s", world->name, name);
    status = full.failed ? WS_NO_MEMORY : ws_symbols_find(world->lab->symbols, ws_buffer_text(&full), linear);
    ws_buffer_release(&full);
    return status == WS_NOT_FOUND ? WS_BAD_IMAGE : status;
}

/* The kernel's vector table is a list of vectors and entries: see vectors.S. */
static enum ws_status set_default_gates(struct ws_world *world)
{
    uint32_t table, row[2];
    enum ws_status status = ws__world_symbol(world, "vector_table", &table);

    while (status == WS_OK) {
        bool call;

        if (ws__space_read(world->lab, world->cr3, table, row, sizeof row) != WS_OK)
            return WS_BAD_IMAGE;
        if (!row[1])
            return WS_OK;
        call = row[0] == WS_VECTOR_SYSTEM_CALL;
        status = ws_world_set_gate(world, row[0], row[1], call ? 3 : 0,
                                   call ? WS_TYPE_TRAP_GATE32 : WS_TYPE_INTERRUPT_GATE32);
        table += sizeof row;
    }
    return status;
}

/* Tell the kernel what it must know of its world. */
static enum ws_status fill_resident(struct ws_world *world)
{
    const struct ws_cross_code *cross = &world->lab->cross;
    struct ws_resident resident = {
        .cross_entry = WS_CROSS_LINEAR + cross->entry,
        .cross_selector = ws_world_selector(world, WS_SELECTOR_KERNEL_CODE),
        .wipe_first = (uint8_t)(cross->wipe_offset / 4),
        .wipe_words = (uint8_t)(cross->wipe_bytes / 4),
        .tss = world->tables + WS_TABLES_TSS,
        .self = ws_world_context(world),
        .peer = ws_world_context(world),
    };
    enum ws_status status = ws__world_symbol(world, "resident", &world->resident);

    strcpy(resident.name, world->name);
    if (status == WS_OK &&
        ws__space_write(world->lab, world->cr3, world->resident, &resident, sizeof resident) != WS_OK)
        status = WS_BAD_IMAGE;
    return status;
}

static enum ws_status load_kernel(struct ws_world *world, const struct ws_world_options *options, uint32_t *entry)
{
    struct ws__program kernel = {
        .elf = options->kernel ? options->kernel : ws__image_idle_begin,
        .bytes = options->kernel ? options->kernel_bytes : (size_t)(ws__image_idle_end - ws__image_idle_begin),
        .cr3 = world->cr3,
        .bias = world->kernel_linear - WS_KERNEL_LINKED,
        .begin = world->kernel_linear + WS_KERNEL_IMAGE,
        .end = world->kernel_linear + WS_KERNEL_STACK - WS_PAGE_BYTES,
        .flags = world->pte_flags,
        .prefix = world->name,
    };
    enum ws_status status = ws__program_load(world->lab, &kernel);

    *entry = kernel.entry;
    if (status == WS_OK)
        status = fill_resident(world);
    return status == WS_OK ? set_default_gates(world) : status;
}

/* The registers with which it begins, each with a value that no other world has. */
static void choose_registers(const struct ws_world *world, const struct ws_world_options *options, uint32_t entry,
                             struct ws_registers *registers)
{
    static const uint8_t general[] = {WS_EAX, WS_ECX, WS_EDX, WS_EBX, WS_EBP, WS_ESI, WS_EDI};
    uint32_t *value = registers->value;
    size_t i;

    for (i = 0; i < sizeof general; i++)
        value[general[i]] = (uint32_t)(world->index << 28 | (i + 1) * 0x00010101);
    value[WS_ESP] = world->stack_top;
    value[WS_EIP] = entry;
    value[WS_EFLAGS] = default_eflags(world->index);
    value[WS_DS] = ws_world_selector(world, WS_SELECTOR_KERNEL_DATA);
    value[WS_ES] = ws_world_selector(world, WS_SELECTOR_KERNEL_MORE);
    value[WS_FS] = ws_world_selector(world, WS_SELECTOR_FS);
    value[WS_GS] = ws_world_selector(world, WS_SELECTOR_GS);
    value[WS_CR0] = WS_CR0_PG | WS_CR0_ET | WS_CR0_PE | (options->cr0 ? options->cr0 : default_cr0(world->index));
    value[WS_CR2] = options->cr2 ? options->cr2 : 0xdead0000 + world->index * WS_PAGE_BYTES;
    value[WS_CR4] = options->cr4 ? options->cr4 : default_cr4(world->index);
}

static enum ws_status build(struct ws_world *world, const struct ws_world_options *options)
{
    struct ws_registers registers = {0};
    enum ws_status status = make_stack(world);
    uint32_t entry;

    if (status == WS_OK)
        status = make_tables(world);
    if (status == WS_OK)
        status = load_kernel(world, options, &entry);
    if (status != WS_OK)
        return status;
    ws__tables_describe(&registers, world->index, world->tables);
    registers.value[WS_CR3] = world->cr3;
    choose_registers(world, options, entry, &registers);
    return ws__world_begin_with(world, &registers);
}

enum ws_status ws_world_new(struct ws_lab *lab, const struct ws_world_options *options, struct ws_world **out)
{
    struct ws_world *world;
    uint32_t kernel = options->kernel_linear ? options->kernel_linear : default_kernel(lab->worlds);
    uint32_t cr4 = options->cr4 ? options->cr4 : default_cr4(lab->worlds);
    enum ws_status status = ws__name_check(lab, options->name);

    *out = NULL;
    if (status != WS_OK)
        return status;
    if (!ws__lab_is_open(lab) || kernel < LEAST_KERNEL || kernel % WS_BIG_PAGE_BYTES ||
        (options->kernel && !options->kernel_bytes))
        return WS_BAD_ARGUMENT;
    if (cr4 & WS_CR4_PGE && ws__lab_has_cr4(lab, WS_CR4_PGE, NULL))
        return WS_OVERLAP;
    if (lab->worlds == lab->places)
        return WS_NO_ROOM;
    status = ws__world_begin(lab, options->name, &world);
    if (status != WS_OK)
        return ws__lab_built(lab, status);
    world->kernel_linear = kernel;
    world->pte_flags = cr4 & WS_CR4_PGE ? WS_PTE_G : 0;
    status = build(world, options);
    if (status == WS_OK)
        *out = world;
    return ws__lab_built(lab, status);
}
