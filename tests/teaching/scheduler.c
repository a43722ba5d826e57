/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler is a thread of its own, with a page directory of its own: a process leaves for it by swtch(), which
 * keeps CR3, and it leaves for a process by loading that one's CR3 first, and then swtch().
 *
 * A process executes another program: it gets another page directory, and stays who it is.  One ends, and another gets
 * its row, its stack and its directory.
 */
#include "kernel.h"

enum { PROCESSES = 3, STACK = 1024, DIRECTORIES = 5, MAIN = 0 };

enum state { FREE, READY, ASLEEP };

struct process {
    uint32_t esp;
    uint32_t *directory;
    uint8_t id;
    uint8_t state;
    uint8_t rest; /* how often it yields yet */
};

void swtch(uint32_t *left, uint32_t entered);
void kmain(void);

__asm__(".text; .globl swtch\n"
        "swtch: movl 4(%esp), %eax; movl 8(%esp), %edx\n"
        "        pushl %ebp; pushl %ebx; pushl %esi; pushl %edi\n"
        "        movl %esp, (%eax); movl %edx, %esp\n"
        "        popl %edi; popl %esi; popl %ebx; popl %ebp\n"
        "        ret\n");

static uint32_t directory[DIRECTORIES][1024] __attribute__((aligned(PAGE)));
static uint8_t stack[PROCESSES][STACK] __attribute__((aligned(16)));
static struct process process[PROCESSES];
static struct process *now;
static uint32_t scheduler_esp;
static uint8_t ids = 1, last = 0; /* the directory that was left last is this process's */

__attribute__((noinline)) static void switchkvm(void)
{
    cr3_set((uint32_t)directory[0]);
}

__attribute__((noinline)) static void switchuvm(const struct process *to)
{
    cr3_set((uint32_t)to->directory);
}

__attribute__((noinline)) static void sched(void)
{
    truth_tell(THREAD, now->id, MAIN);
    swtch(&now->esp, scheduler_esp);
}

__attribute__((noinline)) static void yield(void)
{
    sched();
}

__attribute__((noinline)) static void exec(void)
{
    static uint32_t *const fresh = directory[4];
    fresh[0] = directory[0][0];
    fresh[1] = 0x00c00000 | USER | PRESENT | WRITABLE | BIG;
    now->directory = fresh;
    switchuvm(now);
}

__attribute__((noinline)) static void sys_exec(void)
{
    exec();
}

__attribute__((noinline)) static void syscall(unsigned number)
{
    if (number == 1)
        sys_exec();
    else
        yield();
}

static void body(void)
{
    while (now->rest--) {
        say((char)('a' + now->id));
        syscall(now->id == 2 && now->rest == 2);
    }
    now->state = FREE;
    yield();
}

static void process_begin(unsigned row, uint8_t rest)
{
    uint32_t *top = (uint32_t *)(stack[row] + STACK);
    *--top = 0;
    *--top = (uint32_t)body;
    top -= 4;
    process[row] = (struct process){
        .esp = (uint32_t)top, .directory = directory[1 + row], .id = ids++, .state = READY, .rest = rest};
}

static void process_run(struct process *to)
{
    now = to;
    switchuvm(to);
    truth_tell(to->id == last ? THREAD : CONTEXT, to->id == last ? MAIN : last, to->id);
    swtch(&scheduler_esp, to->esp);
    last = to->id;
    switchkvm();
}

static unsigned round_make(void)
{
    unsigned ran = 0;
    for (unsigned i = 0; i < PROCESSES; i++) {
        if (process[i].state != READY)
            continue;
        process_run(&process[i]);
        ran++;
    }
    return ran;
}

void kmain(void)
{
    for (unsigned i = 0; i < DIRECTORIES; i++)
        directory[i][0] = PRESENT | WRITABLE | BIG;
    for (unsigned i = 0; i < PROCESSES; i++)
        directory[1 + i][1] = (uint32_t)(i % 2 + 1) << 22 | USER | PRESENT | WRITABLE | BIG;
    paging_on((uint32_t)directory[0]);
    process_begin(0, 3);
    process_begin(1, 6);
    while (process[0].state == READY)
        round_make();
    process_begin(0, 3); /* in the stack and the directory of the one that has ended */
    process_begin(2, 2);
    while (round_make())
        continue;
    say('.');
}
