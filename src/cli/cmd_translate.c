/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * translate: run the hosted system to a mark, or to its end, and show what its VMMs have translated.
 *
 * A VMM's memory goes back to the host when its virtual machine ends.  So it is read whenever its world is left, and
 * once more at the mark, if that is in a VMM.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/translate.h"
#include "front/system.h"

enum { VMMS = 8 }; /* more are not shown */

struct translate {
    const struct ws__options *options;
    struct ws__system system;
    struct ws__output output;
    struct ws_disasm *disasm;
    struct ws__translate_seen *seen[VMMS]; /* owned; in the order of appearance, NULL behind the last */
    struct ws__translate_seen *next;       /* owned: what is being read */
};

static void seen_keep(struct translate *translate, const char *world, uint64_t mark)
{
    struct ws__translate_seen *next = translate->next;
    unsigned vmm = 0;
    while (vmm < VMMS && translate->seen[vmm] && strcmp(translate->seen[vmm]->world, world) != 0)
        vmm++;
    if (vmm == VMMS)
        return;
    snprintf(next->world, sizeof next->world, "%s", world);
    next->mark = mark;
    translate->next = translate->seen[vmm];
    translate->seen[vmm] = next;
}

/* If these are a VMM's registers, read what it has. */
static void look(struct translate *translate, const struct ws_registers *registers, const char *world, uint64_t mark)
{
    struct ws_physical memory = ws_machine_memory(translate->system.machine);
    if (!translate->next)
        translate->next = calloc(1, sizeof *translate->next);
    if (!translate->next)
        ws_machine_fail(translate->system.machine, WS_NO_MEMORY);
    else if (ws__translation_read(&translate->next->translation, translate->system.symbols, &memory, registers))
        seen_keep(translate, world, mark);
}

static void crossing_take(void *context, const struct ws_crossing *crossing)
{
    if (crossing->kind == WS_CROSSING_WORLD)
        look(context, &crossing->before, crossing->from, crossing->begin);
}

/* Run to the mark, or to the end.  false: the user does not want it any more. */
static bool run(struct translate *translate)
{
    const struct ws__options *options = translate->options;
    struct ws_machine *machine = translate->system.machine;
    struct ws_registers now;
    uint64_t mark = options->mark_given ? strtoull(options->word[0], NULL, 0) : UINT64_MAX;
    if (!ws__system_run_to(&translate->system, options, &translate->output, mark))
        return false;
    ws_watcher_settle(translate->system.watcher);
    ws_machine_registers(machine, &now);
    look(translate, &now, ws_watcher_world(translate->system.watcher, NULL), ws_machine_mark(machine));
    return true;
}

static int all_write(struct translate *translate)
{
    const struct ws__options *options = translate->options;
    unsigned written = 0;
    ws__translate_head(&translate->output.pending, options);
    for (unsigned vmm = 0; vmm < VMMS && translate->seen[vmm]; vmm++)
        written += ws__translate_write(&translate->output.pending, translate->seen[vmm], translate->disasm, options);
    if (written)
        return WS__EXIT_DONE;
    translate->output.nothing = true;
    if (!translate->seen[0])
        ws__complain("the hosted system's VMM has one, once its virtual machine runs",
                     "no VMM with a binary translator was seen up to mark %llu",
                     (unsigned long long)ws_machine_mark(translate->system.machine));
    else
        ws__complain("leave --eip away to see all units", "no unit has the instruction at 0x%08x",
                     (unsigned)options->eip);
    return WS__EXIT_WANTING;
}

static int translate_do(struct translate *translate)
{
    enum ws_status status = ws_disasm_new(&translate->disasm);
    if (status == WS_OK)
        status = ws_watcher_listen(translate->system.watcher, crossing_take, translate);
    if (status != WS_OK)
        return ws__complain_status(status, "translate");
    int result = ws__output_open(&translate->output, translate->options->output);
    if (result != WS__EXIT_DONE)
        return result;
    if (run(translate) && ws_machine_failure(translate->system.machine) == WS_OK)
        result = translate->system.contradicted ? WS__EXIT_WANTING : all_write(translate);
    return ws__system_finish(&translate->system, &translate->output, result);
}

int ws__cmd_translate(const struct ws__options *options)
{
    struct translate translate = {.options = options};
    int result = ws__system_open(&translate.system, options, true, NULL, NULL);
    if (result != WS__EXIT_DONE)
        return result;
    result = translate_do(&translate);
    for (unsigned vmm = 0; vmm < VMMS; vmm++)
        free(translate.seen[vmm]);
    free(translate.next);
    ws_disasm_free(translate.disasm);
    ws__system_close(&translate.system);
    return result;
}
