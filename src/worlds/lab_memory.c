/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A laboratory's initial memory: physical pages, handed out upwards from 1 MiB, and address spaces
 * made of them. All of it is the lab's own copy; the machine gets it when the lab is loaded.
 */
#include <assert.h>
#include <string.h>

#include "worlds/lab.h"

enum ws_status ws__page_new(struct ws_lab *lab, uint32_t *phys)
{
    if (lab->next_page >= lab->memory_bytes)
        return WS_NO_ROOM;
    *phys = lab->next_page;
    lab->next_page += WS_PAGE_BYTES;
    return WS_OK;
}

static uint32_t *entry_at(struct ws_lab *lab, uint32_t table, uint32_t index)
{
    assert(table < lab->memory_bytes && index < 1024);
    return (uint32_t *)(void *)(lab->ram + table) + index;
}

enum ws_status ws__space_put(struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t phys, uint32_t flags)
{
    uint32_t *pde = entry_at(lab, cr3, linear >> 22);
    uint32_t table;

    if (!(*pde & WS_PTE_P)) {
        if (ws__page_new(lab, &table) != WS_OK)
            return WS_NO_ROOM;
        *pde = table | WS_PTE_P | WS_PTE_RW;
    }
    *pde |= flags & WS_PTE_US; /* a user page needs the right at both levels */
    *entry_at(lab, *pde & -WS_PAGE_BYTES, linear >> 12 & 1023) = phys | flags | WS_PTE_P;
    return WS_OK;
}

enum ws_status ws__space_translate(const struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t *phys)
{
    struct ws_physical memory = {.ram = lab->ram, .bytes = lab->memory_bytes};
    struct ws_registers registers = {0};
    struct ws_translation walk;

    registers.value[WS_CR0] = WS_CR0_PE | WS_CR0_PG;
    registers.value[WS_CR3] = cr3;
    registers.value[WS_CR4] = WS_CR4_PSE;
    if (!ws_page_walk(&walk, &memory, &registers, linear, WS_ACCESS_READ, false))
        return WS_NOT_MAPPED;
    *phys = walk.phys;
    return WS_OK;
}

static bool is_free(const struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t bytes)
{
    uint32_t done, phys;

    for (done = 0; done < bytes; done += WS_PAGE_BYTES)
        if (ws__space_translate(lab, cr3, linear + done, &phys) == WS_OK)
            return false;
    return true;
}

enum ws_status ws__space_map(struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t bytes, uint32_t flags)
{
    enum ws_status status;
    uint32_t done, phys;

    if (!bytes || linear % WS_PAGE_BYTES || bytes % WS_PAGE_BYTES || bytes - 1 > UINT32_MAX - linear)
        return WS_BAD_ARGUMENT;
    /* Enough for the page tables, too: so nothing is ever half mapped. */
    if (bytes + (uint64_t)(bytes / WS_BIG_PAGE_BYTES + 2) * WS_PAGE_BYTES > lab->memory_bytes - lab->next_page)
        return WS_NO_ROOM;
    if (!is_free(lab, cr3, linear, bytes))
        return WS_OVERLAP;
    for (done = 0; done < bytes; done += WS_PAGE_BYTES) {
        status = ws__page_new(lab, &phys);
        if (status == WS_OK)
            status = ws__space_put(lab, cr3, linear + done, phys, flags);
        if (status != WS_OK)
            return status;
    }
    return WS_OK;
}

/* The bytes from `linear` to the end of its page, at most `bytes`. */
static uint32_t rest_of_page(uint32_t linear, uint32_t bytes)
{
    uint32_t rest = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;

    return rest < bytes ? rest : bytes;
}

/* Is all of it mapped? */
static bool is_mapped(const struct ws_lab *lab, uint32_t cr3, uint32_t linear, uint32_t bytes)
{
    uint32_t done, phys;

    if (bytes && bytes - 1 > UINT32_MAX - linear)
        return false;
    for (done = 0; done < bytes; done += rest_of_page(linear + done, bytes - done))
        if (ws__space_translate(lab, cr3, linear + done, &phys) != WS_OK)
            return false;
    return true;
}

enum ws_status ws__space_write(struct ws_lab *lab, uint32_t cr3, uint32_t linear, const void *content, uint32_t bytes)
{
    uint32_t done, part, phys;

    if (!is_mapped(lab, cr3, linear, bytes))
        return WS_NOT_MAPPED;
    for (done = 0; done < bytes; done += part) {
        part = rest_of_page(linear + done, bytes - done);
        (void)ws__space_translate(lab, cr3, linear + done, &phys); /* it is mapped: see above */
        memcpy(lab->ram + phys, (const uint8_t *)content + done, part);
    }
    return WS_OK;
}

enum ws_status ws__space_read(const struct ws_lab *lab, uint32_t cr3, uint32_t linear, void *out, uint32_t bytes)
{
    uint32_t done, part, phys;

    if (!is_mapped(lab, cr3, linear, bytes))
        return WS_NOT_MAPPED;
    for (done = 0; done < bytes; done += part) {
        part = rest_of_page(linear + done, bytes - done);
        (void)ws__space_translate(lab, cr3, linear + done, &phys); /* it is mapped: see above */
        memcpy((uint8_t *)out + done, lab->ram + phys, part);
    }
    return WS_OK;
}
