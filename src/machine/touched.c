/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking Linux which pages of RAM exist: see proc_pid_pagemap(5). */
#define _POSIX_C_SOURCE 200809L

#include "machine/touched.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "machine/board.h"

/* A page that is in memory, or was and is swapped out. */
#define EXISTS (UINT64_C(3) << 62)

/* Whoever answers must say of a page in use that it exists: not every sandbox's imitation does. */
static bool answer_is_right(const struct ws_machine *machine)
{
    uint64_t page;
    off_t offset = (off_t)((uintptr_t)machine / WS_PAGE_BYTES) * 8;
    return pread(machine->pagemap, &page, sizeof page, offset) == (ssize_t)sizeof page &&
           page & EXISTS;
}

void ws__touched_open(struct ws_machine *machine)
{
    /* Where a page of the host is no page of the guest, the kernel's answer is no use. */
    bool fits = sysconf(_SC_PAGESIZE) == WS_PAGE_BYTES;
    machine->pagemap = fits ? open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC) : -1;
    machine->pagemap_owner = getpid();
    if (machine->pagemap >= 0 && !answer_is_right(machine)) {
        close(machine->pagemap);
        machine->pagemap = -1;
    }
}

void ws__touched_close(struct ws_machine *machine)
{
    if (machine->pagemap >= 0)
        close(machine->pagemap);
}

/* The file tells of the process that opened it, not of one that this one forked. */
static void window_fill(struct ws__touched *touched, const struct ws_machine *machine,
                        uint32_t first)
{
    off_t offset = (off_t)((uintptr_t)machine->ram / WS_PAGE_BYTES + first) * 8;
    ssize_t bytes = -1;
    if (machine->pagemap >= 0 && machine->pagemap_owner == getpid())
        bytes = pread(machine->pagemap, touched->page, sizeof touched->page, offset);
    if (bytes != (ssize_t)sizeof touched->page)
        memset(touched->page, 0xff, sizeof touched->page);
    touched->known = true;
    touched->first = first;
}

bool ws__touched_never(struct ws__touched *touched, const struct ws_machine *machine, uint32_t page)
{
    uint32_t first = page - page % WS__TOUCHED_PAGES;
    if (!touched->known || touched->first != first)
        window_fill(touched, machine, first);
    return !(touched->page[page - first] & EXISTS);
}

bool ws__page_is_zero(const uint8_t *ram)
{
    return ram[0] == 0 && memcmp(ram, ram + 1, WS_PAGE_BYTES - 1) == 0;
}
