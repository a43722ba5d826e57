/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shadow paging module.  The CPU never sees the VM's page tables: they hold the VM's "physical"
 * addresses, which are no machine addresses.  It sees shadow tables, which the VMM makes of them, an
 * entry at a time, when the CPU misses one:
 *
 *     the VM's tables         linear ───────────► the VM's physical page
 *     frame_machine()                             the VM's physical page ───► machine page
 *     shadow tables           linear ───────────────────────────────────────► machine page
 *
 * A page fault is hidden if the VM's own tables allow the access: an entry is filled in, the VM never
 * knows.  Else it is true, and the VM's.
 *
 * Rules.
 *   1. A shadow entry allows at most what the VM's entry allows.
 *   2. An entry is writable only if the VM's is dirty, so that the first write is seen and marked.
 *   3. No frame from which shadow entries were made is writable through any: writes to the VM's
 *      page tables fault, and trace.c lets them happen under observation.  So shadows are
 *      never stale, whether the VM remembers invlpg or not.
 *   4. A new directory takes the tables away, but they are kept, and kept up to date: the next one may have them, too.
 *   5. What ring 0 of the VM may write only because CR0.WP is clear is not ring 3's at the same time: the entry
 *      changes whenever the other one comes.
 * Accessed and dirty are set in shadow entries from the beginning: the CPU has no cause to write there.
 */
#include "vmm.h"

enum {
    POOL = HOSTED_POOL_PAGES - 1,      /* walk.c has the last one */
    INDEXES = (WS_CROSS_LINEAR >> 22), /* directory entries that are the VM's */
    ENTRY_BITS = WS_PTE_P | WS_PTE_A | WS_PTE_D,
};

/* What a frame of the pool is used for. */
static struct {
    bool used;
    uint16_t index;  /* in the directory */
    uint32_t source; /* the VM's page table, or NO_FRAME */
    uint32_t entry;  /* the VM's directory entry from which that came */
} pool[POOL];

static uint32_t *const directory = (uint32_t *)HOSTED_VMM_DIRECTORY;
static uint8_t pool_of[INDEXES]; /* directory index → number in the pool plus 1, or 0 */
/* Is a shadow entry writable that leads to the frame?  If not, nothing need be looked for. */
static bool writable[HOSTED_VM_PAGES];

static uint32_t *pool_table(unsigned number)
{
    return (uint32_t *)(HOSTED_VMM_POOL + number * WS_PAGE_BYTES);
}

/* The entry for a linear address, or NULL: there is no table. */
static uint32_t *entry_at(uint32_t linear)
{
    uint32_t index = linear >> 22;

    if (index >= INDEXES || !pool_of[index])
        return NULL;
    return &pool_table(pool_of[index] - 1u)[linear / WS_PAGE_BYTES % TABLE_ENTRIES];
}

/* -- tables ------------------------------------------------------------------------------------ */

/* Is a shadow table made from it? */
static bool shadow_uses(uint32_t frame)
{
    for (unsigned i = 0; i < POOL; i++)
        if (pool[i].used && pool[i].source == frame)
            return true;
    return false;
}

static bool attached(unsigned number)
{
    return pool_of[pool[number].index] == number + 1;
}

static void table_detach(unsigned number)
{
    if (!attached(number))
        return;
    directory[pool[number].index] = 0;
    pool_of[pool[number].index] = 0;
}

static void table_drop(unsigned number)
{
    uint32_t source = pool[number].source;

    table_detach(number);
    pool[number].used = false;
    if (!shadow_uses(source))
        trace_clear(source, TRACE_TABLE);
}

void shadow_flush(void)
{
    for (unsigned i = 0; i < POOL; i++)
        if (pool[i].used)
            table_drop(i);
    memset(writable, 0, sizeof writable);
    shadow_switch();
}

void shadow_switch(void)
{
    static uint32_t watched = NO_FRAME; /* the frame of the VM's directory */

    for (unsigned i = 0; i < POOL; i++)
        if (pool[i].used)
            table_detach(i);
    trace_clear(watched, TRACE_DIRECTORY);
    watched = paging_on() ? vcpu.cr3 / WS_PAGE_BYTES : NO_FRAME;
    trace_set(watched, TRACE_DIRECTORY);
    pages_forget(); /* the VMM has no global pages: all translations go */
}

static unsigned table_find_free(void)
{
    for (unsigned i = 0; i < POOL; i++)
        if (!pool[i].used)
            return i;
    shadow_flush(); /* all go: they come back as they are needed */
    return 0;
}

/* Made for another directory, or when this one was there before, and kept up to date.  POOL: there is none. */
static unsigned table_find(uint32_t index, const struct walk *found)
{
    unsigned number = 0;

    while (number < POOL && !(pool[number].used && pool[number].source == found->table && found->table != NO_FRAME &&
                              pool[number].index == index &&
                              (pool[number].entry | ENTRY_BITS) == (*found->directory_entry | ENTRY_BITS)))
        number++;
    return number;
}

static unsigned table_make(uint32_t index, const struct walk *found)
{
    unsigned number = table_find_free();

    memset(pool_table(number), 0, WS_PAGE_BYTES);
    pool[number].used = true;
    pool[number].index = (uint16_t)index;
    pool[number].source = found->table;
    pool[number].entry = found->directory_entry ? *found->directory_entry : 0;
    trace_set(found->table, TRACE_TABLE);
    return number;
}

static void table_attach(uint32_t index, const struct walk *found)
{
    unsigned number = table_find(index, found);

    if (number == POOL)
        number = table_make(index, found);
    pool_of[index] = (uint8_t)(number + 1);
    directory[index] = boot()->pool_frames[number] * WS_PAGE_BYTES | ENTRY_BITS | WS_PTE_RW | WS_PTE_US;
}

/* -- faults ------------------------------------------------------------------------------------ */

static void fill(uint32_t linear, const struct walk *found, bool write)
{
    bool dirty = !found->table_entry || *found->table_entry & WS_PTE_D;
    bool open = !traced(found->frame) || write;        /* trace_step() closes it again */
    bool kernel_only = write && !found->user_writable; /* CR0.WP is clear, and ring 3 must not write there */
    uint32_t entry = frame_machine(found->frame) * WS_PAGE_BYTES | ENTRY_BITS;

    if (dirty && open && (found->user_writable || kernel_only || (found->writable && !found->user)))
        entry |= WS_PTE_RW;
    if (found->user && !kernel_only)
        entry |= WS_PTE_US;
    if (entry & WS_PTE_RW && !traced(found->frame))
        writable[found->frame] = true;
    *entry_at(linear) = entry;
    page_forget(linear);
}

/* `linear` is below 0xffc00000 wherever segment limits are checked. */
bool shadow_fault(uint32_t linear, uint32_t error)
{
    bool write = (error & WS_PF_W) != 0, user = (error & WS_PF_U) != 0;
    struct walk found;

    if (linear >= WS_CROSS_LINEAR)
        return fault_set(WS_VECTOR_GP, 0);
    if (!walk_access(linear, write, user, &found)) {
        vcpu.counters.true_++;
        return false;
    }
    if (!entry_at(linear))
        table_attach(linear >> 22, &found);
    if (write && traced(found.frame))
        trace_step(found.frame, linear);
    else
        vcpu.counters.hidden++;
    fill(linear, &found, write);
    return true;
}

/* -- keeping up -------------------------------------------------------------------------------- */

void shadow_invalidate(uint32_t linear)
{
    uint32_t *entry = entry_at(linear);

    if (!entry)
        return;
    *entry = 0;
    page_forget(linear);
}

void shadow_protect(uint32_t frame)
{
    uint32_t machine = frame_machine(frame);

    if (!writable[frame])
        return;
    writable[frame] = false;
    for (unsigned i = 0; i < POOL; i++) {
        uint32_t *table = pool_table(i);
        if (!pool[i].used)
            continue;
        for (unsigned j = 0; j < TABLE_ENTRIES; j++)
            if (table[j] / WS_PAGE_BYTES == machine)
                table[j] &= ~(uint32_t)WS_PTE_RW;
    }
    pages_forget();
}

/* Does the shadow entry still follow from the VM's? */
static bool entry_stands(uint32_t shadow, uint32_t entry)
{
    if (!(entry & WS_PTE_P) || !(entry & WS_PTE_A) || frame_machine(entry / WS_PAGE_BYTES) != shadow / WS_PAGE_BYTES)
        return false;
    if (shadow & WS_PTE_US && (!(entry & WS_PTE_US) || (shadow & WS_PTE_RW && !(entry & WS_PTE_RW))))
        return false;
    return !(shadow & WS_PTE_RW) || (entry & WS_PTE_D && (entry & WS_PTE_RW || !(vcpu.cr0 & WS_CR0_WP)));
}

static void table_sync(unsigned number, uint32_t from, uint32_t to)
{
    const uint32_t *source = frame_window(pool[number].source);
    uint32_t *table = pool_table(number);

    for (unsigned i = from / 4; i < TABLE_ENTRIES && i < (to + 3) / 4; i++)
        if (table[i] && !entry_stands(table[i], source[i]))
            table[i] = 0;
}

void shadow_sync(uint32_t frame, uint32_t from, uint32_t to)
{
    bool is_directory = paging_on() && vcpu.cr3 / WS_PAGE_BYTES == frame;
    const uint32_t *entries = frame_window(frame);

    for (unsigned i = 0; i < POOL; i++) {
        if (pool[i].used && pool[i].source == frame && !attached(i))
            table_drop(i); /* it may be no table any more */
        else if (pool[i].used && pool[i].source == frame)
            table_sync(i, from, to);
        if (pool[i].used && attached(i) && is_directory &&
            (entries[pool[i].index] | WS_PTE_D) != (pool[i].entry | WS_PTE_D))
            table_drop(i);
    }
    pages_forget();
    code_moved();
}
