/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Acts from outside: noted when they are done, and done again. */
#include "machine/acts.h"

#include <stdlib.h>
#include <string.h>

#include "machine/board.h"

static void future_forget(struct ws_machine *machine)
{
    struct ws__acts *acts = &machine->acts;
    while (acts->count > acts->done)
        free((void *)(uintptr_t)acts->act[--acts->count].bytes);
}

static enum ws_status act_add(struct ws__acts *acts, const struct ws__act *act)
{
    struct ws__act *grown = realloc(acts->act, (acts->count + 1) * sizeof *grown);
    if (!grown)
        return WS_NO_MEMORY;
    acts->act = grown;
    void *bytes = NULL;
    if (act->size) {
        bytes = malloc(act->size);
        if (!bytes)
            return WS_NO_MEMORY;
        memcpy(bytes, act->bytes, act->size);
    }
    grown[acts->count] = *act;
    grown[acts->count++].bytes = bytes;
    return WS_OK;
}

void ws__act_note(struct ws_machine *machine, const struct ws__act *act)
{
    if (machine->acting)
        return;
    future_forget(machine);
    if (!machine->cpu.state.begun) /* this is no act: the machine is being made ready for another run */
        return;
    ws_machine_fail(machine, act_add(&machine->acts, act));
    machine->acts.done = machine->acts.count;
}

void ws_machine_acts_forget(struct ws_machine *machine)
{
    future_forget(machine);
}

/* -- doing them again ---------------------------------------------------------------------------------- */

/* REGISTER: the value. */
static uint32_t act_value(const struct ws__act *act)
{
    uint32_t value;
    memcpy(&value, act->bytes, sizeof value);
    return value;
}

static void act_do(struct ws_machine *machine, const struct ws__act *act)
{
    if (act->kind == WS__ACT_WRITE)
        ws_machine_fail(machine, ws_machine_write_phys(machine, act->where, act->bytes, act->size));
    else if (act->kind == WS__ACT_INTERRUPT)
        ws_machine_interrupt(machine, (uint8_t)act->where);
    else if (act->kind == WS__ACT_REGISTER)
        ws_machine_fail(machine, ws_machine_register_set(machine, (enum ws_register)act->where, act_value(act)));
    else
        ws_machine_nmi(machine);
}

/* The next one; NULL: none. */
static const struct ws__act *act_next(const struct ws_machine *machine)
{
    const struct ws__acts *acts = &machine->acts;
    return acts->done < acts->count ? &acts->act[acts->done] : NULL;
}

bool ws__acts_do(struct ws_machine *machine)
{
    const struct ws__act *act;
    bool done = false;
    machine->acting = true;
    while ((act = act_next(machine)) && act->mark <= machine->cpu.state.begun) {
        machine->acts.done++;
        act_do(machine, act);
        done = true;
    }
    machine->acting = false;
    return done;
}

uint64_t ws__acts_room(const struct ws_machine *machine, uint64_t instructions)
{
    const struct ws__act *act = act_next(machine);
    uint64_t room = act ? act->mark - machine->cpu.state.begun : 0;
    return act && (!instructions || room < instructions) ? room : instructions;
}

void ws__acts_release(struct ws__acts *acts)
{
    for (size_t i = 0; i < acts->count; i++)
        free((void *)(uintptr_t)acts->act[i].bytes);
    free(acts->act);
    *acts = (struct ws__acts){0};
}

/* -- branches ------------------------------------------------------------------------------------------ */

enum ws_status ws__acts_set_aside(struct ws_machine *machine, uint64_t count, struct ws__acts *out)
{
    const struct ws__acts *acts = &machine->acts;
    struct ws__acts copy = {0};
    enum ws_status status = WS_OK;
    for (size_t i = 0; i < count && status == WS_OK; i++)
        status = act_add(&copy, &acts->act[i]);
    if (status != WS_OK) {
        ws__acts_release(&copy);
        return status;
    }
    copy.done = acts->done;
    *out = *acts;
    machine->acts = copy;
    return WS_OK;
}

uint64_t ws__acts_done(const struct ws_machine *machine)
{
    return machine->acts.done;
}

void ws__acts_put_back(struct ws_machine *machine, struct ws__acts *acts)
{
    ws__acts_release(&machine->acts);
    machine->acts = *acts;
    *acts = (struct ws__acts){0};
}

/* -- recordings ---------------------------------------------------------------------------------------- */

bool ws__machine_act_get(const struct ws_machine *machine, size_t index, struct ws__act *out)
{
    if (index >= machine->acts.count)
        return false;
    *out = machine->acts.act[index];
    return true;
}

static bool act_is_sound(const struct ws_machine *machine, const struct ws__act *act)
{
    if (act->kind == WS__ACT_WRITE)
        return act->size && ws__memory_has(machine, act->where, act->size);
    if (act->kind == WS__ACT_REGISTER)
        return act->size == sizeof(uint32_t) &&
               ws__register_check((enum ws_register)act->where, act_value(act)) == WS_OK;
    return act->kind < WS__ACT_KINDS && act->where <= UINT8_MAX && !act->size;
}

enum ws_status ws__machine_act_at(struct ws_machine *machine, const struct ws__act *act)
{
    const struct ws__acts *acts = &machine->acts;
    if (machine->cpu.state.begun || !act->mark || !act_is_sound(machine, act) ||
        (acts->count && acts->act[acts->count - 1].mark > act->mark))
        return WS_BAD_ARGUMENT;
    return act_add(&machine->acts, act);
}
