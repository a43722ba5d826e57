/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of processes that nobody has told.
 *
 * A page directory tells a process, but not for ever: a process that executes another program gets a new directory and
 * stays what it is, and the directory of one that has ended may become another's.  What stays is its thread: the one
 * that goes on where it was left.
 */
#include "watch/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From the mark `since` on, the page directory is this process's; "": nobody's. */
struct ws__tenure {
    struct ws__tenure *next; /* an older one */
    uint32_t directory;
    uint64_t since;
    const char *process; /* of names->processes */
};

/* A name that was handed out stays where it is. */
struct ws__process_name {
    struct ws__process_name *next;
    char name[WS_NAME_BYTES];
};

void ws__names_processes_release(struct ws__names *names)
{
    while (names->tenures) {
        struct ws__tenure *tenure = names->tenures;
        names->tenures = tenure->next;
        free(tenure);
    }
    while (names->processes) {
        struct ws__process_name *process = names->processes;
        names->processes = process->next;
        free(process);
    }
}

/* The name at the same place of the other list; "" is nobody's, and stands in none. */
static const char *name_of_copy(const struct ws__names *out, const struct ws__names *names, const char *name)
{
    const struct ws__process_name *copy = out->processes;
    for (const struct ws__process_name *at = names->processes; at && copy; at = at->next, copy = copy->next)
        if (at->name == name)
            return copy->name;
    return "";
}

void ws__names_processes_copy(struct ws__names *out, const struct ws__names *names, uint64_t mark)
{
    struct ws__process_name **process = &out->processes;
    struct ws__tenure **tenure = &out->tenures;
    for (const struct ws__process_name *at = names->processes; at; at = at->next, process = &(*process)->next) {
        *process = malloc(sizeof **process);
        out->failed |= !*process;
        if (!*process)
            return;
        **process = *at;
        (*process)->next = NULL;
    }
    for (const struct ws__tenure *at = names->tenures; at; at = at->next) {
        if (at->since > mark)
            continue;
        *tenure = malloc(sizeof **tenure);
        out->failed |= !*tenure;
        if (!*tenure)
            return;
        **tenure = *at;
        (*tenure)->next = NULL;
        (*tenure)->process = name_of_copy(out, names, at->process);
        tenure = &(*tenure)->next;
    }
}

/* -- tenures ------------------------------------------------------------------------------------------- */

static const char *tenant(const struct ws__names *names, uint32_t directory, uint64_t mark)
{
    const struct ws__tenure *at = names->tenures;
    while (at && (at->directory != directory || at->since > mark))
        at = at->next;
    return at ? at->process : "";
}

/* Until now the newest one is the first of the list. */
static void tenure_begin(struct ws__names *names, uint32_t directory, uint64_t mark, const char *process)
{
    struct ws__tenure *tenure = calloc(1, sizeof *tenure);
    names->failed |= !tenure;
    if (!tenure)
        return;
    *tenure = (struct ws__tenure){names->tenures, directory, mark, process};
    names->tenures = tenure;
}

static const char *process_add(struct ws__names *names)
{
    struct ws__process_name *process = calloc(1, sizeof *process);
    names->failed |= !process;
    if (!process)
        return "";
    snprintf(process->name, sizeof process->name, "process-%u", ++names->made_up_processes);
    process->next = names->processes;
    names->processes = process;
    return process->name;
}

/* The name that was handed out; a thread has a copy. */
static const char *process_find(const struct ws__names *names, const char *name)
{
    const struct ws__process_name *process = names->processes;
    while (process && strcmp(process->name, name) != 0)
        process = process->next;
    return process ? process->name : "";
}

/* -- who is it? ---------------------------------------------------------------------------------------- */

/* All its threads were left, and none can go on: their stacks are others' by now. */
static bool has_ended(const struct ws__sides *sides, const char *process)
{
    bool any = false;
    for (unsigned i = 0; i < WS__THREADS; i++) {
        const struct ws__thread *thread = &sides->threads->thread[i];
        if (!thread->number || strcmp(thread->process, process) != 0)
            continue;
        if (ws__thread_is_alive(thread, sides->memory))
            return false;
        any = true;
    }
    return any;
}

/* Is the thread on a page directory of its own choice?  One of a kernel may have borrowed that of the process which ran
 * before it. */
static bool has_loaded(const struct ws__thread *thread, uint32_t directory)
{
    return thread->loaded && (thread->loaded & WS_PAGE_FRAME) == directory;
}

/* Who has loaded the page directory for himself, stays who he is: processes that end may all be left on the kernel's
 * own. */
static const char *left_process(struct ws__names *names, const struct ws__sides *sides)
{
    uint32_t directory = sides->crossing->before.value[WS_CR3] & WS_PAGE_FRAME;
    ws__names_stay(names, sides);
    bool own = sides->from && has_loaded(sides->from, directory);
    const char *process = own ? process_find(names, sides->from->process) : "";
    if (!*process)
        process = tenant(names, directory, sides->mark);
    if (!*process) {
        process = process_add(names);
        tenure_begin(names, directory, sides->mark, process);
    }
    if (sides->from && !*sides->from->process && (!sides->from->entered || own))
        snprintf(sides->from->process, WS_NAME_BYTES, "%s", process);
    return process;
}

void ws__names_stay(struct ws__names *names, const struct ws__sides *sides)
{
    uint32_t directory = sides->crossing->before.value[WS_CR3] & WS_PAGE_FRAME;
    const char *process = sides->from ? process_find(names, sides->from->process) : "";
    if (*process && !*tenant(names, directory, sides->mark))
        tenure_begin(names, directory, sides->mark, process);
}

static const char *entered_process(struct ws__names *names, const struct ws__sides *sides)
{
    uint32_t directory = sides->crossing->after.value[WS_CR3] & WS_PAGE_FRAME;
    const char *is = tenant(names, directory, sides->mark), *process = is;
    if (sides->to && *sides->to->process)
        process = process_find(names, sides->to->process);
    else if (!*is || has_ended(sides, is))
        process = process_add(names);
    if (process != is)
        tenure_begin(names, directory, sides->mark, process);
    if (sides->to)
        snprintf(sides->to->process, WS_NAME_BYTES, "%s", process);
    return process;
}

/* A guest or a caller has told it, or it is made up; "": there is no memory for it. */
static const char *side_name(struct ws__names *names, const struct ws__sides *sides, bool entered)
{
    const struct ws_registers *registers = entered ? &sides->crossing->after : &sides->crossing->before;
    if (ws__names_given(names, registers))
        return ws__names_process(names, registers, sides->mark);
    return entered ? entered_process(names, sides) : left_process(names, sides);
}

void ws__names_processes(struct ws__names *names, const struct ws__sides *sides, const char **from, const char **to)
{
    *from = side_name(names, sides, false);
    *to = side_name(names, sides, true);
}

const char *ws__names_tenant(const struct ws__names *names, const struct ws_registers *registers, uint64_t mark)
{
    return tenant(names, registers->value[WS_CR3] & WS_PAGE_FRAME, mark);
}

void ws__names_move(struct ws__names *names, const struct ws__sides *sides, uint32_t from, uint32_t to)
{
    const char *process = tenant(names, from & WS_PAGE_FRAME, sides->mark);
    const char *other = tenant(names, to & WS_PAGE_FRAME, sides->mark);
    bool own = *process && sides->from && !strcmp(sides->from->process, process);
    if (!own || process == other || (*other && !has_ended(sides, other)))
        return;
    tenure_begin(names, from & WS_PAGE_FRAME, sides->mark, "");
    tenure_begin(names, to & WS_PAGE_FRAME, sides->mark, process);
}
