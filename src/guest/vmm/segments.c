/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow descriptors.  The CPU uses the VMM's GDT; its slots 1 to 31 are made from the VM's GDT:
 *
 *   the limit   truncated, so that the segment ends below 0xffc00000: the VMM is out of reach
 *   DPL         0 becomes 1, since ring 0 of the VM runs in ring 1; and 1 becomes 2
 *   accessed    set from the beginning, since the CPU would set it in the shadow only.  The VM's own
 *               descriptors never get it: a VM that waits for this bit waits for ever
 *   left out    what would open another way: gates, TSSs; they become empty slots, and the VMM hears of
 *               their use by #GP
 *
 * SDM 3A §3.4.5 "Segment Descriptors".  Until the VM loads a GDT, it runs on two descriptors in the
 * VMM's LDT, where no VM's GDT can overwrite them.
 */
#include "guest/vmm/translator/translator.h"

enum {
    LOCAL_SLOTS = 512,
    FIRST_LOCAL = LOCAL_SLOTS - 2, /* where the VM's segments are before it has loaded a GDT */
    LAST_BYTE = WS_CROSS_LINEAR - 1,
    FOR_RING_1 = BIG << 8 | NOT_SYSTEM | 1 << DPL_SHIFT | WS_TYPE_ACCESSED /* of 32 bits: for translated code */
};

/* -- one descriptor ---------------------------------------------------------------------------- */

/* Why the VM cannot have it, or NULL. */
static const char *refusal(union descriptor from)
{
    if (!(from.access & PRESENT))
        return NULL; /* the CPU itself refuses, and the VM hears of it */
    if (!(from.access & NOT_SYSTEM))
        return NULL; /* the same: none of these is for a segment register */
    if (is_code(from) && !(from.flags & BIG))
        return "code for 16 bits, which the VMM does not translate";
    if (!is_code(from) && from.access & WS_TYPE_EXPAND_DOWN)
        return "data that expand down, which no limit keeps out of the VMM";
    if (base_of(from) > LAST_BYTE)
        return "a segment that begins in the VMM's own 4 MiB";
    return NULL;
}

/* The limit as a descriptor has it, the segment ending at LAST_BYTE at most. */
static void truncate(union descriptor *to)
{
    uint32_t room = LAST_BYTE - base_of(*to), limit = limit_of(*to);

    if (limit <= room)
        return;
    limit = room;
    if (to->flags & GRANULAR) /* whole pages; at least one, or byte granularity takes over */
        limit = room >= 0xfff ? ((room + 1) >> 12) - 1 : room;
    if (room < 0xfff)
        to->flags &= (uint8_t)~GRANULAR;
    to->limit_low = (uint16_t)limit;
    to->flags = (uint8_t)((to->flags & 0xf0) | (limit >> 16 & 15));
}

static union descriptor shadow_of(union descriptor from)
{
    union descriptor to = from;

    if (refusal(from) || !(from.access & NOT_SYSTEM))
        return (union descriptor){0};
    to.access |= WS_TYPE_ACCESSED;
    to.access = (uint8_t)((to.access & ~DPL) | real_ring(dpl_of(from)) << DPL_SHIFT);
    truncate(&to);
    return to;
}

/* -- the tables -------------------------------------------------------------------------------- */

static union descriptor *const shadow_gdt = (union descriptor *)HOSTED_VMM_GDT;
static union descriptor local_table[LOCAL_SLOTS] __attribute__((aligned(8))); /* LDTR's, while the VM runs */
static bool local_used;                                                       /* some slots of it are the VM's */

/* The VM's own descriptor; empty where there is none. */
static union descriptor guest_descriptor(uint16_t selector)
{
    const struct ws_cross_table *table = selector & WS_SELECTOR_TI ? &vcpu.ldt : &vcpu.gdtr;
    union descriptor found = {0};
    uint32_t offset = selector & ~7u;

    if (!vcpu.gdtr.limit && selector & WS_SELECTOR_TI && selector / 8 >= FIRST_LOCAL) {
        found = local_table[selector / 8];
        found.access &= (uint8_t)~DPL;
    }
    if (offset + 7 <= table->limit)
        linear_peek(table->base + offset, &found, sizeof found);
    return found;
}

/* Where the VM's two tables lie, page by page. */
enum { TABLE_PAGES = 2 * (0x10000 / WS_PAGE_BYTES + 1) };
static uint32_t table_frames[TABLE_PAGES];

/* Is a table where it was when the shadow was made?  It is noted where it is now, and writes to it will be seen. */
static bool table_stays(const struct ws_cross_table *table, uint32_t *frames)
{
    uint32_t last = table->base + table->limit;
    bool stays = true;
    struct walk found;

    for (uint32_t page = table->base / WS_PAGE_BYTES; page <= last / WS_PAGE_BYTES; page++, frames++) {
        walk(page * WS_PAGE_BYTES, &found);
        if (!found.present)
            found.frame = NO_FRAME;
        if (*frames != found.frame) {
            trace_clear(*frames, TRACE_GDT);
            stays = false;
        }
        *frames = found.frame;
        trace_set(found.frame, TRACE_GDT);
    }
    return stays;
}

static bool tables_stay(void)
{
    bool stays = table_stays(&vcpu.gdtr, table_frames);

    return (!vcpu.ldt.limit || table_stays(&vcpu.ldt, table_frames + TABLE_PAGES / 2)) && stays;
}

void segments_moved(void)
{
    if (vcpu.gdtr.limit && !tables_stay())
        segments_sync();
}

static void table_shadow(const struct ws_cross_table *table, union descriptor *to, unsigned slots)
{
    static union descriptor seen[LOCAL_SLOTS];
    unsigned used = table->limit ? (table->limit + 1u) / sizeof *seen : 0, slot = table == &vcpu.gdtr;

    if (used > slots)
        used = slots;
    used = linear_peek(table->base, seen, used * sizeof *seen) / sizeof *seen;
    for (; slot < slots; slot++)
        to[slot] = slot < used ? shadow_of(seen[slot]) : (union descriptor){0};
}

void segments_sync(void)
{
    if (vcpu.gdtr.limit == 0)
        return;
    table_shadow(&vcpu.gdtr, shadow_gdt, HOSTED_GDT_VM_SLOTS);
    if (vcpu.ldt.limit || local_used)
        table_shadow(&vcpu.ldt, local_table, FIRST_LOCAL);
    local_used = vcpu.ldt.limit > 0;
    for (unsigned i = 0; i < TABLE_PAGES; i++) {
        trace_clear(table_frames[i], TRACE_GDT);
        table_frames[i] = NO_FRAME;
    }
    tables_stay();
}

struct ws_cross_table segment_table(union descriptor from)
{
    uint32_t limit = limit_of(from);

    return (struct ws_cross_table){limit > 0xffff ? 0xffff : (uint16_t)limit, base_of(from)};
}

bool segment_system(uint16_t selector, unsigned type, union descriptor *found)
{
    *found = guest_descriptor(selector);
    if (selector < 4 || selector & WS_SELECTOR_TI || !is_system(*found, 1 << type))
        return fault_set(WS_VECTOR_GP, selector & ~3u);
    return found->access & PRESENT || fault_set(WS_VECTOR_NP, selector & ~3u);
}

/* SDM 2A "LLDT—Load Local Descriptor Table Register" */
bool segment_local_load(uint16_t selector)
{
    union descriptor found;

    if (selector > 3 && !segment_system(selector, WS_TYPE_LDT, &found))
        return false;
    vcpu.ldtr = selector;
    vcpu.ldt = selector > 3 ? segment_table(found) : (struct ws_cross_table){0};
    if (vcpu.ldt.limit >= FIRST_LOCAL * 8)
        vm_stop("the local table that %x names, loaded at %x, has more than %u entries: the VMM has room for no more",
                selector, vcpu.frame->eip, FIRST_LOCAL);
    segments_sync();
    return true;
}

/* -- the VMM's own, while the VM runs ------------------------------------------------------------ */

static void own_segment_put(uint16_t selector, const void *base, uint32_t limit, unsigned access)
{
    descriptor_put((uint8_t *)&shadow_gdt[selector / 8], (uint32_t)base, limit, access | PRESENT);
}

void segment_words_show(void)
{
    own_segment_put(HOSTED_VMM_WORDS, &words, sizeof words - 1, FOR_RING_1 | WS_TYPE_WRITABLE);
}

void segments_init(void)
{
    uint16_t code = FIRST_LOCAL * 8 | WS_SELECTOR_TI, data = code + 8;
    struct ws_trap_frame *frame = vcpu.frame;

    local_table[FIRST_LOCAL] = shadow_of((union descriptor){0x00cf9a000000ffff});
    local_table[FIRST_LOCAL + 1] = shadow_of((union descriptor){0x00cf92000000ffff});
    own_segment_put(HOSTED_VMM_FOREIGN, local_table, sizeof local_table - 1, WS_TYPE_LDT);
    /* Execute-only: no selector reads it, and only iret of the VMM's ring 0 gets there.  The limit may be 4 GiB, since
     * translated code jumps where the translator has made it jump, and nowhere else. */
    own_segment_put(HOSTED_VMM_CACHE, cache, FLAT_LIMIT, GRANULAR << 8 | FOR_RING_1 | WS_TYPE_CODE);
    frame->cs = code;
    frame->ds = frame->es = frame->fs = frame->gs = frame->user_ss = data;
}

/* -- questions --------------------------------------------------------------------------------- */

uint32_t *segment_register(enum segment segment)
{
    static const uint8_t places[] = {
        offsetof(struct ws_trap_frame, es), offsetof(struct ws_trap_frame, cs), offsetof(struct ws_trap_frame, user_ss),
        offsetof(struct ws_trap_frame, ds), offsetof(struct ws_trap_frame, fs), offsetof(struct ws_trap_frame, gs),
    };

    return (uint32_t *)((uint8_t *)vcpu.frame + places[segment]);
}

uint16_t segment_selector(enum segment segment)
{
    return (uint16_t)*segment_register(segment);
}

/* What the CPU would find; empty beyond what is the VM's. */
static union descriptor shadow_descriptor(uint16_t selector)
{
    unsigned slot = selector / 8;

    if (selector & WS_SELECTOR_TI && slot < LOCAL_SLOTS)
        return local_table[slot];
    if (!(selector & WS_SELECTOR_TI) && slot > 0 && slot < HOSTED_GDT_VM_SLOTS)
        return shadow_gdt[slot];
    return (union descriptor){0};
}

union descriptor segment_descriptor(enum segment segment)
{
    return shadow_descriptor(segment_selector(segment));
}

uint32_t segment_base(enum segment segment)
{
    return base_of(segment_descriptor(segment));
}

bool segment_guest_descriptor(uint16_t selector, union descriptor *found)
{
    *found = guest_descriptor(selector);
    if (selector & WS_SELECTOR_TI)
        return (selector | 7u) <= vcpu.ldt.limit;
    return selector > 3 && (selector | 7u) <= vcpu.gdtr.limit;
}

/* SDM 3A §5.3 "Limit Checking" and §5.4.1 "Null Segment Selector Checking"; the limit is the truncated
 * one. */
bool segment_linear(enum segment segment, uint32_t offset, unsigned bytes, bool write, uint32_t *linear)
{
    union descriptor found = segment_descriptor(segment);
    uint32_t last = offset + bytes - 1;
    bool code = is_code(found), more = found.access & WS_TYPE_WRITABLE; /* or readable, if it is code */
    bool allowed = write ? more && !code : more || !code;

    if (!(found.access & PRESENT) || last < offset || last > limit_of(found) || !allowed)
        return fault_set(segment == SEGMENT_SS ? WS_VECTOR_SS : WS_VECTOR_GP, 0);
    *linear = base_of(found) + offset;
    breakpoint_access(*linear, bytes, write ? ACCESS_WRITE : ACCESS_READ);
    return true;
}

void segment_refuse(uint16_t selector)
{
    bool taken =
        !(selector & WS_SELECTOR_TI) && selector / 8 >= HOSTED_GDT_VM_SLOTS && (selector | 7) <= vcpu.gdtr.limit;
    const char *why = taken ? "in a slot of the GDT that the VMM needs" : refusal(guest_descriptor(selector));

    if (why)
        vm_stop("selector %x, used at %x, names %s", selector, vcpu.frame->eip, why);
}

/* What the VMM peeks at may be on a page that is missing. */
bool segment_reachable(uint16_t selector)
{
    const struct ws_cross_table *table = selector & WS_SELECTOR_TI ? &vcpu.ldt : &vcpu.gdtr;
    uint64_t descriptor;

    return (selector | 7u) > table->limit ||
           linear_read(table->base + (selector & ~7u), &descriptor, sizeof descriptor);
}

/* The fault for a selector that is not what it must be. */
static bool selector_fault(uint16_t selector, uint32_t vector_absent, bool wrong)
{
    if (!segment_reachable(selector))
        return false;
    segment_refuse(selector);
    return fault_set(wrong ? WS_VECTOR_GP : vector_absent, selector & ~3u);
}

bool segment_code_check(uint16_t selector)
{
    union descriptor found = shadow_descriptor(selector);
    bool wrong = selector < 4 || !(found.access & NOT_SYSTEM) || !is_code(found);

    if (!wrong && found.access & PRESENT)
        return true;
    return selector_fault(selector, WS_VECTOR_NP, wrong);
}

/* SDM 3A §5.3 "Limit Checking" */
bool segment_reaches(uint16_t selector, uint32_t eip)
{
    return eip <= limit_of(shadow_descriptor(selector)) || fault_set(WS_VECTOR_GP, 0);
}

unsigned segment_ring(uint16_t selector)
{
    return dpl_of(guest_descriptor(selector));
}

bool segment_conforms(uint16_t selector)
{
    return (shadow_descriptor(selector).access & WS_TYPE_CONFORMING) != 0;
}

bool segment_stack_check(uint16_t selector, unsigned ring, uint32_t vector)
{
    union descriptor found = guest_descriptor(selector);
    unsigned must = NOT_SYSTEM | WS_TYPE_WRITABLE | ring << DPL_SHIFT;
    bool wrong = selector < 4 || (selector & 3u) != ring ||
                 (found.access & (NOT_SYSTEM | WS_TYPE_WRITABLE | WS_TYPE_CODE | DPL)) != must;

    if (wrong || !(found.access & PRESENT))
        return segment_reachable(selector) && fault_set(wrong ? vector : WS_VECTOR_SS, selector & ~3u);
    segment_refuse(selector);
    if (!(found.flags & BIG))
        vm_stop("selector %x, used at %x, names a stack for 16 bits: the VMM has none", selector, vcpu.frame->eip);
    return true;
}

/* SDM 2A "IRET/IRETD/IRETQ—Interrupt Return": what is for an inner ring becomes null. */
void segments_leave(void)
{
    for (enum segment i = SEGMENT_ES; i <= SEGMENT_GS; i++)
        if (i != SEGMENT_CS && i != SEGMENT_SS && !segment_loadable(segment_selector(i)))
            *segment_register(i) = 0;
}

/* Data, or readable code, for that ring; present or not.  SDM 3A §5.5 "Privilege Levels" */
static bool data_permitted(union descriptor found, unsigned rpl, unsigned ring)
{
    if (!(found.access & NOT_SYSTEM) || (is_code(found) && !(found.access & WS_TYPE_READABLE)))
        return false;
    return (is_code(found) && found.access & WS_TYPE_CONFORMING) || dpl_of(found) >= (rpl > ring ? rpl : ring);
}

static bool data_loads(uint16_t selector, union descriptor found, unsigned ring)
{
    return selector < 4 || (found.access & PRESENT && data_permitted(found, selector & WS_SELECTOR_RPL, ring));
}

bool segment_loadable(uint16_t selector)
{
    return data_loads(selector, guest_descriptor(selector), vcpu_ring());
}

bool segment_stands(uint16_t selector)
{
    return data_loads(selector, shadow_descriptor(selector), real_ring(vcpu_ring()));
}

bool segment_data_check(uint16_t selector)
{
    bool wrong = !data_permitted(guest_descriptor(selector), selector & 3, vcpu_ring());

    if (!segment_loadable(selector))
        return selector_fault(selector, WS_VECTOR_NP, wrong);
    if (selector > 3)
        segment_refuse(selector);
    return true;
}

/* Will the CPU take what the register's selector names now? */
static bool register_stands(enum segment segment)
{
    uint16_t selector = segment_selector(segment);
    union descriptor found;

    if (segment != SEGMENT_CS && segment != SEGMENT_SS)
        return segment_stands(selector);
    found = shadow_descriptor(selector);
    if (segment == SEGMENT_SS && (!(found.access & WS_TYPE_WRITABLE) || dpl_of(found) != real_ring(vcpu_ring())))
        return false;
    return found.access & PRESENT && found.access & NOT_SYSTEM && is_code(found) == (segment == SEGMENT_CS);
}

/* A CPU keeps what it once loaded, even if the descriptor changes.  The VMM cannot: it loads all
 * registers again on each way to the VM. */
void segments_check(void)
{
    static const enum segment all[] = {SEGMENT_CS, SEGMENT_SS, SEGMENT_ES, SEGMENT_DS, SEGMENT_FS, SEGMENT_GS};

    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        if (!register_stands(all[i]))
            vm_stop("selector %x is in use at %x, and its descriptor is gone: the VMM keeps no copies",
                    segment_selector(all[i]), vcpu.frame->eip);
}
