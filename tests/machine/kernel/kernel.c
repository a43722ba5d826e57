/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks, their address spaces, their system calls, and who runs next.
 */
#include "kernel.h"

enum { TASKS = 8, IDLE = 0, OUTPUT = 1024, FPU_BYTES = 108, MAPPED = 4, ENTRIES = 1024, MULTIBOOT = 0x2badb002 };
enum { PRESENT = 1, WRITABLE = 2, USER = 4 };
enum { CR0_TS = 8, CR0_WP = 0x10000, CR0_PG = 0x80000000u };

enum state { FREE, READY, ASLEEP, WAITS_DISK, WAITS_SERIAL, DONE };

struct task {
    enum state state;
    struct frame *frame;
    uint32_t wake;
    uint32_t runs;
    bool has_fpu; /* `fpu` is valid */
    uint8_t fpu[FPU_BYTES];
    char output[OUTPUT];
    uint32_t output_size;
    uint32_t disk_sector;
};

static struct task tasks[TASKS];
static uint32_t count, current, ticks, fpu_owner = TASKS, fpu_traps, interrupts[16];
static int32_t disk_user = -1;

static uint32_t directory[TASKS][ENTRIES] __attribute__((aligned(PAGE)));
static uint32_t shared[MAPPED][ENTRIES] __attribute__((aligned(PAGE)));
static uint32_t private_table[TASKS][ENTRIES] __attribute__((aligned(PAGE)));
static uint8_t private_page[TASKS][PAGE] __attribute__((aligned(PAGE)));
static uint8_t kernel_stack[TASKS][PAGE] __attribute__((aligned(PAGE)));

static uint64_t gdt[6];
static uint64_t idt[256];
static struct {
    uint32_t link, esp0, ss0, rest[22];
    uint16_t trap, bitmap;
} tss;

extern uint8_t stubs[256][16], user_start[], user_end[];
void resume_frame(struct frame *frame) __attribute__((noreturn));

/* -- tables ------------------------------------------------------------------------------------ */

static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attributes)
{
    uint32_t low = (base & 0xffff) << 16 | (limit & 0xffff);
    uint32_t high = (base & 0xff000000) | (base >> 16 & 0xff) | (limit & 0xf0000) | attributes << 8;
    return (uint64_t)high << 32 | low;
}

static void tables_load(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) g = {sizeof gdt - 1, (uint32_t)gdt}, i = {sizeof idt - 1, (uint32_t)idt};
    gdt[1] = descriptor(0, 0xfffff, 0xc09a);
    gdt[2] = descriptor(0, 0xfffff, 0xc092);
    gdt[3] = descriptor(0, 0xfffff, 0xc0fa);
    gdt[4] = descriptor(0, 0xfffff, 0xc0f2);
    gdt[5] = descriptor((uint32_t)&tss, sizeof tss - 1, 0x0089);
    for (uint32_t vector = 0; vector < 256; vector++) {
        uint32_t handler = (uint32_t)stubs[vector], access = vector == 0x80 ? 0xee00 : 0x8e00;
        idt[vector] = (uint64_t)((handler & 0xffff0000) | access) << 32 | KERNEL_CODE << 16 | (handler & 0xffff);
    }
    tss.ss0 = KERNEL_DATA;
    tss.bitmap = sizeof tss;
    __asm__ volatile("lgdt %0\n\tlidt %1\n\tljmp %2, $1f\n1:\n\t"
                     "movl %3, %%ds\n\tmovl %3, %%es\n\tmovl %3, %%fs\n\tmovl %3, %%gs\n\tmovl %3, %%ss\n\t"
                     "ltr %w4"
                     :
                     : "m"(g), "m"(i), "i"(KERNEL_CODE), "r"(KERNEL_DATA), "r"(TSS_SELECTOR)
                     : "memory");
}

static void spaces_make(void)
{
    for (uint32_t i = 0; i < MAPPED * ENTRIES; i++) {
        uint32_t phys = i * PAGE;
        bool user = phys >= (uint32_t)user_start && phys < (uint32_t)user_end;
        shared[i / ENTRIES][i % ENTRIES] = phys | PRESENT | (user ? USER : WRITABLE);
    }
    for (uint32_t task = 0; task < TASKS; task++) {
        for (uint32_t i = 0; i < MAPPED; i++)
            directory[task][i] = (uint32_t)shared[i] | PRESENT | WRITABLE | USER;
        directory[task][PRIVATE >> 22] = (uint32_t)private_table[task] | PRESENT | WRITABLE | USER;
        private_table[task][0] = (uint32_t)private_page[task] | PRESENT | WRITABLE | USER;
    }
}

/* -- tasks ------------------------------------------------------------------------------------- */

static void task_make(uint32_t number, void (*entry)(void), bool user)
{
    struct task *task = &tasks[number];
    task->frame = (struct frame *)(kernel_stack[number] + PAGE) - 1;
    *task->frame = (struct frame){
        .es = user ? USER_DATA : KERNEL_DATA,
        .ds = user ? USER_DATA : KERNEL_DATA,
        .eip = (uint32_t)entry,
        .cs = user ? USER_CODE : KERNEL_CODE,
        .eflags = 0x202,
        .esp = PRIVATE + PAGE - 16,
        .ss = USER_DATA,
    };
    task->state = READY;
}

static void idle(void)
{
    for (;;)
        __asm__ volatile("hlt");
}

static void finish(void) __attribute__((noreturn));
static void finish(void)
{
    uint32_t preempted = 0;
    for (uint32_t i = 1; i < count; i++) {
        text_out(tasks[i].output, tasks[i].output_size);
        preempted += tasks[i].runs > 1;
    }
    text(preempted >= 3 ? "tasks were preempted\n" : "no task was preempted\n");
    text(fpu_traps > 2 ? "the FPU was handed on\n" : "the FPU was not handed on\n");
    bool came = interrupts[0] > 10 && interrupts[4] && interrupts[14] == 64;
    text(came ? "interrupts came\n" : "interrupts are missing\n");
    for (;;)
        out8(0xf4, 16);
}

static void task_enter(uint32_t number)
{
    uint32_t cr0;
    if (number != current)
        tasks[number].runs++;
    current = number;
    tss.esp0 = (uint32_t)kernel_stack[number] + PAGE;
    __asm__ volatile("movl %0, %%cr3" : : "r"(directory[number]) : "memory");
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    cr0 = fpu_owner == number ? cr0 & ~(uint32_t)CR0_TS : cr0 | CR0_TS;
    __asm__ volatile("movl %0, %%cr0" : : "r"(cr0));
}

static struct frame *schedule(void)
{
    uint32_t next = IDLE, alive = 0;
    for (uint32_t i = 1; i < count; i++) {
        struct task *task = &tasks[i];
        if (task->state == ASLEEP && (int32_t)(ticks - task->wake) >= 0) {
            task->state = READY;
            task->frame->eax = ticks;
        }
        alive += task->state != DONE;
    }
    if (!alive)
        finish();
    for (uint32_t i = 0; i < count - 1 && next == IDLE; i++) {
        uint32_t candidate = 1 + (current + i) % (count - 1);
        if (tasks[candidate].state == READY)
            next = candidate;
    }
    task_enter(next);
    return tasks[next].frame;
}

/* -- system calls and interrupts ----------------------------------------------------------------- */

static void print(struct task *task, const char *from, uint32_t size)
{
    while (size-- && task->output_size < OUTPUT)
        task->output[task->output_size++] = *from++;
}

static void disk_next(void)
{
    for (uint32_t i = 1; i < count && disk_user < 0; i++) {
        if (tasks[i].state == WAITS_DISK) {
            disk_user = (int32_t)i;
            disk_ask(tasks[i].disk_sector);
        }
    }
}

static void disk_done(void)
{
    const uint8_t *from = disk_take();
    struct task *task = &tasks[disk_user];
    if (disk_user < 0)
        return;
    for (unsigned i = 0; from && i < SECTOR; i++)
        private_page[disk_user][i] = from[i];
    task->frame->eax = from != 0;
    task->state = READY;
    disk_user = -1;
    disk_next();
}

static void serial_wake(void)
{
    char byte;
    for (uint32_t i = 1; i < count; i++) {
        if (tasks[i].state == WAITS_SERIAL && serial_take(&byte)) {
            tasks[i].frame->eax = (uint8_t)byte;
            tasks[i].state = READY;
        }
    }
}

static void system_call(struct task *task, struct frame *frame)
{
    switch (frame->eax) {
    case CALL_PRINT:
        print(task, (const char *)frame->ebx, frame->ecx);
        break;
    case CALL_SECTOR:
        task->disk_sector = frame->ebx;
        task->state = WAITS_DISK;
        disk_next();
        break;
    case CALL_CHARACTER:
        task->state = WAITS_SERIAL;
        serial_wake();
        break;
    case CALL_SLEEP:
        task->wake = ticks + frame->ebx;
        task->state = ASLEEP;
        break;
    default:
        task->state = DONE;
        break;
    }
}

static void interrupt(unsigned irq)
{
    interrupts[irq]++;
    if (irq == 0)
        ticks++;
    if (irq == 4)
        serial_wake();
    if (irq == 14)
        disk_done();
    irq_end(irq);
}

/* #NM: the FPU has another task's numbers. */
static void fpu_take(void)
{
    __asm__ volatile("clts");
    fpu_traps++;
    if (fpu_owner < TASKS) {
        __asm__ volatile("fnsave %0" : "=m"(tasks[fpu_owner].fpu));
        tasks[fpu_owner].has_fpu = true;
    }
    if (tasks[current].has_fpu)
        __asm__ volatile("frstor %0" : : "m"(tasks[current].fpu));
    else
        __asm__ volatile("fninit");
    fpu_owner = current;
}

static void fault(struct task *task, const struct frame *frame)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t cr2;
    __asm__ volatile("movl %%cr2, %0" : "=r"(cr2));
    char line[] = "ended by vector 00, error 0000, at its own code\n";
    line[16] = hex[frame->vector >> 4 & 15];
    line[17] = hex[frame->vector & 15];
    for (unsigned i = 0; i < 4; i++)
        line[26 + i] = hex[frame->error >> (12 - 4 * i) & 15];
    print(task, line, cr2 >= (uint32_t)user_start && cr2 < (uint32_t)user_end ? sizeof line - 1 : 30);
    task->state = DONE;
}

/* Compilers may call it where a struct is copied as a whole. */
void *memcpy(void *to, const void *from, __SIZE_TYPE__ bytes);
void *memcpy(void *to, const void *from, __SIZE_TYPE__ bytes)
{
    void *end = to;
    __asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

struct frame *trap(struct frame *frame)
{
    struct task *task = &tasks[current];
    task->frame = frame;
    if (frame->vector == 7) {
        fpu_take();
        return frame;
    }
    if (frame->vector >= 0x20 && frame->vector < 0x30)
        interrupt(frame->vector - 0x20);
    else if (frame->vector == 0x80)
        system_call(task, frame);
    else
        fault(task, frame);
    return schedule();
}

void kernel_main(uint32_t magic)
{
    tables_load();
    spaces_make();
    chips_init();
    text(magic == MULTIBOOT ? "booted by multiboot\n" : "booted by something else\n");
    count = user_count + 1;
    task_make(IDLE, idle, false);
    for (uint32_t i = 1; i < count; i++)
        task_make(i, user_programs[i - 1], true);
    uint32_t cr0;
    __asm__ volatile("movl %0, %%cr3" : : "r"(directory[IDLE]));
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movl %0, %%cr0" : : "r"(cr0 | CR0_PG | CR0_WP) : "memory");
    resume_frame(schedule());
}
