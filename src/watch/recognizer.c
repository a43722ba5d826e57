/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognizing crossings.
 *
 *   CR3 is written ──► candidate ──┬── a return that matches no call ───────────► crossing: the routine that returned
 *                                  ├── the caller of the writer returns ────────► none
 *                                  ├── CR3 gets its old value back ─────────────► none
 *                                  └── WS_CROSSING_LIMIT instructions, then ────► crossing if the stack is another one
 *
 *   CR3 stays ───────► a return that matches no call, by the rule of thread_switch.c ──► crossing between threads
 *
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches": what flushes global translations.
 */
#include "watch/recognizer.h"

#include "watch/thread_switch.h"

/* A helper's helper may write CR3 for the routine that swaps stacks: so many routines may return before the caller of
 * the last of them is the one whose return says that there was no switch. */
enum { HELPERS = 2 };

void ws__recognizer_clear(struct ws__recognizer *recognizer)
{
    recognizer->calls.count = 0;
    recognizer->candidate.open = false;
    recognizer->flush_mark = 0;
    recognizer->by_thread = false;
}

/* The innermost routine, or NULL where none is known. */
static const struct ws__frame *innermost(const struct ws__recognizer *recognizer)
{
    const struct ws__calls *calls = &recognizer->calls;
    return calls->count ? &calls->frame[calls->count - 1] : NULL;
}

/* -- opening ------------------------------------------------------------------------------------------- */

static void candidate_open(struct ws__recognizer *recognizer, const struct ws_event *event,
                           const struct ws__sight *sight)
{
    struct ws__candidate *candidate = &recognizer->candidate;
    const struct ws__frame *frame = innermost(recognizer);
    *candidate = (struct ws__candidate){.open = true, .depth = recognizer->calls.count};
    if (frame) {
        candidate->begin = frame->begin;
        candidate->before = frame->registers;
    } else {
        candidate->begin = event->mark;
        candidate->before = sight->registers;
    }
    /* The routine may have been entered before CR3 was written for the first time; its tables are the same. */
    candidate->before.value[WS_CR3] = event->before;
}

static void privileged_change_note(struct ws__recognizer *recognizer, const struct ws__sight *sight)
{
    struct ws__candidate *candidate = &recognizer->candidate;
    if (!candidate->open)
        return;
    candidate->last_mark = sight->mark;
    candidate->last_depth = recognizer->calls.count;
    candidate->last = sight->registers;
}

static void control_register_take(struct ws__recognizer *recognizer, const struct ws_event *event,
                                  const struct ws__sight *sight)
{
    struct ws__candidate *candidate = &recognizer->candidate;
    uint32_t flipped = event->before ^ event->after;
    if ((event->which == WS_CR4 && flipped & WS_CR4_PGE) || (event->which == WS_CR0 && flipped & WS_CR0_PG))
        recognizer->flush_mark = sight->mark;
    if (event->which == WS_CR3 && flipped && sight->registers.value[WS_CR0] & WS_CR0_PG) {
        if (candidate->open && candidate->before.value[WS_CR3] == event->after)
            candidate->open = false;
        else if (!candidate->open)
            candidate_open(recognizer, event, sight);
        candidate->cr3_mark = event->mark;
        candidate->cr3_linear = event->linear;
        candidate->deadline = event->mark + WS_CROSSING_LIMIT;
        candidate->eflags_between = sight->registers.value[WS_EFLAGS];
    }
    privileged_change_note(recognizer, sight);
}

/* -- closing ------------------------------------------------------------------------------------------- */

static void crossing_classify(struct ws_crossing *crossing)
{
    const uint32_t *before = crossing->before.value, *after = crossing->after.value;
    bool world = before[WS_GDTR_BASE] != after[WS_GDTR_BASE] || before[WS_IDTR_BASE] != after[WS_IDTR_BASE];
    bool thread = before[WS_CR3] == after[WS_CR3];
    crossing->kind = thread ? WS_CROSSING_THREAD : world ? WS_CROSSING_WORLD : WS_CROSSING_CONTEXT;
    crossing->changed = ws_registers_compare(&crossing->before, &crossing->after);
    crossing->kept = ~crossing->changed & ((1u << WS_CATEGORY_COUNT) - 1);
}

/* Who is left, and who goes on? */
static void threads_switch(struct ws__recognizer *recognizer, const struct ws__place *left, unsigned places,
                           const struct ws__place *entered, struct ws_crossing *out)
{
    ws__threads_switch(&recognizer->threads, out->end, left, places, entered, &recognizer->from, &recognizer->to);
    recognizer->from->cr3 = out->before.value[WS_CR3];
    out->from_thread = recognizer->from->number;
    out->to_thread = recognizer->to ? recognizer->to->number : 0;
    recognizer->by_thread = out->kind == WS_CROSSING_THREAD;
    recognizer->last_cr3 = out->after.value[WS_CR3];
}

static void crossing_threads(struct ws__recognizer *recognizer, const struct ws_event *event,
                             const struct ws__sight *sight, struct ws_crossing *out)
{
    struct ws__place left[WS__PLACES], entered = ws__place_entered(event, sight);
    unsigned places = ws__places_left(&recognizer->calls, &sight->memory, left);
    threads_switch(recognizer, left, places, &entered, out);
}

/* What was before: general registers, stack and flags at the routine's first instruction; what CR3 and the like were
 * is known by who wrote CR3 first.  Where a thread without an address space of its own has chosen the next process,
 * that is still the process which was left for it. */
static struct ws_registers registers_before(const struct ws__recognizer *recognizer, const struct ws__frame *frame)
{
    const struct ws__candidate *candidate = &recognizer->candidate;
    struct ws_registers before = candidate->before;
    /* A helper that the routine called may have written CR3; then all is as the routine saw it. */
    if (frame->begin < candidate->begin)
        return frame->registers;
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++)
        if (ws_register_info((enum ws_register)which)->category <= WS_CATEGORY_STACK)
            before.value[which] = frame->registers.value[which];
    before.value[WS_EIP] = frame->registers.value[WS_EIP];
    if (recognizer->by_thread)
        before.value[WS_CR3] = recognizer->last_cr3;
    return before;
}

/* The thread that goes on had another address space when it was left: then this CR3 is not for it.  The left thread has
 * loaded it for itself, shortly before it left. */
static bool kept_by_left(const struct ws__recognizer *recognizer, const struct ws_event *event,
                         const struct ws__sight *sight, const struct ws_registers *before)
{
    const uint32_t *now = sight->registers.value;
    struct ws__place entered = ws__place_entered(event, sight);
    unsigned row = event ? ws__threads_find(&recognizer->threads, &entered) : WS__NO_THREAD;
    return row != WS__NO_THREAD && recognizer->threads.thread[row].cr3 != now[WS_CR3] &&
           before->value[WS_GDTR_BASE] == now[WS_GDTR_BASE] && before->value[WS_IDTR_BASE] == now[WS_IDTR_BASE];
}

/* Make a crossing of the candidate: `frame` is the routine that did it, it ended at `end` with `after`.  `event`: the
 * return that ended it, or NULL. */
static bool candidate_close(struct ws__recognizer *recognizer, const struct ws__frame *frame, uint64_t end,
                            const struct ws_registers *after, const struct ws_event *event,
                            const struct ws__sight *sight, struct ws_crossing *out)
{
    struct ws__candidate *candidate = &recognizer->candidate;
    bool known = frame && end > frame->begin && candidate->before.value[WS_CR3] != after->value[WS_CR3];
    if (known) {
        *out = (struct ws_crossing){
            .begin = frame->begin,
            .end = end,
            .instructions = end - frame->begin - frame->excluded,
            .cr3_mark = candidate->cr3_mark,
            .cr3_linear = candidate->cr3_linear,
            .before = registers_before(recognizer, frame),
            .after = *after,
            .resume = frame->resume,
            .eflags_between = candidate->eflags_between,
            .flushed_globals = recognizer->flush_mark > frame->begin,
        };
        if (kept_by_left(recognizer, event, sight, &out->before))
            out->before.value[WS_CR3] = after->value[WS_CR3];
        crossing_classify(out);
        crossing_threads(recognizer, event, sight, out);
    }
    /* What was known of calls belongs to the stack that was left. */
    recognizer->calls.count = 0;
    candidate->open = false;
    return known;
}

/* `pushl $cs; pushl $1f; lret; 1:` only reloads CS; some write it with iret.  But a thread's first instruction may
 * stand behind the iret that begins it; then the frame was on another stack. */
static bool return_is_jump_to_next(const struct ws__recognizer *recognizer, const struct ws_event *event,
                                   const struct ws__sight *sight)
{
    const struct ws__frame *frame = innermost(recognizer);
    bool iret = event->kind == WS_EVENT_RETURN;
    uint32_t taken = sight->stack_base + event->esp_before;
    bool elsewhere = iret && !recognizer->candidate.open && frame && frame->stack_linear - taken >= WS__STACK_JUMP;
    return (event->far || iret) && !elsewhere && sight->linear > event->linear && sight->linear - event->linear <= 3;
}

/* Bytes of arguments that `ret N` dropped. */
static uint16_t return_popped(const struct ws_event *event)
{
    uint32_t taken = event->esp - event->before, address = event->far ? 8 : 4;
    bool changes_ring = event->far && taken > UINT16_MAX;
    return event->kind != WS_EVENT_RET || changes_ring || taken < address ? 0 : (uint16_t)(taken - address);
}

/* A return that matches no call while nothing is open: another thread of this address space goes on, or ring 3 does,
 * and the calls that we know have nothing to do with it.  `push; ret`, a jump, looks much the same,
 * but stays on top of its routine's return address. */
static void calls_forget(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight)
{
    const struct ws__frame *frame = innermost(recognizer);
    uint32_t stack_linear = sight->stack_base + event->before;
    bool jump = event->kind == WS_EVENT_RET && frame && stack_linear < frame->stack_linear &&
                frame->stack_linear - stack_linear < WS__STACK_JUMP;
    if (!jump)
        recognizer->calls.count = 0;
}

/* CR3 was written, and it was no switch.  If the thread that runs has another address space now, it has done so for
 * itself: it has executed a program, say. */
static void candidate_drop(struct ws__recognizer *recognizer, const struct ws__sight *sight)
{
    recognizer->candidate.open = false;
    recognizer->by_thread = recognizer->by_thread && recognizer->last_cr3 == sight->registers.value[WS_CR3];
}

/* CR3 has stayed, and `frame` is the routine by which another thread goes on. */
static void thread_enter(struct ws__recognizer *recognizer, const struct ws__frame *frame, const struct ws_event *event,
                         const struct ws__sight *sight, struct ws_crossing *out)
{
    *out = (struct ws_crossing){
        .begin = frame->begin,
        .end = sight->mark,
        .instructions = sight->mark - frame->begin - frame->excluded,
        .before = frame->registers,
        .after = sight->registers,
        .resume = frame->resume,
        .eflags_between = sight->registers.value[WS_EFLAGS],
        .popped = return_popped(event),
    };
    crossing_classify(out);
    crossing_threads(recognizer, event, sight, out);
    recognizer->calls.count = 0;
}

static bool thread_take(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                        struct ws_crossing *out)
{
    if (!ws__is_thread_switch(&recognizer->calls, &recognizer->threads, event, sight))
        return false;
    thread_enter(recognizer, ws__routine_of(&recognizer->calls, event), event, sight, out);
    return true;
}

/* Nothing returns: a jump leads into a saved context. */
static bool jump_take(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                      struct ws_crossing *out)
{
    if (!ws__is_thread_jump(&recognizer->calls, &recognizer->threads, event, sight))
        return false;
    const struct ws__frame *frame = innermost(recognizer);
    bool entered = frame->registers.value[WS_CR3] == sight->registers.value[WS_CR3];
    if (recognizer->candidate.open)
        entered = candidate_close(recognizer, frame, sight->mark, &sight->registers, event, sight, out);
    else if (entered)
        thread_enter(recognizer, frame, event, sight, out);
    out->by_jump = entered;
    return entered;
}

static bool return_take(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                        struct ws_crossing *out)
{
    struct ws__candidate *candidate = &recognizer->candidate;
    size_t index = ws__calls_find(&recognizer->calls, event, sight);
    if (index != WS__NO_FRAME) {
        const struct ws__frame *frame = &recognizer->calls.frame[index];
        if (frame->delivery && index >= candidate->depth)
            candidate->deadline += sight->mark - frame->begin;
        ws__calls_leave(&recognizer->calls, index, sight->mark);
        if (candidate->open && index + HELPERS < candidate->depth)
            candidate_drop(recognizer, sight);
        return false;
    }
    if (return_is_jump_to_next(recognizer, event, sight) || ws__calls_jump(&recognizer->calls, event, sight))
        return false;
    ws__calls_abandoned_drop(&recognizer->calls, event, sight);
    if (!candidate->open && thread_take(recognizer, event, sight, out))
        return true;
    if (candidate->open && ws__is_exec(&recognizer->calls, &recognizer->threads, event, sight))
        candidate_drop(recognizer, sight);
    if (!candidate->open) {
        calls_forget(recognizer, event, sight);
        return false;
    }
    bool closed = candidate_close(recognizer, innermost(recognizer), sight->mark, &sight->registers, event, sight, out);
    if (closed)
        out->popped = return_popped(event);
    return closed;
}

/* Handlers that run meanwhile may take long. */
static bool handler_runs(const struct ws__recognizer *recognizer)
{
    const struct ws__calls *calls = &recognizer->calls;
    for (size_t index = recognizer->candidate.depth; index < calls->count; index++)
        if (calls->frame[index].delivery)
            return true;
    return false;
}

bool ws__recognizer_leave(struct ws__recognizer *recognizer, const struct ws__sight *sight, struct ws_crossing *out)
{
    return recognizer->candidate.open && !handler_runs(recognizer) &&
           candidate_close(recognizer, innermost(recognizer), sight->mark, &sight->registers, NULL, sight, out);
}

bool ws__recognizer_settle(struct ws__recognizer *recognizer, const struct ws__sight *sight, uint32_t esp,
                           struct ws_crossing *out)
{
    struct ws__candidate *candidate = &recognizer->candidate;
    struct ws__calls *calls = &recognizer->calls;
    if (!candidate->open)
        return false;
    size_t depth = candidate->last_depth < calls->count ? candidate->last_depth : calls->count;
    const struct ws__frame *frame = depth ? &calls->frame[depth - 1] : NULL;
    uint32_t now = sight->stack_base + esp;
    if (!frame || (now + WS__STACK_NEAR - frame->stack_linear < 2 * WS__STACK_NEAR &&
                   ws__stack_is_same(&sight->memory, &frame->registers, &sight->registers, frame->stack_linear))) {
        candidate->open = false;
        return false;
    }
    return candidate_close(recognizer, frame, candidate->last_mark, &candidate->last, NULL, sight, out);
}

/* Behind a load of ESP, the entered thread's place is as far above it as the left one's was. */
bool ws__recognizer_stack_is_nobodys(const struct ws__recognizer *recognizer, const struct ws__sight *sight,
                                     uint32_t esp)
{
    enum { SLACK = 64 };
    const struct ws__candidate *candidate = &recognizer->candidate;
    const struct ws__frame *frame = innermost(recognizer);
    struct ws_registers left = sight->registers;
    struct ws_translation was, is;
    if (frame && frame->delivery && recognizer->calls.count > 1)
        frame--; /* that is the one of the vector itself, which is told here first */
    left.value[WS_CR3] = candidate->before.value[WS_CR3];
    uint32_t linear = sight->stack_base + esp;
    if (!frame || esp != candidate->last.value[WS_ESP] ||
        !ws_page_walk(&was, &sight->memory, &left, linear, WS_ACCESS_READ, false) ||
        !ws_page_walk(&is, &sight->memory, &sight->registers, linear, WS_ACCESS_READ, false) || was.phys == is.phys)
        return false;
    uint32_t most = frame->stack_linear - linear + SLACK;
    for (unsigned i = 0; i < WS__THREADS; i++) {
        const struct ws__place *place = &recognizer->threads.thread[i].place[0];
        if (recognizer->threads.thread[i].places && place->kind == WS__PLACE_STACK && place->where - is.phys <= most)
            return false;
    }
    return true;
}

/* -- events -------------------------------------------------------------------------------------------- */

static bool limit_reached(const struct ws__recognizer *recognizer, const struct ws_event *event)
{
    const struct ws__candidate *candidate = &recognizer->candidate;
    return candidate->open && event->mark > candidate->deadline && !handler_runs(recognizer) &&
           event->kind != WS_EVENT_RETURN; /* its ESP before is not known */
}

static uint32_t esp_before(const struct ws_event *event, const struct ws__sight *sight)
{
    switch (event->kind) {
    case WS_EVENT_CALL:
    case WS_EVENT_JUMP:
    case WS_EVENT_RET:
        return event->before;
    case WS_EVENT_VECTOR:
        return sight->resume.esp;
    default:
        return sight->registers.value[WS_ESP];
    }
}

bool ws__recognizer_feed(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                         struct ws_crossing *out)
{
    bool closed =
        limit_reached(recognizer, event) && ws__recognizer_settle(recognizer, sight, esp_before(event, sight), out);
    switch (event->kind) {
    case WS_EVENT_CONTROL_REGISTER:
        control_register_take(recognizer, event, sight);
        break;
    case WS_EVENT_TABLE_LOAD:
        recognizer->candidate.tables++;
        privileged_change_note(recognizer, sight);
        break;
    case WS_EVENT_CALL:
    case WS_EVENT_VECTOR:
        ws__calls_enter(&recognizer->calls, event, sight);
        break;
    case WS_EVENT_RET:
    case WS_EVENT_RETURN:
        /* Where settling has just found a crossing, nothing is open: this cannot find another one. */
        closed |= return_take(recognizer, event, sight, out);
        break;
    case WS_EVENT_JUMP:
        closed |= jump_take(recognizer, event, sight, out);
        break;
    default:
        break;
    }
    recognizer->calls.esp = sight->registers.value[WS_ESP];
    return closed;
}

bool ws__recognizer_task(struct ws__recognizer *recognizer, const struct ws_event *event, const struct ws__sight *sight,
                         const struct ws_registers *before, struct ws_crossing *out)
{
    struct ws__place left = ws__place_task(before, (uint16_t)event->before);
    struct ws__place entered = ws__place_task(&sight->registers, (uint16_t)event->after);
    ws__recognizer_clear(recognizer);
    *out = (struct ws_crossing){
        .begin = event->mark,
        .end = sight->mark,
        .instructions = 1,
        .cr3_mark = event->mark,
        .cr3_linear = event->linear,
        .before = *before,
        .after = sight->registers,
        .resume = {.linear = before->value[WS_EIP],
                   .esp = before->value[WS_ESP],
                   .eflags = before->value[WS_EFLAGS],
                   .cs = (uint16_t)before->value[WS_CS]},
        .eflags_between = before->value[WS_EFLAGS],
    };
    crossing_classify(out);
    threads_switch(recognizer, &left, 1, &entered, out);
    return true;
}
