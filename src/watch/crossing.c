/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watcher: it stands between a machine's events and the recognizer, and gives crossings what only a machine can
 * tell: names, and how the two address spaces differ.
 */
#include <worldswitch/crossing.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/linux_tasks.h"
#include "watch/names.h"
#include "watch/recognizer.h"
#include "watch/task.h"
#include "watch/watcher.h"
#include "x86/page_difference.h"

struct listener {
    ws_crossing_listener *call;
    void *context;
};

struct ws_watcher {
    struct ws_machine *machine;
    struct ws__recognizer recognizer;
    struct ws__names names;
    struct ws__linux_tasks tasks;
    struct ws_registers last; /* those behind the event before */
    struct listener *listener;
    size_t listeners;
    bool held;
    uint32_t cross_linear; /* where the code of world switches is, as told; bytes 0: not told */
    uint32_t cross_bytes;
};

const char *ws_crossing_kind_name(enum ws_crossing_kind kind)
{
    static const char *const name[WS_CROSSING_KINDS] = {
#define WS_CROSSING_NAME_ROW(name, text, meaning) text,
        WS_CROSSING_TABLE(WS_CROSSING_NAME_ROW)
#undef WS_CROSSING_NAME_ROW
    };
    return name[kind];
}

void ws_crossing_who(const struct ws_crossing *crossing, bool entered, char out[WS_WHO_BYTES])
{
    const struct ws_task *task = entered ? &crossing->to_task : &crossing->from_task;
    snprintf(out, WS_WHO_BYTES, *task->name ? "%s (%s)" : "%s", entered ? crossing->to : crossing->from, task->name);
}

/* A name for which there was no memory makes all that is told of it wrong. */
static void names_check(struct ws_watcher *watcher)
{
    if (watcher->names.failed)
        ws_machine_fail(watcher->machine, WS_NO_MEMORY);
}

/* -- a finished crossing ------------------------------------------------------------------------------- */

/* Which parts of the address space differ.  SDM 3A §4.6 "Access Rights": a page is the user's or the supervisor's. */
static void address_spaces_compare(struct ws_machine *machine, struct ws_crossing *crossing)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws__page_difference difference = ws__page_difference_find(&memory, &crossing->before, &crossing->after);
    uint32_t changed = (uint32_t)difference.user << WS_CATEGORY_USER_SPACE | (uint32_t)difference.kernel
                                                                                 << WS_CATEGORY_KERNEL_SPACE;
    crossing->changed |= changed;
    crossing->kept &= ~changed;
}

/* Who is left and who is entered, as far as threads tell. */
static struct ws__sides sides_of(struct ws_watcher *watcher, const struct ws_crossing *crossing,
                                 const struct ws_physical *memory)
{
    const struct ws__recognizer *recognizer = &watcher->recognizer;
    return (struct ws__sides){
        .crossing = crossing,
        .from = recognizer->from,
        .to = recognizer->to,
        .threads = &recognizer->threads,
        .memory = memory,
        .mark = ws_machine_mark(watcher->machine),
    };
}

static void side_say(struct ws_watcher *watcher, char name[WS_NAME_BYTES], const struct ws_registers *registers,
                     const char *process)
{
    uint64_t now = ws_machine_mark(watcher->machine);
    snprintf(name, WS_NAME_BYTES, "%s", *process ? process : ws__names_world(&watcher->names, registers, now));
}

/* By the name that the guest tells, or by the number. */
static void thread_say(const struct ws_watcher *watcher, char name[WS_NAME_BYTES], const struct ws_registers *registers,
                       uint32_t number)
{
    if (!ws__names_thread(&watcher->names, watcher->machine, registers, name))
        snprintf(name, WS_NAME_BYTES, "thread-%u", number);
}

static void crossing_name(struct ws_watcher *watcher, struct ws_crossing *crossing)
{
    struct ws_physical memory = ws_machine_memory(watcher->machine);
    struct ws__sides sides = sides_of(watcher, crossing, &memory);
    const char *from = "", *to = "";
    if (crossing->kind == WS_CROSSING_THREAD) {
        thread_say(watcher, crossing->from, &crossing->before, crossing->from_thread);
        thread_say(watcher, crossing->to, &crossing->after, crossing->to_thread);
        ws__names_stay(&watcher->names, &sides);
        return;
    }
    if (crossing->kind == WS_CROSSING_CONTEXT)
        ws__names_processes(&watcher->names, &sides, &from, &to);
    side_say(watcher, crossing->from, &crossing->before, from);
    side_say(watcher, crossing->to, &crossing->after, to);
}

/* The thread that stands for the left side: between processes, not one without an address space of its own that has run
 * meanwhile. */
static const struct ws__thread *thread_left(const struct ws_watcher *watcher, const struct ws_crossing *crossing)
{
    const struct ws__threads *threads = &watcher->recognizer.threads;
    const struct ws__thread *left = watcher->recognizer.from, *own = NULL;
    if (crossing->kind != WS_CROSSING_CONTEXT || strcmp(left->process, crossing->from) == 0)
        return left;
    for (unsigned i = 0; i < WS__THREADS; i++) {
        const struct ws__thread *thread = &threads->thread[i];
        if (thread->number && strcmp(thread->process, crossing->from) == 0 && (!own || thread->left > own->left))
            own = thread;
    }
    return own;
}

static void task_say(const struct ws_watcher *watcher, struct ws_task *task, const struct ws_crossing *crossing,
                     const struct ws__thread *thread)
{
    task->linear = thread ? thread->task : 0;
    ws__linux_task_name(&watcher->tasks, watcher->machine, &crossing->after, task->linear, task->name);
}

static void tasks_say(struct ws_watcher *watcher, struct ws_crossing *crossing)
{
    struct ws__thread *from = watcher->recognizer.from, *to = watcher->recognizer.to;
    uint32_t left, entered;
    ws__linux_tasks_learn(&watcher->tasks, watcher->machine, crossing);
    left = ws__linux_task_left(&watcher->tasks, watcher->machine, crossing);
    entered = ws__linux_task_entered(&watcher->tasks, watcher->machine, crossing);
    if (left && from)
        from->task = left;
    if (entered && to)
        to->task = entered;
    task_say(watcher, &crossing->from_task, crossing, from ? thread_left(watcher, crossing) : NULL);
    task_say(watcher, &crossing->to_task, crossing, to);
}

/* Tables at other addresses make another world; but two worlds may have theirs at the same ones.  Where it was told
 * whose both page directories are, that decides. */
static void kind_decide(const struct ws_watcher *watcher, struct ws_crossing *crossing)
{
    const char *left = ws__names_given(&watcher->names, &crossing->before);
    const char *entered = ws__names_given(&watcher->names, &crossing->after);
    if (left && entered && crossing->kind != WS_CROSSING_THREAD)
        crossing->kind = strcmp(left, entered) ? WS_CROSSING_WORLD : WS_CROSSING_CONTEXT;
}

static void crossing_report(struct ws_watcher *watcher, struct ws_crossing *crossing)
{
    ws__names_table_read(&watcher->names, watcher->machine, &crossing->before);
    ws__names_table_read(&watcher->names, watcher->machine, &crossing->after);
    kind_decide(watcher, crossing);
    ws__names_settle(&watcher->names, &crossing->before, ws_machine_mark(watcher->machine));
    ws__names_enter(&watcher->names, &crossing->after, ws_machine_mark(watcher->machine), crossing->begin);
    crossing_name(watcher, crossing);
    if (watcher->tasks.wanted && crossing->kind != WS_CROSSING_WORLD)
        tasks_say(watcher, crossing);
    names_check(watcher);
    if (crossing->kind != WS_CROSSING_THREAD)
        address_spaces_compare(watcher->machine, crossing);
    for (size_t i = 0; i < watcher->listeners; i++)
        watcher->listener[i].call(watcher->listener[i].context, crossing);
}

/* -- events -------------------------------------------------------------------------------------------- */

/* The words at the top of the stack, zero where it cannot be read. */
static void stack_read(const struct ws_machine *machine, const struct ws__sight *sight, uint32_t linear, uint32_t *word,
                       size_t count)
{
    memset(word, 0, count * sizeof(*word));
    /* What cannot be read stays zero: such a frame matches no return, and no crossing is made of it. */
    (void)ws_machine_read_as(machine, &sight->registers, linear, word, count * sizeof(*word));
}

static void call_resume(const struct ws_machine *machine, const struct ws_event *event, struct ws__sight *sight)
{
    uint32_t word[2];
    stack_read(machine, sight, sight->stack_base + event->esp, word, 2);
    sight->resume = (struct ws_resume){
        .linear = event->linear + event->bytes,
        .esp = event->before,
        .eflags = sight->registers.value[WS_EFLAGS],
        .cs = (uint16_t)(event->far ? word[1] : sight->registers.value[WS_CS]),
    };
}

/* SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures": SS and ESP are pushed only if the ring changes. */
static void vector_resume(const struct ws_machine *machine, const struct ws_event *event, struct ws__sight *sight)
{
    uint32_t word[4], eip = sight->stack_base + event->esp + (event->has_error_code ? 4 : 0);
    stack_read(machine, sight, eip, word, 4);
    bool inner = (sight->registers.value[WS_CS] & WS_SELECTOR_RPL) < event->cpl;
    sight->resume = (struct ws_resume){
        .linear = word[0],
        .esp = inner ? word[3] : eip - sight->stack_base + 12,
        .eflags = word[2],
        .cs = (uint16_t)word[1],
    };
}

static void sight_take(struct ws_machine *machine, struct ws__sight *sight)
{
    struct ws_descriptor code, stack;
    ws_machine_registers(machine, &sight->registers);
    ws_machine_segment(machine, WS_CS, &code);
    ws_machine_segment(machine, WS_SS, &stack);
    sight->mark = ws_machine_mark(machine);
    sight->linear = code.base + sight->registers.value[WS_EIP];
    sight->stack_base = stack.base;
    sight->resume = (struct ws_resume){0};
    sight->memory = ws_machine_memory(machine);
}

/* Who is who after this event? Only some tell: a call changes no world. */
static void names_learn(struct ws_watcher *watcher, const struct ws_event *event, const struct ws__sight *sight)
{
    const struct ws__candidate *candidate = &watcher->recognizer.candidate;
    const uint32_t telling = WS_EVENT_MASK(CONTROL_REGISTER) | WS_EVENT_MASK(TABLE_LOAD) | WS_EVENT_MASK(TASK);
    if (!(telling & 1u << event->kind))
        return;
    if (!candidate->open)
        ws__names_settle(&watcher->names, &sight->registers, sight->mark);
    else if (event->kind == WS_EVENT_CONTROL_REGISTER && event->which == WS_CR3)
        ws__names_pass(&watcher->names, &sight->registers, &candidate->before, sight->mark);
    names_check(watcher);
}

/* The first instruction outside the switch code ends a switch, whatever led there; a return has done so before. */
static void cross_page_leave(struct ws_watcher *watcher, uint32_t linear, const struct ws__sight *sight)
{
    const struct ws__candidate *candidate = &watcher->recognizer.candidate;
    struct ws_crossing crossing;
    bool outside = candidate->open && candidate->cr3_linear - watcher->cross_linear < watcher->cross_bytes &&
                   linear - watcher->cross_linear >= watcher->cross_bytes;
    if (!outside || !ws__recognizer_leave(&watcher->recognizer, sight, &crossing))
        return;
    crossing_report(watcher, &crossing);
    ws__names_settle(&watcher->names, &sight->registers, sight->mark);
    names_check(watcher);
}

static void instruction_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_watcher *watcher = context;
    struct ws__sight sight;
    if (watcher->held || !watcher->recognizer.candidate.open)
        return;
    sight_take(machine, &sight);
    sight.mark = event->mark;
    cross_page_leave(watcher, event->linear, &sight);
}

/* A vector comes before that instruction has begun: the registers are those that the vector has pushed. */
static void interrupted_take(struct ws_watcher *watcher, const struct ws_event *event, const struct ws__sight *behind)
{
    struct ws__sight sight = *behind;
    sight.mark = event->mark;
    sight.registers.value[WS_EIP] = behind->resume.linear;
    sight.registers.value[WS_ESP] = behind->resume.esp;
    sight.registers.value[WS_EFLAGS] = behind->resume.eflags;
    sight.registers.value[WS_CS] = behind->resume.cs;
    cross_page_leave(watcher, event->linear, &sight);
}

/* CR3 was written, and what was open has turned out to be no switch: does the thread have another address space now? */
static void moved_take(struct ws_watcher *watcher, const struct ws__sight *sight)
{
    const struct ws__threads *threads = &watcher->recognizer.threads;
    const struct ws__candidate *candidate = &watcher->recognizer.candidate;
    uint32_t from = candidate->before.value[WS_CR3], to = sight->registers.value[WS_CR3];
    struct ws__sides sides = sides_of(watcher, NULL, &sight->memory);
    sides.from = threads->is_known ? &watcher->recognizer.threads.thread[threads->running] : NULL;
    if (from == to)
        return;
    if (sides.from)
        sides.from->loaded = to;
    ws__names_move(&watcher->names, &sides, from, to);
    names_check(watcher);
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws_watcher *watcher = context;
    struct ws_crossing crossing;
    struct ws_registers before;
    struct ws__sight sight;
    bool closed, was_open = watcher->recognizer.candidate.open;

    if (watcher->held)
        return;
    sight_take(machine, &sight);
    if (event->kind == WS_EVENT_TASK) {
        closed = ws__task_registers(machine, (uint16_t)event->before, &watcher->last, &before) &&
                 ws__recognizer_task(&watcher->recognizer, event, &sight, &before, &crossing);
    } else {
        if (event->kind == WS_EVENT_CALL)
            call_resume(machine, event, &sight);
        else if (event->kind == WS_EVENT_VECTOR)
            vector_resume(machine, event, &sight);
        if (event->kind == WS_EVENT_VECTOR && watcher->cross_bytes)
            interrupted_take(watcher, event, &sight);
        closed = ws__recognizer_feed(&watcher->recognizer, event, &sight, &crossing);
    }
    watcher->last = sight.registers;
    if (closed)
        crossing_report(watcher, &crossing);
    else if (was_open && !watcher->recognizer.candidate.open)
        moved_take(watcher, &sight);
    names_learn(watcher, event, &sight);
}

/* -- the public face ----------------------------------------------------------------------------------- */

enum ws_status ws_watcher_new(struct ws_watcher **out, struct ws_machine *machine)
{
    struct ws_watcher *watcher = calloc(1, sizeof(*watcher));
    if (!watcher)
        return WS_NO_MEMORY;
    watcher->machine = machine;
    ws_machine_registers(machine, &watcher->last);
    enum ws_status status =
        ws_machine_listen(machine, WS__RECOGNIZER_EVENTS | WS_EVENT_MASK(TASK), event_take, watcher);
    if (status != WS_OK) {
        free(watcher);
        return status;
    }
    *out = watcher;
    return WS_OK;
}

enum ws_status ws__watcher_branch(struct ws_watcher **out, const struct ws_watcher *watcher)
{
    struct ws_watcher *branch;
    enum ws_status status = ws_watcher_new(&branch, watcher->machine);
    if (status != WS_OK)
        return status;
    ws__names_copy(&branch->names, &watcher->names, ws_machine_mark(watcher->machine));
    branch->tasks = watcher->tasks;
    if (branch->names.failed)
        status = WS_NO_MEMORY;
    if (status == WS_OK && watcher->cross_bytes)
        status = ws_watcher_cross_page(branch, watcher->cross_linear, watcher->cross_bytes);
    if (status == WS_OK)
        *out = branch;
    else
        ws_watcher_free(branch);
    return status;
}

void ws_watcher_free(struct ws_watcher *watcher)
{
    if (!watcher)
        return;
    ws_machine_unlisten(watcher->machine, event_take, watcher);
    ws_machine_unlisten(watcher->machine, instruction_take, watcher);
    ws__names_release(&watcher->names);
    free(watcher->listener);
    free(watcher);
}

enum ws_status ws_watcher_listen(struct ws_watcher *watcher, ws_crossing_listener *listener, void *context)
{
    struct listener *grown = realloc(watcher->listener, (watcher->listeners + 1) * sizeof(*grown));
    if (!grown)
        return WS_NO_MEMORY;
    watcher->listener = grown;
    grown[watcher->listeners++] = (struct listener){listener, context};
    return WS_OK;
}

void ws_watcher_unlisten(struct ws_watcher *watcher, ws_crossing_listener *listener, void *context)
{
    for (size_t i = 0; i < watcher->listeners; i++) {
        struct listener *at = &watcher->listener[i];
        if (at->call != listener || at->context != context)
            continue;
        memmove(at, at + 1, (watcher->listeners - i - 1) * sizeof(*at));
        watcher->listeners--;
        return;
    }
}

enum ws_status ws_watcher_name(struct ws_watcher *watcher, uint32_t cr3, const char *world, const char *process)
{
    return ws__names_give(&watcher->names, cr3, world, process);
}

/* NULL: those that the machine has now.  If their page directory has no name yet, the guest's table may tell one. */
static const struct ws_registers *registers_named(struct ws_watcher *watcher, const struct ws_registers *registers,
                                                  struct ws_registers *now)
{
    if (!registers) {
        ws_machine_registers(watcher->machine, now);
        registers = now;
    }
    if (!ws__names_given(&watcher->names, registers))
        ws__names_table_read(&watcher->names, watcher->machine, registers);
    return registers;
}

const char *ws_watcher_world(struct ws_watcher *watcher, const struct ws_registers *registers)
{
    struct ws_registers now;
    registers = registers_named(watcher, registers, &now);
    const char *name = ws__names_world(&watcher->names, registers, ws_machine_mark(watcher->machine));
    names_check(watcher);
    return name;
}

const char *ws_watcher_process(struct ws_watcher *watcher, const struct ws_registers *registers)
{
    struct ws_registers now;
    registers = registers_named(watcher, registers, &now);
    const char *name = ws__names_process(&watcher->names, registers, ws_machine_mark(watcher->machine));
    names_check(watcher);
    return name;
}

void ws_watcher_name_table(struct ws_watcher *watcher, uint32_t linear)
{
    watcher->names.table = linear;
    watcher->names.table_phys = 0;
}

void ws_watcher_linux(struct ws_watcher *watcher)
{
    watcher->tasks.wanted = true;
}

bool ws_watcher_task_name(const struct ws_watcher *watcher, uint32_t linear, char name[WS_TASK_NAME_BYTES])
{
    struct ws_registers now;
    ws_machine_registers(watcher->machine, &now);
    return ws__linux_task_name(&watcher->tasks, watcher->machine, &now, linear, name);
}

enum ws_status ws_watcher_cross_page(struct ws_watcher *watcher, uint32_t linear, uint32_t bytes)
{
    ws_machine_unlisten(watcher->machine, instruction_take, watcher);
    watcher->cross_linear = linear;
    watcher->cross_bytes = bytes;
    return ws_machine_listen(watcher->machine, WS_EVENT_MASK(INSTRUCTION), instruction_take, watcher);
}

bool ws_watcher_open(const struct ws_watcher *watcher, struct ws_crossing_open *out)
{
    const struct ws__candidate *candidate = &watcher->recognizer.candidate;
    const struct ws__calls *calls = &watcher->recognizer.calls;
    if (candidate->open && out)
        *out = (struct ws_crossing_open){
            .begin = calls->count ? calls->frame[calls->count - 1].begin : candidate->begin,
            .cr3_mark = candidate->cr3_mark,
            .cr3_linear = candidate->cr3_linear,
            .tables = candidate->tables,
        };
    return candidate->open;
}

void ws_watcher_look(struct ws_watcher *watcher)
{
    struct ws__sight sight;
    sight_take(watcher->machine, &sight);
    if (watcher->cross_bytes)
        cross_page_leave(watcher, sight.linear, &sight);
}

void ws_watcher_settle(struct ws_watcher *watcher)
{
    struct ws_crossing crossing;
    struct ws__sight sight;
    ws_watcher_look(watcher);
    sight_take(watcher->machine, &sight);
    if (ws__recognizer_settle(&watcher->recognizer, &sight, sight.registers.value[WS_ESP], &crossing))
        crossing_report(watcher, &crossing);
}

void ws_watcher_reset(struct ws_watcher *watcher)
{
    ws__recognizer_clear(&watcher->recognizer);
    /* Threads are known by memory, and that was put back. */
    watcher->recognizer.threads = (struct ws__threads){.is_known = false};
}

void ws__watcher_hold(struct ws_watcher *watcher, bool held)
{
    watcher->held = held;
}

uint32_t ws__watcher_thread(const struct ws_watcher *watcher)
{
    const struct ws__threads *threads = &watcher->recognizer.threads;
    return threads->is_known ? threads->thread[threads->running].number : threads->numbers + 1;
}

bool ws__watcher_thread_has_ended(const struct ws_watcher *watcher, uint32_t number)
{
    for (unsigned i = 0; i < WS__THREADS; i++) {
        const struct ws__thread *thread = &watcher->recognizer.threads.thread[i];
        if (number && thread->number == number)
            return thread->ended;
    }
    return false;
}

bool ws__watcher_stack_is_nobodys(const struct ws_watcher *watcher, uint32_t esp)
{
    struct ws__sight sight;
    if (!watcher->recognizer.candidate.open)
        return false;
    sight_take(watcher->machine, &sight);
    return ws__recognizer_stack_is_nobodys(&watcher->recognizer, &sight, esp);
}

bool ws__watcher_held(const struct ws_watcher *watcher)
{
    return watcher->held;
}

bool ws__watcher_named(const struct ws_watcher *watcher, uint32_t cr3)
{
    struct ws_registers of = {.value = {[WS_CR3] = cr3}};
    return ws__names_given(&watcher->names, &of) != NULL;
}

bool ws__watcher_lost(const struct ws_watcher *watcher, const struct ws_registers *registers, uint32_t cr3)
{
    return ws__names_gone(&watcher->names, watcher->machine, registers, cr3);
}

bool ws__watcher_gone(const struct ws_watcher *watcher, const struct ws_crossing *crossing, uint32_t cr3)
{
    return ws__watcher_lost(watcher, &crossing->after, cr3) || ws__watcher_lost(watcher, &crossing->before, cr3);
}

bool ws__watcher_knows(const struct ws_watcher *watcher, const char *world, struct ws_buffer *all)
{
    return ws__names_know(&watcher->names, world, all);
}

bool ws__watcher_may_learn(const struct ws_watcher *watcher)
{
    return watcher->names.table != 0;
}
