/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two worlds: each has page tables, a GDT, an IDT and a stack of its own, and both map the code of the switch.  It
 * loads the tables of the entered world before CR3: in the midst of it, registers belong to no world.
 */
#include "kernel.h"

enum { WORLDS = 2, STACK = 1024 };

struct table {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

/* By offset in the code below. */
struct world {
    uint32_t esp;      /* 0 */
    uint32_t cr3;      /* 4 */
    struct table gdtr; /* 8 */
    uint16_t zero;
    struct table idtr; /* 16 */
};

void world_switch(struct world *left, const struct world *entered);
void kmain(void);

__asm__(".text; .globl world_switch\n"
        "world_switch: movl 4(%esp), %eax; movl 8(%esp), %edx\n"
        "        pushfl; cli; pushl %ebp; pushl %ebx; pushl %esi; pushl %edi\n"
        "        movl %esp, (%eax)\n"
        "        lgdt 8(%edx); lidt 16(%edx)\n"
        "        movl 4(%edx), %ecx; movl %ecx, %cr3; movl (%edx), %esp\n"
        "        movl $0x10, %eax; movl %eax, %ds; movl %eax, %es; movl %eax, %ss\n"
        "        popl %edi; popl %esi; popl %ebx; popl %ebp; popfl\n"
        "        ret\n");

static uint32_t directory[WORLDS][1024] __attribute__((aligned(PAGE)));
static uint64_t tables[WORLDS][2][16] __attribute__((aligned(16)));
static uint8_t stack[STACK] __attribute__((aligned(16)));
static struct world world[WORLDS];

static void second(void)
{
    for (;;) {
        say('b');
        truth_tell(WORLD, 1, 0);
        world_switch(&world[1], &world[0]);
    }
}

static void world_begin(unsigned number)
{
    for (unsigned i = 0; i < 5; i++)
        tables[number][0][i] = gdt[i];
    directory[number][0] = PRESENT | WRITABLE | BIG;
    directory[number][1] = (uint32_t)(number + 1) << 22 | PRESENT | WRITABLE | BIG;
    world[number] = (struct world){
        .cr3 = (uint32_t)directory[number],
        .gdtr = {sizeof tables[number][0] - 1, (uint32_t)tables[number][0]},
        .idtr = {sizeof tables[number][1] - 1, (uint32_t)tables[number][1]},
    };
}

void kmain(void)
{
    uint32_t *top = (uint32_t *)(stack + STACK);
    world_begin(0);
    world_begin(1);
    *--top = 0;
    *--top = (uint32_t)second;
    *--top = 2; /* EFLAGS */
    top -= 4;
    world[1].esp = (uint32_t)top;
    paging_on(world[0].cr3);
    __asm__ volatile("lgdt %0; lidt %1" ::"m"(world[0].gdtr), "m"(world[0].idtr));
    for (unsigned i = 0; i < 4; i++) {
        say('a');
        truth_tell(WORLD, 0, 1);
        world_switch(&world[0], &world[1]);
    }
    say('.');
}
