/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC's registers: each is 32 bits wide, at a multiple of 16.
 *
 * SDM 3A §10.4.1 "The Local APIC Block Diagram", table 10-1.
 */
#include "devices/apic/local_apic.h"

enum {
    ID = 0x02,
    VERSION,
    TASK_PRIORITY = 0x08,
    ARBITRATION_PRIORITY,
    PROCESSOR_PRIORITY,
    END_OF_INTERRUPT,
    LOGICAL_DESTINATION = 0x0d,
    DESTINATION_FORMAT,
    SPURIOUS,
    IN_SERVICE = 0x10,
    TRIGGER_MODE = 0x18,
    REQUESTED = 0x20,
    ERRORS = 0x28,
    COMMAND_LOW = 0x30,
    COMMAND_HIGH,
    LVT_TIMER = 0x32,
    LVT_LAST = LVT_TIMER + WS__LVT_COUNT - 1,
    INITIAL_COUNT = 0x38,
    CURRENT_COUNT,
    DIVIDER = 0x3e
};

enum {
    SET_WORDS = WS__APIC_VECTORS / 32,
    VERSION_VALUE = WS__LOCAL_APIC_VERSION | (WS__LVT_COUNT - 1) << 16,
    SPURIOUS_KEPT = 0x1ff,
    DIVIDER_KEPT = 0x0b,
    COMMAND_KEPT = 0x000ccfff
};
enum { TO_DESTINATION, TO_SELF, TO_ALL, TO_OTHERS };

/* Which bits of each row of the local vector table can be written. */
static const uint32_t lvt_kept[WS__LVT_COUNT] = {
    [WS__LVT_TIMER] = 0x300ff, [WS__LVT_THERMAL] = 0x107ff, [WS__LVT_COUNTERS] = 0x107ff,
    [WS__LVT_LINT0] = 0x1a7ff, [WS__LVT_LINT1] = 0x1a7ff,   [WS__LVT_ERROR] = 0x100ff,
};

static uint32_t register_read(struct ws__local_apic *chip, const struct ws__clock *clock, unsigned number)
{
    switch (number) {
    case ID:
        return (uint32_t)chip->id << 24;
    case VERSION:
        return VERSION_VALUE;
    case TASK_PRIORITY:
        return chip->task_priority;
    case PROCESSOR_PRIORITY:
        return ws__local_apic_priority(chip);
    case LOGICAL_DESTINATION:
        return (uint32_t)chip->logical_id << 24;
    case DESTINATION_FORMAT:
        return (uint32_t)chip->format << 28 | 0x0fffffff;
    case SPURIOUS:
        return chip->spurious;
    case ERRORS:
        return chip->errors;
    case COMMAND_LOW:
        return chip->command[0];
    case COMMAND_HIGH:
        return chip->command[1];
    case INITIAL_COUNT:
        return chip->count;
    case CURRENT_COUNT:
        return ws__local_apic_count(chip, clock);
    case DIVIDER:
        return chip->divider;
    case ARBITRATION_PRIORITY:
    case END_OF_INTERRUPT:
        return 0;
    default:
        ws__local_apic_error(chip, WS__APIC_ERROR_REGISTER);
        return 0;
    }
}

uint32_t ws__local_apic_read(struct ws__local_apic *chip, const struct ws__clock *clock, uint32_t offset,
                             unsigned bytes)
{
    unsigned number = offset / 16;
    if (bytes != 4 || offset % 16)
        return 0;
    if (number >= IN_SERVICE && number < IN_SERVICE + SET_WORDS)
        return chip->in_service.word[number - IN_SERVICE];
    if (number >= TRIGGER_MODE && number < TRIGGER_MODE + SET_WORDS)
        return chip->level.word[number - TRIGGER_MODE];
    if (number >= REQUESTED && number < REQUESTED + SET_WORDS)
        return chip->requested.word[number - REQUESTED];
    if (number >= LVT_TIMER && number <= LVT_LAST)
        return chip->lvt[number - LVT_TIMER];
    return register_read(chip, clock, number);
}

/* -- writing --------------------------------------------------------------------------------- */

/* SDM 3A §10.6.1 "Interrupt Command Register (ICR)".  INIT and start-up are for processors that are not there. */
static void command_send(struct ws__local_apic *chip)
{
    uint32_t low = chip->command[0];
    struct ws__apic_message message = {
        .vector = (uint8_t)low,
        .mode = low >> 8 & 7,
        .destination = (uint8_t)(chip->command[1] >> 24),
        .logical = low & 1 << 11,
    };
    unsigned to = low >> 18 & 3;
    if (message.mode == WS__APIC_FIXED && message.vector < WS__APIC_FIRST_VECTOR)
        ws__local_apic_error(chip, WS__APIC_ERROR_SENT);
    else if (to == TO_SELF || to == TO_ALL || (to == TO_DESTINATION && ws__local_apic_is_meant(chip, &message)))
        ws__local_apic_accept(chip, &message);
}

/* As long as the APIC is disabled, all rows are masked.  SDM 3A §10.4.7.2 "Local APIC State After It Has Been Software
 * Disabled" */
static void spurious_write(struct ws__local_apic *chip, uint32_t value)
{
    chip->spurious = value & SPURIOUS_KEPT;
    for (int i = 0; i < WS__LVT_COUNT && !(value & WS__SPURIOUS_ENABLED); i++)
        chip->lvt[i] |= WS__LVT_MASKED;
}

static void lvt_write(struct ws__local_apic *chip, enum ws__local_vector which, uint32_t value)
{
    bool stays_masked = !(chip->spurious & WS__SPURIOUS_ENABLED);
    chip->lvt[which] = (value & lvt_kept[which]) | (stays_masked ? WS__LVT_MASKED : 0);
}

static void register_write(struct ws__local_apic *chip, const struct ws__clock *clock, unsigned number, uint32_t value)
{
    switch (number) {
    case ID:
        chip->id = (uint8_t)(value >> 24);
        break;
    case TASK_PRIORITY:
        chip->task_priority = (uint8_t)value;
        break;
    case END_OF_INTERRUPT:
        ws__local_apic_end_of_interrupt(chip);
        break;
    case LOGICAL_DESTINATION:
        chip->logical_id = (uint8_t)(value >> 24);
        break;
    case DESTINATION_FORMAT:
        chip->format = (uint8_t)(value >> 28);
        break;
    case SPURIOUS:
        spurious_write(chip, value);
        break;
    case ERRORS: /* SDM 3A §10.5.3 "Error Handling" */
        chip->errors = chip->new_errors;
        chip->new_errors = 0;
        break;
    case COMMAND_LOW:
        chip->command[0] = value & COMMAND_KEPT;
        command_send(chip);
        break;
    case COMMAND_HIGH:
        chip->command[1] = value & 0xff000000;
        break;
    case INITIAL_COUNT:
        ws__local_apic_count_from(chip, clock, value);
        break;
    case DIVIDER:
        ws__local_apic_divide(chip, clock, value & DIVIDER_KEPT);
        break;
    case VERSION:
    case ARBITRATION_PRIORITY:
    case PROCESSOR_PRIORITY:
    case CURRENT_COUNT:
        break;
    default:
        ws__local_apic_error(chip, WS__APIC_ERROR_REGISTER);
        break;
    }
}

void ws__local_apic_write(struct ws__local_apic *chip, const struct ws__clock *clock, uint32_t offset, unsigned bytes,
                          uint32_t value)
{
    unsigned number = offset / 16;
    if (bytes != 4 || offset % 16)
        return;
    if (number >= LVT_TIMER && number <= LVT_LAST)
        lvt_write(chip, (enum ws__local_vector)(number - LVT_TIMER), value);
    else if (number < IN_SERVICE || number >= REQUESTED + SET_WORDS) /* the sets are read only */
        register_write(chip, clock, number, value);
}
