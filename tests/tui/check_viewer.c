/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A viewer without a terminal: keys in, screens out.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/lab.h>

#include "tui/screen_text.h"

static struct ws_lab *lab;
static struct ws_watcher *watcher;
static struct ws__viewer *viewer;
static struct ws_session record; /* with two names */

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, ws_lab_machine(lab)), WS_OK);
    for (unsigned at = 0; ws_lab_world(lab, at); at++) {
        struct ws_world *world = ws_lab_world(lab, at);
        ws_watcher_name(watcher, ws_world_cr3(world), ws_world_name(world), "");
        for (unsigned process = 0; ws_world_process(world, process); process++)
            ws_watcher_name(watcher, ws_process_cr3(ws_world_process(world, process)), ws_world_name(world),
                            ws_process_name(ws_world_process(world, process)));
    }
    ck_assert_int_eq(ws_session_mark_set(&record, "q", 2125, ""), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(&record, "leaves", 2080, "the host leaves"), WS_OK);
    struct ws_tui_options options = {
        .machine = ws_lab_machine(lab),
        .record = &record,
        .watcher = watcher,
        .symbols = ws_lab_symbols(lab),
    };
    ck_assert_int_eq(ws__viewer_new(&viewer, &options), WS_OK);
    ws__viewer_arrive(viewer);
}

static void teardown(void)
{
    ws__viewer_free(viewer);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

/* Press keys, each an argument; NULL ends them. */
static void press(const char *key, ...)
{
    va_list list;
    va_start(list, key);
    for (; key; key = va_arg(list, const char *))
        ws__viewer_key(viewer, key);
    va_end(list);
}

/* Type a line at a prompt. */
static void type(const char *text)
{
    for (; *text; text++) {
        char key[2] = {*text, '\0'};
        press(*text == ' ' ? "Space" : key, NULL);
    }
    press("Enter", NULL);
}

static void expect(const char *text)
{
    char *now = screen_text(viewer);
    ck_assert_msg(strstr(now, text) != NULL, "\"%s\" is not on the screen:\n%s", text, now);
    free(now);
}

/* -- the table of requests --------------------------------------------------------------------- */

START_TEST(no_key_asks_for_two_things)
{
    struct ws_view_key key[WS_REQUEST_COUNT];
    static const char *const keys[] = {
#define KEYS(name, verb, keys, hint, text, back) keys,
        WS_REQUEST_TABLE(KEYS)
#undef KEYS
    };
    for (unsigned request = 0; request < WS_REQUEST_COUNT; request++) {
        char copy[64], *save = NULL;
        unsigned which, place = 0;
        snprintf(copy, sizeof copy, "%s", keys[request]);
        for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save), place++) {
            ck_assert_msg(ws__request_find(word, &which) == request, "\"%s\" belongs to two requests", word);
            ck_assert_uint_eq(which, place);
        }
    }
    size_t count = ws__request_keys(key);
    for (size_t at = 0; at < count; at++) {
        unsigned which;
        if (key[at].back[0])
            ck_assert_msg(ws__request_find(key[at].back, &which) != WS_REQUEST_NONE, "\"%s\" reverses nothing",
                          key[at].back);
    }
    unsigned which;
    ck_assert_int_eq(ws__request_find("", &which), WS_REQUEST_NONE);
    ck_assert_int_eq(ws__request_find("PgD", &which), WS_REQUEST_NONE);
}
END_TEST

START_TEST(help_lists_every_request)
{
    press("?", NULL);
    viewer->state.height = 80;
    for (size_t at = 0; at < viewer->state.keys; at++)
        expect(viewer->state.key[at].text);
    viewer->state.height = 24;
    press("?", NULL);
    expect("[3 space]");
}
END_TEST

/* -- the 45 ------------------------------------------------------------------------------------ */

/* The left half of the screen's upper block, as a person reads it: words, with one blank between. */
static char *explanation(unsigned height, const char *tour)
{
    enum { LEFT = 46, FIRST = 1, LAST = 18 };
    struct ws_rows rows;
    struct ws_buffer text = WS_BUFFER_INIT, words = WS_BUFFER_INIT;
    struct ws_view_state state = viewer->state;
    state.width = WS_SCREEN_WIDTH;
    state.height = height;
    state.tour = tour;
    state.ascii = true;
    ws_rows_init(&rows, state.width, true);
    ws_view_screen(&rows, &state);
    ws_rows_write(&rows, &text);
    const char *row = ws_buffer_text(&text);
    for (unsigned line = 0; line <= LAST; line++, row += strcspn(row, "\n") + 1)
        for (const char *at = row; line >= FIRST && at < row + LEFT && *at != '\n';) {
            size_t length = strcspn(at, " \n");
            if (at + length > row + LEFT)
                length = (size_t)(row + LEFT - at);
            if (length)
                ws_buffer_printf(&words, "%.*s ", (int)length, at);
            at += length + (at[length] == ' ');
        }
    ws_rows_release(&rows);
    ws_buffer_release(&text);
    return ws_buffer_detach(&words);
}

static void whole_step_at(const struct ws_view_step *step, unsigned height, const char *tour)
{
    char wanted[400], *seen = explanation(height, tour);
    snprintf(wanted, sizeof wanted, " %s Without it: %s ", step->why, step->without);
    ck_assert_msg(strstr(seen, wanted) != NULL, "%u/%u: \"%s\" is cut in: %s", step->number, step->count, wanted, seen);
    free(seen);
}

/* At 80x24 and 80x20 nothing of a step's texts is cut, nor at 80x24 while a step of the tour is shown. */
static void whole_step_expect(const struct ws_view_step *step)
{
    unsigned count;
    whole_step_at(step, WS_SCREEN_HEIGHT, NULL);
    whole_step_at(step, WS_SCREEN_LEAST, NULL);
    whole_step_at(step, WS_SCREEN_HEIGHT, ws__tour_steps(WS_TUI_LAB, &count)->text);
}

static const struct ws_view_step *step_here(void)
{
    const struct ws_view_state *state = &viewer->state;
    for (size_t at = 0; at < state->steps; at++)
        if (state->step[at].linear == state->eip_linear)
            return &state->step[at];
    ck_abort_msg("no step at mark %llu", (unsigned long long)state->mark);
    return NULL;
}

START_TEST(no_explanation_is_cut)
{
    press("w", "w", NULL);
    for (unsigned number = 1; number <= WS_CROSS_INSTRUCTIONS; number++, press("s", NULL))
        whole_step_expect(step_here());
    press("g", "c", "c", "c", NULL);
    const unsigned count = step_here()->count;
    ck_assert_uint_eq(count, 18);
    for (unsigned number = 1; number <= count; number++, press("s", NULL)) {
        ck_assert_uint_eq(step_here()->number, number);
        whole_step_expect(step_here());
    }
}
END_TEST

START_TEST(each_instruction_of_the_world_switch_is_numbered_and_explained)
{
    press("w", NULL);
    for (unsigned number = 1; number <= WS_CROSS_INSTRUCTIONS; number++) {
        char text[64];
        struct ws_cross_step step;
        ck_assert(ws_cross_step_get(number, &step));
        snprintf(text, sizeof text, " %u/45", number);
        expect(text);
        snprintf(text, sizeof text, "%.30s", step.why);
        expect(text);
        ck_assert_uint_eq(viewer->state.progress.number, number);
        ck_assert_uint_eq(viewer->state.progress.count, 45);
        press("s", NULL);
    }
    ck_assert_uint_eq(viewer->state.progress.number, 0);
    ck_assert_str_eq(viewer->state.side[viewer->state.here].world, "host");
}
END_TEST

/* Other code in the cross page has no numbers, though it begins with the same two instructions. */
START_TEST(other_switches_have_no_numbers)
{
    uint8_t nops[WS_CROSS_CONTEXTS_OFFSET];
    press("w", NULL);
    ck_assert_uint_eq(viewer->state.steps, WS_CROSS_INSTRUCTIONS);
    memset(nops, 0x90, sizeof nops);
    ck_assert_int_eq(ws_machine_write(ws_lab_machine(lab), WS_CROSS_LINEAR + 2, nops + 2, sizeof nops - 2), WS_OK);
    press("s", NULL);
    ck_assert_uint_eq(viewer->state.steps, 0);
    ck_assert(!viewer->state.has_cross);
}
END_TEST

/* -- the screen is a function of the mark ------------------------------------------------------ */

static const struct {
    const char *name;
    const char *there;
    const char *back;
} pair_table[] = {
    {"step", "s", "S"},
    {"over", "n", "N"},
    {"crossing", "c", "C"},
    {"world", "w", "W"},
};

START_TEST(going_back_shows_the_screen_from_before)
{
    press("c", "c", pair_table[_i].there, pair_table[_i].there, NULL);
    char *screens[4];
    for (unsigned at = 0; at < 4; at++) {
        screens[at] = screen_text(viewer);
        press(pair_table[_i].there, NULL);
    }
    for (unsigned at = 4; at-- > 0;) {
        press(pair_table[_i].back, NULL);
        char *again = screen_text(viewer);
        ck_assert_msg(strcmp(screens[at], again) == 0, "%s: before\n%s\nafter\n%s", pair_table[_i].name, screens[at],
                      again);
        free(again);
        free(screens[at]);
    }
}
END_TEST

START_TEST(what_changed_is_told)
{
    press("w", NULL);
    for (unsigned number = 1; number < 26; number++)
        press("s", NULL);
    expect("changed: cr3");
    ck_assert_uint_eq(viewer->state.before.value[WS_CR3] == viewer->state.now.value[WS_CR3], 0);
    press("S", "S", NULL);
    /* step 23 has stored ESP into the cross page */
    ck_assert_uint_eq(viewer->state.stores, 1);
    ck_assert_uint_eq(viewer->state.store[0].after, viewer->state.now.value[WS_ESP]);
    ck_assert(viewer->state.store[0].mapped);
    ck_assert_uint_eq(viewer->state.store[0].linear & ~0xfffu, WS_CROSS_LINEAR);
}
END_TEST

/* -- the rest ---------------------------------------------------------------------------------- */

START_TEST(sides_are_the_worlds_of_the_last_crossing)
{
    const struct ws_view_state *state = &viewer->state;
    press("w", "w", "f", NULL);
    ck_assert(state->side[0].known && state->side[1].known);
    ck_assert_str_eq(state->side[0].world, "host");
    ck_assert_str_eq(state->side[1].world, "vmm");
    ck_assert_uint_eq(state->here, 1);
    press("w", "f", NULL);
    ck_assert_uint_eq(state->here, 0);
    ck_assert_str_eq(state->side[1].world, "vmm");
}
END_TEST

START_TEST(messages_answer_what_makes_no_sense)
{
    static const struct {
        const char *key;
        const char *line;
        const char *answer;
    } row[] = {
        {":", "12l", "\"12l\" is no mark"},
        {":", "-1", "this is the start"},
        {":", "leave", "\"leave\" is no command, and names no mark; these do: leaves, q"},
        {":", "99999999999999999999999", "is no mark"},
        {"/", "cr9", "\"cr9\": search for"},
        {"/", "vector=256", "search for"},
        {"/", "eip=nowhere", "search for"},
        {"/", "world=", "search for"},
        {"/", "world=mars", "no world is called \"mars\"; these are known: boot, "},
        {"/", "world=boot", "\"world=boot\": not found between mark "},
        {"p", "xyz", "neither a hexadecimal address nor a symbol"},
        {"d", "/nonexistent/x", "choose another file"},
    };
    for (size_t at = 0; at < sizeof row / sizeof row[0]; at++) {
        press("g", row[at].key, NULL);
        for (unsigned gone = 0; row[at].key[0] == 'd' && gone < 40; gone++)
            press("Backspace", NULL);
        type(row[at].line);
        expect(row[at].answer);
        ck_assert_uint_eq(viewer->state.mark, 0);
    }
    press("'", "r", NULL);
    expect("no mark is called \"r\"");
    press("m", "1", NULL);
    expect("one letter");
}
END_TEST

/* Where the end of the run is known, what looks beyond it says that there is no more, and stays. */
START_TEST(behind_the_last_switch_is_the_end)
{
    static const struct {
        const char *key, *answer;
    } row[] = {{"c", "no further crossing: the guest left"},
               {"w", "no further world switch: the guest left"},
               {"G", "the guest left through the debug exit port"},
               {"C", ""},
               {"c", "no further crossing: the guest left"}};
    press("G", NULL);
    uint64_t end = viewer->state.mark;
    for (size_t at = 0; at < sizeof row / sizeof row[0]; at++) {
        press(row[at].key, NULL);
        expect(row[at].answer);
        if (*row[at].answer)
            ck_assert_uint_eq(viewer->state.mark, end);
        else
            ck_assert_uint_lt(viewer->state.mark, end);
    }
    press("g", "N", NULL);
    expect("this is the start");
}
END_TEST

START_TEST(names_of_a_recorded_session_lead_to_its_marks)
{
    press(":", NULL);
    type("leaves");
    ck_assert_uint_eq(viewer->state.mark, 2080);
    expect("leaves: the host leaves");
    press("'", "q", NULL);
    ck_assert_uint_eq(viewer->state.mark, 2125);
    press("m", "q", "s", "'", "q", NULL);
    ck_assert_uint_eq(viewer->state.mark, 2125);
    press(":", NULL);
    type("7");
    ck_assert_uint_eq(viewer->state.mark, 7);
}
END_TEST

/* A machine without a recorded session has numbers only. */
START_TEST(without_a_record_a_name_is_no_mark)
{
    viewer->options.record = NULL;
    press(":", NULL);
    type("leaves");
    expect("\"leaves\" is no mark");
    ck_assert_uint_eq(viewer->state.mark, 0);
}
END_TEST

/* Both stand at the instruction that ended the run; why shows the post-mortem until it is closed. */
START_TEST(the_end_is_visited_and_explained)
{
    press(":", NULL);
    type("end");
    expect("the guest left through the debug exit port; :why tells more");
    uint64_t mark = viewer->state.mark;
    press("g", ":", NULL);
    type("why");
    ck_assert_uint_eq(viewer->state.mark, mark);
    expect("why the run ended");
    expect("out %al, $0xf4");
    press("Esc", ":", NULL);
    type("why all");
    expect("why the run ended");
    press("Esc", ":", NULL);
    type("why not");
    expect("\"not\" is nothing that why can tell; :why or :why all");
    press("Esc", "?", NULL);
    expect("keys: lower case goes forward");
}
END_TEST

START_TEST(searches_stand_on_the_culprit)
{
    press("/", NULL);
    type("vector=6");
    ck_assert_msg(viewer->state.mark > 0, "no #UD was found");
    uint64_t mark = viewer->state.mark;
    expect("ud2");
    press("]", NULL);
    ck_assert_uint_gt(viewer->state.mark, mark);
    press("[", NULL);
    ck_assert_uint_eq(viewer->state.mark, mark);
    press("g", "/", NULL);
    type("world=vmm");
    ck_assert_str_eq(viewer->state.side[viewer->state.here].world, "vmm");
}
END_TEST

START_TEST(the_crossings_panel_goes_to_any)
{
    press("G", "5", NULL);
    ck_assert_uint_gt(viewer->state.crossings, 5);
    press("k", "k", "k", "Enter", NULL);
    size_t chosen = viewer->state.crossings - 4;
    ck_assert_uint_eq(viewer->state.mark, viewer->state.crossing[chosen].begin);
}
END_TEST

START_TEST(marks_with_names_and_marks_found_are_listed)
{
    press("r", NULL);
    expect("leaves: the host leaves");
    expect("nothing was looked for");
    press("/", NULL);
    type("vector=128");
    uint64_t found = viewer->state.mark;
    press("m", "z", "g", "r", NULL);
    expect("found by /vector=128");
    ck_assert_uint_eq(viewer->state.notes, 4); /* leaves, q, z, and the one that was found */
    ck_assert_uint_eq(viewer->state.notes_found, 1);
    press("k", "k", "k", "Enter", NULL);
    ck_assert_uint_eq(viewer->state.mark, 2080);
    press("j", "j", "j", "j", "Enter", NULL);
    ck_assert_uint_eq(viewer->state.mark, found);
}
END_TEST

START_TEST(memory_is_shown_where_it_is_asked_for)
{
    press("i", NULL);
    type("c0010000");
    expect("to ffffffff: no RAM");
    press("w", "i", NULL);
    type("phys 100000");
    expect("physical page 00100000");
    press("j", NULL);
    expect("\n 00100010  ");
    press("i", NULL);
    type("down");
    press("j", NULL);
    expect("\n 00100000  ");
    press("i", NULL);
    type("nowhere");
    expect("is no hexadecimal address");
}
END_TEST

START_TEST(differences_are_told_from_a_switch_and_from_here)
{
    press("=", NULL);
    expect("No switch has begun before this mark");
    press("w", "f", NULL);
    expect("the last switch begins");
    expect("world \"boot\" -> \"host\"");
    press("=", NULL);
    expect("Nothing differs");
    press("s", NULL);
    expect("(chosen)");
    expect("eip 0x");
    press("=", NULL);
    expect("the last switch begins");
}
END_TEST

START_TEST(the_time_strip_goes_anywhere)
{
    press("w", "w", "}", NULL);
    expect("needs a window of 40 lines");
    ws__viewer_resize(viewer, 120, 44);
    uint64_t mark = viewer->state.mark, column = ws_view_strip_column(&viewer->state);
    press("{", "{", "Enter", NULL);
    ck_assert_uint_eq(viewer->state.mark, mark - 2 * column);
    press("z", "z", NULL);
    ck_assert_uint_lt(ws_view_strip_column(&viewer->state), column);
    press("}", "j", "Enter", NULL); /* whoever scrolls has left the strip */
    ck_assert_uint_eq(viewer->state.mark, mark - 2 * column);
    press("Z", "Z", NULL);
    ck_assert_uint_eq(ws_view_strip_column(&viewer->state), column);
}
END_TEST

START_TEST(help_begins_with_the_panel)
{
    press("e", "?", NULL);
    expect("panel e, stack");
    press("8", "8", "8", NULL);
    expect("world: one system-level context");
    press("?", NULL);
    ck_assert_uint_eq(viewer->state.panel, WS_PANEL_STACK);
}
END_TEST

START_TEST(breakpoints_stop_what_comes_by)
{
    press("w", NULL);
    uint64_t first = viewer->state.mark;
    press("s", "s", "s", "b", "g", "c", NULL);
    ck_assert_uint_eq(viewer->state.mark, first);
    press("c", NULL);
    expect("a breakpoint");
    ck_assert_uint_eq(viewer->state.mark, first + 3);
    press("n", "1", "j", "j", "b", NULL);
    ck_assert_uint_eq(viewer->state.breakpoints, 2);
    ck_assert_uint_eq(viewer->state.mark, first + 4);
    press("b", NULL);
    ck_assert_uint_eq(viewer->state.breakpoints, 1);
}
END_TEST

Suite *viewer_suite(void);

Suite *viewer_suite(void)
{
    Suite *suite = suite_create("viewer");
    TCase *tests = tcase_create("viewer");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, no_key_asks_for_two_things);
    tcase_add_test(tests, help_lists_every_request);
    tcase_add_test(tests, each_instruction_of_the_world_switch_is_numbered_and_explained);
    tcase_add_test(tests, no_explanation_is_cut);
    tcase_add_test(tests, other_switches_have_no_numbers);
    tcase_add_loop_test(tests, going_back_shows_the_screen_from_before, 0, 4);
    tcase_add_test(tests, what_changed_is_told);
    tcase_add_test(tests, sides_are_the_worlds_of_the_last_crossing);
    tcase_add_test(tests, messages_answer_what_makes_no_sense);
    tcase_add_test(tests, behind_the_last_switch_is_the_end);
    tcase_add_test(tests, names_of_a_recorded_session_lead_to_its_marks);
    tcase_add_test(tests, without_a_record_a_name_is_no_mark);
    tcase_add_test(tests, the_end_is_visited_and_explained);
    tcase_add_test(tests, searches_stand_on_the_culprit);
    tcase_add_test(tests, the_crossings_panel_goes_to_any);
    tcase_add_test(tests, marks_with_names_and_marks_found_are_listed);
    tcase_add_test(tests, memory_is_shown_where_it_is_asked_for);
    tcase_add_test(tests, differences_are_told_from_a_switch_and_from_here);
    tcase_add_test(tests, the_time_strip_goes_anywhere);
    tcase_add_test(tests, help_begins_with_the_panel);
    tcase_add_test(tests, breakpoints_stop_what_comes_by);
    suite_add_tcase(suite, tests);
    return suite;
}
