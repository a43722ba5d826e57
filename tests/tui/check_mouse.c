/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mouse finds what is drawn; the cursor stands where the next key acts; a picture has the screen's text.
 */
#include "tui/true.h"

Suite *mouse_suite(void);

static char *screen_text(void)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__viewer_screen(viewer, &text), WS_OK);
    return ws_buffer_detach(&text);
}

/* Where on the screen a text stands: its first place. */
static void place_find(const char *text, unsigned *column, unsigned *row)
{
    char *screen = screen_text(), *found = strstr(screen, text);
    ck_assert_msg(found != NULL, "\"%s\" is not on the screen:\n%s", text, screen);
    *column = *row = 0;
    for (const char *at = screen; at < found; at++) {
        *column = *at == '\n' ? 0 : *column + 1;
        *row += *at == '\n';
    }
    free(screen);
}

static void click_on(const char *text)
{
    unsigned column, row;
    place_find(text, &column, &row);
    ws__viewer_click(viewer, column, row);
}

static unsigned cursor_row(void)
{
    struct ws_rows rows;
    ws_rows_init(&rows, viewer->state.width, viewer->state.ascii);
    ws_view_screen(&rows, &viewer->state);
    unsigned row = (unsigned)rows.focus;
    ws_rows_release(&rows);
    return row;
}

START_TEST(a_click_chooses_panels_and_rows)
{
    unsigned column, row;
    lab_take();
    ws__viewer_key(viewer, "w");
    ws__viewer_key(viewer, "c");
    ws__viewer_key(viewer, "c");
    click_on("4 tables");
    ck_assert_uint_eq(viewer->state.panel, WS_PANEL_TABLES);
    click_on("5 crossings");
    ck_assert_uint_eq(viewer->state.panel, WS_PANEL_CROSSINGS);
    uint64_t mark = viewer->state.mark;
    click_on("boot > host");
    ck_assert_uint_eq(viewer->state.chosen_crossing, 0);
    ck_assert_uint_eq(viewer->state.mark, mark);
    click_on("boot > host"); /* again: go there */
    ck_assert_uint_eq(viewer->state.mark, viewer->state.crossing[0].begin);
    ws__viewer_wheel(viewer, true);
    ck_assert_uint_gt(viewer->state.chosen_crossing, 0);
    click_on("1 code");
    place_find("2/45", &column, &row);
    ws__viewer_key(viewer, "j");
    ck_assert(viewer->state.has_cursor);
    ws__viewer_click(viewer, 3, 0); /* nothing is there */
    ws__viewer_click(viewer, 500, 500);
    stand_up();
}
END_TEST

START_TEST(a_click_on_the_strip_moves_its_cursor)
{
    unsigned column, row;
    lab_take();
    ws__viewer_resize(viewer, 120, 44);
    for (unsigned i = 0; i < 3; i++)
        ws__viewer_key(viewer, "w");
    place_find("\n boot ", &column, &row);
    ws__viewer_click(viewer, 60, row + 1);
    ck_assert(viewer->state.strip_moved);
    uint64_t chosen = viewer->state.strip_cursor;
    ck_assert_uint_gt(chosen, viewer->state.start);
    ck_assert_uint_lt(chosen, viewer->state.frontier);
    ws__viewer_key(viewer, "Enter");
    ck_assert_uint_eq(viewer->state.mark, chosen);
    click_on("3 space");
    ws__viewer_click(viewer, 100, 30); /* beside it, there is no panel in this width */
    stand_up();
}
END_TEST

START_TEST(a_click_beside_chooses_that_panel)
{
    lab_take();
    ws__viewer_resize(viewer, 200, 60);
    ws__viewer_key(viewer, "w");
    unsigned beside = viewer->state.beside[0];
    struct ws_view_spot spot = ws_view_spot(&viewer->state, 150, 30);
    ck_assert_uint_eq(spot.kind, WS_SPOT_PANEL);
    ws__viewer_click(viewer, 150, 30);
    ck_assert_uint_eq(viewer->state.panel, beside);
    stand_up();
}
END_TEST

/* On the instruction about to begin, in both layouts; in the panel, when the person has moved there. */
START_TEST(the_cursor_stands_where_keys_act)
{
    unsigned column, row;
    lab_take();
    ws__viewer_key(viewer, "w");
    place_find(">ffc00000", &column, &row);
    ck_assert_uint_eq(cursor_row(), row);
    ws__viewer_key(viewer, "s");
    place_find(">ffc00001", &column, &row);
    ck_assert_uint_eq(cursor_row(), row);
    ws__viewer_key(viewer, "o");
    place_find(">ffc00001", &column, &row);
    ck_assert_uint_eq(cursor_row(), row);
    ws__viewer_key(viewer, "o");
    ws__viewer_key(viewer, "c");
    ws__viewer_key(viewer, "5");
    ws__viewer_key(viewer, "k");
    place_find("boot > host", &column, &row);
    ck_assert_uint_eq(cursor_row(), row);
    ws__viewer_key(viewer, "s");
    ck_assert_uint_ne(cursor_row(), row);
    stand_up();
}
END_TEST

static void command(const char *line)
{
    ws__viewer_key(viewer, ":");
    for (; *line; line++)
        ws__viewer_key(viewer, *line == ' ' ? "Space" : (const char[]){*line, '\0'});
    ws__viewer_key(viewer, "Enter");
}

START_TEST(commands_choose_theme_and_mouse)
{
    lab_take();
    ck_assert(!viewer->mouse); /* the terminal's, to select text */
    ck_assert_int_eq(viewer->theme, WS__THEME_TERMINAL);
    command("theme contrast");
    ck_assert_int_eq(viewer->theme, WS__THEME_CONTRAST);
    command("theme nothing");
    ck_assert_int_eq(viewer->theme, WS__THEME_CONTRAST);
    ck_assert_ptr_nonnull(strstr(viewer->message, "\"nothing\" is no theme"));
    command("mouse");
    ck_assert(viewer->mouse);
    command("mouse");
    ck_assert(!viewer->mouse);
    stand_up();
}
END_TEST

/* The picture's text, row by row, without blanks, is the screen's. */
START_TEST(a_picture_has_the_screens_text)
{
    struct ws_buffer picture = WS_BUFFER_INIT, told = WS_BUFFER_INIT, wanted = WS_BUFFER_INIT;
    lab_take();
    ws__viewer_key(viewer, "w");
    ws__viewer_key(viewer, "3");
    for (unsigned theme = 0; theme < WS__THEMES; theme++) {
        viewer->theme = (enum ws__theme)theme;
        ws_buffer_clear(&picture);
        ck_assert_int_eq(ws__viewer_picture(viewer, &picture), WS_OK);
        ws_buffer_clear(&told);
        const char *body = strstr(ws_buffer_text(&picture), "</title>");
        ck_assert_ptr_nonnull(body);
        bool inside = false;
        for (const char *at = body; *at; at++) {
            inside = *at == '<' ? true : inside;
            if (!inside && strncmp(at, "&gt;", 4) == 0)
                ws_buffer_append(&told, ">", 1);
            if (!inside && *at == '&')
                at = strchr(at, ';');
            else if (!inside && *at != ' ' && *at != '\n')
                ws_buffer_append(&told, at, 1);
            inside = *at == '>' ? false : inside;
        }
        char *screen = screen_text();
        ws_buffer_clear(&wanted);
        for (const char *at = screen; *at; at++)
            if (*at != ' ' && *at != '\n')
                ws_buffer_append(&wanted, at, 1);
        ck_assert_str_eq(ws_buffer_text(&told), ws_buffer_text(&wanted));
        free(screen);
    }
    ws_buffer_release(&picture);
    ws_buffer_release(&told);
    ws_buffer_release(&wanted);
    stand_up();
}
END_TEST

Suite *mouse_suite(void)
{
    Suite *suite = suite_create("mouse");
    TCase *tests = tcase_create("mouse");
    tcase_add_test(tests, a_click_chooses_panels_and_rows);
    tcase_add_test(tests, a_click_on_the_strip_moves_its_cursor);
    tcase_add_test(tests, a_click_beside_chooses_that_panel);
    tcase_add_test(tests, the_cursor_stands_where_keys_act);
    tcase_add_test(tests, commands_choose_theme_and_mouse);
    tcase_add_test(tests, a_picture_has_the_screens_text);
    suite_add_tcase(suite, tests);
    return suite;
}
