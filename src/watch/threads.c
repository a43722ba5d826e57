/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of threads.  It has no end of its own: what was left longest ago makes room.
 */
#include "watch/threads.h"

#include <string.h>

/* -- places -------------------------------------------------------------------------------------------- */

static struct ws__place stack_place(const struct ws_physical *memory, const struct ws_registers *registers,
                                    uint32_t stack_linear, uint32_t linear)
{
    struct ws_translation walk;
    if (!ws_page_walk(&walk, memory, registers, stack_linear, WS_ACCESS_READ, false))
        return (struct ws__place){.kind = WS__PLACE_NONE};
    return (struct ws__place){.kind = WS__PLACE_STACK, .where = walk.phys, .linear = linear};
}

static struct ws__place user_place(uint32_t cr3, uint32_t esp, uint32_t linear)
{
    return (struct ws__place){.kind = WS__PLACE_USER, .where = (uint64_t)cr3 << 32 | esp, .linear = linear};
}

/* iret in one ring takes EIP, CS and EFLAGS: SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures" */
enum { FRAME_BYTES = 12, ADDRESS_BYTES = 4 };

struct ws__place ws__place_entered(const struct ws_event *event, const struct ws__sight *sight)
{
    uint32_t base = sight->stack_base;
    if (!event) {
        struct ws__place place =
            stack_place(&sight->memory, &sight->registers, base + sight->registers.value[WS_ESP], 0);
        place.kind = place.kind == WS__PLACE_STACK ? WS__PLACE_NEAR : WS__PLACE_NONE;
        return place;
    }
    if (event->kind == WS_EVENT_JUMP) {
        struct ws__place place = stack_place(&sight->memory, &sight->registers, base + event->esp, sight->linear);
        place.kind = place.kind == WS__PLACE_STACK ? WS__PLACE_JUMP : WS__PLACE_NONE;
        return place;
    }
    if (event->kind == WS_EVENT_RETURN && event->which)
        return user_place(sight->registers.value[WS_CR3], event->esp, sight->linear);
    if (event->kind != WS_EVENT_RETURN)
        return stack_place(&sight->memory, &sight->registers, base + event->before, sight->linear);
    struct ws__place place =
        stack_place(&sight->memory, &sight->registers, base + event->esp - FRAME_BYTES, sight->linear);
    place.moved = stack_place(&sight->memory, &sight->registers, base + event->esp - ADDRESS_BYTES, 0).where;
    return place;
}

struct ws__place ws__place_task(const struct ws_registers *registers, uint16_t selector)
{
    uint64_t where = (uint64_t)registers->value[WS_GDTR_BASE] << 16 | (selector & WS_SELECTOR_INDEX);
    return (struct ws__place){.kind = WS__PLACE_TASK, .where = where};
}

struct ws__place ws__place_left(const struct ws__frame *frame, const struct ws_physical *memory)
{
    uint32_t base = frame->stack_linear - frame->esp;
    if (!frame->delivery)
        return stack_place(memory, &frame->registers, frame->stack_linear, frame->resume.linear);
    if (frame->resume.cs & WS_SELECTOR_RPL)
        return user_place(frame->registers.value[WS_CR3], frame->resume.esp, frame->resume.linear);
    return stack_place(memory, &frame->registers, base + frame->resume.esp - FRAME_BYTES, frame->resume.linear);
}

/* Some kernels leave a thread always as if an interrupt had come: the switch routine, which was called, puts EFLAGS
 * where its return address was, and CS and that address below it, for an iret. */
static bool place_was_moved(const struct ws__place *left, const struct ws__place *entered)
{
    return entered->moved && left->kind == WS__PLACE_STACK && left->where == entered->moved;
}

static bool place_is(const struct ws__place *one, const struct ws__place *other)
{
    return one->kind == other->kind && one->where == other->where;
}

bool ws__thread_is_alive(const struct ws__thread *thread, const struct ws_physical *memory)
{
    const struct ws__place *place = &thread->place[0];
    uint32_t word;
    if (thread->ended)
        return false;
    if (!thread->places || place->kind != WS__PLACE_STACK || place->where + sizeof word > memory->bytes)
        return true;
    memcpy(&word, memory->ram + place->where, sizeof word);
    return word == place->linear;
}

/* -- the table ----------------------------------------------------------------------------------------- */

/* How many rows were ever used: threads take them in order, and a row is never free again. */
static unsigned rows_of(const struct ws__threads *threads)
{
    return threads->numbers < WS__THREADS ? threads->numbers : WS__THREADS;
}

static unsigned thread_near(const struct ws__threads *threads, uint64_t phys)
{
    uint64_t least = WS__STACK_JUMP * 4;
    unsigned row = WS__NO_THREAD, rows = rows_of(threads);
    for (unsigned i = 0; i < rows; i++) {
        const struct ws__place *place = &threads->thread[i].place[0];
        uint64_t distance = place->where < phys ? phys - place->where : place->where - phys;
        if (threads->thread[i].places && place->kind == WS__PLACE_STACK && distance < least) {
            least = distance;
            row = i;
        }
    }
    return row;
}

/* Who was left below that stack pointer, by a routine that then jumped, and not above its own stack?  The return
 * address of the routine lies below it, if the stack pointer was kept for the caller; or a little above, behind what
 * the routine itself had pushed. */
static unsigned thread_around(const struct ws__threads *threads, uint64_t phys)
{
    enum { PUSHED = 64, ABOVE = 64 };
    uint64_t least = UINT64_MAX;
    unsigned row = WS__NO_THREAD, rows = rows_of(threads);
    for (unsigned i = 0; i < rows; i++) {
        const struct ws__thread *thread = &threads->thread[i];
        if (!thread->places || thread->place[0].kind != WS__PLACE_STACK)
            continue;
        uint64_t low = thread->place[0].where, high = thread->place[thread->places - 1].where + ABOVE;
        high = thread->top > high ? thread->top : high;
        uint64_t distance = phys < low ? low - phys : phys - low;
        if (phys + PUSHED >= low && phys <= high && distance < least) {
            least = distance;
            row = i;
        }
    }
    return row;
}

bool ws__threads_run_at(const struct ws__threads *threads, const struct ws__place *place)
{
    return threads->is_known && place->where <= threads->thread[threads->running].top;
}

unsigned ws__threads_find(const struct ws__threads *threads, const struct ws__place *place)
{
    if (place->kind == WS__PLACE_NEAR)
        return thread_near(threads, place->where);
    if (place->kind == WS__PLACE_JUMP)
        return thread_around(threads, place->where);
    unsigned rows = rows_of(threads);
    for (unsigned i = 0; i < rows && place->kind != WS__PLACE_NONE; i++) {
        const struct ws__thread *thread = &threads->thread[i];
        for (unsigned at = 0; at < thread->places; at++)
            if ((place_is(&thread->place[at], place) || place_was_moved(&thread->place[at], place)) &&
                thread->place[at].linear == place->linear)
                return i;
    }
    return WS__NO_THREAD;
}

/* A row for one more: a free one, or that of who was left longest ago. */
static unsigned thread_add(struct ws__threads *threads)
{
    unsigned row = WS__NO_THREAD;
    for (unsigned i = 0; i < WS__THREADS; i++) {
        const struct ws__thread *thread = &threads->thread[i];
        if (threads->is_known && i == threads->running)
            continue;
        if (row == WS__NO_THREAD || !thread->number || thread->left < threads->thread[row].left)
            row = i;
        if (!thread->number)
            break;
    }
    threads->thread[row] = (struct ws__thread){.number = ++threads->numbers};
    return row;
}

/* Nobody else can go on where this word is now another's. */
static void place_take(struct ws__threads *threads, const struct ws__place *taken)
{
    unsigned rows = rows_of(threads);
    for (unsigned i = 0; i < rows; i++) {
        struct ws__thread *thread = &threads->thread[i];
        for (unsigned at = 0; at < thread->places; at++) {
            if (!place_is(&thread->place[at], taken))
                continue;
            memmove(&thread->place[at], &thread->place[at + 1], (--thread->places - at) * sizeof thread->place[0]);
            at--;
        }
    }
}

/* Is it an address in a stack, as a return or a jump has found it? */
static bool is_in_stack(const struct ws__place *place)
{
    return place->kind == WS__PLACE_STACK || place->kind == WS__PLACE_JUMP;
}

/* A thread that begins where another one has begun has got its stack: kernels prepare all new stacks alike. */
static void stack_inherit(struct ws__threads *threads, const struct ws__place *entered)
{
    unsigned rows = rows_of(threads);
    for (unsigned i = 0; i < rows && is_in_stack(entered); i++) {
        struct ws__thread *thread = &threads->thread[i];
        if (!place_is(&thread->first, entered))
            continue;
        thread->ended = true;
        thread->places = 0;
    }
}

/* A handler may have run on another stack: a place that is far away says nothing. */
static void top_note(struct ws__thread *thread, const struct ws__place *place)
{
    if (is_in_stack(place) && place->where > thread->top &&
        (!thread->top || place->where - thread->top < WS__STACK_NEAR))
        thread->top = place->where;
}

void ws__threads_switch(struct ws__threads *threads, uint64_t mark, const struct ws__place *left, unsigned places,
                        const struct ws__place *entered, struct ws__thread **from, struct ws__thread **to)
{
    if (!threads->is_known)
        threads->running = thread_add(threads);
    threads->is_known = true; /* or who is left might make room for who is entered */
    struct ws__thread *leaving = &threads->thread[threads->running];
    unsigned row = ws__threads_find(threads, entered);
    for (unsigned i = 0; i < places; i++) {
        place_take(threads, &left[i]);
        top_note(leaving, &left[i]);
    }
    memcpy(leaving->place, left, places * sizeof *left);
    leaving->places = places;
    leaving->left = mark;
    if (row == WS__NO_THREAD) {
        stack_inherit(threads, entered);
        row = thread_add(threads);
        threads->thread[row].first = *entered;
    }
    *from = leaving;
    *to = &threads->thread[row];
    (*to)->entered = true;
    top_note(*to, entered);
    (*to)->places = 0;
    threads->running = row;
}
