/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Remove an instruction of the world switch, and let the audit say what is wrong.
 *
 * usage: broken_switch [NUMBER]     1 to 45; without it, a few are tried
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <worldswitch/worldswitch.h>

static enum ws_status remove_step(struct ws_lab *lab, const struct ws_cross_step *step)
{
    struct ws_machine *machine = ws_lab_machine(lab);
    struct ws_physical memory = ws_machine_memory(machine);
    uint8_t nops[WS_INSTRUCTION_BYTES];
    struct ws_registers registers;
    struct ws_translation walk;
    ws_world_registers(ws_lab_system_first(lab), &registers);
    memset(nops, 0x90, sizeof(nops));
    if (!ws_page_walk(&walk, &memory, &registers, step->linear, WS_ACCESS_READ, false))
        return WS_NOT_MAPPED;
    return ws_machine_write_phys(machine, walk.phys, nops, step->size);
}

static int try_without(unsigned number)
{
    struct ws_machine_options options = {.max_instructions = 100000};
    struct ws_watcher *watcher;
    struct ws_audit *audit;
    struct ws_cross_step step;
    struct ws_lab *lab;
    if (!ws_cross_step_get(number, &step) || ws_lab_system_new(&lab, &options) ||
        ws_watcher_new(&watcher, ws_lab_machine(lab)) || ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)) ||
        ws_audit_new(&audit, ws_lab_machine(lab), watcher) || ws_audit_lab(audit, lab) || remove_step(lab, &step))
        return 1;
    ws_machine_run(ws_lab_machine(lab), 0);
    ws_audit_finish(audit);
    const struct ws_finding *finding = ws_audit_finding(audit, 0);
    printf("without %u (%s)\n    it should: %s\n    the audit: %s\n", number, ws_cross_phase_text(step.phase), step.why,
           finding ? finding->text : "says nothing");
    ws_audit_free(audit);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
    return finding ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const unsigned some[] = {2, 27, 31, 35};
    int failed = argc > 1 ? try_without((unsigned)atoi(argv[1])) : 0;
    for (size_t i = 0; argc < 2 && i < sizeof(some) / sizeof(some[0]); i++)
        failed |= try_without(some[i]);
    return failed;
}
