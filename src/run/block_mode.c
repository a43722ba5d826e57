/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block mode.
 *
 * In step mode the engine calls ws__step_mode_begin() (run.c) before each instruction, which goes over to block mode or
 * calls ws__cpu_begin().  In both modes it calls ws__block_mode_enter() before a block that the block hook does not let
 * pass; in block mode also ws__block_mode_hook_point() before a hook point.
 *
 * The mark is kept in two ways.  While no block is present, cpu->state.begun is exact.  While a block is present, the
 * budget counts, and it has counted all instructions of the present block in advance.
 */
#include "run/block_mode.h"

#include "cpu/debug.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "run/block.h"
#include "run/code_limit.h"
#include "run/hook_point.h"

enum {
    CHUNK = 1 << 16, /* instructions: the largest budget, so that a request to stop is noticed soon */
    NEAR = 64,       /* instructions: if the budget's end is nearer, block mode is not worth the effort */
    FAR = 16,        /* instructions: a run in block mode that gets so far was worth the effort */
    STEPS = 512      /* instructions: the longest piece in step mode because block mode does not get far */
};

#define EVERYWHERE (UINT64_C(1) << 32) /* bytes: so many linear addresses there are */

/* -- the budget ---------------------------------------------------------------------------------- */

static void budget_set(struct ws__cpu *cpu)
{
    struct ws__budget *budget = cpu->blocks.budget;
    uint64_t left = cpu->run.budget_end > cpu->state.begun ? cpu->run.budget_end - cpu->state.begun : 0;
    budget->left = (int64_t)(left < CHUNK ? left : CHUNK);
    budget->limit = cpu->state.begun + (uint64_t)budget->left;
}

void ws__block_mode_begin(struct ws__cpu *cpu)
{
    cpu->blocks.budget->present = NULL;
    cpu->blocks.budget->step_mode = cpu->blocks.step_mode;
    cpu->blocks.budget->watched = WS__TOUCHES_ALWAYS;
    ws__engine_step_mode(cpu->engine, cpu->blocks.step_mode);
    if (cpu->blocks.step_mode)
        cpu->blocks.budget->left = -1; /* no block passes */
}

/* -- what is watched --------------------------------------------------------------------------- */

/* The segments that a block may not use without a check: those that are not flat, except where the TLB enforces the
 * limit; and those that may have been loaded, but have not been read since. */
static uint32_t segments_watched(const struct ws__cpu *cpu)
{
    return (cpu->checks.reasons & WS__CHECK_SEGMENTS & ~(uint32_t)cpu->tlb.armed) | cpu->checks.unread;
}

/* Does the block use a segment that is not flat?  Before the answer, read those of its segments that may have been
 * loaded, and CS if it may have been, since every instruction is fetched through CS.  If the TLB can enforce the limit
 * of a segment that the block uses, have the TLB do it. */
static bool segments_matter(struct ws__cpu *cpu, const struct ws__block *block)
{
    if (!segments_watched(cpu))
        return false;
    uint8_t used = cpu->checks.unread & (uint8_t)(block->touches | 1 << WS__SEGMENT_CS);
    if (used)
        ws__check_look(cpu, used);
    uint8_t arms = cpu->checks.paged & (uint8_t)block->touches & (uint8_t)~cpu->tlb.armed;
    if (arms)
        ws__tlb_arm(cpu, arms);
    return segments_watched(cpu) & block->touches;
}

/* Does a breakpoint stand on an instruction of the block, in the debug registers or by the client?  Then the block asks
 * each time: the blocks that were in the table when the breakpoint was set do so already, see ws__debug_code_ask() and
 * ws__cpu_breakpoint(). */
static bool breakpoints_matter(const struct ws__cpu *cpu, struct ws__block *block)
{
    uint32_t linear = block->code->linear, bytes = block->code->bytes;
    bool matter = (cpu->checks.reasons & WS__CHECK_CODE && ws__debug_code_watched(&cpu->state, linear, bytes)) ||
                  (cpu->run.breakpoints && cpu->client.breakpoint(cpu->client.context, linear, bytes));
    block->asks |= matter;
    return matter;
}

/* Blocks that passed may have loaded segment registers or CR3.  The block hook has collected this in budget->watched:
 * take it from there now.  A segment that was watched already because it is not flat is read again, too; this does no
 * harm. */
static void watched_take(struct ws__cpu *cpu)
{
    uint32_t watched = cpu->blocks.budget->watched;
    if (watched & WS__CHECK_SEGMENTS)
        ws__check_loaded(&cpu->checks, (uint8_t)(watched & WS__CHECK_SEGMENTS));
    if (watched & WS__LOADS_PAGING)
        ws__cpu_paging_loaded(cpu, WS_CR3, ws__engine_get(cpu->engine, WS_CR3));
    cpu->blocks.budget->watched = watched & ~(uint32_t)WS__LOADS_PAGING;
}

/* Say what blocks may not use without a check while `present` runs, and after it.  While an interrupt waits until
 * EFLAGS.IF is set, blocks that load EFLAGS are among them. */
static void watched_set(struct ws__cpu *cpu, const struct ws__block *present)
{
    uint32_t flags = cpu->run.attention ? WS__TOUCHES_FLAGS : 0;
    cpu->blocks.budget->watched = segments_watched(cpu) | present->loads | flags | ws__code_limit_bit(cpu);
    if (present->touches & flags || cpu->tlb.ahead_count)
        cpu->blocks.budget->watched |= WS__TOUCHES_ALWAYS; /* ask before the next block */
}

/* -- the present block ----------------------------------------------------------------------- */

/* The mark in front of the present block. */
static uint64_t present_begin(const struct ws__block_mode *blocks)
{
    return ws__budget_end(blocks->budget) - blocks->budget->present->instructions;
}

/* No block is present any more.  The mark becomes the one at the end of the block.  If the block did not get so far,
 * present_leave() corrects the mark. */
static void present_finish(struct ws__cpu *cpu)
{
    if (!cpu->blocks.budget->present)
        return;
    cpu->state.begun = ws__budget_end(cpu->blocks.budget);
    cpu->last.linear = WS__NOWHERE;
    cpu->blocks.budget->present = NULL;
}

/* In block mode the guest did not get beyond the present mark.  If it did not get far, the same may happen
 * again soon, and going back and forth is slower than step mode.  So each time the piece in step mode is twice as long
 * as the last one. */
static void step_for_a_while(struct ws__cpu *cpu)
{
    struct ws__block_mode *blocks = &cpu->blocks;
    blocks->steps = cpu->state.begun - blocks->entered < FAR ? 2 * blocks->steps + 1 : 1;
    if (blocks->steps > STEPS)
        blocks->steps = STEPS;
    ws__block_mode_avoid(blocks, 0, EVERYWHERE);
    blocks->avoid_until = cpu->state.begun + blocks->steps;
}

/* The engine did not do the instruction at `linear`, in the present block.  Take back that it has begun, and have it
 * executed in step mode. */
static void present_leave(struct ws__cpu *cpu, uint32_t linear)
{
    unsigned bytes;
    int index = ws__block_index(cpu->blocks.budget->present, linear, &bytes);
    uint64_t begin = present_begin(&cpu->blocks);
    bool begun = cpu->last.linear == linear;
    present_finish(cpu);
    if (index >= 0) { /* otherwise it is the first instruction behind the block, and the mark is right */
        cpu->state.begun = begin + (unsigned)index;
        ws__in_progress_abort(&cpu->last, cpu->state.begun);
        if (begun)
            ws__early_flags_undo(cpu, linear);
        if (begun && cpu->checks.reasons & WS__CHECK_TRAP)
            ws__debug_data_forget(cpu);
    }
    step_for_a_while(cpu);
}

void ws__block_mode_end(struct ws__cpu *cpu, bool repeat)
{
    struct ws_descriptor code;
    watched_take(cpu);
    if (repeat && cpu->blocks.budget->present) {
        ws__engine_segment(cpu->engine, WS_CS, &code);
        present_leave(cpu, code.base + ws__engine_get(cpu->engine, WS_EIP));
    }
    cpu->blocks.step_mode |= repeat;
    present_finish(cpu);
}

/* -- block mode or step mode? ------------------------------------------------------------------ */

/* Must ws__cpu_begin() do something at the next boundary, for the client or because of an interrupt? */
static bool boundary_matters(struct ws__cpu *cpu)
{
    return cpu->run.stop_asked || cpu->state.halt.reason || cpu->run.relisten ||
           cpu->run.listening & WS_EVENT_MASK(INSTRUCTION) || ws__interrupt_comes(cpu);
}

/* Must the next instruction be executed in step mode? */
static bool must_step(struct ws__cpu *cpu)
{
    static const uint32_t elsewhere =
        WS__CHECK_UNREAD | WS__CHECK_SEGMENTS | WS__CHECK_CODE | WS__CHECK_DATA | WS__CHECK_FETCH;
    return cpu->checks.reasons & ~elsewhere || /* for those, each block is checked, or the TLB does it */
           (cpu->run.attention && boundary_matters(cpu));
}

/* For a block this is checked only when it is new: the engine makes another translation if EFLAGS.TF is different. */
bool ws__block_mode_trap_flag(const struct ws__engine *engine)
{
    return ws__engine_get(engine, WS_EFLAGS) & WS_EFLAGS_TF;
}

void ws__block_mode_avoid(struct ws__block_mode *blocks, uint32_t linear, uint64_t bytes)
{
    blocks->step_mode = true;
    blocks->avoid_first = linear;
    blocks->avoid_bytes = bytes;
    blocks->avoid_until = WS__NOWHERE;
}

/* The budget ends inside the block, or something is to be done at the next boundary: execute the block in step mode
 * until the budget's end is reached. */
static void avoid_budget_end(struct ws__cpu *cpu, const struct ws__block_code *code)
{
    ws__block_mode_avoid(&cpu->blocks, code->linear, code->bytes);
    cpu->blocks.avoid_until = cpu->run.budget_end;
}

bool ws__block_mode_worthwhile(struct ws__cpu *cpu)
{
    return cpu->state.begun + NEAR < cpu->run.budget_end && !must_step(cpu) && !ws__block_mode_trap_flag(cpu->engine);
}

bool ws__block_mode_allowed(struct ws__cpu *cpu, uint32_t linear)
{
    bool avoided =
        linear - cpu->blocks.avoid_first < cpu->blocks.avoid_bytes && cpu->state.begun < cpu->blocks.avoid_until;
    if (avoided || !ws__block_mode_worthwhile(cpu))
        return false;
    cpu->blocks.avoid_bytes = 0;
    return true;
}

/* -- entering a block ------------------------------------------------------------------------ */

/* The block has hook points, but this translation does not announce them.  Ask the engine for the announced
 * translation.  If the engine was asked at this mark before, it was not able to enter it: then use step mode. */
static void announced_translation_ask(struct ws__cpu *cpu, const struct ws__block *block)
{
    if (cpu->blocks.asked == cpu->state.begun || !ws__engine_announce(cpu->engine, block))
        ws__block_mode_avoid(&cpu->blocks, block->code->linear, block->code->bytes);
    cpu->blocks.asked = cpu->state.begun;
}

/* RAM contains other code than was translated: forget the translations of the block's frames. */
static void code_drop(struct ws__cpu *cpu, const struct ws__block_code *code)
{
    const uint8_t *part[] = {code->first, code->second};
    for (unsigned i = 0; i < 2; i++) {
        struct ws__frame *frame = ws__frame_of(cpu, part[i]);
        if (frame) /* NULL for the open bus, and if there is no second part */
            ws__frame_code_drop(cpu, frame);
    }
}

/* Enter the block, if it may run.  false: it may not; then the guest goes on in step mode, or with another translation
 * of this code. */
static bool block_enter(struct ws__cpu *cpu, struct ws__block *block, uint32_t linear)
{
    struct ws__block_code *code = block->code;
    if (block->compared && !ws__block_unchanged(block, NULL)) {
        code_drop(cpu, code);
        return false;
    }
    if (code->step_mode || breakpoints_matter(cpu, block) || segments_matter(cpu, block) ||
        !ws__code_limit_allows(cpu, block)) {
        ws__block_mode_avoid(&cpu->blocks, linear, code->bytes);
        return false;
    }
    if (code->needs_announcing && !code->announced) {
        announced_translation_ask(cpu, block);
        return false;
    }
    budget_set(cpu);
    if (cpu->blocks.budget->left < block->instructions || must_step(cpu)) {
        avoid_budget_end(cpu, code);
        return false;
    }
    watched_set(cpu, block);
    ws__budget_enter(cpu->blocks.budget, block);
    return true;
}

bool ws__block_mode_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    struct ws__cpu *cpu = context;
    uint32_t here = (uint32_t)linear;
    bool nearly_full = ws__engine_is_nearly_full(cpu->engine);
    if (cpu->blocks.budget->step_mode) {
        ws__frames_translated(cpu, here, bytes);
        return linear & WS__ANNOUNCED && !nearly_full;
    }
    watched_take(cpu);
    struct ws__block *block = ws__block_find(&cpu->blocks.table, translation);
    if (!block) /* it may have been translated just now */
        ws__frames_translated(cpu, here, bytes);
    ws__frames_distrust(cpu);
    present_finish(cpu);
    if (cpu->last.in_progress.open && !ws__in_progress_commit(cpu))
        cpu->blocks.step_mode = true;
    bool wraps = (linear & ~WS__ANNOUNCED) != here; /* CS's base plus EIP is 4 GiB or more */
    if (wraps || cpu->blocks.step_mode || ws__tlb_fetched_ahead(cpu, here, bytes)) {
        ws__block_mode_avoid(&cpu->blocks, here, bytes);
        return false;
    }
    if (nearly_full || cpu->tlb.ahead_count || cpu->frames.stale)
        return false; /* pages were fetched ahead for another block: ws__tlb_enter() will forget them */
    if (!block && !ws__frames_are_current(cpu, here, bytes))
        return false;
    if (!block)
        block = ws__block_make(cpu, here, bytes, translation, (linear & WS__ANNOUNCED) != 0);
    return block && block_enter(cpu, block, here);
}

/* -- hook points ------------------------------------------------------------------------------------- */

/* May the hook point at `linear` in the present block begin, now that the mark is exact?  `end`: the mark behind the
 * block. */
static bool boundary_begin(struct ws__cpu *cpu, uint32_t linear, uint64_t end)
{
    const struct ws__block *present = cpu->blocks.budget->present;
    const struct ws__block_code *code = present->code;
    if (cpu->last.in_progress.open)
        ws__in_progress_commit(cpu);
    if (present->compared && !ws__block_unchanged(present, NULL)) {
        code_drop(cpu, code);
        return false;
    }
    if (end > cpu->run.budget_end || must_step(cpu)) {
        avoid_budget_end(cpu, code);
        return false;
    }
    return ws__cpu_begin(cpu, linear);
}

/* The slow path of a hook point: make the mark exact, and decide as at any boundary.  `index`: the instruction's number
 * in the block.  `waits`: its effect may be looked at after later blocks.  false: it may not begin. */
static bool hook_point_begin_slow(struct ws__cpu *cpu, const struct ws__block *present, uint32_t linear, unsigned index,
                                  bool waits)
{
    watched_take(cpu);
    cpu->state.begun = present_begin(&cpu->blocks) + index;
    cpu->last.linear = WS__NOWHERE;
    cpu->last.none = index == 0;
    if (!boundary_begin(cpu, linear, ws__budget_end(cpu->blocks.budget))) {
        cpu->blocks.budget->present = NULL;
        return false;
    }
    watched_set(cpu, present);
    if (!waits)
        cpu->blocks.budget->watched |= WS__TOUCHES_ALWAYS; /* ask before the next block */
    return true;
}

/* The record of the hook point at `linear`.  There is one: if there was no memory for it, the block is never entered in
 * block mode. */
static const struct ws__hook_point *hook_point_find(const struct ws__block *present, uint32_t linear)
{
    const struct ws__hook_point *point = present->point;
    while (point->linear != linear)
        point++;
    return point;
}

/* May the hook point begin?  Try the fast path (hook_point.h) before the slow one. */
static bool hook_point_begin(struct ws__cpu *cpu, const struct ws__block *present, const struct ws__hook_point *point)
{
    if (cpu->blocks.budget->watched & WS__LOADS_PAGING) {
        watched_take(cpu);
        cpu->blocks.budget->watched |= present->loads;
    }
    return (point->fast_path && ws__hook_point_begin_fast(cpu, point, present_begin(&cpu->blocks) + point->index)) ||
           hook_point_begin_slow(cpu, present, point->linear, point->index, point->waits);
}

/* The instruction before `linear` has written into the block, and the block's bytes have changed.  Take the slow path:
 * boundary_begin() compares again and forgets the translations, and the engine leaves the block. */
static bool changed_leave(struct ws__cpu *cpu, const struct ws__block *present, uint32_t linear)
{
    unsigned bytes;
    return hook_point_begin_slow(cpu, present, linear, (unsigned)ws__block_index(present, linear, &bytes), false);
}

bool ws__block_mode_hook_point(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    const struct ws__block *present = cpu->blocks.budget->present;
    uint8_t what = present ? ws__block_what(present, linear) : 0;
    if (!what)
        return false; /* the block was not entered: the engine was told to stop, and has not stopped yet */
    /* ws__budget_lets_begin() does not ask about other instructions, unless the block has changed. */
    if (!(what & WS__HOOK_POINT) || (what & WS__COMPARES && !ws__block_unchanged(present, NULL)))
        return changed_leave(cpu, present, linear);
    return hook_point_begin(cpu, present, hook_point_find(present, linear));
}
