/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running in block mode.
 *
 * There are two ways.  In step mode, each instruction has its boundary, see cpu.c.  In block mode, only blocks
 * are announced, and hook points in them.
 *
 * Two marks matter: state.begun, which is exact while no block is under way, and the budget's, which
 * has counted the whole of the present block in advance.
 */
#include "run/block_mode.h"

#include "cpu/debug.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"
#include "run/block.h"
#include "run/hook_point.h"

enum {
    CHUNK = 1 << 16, /* instructions until the outside is looked at: somebody may have asked to stop */
    NEAR = 64,       /* instructions: it is not worth while to run in block mode for less */
    REFUSALS = 4     /* of accesses of a block, because of their addresses, until it is executed in step mode */
};

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
    cpu->blocks.budget->present = 0;
    cpu->blocks.budget->step_mode = cpu->blocks.step_mode;
    cpu->blocks.budget->watched = WS__TOUCHES_KICK;
    ws__engine_step_mode(cpu->engine, cpu->blocks.step_mode);
    if (cpu->blocks.step_mode)
        cpu->blocks.budget->left = -1; /* no block passes */
}

/* -- what is watched --------------------------------------------------------------------------- */

/* Segments whose use needs a look.  Where the TLB keeps to them, it does not. */
static uint32_t segments_watched(const struct ws__cpu *cpu)
{
    return (cpu->checks.reasons & WS__CHECK_SEGMENTS & ~(uint32_t)cpu->tlb.armed) | cpu->checks.unread;
}

/* Does it use a segment that is not flat?  Those that were loaded since are read first; and so is CS, which all use,
 * if the CPU went to another state. */
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

/* Does it end beyond the limit of the code segment, or may it go there?  A branch that does faults itself.
 * SDM 3A §5.3 "Limit Checking" */
static bool fetch_matters(const struct ws__cpu *cpu, const struct ws__block_code *code)
{
    uint32_t base = cpu->checks.segment[WS__SEGMENT_CS].base;
    return cpu->checks.reasons & WS__CHECK_FETCH &&
           (code->branches || !ws__segments_allow_fetch(cpu, code->linear - base, code->bytes) ||
            !ws__segments_allow_fetch(cpu, code->target - base, 1));
}

/* Nobody was asked when the blocks that passed loaded something: learn of it now.  A segment that was not flat
 * before is watched anyway, and may have been loaded or not. */
static void watched_take(struct ws__cpu *cpu)
{
    uint32_t watched = cpu->blocks.budget->watched;
    if (watched & WS__CHECK_SEGMENTS)
        ws__check_loaded(cpu, (uint8_t)(watched & WS__CHECK_SEGMENTS));
    if (watched & WS__LOADS_PAGING)
        ws__cpu_paging_loaded(cpu, WS_CR3, ws__engine_get(cpu->engine, WS_CR3));
    cpu->blocks.budget->watched = watched & ~(uint32_t)WS__LOADS_PAGING;
}

/* What the next block may not touch unasked, while `present` is under way.  When something waits for EFLAGS.IF,
 * loading EFLAGS counts. */
static void watched_set(struct ws__cpu *cpu, const struct ws__block *present)
{
    uint32_t flags = cpu->run.attention ? WS__TOUCHES_FLAGS : 0;
    cpu->blocks.budget->watched = segments_watched(cpu) | present->loads | flags;
    if (present->touches & flags || cpu->tlb.aheads || cpu->checks.reasons & WS__CHECK_FETCH)
        cpu->blocks.budget->watched |= WS__TOUCHES_KICK; /* have the next one announced */
}

/* -- the present block ----------------------------------------------------------------------- */

/* The mark at the beginning of the present block. */
static uint64_t present_begin(const struct ws__cpu *cpu)
{
    return ws__budget_end(cpu->blocks.budget) - ws__budget_present(cpu->blocks.budget)->instructions;
}

/* The present block has come to its end, as far as one can see. */
static void present_finish(struct ws__cpu *cpu)
{
    if (!ws__budget_present(cpu->blocks.budget))
        return;
    cpu->state.begun = ws__budget_end(cpu->blocks.budget);
    cpu->last.linear = WS__NOWHERE;
    cpu->blocks.budget->present = 0;
}

/* An access of the present block was refused because of its address. */
static void refusal_note(struct ws__cpu *cpu, struct ws__block_code *code)
{
    if (code->looks != cpu->tlb.looks)
        code->refused = 0;
    code->looks = cpu->tlb.looks;
    code->refused++;
}

/* Does that happen so often that it is better executed in step mode? */
static bool is_refused(const struct ws__cpu *cpu, const struct ws__block_code *code)
{
    return code->refused >= REFUSALS && code->looks == cpu->tlb.looks;
}

/* The instruction at `linear` was not done, and may not be in a block: take back that it has begun. */
static void present_leave(struct ws__cpu *cpu, uint32_t linear)
{
    unsigned bytes;
    int index = ws__block_index(ws__budget_present(cpu->blocks.budget), linear, &bytes);
    uint64_t begin = present_begin(cpu);
    bool begun = cpu->last.linear == linear;
    present_finish(cpu);
    if (index >= 0) { /* else it is the first behind the block */
        cpu->state.begun = begin + (unsigned)index;
        ws__in_progress_abort(cpu, cpu->state.begun);
        if (begun)
            ws__ahead_undo(cpu, linear);
        if (begun && cpu->checks.reasons & WS__CHECK_TRAP)
            ws__debug_data_forget(cpu);
    }
    ws__block_mode_avoid(cpu, linear, 1);
    cpu->blocks.avoid_until = cpu->state.begun + 1;
}

void ws__block_mode_end(struct ws__cpu *cpu, bool repeat)
{
    struct ws_descriptor code;
    watched_take(cpu);
    if (repeat && ws__budget_present(cpu->blocks.budget)) {
        ws__engine_segment(cpu->engine, WS_CS, &code);
        if (cpu->tlb.looked)
            refusal_note(cpu, ws__budget_present(cpu->blocks.budget)->code);
        present_leave(cpu, code.base + ws__engine_get(cpu->engine, WS_EIP));
    }
    cpu->blocks.step_mode |= repeat;
    present_finish(cpu);
}

/* -- in block mode or in step mode ------------------------------------------------------------------------- */

/* Somebody outside wants something at the next boundary. */
static bool boundary_matters(struct ws__cpu *cpu)
{
    return cpu->run.stop_asked || cpu->run.breakpoints || cpu->state.halt.reason || cpu->run.relisten ||
           cpu->run.listening & WS_EVENT_MASK(INSTRUCTION) || ws__interrupt_comes(cpu);
}

/* Must the next instruction be executed in step mode? */
static bool is_forbidden(struct ws__cpu *cpu)
{
    static const uint32_t elsewhere = WS__CHECK_UNREAD | WS__CHECK_SEGMENTS | WS__CHECK_DATA | WS__CHECK_FETCH;
    return cpu->checks.reasons & ~elsewhere || /* of those, each block is asked, or the TLB is */
           (cpu->run.attention && boundary_matters(cpu));
}

/* Only new blocks need this: the engine tells translations apart by it. */
bool ws__block_mode_trapped(const struct ws__cpu *cpu)
{
    return ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_TF;
}

void ws__block_mode_avoid(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    cpu->blocks.step_mode = true;
    cpu->blocks.avoid_first = linear;
    cpu->blocks.avoid_bytes = bytes;
    cpu->blocks.avoid_until = WS__NOWHERE;
}

/* The same as long as the budget's end is ahead that lies inside it. */
static void avoid_budget_end(struct ws__cpu *cpu, const struct ws__block_code *code)
{
    ws__block_mode_avoid(cpu, code->linear, code->bytes);
    cpu->blocks.avoid_until = cpu->run.budget_end;
}

bool ws__block_mode_worthwhile(struct ws__cpu *cpu)
{
    return cpu->state.begun + NEAR < cpu->run.budget_end && !is_forbidden(cpu) && !ws__block_mode_trapped(cpu);
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

/* Its hook points are to be announced, and are not.  To ask once is enough: if that was of no use, do without. */
static void announcement_want(struct ws__cpu *cpu, const struct ws__block *block)
{
    if (cpu->blocks.asked == cpu->state.begun || !ws__engine_announce(cpu->engine, block))
        ws__block_mode_avoid(cpu, block->code->linear, block->code->bytes);
    cpu->blocks.asked = cpu->state.begun;
}

/* Memory holds other code than was translated. */
static void code_renew(struct ws__cpu *cpu, const struct ws__block_code *code)
{
    const uint8_t *part[] = {code->first, code->second};
    for (unsigned i = 0; i < 2; i++) {
        struct ws__frame *frame = ws__frame_of(cpu, part[i]);
        if (frame) /* an open bus has none, nor has a second part that there is not */
            ws__frame_code_drop(cpu, frame);
    }
}

/* May it run?  If not, cpu->blocks.step_mode says how to go on, or its code is translated again. */
static bool block_enter(struct ws__cpu *cpu, struct ws__block *block, uint32_t linear)
{
    struct ws__block_code *code = block->code;
    if (block->compared && !ws__block_unchanged(block, NULL)) {
        code_renew(cpu, code);
        return false;
    }
    if (code->step_mode || segments_matter(cpu, block) || fetch_matters(cpu, code) || is_refused(cpu, code)) {
        ws__block_mode_avoid(cpu, linear, code->bytes);
        return false;
    }
    if (code->announces && !code->announced) {
        announcement_want(cpu, block);
        return false;
    }
    budget_set(cpu);
    if (cpu->blocks.budget->left < block->instructions || is_forbidden(cpu)) {
        avoid_budget_end(cpu, code);
        return false;
    }
    watched_set(cpu, block);
    ws__budget_enter(cpu->blocks.budget, block);
    return true;
}

static struct ws__block *block_make(struct ws__cpu *cpu, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    bool announced = linear & WS__ANNOUNCED;
    return ws__block_make(cpu, (uint32_t)linear, bytes, translation, announced);
}

bool ws__block_mode_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    struct ws__cpu *cpu = context;
    uint32_t here = (uint32_t)linear;
    if (!cpu->blocks.budget->step_mode)
        watched_take(cpu);
    ws__frames_translated(cpu, here, bytes);
    bool crowded = ws__engine_crowded(cpu->engine);
    if (cpu->blocks.budget->step_mode)
        return linear & WS__ANNOUNCED && !crowded;
    ws__frames_distrust(cpu);
    present_finish(cpu);
    if (cpu->last.in_progress.open && !ws__in_progress_commit(cpu))
        cpu->blocks.step_mode = true;
    bool wraps = (linear & ~WS__ANNOUNCED) != here; /* EIP, around the end of the linear addresses */
    if (wraps || cpu->blocks.step_mode || ws__tlb_fetched_ahead(cpu, here, bytes)) {
        ws__block_mode_avoid(cpu, here, bytes);
        return false;
    }
    if (crowded || cpu->tlb.aheads)
        return false; /* what was fetched ahead was not for this one: enter the engine anew, which forgets it */
    struct ws__block *block = ws__block_find(&cpu->blocks.table, translation);
    if (!block && !ws__frames_are_current(cpu, here, bytes))
        return false;
    if (!block)
        block = block_make(cpu, linear, bytes, translation);
    return block && block_enter(cpu, block, here);
}

/* -- hook points ------------------------------------------------------------------------------------- */

/* The hook point at `linear`, in the present block: may it begin?  `end`: the mark behind the block. */
static bool hook_point_begin(struct ws__cpu *cpu, uint32_t linear, uint64_t end)
{
    const struct ws__block *present = ws__budget_present(cpu->blocks.budget);
    const struct ws__block_code *code = present->code;
    if (cpu->last.in_progress.open)
        ws__in_progress_commit(cpu);
    if (present->compared && !ws__block_unchanged(present, NULL)) {
        code_renew(cpu, code);
        return false;
    }
    if (end > cpu->run.budget_end || is_forbidden(cpu)) {
        avoid_budget_end(cpu, code);
        return false;
    }
    return ws__cpu_begin(cpu, linear);
}

/* A boundary like any other.  `waits`: what the hook point does may be looked at later. */
static bool hook_point_look(struct ws__cpu *cpu, const struct ws__block *present, uint32_t linear, unsigned index,
                            bool waits)
{
    watched_take(cpu);
    cpu->state.begun = present_begin(cpu) + index;
    cpu->last.linear = WS__NOWHERE;
    cpu->last.none = index == 0;
    if (!hook_point_begin(cpu, linear, ws__budget_end(cpu->blocks.budget))) {
        cpu->blocks.budget->present = 0;
        return false;
    }
    watched_set(cpu, present);
    if (!waits)
        cpu->blocks.budget->watched |= WS__TOUCHES_KICK; /* have the next block announced */
    return true;
}

/* Its record.  It has one: without memory the block is executed in step mode. */
static const struct ws__hook_point *hook_point_find(const struct ws__block *present, uint32_t linear)
{
    const struct ws__hook_point *point = present->point;
    while (point->linear != linear)
        point++;
    return point;
}

/* May it begin?  For most a short look will do. */
static bool hook_point_reach(struct ws__cpu *cpu, const struct ws__block *present, const struct ws__hook_point *point)
{
    if (cpu->blocks.budget->watched & WS__LOADS_PAGING) {
        watched_take(cpu);
        cpu->blocks.budget->watched |= present->loads;
    }
    return (point->quick && ws__hook_point_begin(cpu, point, present_begin(cpu) + point->index)) ||
           hook_point_look(cpu, present, point->linear, point->index, point->waits);
}

/* What stands in front of `linear` has written into the block: leave it there. */
static bool changed_leave(struct ws__cpu *cpu, const struct ws__block *present, uint32_t linear)
{
    unsigned bytes;
    return hook_point_look(cpu, present, linear, (unsigned)ws__block_index(present, linear, &bytes), false);
}

bool ws__block_mode_hook_point(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    const struct ws__block *present = ws__budget_present(cpu->blocks.budget);
    uint8_t what = present ? ws__block_what(present, linear) : 0;
    if (!what)
        return false; /* the engine was told to come back before this block began */
    if (what & WS__COMPARES && !ws__block_unchanged(present, NULL))
        return changed_leave(cpu, present, linear);
    return !(what & WS__HOOK_POINT) || hook_point_reach(cpu, present, hook_point_find(present, linear));
}
