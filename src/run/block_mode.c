/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running freely.
 *
 * There are two ways.  Closely, each instruction has its boundary, see cpu.c.  Freely, only stretches
 * are announced, and sites in them.
 *
 * Two marks matter: state.begun, which is exact while no stretch is under way, and the pace's, which
 * has counted the whole of the present stretch in advance.
 */
#include "run/block_mode.h"

#include "cpu/slow_checks.h"
#include "cpu/debug.h"
#include "cpu/segment_checks.h"
#include "run/hook_point.h"
#include "run/block.h"

enum {
    CHUNK = 1 << 16, /* instructions until the outside is looked at: somebody may have asked to stop */
    NEAR = 64,       /* instructions: it is not worth while to run freely for less */
    REFUSALS = 4     /* of accesses of a stretch, because of their addresses, until it is executed closely */
};

/* -- the pace ---------------------------------------------------------------------------------- */

static void pace_set(struct ws__cpu *cpu)
{
    struct ws__pace *pace = cpu->pace;
    uint64_t left = cpu->horizon > cpu->state.begun ? cpu->horizon - cpu->state.begun : 0;
    pace->left = (int64_t)(left < CHUNK ? left : CHUNK);
    pace->limit = cpu->state.begun + (uint64_t)pace->left;
}

void ws__freely_begin(struct ws__cpu *cpu)
{
    cpu->pace->present = 0;
    cpu->pace->closely = cpu->closely;
    cpu->pace->watched = WS__TOUCHES_KICK;
    ws__engine_closely(cpu->engine, cpu->closely);
    if (cpu->closely)
        cpu->pace->left = -1; /* no stretch passes */
}

/* -- what is watched --------------------------------------------------------------------------- */

/* Segments whose use needs a look.  Where the TLB keeps to them, it does not. */
static uint32_t segments_watched(const struct ws__cpu *cpu)
{
    return (cpu->careful & WS__CAREFUL_SEGMENTS & ~(uint32_t)cpu->tlb.armed) | cpu->stale;
}

/* Does it use a segment that is not flat?  Those that were loaded since are read first; and so is CS, which all use,
 * if the CPU went to another state. */
static bool segments_matter(struct ws__cpu *cpu, const struct ws__stretch *stretch)
{
    if (!segments_watched(cpu))
        return false;
    uint8_t used = cpu->stale & (uint8_t)(stretch->touches | 1 << WS__SEGMENT_CS);
    if (used)
        ws__careful_look(cpu, used);
    uint8_t arms = cpu->paged & (uint8_t)stretch->touches & (uint8_t)~cpu->tlb.armed;
    if (arms)
        ws__tlb_arm(cpu, arms);
    return segments_watched(cpu) & stretch->touches;
}

/* Does it end beyond the limit of the code segment, or may it go there?  A branch that does faults itself.
 * SDM 3A §5.3 "Limit Checking" */
static bool fetch_matters(const struct ws__cpu *cpu, const struct ws__stretch_code *code)
{
    uint32_t base = cpu->segment[WS__SEGMENT_CS].base;
    return cpu->careful & WS__CAREFUL_FETCH &&
           (code->branches || !ws__limits_fetch_allowed(cpu, code->linear - base, code->bytes) ||
            !ws__limits_fetch_allowed(cpu, code->target - base, 1));
}

/* Nobody was asked when the stretches that passed loaded something: learn of it now.  A segment that was not flat
 * before is watched anyway, and may have been loaded or not. */
static void watched_take(struct ws__cpu *cpu)
{
    uint32_t watched = cpu->pace->watched;
    if (watched & WS__CAREFUL_SEGMENTS)
        ws__careful_loaded(cpu, (uint8_t)(watched & WS__CAREFUL_SEGMENTS));
    if (watched & WS__LOADS_PAGING)
        ws__cpu_paging_loaded(cpu, WS_CR3, ws__engine_get(cpu->engine, WS_CR3));
    cpu->pace->watched = watched & ~(uint32_t)WS__LOADS_PAGING;
}

/* What the next stretch may not touch unasked, while `present` is under way.  When something waits for EFLAGS.IF,
 * loading EFLAGS counts. */
static void watched_set(struct ws__cpu *cpu, const struct ws__stretch *present)
{
    uint32_t flags = cpu->attention ? WS__TOUCHES_FLAGS : 0;
    cpu->pace->watched = segments_watched(cpu) | present->loads | flags;
    if (present->touches & flags || cpu->tlb.aheads || cpu->careful & WS__CAREFUL_FETCH)
        cpu->pace->watched |= WS__TOUCHES_KICK; /* have the next one announced */
}

/* -- the present stretch ----------------------------------------------------------------------- */

/* The mark at the beginning of the present stretch. */
static uint64_t present_begin(const struct ws__cpu *cpu)
{
    return ws__pace_end(cpu->pace) - ws__pace_present(cpu->pace)->instructions;
}

/* The present stretch has come to its end, as far as one can see. */
static void present_finish(struct ws__cpu *cpu)
{
    if (!ws__pace_present(cpu->pace))
        return;
    cpu->state.begun = ws__pace_end(cpu->pace);
    cpu->current = WS__NOWHERE;
    cpu->pace->present = 0;
}

/* An access of the present stretch was refused because of its address. */
static void refusal_note(struct ws__cpu *cpu, struct ws__stretch_code *code)
{
    if (code->looks != cpu->tlb.looks)
        code->refused = 0;
    code->looks = cpu->tlb.looks;
    code->refused++;
}

/* Does that happen so often that it is better executed closely? */
static bool is_refused(const struct ws__cpu *cpu, const struct ws__stretch_code *code)
{
    return code->refused >= REFUSALS && code->looks == cpu->tlb.looks;
}

/* The instruction at `linear` was not done, and may not be in a stretch: take back that it has begun. */
static void present_leave(struct ws__cpu *cpu, uint32_t linear)
{
    unsigned bytes;
    int index = ws__stretch_index(ws__pace_present(cpu->pace), linear, &bytes);
    uint64_t begin = present_begin(cpu);
    bool begun = cpu->current == linear;
    present_finish(cpu);
    if (index >= 0) { /* else it is the first behind the stretch */
        cpu->state.begun = begin + (unsigned)index;
        ws__flight_drop(cpu, cpu->state.begun);
        if (begun)
            ws__ahead_undo(cpu, linear);
        if (begun && cpu->careful & WS__CAREFUL_TRAP)
            ws__debug_data_forget(cpu);
    }
    ws__freely_avoid(cpu, linear, 1);
    cpu->avoid_until = cpu->state.begun + 1;
}

void ws__freely_end(struct ws__cpu *cpu, bool repeat)
{
    struct ws_descriptor code;
    watched_take(cpu);
    if (repeat && ws__pace_present(cpu->pace)) {
        ws__engine_segment(cpu->engine, WS_CS, &code);
        if (cpu->tlb.looked)
            refusal_note(cpu, ws__pace_present(cpu->pace)->code);
        present_leave(cpu, code.base + ws__engine_get(cpu->engine, WS_EIP));
    }
    cpu->closely |= repeat;
    present_finish(cpu);
}

/* -- freely or closely ------------------------------------------------------------------------- */

/* Somebody outside wants something at the next boundary. */
static bool boundary_matters(struct ws__cpu *cpu)
{
    return cpu->stop_asked || cpu->breakpoints || cpu->state.halt.reason || cpu->relisten ||
           cpu->listening & WS_EVENT_MASK(INSTRUCTION) || ws__interrupt_comes(cpu);
}

/* Must the next instruction be executed closely? */
static bool is_forbidden(struct ws__cpu *cpu)
{
    static const uint32_t elsewhere = WS__CAREFUL_STALE | WS__CAREFUL_SEGMENTS | WS__CAREFUL_DATA | WS__CAREFUL_FETCH;
    return cpu->careful & ~elsewhere || /* of those, each stretch is asked, or the TLB is */
           (cpu->attention && boundary_matters(cpu));
}

/* Only new stretches need this: the engine tells translations apart by it. */
bool ws__freely_trapped(const struct ws__cpu *cpu)
{
    return ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_TF;
}

void ws__freely_avoid(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    cpu->closely = true;
    cpu->avoid_first = linear;
    cpu->avoid_bytes = bytes;
    cpu->avoid_until = WS__NOWHERE;
}

/* The same as long as the horizon is ahead that lies inside it. */
static void avoid_horizon(struct ws__cpu *cpu, const struct ws__stretch_code *code)
{
    ws__freely_avoid(cpu, code->linear, code->bytes);
    cpu->avoid_until = cpu->horizon;
}

bool ws__freely_worthwhile(struct ws__cpu *cpu)
{
    return cpu->state.begun + NEAR < cpu->horizon && !is_forbidden(cpu) && !ws__freely_trapped(cpu);
}

bool ws__freely_allowed(struct ws__cpu *cpu, uint32_t linear)
{
    bool avoided = linear - cpu->avoid_first < cpu->avoid_bytes && cpu->state.begun < cpu->avoid_until;
    if (avoided || !ws__freely_worthwhile(cpu))
        return false;
    cpu->avoid_bytes = 0;
    return true;
}

/* -- entering a stretch ------------------------------------------------------------------------ */

/* Its sites are to be announced, and are not.  To ask once is enough: if that was of no use, do without. */
static void announcement_want(struct ws__cpu *cpu, const struct ws__stretch *stretch)
{
    if (cpu->asked == cpu->state.begun || !ws__engine_announce(cpu->engine, stretch))
        ws__freely_avoid(cpu, stretch->code->linear, stretch->code->bytes);
    cpu->asked = cpu->state.begun;
}

/* Memory holds other code than was translated. */
static void code_renew(struct ws__cpu *cpu, const struct ws__stretch_code *code)
{
    const uint8_t *part[] = {code->first, code->second};
    for (unsigned i = 0; i < 2; i++) {
        struct ws__frame *frame = ws__frame_of(cpu, part[i]);
        if (frame) /* an open bus has none, nor has a second part that there is not */
            ws__frame_code_drop(cpu, frame);
    }
}

/* May it run?  If not, cpu->closely says how to go on, or its code is translated again. */
static bool stretch_enter(struct ws__cpu *cpu, struct ws__stretch *stretch, uint32_t linear)
{
    struct ws__stretch_code *code = stretch->code;
    if (stretch->compared && !ws__stretch_unchanged(stretch, NULL)) {
        code_renew(cpu, code);
        return false;
    }
    if (code->closely || segments_matter(cpu, stretch) || fetch_matters(cpu, code) || is_refused(cpu, code)) {
        ws__freely_avoid(cpu, linear, code->bytes);
        return false;
    }
    if (code->announces && !code->announced) {
        announcement_want(cpu, stretch);
        return false;
    }
    pace_set(cpu);
    if (cpu->pace->left < stretch->instructions || is_forbidden(cpu)) {
        avoid_horizon(cpu, code);
        return false;
    }
    watched_set(cpu, stretch);
    ws__pace_enter(cpu->pace, stretch);
    return true;
}

static struct ws__stretch *stretch_make(struct ws__cpu *cpu, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    bool announced = linear & WS__CLOSELY;
    return ws__stretch_code_make(cpu, (uint32_t)linear, bytes, translation, announced);
}

bool ws__freely_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    struct ws__cpu *cpu = context;
    uint32_t here = (uint32_t)linear;
    if (!cpu->pace->closely)
        watched_take(cpu);
    ws__frames_translated(cpu, here, bytes);
    bool crowded = ws__engine_crowded(cpu->engine);
    if (cpu->pace->closely)
        return linear & WS__CLOSELY && !crowded;
    ws__frames_distrust(cpu);
    present_finish(cpu);
    if (cpu->flight.open && !ws__flight_settle(cpu))
        cpu->closely = true;
    bool wraps = (linear & ~WS__CLOSELY) != here; /* EIP, around the end of the linear addresses */
    if (wraps || cpu->closely || ws__tlb_fetched_ahead(cpu, here, bytes)) {
        ws__freely_avoid(cpu, here, bytes);
        return false;
    }
    if (crowded || cpu->tlb.aheads)
        return false; /* what was fetched ahead was not for this one: enter the engine anew, which forgets it */
    struct ws__stretch *stretch = ws__stretch_find(&cpu->stretches, translation);
    if (!stretch && !ws__frames_are_current(cpu, here, bytes))
        return false;
    if (!stretch)
        stretch = stretch_make(cpu, linear, bytes, translation);
    return stretch && stretch_enter(cpu, stretch, here);
}

/* -- sites ------------------------------------------------------------------------------------- */

/* The site at `linear`, in the present stretch: may it begin?  `end`: the mark behind the stretch. */
static bool site_begin(struct ws__cpu *cpu, uint32_t linear, uint64_t end)
{
    const struct ws__stretch *present = ws__pace_present(cpu->pace);
    const struct ws__stretch_code *code = present->code;
    if (cpu->flight.open)
        ws__flight_settle(cpu);
    if (present->compared && !ws__stretch_unchanged(present, NULL)) {
        code_renew(cpu, code);
        return false;
    }
    if (end > cpu->horizon || is_forbidden(cpu)) {
        avoid_horizon(cpu, code);
        return false;
    }
    return ws__cpu_begin(cpu, linear);
}

/* A boundary like any other.  `waits`: what the site does may be looked at later. */
static bool site_look(struct ws__cpu *cpu, const struct ws__stretch *present, uint32_t linear, unsigned index,
                      bool waits)
{
    watched_take(cpu);
    cpu->state.begun = present_begin(cpu) + index;
    cpu->current = WS__NOWHERE;
    cpu->fresh = index == 0;
    if (!site_begin(cpu, linear, ws__pace_end(cpu->pace))) {
        cpu->pace->present = 0;
        return false;
    }
    watched_set(cpu, present);
    if (!waits)
        cpu->pace->watched |= WS__TOUCHES_KICK; /* have the next stretch announced */
    return true;
}

/* Its record.  It has one: without memory the stretch is executed closely. */
static const struct ws__site *site_find(const struct ws__stretch *present, uint32_t linear)
{
    const struct ws__site *site = present->site;
    while (site->linear != linear)
        site++;
    return site;
}

/* May it begin?  For most a short look will do. */
static bool site_reach(struct ws__cpu *cpu, const struct ws__stretch *present, const struct ws__site *site)
{
    if (cpu->pace->watched & WS__LOADS_PAGING) {
        watched_take(cpu);
        cpu->pace->watched |= present->loads;
    }
    return (site->quick && ws__site_begin(cpu, site, present_begin(cpu) + site->index)) ||
           site_look(cpu, present, site->linear, site->index, site->waits);
}

/* What stands in front of `linear` has written into the stretch: leave it there. */
static bool changed_leave(struct ws__cpu *cpu, const struct ws__stretch *present, uint32_t linear)
{
    unsigned bytes;
    return site_look(cpu, present, linear, (unsigned)ws__stretch_index(present, linear, &bytes), false);
}

bool ws__freely_site(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    const struct ws__stretch *present = ws__pace_present(cpu->pace);
    uint8_t what = present ? ws__stretch_what(present, linear) : 0;
    if (!what)
        return false; /* the engine was told to come back before this stretch began */
    if (what & WS__COMPARES && !ws__stretch_unchanged(present, NULL))
        return changed_leave(cpu, present, linear);
    return !(what & WS__SITE) || site_reach(cpu, present, site_find(present, linear));
}
