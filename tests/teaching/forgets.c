/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two kernel threads that use x87, XMM and debug registers, and a switch that keeps all of them if `saves` says so, and
 * forgets them else.
 */
#include "kernel.h"

enum { STACK = 1024, FXSR = 0x600, AREA = 512 };

void swtch(uint32_t *left, uint32_t entered);
void first_load(void);
void second_read(void);
void second_load(void);
void kmain(void);

/* The label stands at the first instruction that reads what another thread has left. */
__asm__(".text; .globl swtch, first_read\n"
        "swtch: movl 4(%esp), %eax; movl 8(%esp), %edx; pushl %ebp; pushl %ebx; pushl %esi; pushl %edi\n"
        "        movl %esp, (%eax); movl %edx, %esp; popl %edi; popl %esi; popl %ebx; popl %ebp; ret\n"
        "first_load: fninit; fld1; movups one, %xmm0; movl $0x123456, %eax; movl %eax, %dr0; ret\n"
        "second_load: fninit; movups two, %xmm0; xorl %eax, %eax; movl %eax, %dr0; ret\n"
        "second_read: pxor %xmm1, %xmm1; movl $1, %eax\n"
        "first_read: movups %xmm0, scratch; ret\n"
        ".bss; .balign 16\n"
        "scratch: .skip 16\n"
        ".data; .balign 16; .globl saves\n"
        "one: .long 1, 2, 3, 4\n"
        "two: .long 5, 6, 7, 8\n"
        "saves: .byte 0\n"
        ".text\n");

extern const volatile uint8_t saves;
static uint8_t stack[STACK] __attribute__((aligned(16)));
static uint8_t area[2][AREA] __attribute__((aligned(16)));
static uint32_t esp[2], breakpoint[2];

__attribute__((noinline)) static void registers_save(unsigned of)
{
    __asm__ volatile("fxsave %0; movl %%dr0, %1" : "=m"(area[of]), "=r"(breakpoint[of]));
}

__attribute__((noinline)) static void registers_load(unsigned of)
{
    __asm__ volatile("fxrstor %0; movl %1, %%dr0" ::"m"(area[of]), "r"(breakpoint[of]));
}

__attribute__((noinline)) static void yield(unsigned from)
{
    if (saves) {
        registers_save(from);
        registers_load(!from);
    }
    truth_tell(THREAD, (int)from, !from);
    swtch(&esp[from], esp[!from]);
}

static void second(void)
{
    for (;;) {
        second_read();
        second_load();
        yield(1);
    }
}

void kmain(void)
{
    uint32_t *top = (uint32_t *)(stack + STACK);
    __asm__ volatile("movl %%cr4, %%eax; orl %0, %%eax; movl %%eax, %%cr4; movl %%cr0, %%eax; andl $~4, %%eax\n\t"
                     "movl %%eax, %%cr0; fninit" ::"i"(FXSR)
                     : "eax");
    *--top = 0;
    *--top = (uint32_t)second;
    top -= 4;
    esp[1] = (uint32_t)top;
    registers_save(1);
    truth_tell(THREAD, 0, 1); /* what is there before the first switch is nobody's own */
    swtch(&esp[0], esp[1]);
    for (unsigned i = 0; i < 4; i++) {
        first_load();
        yield(0);
    }
    say('.');
}
