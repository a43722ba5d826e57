/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ablation of a switch of the user's own, for which the library has no table.  Its instructions are those that it
 * executes.
 */
#include <worldswitch/storm.h>

#include <stdlib.h>
#include <string.h>

#include "ablation/ablation.h"
#include "ablation/instant.h"

enum {
    INSTRUCTIONS = 1024,
    SETTLE = 256 /* a world that was entered wipes its context: only then a value that is not saved is missing */
};

struct own {
    struct ws__instant instant;
    struct ws_disasm *disasm;
    struct ws_world *from;
    enum ws_ablation_kind kind;
    uint8_t code[WS_CROSS_BYTES + WS_INSTRUCTION_BYTES]; /* the page; zeros behind it */
    uint32_t page_phys;
    uint32_t linear[INSTRUCTIONS]; /* of each instruction, in the order of their first execution */
    unsigned count;
};

static void instruction_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct own *own = context;
    (void)machine;
    if (event->linear - WS_CROSS_LINEAR >= WS_CROSS_BYTES || own->count == INSTRUCTIONS)
        return;
    for (unsigned i = 0; i < own->count; i++)
        if (own->linear[i] == event->linear)
            return;
    own->linear[own->count++] = event->linear;
}

/* What the switch executes on its way, and where its page is. */
static enum ws_status code_learn(struct own *own, const struct ws_storm_options *options)
{
    struct ws_machine *machine = ws_lab_machine(ws_world_lab(options->to));
    struct ws_translation walk;
    own->from = ws_lab_running_world(ws_world_lab(options->to));
    enum ws_status status = ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), instruction_take, own);
    if (status != WS_OK)
        return status;
    status = ws__instant_open(&own->instant, options);
    ws_machine_unlisten(machine, instruction_take, own);
    if (status == WS_OK && !ws_machine_translate(machine, WS_CROSS_LINEAR, WS_ACCESS_READ, false, &walk))
        status = WS_NOT_FOUND;
    if (status != WS_OK)
        return status;
    own->page_phys = walk.phys;
    return ws_machine_read_phys(machine, walk.phys, own->code, WS_CROSS_BYTES);
}

static void instruction_read(const struct own *own, uint32_t linear, struct ws_instruction *out)
{
    ws_disasm_one(own->disasm, own->code + (linear - WS_CROSS_LINEAR), WS_INSTRUCTION_BYTES, linear, true,
                  WS_SYNTAX_ATT, out);
}

/* Into `changed`, a copy of the page.  false: this instruction cannot be changed so. */
static bool change(const struct own *own, const struct ws_instruction *one, uint8_t *changed)
{
    uint32_t offset = one->linear - WS_CROSS_LINEAR;
    struct ws_instruction two;
    memcpy(changed, own->code, WS_CROSS_BYTES);
    if (offset + one->size > WS_CROSS_BYTES)
        return false;
    if (own->kind == WS_ABLATION_REMOVE) {
        ws__nop_put(changed + offset, one->size);
        return true;
    }
    for (unsigned i = 0; i < own->count; i++) {
        if (own->linear[i] != one->linear + one->size)
            continue;
        instruction_read(own, own->linear[i], &two);
        if (offset + one->size + two.size > WS_CROSS_BYTES)
            return false;
        memcpy(changed + offset, own->code + offset + one->size, two.size);
        memcpy(changed + offset + two.size, own->code + offset, one->size);
        return true;
    }
    return false; /* the last, or one before a jump's target that is never executed */
}

/* There, back and there again: the second time there is the first with what the changed code has saved. */
static void change_try(const struct own *own, struct ws_change_verdict *verdict)
{
    struct ws_world *to = own->instant.options->to, *way[] = {to, own->from, to};
    for (size_t i = 0; i < sizeof way / sizeof *way && verdict->status == WS_OK; i++) {
        ws_machine_run(own->instant.machine, SETTLE);
        verdict->status = ws_world_switch(way[i]);
    }
    ws_audit_finish(own->instant.options->audit);
    verdict->found = ws__instant_found(&own->instant, &verdict->finding);
    verdict->noticed = verdict->found || verdict->status != WS_OK;
}

static enum ws_status instructions_try(struct own *own, ws_change_judge *judge, void *context)
{
    enum ws_status status = WS_OK;
    uint8_t changed[WS_CROSS_BYTES];
    bool more = true;
    for (unsigned i = 0; status == WS_OK && more && i < own->count; i++) {
        struct ws_change_verdict verdict = {.number = i + 1, .count = own->count};
        instruction_read(own, own->linear[i], &verdict.instruction);
        if (!change(own, &verdict.instruction, changed))
            continue;
        status = ws__instant_back(&own->instant);
        if (status == WS_OK)
            status = ws_machine_write_phys(own->instant.machine, own->page_phys, changed, WS_CROSS_MAILBOX_OFFSET);
        if (status != WS_OK)
            break;
        change_try(own, &verdict);
        status = ws_machine_failure(own->instant.machine);
        more = status == WS_OK && judge(context, &verdict);
    }
    return status;
}

enum ws_status ws_cross_ablate(const struct ws_storm_options *options, enum ws_ablation_kind kind,
                               ws_change_judge *judge, void *context)
{
    struct own *own;
    enum ws_status status;
    if (kind != WS_ABLATION_REMOVE && kind != WS_ABLATION_SWAP)
        return WS_BAD_ARGUMENT;
    own = calloc(1, sizeof *own);
    if (!own)
        return WS_NO_MEMORY;
    own->kind = kind;
    status = ws_disasm_new(&own->disasm);
    if (status == WS_OK)
        status = code_learn(own, options);
    if (status == WS_OK)
        status = instructions_try(own, judge, context);
    status = ws__instant_close(&own->instant, status);
    ws_disasm_free(own->disasm);
    free(own);
    return status;
}
