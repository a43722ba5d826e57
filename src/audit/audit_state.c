/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an audit knows, apart from what it was told once for all: forget it, keep a copy, go back to the copy.  So a
 * machine that is put back to a snapshot can be audited from there as if nothing had come in between.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"

struct ws_audit_saved {
    struct ws__known known;
    size_t findings; /* the first so many: what is found later stands behind them */
};

void ws__departed_free(struct departed *departed)
{
    while (departed) {
        struct departed *next = departed->next;
        ws_page_map_release(&departed->due.map);
        free(departed);
        departed = next;
    }
}

static bool map_copy(struct ws_page_map *copy, const struct ws_page_map *map)
{
    *copy = (struct ws_page_map){.count = map->count};
    if (!map->count)
        return true;
    copy->run = malloc(map->count * sizeof(*map->run));
    if (copy->run)
        memcpy(copy->run, map->run, map->count * sizeof(*map->run));
    else
        copy->count = 0;
    return copy->run != NULL;
}

/* In the same order.  false: without memory; *copy is to be freed all the same. */
static bool departed_copy(struct departed **copy, const struct departed *list)
{
    bool all = true;
    *copy = NULL;
    for (; list && all; list = list->next) {
        struct departed *one = malloc(sizeof(*one));
        if (!one)
            return false;
        *one = *list;
        one->next = NULL;
        all = map_copy(&one->due.map, &list->due.map);
        *copy = one;
        copy = &one->next;
    }
    return all;
}

static void known_free(struct ws__known *known)
{
    ws__departed_free(known->departed);
    ws__departed_free(known->context);
    ws__fpu_owners_free(known->fpu.owners);
    ws__debug_owners_free(known->debug_owners);
    *known = (struct ws__known){0};
}

static enum ws_status known_copy(struct ws__known *copy, const struct ws__known *known)
{
    *copy = *known;
    bool departed = departed_copy(&copy->departed, known->departed);
    bool context = departed_copy(&copy->context, known->context);
    bool owners = ws__fpu_owners_copy(&copy->fpu.owners, known->fpu.owners);
    bool debug = ws__debug_owners_copy(&copy->debug_owners, known->debug_owners);
    if (departed && context && owners && debug)
        return WS_OK;
    known_free(copy);
    return WS_NO_MEMORY;
}

void ws_audit_reset(struct ws_audit *audit)
{
    known_free(&audit->known);
    audit->between.open = false;
    audit->findings = 0;
    ws__audit_look(audit);
}

enum ws_status ws_audit_save(const struct ws_audit *audit, struct ws_audit_saved **out)
{
    struct ws_audit_saved *saved = malloc(sizeof(*saved));
    *out = NULL;
    if (!saved)
        return WS_NO_MEMORY;
    saved->findings = audit->findings;
    if (known_copy(&saved->known, &audit->known) != WS_OK) {
        free(saved);
        return WS_NO_MEMORY;
    }
    *out = saved;
    return WS_OK;
}

enum ws_status ws_audit_restore(struct ws_audit *audit, const struct ws_audit_saved *saved)
{
    struct ws__known copy;
    enum ws_status status = known_copy(&copy, &saved->known);
    if (status != WS_OK)
        return status;
    known_free(&audit->known);
    audit->known = copy;
    audit->between.open = false; /* an instant is not in the midst of a switch */
    if (saved->findings < audit->findings)
        audit->findings = saved->findings;
    ws__audit_look(audit);
    return WS_OK;
}

void ws_audit_saved_free(struct ws_audit_saved *saved)
{
    if (!saved)
        return;
    known_free(&saved->known);
    free(saved);
}
