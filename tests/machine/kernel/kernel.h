/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small kernel as others write them: a multiboot image with tasks in ring 3, each in an address
 * space of its own, preempted by IRQ 0; serial input by IRQ 4, disk reads by IRQ 14, the FPU handed
 * on lazily.  It shares no code with the machine's other guests.
 *
 *   kernel.c   tasks, scheduling, system calls
 *   chips.c    interrupt controllers, timer, serial port, disk
 *   start.S    multiboot header, stubs
 *   user.c     what runs in ring 3; its section alone may be read there
 */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

enum { KERNEL_CODE = 0x08, KERNEL_DATA = 0x10, USER_CODE = 0x1b, USER_DATA = 0x23, TSS_SELECTOR = 0x28 };

/* Each task's own page, at the same place in all of them: a stack, and from PRIVATE on what it likes. */
#define PRIVATE 0x40000000u
enum { PAGE = 4096, SECTOR = 512 };

enum { CALL_PRINT, CALL_SECTOR, CALL_CHARACTER, CALL_SLEEP, CALL_EXIT };

/* As the stubs push it. */
struct frame {
    uint32_t es, ds;
    uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
    uint32_t vector, error;
    uint32_t eip, cs, eflags, esp, ss;
};

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* chips.c */
void chips_init(void);
void irq_end(unsigned irq);
void text_out(const char *text, uint32_t size);
void text(const char *text);
bool serial_take(char *out);
void disk_ask(uint32_t sector);
const uint8_t *disk_take(void); /* in the handler of IRQ 14 */

/* kernel.c */
struct frame *trap(struct frame *frame);
void kernel_main(uint32_t magic);

/* user.c */
extern void (*const user_programs[])(void);
extern const uint32_t user_count;

#endif
