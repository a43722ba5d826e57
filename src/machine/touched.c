/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking Linux which pages of RAM exist: see proc_pid_pagemap(5).
 *
 * Since Linux 6.7 one call tells ranges, and holes cost nothing: PAGEMAP_SCAN, in the kernel's
 * Documentation/admin-guide/mm/pagemap.rst.  Before that, the file has a word for each page.
 */
#define _DEFAULT_SOURCE

#include "machine/touched.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "machine/board.h"

/* A page that is in memory, or was and is swapped out: as the file says it, and as a scan does. */
#define EXISTS (UINT64_C(3) << 62)
enum { SCAN_EXISTS = 3 << 3 };

/* The kernel's struct page_region and struct pm_scan_arg, which older headers do not have. */
struct scan_range {
    uint64_t begin;
    uint64_t end;
    uint64_t categories;
};

struct scan {
    uint64_t size;
    uint64_t flags;
    uint64_t begin;
    uint64_t end;
    uint64_t walk_end;
    uint64_t vector;
    uint64_t vector_length;
    uint64_t pages_most;
    uint64_t inverted;
    uint64_t all_of;
    uint64_t any_of;
    uint64_t returned;
};

#define SCAN_REQUEST _IOWR('f', 16, struct scan)

/* Scan from host address `begin` to `end`.  Returns how many ranges there are; negative: it does not work. */
static int scan(const struct ws_machine *machine, uintptr_t begin, uintptr_t end, struct scan_range *range,
                unsigned length, uintptr_t *walked)
{
    struct scan scan = {
        .size = sizeof scan,
        .begin = begin,
        .end = end,
        .vector = (uintptr_t)range,
        .vector_length = length,
        .any_of = SCAN_EXISTS,
        .returned = SCAN_EXISTS,
    };
    /* What imitates the kernel may not write it all, and Valgrind does not know that the kernel does. */
    memset(range, 0, length * sizeof *range);
    int ranges = ioctl(machine->pagemap, SCAN_REQUEST, &scan);
    *walked = (uintptr_t)scan.walk_end;
    return ranges;
}

/* The kernel must say of a page in use that it exists: a sandbox that imitates a kernel may not. */
static bool answer_is_right(const struct ws_machine *machine)
{
    uint64_t page;
    off_t offset = (off_t)((uintptr_t)machine / WS_PAGE_BYTES) * 8;
    return pread(machine->pagemap, &page, sizeof page, offset) == (ssize_t)sizeof page && page & EXISTS;
}

static bool scan_is_right(const struct ws_machine *machine)
{
    struct scan_range range;
    uintptr_t page = (uintptr_t)machine & ~(uintptr_t)(WS_PAGE_BYTES - 1), walked;
    return scan(machine, page, page + WS_PAGE_BYTES, &range, 1, &walked) == 1 && range.begin == page &&
           range.end == page + WS_PAGE_BYTES && walked == range.end;
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
    machine->pagemap_scans = machine->pagemap >= 0 && scan_is_right(machine);
}

void ws__touched_close(struct ws_machine *machine)
{
    if (machine->pagemap >= 0)
        close(machine->pagemap);
}

/* -- what is known ------------------------------------------------------------------------------------- */

static uint32_t pages_of(const struct ws_machine *machine)
{
    return machine->ram_bytes / WS_PAGE_BYTES;
}

static void range_add(struct ws__touched *touched, uint32_t begin, uint32_t end)
{
    touched->range[touched->ranges].begin = begin;
    touched->range[touched->ranges++].end = end;
}

static bool ranges_scan(struct ws__touched *touched, const struct ws_machine *machine, uint32_t first)
{
    struct scan_range range[WS__TOUCHED_RANGES];
    uintptr_t ram = (uintptr_t)machine->ram, walked;
    int ranges = scan(machine, ram + (uintptr_t)first * WS_PAGE_BYTES, ram + machine->ram_bytes, range,
                      WS__TOUCHED_RANGES, &walked);
    if (ranges < 0)
        return false;
    for (int i = 0; i < ranges; i++)
        range_add(touched, (uint32_t)((range[i].begin - ram) / WS_PAGE_BYTES),
                  (uint32_t)((range[i].end - ram) / WS_PAGE_BYTES));
    touched->end = (uint32_t)((walked - ram) / WS_PAGE_BYTES);
    return touched->end > first;
}

static bool ranges_read(struct ws__touched *touched, const struct ws_machine *machine, uint32_t first)
{
    uint64_t page[2 * WS__TOUCHED_RANGES]; /* they make that many ranges at most */
    uint32_t count = pages_of(machine) - first;
    if (count > sizeof page / sizeof page[0])
        count = sizeof page / sizeof page[0];
    off_t offset = (off_t)((uintptr_t)machine->ram / WS_PAGE_BYTES + first) * 8;
    if (pread(machine->pagemap, page, count * sizeof page[0], offset) != (ssize_t)(count * sizeof page[0]))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!(page[i] & EXISTS))
            continue;
        if (touched->ranges && touched->range[touched->ranges - 1].end == first + i)
            touched->range[touched->ranges - 1].end++;
        else
            range_add(touched, first + i, first + i + 1);
    }
    touched->end = first + count;
    return true;
}

/* The file tells of the process that opened it, not of one that this one forked. */
static void ranges_ask(struct ws__touched *touched, const struct ws_machine *machine, uint32_t first)
{
    bool may_ask = machine->pagemap >= 0 && machine->pagemap_owner == getpid();
    touched->ranges = touched->at = 0;
    if (may_ask && machine->pagemap_scans && ranges_scan(touched, machine, first))
        return;
    touched->ranges = 0;
    if (may_ask && ranges_read(touched, machine, first))
        return;
    touched->ranges = 0;
    touched->end = pages_of(machine);
    range_add(touched, first, touched->end);
}

uint32_t ws__touched_next(struct ws__touched *touched, const struct ws_machine *machine, uint32_t page)
{
    uint32_t pages = pages_of(machine);
    if (page >= touched->from && page < touched->next)
        return touched->next;
    touched->from = page;
    while (page < pages) {
        if (page >= touched->end)
            ranges_ask(touched, machine, page);
        while (touched->at < touched->ranges && touched->range[touched->at].end <= page)
            touched->at++;
        if (touched->at < touched->ranges) {
            if (touched->range[touched->at].begin > page)
                page = touched->range[touched->at].begin;
            break;
        }
        page = touched->end;
    }
    touched->next = page;
    return page;
}

bool ws__page_is_zero(const uint8_t *ram)
{
    return ram[0] == 0 && memcmp(ram, ram + 1, WS_PAGE_BYTES - 1) == 0;
}
