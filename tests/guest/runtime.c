/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables, printing, and the line about a fault.
 */
#include "runtime.h"

enum { COM1 = 0x3f8, LSR_EMPTY = 0x20, ENTRIES = 1024, TABLES = 4 };

struct pointer {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

uint8_t gdt[GDT_BYTES] __attribute__((aligned(8)));
uint8_t ldt[LDT_BYTES] __attribute__((aligned(8)));
/* page-aligned, so that a case can put half of it elsewhere */
uint8_t idt[2048] __attribute__((aligned(4096)));
uint8_t tss_main[TSS_BYTES + BITMAP_BYTES] __attribute__((aligned(4096)));
uint8_t tss_other[TSS_BYTES] __attribute__((aligned(128)));
uint32_t page_directory[ENTRIES] __attribute__((aligned(4096)));
uint32_t page_table[TABLES][ENTRIES] __attribute__((aligned(4096)));
struct pointer gdt_pointer = {GDT_BYTES - 1, (uint32_t)gdt};
struct pointer idt_pointer = {sizeof idt - 1, (uint32_t)idt};
uint32_t frame_is_narrow; /* a case expects a frame of 16-bit words */

extern uint8_t stubs[256][16], low_stubs[256][16];
extern uint8_t kernel_stack_top[], ring0_stack_top[], ring1_stack_top[], user_stack_top[];
extern uint8_t image_start[], image_end[];
extern const char *case_name;
extern uint32_t case_esp, case_eip, case_resume;

void runtime_init(void);
void gate_set(uint32_t vector, uint32_t handler, uint32_t selector, uint32_t access);
void gate_default(uint32_t vector);
void descriptor_set(uint32_t selector, uint32_t base, uint32_t limit, uint32_t access);
void paging_on(void);
void paging_off(void);
void say(const char *text);
void say_hex(const char *text, uint32_t value);
void say_rights(uint32_t entry);
void report(void);

/* -- printing ---------------------------------------------------------------------------------- */

static inline void out(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(char byte)
{
    while (!(in(COM1 + 5) & LSR_EMPTY))
        ;
    out(COM1, (uint8_t)byte);
}

void say(const char *text)
{
    while (*text)
        put(*text++);
}

static void put_hex(uint32_t value, int digits)
{
    while (digits--)
        put("0123456789abcdef"[value >> 4 * digits & 15]);
}

void say_hex(const char *text, uint32_t value)
{
    say(text);
    put_hex(value, 8);
}

/* An entry of a page directory or page table: present, writable, for ring 3. */
void say_rights(uint32_t entry)
{
    put(entry & PAGE_P ? 'P' : '-');
    put(entry & PAGE_RW ? 'W' : '-');
    put(entry & PAGE_US ? 'U' : '-');
}

static void put_decimal(uint32_t value)
{
    if (value >= 10)
        put_decimal(value / 10);
    put((char)('0' + value % 10));
}

/* -- tables ------------------------------------------------------------------------------------ */

static void word_set(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void long_set(uint8_t *at, uint32_t value)
{
    word_set(at, value);
    word_set(at + 2, value >> 16);
}

static uint32_t long_get(const uint8_t *at)
{
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

void descriptor_set(uint32_t selector, uint32_t base, uint32_t limit, uint32_t access)
{
    uint8_t *at = (selector & 4 ? ldt : gdt) + (selector & ~7u);
    word_set(at, limit);
    word_set(at + 2, base);
    at[4] = (uint8_t)(base >> 16);
    at[5] = (uint8_t)access;
    at[6] = (uint8_t)((limit >> 16 & 15) | (access >> 4 & 0xf0));
    at[7] = (uint8_t)(base >> 24);
}

static void gate_write(uint8_t *at, uint32_t offset, uint32_t selector, uint32_t access)
{
    word_set(at, offset);
    word_set(at + 2, selector);
    word_set(at + 4, access << 8);
    word_set(at + 6, offset >> 16);
}

void gate_set(uint32_t vector, uint32_t handler, uint32_t selector, uint32_t access)
{
    gate_write(idt + 8 * vector, handler, selector, access);
}

void gate_default(uint32_t vector)
{
    gate_set(vector, (uint32_t)stubs[vector], KERNEL_CODE, GATE_INTERRUPT | DPL(3));
}

static void gdt_init(void)
{
    const uint32_t flat = 0xfffff;
    descriptor_set(KERNEL_CODE, 0, flat, CODE_READABLE | BIG | PAGES);
    descriptor_set(KERNEL_DATA, 0, flat, DATA_WRITABLE | BIG | PAGES);
    descriptor_set(RING1_CODE, 0, flat, CODE_READABLE | DPL(1) | BIG | PAGES);
    descriptor_set(RING1_DATA, 0, flat, DATA_WRITABLE | DPL(1) | BIG | PAGES);
    descriptor_set(USER_CODE, 0, flat, CODE_READABLE | DPL(3) | BIG | PAGES);
    descriptor_set(USER_DATA, 0, flat, DATA_WRITABLE | DPL(3) | BIG | PAGES);
    descriptor_set(CONFORMING, 0, flat, CODE_CONFORMING | BIG | PAGES);
    descriptor_set(TSS_MAIN, (uint32_t)tss_main, TSS_BYTES - 1, TSS_ACCESS);
    descriptor_set(TSS_OTHER, (uint32_t)tss_other, TSS_BYTES - 1, TSS_ACCESS);
    descriptor_set(LDT_MAIN, (uint32_t)ldt, LDT_BYTES - 1, LDT_ACCESS);
    descriptor_set(LOW_CODE, (uint32_t)low_stubs, flat, CODE_READABLE | BIG | PAGES);
    descriptor_set(LDT_CODE, 0, flat, CODE_READABLE | BIG | PAGES);
    descriptor_set(LDT_DATA, 0, flat, DATA_WRITABLE | BIG | PAGES);
}

static void tss_init(void)
{
    long_set(tss_main + TSS_ESP0, (uint32_t)ring0_stack_top);
    long_set(tss_main + TSS_SS0, KERNEL_DATA);
    long_set(tss_main + TSS_ESP1, (uint32_t)ring1_stack_top);
    long_set(tss_main + TSS_SS1, RING1_DATA);
    word_set(tss_main + TSS_BITMAP, TSS_BYTES);
}

/* SDM 3A §4.3 "32-Bit Paging" */
static void paging_init(void)
{
    for (uint32_t i = 0; i < TABLES * ENTRIES; i++)
        page_table[i / ENTRIES][i % ENTRIES] = i * PAGE_BYTES | PAGE_P | PAGE_RW | PAGE_US;
    for (uint32_t i = 0; i < TABLES; i++)
        page_directory[i] = (uint32_t)page_table[i] | PAGE_P | PAGE_RW | PAGE_US;
}

void paging_on(void)
{
    uint32_t cr0;
    __asm__ volatile("movl %1, %%cr3\n\t"
                     "movl %%cr0, %0\n\t"
                     "orl %2, %0\n\t"
                     "movl %0, %%cr0\n\t"
                     "jmp 1f\n"
                     "1:"
                     : "=&r"(cr0)
                     : "r"(page_directory), "i"(CR0_PG)
                     : "memory");
}

void paging_off(void)
{
    uint32_t cr0;
    __asm__ volatile("movl %%cr0, %0\n\t"
                     "andl %1, %0\n\t"
                     "movl %0, %%cr0\n\t"
                     "jmp 1f\n"
                     "1:"
                     : "=&r"(cr0)
                     : "i"(~CR0_PG)
                     : "memory");
}

/* The serial port as after a loader that never touched it: 115200 baud, 8N1, no interrupts. */
static void serial_init(void)
{
    out(COM1 + 1, 0);
    out(COM1 + 3, 0x80);
    out(COM1, 1);
    out(COM1 + 1, 0);
    out(COM1 + 3, 3);
    out(COM1 + 2, 7);
}

/* A PC's interrupt controllers come with the timer unmasked, at the vectors of exceptions. */
static void interrupts_mask(void)
{
    out(0x21, 0xff);
    out(0xa1, 0xff);
}

void runtime_init(void)
{
    interrupts_mask();
    serial_init();
    gdt_init();
    tss_init();
    paging_init();
    for (uint32_t vector = 0; vector < 256; vector++)
        gate_default(vector);
}

/* -- the report -------------------------------------------------------------------------------- */

/* The frame, whatever its width, as longs. */
static uint32_t frame_slot(unsigned index)
{
    if (!frame_is_narrow)
        return fault.frame[index];
    return fault.frame[index / 2] >> 16 * (index % 2) & 0xffff;
}

/* CS is what a frame has below EFLAGS: with an error code it is the third slot, without the second.
 * Selectors are small and programs begin at 1 MiB; a frame of words needs the depth of the stack.
 * */
static unsigned frame_has_error(uint32_t pushed)
{
    if (frame_is_narrow)
        return pushed == 8 || pushed == 12;
    return frame_slot(2) < GDT_BYTES && frame_slot(1) >= GDT_BYTES;
}

static uint32_t stack_top(uint32_t ring)
{
    return long_get(tss_main + TSS_ESP0 + 8 * ring);
}

static void eip_report(uint32_t eip)
{
    uint32_t distance = eip - (frame_is_narrow ? case_eip & 0xffff : case_eip);
    if (distance <= 0x200) {
        say(" eip+");
        put_decimal(distance);
    } else if (eip >= (uint32_t)image_start && eip < (uint32_t)image_end) {
        say(" eip in the program");
    } else {
        say_hex(" eip ", eip);
    }
}

static void stack_report(unsigned at)
{
    uint32_t esp = frame_slot(at);
    uint32_t top = (uint32_t)user_stack_top;
    if (frame_is_narrow)
        top &= 0xffff;
    say(" from ");
    put_hex(frame_slot(at + 1), 4);
    if (top - esp <= 0x200) {
        say(":top-");
        put_decimal(top - esp);
    } else if ((frame_slot(at + 1) & 3) == 3) {
        say_hex(":", esp);
    }
}

static void cr2_report(void)
{
    uint32_t cr2;
    __asm__ volatile("movl %%cr2, %0" : "=r"(cr2));
    say_hex(" cr2 ", cr2);
}

/* Say what DR6 has, and clear it: the CPU never does. */
static void dr6_report(void)
{
    uint32_t dr6;
    __asm__ volatile("movl %%dr6, %0" : "=r"(dr6));
    say_hex(" dr6 ", dr6);
    __asm__ volatile("movl %0, %%dr6" : : "r"(0xffff0ff0));
}

static void fault_report(void)
{
    uint32_t ring = fault.handler_cs & 3;
    uint32_t same = case_esp - fault.handler_esp, inner = stack_top(ring) - fault.handler_esp;
    uint32_t pushed = same <= 0x1000 ? same : inner;
    unsigned error = frame_has_error(pushed), at = error;
    uint32_t cs = frame_slot(at + 1);
    say(": #");
    put_decimal(fault.vector);
    if (error) {
        say(" error ");
        put_hex(frame_slot(0), 4);
    }
    eip_report(frame_slot(at));
    say(" cs ");
    put_hex(cs, 4);
    say(" eflags ");
    put_hex(frame_slot(at + 2) & ~(uint32_t)FLAG_RF, frame_is_narrow ? 4 : 8);
    if ((cs & 3) != ring)
        stack_report(at + 3);
    if (pushed <= 0x1000) {
        say(" pushed ");
        put_decimal(pushed);
    }
    if (ring) {
        say(" handled in ring ");
        put_decimal(ring);
    }
    if (fault.vector == 14)
        cr2_report();
    if (fault.vector == 1)
        dr6_report();
}

void report(void)
{
    say(case_name);
    if (fault.vector != QUIET_VECTOR) {
        fault_report();
    } else {
        say(": nothing, in ring ");
        put_decimal(fault.frame[1] & 3);
    }
    say("\n");
    frame_is_narrow = 0;
}
