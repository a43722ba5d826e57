/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the VM's EIP into the cache, and back out of it.
 *
 * code_leave(), at each trap, makes of the frame what the VM believes: its EIP, its CS, its GS, its TF.  Everything
 * else in the VMM sees the VM's frame only.  code_enter(), on each way back, does the reverse.  If nothing has moved
 * the VM, it goes on at the very place where it was stopped, which may be within a sequence; else, where the unit for
 * its new EIP begins.
 *
 * Between two instructions of the VM is the only place for an interrupt.  From any other one the VMM gets there with
 * the trap flag, step by step.  The same flag is the VM's own single step, and what runs a borrowed copy alone.
 *
 *   cpl                           runs
 *   0                             translated, in ring 1
 *   3, IF set, IOPL below 3       directly, in ring 3: nothing that a program may do there is done wrong
 *   1, 2; or 3 with other flags   alone: each instruction is emulated or, if the CPU does it right, executed in ring 2
 *                                 or 3 under the trap flag.  That is slow; hardly a kernel does it
 */
#include "guest/vmm/translator/translator.h"

/* Where the VM was stopped. */
static struct {
    const struct ws_unit *unit;
    const struct ws_unit_record *record;
    uint32_t place; /* in the cache, or the VM's EIP where its code runs directly */
    enum ws_unit_kind kind;
    bool between; /* two instructions of the VM */
    bool moved;   /* it does not go on there */
} here;

/* Places whose only instruction asks for another unit. */
enum { ELSEWHERE = 1 << WS_UNIT_STUB | 1 << WS_UNIT_MISS | 1 << WS_UNIT_DEAD };

static bool step_is_ours; /* TF is not the VM's */

enum mode { TRANSLATED, DIRECT, ALONE };

/* The decision: how does the virtual CPU execute the VM's code now? */
static enum mode mode(void)
{
    if (vcpu_ring() == 0)
        return TRANSLATED;
    return vcpu_ring() == 3 && vcpu.flags & WS_EFLAGS_IF && vcpu_iopl() < 3 ? DIRECT : ALONE;
}

static unsigned entered; /* the VM's ring */

/* -- out --------------------------------------------------------------------------------------- */

static void here_find(uint32_t place)
{
    uint32_t miss = (uint32_t)(lookup_miss - lookup_begin);

    here.place = place;
    here.moved = false;
    if (place < (uint32_t)(lookup_end - lookup_begin)) {
        here.unit = NULL;
        here.kind = place == miss ? WS_UNIT_MISS : WS_UNIT_LOOKUP;
        here.between = place == miss;
        vcpu.frame->eip = words.target;
        return;
    }
    here.unit = unit_at(place, &here.record);
    here.kind = (enum ws_unit_kind)here.record->kind;
    here.between = place - here.unit->start == here.record->at && here.kind != WS_UNIT_INSIDE;
    if (!here.unit->alive && place == here.unit->start)
        here.kind = WS_UNIT_DEAD;
    vcpu.frame->eip = here.record->eip;
}

static void selector_set(uint32_t *selector, unsigned rpl)
{
    *selector = (*selector & 0xffff & ~(uint32_t)WS_SELECTOR_RPL) | rpl;
}

void code_leave(void)
{
    struct ws_trap_frame *frame = vcpu.frame;

    if (step_is_ours)
        frame->eflags &= ~(uint32_t)WS_EFLAGS_TF;
    step_is_ours = false;
    selector_set(&frame->user_ss, entered);
    if (frame->cs != HOSTED_VMM_CACHE) {
        selector_set(&frame->cs, entered);
        here.kind = WS_UNIT_DIRECT;
        here.place = frame->eip;
        here.between = true;
        here.moved = false;
        vcpu.resume = frame->vector >= WS_VECTORS_EXCEPTIONS && frame->eflags & WS_EFLAGS_RF;
        return;
    }
    here_find(frame->eip);
    vcpu.resume = vcpu.resume && here.kind == WS_UNIT_BREAKPOINT;
    frame->cs = words.code;
    frame->gs = words.gs;
    vcpu.flags = words.interrupts | words.iopl;
    vcpu.counters.lookups = words.lookups;
}

bool code_between(void)
{
    return here.between || here.moved;
}

bool code_protected(void)
{
    return !here.moved && here.kind != WS_UNIT_DIRECT && here.unit && here.record->protected;
}

void code_move(void)
{
    here.moved = true;
}

/* On behind the `hlt`: its record's successor is about the same instruction. */
static void behind(void)
{
    here.place++;
    here.record++;
    here.kind = (enum ws_unit_kind)here.record->kind;
}

static void breakpoint(void)
{
    if (vcpu.resume) {
        vcpu.resume = false;
        behind();
        return;
    }
    code_move();
    vcpu.pending |= breakpoint_at(segment_base(SEGMENT_CS) + vcpu.frame->eip);
}

/* What a `hlt` of translated code asks for.  false: the fault is not of this kind. */
bool code_asks(void)
{
    switch (here.kind) {
    case WS_UNIT_CALLOUT:
        emulate();
        return true;
    case WS_UNIT_DIRECT:
        return emulate_user();
    case WS_UNIT_UNKNOWN:
        deliver(WS_VECTOR_UD, 0, SOURCE_EXCEPTION);
        return true;
    case WS_UNIT_BREAKPOINT:
        breakpoint();
        return true;
    case WS_UNIT_BORROW: /* its copy is behind it */
        behind();
        return true;
    default:
        return ELSEWHERE >> here.kind & 1;
    }
}

/* -- in ---------------------------------------------------------------------------------------- */

/* To the unit that begins at the VM's EIP.  false: there is none, and a fault was delivered. */
static bool unit_enter(void)
{
    bool stub = !here.moved && here.kind == WS_UNIT_STUB;
    uint32_t age = cache_age();
    const struct ws_unit *unit = unit_get();

    if (!unit) {
        deliver(vcpu.fault_vector, vcpu.fault_error, SOURCE_EXCEPTION);
        return false;
    }
    if (stub && age == cache_age() && here.unit->alive) { /* the jump goes there by itself from now on */
        displacement_set(cache + here.unit->start + here.record->site, unit->start);
        vcpu.counters.chained++;
    }
    if (!here.moved && here.kind == WS_UNIT_MISS)
        vcpu.counters.missed++;
    words.rows[unit->eip % WORDS_ROW_COUNT].minus_eip = -unit->eip;
    words.rows[unit->eip % WORDS_ROW_COUNT].place = unit->start;
    here_find(unit->start);
    return true;
}

/* Is the VM where it was stopped, and may go on there? */
static bool stays(void)
{
    return here.kind != WS_UNIT_DIRECT && !(ELSEWHERE >> here.kind & 1) && !here.moved &&
           !(here.between && !here.unit->alive);
}

/* The GS of a copy that is executed alone: the VM's, or its CS, as data. */
static uint16_t borrowed_selector(void)
{
    struct instruction in;

    decode_at(segment_base(SEGMENT_CS) + vcpu.frame->eip, &in);
    return segment_selector(in.segment == SEGMENT_CS ? SEGMENT_CS : SEGMENT_GS);
}

/* lookup.S knows no segments: it may know one only. */
static void words_fill(void)
{
    static struct ws_unit_code last;
    const struct ws_unit_code code = {segment_descriptor(SEGMENT_CS).whole, segment_selector(SEGMENT_CS)};
    bool waiting = pic_pending();

    if (last.selector != code.selector || last.descriptor != code.descriptor)
        rows_clear();
    last = code;
    words.code = vcpu.frame->cs;
    words.gs = vcpu.frame->gs & 0xffff;
    words.ss = vcpu.frame->user_ss & 0xffff;
    words.interrupts = vcpu.flags & WS_EFLAGS_IF;
    words.iopl = vcpu.flags & WS_EFLAGS_IOPL;
    words.waiting = waiting;
    words.unusual = WS_EFLAGS_TF | WS_EFLAGS_IOPL | (waiting ? WS_EFLAGS_IF : 0);
}

/* TF, if it must not be the VM's own. */
static void code_step(bool step)
{
    step_is_ours = step && !(vcpu.frame->eflags & WS_EFLAGS_TF);
    if (step)
        vcpu.frame->eflags |= WS_EFLAGS_TF;
}

/* The frame for ring 1.  false: the VM is elsewhere now, so everything must be asked again. */
static bool translated_enter(bool step)
{
    struct ws_trap_frame *frame = vcpu.frame;
    uint16_t gs;

    words_fill();
    if (!stays() && !unit_enter())
        return false;
    step = step || here.kind == WS_UNIT_BORROWED || (here.unit && !here.unit->alive);
    if (step && here.between && here.kind == WS_UNIT_FLAGS) {
        emulate(); /* pushf would push the real TF */
        return false;
    }
    vcpu.resume = vcpu.resume && here.kind == WS_UNIT_BREAKPOINT; /* else the next instruction runs now */
    gs = here.kind == WS_UNIT_BORROWED ? borrowed_selector() : HOSTED_VMM_WORDS;
    if (here.kind == WS_UNIT_BORROWED && !segment_stands(gs)) {
        deliver(WS_VECTOR_GP, 0, SOURCE_EXCEPTION);
        return false;
    }
    frame->gs = gs;
    frame->eip = here.place;
    frame->cs = HOSTED_VMM_CACHE;
    code_step(step);
    segment_words_show();
    return true;
}

/* false: the instruction was emulated, or has met a breakpoint. */
static bool alone_enter(void)
{
    uint32_t met = breakpoint_at(segment_base(SEGMENT_CS) + vcpu.frame->eip);

    if (met && !vcpu.resume) {
        vcpu.pending |= met;
        return false;
    }
    if (emulate_user())
        return false;
    code_step(true);
    return true;
}

bool code_enter(bool step)
{
    struct ws_trap_frame *frame = vcpu.frame;
    enum mode now = mode();

    entered = vcpu_ring();
    frame->eflags = (frame->eflags & ~(uint32_t)(WS_EFLAGS_IOPL | WS_EFLAGS_RF)) | WS_EFLAGS_IF;
    if (now == TRANSLATED) {
        if (!translated_enter(step || frame->eflags & WS_EFLAGS_TF))
            return false;
    } else {
        if (now == ALONE && !alone_enter())
            return false;
        if (now == DIRECT)
            code_step(step);
        frame->eflags |= (now == DIRECT ? vcpu.flags & WS_EFLAGS_IOPL : 0) | (vcpu.resume ? WS_EFLAGS_RF : 0);
        selector_set(&frame->cs, real_ring(entered));
    }
    selector_set(&frame->user_ss, real_ring(entered));
    breakpoints_load();
    return true;
}
