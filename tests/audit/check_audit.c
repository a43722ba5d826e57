/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit against switches that are wrong: rule by rule, what each must notice.  What it says of wrong code is in
 * check_ablation.c.
 */
#include <stdio.h>

#include <worldswitch/ablation.h>

#include "audit/audited.h"
#include "audit/rules.h"

Suite *audit_suite(void);

/* The whole run takes some 20,000 instructions; a broken one may loop. */
enum { LIMIT = 300000 };

START_TEST(sound_switch)
{
    struct audited audited;
    audited_open(&audited, LIMIT);
    ck_assert_int_eq(ws_audit_thorough(audited.audit), WS_OK);
    ck_assert_int_eq(ws_machine_run(audited.machine, 0), WS_STOP_HALT);
    ws_audit_finish(audited.audit);
    ck_assert_uint_eq(ws_audit_switches(audited.audit), 9);
    ck_assert_uint_eq(ws_audit_context_switches(audited.audit), 7);
    for (size_t i = 0; ws_audit_rules()[i].name; i++)
        ck_assert_msg(ws_audit_judged(audited.audit, i), "%s is never applied", ws_audit_rules()[i].name);
    const struct ws_halt *halt = ws_machine_halt(audited.machine);
    const struct ws_finding *first = ws_audit_finding(audited.audit, 0);
    ck_assert_msg(!first, "%s: %s", first ? first->rule : "", first ? first->text : "");
    ck_assert(halt->reason == WS_HALT_EXIT && halt->exit_value == 0);
    audited_close(&audited);
}
END_TEST

/* The host's context switch with some of its bytes changed. */
static const struct {
    const char *rule;
    uint8_t bytes, was[8], is[8];
} broken_switch[] = {
    {"context-ring0-stack", 3, {0x89, 0x4b, 0x04}, {0x90, 0x90, 0x90}}, /* no mov %ecx, 4(%ebx): ESP0 */
    {"context-stack-owner", 3, {0x0f, 0x22, 0xd9}, {0x90, 0x90, 0x90}}, /* no mov %ecx, %cr3 */
    {"ends", 8, {0x8b, 0x44, 0x24, 4, 0x8b, 0x54, 0x24, 8}, {0x8b, 0x44, 0x24, 8, 0x8b, 0x54, 0x24, 4}}, /* swapped */
    {"context-registers", 3, {0x5f, 0x5e, 0x5b}, {0x5e, 0x5f, 0x5b}}, /* pop EDI and ESI in wrong order */
};

START_TEST(context_switch_is_judged)
{
    struct audited audited;
    uint32_t linear, phys = 0;
    uint8_t code[64];
    audited_open(&audited, LIMIT);
    ck_assert_int_eq(ws_audit_thorough(audited.audit), WS_OK);
    struct ws_physical memory = ws_machine_memory(audited.machine);
    struct ws_registers registers = {.value = {[WS_CR0] = WS_CR0_PG | WS_CR0_PE}};
    struct ws_translation walk;
    registers.value[WS_CR3] = ws_world_cr3(ws_lab_system_first(audited.lab));
    ck_assert_int_eq(ws_symbols_find(ws_lab_symbols(audited.lab), "host.context_switch", &linear), WS_OK);
    ck_assert(ws_page_walk(&walk, &memory, &registers, linear, WS_ACCESS_READ, false));
    memcpy(code, memory.ram + walk.phys, sizeof code);
    for (uint32_t at = 0; at + 8 < sizeof code && !phys; at++)
        if (!memcmp(code + at, broken_switch[_i].was, broken_switch[_i].bytes))
            phys = walk.phys + at;
    ck_assert_uint_ne(phys, 0);
    ck_assert_int_eq(ws_machine_write_phys(audited.machine, phys, broken_switch[_i].is, broken_switch[_i].bytes),
                     WS_OK);
    ws_machine_run(audited.machine, 0);
    ws_audit_finish(audited.audit);
    ck_assert_msg(ws_audit_findings(audited.audit) > 0, "%s: nothing is found", broken_switch[_i].rule);
    ck_assert_str_eq(ws_audit_finding(audited.audit, 0)->rule, broken_switch[_i].rule);
    audited_close(&audited);
}
END_TEST

/* -- rule by rule -------------------------------------------------------------------------------------- */

/* A sound switch, of a world from host to VMM, or of a context from A to B, with everything that a rule looks at open
 * to be spoilt. */
struct bench {
    struct audited audited;
    struct ws_crossing crossing;
    struct ws_registers now;
    struct ws__due due;
    struct departed third; /* a world that maps one page, of nobody else's */
    struct ws_mapping page;
    struct ws__attributes left; /* the left world's IA32_PAT */
    struct ws__case judged;
    unsigned seen;
    unsigned kind; /* of the crossing to judge: enum ws_crossing_kind */
};

static void crossing_keep(void *context, const struct ws_crossing *crossing)
{
    struct bench *bench = context;
    if (crossing->kind != bench->kind || ++bench->seen != 2)
        return;
    bench->crossing = *crossing;
    ws_machine_stop(bench->audited.machine);
}

static void bench_open(struct bench *bench, unsigned kind)
{
    memset(bench, 0, sizeof(*bench));
    bench->kind = kind;
    audited_open(&bench->audited, LIMIT);
    ck_assert_int_eq(ws_watcher_listen(bench->audited.watcher, crossing_keep, bench), WS_OK);
    ck_assert_int_eq(ws_machine_run(bench->audited.machine, 0), WS_STOP_ASKED);
    struct ws_physical memory = ws_machine_memory(bench->audited.machine);
    bench->due.known = true;
    bench->due.esp0 = ws__esp0_read(bench->audited.machine);
    bench->due.registers = bench->crossing.after;
    ck_assert_int_eq(ws_page_map_read(&bench->due.map, &memory, &bench->crossing.after), WS_OK);
    ws_machine_registers(bench->audited.machine, &bench->now);
    bench->page = (struct ws_mapping){.phys = ws_machine_memory(bench->audited.machine).bytes - WS_PAGE_BYTES,
                                      .bytes = WS_PAGE_BYTES};
    bench->third = (struct departed){
        .world = "third", .named = true, .due = {.known = true, .map = {.run = &bench->page, .count = 1}}};
    uint64_t attributes = ws_machine_page_attributes(bench->audited.machine);
    ws__attributes_keep(&bench->left, attributes);
    ws__attributes_keep(&bench->due.attributes, attributes);
    bench->judged = (struct ws__case){.machine = bench->audited.machine,
                                      .left_attributes = &bench->left,
                                      .attributes = attributes,
                                      .departed = &bench->third,
                                      .crossing = &bench->crossing,
                                      .now = &bench->now,
                                      .due = &bench->due,
                                      .cross_linear = WS_CROSS_LINEAR,
                                      .cross_bytes = WS_CROSS_BYTES};
}

static void bench_close(struct bench *bench)
{
    ws_page_map_release(&bench->due.map);
    audited_close(&bench->audited);
}

/* Change a word of the entered world's memory, behind its back. */
static void word_set(struct bench *bench, uint32_t phys, uint32_t word)
{
    ck_assert_int_eq(ws_machine_write_phys(bench->audited.machine, phys, &word, sizeof(word)), WS_OK);
}

static struct ws_translation entered_walk(struct bench *bench, uint32_t linear)
{
    struct ws_physical memory = ws_machine_memory(bench->audited.machine);
    struct ws_translation walk;
    ck_assert(ws_page_walk(&walk, &memory, &bench->crossing.after, linear, WS_ACCESS_READ, false));
    return walk;
}

#define SPOIL_REGISTER(name, which)               \
    static void spoil_##name(struct bench *bench) \
    {                                             \
        bench->due.registers.value[which] ^= 4;   \
    }
SPOIL_REGISTER(general, WS_EDI)
SPOIL_REGISTER(flags, WS_EFLAGS)
SPOIL_REGISTER(selectors, WS_FS)
SPOIL_REGISTER(stack, WS_ESP)
SPOIL_REGISTER(gdtr, WS_GDTR_LIMIT)
SPOIL_REGISTER(idtr, WS_IDTR_BASE)
SPOIL_REGISTER(ldtr, WS_LDTR)
SPOIL_REGISTER(tr, WS_TR)
SPOIL_REGISTER(cr0, WS_CR0)
SPOIL_REGISTER(cr2, WS_CR2)
SPOIL_REGISTER(cr3, WS_CR3)
SPOIL_REGISTER(cr4, WS_CR4)
SPOIL_REGISTER(resumed, WS_EIP)

/* A page of the entered world turns read-only. */
static void spoil_address_space(struct bench *bench)
{
    struct ws_translation walk = entered_walk(bench, bench->crossing.after.value[WS_ESP] - 4);
    word_set(bench, walk.pte_phys, walk.pte & ~(uint32_t)WS_PTE_RW);
}

/* The host's GDT turns up in the VMM's address space. */
static void spoil_left_world(struct bench *bench)
{
    struct ws_physical memory = ws_machine_memory(bench->audited.machine);
    struct ws_translation host, hole = entered_walk(bench, bench->crossing.after.value[WS_GDTR_BASE]);
    ck_assert(ws_page_walk(&host, &memory, &bench->crossing.before, bench->crossing.before.value[WS_GDTR_BASE],
                           WS_ACCESS_READ, false));
    /* The slot behind the page of tables is free. */
    word_set(bench, hole.pte_phys + 4, host.pte);
}

/* The third world's page is the one where the entered world has its stack. */
static void spoil_apart(struct bench *bench)
{
    bench->page.phys =
        entered_walk(bench, bench->crossing.after.value[WS_ESP] - 4).phys & ~(uint32_t)(WS_PAGE_BYTES - 1);
}

static void spoil_globals(struct bench *bench)
{
    ck_assert(bench->crossing.before.value[WS_CR4] & WS_CR4_PGE);
    bench->crossing.flushed_globals = false;
}

static void spoil_interrupts(struct bench *bench)
{
    bench->crossing.eflags_between |= WS_EFLAGS_IF;
}

static void spoil_tables(struct bench *bench)
{
    bench->crossing.after.value[WS_IDTR_BASE] = 0x12345000;
}

static void spoil_tasks(struct bench *bench)
{
    /* The kernel's code segment's entry becomes another busy TSS. */
    struct ws_translation walk = entered_walk(bench, bench->crossing.after.value[WS_GDTR_BASE]);
    struct ws_descriptor descriptor = {.limit = 103, .type = WS_TYPE_TSS32_BUSY, .system = true, .present = true};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    ws_descriptor_encode(raw, &descriptor);
    ck_assert_int_eq(ws_machine_write_phys(bench->audited.machine, walk.phys + WS_DESCRIPTOR_BYTES, raw, sizeof(raw)),
                     WS_OK);
}

static void spoil_segments(struct bench *bench)
{
    /* What SS has loaded was a flat segment; its table says something else now. */
    uint32_t ss = bench->crossing.after.value[WS_SS] & ~(uint32_t)7;
    struct ws_translation walk = entered_walk(bench, bench->crossing.after.value[WS_GDTR_BASE] + ss);
    word_set(bench, walk.phys, 0x1234ffff);
}

/* The entered process's own page of the user half. */
static void spoil_user_part(struct bench *bench)
{
    struct ws_translation walk = entered_walk(bench, 0x08048000);
    word_set(bench, walk.pte_phys, 0);
}

/* Page tables of the kernel half are shared: only another directory entry makes a difference. */
static void spoil_kernel_part(struct bench *bench)
{
    struct ws_translation walk = entered_walk(bench, bench->crossing.after.value[WS_ESP]);
    word_set(bench, walk.pde_phys, 0);
}

static void spoil_esp0(struct bench *bench)
{
    ck_assert_uint_ne(bench->due.esp0, 0);
    bench->due.esp0 += 4096;
}

/* What was left has another IA32_PAT, and the switch has kept it. */
static void spoil_attributes(struct bench *bench)
{
    bench->due.attributes.value[0] ^= 1;
}

static void spoil_limit(struct bench *bench)
{
    bench->crossing.before.value[WS_IDTR_LIMIT]++;
}
SPOIL_REGISTER(saved, WS_ESI)

/* The rules for world switches, then those for context switches. */
static const struct {
    const char *rule;
    void (*spoil)(struct bench *bench);
} spoilt[] = {
    {"general-registers", spoil_general},
    {"flags", spoil_flags},
    {"segments", spoil_selectors},
    {"stack", spoil_stack},
    {"gdtr", spoil_gdtr},
    {"idtr", spoil_idtr},
    {"ldtr", spoil_ldtr},
    {"tr", spoil_tr},
    {"cr0", spoil_cr0},
    {"cr2", spoil_cr2},
    {"cr3", spoil_cr3},
    {"cr4", spoil_cr4},
    {"resumed", spoil_resumed},
    {"address-space", spoil_address_space},
    {"left-world-gone", spoil_left_world},
    {"worlds-apart", spoil_apart},
    {"no-global-left", spoil_globals},
    {"interrupts-off", spoil_interrupts},
    {"tables-mapped", spoil_tables},
    {"one-task-busy", spoil_tasks},
    {"segments-loaded", spoil_segments},
    {"page-attributes", spoil_attributes},
    {"context-registers", spoil_saved},
    {"context-stack", spoil_stack},
    {"context-resumed", spoil_resumed},
    {"context-cr3", spoil_cr3},
    {"context-tables", spoil_limit},
    {"context-ring0-stack", spoil_esp0},
    {"context-kernel-kept", spoil_kernel_part},
    {"context-user-part", spoil_user_part},
};

_Static_assert(sizeof(spoilt) / sizeof(spoilt[0]) == WS__RULES + WS__CONTEXT_RULES, "each rule must be seen to fail");

/* What one rule has to say. */
static bool complains(const struct bench *bench, unsigned rule)
{
    struct ws_buffer wrong = WS_BUFFER_INIT;
    const struct ws__rule_row *row = rule < WS__RULES ? &ws__rules[rule] : &ws__context_rules[rule - WS__RULES];
    struct ws_physical memory = ws_machine_memory(bench->audited.machine);
    struct ws_page_map left, entered;
    struct ws__case judged = bench->judged;
    ck_assert_int_eq(ws_page_map_read(&left, &memory, &bench->crossing.before), WS_OK);
    ck_assert_int_eq(ws_page_map_read(&entered, &memory, &bench->crossing.after), WS_OK);
    judged.left = &left;
    judged.entered = &entered;
    row->check(&judged, row->category, &wrong);
    bool does = wrong.size > 0;
    ws_page_map_release(&left);
    ws_page_map_release(&entered);
    ws_buffer_release(&wrong);
    return does;
}

START_TEST(rule_notices)
{
    struct bench bench;
    bench_open(&bench, ws_audit_rules()[_i].kind);
    ck_assert_str_eq(ws_audit_rules()[_i].name, spoilt[_i].rule);
    ck_assert_msg(!complains(&bench, (unsigned)_i), "%s: complains about a sound switch", spoilt[_i].rule);
    spoilt[_i].spoil(&bench);
    ck_assert_msg(complains(&bench, (unsigned)_i), "%s: does not notice", spoilt[_i].rule);
    bench_close(&bench);
}
END_TEST

/* A switch that breaks rules has a finding: whatever is left out, its cause, or the cause's cause, is told. */
START_TEST(causes_are_told)
{
    static const struct {
        const uint32_t *causes;
        unsigned count;
    } table[] = {{ws__rule_causes, WS__RULES}, {ws__context_rule_causes, WS__CONTEXT_RULES}};
    const uint32_t *causes = table[_i].causes;
    for (unsigned rule = 0; rule < table[_i].count; rule++)
        for (unsigned cause = 0; cause < 32; cause++) {
            if (!(causes[rule] >> cause & 1))
                continue;
            ck_assert_uint_lt(cause, table[_i].count);
            ck_assert_uint_eq(causes[cause] & ~causes[rule], 0);
            ck_assert_uint_eq(causes[cause] >> rule & 1, 0);
        }
}
END_TEST

/* The entered world's TR is the left one's: no task of its own is busy, and its TSS is not mapped.  One finding. */
START_TEST(consequences_are_left_out)
{
    struct ws_ablation *ablation;
    const struct ws_ablation_case ltr = {.kind = WS_ABLATION_REMOVE, .instruction = 37};
    struct ws_ablation_verdict verdict;
    ck_assert_int_eq(ws_ablation_new(&ablation, WS_TLB_COHERENT), WS_OK);
    ck_assert_int_eq(ws_ablation_try(ablation, &ltr, &verdict), WS_OK);
    ck_assert_str_eq(verdict.by[0], "tr");
    for (unsigned i = 1; i < verdict.by_count; i++)
        for (const struct ws_audit_rule *rule = ws_audit_rules(); rule->name; rule++)
            ck_assert_str_ne(verdict.by[i], rule->name);
    ws_ablation_free(ablation);
}
END_TEST

/* Each rule says something about itself. */
START_TEST(rules_are_explained)
{
    size_t count = 0;
    for (const struct ws_audit_rule *rule = ws_audit_rules(); rule->name; rule++, count++)
        ck_assert_msg(strlen(rule->explanation) > 20, "%s is not explained", rule->name);
    ck_assert_uint_eq(count, WS__RULES + WS__CONTEXT_RULES + 8);
}
END_TEST

Suite *audit_suite(void)
{
    Suite *suite = suite_create("audit");
    TCase *code = tcase_create("switch code");
    tcase_add_test(code, sound_switch);
    tcase_add_loop_test(code, context_switch_is_judged, 0, sizeof broken_switch / sizeof broken_switch[0]);
    suite_add_tcase(suite, code);
    TCase *rules = tcase_create("rules");
    tcase_add_loop_test(rules, rule_notices, 0, WS__RULES + WS__CONTEXT_RULES);
    tcase_add_test(rules, rules_are_explained);
    tcase_add_loop_test(rules, causes_are_told, 0, 2);
    tcase_add_test(rules, consequences_are_left_out);
    suite_add_tcase(suite, rules);
    return suite;
}
