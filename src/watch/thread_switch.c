/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thread or no thread?  The rule, with its reasons, is in crossing.h.
 *
 * Kernels keep ESP of a thread that they leave: in its control block, mostly.  A kernel that only moves to another
 * stack, or enters ring 3 for the first time, or gives a process another program, does not; that is the difference.
 */
#include "watch/thread_switch.h"

#include "watch/saved.h"

enum {
    ROUTINE_BYTES = 512, /* so much may a routine have pushed when it keeps ESP */
    ARGUMENT_BYTES = 64, /* a routine beside it, with other arguments, may keep it for it */
    STALE_BYTES = 1024,  /* below ESP, words stand that nobody needs any more */
    SIGNAL_BYTES = 1024, /* so near below ESP of ring 3 a kernel puts the frame of a signal */
    FRAME_BYTES = 20,    /* EIP, CS, EFLAGS, ESP, SS */
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

/* Is there a stack pointer of the routines that are left?  In their own stack it would not count: what is below ESP is
 * overwritten, and what is above are addresses of variables. */
static bool left_is_kept(const struct ws__calls *calls, const struct ws__sight *sight)
{
    const struct ws__frame *inner = &calls->frame[calls->count - 1], *delivery = delivery_nearest(calls, false);
    uint32_t low = inner->esp - ROUTINE_BYTES, high = inner->esp + ARGUMENT_BYTES;
    if (delivery && delivery->esp - high < ROUTINE_BYTES)
        high = delivery->esp + ARGUMENT_BYTES;
    struct ws__saved_except stack =
        around(inner, &sight->memory, ROUTINE_BYTES + STALE_BYTES, high - inner->esp + ARGUMENT_BYTES);
    return ws__saved_word(&sight->memory, low, high, &stack);
}

/* Has the entered stack pointer come out of memory? */
static bool entered_is_kept(const struct ws_event *event, const struct ws__sight *sight)
{
    struct ws__place place = ws__place_entered(event, sight);
    uint32_t esp = event->kind == WS_EVENT_RETURN ? event->esp_before : event->before, phys = (uint32_t)place.where;
    uint32_t below = phys < ROUTINE_BYTES + STALE_BYTES ? phys : ROUTINE_BYTES + STALE_BYTES;
    struct ws__saved_except stack = {.phys = phys - below, .bytes = below + ARGUMENT_BYTES};
    return place.kind == WS__PLACE_STACK && ws__saved_word(&sight->memory, esp - ROUTINE_BYTES, esp, &stack);
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

/* A return from where a call or a push of the same routine has put it: "push; ret" jumps. */
static bool is_jump(const struct ws__frame *inner, const struct ws_event *event, const struct ws__sight *sight)
{
    uint32_t stack_linear = sight->stack_base + event->before;
    bool changes_ring = (sight->registers.value[WS_CS] & WS_SELECTOR_RPL) != event->cpl;
    return event->kind == WS_EVENT_RET && (changes_ring || inner->stack_linear - stack_linear < WS__STACK_JUMP);
}

/* Nobody knows the entered place.  Is what is left, or what is entered, kept? */
static bool is_kept(const struct ws__calls *calls, const struct ws__threads *threads, const struct ws__frame *frame,
                    const struct ws_event *event, const struct ws__sight *sight)
{
    if (event->kind == WS_EVENT_RETURN && event->which)
        return frame->resume.esp - event->esp - 1 >= SIGNAL_BYTES && user_is_kept(frame, event, sight);
    if (sight->linear == frame->resume.linear && !frame->delivery)
        return false; /* the same thread on another stack; but threads may well be interrupted in the same loop */
    bool of_threads = threads->is_known && threads->thread[threads->running].entered;
    return left_is_kept(calls, sight) || (of_threads && entered_is_kept(event, sight));
}

bool ws__is_thread_switch(const struct ws__calls *calls, struct ws__threads *threads, const struct ws_event *event,
                          const struct ws__sight *sight)
{
    const struct ws__frame *frame = ws__routine_of(calls, event);
    struct ws__vain *vain = &threads->vain[(event->linear ^ event->linear >> 4) % WS__VAIN_ROWS];
    if (!frame || frame->registers.value[WS_CR3] != sight->registers.value[WS_CR3] ||
        is_jump(&calls->frame[calls->count - 1], event, sight))
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
