/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that C has no words for. */
#ifndef WS_GUEST_SHARED_CPU_H
#define WS_GUEST_SHARED_CPU_H

#include <stdint.h>

static inline void port_write(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* Many 16-bit words through one port. */
static inline void port_write_words(uint16_t port, const void *from, uint32_t words)
{
    __asm__ volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(port) : "memory");
}

static inline void port_read_words(uint16_t port, void *to, uint32_t words)
{
    __asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(port) : "memory");
}

/* REGISTER_read() and REGISTER_write() of control and debug registers. */
#define REGISTER(name)                                                   \
    static inline uint32_t name##_read(void)                             \
    {                                                                    \
        uint32_t value;                                                  \
                                                                         \
        __asm__ volatile("movl %%" #name ", %0" : "=r"(value));          \
        return value;                                                    \
    }                                                                    \
                                                                         \
    static inline void name##_write(uint32_t value)                      \
    {                                                                    \
        __asm__ volatile("movl %0, %%" #name : : "r"(value) : "memory"); \
    }

REGISTER(cr0)
REGISTER(cr2)
REGISTER(cr3)
REGISTER(cr4)
REGISTER(dr0)
REGISTER(dr1)
REGISTER(dr2)
REGISTER(dr3)
REGISTER(dr6)
REGISTER(dr7)
#undef REGISTER

/* Forget the translation of one page, a global one too.
 * SDM 3A §4.10.4.1 "Operations that Invalidate TLBs and Paging-Structure Caches". */
static inline void page_forget(uint32_t linear)
{
    __asm__ volatile("invlpg (%0)" : : "r"(linear) : "memory");
}

/*
 * Forget all translations but those of global pages.  The value stays, and so does the address space:
 *
 *   0xffffffff ┌─────────────┐ before: with entries that the tables no longer have
 *              │ the same    │
 *   0x00000000 └─────────────┘ after: as the tables say
 */
static inline void pages_forget(void)
{
    cr3_write(cr3_read());
}

/* Interrupts off; returns EFLAGS as it was, for interrupts_restore(). */
static inline uint32_t interrupts_off(void)
{
    uint32_t eflags;

    __asm__ volatile("pushfl; popl %0; cli" : "=r"(eflags) : : "memory");
    return eflags;
}

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_restore(uint32_t eflags)
{
    __asm__ volatile("pushl %0; popfl" : : "r"(eflags) : "memory", "cc");
}

/* Entered with interrupts off.  `sti` holds interrupts back for one instruction, so none can be missed
 * between it and `hlt`.  SDM 2B "STI—Set Interrupt Flag". */
static inline void interrupt_await(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

_Noreturn static inline void halt_for_good(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

#endif
