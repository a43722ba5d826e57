/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the small teaching kernels of this folder share.
 *
 * Each kernel tells in `truth` which switches it makes, as it makes them: so check_teaching.c compares what the watcher
 * has seen with what was meant.
 */
#ifndef TESTS_TEACHING_KERNEL_H
#define TESTS_TEACHING_KERNEL_H

#include <stdint.h>

enum { CONTEXT, WORLD, THREAD }; /* as enum ws_crossing_kind */
enum { PRESENT = 1, WRITABLE = 2, USER = 4, BIG = 0x80 };
enum { CODE = 0x08, DATA = 0x10, USER_CODE = 0x1b, USER_DATA = 0x23, TASKS = 0x28 };
enum { PAGE = 4096, TRUTHS = 512, TSS_BYTES = 104 };

/* A switch: of which kind, and whom it leaves and enters, by the kernel's own numbers. */
struct truth_row {
    uint8_t kind, from, to, zero;
};

extern struct truth_row truth[TRUTHS];
extern uint32_t truths;
extern uint64_t gdt[16];
extern uint64_t idt[64];

static inline void truth_tell(int kind, int from, int to)
{
    truth[truths++] = (struct truth_row){(uint8_t)kind, (uint8_t)from, (uint8_t)to, 0};
}

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline void say(char letter)
{
    outb(0x3f8, (uint8_t)letter);
}

/* Leave the machine, with this value. */
static inline void leave(uint8_t value)
{
    __asm__ volatile("cli");
    outb(0xf4, value);
    __asm__ volatile("1: hlt; jmp 1b");
}

static inline void gate_set(unsigned vector, void (*handler)(void), unsigned ring)
{
    uint32_t at = (uint32_t)handler;
    idt[vector] = (uint64_t)((at & 0xffff0000) | 0x8e00 | ring << 13) << 32 | (uint32_t)CODE << 16 | (at & 0xffff);
}

static inline void idt_load(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) idtr = {sizeof idt - 1, (uint32_t)idt};
    __asm__ volatile("lidt %0" ::"m"(idtr));
}

/* A task's segment behind the flat ones. */
static inline void task_set(unsigned index, const void *tss)
{
    uint32_t base = (uint32_t)tss;
    gdt[TASKS / 8 + index] =
        (uint64_t)((base & 0xff000000) | 0x8900 | (base >> 16 & 0xff)) << 32 | (base & 0xffff) << 16 | (TSS_BYTES - 1);
}

static inline void paging_on(uint32_t cr3)
{
    __asm__ volatile("movl %%cr4, %%eax; orl $0x10, %%eax; movl %%eax, %%cr4; movl %0, %%cr3\n\t"
                     "movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0" ::"r"(cr3)
                     : "eax", "memory");
}

static inline uint32_t cr3_get(void)
{
    uint32_t cr3;
    __asm__ volatile("movl %%cr3, %0" : "=r"(cr3));
    return cr3;
}

static inline void cr3_set(uint32_t cr3)
{
    __asm__ volatile("movl %0, %%cr3" ::"r"(cr3) : "memory");
}

/* Interrupts of the timer, vector 32, every so many of its cycles. */
static inline void timer_begin(uint16_t cycles)
{
    static const uint8_t command[][2] = {{0x20, 0x11}, {0xa0, 0x11}, {0x21, 0x20}, {0xa1, 0x28}, {0x21, 0x04},
                                         {0xa1, 0x02}, {0x21, 0x01}, {0xa1, 0x01}, {0x21, 0xfe}, {0xa1, 0xff}};
    for (unsigned i = 0; i < sizeof command / sizeof *command; i++)
        outb(command[i][0], command[i][1]);
    outb(0x43, 0x34);
    outb(0x40, cycles & 0xff);
    outb(0x40, cycles >> 8);
}

#endif
