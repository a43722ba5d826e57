/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables that change while they are in use.  SDM 3A §4.3 "32-Bit Paging" */
#include <worldswitch/paging.h>

#include "vm.h"

enum { RAM_PAGES = 512, ENTRIES = 1024, DIRECTORY_HIGH = VM_COLOUR >> 22 };

#define CR0_PG_WP 0x80010000u

typedef uint32_t page[ENTRIES] __attribute__((aligned(4096)));

static page directory_red, directory_blue;
static page table_low;             /* the first 2 MiB: shared */
static page table_red, table_blue; /* from VM_COLOUR */
static page frame_red, frame_blue, frame_guarded, frame_demand;

static uint32_t entry(const void *frame, uint32_t rights)
{
    return (uint32_t)frame | rights | WS_PTE_P;
}

static volatile uint32_t *at(uint32_t linear)
{
    return (volatile uint32_t *)linear;
}

static unsigned index_of(uint32_t linear)
{
    return linear / WS_PAGE_BYTES % ENTRIES;
}

static void directory_init(uint32_t *directory, uint32_t *table, const uint32_t *colour)
{
    directory[0] = entry(table_low, WS_PTE_RW);
    directory[DIRECTORY_HIGH] = entry(table, WS_PTE_RW);
    table[index_of(VM_COLOUR)] = entry(colour, WS_PTE_RW);
    table[index_of(VM_WANDER)] = entry(frame_red, WS_PTE_RW);
    table[index_of(VM_GUARDED)] = entry(frame_guarded, 0);
    table[index_of(VM_TABLE)] = entry(table, WS_PTE_RW);
}

/*
 *          before CR0.PG is set                    after, with red's directory
 *   0xffffffff ┌─────────────────┐                0xffffffff ┌─────────────────┐
 *              │ linear =        │                           │ nothing         │
 *              │ physical        │                 VM_COLOUR │ a few pages     │
 *              │                 │                0x00200000 │ nothing         │
 *   0x00000000 └─────────────────┘◄─ EIP ESP      0x00000000 └─linear=physical─┘◄─ EIP ESP
 */
void paging_init(void)
{
    for (unsigned i = 0; i < RAM_PAGES; i++)
        table_low[i] = i * WS_PAGE_BYTES | WS_PTE_RW | WS_PTE_P;
    directory_init(directory_red, table_red, frame_red);
    directory_init(directory_blue, table_blue, frame_blue);
    frame_red[0] = 0x4ed;
    frame_blue[0] = 0xb10e;
    cr3_write((uint32_t)directory_red);
    cr0_write(cr0_read() | CR0_PG_WP);
}

bool paging_mend(uint32_t linear, uint32_t error_code)
{
    volatile uint32_t *table = at(VM_TABLE);

    if (linear / WS_PAGE_BYTES == VM_GUARDED / WS_PAGE_BYTES && error_code & WS_PF_P)
        table[index_of(VM_GUARDED)] |= WS_PTE_RW;
    else if (linear / WS_PAGE_BYTES == VM_DEMAND / WS_PAGE_BYTES && !(error_code & WS_PF_P))
        table[index_of(VM_DEMAND)] = entry(frame_demand, WS_PTE_RW);
    else
        return false;
    page_forget(linear);
    return true;
}

static void see(const char *what, uint32_t linear)
{
    print("vm: %s %x\n", what, *at(linear));
}

/* "vm: ...: page fault at 0x40002004, error 0x3, then 0x77" */
static void fault_see(const char *what, uint32_t linear, uint32_t value)
{
    trap_cr2 = 0;
    trap_error = 0;
    *at(linear) = value;
    print("vm: %s: %s %x, error %x, then %x\n", what, trap_cr2 ? "page fault at" : "no fault", trap_cr2, trap_error,
          *at(linear));
}

/* The CPU's own marks in a page table entry: accessed, dirty. */
static void marks_see(const char *what, uint32_t linear)
{
    uint32_t entry_now = at(VM_TABLE)[index_of(linear)];

    print("vm: %s %s %s\n", what, entry_now & WS_PTE_A ? "accessed" : "not accessed",
          entry_now & WS_PTE_D ? "dirty" : "clean");
}

/* One page, moved to the other frame and back as often as it takes to notice a stale translation. */
static void wander_show(void)
{
    uint32_t right = 0;

    for (unsigned i = 0; i < 64; i++) {
        at(VM_TABLE)[index_of(VM_WANDER)] = entry(i % 2 ? frame_red : frame_blue, WS_PTE_RW);
        page_forget(VM_WANDER);
        right += *at(VM_WANDER) == (i % 2 ? frame_red[0] : frame_blue[0]);
    }
    print("vm: a page moved 64 times, seen right %u times\n", right);
}

void paging_show(void)
{
    see("in the red directory", VM_COLOUR);
    cr3_write((uint32_t)directory_blue);
    see("in the blue directory", VM_COLOUR);
    *at(VM_COLOUR) = 0xb1;
    cr3_write((uint32_t)directory_red);
    see("in the red directory again", VM_COLOUR);
    print("vm: blue's frame, at its other address: %x\n", frame_blue[0]);
    wander_show();
    at(VM_TABLE)[index_of(VM_WANDER)] = entry(frame_red, WS_PTE_RW);
    page_forget(VM_WANDER);
    marks_see("a page not yet used:", VM_WANDER);
    (void)*at(VM_WANDER);
    marks_see("a page read:", VM_WANDER);
    *at(VM_WANDER) = 0x5ed;
    marks_see("a page written:", VM_WANDER);
    see("in the red directory after that", VM_COLOUR);
    fault_see("a read-only page written", VM_GUARDED + 4, 0x77);
    fault_see("the same again", VM_GUARDED + 4, 0x78);
    fault_see("a missing page written", VM_DEMAND + 8, 0x79);
}
