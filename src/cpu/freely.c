/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running freely.
 *
 * There are three ways.  Closely, each instruction has its boundary, see cpu.c.  Attentively, the
 * engine calls for each instruction, but only sites are looked at: this is how it goes on where CS was
 * loaded, and where sites are near.  And without such calls, where no site was met for a while.
 *
 * Two marks matter: state.begun, which is exact while no stretch is under way, and the pace's, which
 * has counted the whole of the present stretch in advance.
 */
#include "cpu/freely.h"

#include "cpu/careful.h"
#include "cpu/stretch_code.h"

enum {
    CHUNK = 1 << 16, /* instructions until the outside is looked at: somebody may have asked to stop */
    IDLE = 1 << 10,  /* instructions without a site, after which none is expected soon */
    NEAR = 64        /* instructions: it is not worth while to run freely for less */
};

/* -- the pace ---------------------------------------------------------------------------------- */

static void pace_set(struct ws__cpu *cpu)
{
    struct ws__pace *pace = cpu->pace;
    uint64_t left = cpu->horizon > cpu->state.begun ? cpu->horizon - cpu->state.begun : 0;
    uint64_t most = ws__engine_is_free(cpu->engine) ? CHUNK : IDLE;
    pace->left = (int64_t)(left < most ? left : most);
    pace->limit = cpu->state.begun + (uint64_t)pace->left;
    cpu->idle = true;
}

void ws__freely_horizon(struct ws__cpu *cpu)
{
    struct ws__pace *pace = cpu->pace;
    if (!pace->present || cpu->horizon >= pace->limit)
        return;
    pace->left -= (int64_t)(pace->limit - cpu->horizon);
    pace->limit = cpu->horizon;
}

/* Have the next stretch announced. */
static void kick(struct ws__cpu *cpu)
{
    cpu->pace->watched |= WS__TOUCHES_KICK;
}

void ws__freely_begin(struct ws__cpu *cpu)
{
    cpu->pace->present = 0;
    cpu->untrapped = false;
    cpu->pace->closely = cpu->closely;
    cpu->pace->heed = cpu->closely ? 0 : UINT64_MAX;
    cpu->pace->site = WS__NOWHERE;
    bool freely = (cpu->ascend || ws__engine_is_free(cpu->engine)) && !cpu->descend && !cpu->closely;
    cpu->ascend = cpu->descend = false;
    ws__engine_freely(cpu->engine, freely);
    if (cpu->closely)
        cpu->pace->left = -1; /* no stretch passes */
    else
        kick(cpu);
}

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
    ws__careful_loaded(cpu, ws__pace_present(cpu->pace)->code->loads);
    cpu->untrapped &= !ws__pace_present(cpu->pace)->code->flags;
    cpu->pace->present = 0;
}

void ws__freely_end(struct ws__cpu *cpu, bool exception)
{
    const struct ws__stretch *present = ws__pace_present(cpu->pace);
    if (!present)
        return;
    uint64_t begin = present_begin(cpu);
    struct ws_descriptor code;
    ws__engine_segment(cpu->engine, WS_CS, &code);
    uint32_t linear = code.base + ws__engine_get(cpu->engine, WS_EIP);
    int index = exception ? ws__stretch_index(present->code, linear) : -1;
    present_finish(cpu);
    if (index < 0)
        return; /* it is the next stretch's first instruction that faults */
    cpu->state.begun = begin + (unsigned)index + 1;
    cpu->current = linear;
}

/* -- freely or closely ------------------------------------------------------------------------- */

/* Somebody outside wants something at the next boundary. */
static bool boundary_matters(struct ws__cpu *cpu)
{
    return cpu->stop_asked || cpu->breakpoints || cpu->state.halt.reason || cpu->relisten ||
           cpu->listening & WS_EVENT_MASK(INSTRUCTION) || ws__interrupt_comes(cpu);
}

bool ws__freely_forbidden(struct ws__cpu *cpu)
{
    if (cpu->careful & ~(uint32_t)(WS__CAREFUL_STALE | WS__CAREFUL_SEGMENTS))
        return true;
    if (!cpu->untrapped) /* EFLAGS are not cheap to read */
        cpu->untrapped = !(ws__engine_get(cpu->engine, WS_EFLAGS) & WS_EFLAGS_TF);
    return !cpu->untrapped || (cpu->attention && boundary_matters(cpu));
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
    return cpu->state.begun + NEAR < cpu->horizon && !ws__freely_forbidden(cpu);
}

bool ws__freely_allowed(struct ws__cpu *cpu, uint32_t linear)
{
    cpu->untrapped = false;
    bool avoided = linear - cpu->avoid_first < cpu->avoid_bytes && cpu->state.begun < cpu->avoid_until;
    if (avoided || !ws__freely_worthwhile(cpu))
        return false;
    cpu->avoid_bytes = 0;
    return true;
}

/* -- code that writes over itself -------------------------------------------------------------- */

/*
 * When an instruction writes into its own stretch, the engine drops it, translates this one alone,
 * and begins it again.  That shows as a stretch of one instruction in the midst of the present one,
 * where the present one went on; or, if it is one that may come to itself in the ordinary way, from
 * what it is about to write.  What stands in front of a site that has begun is no restart: with TF set,
 * stretches have one instruction, and `iret` may lead anywhere.
 */
static int restart_find(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    const struct ws__stretch *present = ws__pace_present(cpu->pace);
    struct ws__stretch_code *code = present->code;
    int index = ws__stretch_index(code, linear);
    if (index < 0 || (code->length[index] & ~WS__SITE) != (int)bytes ||
        present_begin(cpu) + (unsigned)index + 1 < cpu->state.begun)
        return -1;
    bool ends = index == code->instructions - 1;
    if (!ends)
        return index;
    return ws__stretch_code_overwrites(cpu, code, linear) ? index : -1;
}

static bool restart_handle(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    int index = ws__pace_present(cpu->pace) ? restart_find(cpu, linear, bytes) : -1;
    if (index < 0)
        return false;
    cpu->state.begun = present_begin(cpu) + (unsigned)index;
    cpu->flight.open = false;
    if (cpu->current == linear)
        ws__ahead_undo(cpu, linear);
    ws__stretch_mixed_set(&cpu->stretches, ws__pace_present(cpu->pace)->code->first);
    cpu->pace->present = 0;
    cpu->current = WS__NOWHERE;
    cpu->renew = true;
    ws__freely_avoid(cpu, linear & ~(uint32_t)(WS_PAGE_BYTES - 1), WS_PAGE_BYTES);
    return true;
}

/* -- entering a stretch ------------------------------------------------------------------------ */

/* Segments whose use needs a look. */
static uint8_t segments_watched(const struct ws__cpu *cpu)
{
    return (uint8_t)((cpu->careful & WS__CAREFUL_SEGMENTS) | cpu->stale);
}

/* Does it use a segment that is not flat?  Those that were loaded since are read first. */
static bool segments_matter(struct ws__cpu *cpu, const struct ws__stretch *stretch)
{
    if (!segments_watched(cpu))
        return false;
    if (cpu->stale & stretch->touches)
        ws__careful_refresh(cpu);
    return segments_watched(cpu) & stretch->touches;
}

static void stretch_commit(struct ws__cpu *cpu, struct ws__stretch *stretch)
{
    const struct ws__stretch_code *code = stretch->code;
    ws__pace_enter(cpu->pace, stretch);
    cpu->pace->site = code->site;
    cpu->pace->watched = segments_watched(cpu);
    if (code->kicks)
        kick(cpu);
}

/* Would another way of running be better from here on? */
static bool way_changes(struct ws__cpu *cpu, const struct ws__stretch *stretch)
{
    bool freely = ws__engine_is_free(cpu->engine), exhausted = cpu->pace->left < stretch->instructions;
    bool sites = stretch->code->site != WS__NOWHERE, descend = freely && sites;
    bool ascend =
        !freely && !sites && exhausted && cpu->idle && cpu->horizon > cpu->state.begun + IDLE;
    cpu->descend = descend;
    cpu->ascend = ascend;
    cpu->idle &= !descend; /* attentively its instructions may be in two stretches, the first one without a site */
    return descend || ascend;
}

/* May it run?  If not, cpu->closely or cpu->renew says how to go on. */
static bool stretch_enter(struct ws__cpu *cpu, struct ws__stretch *stretch, uint32_t linear)
{
    struct ws__stretch_code *code = stretch->code;
    if (!ws__stretch_unchanged(stretch, NULL)) {
        cpu->renew = true;
        return false;
    }
    if (code->closely || segments_matter(cpu, stretch)) {
        ws__freely_avoid(cpu, linear, code->bytes);
        return false;
    }
    if (way_changes(cpu, stretch))
        return false;
    pace_set(cpu);
    if (cpu->pace->left < stretch->instructions || ws__freely_forbidden(cpu)) {
        avoid_horizon(cpu, code);
        return false;
    }
    stretch_commit(cpu, stretch);
    return true;
}

static struct ws__stretch *stretch_make(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, uintptr_t translation)
{
    struct ws__stretch *stretch = ws__stretch_code_make(cpu, linear, bytes, translation);
    if (stretch && !stretch->asks)
        ws__engine_unasked(cpu->engine, stretch);
    return stretch;
}

bool ws__freely_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    struct ws__cpu *cpu = context;
    uint32_t here = (uint32_t)linear;
    if (restart_handle(cpu, here, bytes))
        return false;
    present_finish(cpu);
    if (cpu->flight.open && !ws__flight_settle(cpu))
        cpu->closely = true;
    bool wraps = (linear & ~WS__FREELY) != here; /* EIP, around the end of the linear addresses */
    if (wraps || cpu->closely) {
        ws__freely_avoid(cpu, here, bytes);
        return false;
    }
    struct ws__stretch *stretch = ws__stretch_find(&cpu->stretches, translation);
    if (!stretch)
        stretch = stretch_make(cpu, here, bytes, translation);
    return stretch && stretch_enter(cpu, stretch, here);
}

/* -- sites ------------------------------------------------------------------------------------- */

bool ws__freely_site(void *context, uint32_t linear)
{
    struct ws__cpu *cpu = context;
    struct ws__stretch *present = ws__pace_present(cpu->pace);
    int index = present ? ws__stretch_index(present->code, linear) : -1;
    if (index < 0)
        return false; /* the engine was told to come back before this stretch began */
    uint64_t end = ws__pace_end(cpu->pace);
    cpu->state.begun = present_begin(cpu) + (unsigned)index;
    if (cpu->flight.open)
        ws__flight_settle(cpu);
    cpu->current = WS__NOWHERE;
    cpu->fresh = index == 0;
    if (end > cpu->horizon || ws__freely_forbidden(cpu)) {
        avoid_horizon(cpu, present->code);
        cpu->pace->present = 0;
        return false;
    }
    if (!ws__cpu_begin(cpu, linear)) {
        cpu->pace->present = 0;
        return false;
    }
    cpu->idle = false;
    cpu->pace->site = ws__stretch_site(present->code, (unsigned)index + 1);
    kick(cpu);
    return true;
}
