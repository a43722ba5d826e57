/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each of the 45 instructions removed, each two neighbours swapped, an interrupt and an NMI at each
 * boundary: what is noticed, by whom, where, and whether the texts in cross.S say the truth.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/ablation.h>
#include <worldswitch/cross.h>
#include <worldswitch/crossing.h>
#include <worldswitch/lab.h>

Suite *ablation_suite(void);

static struct ws_ablation *ablation;

static void setup(void)
{
    ck_assert_int_eq(ws_ablation_new(&ablation, WS_TLB_COHERENT), WS_OK);
}

static void teardown(void)
{
    ws_ablation_free(ablation);
}

static struct ws_ablation_verdict verdict_of(struct ws_ablation_case tried)
{
    struct ws_ablation_verdict verdict;
    ck_assert_int_eq(ws_ablation_try(ablation, &tried, &verdict), WS_OK);
    return verdict;
}

static bool is_by(const struct ws_ablation_verdict *verdict, const char *who)
{
    for (unsigned i = 0; i < verdict->by_count; i++)
        if (!strcmp(verdict->by[i], who))
            return true;
    return false;
}

/* The exceptions that a text promises: "#GP or #PF" promises one of them.  true: it promises none,
 * or one that came. */
static bool promise_is_kept(const char *text, const struct ws_ablation_verdict *verdict)
{
    bool promised = false;
    for (const char *at = strchr(text, '#'); at; at = strchr(at + 1, '#')) {
        char name[8] = "";
        size_t length = 1;
        while (isupper((unsigned char)at[length]))
            length++;
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (is_by(verdict, name))
            return true;
        promised = true;
    }
    return !promised;
}

START_TEST(removal_is_noticed)
{
    struct ws_cross_step step;
    struct ws_ablation_verdict verdict =
        verdict_of((struct ws_ablation_case){.kind = WS_ABLATION_REMOVE, .instruction = (uint8_t)_i});
    ck_assert(ws_cross_step_get((unsigned)_i, &step));
    ck_assert_msg(verdict.detected && verdict.as_expected, "%d: %s", _i, verdict.explanation);
    ck_assert_msg(!is_by(&verdict, "limit"), "%d is noticed by a time-out", _i);
    ck_assert_msg(verdict.at > verdict.cause, "%d: noticed at %llu, caused at %llu", _i, (unsigned long long)verdict.at,
                  (unsigned long long)verdict.cause);
    ck_assert_msg(promise_is_kept(step.without, &verdict), "%d: \"%s\", but %s", _i, step.without, verdict.explanation);
    ck_assert_ptr_nonnull(strstr(verdict.explanation, step.without));
}
END_TEST

/* Where a fault shows is known exactly: the instruction, its error code, the distance. */
static const struct {
    unsigned removed, at_instruction, distance;
    const char *by, *says;
} exact[] = {
    {1, 9, 8, "#PF", "instruction 9 raises #PF(0x0000)"},
    {24, 26, 2, "triple-fault", "instruction 26 raises #PF(0x0000), and no handler"},
    {35, 37, 2, "#GP", "instruction 37 raises #GP(0x0070), and no handler"},
    {36, 39, 3, "#GP", "instruction 39 raises #GP(0x001c)"},
    {31, 0, 15, "cr2", "the rule \"cr2\" is broken"},
};

START_TEST(removal_is_located)
{
    struct ws_ablation_verdict verdict =
        verdict_of((struct ws_ablation_case){.kind = WS_ABLATION_REMOVE, .instruction = (uint8_t)exact[_i].removed});
    ck_assert_msg(is_by(&verdict, exact[_i].by), "%u", exact[_i].removed);
    ck_assert_msg(strstr(verdict.explanation, exact[_i].says), "%u: %s", exact[_i].removed, verdict.explanation);
    ck_assert_uint_eq(verdict.at_instruction, exact[_i].at_instruction);
    ck_assert_uint_eq(verdict.at - verdict.cause, exact[_i].distance);
}
END_TEST

/* Where the world crossings of the sound laboratory end. */
struct ends {
    unsigned count;
    uint64_t mark[16];
};

static void end_add(void *context, const struct ws_crossing *crossing)
{
    struct ends *ends = context;
    if (crossing->kind == WS_CROSSING_WORLD && ends->count < sizeof ends->mark / sizeof ends->mark[0])
        ends->mark[ends->count++] = crossing->end;
}

static void ends_find(struct ends *ends)
{
    struct ws_lab *lab;
    struct ws_watcher *watcher;
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, ws_lab_machine(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_listen(watcher, end_add, ends), WS_OK);
    ws_machine_run(ws_lab_machine(lab), 0);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

/* Without cli the first switch does nothing wrong yet: the host that it enters had interrupts off.  How far it
 * is to the second, which is asked to be quiet and is not, is the compiler's affair. */
START_TEST(a_switch_with_interrupts_on_is_located)
{
    struct ws_ablation_verdict verdict =
        verdict_of((struct ws_ablation_case){.kind = WS_ABLATION_REMOVE, .instruction = 2});
    struct ends ends = {0};
    ends_find(&ends);
    ck_assert(is_by(&verdict, "interrupts-off"));
    ck_assert_msg(strstr(verdict.explanation, "world switch 2 (host to vmm)"), "%s", verdict.explanation);
    ck_assert_uint_eq(verdict.at_instruction, 0);
    ck_assert_uint_gt(ends.count, 1);
    ck_assert_uint_eq(verdict.at, ends.mark[1]);
}
END_TEST

/* What is called harmless is not noticed, and all else is. */
static void reason_is_right(const struct ws_ablation_verdict *verdict, int number)
{
    ck_assert_msg(verdict->as_expected, "%d: %s", number, verdict->explanation);
    bool called_harmless = strstr(verdict->explanation, "nothing is noticed; ") != NULL;
    ck_assert_int_eq(verdict->detected, !called_harmless);
    ck_assert_ptr_null(strstr(verdict->explanation, "no reason is known"));
}

START_TEST(neighbours_swapped)
{
    struct ws_ablation_verdict verdict =
        verdict_of((struct ws_ablation_case){.kind = WS_ABLATION_SWAP, .instruction = (uint8_t)_i});
    static const char independent[] = "02 08 09 10 11 12 13 21 22 23 31 32 33 35 36 37";
    char number[4];
    snprintf(number, sizeof number, "%02d", _i);
    reason_is_right(&verdict, _i);
    ck_assert_msg(verdict.detected == !strstr(independent, number), "%s", verdict.explanation);
}
END_TEST

/* Some bits; `worldswitch ablate --bits` tries all. */
static const struct {
    uint8_t instruction, bit;
    bool detected;
} bits[] = {{4, 3, false},  {4, 0, true},    {8, 22, false}, {17, 0, false}, {25, 0, true},
            {35, 25, true}, {35, 26, false}, {45, 0, true},  {45, 7, true}};

START_TEST(bit_inverted)
{
    struct ws_ablation_verdict verdict = verdict_of(
        (struct ws_ablation_case){.kind = WS_ABLATION_BIT, .instruction = bits[_i].instruction, .bit = bits[_i].bit});
    ck_assert_msg(verdict.detected == bits[_i].detected, "%s", verdict.explanation);
    reason_is_right(&verdict, bits[_i].instruction);
}
END_TEST

/* Before these instructions: at both ends of the switch, and of what an NMI must not interrupt.  `worldswitch ablate
 * --storm`, which tests/cli/ablate.sh runs, tries all. */
static const uint8_t boundaries[] = {1, 2, 25, 26, 38, 39, 45, 46};

/* An interrupt never harms; an NMI between the CR3 write and the new stack always does. */
START_TEST(storm)
{
    uint8_t boundary = boundaries[_i];
    for (uint8_t way = 0; way < 2; way++)
        for (unsigned nmi = 0; nmi < 2; nmi++) {
            struct ws_ablation_verdict verdict = verdict_of((struct ws_ablation_case){
                .kind = nmi ? WS_ABLATION_NMI : WS_ABLATION_INTERRUPT,
                .instruction = boundary,
                .way = way,
            });
            bool fails = nmi && boundary >= 26 && boundary <= 38;
            ck_assert_msg(verdict.detected == fails, "%d: %s", boundary, verdict.explanation);
            ck_assert(verdict.as_expected);
            ck_assert_int_eq(fails, strstr(verdict.explanation, "; known: ") != NULL);
        }
}
END_TEST

START_TEST(cases_are_enumerated)
{
    unsigned all = (1u << WS_ABLATION_KINDS) - 1;
    size_t count = ws_ablation_cases(ablation, all), kinds[WS_ABLATION_KINDS] = {0};
    struct ws_ablation_case tried;
    ck_assert_uint_eq(ws_ablation_cases(ablation, 0), 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert(ws_ablation_case_get(ablation, all, i, &tried));
        kinds[tried.kind]++;
        ck_assert_uint_ge(tried.instruction, 1);
    }
    ck_assert(!ws_ablation_case_get(ablation, all, count, &tried));
    ck_assert_uint_eq(kinds[WS_ABLATION_REMOVE], WS_CROSS_INSTRUCTIONS);
    ck_assert_uint_eq(kinds[WS_ABLATION_SWAP], WS_CROSS_INSTRUCTIONS - 1);
    ck_assert_uint_eq(kinds[WS_ABLATION_NMI], 2 * (WS_CROSS_INSTRUCTIONS + 1));
    size_t bytes = 0;
    struct ws_cross_step step;
    for (unsigned number = 1; ws_cross_step_get(number, &step); number++)
        bytes += step.size;
    ck_assert_uint_eq(kinds[WS_ABLATION_BIT], 8 * bytes);
}
END_TEST

Suite *ablation_suite(void)
{
    Suite *suite = suite_create("ablation");
    TCase *code = tcase_create("code");
    tcase_set_tags(code, "heavy");
    tcase_add_checked_fixture(code, setup, teardown);
    tcase_add_test(code, cases_are_enumerated);
    tcase_add_loop_test(code, removal_is_noticed, 1, WS_CROSS_INSTRUCTIONS + 1);
    tcase_add_loop_test(code, removal_is_located, 0, sizeof exact / sizeof exact[0]);
    tcase_add_test(code, a_switch_with_interrupts_on_is_located);
    tcase_add_loop_test(code, neighbours_swapped, 1, WS_CROSS_INSTRUCTIONS);
    tcase_add_loop_test(code, bit_inverted, 0, sizeof bits / sizeof bits[0]);
    tcase_add_loop_test(code, storm, 0, sizeof boundaries / sizeof boundaries[0]);
    suite_add_tcase(suite, code);
    return suite;
}
