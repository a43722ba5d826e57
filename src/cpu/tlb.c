/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filling the TLB.
 */
#include "cpu/tlb.h"

#include <assert.h>

#include "cpu/debug.h"
#include "cpu/fault.h"
#include "cpu/slow_checks.h"

static uint32_t page_of(uint32_t address)
{
    return address & WS_PAGE_FRAME;
}

void ws__tlb_flush(struct ws__cpu *cpu)
{
    cpu->tlb.loose = false;
    ws__engine_flush_tlb(cpu->engine);
}

void ws__tlb_enter(struct ws__cpu *cpu)
{
    struct ws__tlb *tlb = &cpu->tlb;
    if (tlb->ahead_count || (tlb->loose && tlb->step_mode != cpu->blocks.budget->step_mode))
        ws__tlb_flush(cpu);
    tlb->ahead_count = 0;
    tlb->step_mode = cpu->blocks.budget->step_mode;
}

static bool walk(struct ws__cpu *cpu, struct ws_translation *out, uint32_t linear, enum ws_access access, bool user)
{
    struct ws_registers registers;
    registers.value[WS_CR0] = ws__engine_get(cpu->engine, WS_CR0);
    registers.value[WS_CR3] = ws__engine_get(cpu->engine, WS_CR3);
    registers.value[WS_CR4] = ws__engine_get(cpu->engine, WS_CR4);
    return ws__cpu_walk(cpu, out, &registers, linear, access, user);
}

/* -- pages that need a check ------------------------------------------------------------------- */

static void range_set(struct ws__cpu *cpu)
{
    struct ws__tlb *tlb = &cpu->tlb;
    tlb->first = 0;
    tlb->last = page_of(UINT32_MAX);
    for (unsigned i = 0; i < WS__SEGMENTS; i++) {
        if (!(tlb->armed & 1u << i))
            continue;
        const struct ws_descriptor *segment = &cpu->checks.segment[i];
        uint32_t first = page_of(segment->base + WS_PAGE_BYTES - 1),
                 last = page_of(segment->base + segment->limit + 1) - WS_PAGE_BYTES;
        tlb->first = first > tlb->first ? first : tlb->first;
        tlb->last = last < tlb->last ? last : tlb->last;
    }
}

void ws__tlb_arm(struct ws__cpu *cpu, uint8_t segments)
{
    cpu->tlb.armed |= segments;
    range_set(cpu);
    ws__tlb_flush(cpu);
}

void ws__tlb_disarm(struct ws__cpu *cpu, uint8_t segments)
{
    if (!(cpu->tlb.armed & segments))
        return;
    cpu->tlb.armed &= (uint8_t)~segments;
    range_set(cpu);
}

/* Must each access of this kind to the page be looked at? */
static bool needs_check(const struct ws__cpu *cpu, const struct ws_translation *found, enum ws_access access)
{
    uint32_t page = page_of(found->linear);
    return page < cpu->tlb.first || page > cpu->tlb.last || found->phys >= cpu->ram_bytes ||
           ws__stale_has(&cpu->state.stale, page, access) ||
           (cpu->checks.reasons & WS__CHECK_DATA && ws__debug_page_watched(&cpu->state, page));
}

/* -- fetches ----------------------------------------------------------------------------------- */

static bool is_user(const struct ws__engine *engine)
{
    return ws__engine_cpl(engine) == 3;
}

static bool is_ahead(const struct ws__cpu *cpu, uint32_t page)
{
    for (unsigned i = 0; i < cpu->tlb.ahead_count; i++) {
        if (cpu->tlb.ahead[i].page == page && cpu->tlb.ahead[i].user == is_user(cpu->engine))
            return true;
    }
    return false;
}

/* Between two checks of this list, the engine translates one instruction or one block, and perhaps its
 * announced translation (unicorn/announce.c): that fetches few pages, so there is room.  See ws__tlb_aheads_many(). */
static void ahead_add(struct ws__cpu *cpu, uint32_t page)
{
    struct ws__tlb *tlb = &cpu->tlb;
    if (is_ahead(cpu, page))
        return;
    assert(tlb->ahead_count < WS__TLB_AHEAD);
    tlb->ahead[tlb->ahead_count++] = (struct ws__ahead){page, is_user(cpu->engine)};
    cpu->blocks.budget->watched |= WS__TOUCHES_ALWAYS;
}

static void ahead_remove(struct ws__cpu *cpu, uint32_t page)
{
    struct ws__tlb *tlb = &cpu->tlb;
    for (unsigned i = 0; i < tlb->ahead_count; i++) {
        if (tlb->ahead[i].page == page && tlb->ahead[i].user == is_user(cpu->engine))
            tlb->ahead[i--] = tlb->ahead[--tlb->ahead_count];
    }
}

bool ws__tlb_fetched_ahead(const struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    return cpu->tlb.ahead_count && (is_ahead(cpu, page_of(linear)) || is_ahead(cpu, page_of(linear + bytes - 1)));
}

static bool page_fetch(struct ws__cpu *cpu, uint32_t linear, struct ws_translation *out)
{
    if (!walk(cpu, out, linear, WS_ACCESS_EXECUTE, is_user(cpu->engine)))
        return false;
    ws__cpu_walk_use(cpu, out, WS_ACCESS_EXECUTE);
    ws__stale_tell(cpu, page_of(linear), WS_ACCESS_EXECUTE);
    ahead_remove(cpu, page_of(linear));
    return true;
}

bool ws__tlb_fetch(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, struct ws_translation *walk)
{
    uint32_t next = page_of(linear) + WS_PAGE_BYTES, length = bytes ? bytes : WS_INSTRUCTION_BYTES;
    if (!page_fetch(cpu, linear, walk))
        return false;
    return next - linear >= length || page_fetch(cpu, next, walk);
}

const uint8_t *ws__tlb_code_find(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    struct ws_translation found;
    if (!ws__cpu_walk(cpu, &found, &cpu->paging, linear, WS_ACCESS_EXECUTE, false))
        return NULL;
    ws__frames_tables_protect(cpu, &found);
    return found.phys < cpu->ram_bytes ? cpu->ram + found.phys : ws__engine_open_bus(cpu->engine);
}

/* A fetch is never refused, since the engine may never execute what it translates.  A page that may not be fetched
 * reads as an open bus does, and an instruction that begins there is a page fault then.
 *
 * Data often stand beside the code, and the engine keeps one entry for a page.  So it may allow loads from RAM, too, if
 * what was found for the fetch serves for a load, and no load there needs a check. */
static void fetch_fill(struct ws__cpu *cpu, uint64_t address, struct ws__engine_page *out)
{
    struct ws_translation found;
    uint32_t linear = (uint32_t)address;
    bool announced = address & WS__ANNOUNCED;
    out->executable = true;
    out->phys = WS__ENGINE_OPEN_BUS;
    bool allowed = walk(cpu, &found, linear, WS_ACCESS_EXECUTE, is_user(cpu->engine));
    ws__frames_tables_protect(cpu, &found); /* also if refused: the page may become present, and must be fetched then */
    bool ahead = !allowed || !ws__translation_is_accessed(&found) || ws__kept_matters(cpu, &found, WS_ACCESS_EXECUTE) ||
                 ws__stale_has(&cpu->state.stale, page_of(linear), WS_ACCESS_EXECUTE);
    if (ahead)
        ahead_add(cpu, page_of(linear));
    struct ws__frame *frame = allowed ? ws__frame_at(cpu, found.phys) : NULL;
    if (!frame)
        return;
    if (frame->writable && frame->mixed && !cpu->blocks.budget->step_mode) {
        cpu->tlb.loose = true;
    } else if (frame->writable) {
        ws__tlb_flush(cpu);
        frame->writable = false;
    }
    if (!frame->code)
        ws__frame_code_begin(cpu, frame);
    bool copied = announced || frame->fatal;
    out->phys = copied ? ws__frame_copy(cpu, frame) : page_of(found.phys);
    out->readable = !ahead && !copied && !needs_check(cpu, &found, WS_ACCESS_READ);
}

/* -- loads and stores -------------------------------------------------------------------------- */

static bool refuse(struct ws__tlb *tlb, uint32_t linear, enum ws_access access)
{
    tlb->refused = page_of(linear);
    tlb->refused_access = access;
    return false;
}

/* Operands are accessed with the rights of the ring.  Where the instruction reads a descriptor or a TSS, the CPU has
 * supervisor rights.  SDM 3A §4.6 "Access Rights" */
static bool data_walk(struct ws__cpu *cpu, struct ws_translation *out, uint32_t linear, enum ws_access access)
{
    bool user = is_user(cpu->engine);
    return walk(cpu, out, linear, access, user) ||
           (user && cpu->blocks.budget->step_mode && ws__fault_is_implicit(cpu, page_of(linear)) &&
            walk(cpu, out, linear, access, false));
}

/* May the access be made in block mode?  `written`: the frame that it writes; NULL: none. */
static bool data_passes(struct ws__cpu *cpu, const struct ws_translation *found, enum ws_access access,
                        struct ws__frame *written)
{
    return !needs_check(cpu, found, access) && !ws__kept_matters(cpu, found, access) &&
           !ws__frames_marks_code(cpu, found, access) && (!written || ws__frame_write_passes(cpu, written));
}

/* In step mode it is made, and this is remembered for the check before the next instruction. */
static void data_note(struct ws__cpu *cpu, const struct ws_translation *found, enum ws_access access,
                      struct ws__frame *written)
{
    cpu->tlb.loose |= needs_check(cpu, found, access);
    /* READ, since the walk has allowed the access: it needed no right that was taken away. */
    ws__stale_tell(cpu, page_of(found->linear), WS_ACCESS_READ);
    if (written)
        ws__frame_write_note(cpu, written);
}

/* The TLB gets an entry for a read: may it allow writes, too, which are then not asked about?  SDM 3A §4.6 "Access
 * Rights" */
static bool may_be_written(struct ws__cpu *cpu, const struct ws_translation *found, const struct ws__frame *frame)
{
    if (!ws__translation_is_dirty(found) ||
        (frame && (frame->code || frame->table || ws__frame_is_watched(cpu, frame))) ||
        ws__stale_has(&cpu->state.stale, page_of(found->linear), WS_ACCESS_WRITE) ||
        ws__kept_is_told(cpu, found, WS_ACCESS_WRITE))
        return false;
    return found->writable || (!is_user(cpu->engine) && !(ws__engine_get(cpu->engine, WS_CR0) & WS_CR0_WP));
}

static bool is_to_be_forgotten(uint64_t address, struct ws__engine_page *out)
{
    uint32_t low = (uint32_t)address;
    if (address - low == WS__ENGINE_COPY)
        out->phys = WS__ENGINE_COPIES + low;
    out->executable = address - low == WS__ENGINE_COPY || address - low == WS__ENGINE_PHYSICAL;
    return out->executable;
}

bool ws__tlb_fill(void *context, uint64_t address, enum ws_access access, struct ws__engine_page *out)
{
    struct ws__cpu *cpu = context;
    struct ws_translation found;
    uint32_t linear = (uint32_t)address;
    *out = (struct ws__engine_page){.phys = linear};
    if (is_to_be_forgotten(address, out))
        return true;
    if (access == WS_ACCESS_EXECUTE) {
        fetch_fill(cpu, address, out);
        return true;
    }
    if (!data_walk(cpu, &found, linear, access))
        return refuse(&cpu->tlb, linear, access);
    ws__frames_tables_protect(cpu, &found);
    struct ws__frame *frame = ws__frame_at(cpu, found.phys), *written = access == WS_ACCESS_WRITE ? frame : NULL;
    bool step_mode = cpu->blocks.budget->step_mode;
    if (!step_mode && !data_passes(cpu, &found, access, written))
        return refuse(&cpu->tlb, linear, access);
    ws__cpu_walk_use(cpu, &found, access); /* may flush the TLB, so it comes before the entry's notes */
    if (step_mode)
        data_note(cpu, &found, access, written);
    out->phys = page_of(found.phys);
    out->readable = true;
    out->writable = access == WS_ACCESS_WRITE || may_be_written(cpu, &found, frame);
    out->executable = frame && frame->code && !frame->fatal;
    if (frame && out->writable) {
        frame->writable = true;
        ws__frame_note_write(cpu, frame);
    }
    return true;
}
