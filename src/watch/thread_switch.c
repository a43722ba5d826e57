/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thread or no thread?  The rule, with its reasons, is in crossing.h.
 *
 * Kernels keep ESP of a thread that they leave: in its control block, mostly.  A kernel that only moves to another
 * stack, or enters ring 3 for the first time, or gives a process another program, does not; that is the difference.
 */
#include "watch/thread_switch.h"

#include <string.h>

#include "watch/saved.h"

enum {
    ROUTINE_BYTES = 512, /* so much may a routine have pushed when it keeps ESP */
    FRAME_MOST = 128,    /* and so much take off the stack behind the loading of ESP; more might be any address */
    ARGUMENT_BYTES = 64, /* a routine beside it, with other arguments, may keep it for it */
    STALE_BYTES = 1024,  /* below ESP, words stand that nobody needs any more */
    SIGNAL_BYTES = 1024, /* so near below ESP of ring 3 a kernel puts the frame of a signal */
    FRAME_BYTES = 20,    /* EIP, CS, EFLAGS, ESP, SS */
    POPPED = 64,         /* so much may have been taken off the stack behind the loading of ESP */
    VAIN_MOST = 8        /* a return that was no switch so often is none: to look costs milliseconds */
};

static bool from_ring_3(const struct ws__frame *frame)
{
    return frame->delivery && frame->resume.cs & WS_SELECTOR_RPL;
}

/* The nearest routine that a vector entered; NULL: none. */
static const struct ws__frame *delivery_nearest(const struct ws__calls *calls, bool ring_3)
{
    for (size_t index = calls->count; index-- > 0;)
        if (calls->frame[index].delivery && (!ring_3 || from_ring_3(&calls->frame[index])))
            return &calls->frame[index];
    return NULL;
}

const struct ws__frame *ws__routine_of(const struct ws__calls *calls, const struct ws_event *event)
{
    const struct ws__frame *innermost = calls->count ? &calls->frame[calls->count - 1] : NULL;
    if (event->kind != WS_EVENT_RETURN)
        return innermost;
    const struct ws__frame *delivery = delivery_nearest(calls, event->which != 0);
    return delivery || event->which ? delivery : innermost;
}

unsigned ws__places_left(const struct ws__calls *calls, const struct ws_physical *memory, struct ws__place *place)
{
    unsigned places = 0;
    for (size_t index = calls->count; index-- > 0 && places < WS__PLACES;) {
        place[places] = ws__place_left(&calls->frame[index], memory);
        places += place[places].kind != WS__PLACE_NONE;
        if (calls->frame[index].delivery)
            break;
    }
    return places;
}

/* -- is it kept? --------------------------------------------------------------------------------------- */

/* The memory from `below` bytes below a stack address to `above` bytes above it. */
static struct ws__saved_except around(const struct ws__frame *frame, const struct ws_physical *memory, uint32_t below,
                                      uint32_t above)
{
    struct ws_translation walk;
    if (!ws_page_walk(&walk, memory, &frame->registers, frame->stack_linear, WS_ACCESS_READ, false))
        return (struct ws__saved_except){.bytes = 0};
    below = below < walk.phys ? below : walk.phys;
    return (struct ws__saved_except){.phys = walk.phys - below, .bytes = below + above};
}

/* Is there such a stack pointer near the address that a register holds, as in the control block of a thread?  It may
 * stand in front of the stack that it points to, or behind it, but not in it: from there up to `top`, all is in use. */
static bool is_pointed_to(const struct ws__sight *sight, uint32_t linear, uint32_t low, uint32_t high, uint32_t top)
{
    enum { NEAR = 64 };
    struct ws_translation walk;
    if (!ws_page_walk(&walk, &sight->memory, &sight->registers, linear, WS_ACCESS_READ, false))
        return false;
    uint32_t offset = linear % WS_PAGE_BYTES, word; /* what is in another page, nobody knows */
    uint32_t first = offset < NEAR ? offset % sizeof word : offset - NEAR;
    for (uint32_t at = first; at <= offset + NEAR && at + sizeof word <= WS_PAGE_BYTES; at += sizeof word) {
        uint32_t phys = walk.phys - offset + at, where = linear - offset + at - sight->stack_base;
        if (phys > sight->memory.bytes - sizeof word)
            break;
        memcpy(&word, sight->memory.ram + phys, sizeof word);
        if (word - low <= high - low && (where < word || where >= top))
            return true;
    }
    return false;
}

/* Is there one in memory, but for this stack, or where a routine that switches has just had it? */
static bool is_kept_from(const struct ws__sight *sight, uint32_t low, uint32_t high, uint32_t top,
                         const struct ws__saved_except *stack)
{
    static const uint8_t pointer[] = {WS_EAX, WS_ECX, WS_EDX, WS_EBX, WS_ESI, WS_EDI};
    for (size_t i = 0; i < sizeof pointer; i++)
        if (is_pointed_to(sight, sight->registers.value[pointer[i]], low, high, top))
            return true;
    return ws__saved_word(&sight->memory, low, high, stack);
}

/* The stack pointer that is kept of a thread lies below the return addresses of that thread.  So of what is kept, from
 * `low` to a word at `esp`, only what lies above all return addresses that others have there can be its own. */
static uint32_t own_from(const struct ws__threads *threads, const struct ws__place *left, uint64_t phys, uint32_t esp,
                         uint32_t low)
{
    for (unsigned i = 0; i <= WS__THREADS; i++) {
        const struct ws__thread *thread = &threads->thread[i];
        const struct ws__place *place = i == WS__THREADS ? left : thread->places ? &thread->place[0] : NULL;
        if (place && place->kind == WS__PLACE_STACK && place->where < phys && phys - place->where <= esp - low)
            low = esp - (uint32_t)(phys - place->where) + 1;
    }
    return low;
}

/* Is there a stack pointer of the routines that are left?  In their own stack it would not count: what is below ESP is
 * overwritten, and what is above are addresses of variables. */
static bool left_is_kept(const struct ws__calls *calls, const struct ws__threads *threads,
                         const struct ws__sight *sight)
{
    const struct ws__frame *inner = &calls->frame[calls->count - 1], *delivery = delivery_nearest(calls, false);
    struct ws__place place = ws__place_left(inner, &sight->memory);
    uint32_t low = own_from(threads, &place, place.where, inner->esp, inner->esp - ROUTINE_BYTES);
    uint32_t high = inner->esp + ARGUMENT_BYTES;
    if (delivery && delivery->esp - high < ROUTINE_BYTES)
        high = delivery->esp + ARGUMENT_BYTES;
    struct ws__saved_except stack =
        around(inner, &sight->memory, ROUTINE_BYTES + STALE_BYTES, high - inner->esp + ARGUMENT_BYTES);
    return is_kept_from(sight, low, high, high, &stack);
}

/* Has the entered stack pointer come out of memory? */
static bool entered_is_kept(const struct ws__calls *calls, const struct ws__threads *threads,
                            const struct ws_event *event, const struct ws__sight *sight)
{
    struct ws__place left = ws__place_left(&calls->frame[calls->count - 1], &sight->memory);
    struct ws__place place = ws__place_entered(event, sight);
    uint32_t esp = event->kind == WS_EVENT_RETURN ? event->esp_before : event->before, phys = (uint32_t)place.where;
    uint32_t below = phys < ROUTINE_BYTES + STALE_BYTES ? phys : ROUTINE_BYTES + STALE_BYTES;
    struct ws__saved_except stack = {.phys = phys - below, .bytes = below + ARGUMENT_BYTES};
    uint32_t low = own_from(threads, &left, phys, esp, esp - FRAME_MOST);
    return place.kind == WS__PLACE_STACK && is_kept_from(sight, low, esp, esp, &stack);
}

/* -- ring 3 -------------------------------------------------------------------------------------------- */

/* Does the iret take its frame from the stack on which the vector has put its own, and no higher? */
static bool same_kernel_stack(const struct ws__frame *frame, const struct ws_event *event,
                              const struct ws__sight *sight)
{
    uint32_t taken = frame->stack_linear - frame->esp + event->esp_before;
    return frame->stack_linear - taken < WS_PAGE_BYTES &&
           ws__stack_is_same(&sight->memory, &frame->registers, &sight->registers, taken);
}

/* Is what was interrupted kept, to go on later?  The frame on the kernel stack does not count if the iret came from
 * there: it is used up. */
static bool user_is_kept(const struct ws__frame *frame, const struct ws_event *event, const struct ws__sight *sight)
{
    bool used = same_kernel_stack(frame, event, sight);
    struct ws__saved_except stack = around(frame, &sight->memory, WS_PAGE_BYTES, used ? FRAME_BYTES : 0);
    return ws__saved_pair(&sight->memory, frame->resume.linear, frame->resume.esp, &stack);
}

static bool is_known(const struct ws__threads *threads, const struct ws_event *event, const struct ws__sight *sight)
{
    struct ws__place entered = ws__place_entered(event, sight);
    return ws__threads_find(threads, &entered) != WS__NO_THREAD;
}

bool ws__is_exec(const struct ws__calls *calls, const struct ws__threads *threads, const struct ws_event *event,
                 const struct ws__sight *sight)
{
    const struct ws__frame *frame =
        event->kind == WS_EVENT_RETURN && event->which ? ws__routine_of(calls, event) : NULL;
    return frame && same_kernel_stack(frame, event, sight) && !is_known(threads, event, sight) &&
           !user_is_kept(frame, event, sight);
}

/* -- the rule ------------------------------------------------------------------------------------------ */

/* A return from where a call or a push of the same routine has put it: "push; ret" jumps.  Where stacks are tiny,
 * another one may be as near; then ESP was loaded. */
static bool is_jump(const struct ws__calls *calls, const struct ws_event *event, const struct ws__sight *sight)
{
    const struct ws__frame *inner = &calls->frame[calls->count - 1];
    uint32_t stack_linear = sight->stack_base + event->before;
    bool changes_ring = (sight->registers.value[WS_CS] & WS_SELECTOR_RPL) != event->cpl;
    return event->kind == WS_EVENT_RET && (changes_ring || (inner->stack_linear - stack_linear < WS__STACK_JUMP &&
                                                            !ws__stack_is_loaded(calls, event, sight)));
}

/* Nobody knows the entered place.  Is what is left, or what is entered, kept? */
static bool is_kept(const struct ws__calls *calls, const struct ws__threads *threads, const struct ws__frame *frame,
                    const struct ws_event *event, const struct ws__sight *sight)
{
    if (event->kind == WS_EVENT_RETURN && event->which)
        return frame->resume.esp - event->esp - 1 >= SIGNAL_BYTES && user_is_kept(frame, event, sight);
    if (sight->linear == frame->resume.linear && !frame->delivery)
        return false; /* the same thread on another stack; but threads may well be interrupted in the same loop */
    const struct ws__thread *running = threads->is_known ? &threads->thread[threads->running] : NULL;
    if (running && running->left) /* what is kept of it may be from the last time */
        return entered_is_kept(calls, threads, event, sight);
    return left_is_kept(calls, threads, sight) || (running && entered_is_kept(calls, threads, event, sight));
}

bool ws__is_thread_switch(const struct ws__calls *calls, struct ws__threads *threads, const struct ws_event *event,
                          const struct ws__sight *sight)
{
    const struct ws__frame *frame = ws__routine_of(calls, event);
    struct ws__vain *vain = &threads->vain[(event->linear ^ event->linear >> 4) % WS__VAIN_ROWS];
    if (!frame || frame->registers.value[WS_CR3] != sight->registers.value[WS_CR3] || is_jump(calls, event, sight))
        return false;
    if (is_known(threads, event, sight))
        return true;
    if (vain->linear != event->linear)
        *vain = (struct ws__vain){.linear = event->linear};
    if (vain->times == VAIN_MOST)
        return false;
    bool kept = is_kept(calls, threads, frame, event, sight);
    vain->times = kept ? 0 : vain->times + 1;
    return kept;
}

/* -- jumps --------------------------------------------------------------------------------------------- */

/* Has ESP come out of memory, perhaps with some registers in front of it? */
static bool stack_was_kept(const struct ws__place *entered, const struct ws__sight *sight)
{
    uint32_t esp = sight->registers.value[WS_ESP], phys = (uint32_t)entered->where;
    uint32_t below = phys < STALE_BYTES ? phys : STALE_BYTES;
    struct ws__saved_except stack = {.phys = phys - below, .bytes = below};
    return is_kept_from(sight, esp - POPPED, esp, esp, &stack);
}

/* The physical address of a word in the stack of who entered this routine; false: none is known. */
static bool frame_phys(const struct ws__frame *frame, const struct ws__sight *sight, uint32_t esp, uint64_t *phys)
{
    struct ws_translation walk;
    uint32_t linear = frame->stack_linear - frame->esp + esp;
    bool mapped = ws_page_walk(&walk, &sight->memory, &frame->registers, linear, WS_ACCESS_READ, false);
    *phys = walk.phys;
    return mapped;
}

/* longjmp() out of nested calls and handlers goes on in a stack of the same thread: above what they have there, but not
 * above all that is known of it. */
static bool is_same_stack(const struct ws__calls *calls, const struct ws__threads *threads,
                          const struct ws__place *entered, const struct ws__sight *sight)
{
    bool above = false, below = ws__threads_run_at(threads, entered);
    for (size_t index = 0; index < calls->count; index++) {
        const struct ws__frame *frame = &calls->frame[index];
        uint64_t place, before;
        if (frame_phys(frame, sight, frame->esp, &place)) {
            below |= place - entered->where < WS__STACK_NEAR;
            above |= entered->where - place - 1 < WS__STACK_NEAR;
        }
        /* The vector may have changed stacks. */
        if (frame->delivery && frame_phys(frame, sight, frame->resume.esp, &before))
            above |= entered->where - before < WS__STACK_NEAR;
    }
    return above && below;
}

/* The context that is left was kept by the caller of the routine that jumps.  If that were the same word which the jump
 * has loaded, the same thread would go on. */
static bool caller_is_kept(const struct ws__calls *calls, const struct ws__sight *sight)
{
    const struct ws__frame *inner = &calls->frame[calls->count - 1], *outer = inner - (calls->count > 1);
    uint32_t most = outer->esp - inner->esp < WS__STACK_NEAR ? outer->esp - inner->esp : 0;
    most = most > ARGUMENT_BYTES ? most : ARGUMENT_BYTES;
    uint32_t low = inner->esp - ROUTINE_BYTES, high = inner->esp + most, esp = sight->registers.value[WS_ESP];
    struct ws__saved_except stack = around(inner, &sight->memory, ROUTINE_BYTES + STALE_BYTES, most + ARGUMENT_BYTES);
    if (high - esp > high - low + POPPED)
        return is_kept_from(sight, low, high, high, &stack);
    return (high > esp && is_kept_from(sight, esp + 1, high, high, &stack)) ||
           (esp - POPPED > low && is_kept_from(sight, low, esp - POPPED - 1, high, &stack));
}

bool ws__is_thread_jump(const struct ws__calls *calls, const struct ws__threads *threads, const struct ws_event *event,
                        const struct ws__sight *sight)
{
    bool changes_ring = (sight->registers.value[WS_CS] & WS_SELECTOR_RPL) != event->cpl;
    if (!calls->count || changes_ring || !ws__stack_is_loaded(calls, event, sight))
        return false;
    struct ws__place entered = ws__place_entered(event, sight);
    if (entered.kind == WS__PLACE_NONE || is_same_stack(calls, threads, &entered, sight))
        return false;
    if (ws__threads_find(threads, &entered) != WS__NO_THREAD)
        return true;
    return stack_was_kept(&entered, sight) && caller_is_kept(calls, sight);
}
