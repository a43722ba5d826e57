/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of rules, and those that need nothing but registers.
 */
#include "audit/rules.h"

const struct ws__rule_row ws__rules[] = {
#define WS__RULE_ROW(name, function, category, past, citation, explanation) \
    {ws__rule_##function, WS_CATEGORY_##category, past},
    WS__RULE_TABLE(WS__RULE_ROW)};

const struct ws__rule_row ws__context_rules[WS__CONTEXT_RULES] = {WS__CONTEXT_RULE_TABLE(WS__RULE_ROW)
#undef WS__RULE_ROW
};

/* What is popped comes from the stack; what tables say, from GDTR and LDTR; what is mapped, from CR3. */
#define WS__CAUSE(rule) 1u << WS__RULE_AT_##rule
const uint32_t ws__rule_causes[WS__RULES] = {
    [WS__RULE_AT_category_GENERAL_REGISTERS] = WS__CAUSE(category_STACK),
    [WS__RULE_AT_category_FLAGS] = WS__CAUSE(category_STACK),
    [WS__RULE_AT_category_SEGMENTS] = WS__CAUSE(category_STACK),
    [WS__RULE_AT_resumed_NONE] = WS__CAUSE(category_STACK),
    [WS__RULE_AT_left_world_gone_NONE] = WS__CAUSE(category_CR3),
    [WS__RULE_AT_worlds_apart_NONE] = WS__CAUSE(category_CR3),
    [WS__RULE_AT_tables_mapped_NONE] = WS__CAUSE(category_GDTR) | WS__CAUSE(category_IDTR) | WS__CAUSE(category_LDTR) |
                                       WS__CAUSE(category_TR) | WS__CAUSE(category_STACK) | WS__CAUSE(category_CR3),
    [WS__RULE_AT_one_task_busy_NONE] = WS__CAUSE(category_GDTR) | WS__CAUSE(category_TR) | WS__CAUSE(category_CR3),
    [WS__RULE_AT_segments_loaded_NONE] = WS__CAUSE(category_SEGMENTS) | WS__CAUSE(category_STACK) |
                                         WS__CAUSE(category_GDTR) | WS__CAUSE(category_LDTR) | WS__CAUSE(category_TR) |
                                         WS__CAUSE(category_CR3),
};
#undef WS__CAUSE

#define WS__CAUSE(rule) 1u << WS__CONTEXT_RULE_AT_##rule
const uint32_t ws__context_rule_causes[WS__CONTEXT_RULES] = {
    [WS__CONTEXT_RULE_AT_callee_saved_NONE] = WS__CAUSE(category_STACK),
    [WS__CONTEXT_RULE_AT_resumed_NONE] = WS__CAUSE(category_STACK),
    [WS__CONTEXT_RULE_AT_kernel_kept_NONE] = WS__CAUSE(category_CR3),
    [WS__CONTEXT_RULE_AT_user_part_NONE] = WS__CAUSE(category_CR3),
};
#undef WS__CAUSE

_Static_assert(WS__NEEDS_PAST == true, "the table of world rules says true");

/* RF is for debuggers: an instruction that was interrupted sets it, the next one clears it. */
static uint32_t comparable(enum ws_register which, uint32_t value)
{
    return which == WS_EFLAGS ? value & ~(uint32_t)WS_EFLAGS_RF : value;
}

/* " (IF is 0, must be 1)" */
static void bits_say(enum ws_register which, uint32_t seen, uint32_t due, struct ws_buffer *wrong)
{
    const struct ws_bit *bit = ws_register_bits(which);
    const char *separator = " (";
    for (; bit && bit->mask; bit++) {
        uint32_t unit = bit->mask & -bit->mask, is = (seen & bit->mask) / unit, must = (due & bit->mask) / unit;
        if (is == must)
            continue;
        ws_buffer_printf(wrong, "%s%s is %u, must be %u", separator, bit->name, is, must);
        separator = "; ";
    }
    if (*separator == ';')
        ws_buffer_printf(wrong, ")");
}

void ws__rule_category(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    const struct ws_registers *due = &judged->due->registers, *seen = &judged->crossing->after;
    for (unsigned which = 0; which < WS_REGISTER_COUNT; which++) {
        const struct ws_register_info *info = ws_register_info((enum ws_register)which);
        if (info->category != category || comparable(which, due->value[which]) == comparable(which, seen->value[which]))
            continue;
        ws_buffer_printf(wrong, "%s%s is 0x%0*x, must be 0x%0*x", wrong->size ? "; " : "", info->name, info->bits / 4,
                         seen->value[which], info->bits / 4, due->value[which]);
        bits_say((enum ws_register)which, comparable(which, seen->value[which]), comparable(which, due->value[which]),
                 wrong);
    }
}

void ws__rule_resumed(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    uint32_t due = judged->due->registers.value[WS_EIP], seen = judged->crossing->after.value[WS_EIP];
    if (due != seen && !judged->crossing->by_jump)
        ws_buffer_printf(wrong, "eip is 0x%08x, must be 0x%08x", seen, due);
}

void ws__rule_interrupts_off(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    if (judged->crossing->eflags_between & WS_EFLAGS_IF)
        ws_buffer_printf(wrong, "interrupts are on while CR3 is written at 0x%08x", judged->crossing->cr3_linear);
}

/* -- model-specific registers -------------------------------------------------------------------------- */

void ws__attributes_keep(struct ws__attributes *attributes, uint64_t value)
{
    attributes->value[attributes->count++ % WS__ATTRIBUTES_RECENT] = value;
}

static bool attributes_have(const struct ws__attributes *attributes, uint64_t value)
{
    unsigned count = attributes->count < WS__ATTRIBUTES_RECENT ? attributes->count : WS__ATTRIBUTES_RECENT;
    for (unsigned i = 0; i < count; i++)
        if (attributes->value[i] == value)
            return true;
    return false;
}

/* Of all that this CPU has, IA32_PAT alone belongs to a world, as CR4 does.  The time stamp counter and IA32_APIC_BASE
 * are of the whole machine, and the others keep nothing.  Without calls it is not known what a world had. */
void ws__rule_page_attributes(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    const struct ws__attributes *due = &judged->due->attributes;
    (void)category;
    if (!due->count || attributes_have(due, judged->attributes) ||
        !attributes_have(judged->left_attributes, judged->attributes))
        return;
    ws_buffer_printf(wrong, "IA32_PAT is 0x%016llx, must be 0x%016llx: what the world that was left has",
                     (unsigned long long)judged->attributes,
                     (unsigned long long)due->value[(due->count - 1) % WS__ATTRIBUTES_RECENT]);
}
