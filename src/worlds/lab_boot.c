/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot world: number 0, in which the start stub (start.S) runs.  It maps its own few pages where they
 * are, and the cross page, so that the first world is entered by a world switch like any other.
 */
#include "worlds/images.h"
#include "worlds/lab.h"

static enum ws_status load_stub(struct ws_world *boot)
{
    struct ws__program stub = {
        .elf = ws__image_start_begin,
        .bytes = (size_t)(ws__image_start_end - ws__image_start_begin),
        .cr3 = boot->cr3,
        .begin = WS__FIRST_PAGE,
        .end = WS__FIRST_PAGE + WS__START_BYTES,
        .mapped = true,
        .prefix = boot->name,
    };

    return ws__program_load(boot->lab, &stub);
}

/* All vectors lead to the stub's end: nothing is expected here. */
static enum ws_status set_gates(struct ws_world *boot)
{
    enum ws_status status;
    unsigned vector;
    uint32_t end;

    status = ws_symbols_find(boot->lab->symbols, "boot.start_end", &end);
    for (vector = 0; vector < WS_VECTORS_EXCEPTIONS && status == WS_OK; vector++)
        status = ws_world_set_gate(boot, vector, end, 0, WS_TYPE_INTERRUPT_GATE32);
    return status;
}

/* What the stub loads; and what the first switch then saves.  The stub knows the built-in format, whatever the
 * laboratory's is. */
static void describe(struct ws_world *boot)
{
    uint32_t *value = boot->begin.value;

    ws__tables_describe(&boot->begin, boot->index, boot->tables);
    value[WS_ESP] = boot->stack_top;
    value[WS_CR0] = WS_CR0_PG | WS_CR0_PE | WS_CR0_ET;
    value[WS_CR3] = boot->cr3;
    value[WS_CR4] = WS_CR4_PSE;
    ws__slots_fill(ws_cross_built_in(), WS_SLOT_IN_CONTEXT, &boot->begin, boot->stack_top,
                   boot->lab->ram + boot->tables + WS_TABLES_BOOT);
}

/* Map a page of the boot world where it is: linear is physical, as long as paging is off and after. */
static enum ws_status map_as_it_is(struct ws_world *boot, uint32_t page)
{
    return ws__space_put(boot->lab, boot->cr3, page, page, WS_PTE_RW);
}

static enum ws_status map_pages(struct ws_world *boot)
{
    enum ws_status status = ws__page_new(boot->lab, &boot->tables);
    uint32_t page, stack;

    if (status == WS_OK)
        status = ws__page_new(boot->lab, &stack);
    for (page = WS__FIRST_PAGE; page < WS__FIRST_PAGE + WS__START_BYTES && status == WS_OK; page += WS_PAGE_BYTES)
        status = map_as_it_is(boot, page);
    if (status == WS_OK)
        status = map_as_it_is(boot, boot->tables);
    if (status != WS_OK)
        return status;
    boot->stack_top = stack + WS_PAGE_BYTES;
    return map_as_it_is(boot, stack);
}

enum ws_status ws__boot_world_new(struct ws_lab *lab)
{
    struct ws_world *boot;
    enum ws_status status = ws__world_begin(lab, WS_WORLD_BOOT, &boot);

    if (status == WS_OK)
        status = map_pages(boot);
    if (status != WS_OK)
        return status;
    ws__tables_build(lab->ram + boot->tables, boot->index, boot->tables, boot->stack_top, false);
    describe(boot);
    status = load_stub(boot);
    return status == WS_OK ? set_gates(boot) : status;
}

static enum ws_status put_word(struct ws_world *boot, const char *name, uint32_t word)
{
    uint32_t linear;
    enum ws_status status = ws_symbols_find(boot->lab->symbols, name, &linear);

    return status == WS_OK ? ws__space_write(boot->lab, boot->cr3, linear, &word, sizeof word) : status;
}

enum ws_status ws__boot_world_aim(struct ws_lab *lab, const struct ws_world *first, uint32_t *entry)
{
    struct ws_world *boot = lab->world[0];
    enum ws_status status = put_word(boot, "boot.start_context", boot->tables + WS_TABLES_BOOT);

    if (status == WS_OK)
        status = put_word(boot, "boot.start_from", ws_world_context(boot));
    if (status == WS_OK)
        status = put_word(boot, "boot.start_cross", WS_CROSS_LINEAR + lab->cross.entry);
    if (status == WS_OK)
        status = put_word(boot, "boot.start_to", ws_world_context(first));
    return status == WS_OK ? ws_symbols_find(lab->symbols, "boot.start", entry) : status;
}
