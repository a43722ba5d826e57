/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit of switches of other styles: it finds nothing in those that are correct, and what is wrong in those that
 * are not, at the instruction that is.
 */
#include <string.h>

#include <worldswitch/cross.h>
#include <worldswitch/disasm.h>
#include <worldswitch/segment.h>

#include "audit/own_bench.h"

Suite *audit_own_suite(void);

enum { SETTLE = 256 }; /* an entered world wipes its context */

/* There and back, twice; it ends where something fails. */
static void bench_run(struct bench *bench)
{
    struct ws_world *to[] = {bench->vmm, bench->host, bench->vmm, bench->host};
    enum ws_status status = ws_lab_enter(bench->lab, bench->host);

    for (size_t i = 0; i < sizeof to / sizeof *to && status == WS_OK; i++) {
        ws_machine_run(bench->machine, SETTLE);
        status = ws_world_switch(to[i]);
    }
    ws_audit_finish(bench->audit);
}

static void expect_clean(const struct bench *bench)
{
    const struct ws_finding *first = ws_audit_finding(bench->audit, 0);

    ck_assert_msg(!first, "%s: %s", first ? first->rule : "", first ? first->text : "");
    ck_assert_uint_eq(ws_audit_switches(bench->audit), 5);
}

START_TEST(sound_switches_are_sound)
{
    struct ws_cross_code code = *ws_cross_built_in();
    struct ws_buffer file = WS_BUFFER_INIT;
    struct bench bench;

    if (_i < OWN_CROSSES)
        own_cross_read(own_cross[_i], &file, &code);
    bench_open(&bench, &code);
    bench_run(&bench);
    expect_clean(&bench);
    bench_close(&bench);
    ws_buffer_release(&file);
}
END_TEST

/* -- mistakes ----------------------------------------------------------------------------------------- */

/* Where code that is put in between stands: behind the built-in one. */
enum { ANNEX = 0x200, JUMP_BYTES = 5 };

static struct ws_cross_step step_get(unsigned number)
{
    struct ws_cross_step step;
    ck_assert(ws_cross_step_get(number, &step));
    return step;
}

static void jump_put(uint8_t *page, uint32_t at, uint32_t to)
{
    uint32_t relative = to - (at + JUMP_BYTES);
    page[at] = 0xe9;
    memcpy(page + at + 1, &relative, sizeof relative);
}

/* Execute `bytes` behind that step.  The step, and the next ones if they are in the way, move to the annex. */
static void insert(uint8_t *page, unsigned number, const uint8_t *bytes, unsigned size)
{
    struct ws_cross_step step = step_get(number);
    uint32_t at = step.linear - WS_CROSS_LINEAR, moved = step.size, annex = ANNEX;
    while (moved < JUMP_BYTES)
        moved += step_get(++number).size;
    memcpy(page + annex, page + at, step.size);
    memcpy(page + annex + step.size, bytes, size);
    memcpy(page + annex + step.size + size, page + at + step.size, moved - step.size);
    jump_put(page, annex + moved + size, at + moved);
    jump_put(page, at, annex);
}

static void nops(uint8_t *page, unsigned number)
{
    struct ws_cross_step step = step_get(number);
    memset(page + (step.linear - WS_CROSS_LINEAR), 0x90, step.size);
}

/* lldt behind the pops of GS and FS: in place, for all of it has the same length. */
static void lldt_late(uint8_t *page)
{
    struct ws_cross_step lldt = step_get(36), ltr = step_get(37), es = step_get(41);
    uint32_t at = lldt.linear - WS_CROSS_LINEAR;
    uint8_t moved[WS_INSTRUCTION_BYTES];
    memcpy(moved, page + at, lldt.size);
    memmove(page + at, page + at + lldt.size, es.linear - ltr.linear);
    memcpy(page + at + (es.linear - ltr.linear), moved, lldt.size);
}

/* EFLAGS is saved when IF is clear already. */
static void flags_late(uint8_t *page)
{
    page[0] = 0xfa; /* cli */
    page[1] = 0x9c; /* pushf */
}

/* movl %ecx, offset(%ecx): behind step 34 ECX is the place of the TSS's descriptor, on the page of tables. */
#define STORE_ECX(offset)                                    \
    {                                                        \
        0x89, 0x89, (offset)&0xff, (offset) >> 8, 0x00, 0x00 \
    }
enum { HOST_TSS = 0x70, AT_ESP0 = 0x504 - HOST_TSS, AT_GATE_14 = 0x800 + 14 * 8 - HOST_TSS };

static const struct {
    const char *rule;
    unsigned remove; /* this step */
    unsigned behind; /* this one the bytes are inserted */
    uint8_t bytes[8];
    uint8_t size;
    void (*change)(uint8_t *page);
    const char *text[4]; /* what the finding says, among other things */
} mistakes[] = {
    {"interrupts-off", 0, 31, {0xfb}, 1, NULL, {"\"sti\" at 0xffc00", "before the entered world has its handlers"}},
    {"interrupts-off", 0, 37, {0xfb}, 1, NULL, {"\"sti\" at 0xffc00", "before the entered world has its stack"}},
    {"entered-memory", 0, 34, STORE_ECX(AT_ESP0), 6, NULL, {"%ecx, 0x494(%ecx)\" at 0xffc00", "changes esp0"}},
    {"entered-memory", 0, 34, STORE_ECX(AT_GATE_14), 6, NULL, {"changes gate 14 of the entered world's IDT"}},
    {"entered-memory", 0, 38, {0x89, 0x4c, 0x24, 0x40}, 4, NULL, {"(%esp)\" at 0xffc00", "the entered world's stack"}},
    {"ends", 0, 25, {0x51}, 1, NULL, {"%ecx\" at 0xffc00", "#PF(0x0002)", "which is gone since CR3", "esp is 0x"}},
    {"ends", 23, 0, {0}, 0, NULL, {"%gs\" at 0xffc00", "#PF(0x0000)", "esp is 0x00000000, must be", "triple-faulted"}},
    {"ends",
     35,
     0,
     {0},
     0,
     NULL,
     {"\"ltr", "#GP(0x0070)", "selector 0x0070 of the GDT, 32-bit TSS (busy)", "triple-faulted"}},
    {"undisturbed",
     36,
     0,
     {0},
     0,
     NULL,
     {"%gs\" at 0xffc00", "#GP(0x001c)", "selector 0x001c of the LDT", "no lldt follows"}},
    {"undisturbed",
     0,
     0,
     {0},
     0,
     lldt_late,
     {"%gs\" at 0xffc00", "ldtr is 0x0038, still the left world's", "only later"}},
    {"flags", 0, 0, {0}, 0, flags_late, {"eflags is 0x", "(IF is 0, must be 1)"}},
};

/* Where the instruction was that began at each mark. */
struct history {
    uint32_t linear[1 << 16];
};

static void instruction_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct history *history = context;
    (void)machine;
    ck_assert_uint_lt(event->mark, sizeof history->linear / sizeof *history->linear);
    history->linear[event->mark] = event->linear;
}

/* There is something on the stacks, and the switch is called with interrupts on. */
static void stacks_lower(const struct bench *bench)
{
    struct ws_world *world[] = {bench->host, bench->vmm};
    struct ws_registers registers;
    for (size_t i = 0; i < sizeof world / sizeof *world; i++) {
        ws_world_registers(world[i], &registers);
        registers.value[WS_ESP] -= 256;
        ck_assert_int_eq(ws_world_set_registers(world[i], &registers), WS_OK);
        ck_assert_int_eq(ws_world_set_request_gate(world[i], WS_TYPE_TRAP_GATE32), WS_OK);
        ws_world_registers(world[i], &registers);
        ck_assert_int_eq(ws_audit_expect(bench->audit, ws_world_name(world[i]), &registers), WS_OK);
    }
}

/* The first finding names the mistake, at its instruction; and where an instruction has failed, it is the only one. */
START_TEST(mistakes_are_named)
{
    struct ws_cross_code code = *ws_cross_built_in();
    uint8_t page[WS_CROSS_CONTEXTS_OFFSET];
    static struct history history;
    const struct ws_finding *finding;
    struct bench bench;

    memcpy(page, ws_cross_page(), sizeof page);
    if (mistakes[_i].remove)
        nops(page, mistakes[_i].remove);
    if (mistakes[_i].behind)
        insert(page, mistakes[_i].behind, mistakes[_i].bytes, mistakes[_i].size);
    if (mistakes[_i].change)
        mistakes[_i].change(page);
    code.code = page;
    bench_open(&bench, &code);
    stacks_lower(&bench);
    ck_assert_int_eq(ws_machine_listen(bench.machine, WS_EVENT_MASK(INSTRUCTION), instruction_note, &history), WS_OK);
    bench_run(&bench);
    finding = ws_audit_finding(bench.audit, 0);
    ck_assert_msg(finding, "%s: nothing is found", mistakes[_i].rule);
    ck_assert_msg(!strcmp(finding->rule, mistakes[_i].rule), "%s: %s", finding->rule, finding->text);
    for (unsigned i = 0; i < 4 && mistakes[_i].text[i]; i++)
        ck_assert_msg(strstr(finding->text, mistakes[_i].text[i]), "no \"%s\": %s", mistakes[_i].text[i],
                      finding->text);
    if (finding->linear)
        ck_assert_uint_eq(history.linear[finding->mark], finding->linear);
    ck_assert(finding->linear || !strcmp(finding->rule, "flags"));
    ck_assert(!finding->has_vector || ws_audit_findings(bench.audit) == 1);
    bench_close(&bench);
}
END_TEST

/* -- going back -------------------------------------------------------------------------------- */

/* The VMM is left with a wrong CR2, so that it is entered with one. */
static void cr2_spoil(const struct bench *bench)
{
    struct ws_cross_context context;
    ck_assert_int_eq(ws_machine_read(bench->machine, ws_world_context(bench->vmm), &context, sizeof context), WS_OK);
    context.cr2 ^= 4;
    ck_assert_int_eq(ws_machine_write(bench->machine, ws_world_context(bench->vmm), &context, sizeof context), WS_OK);
}

/* Both ways of going back: to what was known then, and to nothing. */
START_TEST(an_audit_goes_back_with_the_machine)
{
    struct ws_audit_saved *saved;
    struct ws_snapshot *snapshot;
    struct bench bench;

    bench_open(&bench, ws_cross_built_in());
    ck_assert_int_eq(ws_lab_enter(bench.lab, bench.host), WS_OK);
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
    ck_assert_int_eq(ws_world_switch(bench.host), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&snapshot, bench.machine), WS_OK);
    ck_assert_int_eq(ws_audit_save(bench.audit, &saved), WS_OK);
    for (unsigned i = 0; i < 3; i++) {
        cr2_spoil(&bench);
        ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
        ck_assert_uint_eq(ws_audit_switches(bench.audit), 4);
        ck_assert_uint_eq(ws_audit_findings(bench.audit), 1);
        ck_assert_str_eq(ws_audit_finding(bench.audit, 0)->rule, "cr2");
        ws_snapshot_restore(snapshot, bench.machine);
        ws_watcher_reset(bench.watcher);
        ck_assert_int_eq(ws_audit_restore(bench.audit, saved), WS_OK);
        ck_assert_uint_eq(ws_audit_findings(bench.audit), 0);
        ck_assert_uint_eq(ws_audit_switches(bench.audit), 3);
    }
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK);
    ck_assert_ptr_null(ws_audit_finding(bench.audit, 0));
    cr2_spoil(&bench); /* of a world that runs: nothing comes of it, for it is saved again */
    ck_assert_int_eq(ws_world_switch(bench.host), WS_OK);
    cr2_spoil(&bench);
    ws_audit_reset(bench.audit);
    ck_assert_int_eq(ws_world_switch(bench.vmm), WS_OK); /* nobody knows how it was left */
    ck_assert_ptr_null(ws_audit_finding(bench.audit, 0));
    ck_assert_uint_eq(ws_audit_switches(bench.audit), 1);
    ws_audit_saved_free(saved);
    ws_snapshot_free(snapshot);
    bench_close(&bench);
}
END_TEST

Suite *audit_own_suite(void)
{
    Suite *suite = suite_create("audit of own switches");
    TCase *sound = tcase_create("sound");

    tcase_add_loop_test(sound, sound_switches_are_sound, 0, OWN_CROSSES + 1);
    suite_add_tcase(suite, sound);
    TCase *wrong = tcase_create("wrong");
    tcase_add_loop_test(wrong, mistakes_are_named, 0, sizeof mistakes / sizeof *mistakes);
    suite_add_tcase(suite, wrong);
    TCase *back = tcase_create("back");
    tcase_add_test(back, an_audit_goes_back_with_the_machine);
    suite_add_tcase(suite, back);
    return suite;
}
