/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A laboratory: one machine, the worlds built for it, the cross page between them. */
#include <stdlib.h>
#include <string.h>

#include "worlds/lab.h"

static enum ws_status fill(struct ws_lab *lab, const struct ws_machine_options *options)
{
    enum ws_status status = ws_machine_new(&lab->machine, options);

    if (status != WS_OK)
        return status;
    lab->memory_bytes = ws_machine_memory(lab->machine).bytes;
    lab->ram = calloc(1, lab->memory_bytes);
    if (!lab->ram)
        return WS_NO_MEMORY;
    lab->next_page = WS__FIRST_PAGE + WS__START_BYTES;
    status = ws_symbols_new(&lab->symbols);
    if (status == WS_OK)
        status = ws__page_new(lab, &lab->cross_phys);
    if (status != WS_OK)
        return status;
    ws__cross_take(lab, ws_cross_built_in());
    status = ws_symbols_add(lab->symbols, "cross", WS_CROSS_LINEAR, WS_CROSS_CONTEXTS_OFFSET);
    return status == WS_OK ? ws__boot_world_new(lab) : status;
}

enum ws_status ws_lab_new(struct ws_lab **out, const struct ws_machine_options *options)
{
    struct ws_lab *lab = calloc(1, sizeof *lab);
    enum ws_status status;

    *out = NULL;
    if (!lab)
        return WS_NO_MEMORY;
    status = fill(lab, options);
    if (status == WS_OK)
        *out = lab;
    else
        ws_lab_free(lab);
    return status;
}

void ws_lab_free(struct ws_lab *lab)
{
    unsigned i;

    if (!lab)
        return;
    for (i = 0; i < lab->worlds; i++)
        ws__world_free(lab->world[i]);
    ws_symbols_free(lab->symbols);
    free(lab->slot);
    free(lab->ram);
    ws_machine_free(lab->machine);
    free(lab);
}

struct ws_machine *ws_lab_machine(struct ws_lab *lab)
{
    return lab->machine;
}

const struct ws_symbols *ws_lab_symbols(const struct ws_lab *lab)
{
    return lab->symbols;
}

struct ws_world *ws_lab_world(const struct ws_lab *lab, unsigned index)
{
    return index < lab->worlds ? lab->world[index] : NULL;
}

struct ws_process *ws_lab_process_of(const struct ws_lab *lab, uint32_t cr3)
{
    struct ws_process *process;
    unsigned i;

    for (i = 0; i < lab->worlds; i++)
        for (process = lab->world[i]->process; process; process = process->next)
            if (process->cr3 == (cr3 & WS_PAGE_FRAME))
                return process;
    return NULL;
}

struct ws_world *ws_lab_world_of(const struct ws_lab *lab, uint32_t cr3)
{
    struct ws_process *process = ws_lab_process_of(lab, cr3);
    unsigned i;

    for (i = 0; i < lab->worlds && !process; i++)
        if (lab->world[i]->cr3 == (cr3 & WS_PAGE_FRAME))
            return lab->world[i];
    return process ? process->world : NULL;
}

const char *ws_lab_name_of(const struct ws_lab *lab, uint32_t cr3)
{
    const struct ws_process *process = ws_lab_process_of(lab, cr3);
    const struct ws_world *world = ws_lab_world_of(lab, cr3);

    if (process)
        return process->name;
    return world ? world->name : NULL;
}

bool ws__lab_is_open(const struct ws_lab *lab)
{
    return !lab->loaded && !lab->broken;
}

enum ws_status ws__lab_built(struct ws_lab *lab, enum ws_status status)
{
    lab->broken = lab->broken || status != WS_OK;
    return status;
}

bool ws__lab_has_cr4(const struct ws_lab *lab, uint32_t bit, const struct ws_world *except)
{
    unsigned i;

    for (i = 0; i < lab->worlds; i++)
        if (lab->world[i] != except && lab->world[i]->begin.value[WS_CR4] & bit)
            return true;
    return false;
}
