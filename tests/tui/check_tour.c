/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guided tour: what it asks for is pressed, and what it promises is looked for on a screen of 80x24, with the tour
 * in it; and README.md tells the same tour, word for word.
 *
 * After a change of the text, WS_GOLDEN_UPDATE=1 writes README.md's list anew.
 */
#include "tui/tour.h"
#include "tui/true.h"
#include "tui/typed.h"

Suite *tour_suite(void);

/* -- its claims ---------------------------------------------------------------------------------------- */

static char *screen(void)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__viewer_screen(viewer, &text), WS_OK);
    return ws_buffer_detach(&text);
}

/* The whole sentence is on the screen. */
static void told_check(const struct ws__tour_step *step, char *text)
{
    struct ws_buffer line = WS_BUFFER_INIT;
    for (const char *at = text; *at; at++)
        if (*at != '\n' || at[1] != ' ')
            ws_buffer_append(&line, at, 1);
    ck_assert_msg(strstr(ws_buffer_text(&line), step->text) != NULL, "cut off:\n%s", text);
    ws_buffer_release(&line);
}

static void steps_check(enum ws_tui_system system)
{
    unsigned count;
    const struct ws__tour_step *step = ws__tour_steps(system, &count);
    viewer->options.system = (uint8_t)system;
    for (unsigned at = 0; at < count; at++) {
        ws__tour_visit(viewer, at + 1);
        char *text = screen();
        told_check(&step[at], text);
        free(text);
        ck_assert_ptr_null(ws__typed_keys(viewer, step[at].keys));
        text = screen();
        for (unsigned claim = 0; claim < WS__TOUR_SHOWS && step[at].shows[claim]; claim++)
            ck_assert_msg(strstr(text, step[at].shows[claim]) != NULL, "step %u: no \"%s\" on\n%s", at + 1,
                          step[at].shows[claim], text);
        ck_assert_str_eq(viewer->state.tour, step[at].text); /* it waits */
        free(text);
    }
}

START_TEST(the_laboratory_keeps_its_promises)
{
    lab_take();
    steps_check(WS_TUI_LAB);
    stand_up();
}
END_TEST

START_TEST(the_hosted_system_keeps_its_promises)
{
    hosted_take();
    steps_check(WS_TUI_HOSTED);
    stand_up();
}
END_TEST

/* -- its keys ------------------------------------------------------------------------------------------ */

START_TEST(it_goes_on_goes_back_and_ends)
{
    uint8_t next = WS_TUI_OTHER;
    unsigned count;
    lab_take();
    ws__tour_steps(WS_TUI_LAB, &count);
    ws__viewer_key(viewer, "t");
    ck_assert_ptr_null(viewer->state.tour); /* another system's tour does not exist */
    viewer->options.system = WS_TUI_LAB;
    ws__viewer_key(viewer, "t");
    ck_assert_uint_eq(viewer->state.tour_number, 1);
    ws__typed_keys(viewer, "ww5sst"); /* whatever was tried: the next step has its own place */
    ck_assert_uint_eq(viewer->state.tour_number, 2);
    ws__viewer_key(viewer, "T");
    ck_assert_uint_eq(viewer->state.tour_number, 1);
    ck_assert_uint_eq(viewer->state.mark, 0);
    ws__viewer_key(viewer, "Esc");
    ck_assert_ptr_null(viewer->state.tour);
    for (unsigned at = 0; at <= count; at++)
        ws__viewer_key(viewer, "t");
    ck_assert(!viewer->leave); /* there is nobody who could open the other system */
    viewer->options.next = &next;
    ws__viewer_key(viewer, "t");
    ck_assert(viewer->leave);
    ck_assert_uint_eq(next, WS_TUI_HOSTED);
    stand_up();
}
END_TEST

/* -- the README ---------------------------------------------------------------------------------------- */

static const char begins[] = "<!-- The tour begins here; tests/tui/check_tour.c writes it. -->\n";
static const char ends[] = "<!-- The tour ends here. -->\n";

/* A paragraph of a list, broken between words. */
static void item_append(struct ws_buffer *out, unsigned number, const char *text)
{
    enum { COLUMNS = 118, INDENT = 4 };
    size_t column = INDENT;
    ws_buffer_printf(out, "%-*s", INDENT, number < 10 ? (char[]){(char)('0' + number), '.', '\0'} : "10.");
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > INDENT && column + word > COLUMNS) {
            ws_buffer_printf(out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            ws_buffer_printf(out, " ");
            column++;
        }
        ws_buffer_append(out, text, word);
        column += word;
        text += word + strspn(text + word, " ");
    }
    ws_buffer_printf(out, "\n");
}

static void list_append(struct ws_buffer *out)
{
    unsigned number = 1;
    for (unsigned system = WS_TUI_LAB; system <= WS_TUI_HOSTED; system++) {
        unsigned count;
        const struct ws__tour_step *step = ws__tour_steps((enum ws_tui_system)system, &count);
        for (unsigned at = 0; at < count; at++)
            item_append(out, number++, step[at].text);
    }
}

START_TEST(the_readme_tells_the_same_tour)
{
    const char *source = getenv("top_srcdir");
    char path[512];
    struct ws_buffer page = WS_BUFFER_INIT, list = WS_BUFFER_INIT, fresh = WS_BUFFER_INIT;
    snprintf(path, sizeof path, "%s/README.md", source ? source : ".");
    ck_assert_msg(ws_file_read(path, 1 << 20, &page) == WS_OK, "cannot read %s", path);
    const char *begin = strstr(ws_buffer_text(&page), begins), *end = strstr(ws_buffer_text(&page), ends);
    ck_assert_msg(begin && end && begin < end, "%s has no place for the tour", path);
    begin += strlen(begins);
    list_append(&list);
    if (getenv("WS_GOLDEN_UPDATE")) {
        ws_buffer_append(&fresh, page.data, (size_t)(begin - page.data));
        ws_buffer_append(&fresh, list.data, list.size);
        ws_buffer_append(&fresh, end, strlen(end));
        ck_assert_int_eq(ws_file_write(path, fresh.data, fresh.size), WS_OK);
    } else {
        ck_assert_msg(list.size == (size_t)(end - begin) && memcmp(list.data, begin, list.size) == 0,
                      "%s tells another tour than the program; it should say:\n%s", path, ws_buffer_text(&list));
    }
    ws_buffer_release(&page);
    ws_buffer_release(&list);
    ws_buffer_release(&fresh);
}
END_TEST

Suite *tour_suite(void)
{
    Suite *suite = suite_create("tour");
    TCase *tests = tcase_create("tour");
    tcase_add_test(tests, the_laboratory_keeps_its_promises);
    tcase_add_test(tests, the_hosted_system_keeps_its_promises);
    tcase_add_test(tests, it_goes_on_goes_back_and_ends);
    tcase_add_test(tests, the_readme_tells_the_same_tour);
    suite_add_tcase(suite, tests);
    return suite;
}
