/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of Linux's tasks, from the kernel's own memory.
 *
 * Linux switches in a routine that is called with the two tasks in registers, in kernel 6.1
 *
 *     __switch_to_asm:  EAX: the task that is left, EDX: the one that is entered
 *         push ...
 *         mov %esp, task->thread.sp(%eax)
 *         mov task->thread.sp(%edx), %esp
 *         pop ...
 *
 * (arch/x86/entry/entry_32.S).  A task_struct has a field `comm` of 16 bytes, the name that `ps` shows; it can change
 * in the task's life.  Where in the task_struct the two fields are, depends on how the kernel was configured.  But both
 * can be seen: the kept stack pointers are as far below the stack pointers as some pushes make it, in both tasks; and
 * the task that runs first is called "swapper", or "swapper/0" (init/init_task.c).
 */
#include "watch/linux_tasks.h"

#include <string.h>

#include <worldswitch/paging.h>

static const char idle_name[] = "swapper";

enum {
    TASK_BYTES = 2 * WS_PAGE_BYTES, /* so far behind a task's address the two fields are looked for */
    PUSHED_BYTES = 64,              /* so much is on the stack, at most, when its pointer is kept or loaded */
    WORD = sizeof(uint32_t)
};

static bool word_read(const struct ws_machine *machine, const struct ws_registers *registers, uint32_t linear,
                      uint32_t *word)
{
    return ws_machine_read_as(machine, registers, linear, word, sizeof *word) == WS_OK;
}

/* Has the task, `offset` bytes from its beginning, a pointer to what was pushed under these registers? */
static bool esp_is_kept(const struct ws_machine *machine, const struct ws_registers *registers, uint32_t task,
                        uint32_t offset)
{
    uint32_t kept;
    return word_read(machine, registers, task + offset, &kept) && registers->value[WS_ESP] - kept - 1 < PUSHED_BYTES;
}

/* Linux's names are of any bytes that a program has chosen; what would not print is no name here. */
static bool name_read(const struct ws_machine *machine, const struct ws_registers *registers, uint32_t linear,
                      char name[WS_TASK_NAME_BYTES])
{
    bool is_name = ws_machine_read_as(machine, registers, linear, name, WS_TASK_NAME_BYTES) == WS_OK &&
                   memchr(name, 0, WS_TASK_NAME_BYTES) && *name;
    for (const char *at = name; is_name && *at; at++)
        is_name = *at >= ' ' && *at <= '~';
    if (!is_name)
        memset(name, 0, WS_TASK_NAME_BYTES);
    return is_name;
}

static bool is_idle(const char *name)
{
    size_t length = sizeof idle_name - 1;
    return strncmp(name, idle_name, length) == 0 && (name[length] == 0 || name[length] == '/');
}

void ws__linux_tasks_learn(struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                           const struct ws_crossing *crossing)
{
    uint32_t left = crossing->before.value[WS_EAX], entered = crossing->before.value[WS_EDX], esp = 0, name = 0;
    char text[WS_TASK_NAME_BYTES];
    if (!tasks->wanted || tasks->known)
        return;
    while (esp < TASK_BYTES && !(esp_is_kept(machine, &crossing->before, left, esp) &&
                                 esp_is_kept(machine, &crossing->after, entered, esp)))
        esp += WORD;
    if (esp == TASK_BYTES)
        return;
    while (name < TASK_BYTES && !(name_read(machine, &crossing->after, left + name, text) && is_idle(text)))
        name += WORD;
    tasks->known = name < TASK_BYTES;
    tasks->esp = esp;
    tasks->name = name;
}

static uint32_t task_check(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                           const struct ws_registers *registers, uint32_t task)
{
    char name[WS_TASK_NAME_BYTES];
    bool is_task = tasks->known && esp_is_kept(machine, registers, task, tasks->esp) &&
                   name_read(machine, registers, task + tasks->name, name);
    return is_task ? task : 0;
}

uint32_t ws__linux_task_left(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                             const struct ws_crossing *crossing)
{
    return task_check(tasks, machine, &crossing->before, crossing->before.value[WS_EAX]);
}

uint32_t ws__linux_task_entered(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                                const struct ws_crossing *crossing)
{
    return task_check(tasks, machine, &crossing->after, crossing->before.value[WS_EDX]);
}

bool ws__linux_task_name(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                         const struct ws_registers *registers, uint32_t linear, char name[WS_TASK_NAME_BYTES])
{
    memset(name, 0, WS_TASK_NAME_BYTES);
    return tasks->known && linear && name_read(machine, registers, linear + tasks->name, name);
}
