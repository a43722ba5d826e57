/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protecting frames, and what must be forgotten when they are written.
 */
#include "cpu/frames.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "unicorn/defuse.h"
#include "x86/page_entry.h"

bool ws__frames_init(struct ws__frames *frames, uint32_t ram_bytes)
{
    uint32_t count = ram_bytes / WS_PAGE_BYTES;
    *frames = (struct ws__frames){
        .frame = calloc(count, sizeof *frames->frame),
        .table = calloc(count, sizeof *frames->table),
        .written = calloc(WS__FRAMES_WRITTEN, sizeof *frames->written),
    };
    return frames->frame && frames->table && frames->written;
}

void ws__frames_release(struct ws__frames *frames)
{
    free(frames->frame);
    free(frames->table);
    free(frames->written);
    *frames = (struct ws__frames){0};
}

struct ws__frame *ws__frame_at(const struct ws__cpu *cpu, uint32_t phys)
{
    return phys < cpu->ram_bytes ? &cpu->frames.frame[phys / WS_PAGE_BYTES] : NULL;
}

struct ws__frame *ws__frame_of(const struct ws__cpu *cpu, const uint8_t *ram)
{
    size_t offset = (uintptr_t)ram - (uintptr_t)cpu->ram;
    return offset < cpu->ram_bytes ? &cpu->frames.frame[offset / WS_PAGE_BYTES] : NULL;
}

static uint32_t number_of(const struct ws__frames *frames, const struct ws__frame *frame)
{
    return (uint32_t)(frame - frames->frame);
}

/* -- code -------------------------------------------------------------------------------------- */

static void extent_grow(struct ws__frame *frame, uint32_t first, uint32_t end)
{
    if (!frame->end || first < frame->first)
        frame->first = (uint16_t)first;
    if (end > frame->end)
        frame->end = (uint16_t)end;
}

/* The part of a range of linear code that lies in one frame. */
struct piece {
    const uint8_t *ram;
    struct ws__frame *frame; /* NULL: not in RAM */
    uint32_t offset, bytes;
};

/* Take the first piece off the code at *linear.  false: no piece is left. */
static bool piece_take(const struct ws__cpu *cpu, uint32_t *linear, uint32_t *bytes, struct piece *out)
{
    uint32_t offset = *linear % WS_PAGE_BYTES, here = WS_PAGE_BYTES - offset;
    if (!*bytes)
        return false;
    here = here < *bytes ? here : *bytes;
    *out = (struct piece){.ram = ws__code_cache_ram(cpu->code, *linear), .offset = offset, .bytes = here};
    out->frame = ws__frame_of(cpu, out->ram);
    *linear += here;
    *bytes -= here;
    return true;
}

/* The engine also reads behind the block: an invalid instruction ends a block without being part of it.  So the bytes
 * of one more instruction count. */
void ws__frames_translated(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    struct piece piece;
    bytes += WS_INSTRUCTION_BYTES;
    while (piece_take(cpu, &linear, &bytes, &piece)) {
        if (piece.frame)
            extent_grow(piece.frame, piece.offset, piece.offset + piece.bytes);
    }
}

static const uint8_t *ram_of(const struct ws__cpu *cpu, const struct ws__frame *frame)
{
    return cpu->ram + (size_t)number_of(&cpu->frames, frame) * WS_PAGE_BYTES;
}

static uint8_t *copy_of(const struct ws__engine *engine, const struct ws__frame *frame)
{
    return ws__engine_copy(engine, frame->copy - 1u);
}

/* Is this byte of RAM, which looks fatal, part of the instruction that is trusted? */
static bool is_trusted(const struct ws__frames *frames, uint32_t phys)
{
    const struct ws__trusted *trusted = &frames->trusted;
    return (phys >= trusted->first[0] && phys < trusted->end[0]) ||
           (phys >= trusted->first[1] && phys < trusted->end[1]);
}

/* The frame's contents may have changed: check again whether it is fatal. */
static void examine(struct ws__cpu *cpu, struct ws__frame *frame)
{
    const uint8_t *ram = ram_of(cpu, frame);
    frame->fatal = ws__defuse_find(ram, ram + WS_PAGE_BYTES);
    cpu->frames.defused |= frame->fatal;
}

/* Replace the fatal bytes in a copy of the frame. */
static void defuse(uint8_t *copy, const struct ws__cpu *cpu, const struct ws__frame *frame)
{
    const uint8_t *at = copy;
    while ((at = ws__defuse_find(at, copy + WS_PAGE_BYTES))) {
        uint32_t offset = (uint32_t)(at++ - copy);
        if (!is_trusted(&cpu->frames, number_of(&cpu->frames, frame) * WS_PAGE_BYTES + offset))
            copy[offset] = WS__DEFUSED;
    }
}

static bool copy_is_current(const struct ws__cpu *cpu, const struct ws__frame *frame)
{
    uint8_t now[WS_PAGE_BYTES];
    memcpy(now, ram_of(cpu, frame), WS_PAGE_BYTES);
    if (frame->fatal)
        defuse(now, cpu, frame);
    return memcmp(copy_of(cpu->engine, frame), now, WS_PAGE_BYTES) == 0;
}

/* A write to a mixed frame is not noticed, so check again whether it is fatal. */
static void copy_fill(struct ws__cpu *cpu, struct ws__frame *frame)
{
    examine(cpu, frame);
    memcpy(copy_of(cpu->engine, frame), ram_of(cpu, frame), WS_PAGE_BYTES);
    if (frame->fatal)
        defuse(copy_of(cpu->engine, frame), cpu, frame);
}

/* The bytes between these offsets have changed.  The other bytes of a mixed frame may have changed unnoticed: then the
 * copy must stay as it was translated there, until copy_is_current() is asked and the translations are forgotten. */
static void copy_update(struct ws__cpu *cpu, struct ws__frame *frame, uint32_t first, uint32_t end)
{
    uint8_t *copy = copy_of(cpu->engine, frame);
    if (!frame->mixed) {
        copy_fill(cpu, frame);
        return;
    }
    memcpy(copy + first, ram_of(cpu, frame) + first, end - first);
    if (frame->fatal)
        defuse(copy, cpu, frame);
}

static void copy_renew(struct ws__cpu *cpu, struct ws__frame *frame)
{
    copy_fill(cpu, frame);
    ws__engine_forget_copy(cpu->engine, frame->copy - 1u);
}

static void code_forget(struct ws__cpu *cpu, struct ws__frame *frame)
{
    ws__engine_forget_frame(cpu->engine, number_of(&cpu->frames, frame) * WS_PAGE_BYTES);
    if (frame->copy)
        copy_renew(cpu, frame);
    frame->first = frame->end = 0;
}

/* Give the frame a copy: the one that was given away longest ago.  Its owner loses it. */
static void copy_take(struct ws__cpu *cpu, struct ws__frame *frame)
{
    struct ws__frames *frames = &cpu->frames;
    unsigned number = frames->next++ % WS__ENGINE_COPY_COUNT;
    if (frames->owner[number]) {
        frames->frame[frames->owner[number] - 1].copy = 0;
        ws__tlb_flush(cpu);
    }
    frames->owner[number] = number_of(&cpu->frames, frame) + 1;
    frame->copy = (uint8_t)(number + 1);
    copy_renew(cpu, frame);
}

/* Until now, writes to the frame were not noticed. */
void ws__frame_code_begin(struct ws__cpu *cpu, struct ws__frame *frame)
{
    if (frame->copy)
        copy_renew(cpu, frame);
    else
        examine(cpu, frame);
    frame->code = true;
}

/* The copy of a mixed frame may be out of date.  In step mode it is renewed here; in block mode each block is compared
 * with RAM, see ws__frames_are_current(). */
uint64_t ws__frame_copy(struct ws__cpu *cpu, struct ws__frame *frame)
{
    if (!frame->copy)
        copy_take(cpu, frame);
    else if (frame->mixed && cpu->blocks.budget->step_mode && !copy_is_current(cpu, frame))
        ws__frame_code_drop(cpu, frame); /* the engine may be entering an old block that crosses into this page */
    return WS__ENGINE_COPIES + (frame->copy - 1u) * (uint64_t)WS_PAGE_BYTES;
}

static bool piece_is_copied(const struct ws__engine *engine, const struct piece *piece)
{
    return memcmp(copy_of(engine, piece->frame) + piece->offset, piece->ram, piece->bytes) == 0;
}

static bool piece_is_defused(const struct ws__engine *engine, const struct piece *piece)
{
    return piece->frame && piece->frame->fatal && piece->frame->copy && !piece_is_copied(engine, piece);
}

bool ws__frames_are_faithful(const struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    struct piece piece;
    bool faithful = true;
    while (piece_take(cpu, &linear, &bytes, &piece))
        faithful &= !piece_is_defused(cpu->engine, &piece);
    return faithful;
}

/* -- trusted instructions: see unicorn/defuse.h ------------------------------------------------ */

void ws__frames_trust(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    struct ws__trusted *trusted = &cpu->frames.trusted;
    struct piece piece;
    for (unsigned i = 0; piece_take(cpu, &linear, &bytes, &piece); i++) {
        if (!piece_is_defused(cpu->engine, &piece))
            continue;
        trusted->first[i] = (uint32_t)(piece.ram - cpu->ram);
        trusted->end[i] = trusted->first[i] + piece.bytes;
        ws__frame_code_drop(cpu, piece.frame);
    }
}

void ws__frames_distrust(struct ws__cpu *cpu)
{
    struct ws__trusted was = cpu->frames.trusted;
    cpu->frames.trusted = (struct ws__trusted){0};
    for (unsigned i = 0; i < 2; i++) {
        struct ws__frame *frame = was.end[i] ? ws__frame_at(cpu, was.first[i]) : NULL;
        if (frame && frame->copy)
            defuse(copy_of(cpu->engine, frame), cpu, frame);
    }
}

/* Does the copy hold this piece as RAM does, but for fatal bytes? */
static bool piece_is_current(const struct ws__cpu *cpu, const struct piece *piece)
{
    return piece_is_copied(cpu->engine, piece) || (piece->frame->fatal && copy_is_current(cpu, piece->frame));
}

/* Only writes to mixed frames are not noticed, so only those are compared. */
bool ws__frames_are_current(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    bool current = true;
    struct piece piece;
    bytes += WS_INSTRUCTION_BYTES;
    while (piece_take(cpu, &linear, &bytes, &piece)) {
        struct ws__frame *frame = piece.frame;
        if (!frame || !frame->mixed || !frame->copy || piece_is_current(cpu, &piece))
            continue;
        ws__frame_code_drop(cpu, frame);
        current = false;
    }
    return current;
}

void ws__frame_code_drop(struct ws__cpu *cpu, struct ws__frame *frame)
{
    code_forget(cpu, frame);
    cpu->frames.stale = true;
}

void ws__frames_code_forgotten(struct ws__cpu *cpu)
{
    for (uint32_t i = 0; i < cpu->ram_bytes / WS_PAGE_BYTES; i++) {
        struct ws__frame *frame = &cpu->frames.frame[i];
        frame->code = false;
        frame->first = frame->end = 0;
    }
    ws__frames_distrust(cpu);
    ws__tlb_flush(cpu);
}

/* -- page tables ------------------------------------------------------------------------------- */

static void table_protect(struct ws__cpu *cpu, uint32_t phys)
{
    struct ws__frame *frame = ws__frame_at(cpu, phys);
    if (!frame || frame->table)
        return;
    frame->table = true;
    cpu->frames.table[cpu->frames.tables++] = number_of(&cpu->frames, frame);
    if (frame->writable)
        ws__tlb_flush(cpu);
    frame->writable = false;
}

void ws__frames_tables_protect(struct ws__cpu *cpu, const struct ws_translation *walk)
{
    if (walk->result == WS_PAGE_OFF || walk->kept == WS_KEPT_PAGE)
        return;
    if (walk->kept != WS_KEPT_DIRECTORY)
        table_protect(cpu, walk->pde_phys);
    if (walk->pte_phys)
        table_protect(cpu, walk->pte_phys);
}

/* A page table was written: drop all translations. */
static void tables_drop(struct ws__cpu *cpu)
{
    struct ws__frames *frames = &cpu->frames;
    while (frames->tables)
        frames->frame[frames->table[--frames->tables]].table = false;
    frames->stale = true;
    ws__tlb_flush(cpu);
    ws__code_cache_flush(cpu->code);
    ws__stale_protect(cpu);
}

static uint32_t leaf_of(const struct ws_translation *walk)
{
    return walk->page_bytes == WS_PAGE_BYTES ? walk->pte : walk->pde;
}

bool ws__translation_is_accessed(const struct ws_translation *walk)
{
    return walk->result == WS_PAGE_OFF || (walk->pde & leaf_of(walk) & WS_PTE_A);
}

bool ws__translation_is_dirty(const struct ws_translation *walk)
{
    return walk->result == WS_PAGE_OFF || leaf_of(walk) & WS_PTE_D;
}

static bool is_marked(const struct ws_translation *walk, enum ws_access access)
{
    return ws__translation_is_accessed(walk) && (access != WS_ACCESS_WRITE || ws__translation_is_dirty(walk));
}

bool ws__frames_marks_code(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    if (is_marked(walk, access))
        return false;
    const struct ws__frame *pde = ws__frame_at(cpu, walk->pde_phys),
                           *pte = walk->pte_phys ? ws__frame_at(cpu, walk->pte_phys) : NULL;
    return (pde && (pde->code || ws__frame_is_watched(cpu, pde))) ||
           (pte && (pte->code || ws__frame_is_watched(cpu, pte)));
}

static void watch_tell(const struct ws__cpu *cpu, const struct ws__frame *frame)
{
    if (frame && ws__frame_is_watched(cpu, frame))
        cpu->frames.watch.changed(cpu->frames.watch.context);
}

/* Accessed or dirty bits were set in these entries: code that was translated from their frames must go, and who watches
 * one of the frames is told. */
static void entries_changed(struct ws__cpu *cpu, const struct ws_translation *walk)
{
    struct ws__frame *pde = ws__frame_at(cpu, walk->pde_phys),
                     *pte = walk->pte_phys ? ws__frame_at(cpu, walk->pte_phys) : NULL;
    if (pde)
        ws__frame_note_write(cpu, pde);
    if (pte)
        ws__frame_note_write(cpu, pte);
    if (pde && pde->code)
        ws__frame_code_drop(cpu, pde);
    if (pte && pte->code)
        ws__frame_code_drop(cpu, pte);
    watch_tell(cpu, pde);
    watch_tell(cpu, pte);
}

void ws__frames_mark_used(struct ws__cpu *cpu, const struct ws_translation *walk, enum ws_access access)
{
    if (is_marked(walk, access))
        return;
    ws__page_mark_used(walk, cpu->ram, cpu->ram_bytes, access);
    entries_changed(cpu, walk);
}

void ws__frames_mark_directory(struct ws__cpu *cpu, const struct ws_translation *walk)
{
    uint8_t *entry = walk->pde_phys < cpu->ram_bytes ? cpu->ram + walk->pde_phys : NULL;
    if (walk->kept || !walk->pte_phys || !entry || *entry & WS_PTE_A)
        return;
    *entry |= WS_PTE_A;
    entries_changed(cpu, walk);
}

/* -- watching ---------------------------------------------------------------------------------- */

void ws__frames_watch(struct ws__cpu *cpu, const struct ws__frame_watch *watch)
{
    static const struct ws__frame_watch none = {0};
    cpu->frames.watch = watch ? *watch : none;
    if (!watch)
        return;
    cpu->frames.frame[watch->number].writable = false;
    ws__tlb_flush(cpu);
}

bool ws__frame_is_watched(const struct ws__cpu *cpu, const struct ws__frame *frame)
{
    return cpu->frames.watch.changed && cpu->frames.watch.number == number_of(&cpu->frames, frame);
}

/* -- writes ------------------------------------------------------------------------------------ */

/* Does the present block stand in this frame?  true also if no block is present. */
static bool is_own(const struct ws__cpu *cpu, const struct ws__frame *frame)
{
    const struct ws__block *present = cpu->blocks.budget->present;
    return !present || ws__frame_of(cpu, present->code->first) == frame ||
           (present->code->second && ws__frame_of(cpu, present->code->second) == frame);
}

bool ws__frame_write_passes(struct ws__cpu *cpu, struct ws__frame *frame)
{
    if (frame->table || ws__frame_is_watched(cpu, frame))
        return false;
    if (!frame->code)
        return true;
    if (frame->mixed) {
        cpu->tlb.loose = true;
        return true;
    }
    if (!is_own(cpu, frame)) {
        code_forget(cpu, frame);
        frame->code = false;
        ws__tlb_flush(cpu);
        return true;
    }
    if (frame->own_writes < WS__FRAME_MIXED_AT)
        frame->own_writes++;
    return false;
}

void ws__frame_write_note(struct ws__cpu *cpu, const struct ws__frame *frame)
{
    struct ws__frames *frames = &cpu->frames;
    uint32_t number = number_of(&cpu->frames, frame);
    if (!frame->code && !frame->table && !ws__frame_is_watched(cpu, frame))
        return;
    cpu->tlb.loose = true;
    for (unsigned i = 0; i < frames->writtens; i++) {
        if (frames->written[i].number == number)
            return;
    }
    if (frames->writtens == WS__FRAMES_WRITTEN) {
        cpu->run.renew = frames->stale = true; /* no instruction writes so many: forget all code, to be safe */
        return;
    }
    struct ws__written *written = &frames->written[frames->writtens++];
    written->number = number;
    memcpy(written->before, cpu->ram + (size_t)number * WS_PAGE_BYTES, WS_PAGE_BYTES);
}

/* The bytes between these offsets of the frame have changed. */
static void frame_changed(struct ws__cpu *cpu, struct ws__frame *frame, uint32_t first, uint32_t end)
{
    bool was_fatal = frame->fatal;
    ws__frame_note_write(cpu, frame);
    if (frame->code)
        examine(cpu, frame);
    if (frame->fatal != was_fatal)
        ws__tlb_flush(cpu); /* from now on it is executed from a copy, or not any more */
    if (frame->copy)
        copy_update(cpu, frame, first, end);
    if (frame->code && first < frame->end && end > frame->first)
        ws__frame_code_drop(cpu, frame);
    if (frame->table)
        tables_drop(cpu);
    watch_tell(cpu, frame);
}

void ws__frames_written(struct ws__cpu *cpu, uint32_t phys, uint32_t bytes)
{
    while (bytes) {
        uint32_t offset = phys % WS_PAGE_BYTES, here = WS_PAGE_BYTES - offset;
        here = here < bytes ? here : bytes;
        frame_changed(cpu, ws__frame_at(cpu, phys), offset, offset + here);
        phys += here;
        bytes -= here;
    }
}

/* How many bytes are equal from the beginnings on.  Most are, so blocks of them are compared first. */
static uint32_t equal_bytes(const uint8_t *one, const uint8_t *other, uint32_t bytes)
{
    enum { BLOCK = 64 };
    uint32_t equal = 0;
    while (bytes - equal >= BLOCK && memcmp(one + equal, other + equal, BLOCK) == 0)
        equal += BLOCK;
    while (equal < bytes && one[equal] == other[equal])
        equal++;
    return equal;
}

static void written_settle(struct ws__cpu *cpu, const struct ws__written *written)
{
    struct ws__frame *frame = &cpu->frames.frame[written->number];
    const uint8_t *now = cpu->ram + (size_t)written->number * WS_PAGE_BYTES;
    uint32_t first = equal_bytes(now, written->before, WS_PAGE_BYTES), end = WS_PAGE_BYTES;
    frame->writable = false;
    while (end > first && now[end - 1] == written->before[end - 1])
        end--;
    if (first < end && frame->table)
        ws__stale_note(cpu, written->number * (uint32_t)WS_PAGE_BYTES, written->before);
    if (first < end)
        frame_changed(cpu, frame, first, end);
    if (frame->own_writes == WS__FRAME_MIXED_AT && frame->code && !frame->mixed) {
        frame->mixed = true;
        ws__frame_code_drop(cpu, frame); /* from now on, its blocks are compared with RAM */
    }
}

bool ws__frames_settle(struct ws__cpu *cpu)
{
    struct ws__frames *frames = &cpu->frames;
    if (frames->writtens)
        ws__tlb_flush(cpu); /* the permission to write was for one instruction */
    while (frames->writtens)
        written_settle(cpu, &frames->written[--frames->writtens]);
    bool stale = frames->stale;
    frames->stale = false;
    return !stale;
}

/* -- what was written -------------------------------------------------------------------------- */

void ws__frames_forget_writes(struct ws__cpu *cpu)
{
    struct ws__frames *frames = &cpu->frames;
    for (uint32_t number = 0; number < cpu->ram_bytes / WS_PAGE_BYTES; number++)
        frames->frame[number].written = frames->frame[number].writable = false;
    frames->written_count = 0;
    ws__tlb_flush(cpu);
}

void ws__frame_note_write(struct ws__cpu *cpu, struct ws__frame *frame)
{
    cpu->frames.written_count += !frame->written;
    frame->written = true;
}

uint32_t ws__frames_written_count(const struct ws__cpu *cpu)
{
    return cpu->frames.written_count;
}

bool ws__frame_was_written(const struct ws__cpu *cpu, uint32_t number)
{
    return cpu->frames.frame[number].written;
}
