/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes in ring 3, each with a page directory and a stack in the kernel.  They yield by a system call, and a timer
 * preempts them; one executes another program; one ends, and another gets all that it had.  Each has a number in the
 * x87 unit.
 */
#include "kernel.h"

enum {
    PROCESSES = 3,
    STACK = 2048,
    DIRECTORIES = 4,
    TICK_CYCLES = 100,
    PROGRAM = 0x00400000,
    USER_TOP = 0x00402000,
    FXSR = 0x200,
    AREA = 512
};
enum { SAY, YIELD, EXIT, EXEC };
enum { FREE, READY };

/* What timer_entry and call_entry push, and the vector. */
struct frame {
    uint32_t edi, esi, ebp, esp_unused, ebx, edx, ecx, eax;
    uint32_t vector;
    uint32_t eip, cs, eflags, esp, ss;
};

struct process {
    uint32_t esp;
    uint32_t cr3;
    uint8_t id;
    uint8_t state;
};

void swtch(uint32_t *left, uint32_t entered, uint32_t cr3);
void timer_entry(void);
void call_entry(void);
void trap_return(void);
void trap(struct frame *frame);
void kmain(void);
extern const uint8_t first_program[], second_program[], programs_end[];

__asm__(".text; .globl swtch\n"
        "swtch: movl 4(%esp), %eax; movl 8(%esp), %ecx; movl 12(%esp), %edx\n"
        "        pushl %ebp; pushl %ebx; pushl %esi; pushl %edi\n"
        "        movl %esp, (%eax); movl %edx, %cr3; movl %ecx, %esp\n"
        "        popl %edi; popl %esi; popl %ebx; popl %ebp\n"
        "        ret\n"
        "timer_entry: pushl $32; jmp 1f\n"
        "call_entry: pushl $48\n"
        "1:      pushal; movl $0x10, %ecx; movl %ecx, %ds; movl %ecx, %es; pushl %esp; call trap; addl $4, %esp\n"
        "trap_return: popal; addl $4, %esp; iret\n"
        /* Each turn: a letter, some work, the processor for others.  EBX: the letter. */
        ".globl first_program, second_program\n"
        "first_program: pushl %ebx; fildl (%esp); popl %ebx; movl $4, %esi\n"
        "1:      xorl %eax, %eax; int $48; movl $60, %ecx\n"
        "2:      loop 2b\n"
        "        movl $1, %eax; int $48; decl %esi; jnz 1b\n"
        "        cmpl $'b', %ebx; jne 3f; movl $3, %eax; int $48\n"
        "3:      movl $2, %eax; int $48\n"
        "second_program: movl $'x', %ebx; movl $3, %esi\n"
        "1:      xorl %eax, %eax; int $48; movl $1, %eax; int $48; decl %esi; jnz 1b\n"
        "        movl $2, %eax; int $48\n"
        "programs_end:\n");

static uint32_t directory[1 + DIRECTORIES][1024] __attribute__((aligned(PAGE)));
static uint8_t stack[PROCESSES][STACK] __attribute__((aligned(16)));
static uint8_t area[PROCESSES][AREA] __attribute__((aligned(16)));
static struct process process[PROCESSES], boot;
static uint32_t tss[TSS_BYTES / 4];
static unsigned now;
static uint8_t ids = 1;

static void copy(uint8_t *to, const uint8_t *from, const uint8_t *end)
{
    while (from < end)
        *to++ = *from++;
}

/* The next one that is ready; PROCESSES: none is. */
static unsigned ready_next(void)
{
    for (unsigned i = 1; i <= PROCESSES; i++)
        if (process[(now + i) % PROCESSES].state == READY)
            return (now + i) % PROCESSES;
    return PROCESSES;
}

static void numbers_save(unsigned row)
{
    __asm__ volatile("fxsave %0" : "=m"(area[row]));
}

static void numbers_load(unsigned row)
{
    __asm__ volatile("fxrstor %0" ::"m"(area[row]));
}

static void schedule(void)
{
    unsigned left = now, next = ready_next();
    if (next == left)
        return;
    struct process *to = next == PROCESSES ? &boot : &process[next];
    now = next == PROCESSES ? left : next;
    tss[1] = (uint32_t)(stack[now] + STACK);
    numbers_save(left);
    if (to != &boot)
        numbers_load(next);
    truth_tell(CONTEXT, process[left].id, to->id);
    swtch(&process[left].esp, to->esp, to->cr3);
}

/* Another program for the process that runs, in another address space. */
static void exec(struct frame *frame)
{
    process[now].cr3 = (uint32_t)directory[DIRECTORIES];
    cr3_set(process[now].cr3);
    copy((uint8_t *)PROGRAM, second_program, programs_end);
    frame->eip = PROGRAM;
    frame->esp = USER_TOP - 64;
}

void trap(struct frame *frame)
{
    if (frame->vector == 32) {
        outb(0x20, 0x20);
        schedule();
        return;
    }
    switch (frame->eax) {
    case SAY:
        say((char)frame->ebx);
        break;
    case EXEC:
        exec(frame);
        break;
    case EXIT:
        process[now].state = FREE;
        schedule();
        break;
    default:
        schedule();
    }
}

static void process_begin(unsigned row)
{
    struct frame *frame = (struct frame *)(stack[row] + STACK) - 1;
    uint32_t *top = (uint32_t *)frame, cr3 = (uint32_t)directory[1 + row], was = cr3_get();
    cr3_set(cr3);
    copy((uint8_t *)PROGRAM, first_program, programs_end);
    cr3_set(was);
    *frame = (struct frame){
        .ebx = 'a' + row, .eip = PROGRAM, .cs = USER_CODE, .eflags = 0x202, .esp = USER_TOP, .ss = USER_DATA};
    *--top = (uint32_t)trap_return;
    top -= 4;
    __asm__ volatile("fninit");
    numbers_save(row);
    process[row] = (struct process){.esp = (uint32_t)top, .cr3 = cr3, .id = ids++, .state = READY};
}

static void processes_run(void)
{
    now = 0;
    tss[1] = (uint32_t)(stack[0] + STACK);
    numbers_load(0);
    truth_tell(CONTEXT, 0, process[0].id);
    swtch(&boot.esp, process[0].esp, process[0].cr3);
}

void kmain(void)
{
    for (unsigned i = 0; i <= DIRECTORIES; i++) {
        directory[i][0] = PRESENT | WRITABLE | BIG;
        directory[i][1] = (uint32_t)(i < 4 ? i : 2) << 22 | USER | PRESENT | WRITABLE | BIG;
    }
    directory[0][1] = 0;
    boot.cr3 = (uint32_t)directory[0];
    tss[2] = DATA;
    task_set(0, tss);
    __asm__ volatile("ltr %w0" ::"r"(TASKS));
    gate_set(32, timer_entry, 0);
    gate_set(48, call_entry, 3);
    idt_load();
    __asm__ volatile("movl %%cr4, %%eax; orl %0, %%eax; movl %%eax, %%cr4" ::"i"(FXSR) : "eax");
    paging_on(boot.cr3);
    timer_begin(TICK_CYCLES);
    for (unsigned i = 0; i < PROCESSES; i++)
        process_begin(i);
    processes_run();
    process_begin(0); /* others, in the stacks and the directories of those that have ended */
    process_begin(2);
    processes_run();
    say('.');
}
