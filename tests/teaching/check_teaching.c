/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small kernels in the styles of those that people write to learn: each switch is found, is of the right kind, and is
 * between those whom the kernel itself says.  However the machine is run, crossings and names are the same.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/crossing.h>
#include <worldswitch/image.h>
#include <worldswitch/timeline.h>

Suite *teaching_suite(void);

enum { MOST = 512, LIMIT = 1000000, WHO = 32 };

static const struct {
    const char *name;
    uint8_t kinds; /* bit N: it makes crossings of kind N */
    uint16_t least;
    const char *says;
} kernel[] = {
    {"kthreads", 1 << WS_CROSSING_THREAD, 20, NULL},
    {"scheduler", 1 << WS_CROSSING_THREAD | 1 << WS_CROSSING_CONTEXT, 28, "bcbcbcccdceded."},
    {"processes", 1 << WS_CROSSING_CONTEXT, 28, NULL},
    {"tasks", 1 << WS_CROSSING_THREAD | 1 << WS_CROSSING_CONTEXT, 20, "mabcmabcmabcmabc."},
    {"worlds", 1 << WS_CROSSING_WORLD, 8, "abababab."},
    {"forgets", 1 << WS_CROSSING_THREAD, 10, "."},
    {"preempt", 1 << WS_CROSSING_THREAD, 13, "."},
    {"window", 1 << WS_CROSSING_CONTEXT, 8, "."},
    {"tiny", 1 << WS_CROSSING_THREAD, 20, "-bcDe-bcde-bcde-bcde."},
    {"jumps", 1 << WS_CROSSING_THREAD, 32, "abcdabcdabcd."},
};

enum { KERNELS = sizeof kernel / sizeof *kernel };

struct truth_row {
    uint8_t kind, from, to, zero;
};

struct seen {
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_symbols *symbols;
    struct ws_crossing crossing[MOST];
    unsigned count;
};

static void keep(void *context, const struct ws_crossing *crossing)
{
    struct seen *seen = context;
    ck_assert_uint_lt(seen->count, MOST);
    seen->crossing[seen->count++] = *crossing;
}

static struct seen *seen_new(const char *name)
{
    struct seen *seen = calloc(1, sizeof *seen);
    struct ws_machine_options options = {.max_instructions = LIMIT};
    struct ws_buffer file = WS_BUFFER_INIT;
    const char *folder = getenv("top_builddir");
    char path[512];
    ck_assert_ptr_nonnull(seen);
    snprintf(path, sizeof path, "%s/guest/tests/teaching/%s.elf", folder ? folder : ".", name);
    ck_assert_int_eq(ws_file_read(path, 1 << 20, &file), WS_OK);
    ck_assert_int_eq(ws_machine_new(&seen->machine, &options), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&seen->symbols), WS_OK);
    ck_assert_int_eq(ws_image_load(seen->machine, file.data, file.size, "", seen->symbols, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&seen->watcher, seen->machine), WS_OK);
    ws_buffer_release(&file);
    return seen;
}

/* `step`: so many instructions at a time; 0: all at once. */
static struct seen *seen_run(const char *name, uint64_t step)
{
    struct seen *seen = seen_new(name);
    ck_assert_int_eq(ws_watcher_listen(seen->watcher, keep, seen), WS_OK);
    while (ws_machine_run(seen->machine, step) != WS_STOP_HALT)
        continue;
    ws_watcher_settle(seen->watcher);
    const struct ws_halt *halt = ws_machine_halt(seen->machine);
    ck_assert_msg(halt->reason == WS_HALT_EXIT && !halt->exit_value, "%s: %s, value %u", name,
                  ws_halt_text(halt->reason), halt->exit_value);
    return seen;
}

static void seen_free(struct seen *seen)
{
    ws_watcher_free(seen->watcher);
    ws_symbols_free(seen->symbols);
    ws_machine_free(seen->machine);
    free(seen);
}

static unsigned truth_read(const struct seen *seen, struct truth_row *truth)
{
    uint32_t linear, count;
    ck_assert_int_eq(ws_symbols_find(seen->symbols, "truths", &linear), WS_OK);
    ck_assert_int_eq(ws_machine_read_phys(seen->machine, linear, &count, sizeof count), WS_OK);
    ck_assert_uint_le(count, MOST);
    ck_assert_int_eq(ws_symbols_find(seen->symbols, "truth", &linear), WS_OK);
    ck_assert_int_eq(ws_machine_read_phys(seen->machine, linear, truth, count * sizeof *truth), WS_OK);
    return count;
}

/* One name for each of them, and each name for one of them. */
static void name_check(const char *kernel_name, char names[WHO][WS_NAME_BYTES], unsigned index, unsigned who,
                       const char *name)
{
    ck_assert_uint_lt(who, WHO);
    for (unsigned i = 0; i < WHO; i++)
        ck_assert_msg(i == who || strcmp(names[i], name) != 0, "%s, crossing %u: \"%s\" is %u, and was %u", kernel_name,
                      index, name, who, i);
    ck_assert_msg(!*names[who] || !strcmp(names[who], name), "%s, crossing %u: %u is \"%s\", and was \"%s\"",
                  kernel_name, index, who, name, names[who]);
    snprintf(names[who], WS_NAME_BYTES, "%s", name);
}

START_TEST(all_are_found)
{
    const char *name = kernel[_i].name;
    struct seen *seen = seen_run(name, 0);
    struct truth_row truth[MOST];
    char names[WS_CROSSING_KINDS][WHO][WS_NAME_BYTES] = {{{0}}};
    unsigned count = truth_read(seen, truth), kinds = 0;
    for (unsigned i = 0; i < count && i < seen->count; i++) {
        const struct ws_crossing *crossing = &seen->crossing[i];
        ck_assert_msg(crossing->kind == truth[i].kind, "%s, crossing %u at mark %llu: %s", name, i,
                      (unsigned long long)crossing->begin, ws_crossing_kind_name(crossing->kind));
        name_check(name, names[crossing->kind], i, truth[i].from, crossing->from);
        name_check(name, names[crossing->kind], i, truth[i].to, crossing->to);
        kinds |= 1u << crossing->kind;
    }
    ck_assert_msg(count == seen->count, "%s: %u switches, %u crossings", name, count, seen->count);
    ck_assert_uint_ge(count, kernel[_i].least);
    ck_assert_uint_eq(kinds, kernel[_i].kinds);
    seen_free(seen);
}
END_TEST

START_TEST(output_is_right)
{
    struct seen *seen = seen_run(kernel[_i].name, 0);
    size_t bytes;
    const char *says = ws_machine_serial(seen->machine, &bytes);
    ck_assert_uint_gt(bytes, 0);
    ck_assert_int_eq(says[bytes - 1], '.');
    if (kernel[_i].says)
        ck_assert_msg(bytes == strlen(kernel[_i].says) && !memcmp(says, kernel[_i].says, bytes), "%.*s", (int)bytes,
                      says);
    seen_free(seen);
}
END_TEST

static void same_check(const char *name, const struct ws_crossing *one, const struct ws_crossing *other, unsigned index)
{
    ck_assert_msg(one->kind == other->kind && one->begin == other->begin && one->end == other->end &&
                      one->changed == other->changed && !strcmp(one->from, other->from) && !strcmp(one->to, other->to),
                  "%s, crossing %u: %s to %s at %llu, and %s to %s at %llu", name, index, one->from, one->to,
                  (unsigned long long)one->begin, other->from, other->to, (unsigned long long)other->begin);
}

START_TEST(steps_make_no_difference)
{
    static const uint64_t step[] = {1, 7, 1000};
    const char *name = kernel[_i].name;
    struct seen *free_run = seen_run(name, 0);
    for (unsigned at = 0; at < sizeof step / sizeof *step; at++) {
        struct seen *stepped = seen_run(name, step[at]);
        ck_assert_uint_eq(stepped->count, free_run->count);
        for (unsigned i = 0; i < stepped->count; i++)
            same_check(name, &free_run->crossing[i], &stepped->crossing[i], i);
        ck_assert_uint_eq(ws_machine_hash(stepped->machine), ws_machine_hash(free_run->machine));
        seen_free(stepped);
    }
    seen_free(free_run);
}
END_TEST

/* As the visualizer does: from crossing to crossing, and back and forth on the way. */
START_TEST(journeys_make_no_difference)
{
    const char *name = kernel[_i].name;
    struct seen *free_run = seen_run(name, 0), *visited = seen_new(name);
    struct ws_timeline *timeline;
    size_t count;
    ck_assert_int_eq(ws_timeline_new(&timeline, visited->machine, visited->watcher), WS_OK);
    for (unsigned i = 0; i < free_run->count; i++) {
        ck_assert_int_eq(ws_timeline_next_crossing(timeline, false), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), free_run->crossing[i].begin);
        if (i % 5 == 3) {
            ck_assert_int_eq(ws_timeline_seek(timeline, free_run->crossing[i / 2].begin + 2), WS_SEEK_THERE);
            ck_assert_int_eq(ws_timeline_seek(timeline, free_run->crossing[i].begin), WS_SEEK_THERE);
        }
    }
    const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &count);
    ck_assert_uint_eq(count, free_run->count);
    for (unsigned i = 0; i < count; i++)
        same_check(name, &free_run->crossing[i], &crossing[i], i);
    ws_timeline_free(timeline);
    seen_free(visited);
    seen_free(free_run);
}
END_TEST

/* -- the audit ----------------------------------------------------------------------------------------- */

static uint32_t symbol(const struct seen *seen, const char *name)
{
    uint32_t linear;
    ck_assert_msg(ws_symbols_find(seen->symbols, name, &linear) == WS_OK, "no \"%s\"", name);
    return linear;
}

/* A thorough audit of a run; `saves`: what the kernels "forgets" and "worlds" are told to do. */
static struct ws_audit *audit_run(struct seen *seen, bool has_choice, uint8_t saves)
{
    struct ws_audit *audit;
    ck_assert_int_eq(ws_audit_new(&audit, seen->machine, seen->watcher), WS_OK);
    ck_assert_int_eq(ws_audit_thorough(audit), WS_OK);
    if (has_choice)
        ck_assert_int_eq(ws_machine_write_phys(seen->machine, symbol(seen, "saves"), &saves, 1), WS_OK);
    ck_assert_int_eq(ws_machine_run(seen->machine, 0), WS_STOP_HALT);
    ws_audit_finish(audit);
    return audit;
}

/* Switches of threads and processes are sound in all of these. */
static const char *const sound[] = {"kthreads", "scheduler", "processes", "tasks"};

START_TEST(sound_switches_pass)
{
    struct seen *seen = seen_new(sound[_i]);
    struct ws_audit *audit = audit_run(seen, false, 0);
    ck_assert_uint_gt(ws_audit_context_switches(audit) + ws_audit_thread_switches(audit), 10);
    for (size_t i = 0; i < ws_audit_findings(audit); i++)
        ck_abort_msg("%s: %s: %s", sound[_i], ws_audit_finding(audit, i)->rule, ws_audit_finding(audit, i)->text);
    ws_audit_free(audit);
    seen_free(seen);
}
END_TEST

static unsigned findings_of(const struct ws_audit *audit, const char *rule, const struct ws_finding **last)
{
    unsigned count = 0;
    for (size_t i = 0; i < ws_audit_findings(audit); i++) {
        const struct ws_finding *finding = ws_audit_finding(audit, i);
        if (strcmp(finding->rule, rule) != 0)
            continue;
        *last = finding;
        count++;
    }
    return count;
}

START_TEST(kept_registers_pass)
{
    struct seen *seen = seen_new("forgets");
    struct ws_audit *audit = audit_run(seen, true, 1);
    ck_assert_uint_eq(ws_audit_thread_switches(audit), 10);
    for (size_t i = 0; i < ws_audit_findings(audit); i++)
        ck_abort_msg("%s: %s", ws_audit_finding(audit, i)->rule, ws_audit_finding(audit, i)->text);
    ws_audit_free(audit);
    seen_free(seen);
}
END_TEST

/* Loading and clearing are no reading: the first that reads is at the label. */
START_TEST(forgotten_registers_are_found)
{
    struct seen *seen = seen_new("forgets");
    struct ws_audit *audit = audit_run(seen, true, 0);
    const struct ws_finding *finding = NULL;
    ck_assert_uint_gt(findings_of(audit, "debug-registers", &finding), 0);
    ck_assert_ptr_nonnull(strstr(finding->text, "dr0"));
    finding = NULL;
    for (size_t i = 0; i < ws_audit_findings(audit) && !finding; i++)
        if (ws_audit_finding(audit, i)->linear == symbol(seen, "first_read"))
            finding = ws_audit_finding(audit, i);
    ck_assert_ptr_nonnull(finding);
    ck_assert_str_eq(finding->rule, "fpu");
    ck_assert_ptr_nonnull(strstr(finding->text, "xmm0"));
    ck_assert_ptr_nonnull(strstr(finding->text, "st0"));
    ws_audit_free(audit);
    seen_free(seen);
}
END_TEST

/* The only model-specific register that belongs to a world. */
START_TEST(page_attributes_are_a_world_s)
{
    for (uint8_t saves = 0; saves < 2; saves++) {
        struct seen *seen = seen_new("worlds");
        struct ws_audit *audit = audit_run(seen, true, saves);
        const struct ws_finding *finding = NULL;
        ck_assert_uint_eq(findings_of(audit, "page-attributes", &finding), !saves);
        if (!saves)
            ck_assert_ptr_nonnull(strstr(finding->text, "0x0007040600070401, must be 0x0007040600070406"));
        ws_audit_free(audit);
        seen_free(seen);
    }
}
END_TEST

Suite *teaching_suite(void)
{
    Suite *suite = suite_create("teaching kernels");
    TCase *crossings = tcase_create("crossings");
    tcase_add_loop_test(crossings, all_are_found, 0, KERNELS);
    tcase_add_loop_test(crossings, output_is_right, 0, KERNELS);
    tcase_add_loop_test(crossings, steps_make_no_difference, 0, KERNELS);
    tcase_add_loop_test(crossings, journeys_make_no_difference, 0, KERNELS);
    suite_add_tcase(suite, crossings);
    TCase *audit = tcase_create("audit");
    tcase_add_loop_test(audit, sound_switches_pass, 0, sizeof sound / sizeof *sound);
    tcase_add_test(audit, kept_registers_pass);
    tcase_add_test(audit, forgotten_registers_are_found);
    tcase_add_test(audit, page_attributes_are_a_world_s);
    suite_add_tcase(suite, audit);
    return suite;
}
