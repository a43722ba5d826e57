/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC: what is requested, in service, and comes next.
 */
#include "devices/apic/local_apic.h"

#include <string.h>

enum {
    CLASS = 0xf0, /* of a vector: its priority.  SDM 3A §10.8.3 "Interrupt, Task, and Processor Priority" */
    EVERYBODY = 0xff,
    FLAT = 0xf
};

void ws__local_apic_reset(struct ws__local_apic *chip)
{
    memset(chip, 0, sizeof *chip);
    for (int i = 0; i < WS__LVT_COUNT; i++)
        chip->lvt[i] = WS__LVT_MASKED;
    chip->lvt[WS__LVT_LINT0] = WS__APIC_EXTINT << WS__LVT_MODE_SHIFT | WS__LVT_LEVEL;
    chip->lvt[WS__LVT_LINT1] = WS__APIC_NMI << WS__LVT_MODE_SHIFT | WS__LVT_LEVEL;
    chip->spurious = WS__SPURIOUS_ENABLED | 0xff;
    chip->format = FLAT;
}

/* -- sets ------------------------------------------------------------------------------------ */

int ws__vector_set_highest(const struct ws__vector_set *set)
{
    for (int i = WS__APIC_VECTORS / 32 - 1; i >= 0; i--) {
        if (set->word[i])
            return 32 * i + 31 - __builtin_clz(set->word[i]);
    }
    return -1;
}

static bool has(const struct ws__vector_set *set, uint8_t vector)
{
    return set->word[vector / 32] >> vector % 32 & 1;
}

static void put(struct ws__vector_set *set, uint8_t vector, bool in)
{
    uint32_t bit = UINT32_C(1) << vector % 32;
    set->word[vector / 32] = in ? set->word[vector / 32] | bit : set->word[vector / 32] & ~bit;
}

/* -- who is meant ---------------------------------------------------------------------------- */

static bool is_enabled(const struct ws__local_apic *chip)
{
    return !chip->off && chip->spurious & WS__SPURIOUS_ENABLED;
}

/* SDM 3A §10.6.2 "Determining IPI Destination" */
bool ws__local_apic_is_meant(const struct ws__local_apic *chip, const struct ws__apic_message *message)
{
    uint8_t to = message->destination;
    if (to == EVERYBODY)
        return true;
    if (!message->logical)
        return to == chip->id;
    if (chip->format == FLAT)
        return to & chip->logical_id;
    return to >> 4 == chip->logical_id >> 4 && to & chip->logical_id & 0xf;
}

/* -- coming in ------------------------------------------------------------------------------- */

void ws__local_apic_error(struct ws__local_apic *chip, uint32_t error)
{
    bool first = !(chip->new_errors & error);
    chip->new_errors |= error;
    if (first)
        ws__local_apic_local(chip, WS__LVT_ERROR);
}

static void request(struct ws__local_apic *chip, uint8_t vector, bool level)
{
    if (!is_enabled(chip))
        return;
    if (vector < WS__APIC_FIRST_VECTOR) { /* SDM 3A §10.5.2 "Valid Interrupt Vectors" */
        ws__local_apic_error(chip, WS__APIC_ERROR_RECEIVED);
        return;
    }
    put(&chip->requested, vector, true);
    put(&chip->level, vector, level);
}

void ws__local_apic_accept(struct ws__local_apic *chip, const struct ws__apic_message *message)
{
    if (message->mode == WS__APIC_FIXED || message->mode == WS__APIC_LOWEST_PRIORITY)
        request(chip, message->vector, message->level);
    else if (message->mode == WS__APIC_NMI && !chip->off)
        chip->nmi = true;
}

bool ws__local_apic_listens(const struct ws__local_apic *chip, const struct ws__apic_message *message)
{
    if (!ws__local_apic_is_meant(chip, message))
        return false;
    bool own = message->mode == WS__APIC_FIXED || message->mode == WS__APIC_LOWEST_PRIORITY;
    return own ? is_enabled(chip) && !has(&chip->requested, message->vector) : message->mode == WS__APIC_NMI;
}

/* SDM 3A §10.5.1 "Local Vector Table" */
void ws__local_apic_local(struct ws__local_apic *chip, enum ws__local_vector which)
{
    uint32_t row = chip->lvt[which];
    bool pin = which == WS__LVT_LINT0 || which == WS__LVT_LINT1;
    struct ws__apic_message message = {
        .vector = (uint8_t)row,
        .mode = which == WS__LVT_TIMER || which == WS__LVT_ERROR ? WS__APIC_FIXED : row >> WS__LVT_MODE_SHIFT & 7,
        .level = pin && row & WS__LVT_LEVEL,
    };
    if (!(row & WS__LVT_MASKED))
        ws__local_apic_accept(chip, &message);
}

/* -- the pins -------------------------------------------------------------------------------- */

static unsigned mode_of(const struct ws__local_apic *chip, enum ws__local_vector which)
{
    return chip->lvt[which] >> WS__LVT_MODE_SHIFT & 7;
}

void ws__local_apic_lint0(struct ws__local_apic *chip, bool high)
{
    bool rises = high && !chip->lint0;
    chip->lint0 = high;
    if (rises && mode_of(chip, WS__LVT_LINT0) != WS__APIC_EXTINT)
        ws__local_apic_local(chip, WS__LVT_LINT0);
}

/* Without its local APIC, the processor's pins are INTR and NMI.  SDM 3A §10.4.3 "Enabling or Disabling the Local
 * APIC" */
bool ws__local_apic_passes_8259(const struct ws__local_apic *chip)
{
    return chip->off ||
           (!(chip->lvt[WS__LVT_LINT0] & WS__LVT_MASKED) && mode_of(chip, WS__LVT_LINT0) == WS__APIC_EXTINT);
}

bool ws__local_apic_hears_8259(const struct ws__local_apic *chip)
{
    return chip->off || !(chip->lvt[WS__LVT_LINT0] & WS__LVT_MASKED);
}

bool ws__local_apic_passes_nmi(const struct ws__local_apic *chip)
{
    return chip->off || (!(chip->lvt[WS__LVT_LINT1] & WS__LVT_MASKED) && mode_of(chip, WS__LVT_LINT1) == WS__APIC_NMI);
}

/* -- priorities ------------------------------------------------------------------------------ */

/* SDM 3A §10.8.3.1 "Task and Processor Priorities" */
uint8_t ws__local_apic_priority(const struct ws__local_apic *chip)
{
    int served = ws__vector_set_highest(&chip->in_service);
    uint8_t serving = served < 0 ? 0 : (uint8_t)served & CLASS;
    return (chip->task_priority & CLASS) >= serving ? chip->task_priority : serving;
}

bool ws__local_apic_interrupts(const struct ws__local_apic *chip)
{
    int next = ws__vector_set_highest(&chip->requested);
    return is_enabled(chip) && next >= 0 && (next & CLASS) > (ws__local_apic_priority(chip) & CLASS);
}

/* SDM 3A §10.8.4 "Interrupt Acceptance for Fixed Interrupts" */
uint8_t ws__local_apic_acknowledge(struct ws__local_apic *chip)
{
    uint8_t vector = (uint8_t)ws__vector_set_highest(&chip->requested);
    put(&chip->requested, vector, false);
    put(&chip->in_service, vector, true);
    return vector;
}

/* SDM 3A §10.8.5 "Signaling Interrupt Servicing Completion" */
void ws__local_apic_end_of_interrupt(struct ws__local_apic *chip)
{
    int served = ws__vector_set_highest(&chip->in_service);
    if (served < 0)
        return;
    put(&chip->in_service, (uint8_t)served, false);
    chip->ended = has(&chip->level, (uint8_t)served);
    chip->ended_vector = (uint8_t)served;
}
