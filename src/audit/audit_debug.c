/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a process find the debug registers as it left them?
 *
 * A kernel may set them once for all, and then all find the same.  So they are a process's own only if they have
 * changed while it ran, from one switch to the next.  The routine that switches may be called when they are loaded for
 * the next one already: so what they were at the last calls counts, too.
 *
 * SDM 3B §17.2 "Debug Registers".
 */
#include <stdlib.h>

#include "audit/audit.h"

enum { REGISTERS = WS__DEBUG_REGISTERS };
static const uint8_t debug_register[REGISTERS] = {WS_DR0, WS_DR1, WS_DR2, WS_DR3, WS_DR7};

/* A thread, and what it had. */
struct ws__debug_owner {
    struct ws__debug_owner *next;
    struct ws__whose whose;
    bool left; /* `own` is what it had when it was left */
    uint32_t entered[REGISTERS], own[REGISTERS];
    struct ws__debug_recent recent; /* before it was left */
};

void ws__debug_owners_free(struct ws__debug_owner *owners)
{
    while (owners) {
        struct ws__debug_owner *next = owners->next;
        free(owners);
        owners = next;
    }
}

bool ws__debug_owners_copy(struct ws__debug_owner **copy, const struct ws__debug_owner *owners)
{
    *copy = NULL;
    for (; owners; owners = owners->next) {
        struct ws__debug_owner *one = malloc(sizeof(*one));
        if (!one)
            return false;
        *one = *owners;
        one->next = NULL;
        *copy = one;
        copy = &one->next;
    }
    return true;
}

/* NULL: there is no memory for it, and the machine has failed.  What a new one is entered with, it is given now. */
static struct ws__debug_owner *owner_get(struct ws_audit *audit, const struct ws_registers *registers, uint32_t thread)
{
    struct ws__debug_owner *owner = audit->known.debug_owners;
    uint32_t cr3 = registers->value[WS_CR3];
    while (owner && (owner->whose.cr3 != cr3 || owner->whose.thread != thread))
        owner = owner->next;
    if (owner)
        return owner;
    owner = calloc(1, sizeof *owner);
    if (!owner) {
        ws_machine_fail(audit->machine, WS_NO_MEMORY);
        return NULL;
    }
    *owner = (struct ws__debug_owner){.next = audit->known.debug_owners, .whose = {cr3, thread}};
    for (unsigned i = 0; i < REGISTERS; i++)
        owner->entered[i] = registers->value[debug_register[i]];
    return audit->known.debug_owners = owner;
}

void ws__audit_debug_call(struct ws_audit *audit, const struct ws_registers *registers)
{
    struct ws__debug_recent *recent = &audit->known.debug_recent;
    uint32_t *row = recent->value[recent->count++ % WS__FPU_RECENT];
    for (unsigned i = 0; i < REGISTERS; i++)
        row[i] = registers->value[debug_register[i]];
}

static bool is_recent(const struct ws__debug_recent *recent, unsigned which, uint32_t value)
{
    unsigned count = recent->count < WS__FPU_RECENT ? recent->count : WS__FPU_RECENT;
    for (unsigned i = 0; i < count; i++)
        if (recent->value[i][which] == value)
            return true;
    return false;
}

/* What it had is due to one that was left before; a new one must not get what the left one has set. */
static void entered_judge(struct ws_audit *audit, const struct ws_crossing *crossing,
                          const struct ws__debug_owner *left, const struct ws__debug_owner *entered)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    for (unsigned i = 0; i < REGISTERS; i++) {
        const char *name = ws_register_info((enum ws_register)debug_register[i])->name;
        uint32_t is = crossing->after.value[debug_register[i]];
        bool forgotten = is == left->own[i] && left->own[i] != left->entered[i];
        if (entered->left && is != entered->own[i] && !is_recent(&entered->recent, i, is))
            ws_buffer_printf(&text, "%s%s is 0x%08x, must be 0x%08x%s", text.size ? "; " : "", name, is,
                             entered->own[i], forgotten ? ": what the one that was left has set" : "");
        else if (!entered->left && forgotten)
            ws_buffer_printf(&text, "%s%s is 0x%08x: what the one that was left has set", text.size ? "; " : "", name,
                             is);
    }
    if (text.size)
        ws__finding_say(audit, RULE_DEBUG, crossing->end, 0, &text);
    else
        ws_buffer_release(&text);
}

void ws__audit_debug_crossing(struct ws_audit *audit, const struct ws_crossing *crossing)
{
    struct ws__debug_owner *left = owner_get(audit, &crossing->before, crossing->from_thread);
    struct ws__debug_owner *entered = left ? owner_get(audit, &crossing->after, crossing->to_thread) : NULL;
    if (!entered || left == entered)
        return;
    for (unsigned i = 0; i < REGISTERS; i++)
        left->own[i] = crossing->before.value[debug_register[i]];
    left->recent = audit->known.debug_recent;
    audit->known.debug_recent.count = 0;
    left->left = true;
    entered_judge(audit, crossing, left, entered);
    for (unsigned i = 0; i < REGISTERS; i++)
        entered->entered[i] = crossing->after.value[debug_register[i]];
    entered->left = false;
}
