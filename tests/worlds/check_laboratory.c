/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The laboratory system: what it prints, which crossings it makes, and whether they are sound. */
#include <check.h>
#include <string.h>

#include <worldswitch/audit.h>
#include <worldswitch/lab.h>

enum { LIMIT = 1000000, CROSSINGS = 64 };

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_watcher *watcher;
static struct ws_crossing crossing[CROSSINGS];
static unsigned crossings;

static void keep(void *context, const struct ws_crossing *ended)
{
    (void)context;
    ck_assert_uint_lt(crossings, CROSSINGS);
    crossing[crossings++] = *ended;
}

static void setup(void)
{
    crossings = 0;
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_listen(watcher, keep, NULL), WS_OK);
}

static void teardown(void)
{
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

static void run(void)
{
    ck_assert_uint_eq(ws_machine_mark(machine), 0);
    ck_assert_int_eq(ws_machine_run(machine, LIMIT), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_halt(machine)->reason, WS_HALT_EXIT);
    ck_assert_uint_eq(ws_machine_halt(machine)->exit_value, 0);
}

/* The order in which things happen: each text after the one before. */
START_TEST(text_tells_the_story)
{
    static const char *const story[] = {
        "host: kernel runs\n",
        "A: begins round 001\n",
        "B: begins round 001\n",
        "host: leaves\n",
        "vmm: serves request 0\n",
        "vmm: caught #UD at 0xffc1",
        "host: is back\n",
        "host: caught #UD at 0xc001",
        "B: the vmm answers 100\n",
        "vmm: caught #PF at 0xffc1",
        ", error 0x0, cr2 0xc001",
        "host: caught #PF at 0xc001",
        ", error 0x0, cr2 0xffc10000\n",
        "A: the vmm answers 101\n",
        "vmm: caught #GP at 0xffc1",
        ", error 0xfff8\n",
        "host: caught #GP at 0xc001",
        "vmm: caught #DE at 0xffc1",
        "host: caught #DE at 0xc001",
        "A: exits, lines said: 004\n",
        "B: exits, lines said: 004\n",
        "host: all processes have exited, 4 trips to the vmm\n",
    };
    const char *at;
    size_t bytes, i;

    run();
    at = ws_machine_serial(machine, &bytes);
    ck_assert_ptr_null(strstr(at, "did not survive"));
    for (i = 0; i < sizeof story / sizeof *story; i++) {
        const char *found = strstr(at, story[i]);

        ck_assert_msg(found != NULL, "\"%s\" does not come after row %zu, in:\n%s", story[i], i, at);
        at = found + strlen(story[i]);
    }
}
END_TEST

/* From the boot world once, then four times to the VMM and back. */
START_TEST(world_switches_take_45_instructions)
{
    unsigned i, world = 0;

    run();
    for (i = 0; i < crossings; i++) {
        bool back = world % 2 == 0;

        if (crossing[i].kind != WS_CROSSING_WORLD)
            continue;
        ck_assert_uint_eq(crossing[i].instructions, WS_CROSS_INSTRUCTIONS);
        ck_assert_str_eq(crossing[i].to, back ? "host" : "vmm");
        if (world)
            ck_assert_str_eq(crossing[i].from, back ? "vmm" : "host");
        ck_assert_uint_eq(crossing[i].before.value[WS_EIP], WS_CROSS_LINEAR);
        world++;
    }
    ck_assert_uint_eq(world, 9);
}
END_TEST

/* Figure 7-11, measured. */
START_TEST(switches_change_what_the_book_says)
{
    const uint32_t all = (1u << WS_CATEGORY_COUNT) - 1;
    const uint32_t book_keeps = 1u << WS_CATEGORY_KERNEL_SPACE | 1u << WS_CATEGORY_GDTR | 1u << WS_CATEGORY_IDTR |
                                1u << WS_CATEGORY_LDTR | 1u << WS_CATEGORY_TR | 1u << WS_CATEGORY_CR0 |
                                1u << WS_CATEGORY_CR4;
    const uint32_t book_changes = 1u << WS_CATEGORY_USER_SPACE | 1u << WS_CATEGORY_STACK | 1u << WS_CATEGORY_CR3;
    unsigned i, context = 0;

    run();
    for (i = 1; i < crossings; i++) {
        const struct ws_crossing *this = &crossing[i];

        if (this->kind == WS_CROSSING_WORLD) {
            ck_assert_msg(this->changed == all, "crossing %u kept 0x%x", i, this->kept);
            continue;
        }
        ck_assert_msg((this->kept & book_keeps) == book_keeps, "crossing %u changed 0x%x", i, this->changed);
        ck_assert_msg((this->changed & book_changes) == book_changes, "crossing %u kept 0x%x", i, this->kept);
        context++;
    }
    ck_assert_uint_ge(context, 6);
}
END_TEST

START_TEST(audit_finds_nothing)
{
    struct ws_audit *audit;
    struct ws_world *world;
    struct ws_registers registers;
    unsigned i;

    ck_assert_int_eq(ws_audit_new(&audit, machine, watcher), WS_OK);
    ws_audit_cross_page(audit, WS_CROSS_LINEAR, WS_CROSS_BYTES);
    for (i = 1; (world = ws_lab_world(lab, i)); i++) {
        ws_world_registers(world, &registers);
        ck_assert_int_eq(ws_audit_expect(audit, ws_world_name(world), &registers), WS_OK);
    }
    run();
    ws_audit_finish(audit);
    ck_assert_uint_eq(ws_audit_switches(audit), 9);
    if (ws_audit_findings(audit))
        ck_abort_msg("%s: %s", ws_audit_finding(audit, 0)->rule, ws_audit_finding(audit, 0)->text);
    ws_audit_free(audit);
}
END_TEST

/* The image that is written is what the machine had: loaded elsewhere, it runs the same way to the last mark. */
START_TEST(image_runs_as_the_laboratory_does)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    struct ws_machine *other;
    size_t bytes, others;
    const char *text;

    run();
    ck_assert_int_eq(ws_lab_write_image(lab, ws_lab_system_first(lab), &image), WS_OK);
    ck_assert_int_eq(ws_machine_new(&other, NULL), WS_OK);
    ck_assert_int_eq(ws_image_load(other, image.data, image.size, "", NULL, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_run(other, LIMIT), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_mark(other), ws_machine_mark(machine));
    ck_assert_uint_eq(ws_machine_hash(other), ws_machine_hash(machine));
    text = ws_machine_serial(machine, &bytes);
    ck_assert_str_eq(ws_machine_serial(other, &others), text);
    ck_assert_uint_eq(others, bytes);
    ws_machine_free(other);
    ws_buffer_release(&image);
}
END_TEST

Suite *laboratory_suite(void);

Suite *laboratory_suite(void)
{
    Suite *suite = suite_create("laboratory");
    TCase *whole = tcase_create("whole");

    tcase_add_checked_fixture(whole, setup, teardown);
    tcase_add_test(whole, text_tells_the_story);
    tcase_add_test(whole, world_switches_take_45_instructions);
    tcase_add_test(whole, switches_change_what_the_book_says);
    tcase_add_test(whole, audit_finds_nothing);
    tcase_add_test(whole, image_runs_as_the_laboratory_does);
    suite_add_tcase(suite, whole);
    return suite;
}
