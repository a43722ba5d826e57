/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-level paging: how a linear address becomes a physical one, and why it sometimes does not.
 *
 *   linear   31........22 21........12 11.......0
 *            [ PDE index ][ PTE index ][ offset  ]     4 KiB pages
 *            [ PDE index ][       offset         ]     4 MiB pages, PDE.PS with CR4.PSE
 *
 * The page walk is our own, written from the manual, and tests compare it with Unicorn's.  It only reads physical
 * memory, so that looking at a translation changes nothing.  A caller that also wants the accessed and dirty bits set,
 * as a CPU does, calls ws__page_mark_used() with the result.
 *
 * SDM 3A §4.3 "32-Bit Paging", §4.6 "Access Rights", §4.7 "Page-Fault Exceptions", §4.8 "Accessed and Dirty Flags".
 */
#ifndef WORLDSWITCH_PAGING_H
#define WORLDSWITCH_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/registers.h>
#include <worldswitch/status.h>

/* The bits of a linear or physical address, of CR3, of a PDE or a PTE that name a page of 4 KiB. */
#define WS_PAGE_FRAME 0xfffff000u

enum {
    WS_PAGE_BYTES = 4096,
    WS_BIG_PAGE_BYTES = 4 << 20,
    /* bits of PDE and PTE */
    WS_PTE_P = 1 << 0,  /* present */
    WS_PTE_RW = 1 << 1, /* writable */
    WS_PTE_US = 1 << 2, /* user */
    WS_PTE_PWT = 1 << 3,
    WS_PTE_PCD = 1 << 4,
    WS_PTE_A = 1 << 5,  /* accessed */
    WS_PTE_D = 1 << 6,  /* dirty */
    WS_PTE_PS = 1 << 7, /* PDE: 4 MiB page; PTE: PAT */
    WS_PTE_G = 1 << 8,  /* global */
    /* bits of #PF's error code */
    WS_PF_P = 1 << 0,    /* the page was present: the access was not allowed */
    WS_PF_W = 1 << 1,    /* the access was a write */
    WS_PF_U = 1 << 2,    /* the access came from ring 3 */
    WS_PF_RSVD = 1 << 3, /* a reserved bit was set in an entry */
    WS_PF_I = 1 << 4     /* an instruction fetch; never set, since this machine does not have NX */
};

/* Physical memory as the page walk sees it.  Above `bytes` there is no memory: reads give all ones. */
struct ws_physical {
    const uint8_t *ram; /* borrowed */
    uint32_t bytes;
};

enum ws_access { WS_ACCESS_READ, WS_ACCESS_WRITE, WS_ACCESS_EXECUTE };

/* Why a translation ended as it did. */
enum ws_page_result {
    WS_PAGE_OK,
    WS_PAGE_OFF, /* success: CR0.PG is clear, and linear addresses are physical ones */
    WS_PAGE_PDE_NOT_PRESENT,
    WS_PAGE_PTE_NOT_PRESENT,
    WS_PAGE_RESERVED_BIT,
    WS_PAGE_NOT_USER,    /* an access of ring 3 to a page of the supervisor */
    WS_PAGE_NOT_WRITABLE /* a write to a read-only page, from ring 3 or with CR0.WP */
};

/* What of a translation came from the CPU's memory of earlier ones, and not from the page tables: see
 * ws_machine_options.tlb. */
enum ws_kept {
    WS_KEPT_NONE,
    WS_KEPT_DIRECTORY, /* the page directory entry */
    WS_KEPT_PAGE       /* all of it: `pde` and `pte` are what the TLB holds, and have no address */
};

struct ws_translation {
    uint32_t linear;
    uint32_t phys;       /* valid if the result is WS_PAGE_OK or WS_PAGE_OFF */
    uint32_t page_bytes; /* 4096 or 4 MiB; 0: paging is off, or no page was found */
    uint32_t pde_phys;   /* where the entries are, and what they hold; 0: not read */
    uint32_t pde;
    uint32_t pte_phys;
    uint32_t pte;
    bool user;           /* both levels allow ring 3 */
    bool writable;       /* both levels allow writing */
    bool global;         /* the G bit and CR4.PGE are set */
    uint8_t result;      /* enum ws_page_result */
    uint8_t kept;        /* enum ws_kept */
    uint32_t error_code; /* what #PF would push, if the walk failed */
};

/* Translate `linear`.  `registers`: only CR0, CR3 and CR4 are used; `user`: the access is made at CPL 3.  Returns
 * whether the access is allowed. */
bool ws_page_walk(struct ws_translation *out, const struct ws_physical *memory, const struct ws_registers *registers,
                  uint32_t linear, enum ws_access access, bool user);
/* Read RAM by linear addresses, as ring 0 could, up to the first page that is not mapped to RAM.  Returns how many
 * bytes there were. */
size_t ws_page_read(const struct ws_physical *memory, const struct ws_registers *registers, uint32_t linear, void *out,
                    size_t bytes);

/* Append a description of the walk: a line for each level, with each bit explained. */
void ws_page_describe(struct ws_buffer *out, const struct ws_translation *walk);
/* A result in words, as "the page table entry is not present".  It is a constant. */
const char *ws_page_result_text(enum ws_page_result result);

/* A run of linear pages that map to a run of physical pages, with the same rights and the same size. */
struct ws_mapping {
    uint32_t linear;
    uint32_t phys;
    uint64_t bytes; /* 4 GiB for the whole address space */
    bool user;
    bool writable;
    bool global;
    bool big; /* 4 MiB pages */
};

/* The whole linear address space under a page directory, as runs in ascending order. */
struct ws_page_map {
    struct ws_mapping *run; /* owned */
    size_t count;
};

/* Read the map that CR0, CR3 and CR4 describe.  While paging is off, it is one run.  WS_OK, or WS_NO_MEMORY: then the
 * map is empty. */
enum ws_status ws_page_map_read(struct ws_page_map *map, const struct ws_physical *memory,
                                const struct ws_registers *registers);
void ws_page_map_release(struct ws_page_map *map);

/* Do two maps differ in the pages that ring 3 may use (`user`), or in the others?  Linear and physical addresses and
 * the right to write count; the size of pages and the global, accessed and dirty bits do not. */
bool ws_page_map_differs(const struct ws_page_map *a, const struct ws_page_map *b, bool user);

#endif
