/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor's own interrupt controller, a local APIC of the xAPIC kind.
 *
 * SDM 3A §10.4 "Local APIC".
 *
 *   0xfee00020   its number              0xfee00300   interrupt command, low
 *   0xfee00030   version                 0xfee00310   interrupt command, high: the destination
 *   0xfee00080   task priority           0xfee00320   local vector table: timer, thermal sensor,
 *   0xfee000a0   processor priority                   performance counters, LINT0, LINT1, error
 *   0xfee000b0   end of interrupt        0xfee00380   timer: initial count
 *   0xfee000d0   logical destination     0xfee00390   timer: current count
 *   0xfee000e0   its format              0xfee003e0   timer: divider
 *   0xfee000f0   spurious vector, and whether the APIC is enabled (8)
 *   0xfee00100   in service, 8 registers; then trigger mode and interrupt request, 8 each
 *   0xfee00280   errors
 *
 * The 8259s' output comes in at LINT0, NMI at LINT1.  There is one processor, so that a message to others reaches
 * nobody.  The timer's crystal makes a thousand million ticks a second, as QEMU's.
 *
 *   local_apic.c             what is requested, in service, and comes next
 *   local_apic_registers.c   what the processor reads and writes
 *   local_apic_timer.c       the timer
 */
#ifndef WS_DEVICES_APIC_LOCAL_APIC_H
#define WS_DEVICES_APIC_LOCAL_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/apic/message.h"
#include "devices/timers/clock.h"

#define WS__LOCAL_APIC_PHYS 0xfee00000u
enum { WS__LOCAL_APIC_VERSION = 0x14, WS__APIC_VECTORS = 256 };

#define WS__LOCAL_APIC_HERTZ UINT64_C(1000000000)

/* The local vector table, in the order of its registers. */
enum ws__local_vector {
    WS__LVT_TIMER,
    WS__LVT_THERMAL,
    WS__LVT_COUNTERS,
    WS__LVT_LINT0,
    WS__LVT_LINT1,
    WS__LVT_ERROR,
    WS__LVT_COUNT
};

/* A set of vectors: bit v % 32 of word v / 32. */
struct ws__vector_set {
    uint32_t word[WS__APIC_VECTORS / 32];
};

struct ws__local_apic {
    struct ws__vector_set requested;  /* IRR */
    struct ws__vector_set in_service; /* ISR */
    struct ws__vector_set level;      /* TMR: its end is told to the I/O APIC */
    uint32_t lvt[WS__LVT_COUNT];
    uint32_t command[2]; /* ICR, low and high */
    uint32_t spurious;   /* SVR */
    uint32_t errors;     /* ESR, as it reads */
    uint32_t new_errors; /* since it was written */
    uint32_t count;      /* the timer's initial count; 0: it stands still */
    uint8_t divider;     /* its divide configuration register */
    uint8_t id;
    uint8_t logical_id;    /* LDR, bits 31..24 */
    uint8_t format;        /* DFR, bits 31..28 */
    uint8_t task_priority; /* TPR */
    bool off;              /* IA32_APIC_BASE says so: the processor has no local APIC */
    bool lint0;            /* the 8259s' output, as it was last */
    bool ended;            /* the end of a level-triggered interrupt has to be told: its vector is `ended_vector` */
    uint8_t ended_vector;
    bool nmi;       /* the processor has to take an NMI */
    uint64_t begin; /* the tick at which the timer began to count, modulo 2^64 */
    uint64_t seen;  /* up to this tick, its expiries were looked at */
};

/* As a PC's firmware leaves it: enabled, the 8259s' output passes through LINT0, NMI through LINT1. */
void ws__local_apic_reset(struct ws__local_apic *chip);

/* -- interrupts ------------------------------------------------------------------------------ */

/* Is this message for it? */
bool ws__local_apic_is_meant(const struct ws__local_apic *chip, const struct ws__apic_message *message);
/* A message that is for it comes in. */
void ws__local_apic_accept(struct ws__local_apic *chip, const struct ws__apic_message *message);
/* Would it request anything?  Not if the vector is requested already. */
bool ws__local_apic_listens(const struct ws__local_apic *chip, const struct ws__apic_message *message);

/* The 8259s' output is high, or low. */
void ws__local_apic_lint0(struct ws__local_apic *chip, bool high);
/* Does that output reach the processor as it is?  Then the 8259s answer its acknowledge. */
bool ws__local_apic_passes_8259(const struct ws__local_apic *chip);
/* Does it reach anything at all? */
bool ws__local_apic_hears_8259(const struct ws__local_apic *chip);
/* The NMI line rises: does NMI come? */
bool ws__local_apic_passes_nmi(const struct ws__local_apic *chip);

/* Does an interrupt of a vector of its own wait, with a priority that is high enough? */
bool ws__local_apic_interrupts(const struct ws__local_apic *chip);
/* The processor acknowledges it: the vector. */
uint8_t ws__local_apic_acknowledge(struct ws__local_apic *chip);

/* -- the timer ------------------------------------------------------------------------------- */

void ws__local_apic_run(struct ws__local_apic *chip, const struct ws__clock *clock);
/* When it will next request an interrupt; WS__NEVER if it will not. */
uint64_t ws__local_apic_due(const struct ws__local_apic *chip, const struct ws__clock *clock);
/* Does it count, though its interrupt is masked? */
bool ws__local_apic_timer_is_masked(const struct ws__local_apic *chip);

/* -- registers ------------------------------------------------------------------------------- */

/* `offset` from WS__LOCAL_APIC_PHYS, below 4096. */
uint32_t ws__local_apic_read(struct ws__local_apic *chip, const struct ws__clock *clock, uint32_t offset,
                             unsigned bytes);
void ws__local_apic_write(struct ws__local_apic *chip, const struct ws__clock *clock, uint32_t offset, unsigned bytes,
                          uint32_t value);

/* -- for its files --------------------------------------------------------------------------- */

enum {
    WS__LVT_MODE_SHIFT = 8,
    WS__LVT_PENDS = 1 << 12, /* "delivery status"; here nothing is ever on its way */
    WS__LVT_LEVEL = 1 << 15,
    WS__LVT_MASKED = 1 << 16,
    WS__LVT_PERIODIC = 1 << 17,
    WS__SPURIOUS_ENABLED = 1 << 8,
    WS__APIC_FIRST_VECTOR = 16,   /* those below are illegal */
    WS__APIC_ERROR_SENT = 1 << 5, /* an illegal vector */
    WS__APIC_ERROR_RECEIVED = 1 << 6,
    WS__APIC_ERROR_REGISTER = 1 << 7
};

/* A local interrupt: as its row of the table says. */
void ws__local_apic_local(struct ws__local_apic *chip, enum ws__local_vector which);
/* The highest vector of a set; -1: it is empty. */
int ws__vector_set_highest(const struct ws__vector_set *set);
void ws__local_apic_end_of_interrupt(struct ws__local_apic *chip);
uint8_t ws__local_apic_priority(const struct ws__local_apic *chip);
/* The timer's current count. */
uint32_t ws__local_apic_count(const struct ws__local_apic *chip, const struct ws__clock *clock);
/* It begins to count now, from `count`. */
void ws__local_apic_count_from(struct ws__local_apic *chip, const struct ws__clock *clock, uint32_t count);
/* It has another divider. */
void ws__local_apic_divide(struct ws__local_apic *chip, const struct ws__clock *clock, uint8_t divider);
/* Note an error: WS__APIC_ERROR_ bits. */
void ws__local_apic_error(struct ws__local_apic *chip, uint32_t error);

#endif
