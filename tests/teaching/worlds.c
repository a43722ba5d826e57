/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two worlds: each has page tables, a GDT, an IDT and a stack of its own, and both map the code of the switch.  It
 * loads the tables of the entered world before CR3: in the midst of it, registers belong to no world.
 *
 * The second world has another IA32_PAT.  If `saves` says so, each world finds its own again.
 */
#include "kernel.h"

enum { WORLDS = 2, STACK = 1024, PAGE_ATTRIBUTES = 0x277, WRITE_COMBINING = 1 };

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
        "        ret\n"
        ".data; .globl saves\n"
        "saves: .byte 1\n"
        ".text\n");

static uint32_t directory[WORLDS][1024] __attribute__((aligned(PAGE)));
static uint64_t tables[WORLDS][2][16] __attribute__((aligned(16)));
static uint8_t stack[STACK] __attribute__((aligned(16)));
extern const volatile uint8_t saves;
static struct world world[WORLDS];
static uint64_t attributes[WORLDS];

static uint64_t attributes_get(void)
{
    uint64_t value;
    __asm__ volatile("rdmsr" : "=A"(value) : "c"(PAGE_ATTRIBUTES));
    return value;
}

static void attributes_set(uint64_t value)
{
    __asm__ volatile("wrmsr" ::"A"(value), "c"(PAGE_ATTRIBUTES));
}

__attribute__((noinline)) static void yield(unsigned from)
{
    if (saves) {
        attributes[from] = attributes_get();
        attributes_set(attributes[!from]);
    }
    truth_tell(WORLD, (int)from, !from);
    world_switch(&world[from], &world[!from]);
}

static void second(void)
{
    attributes_set((attributes_get() & ~UINT64_C(7)) | WRITE_COMBINING);
    for (;;) {
        say('b');
        yield(1);
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
    attributes[1] = attributes_get();
    *--top = 0;
    *--top = (uint32_t)second;
    *--top = 2; /* EFLAGS */
    top -= 4;
    world[1].esp = (uint32_t)top;
    paging_on(world[0].cr3);
    __asm__ volatile("lgdt %0; lidt %1" ::"m"(world[0].gdtr), "m"(world[0].idtr));
    for (unsigned i = 0; i < 4; i++) {
        say('a');
        yield(0);
    }
    say('.');
}
