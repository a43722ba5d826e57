/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is told by colour, dimness or another look alone.
 *
 * The roles of a row are all that a painter could tell beside its text.  So at many marks, each panel is drawn, and
 * rows of the same text must have the same roles: else two rows that mean different things would look the same to who
 * sees no colours.
 */
#include "effort.h"
#include "many.h"
#include "tui/true.h"
#include "view/rows.h"

Suite *colourless_suite(void);

enum { ROWS = 1 << 18, SLOTS = 1 << 19, STEPS = 60, SOON = 7400000 };

/* A row of a panel that was seen: its text, and a letter for the role of each column. */
struct seen {
    char *text;
    char *roles;
    uint64_t mark;
    unsigned panel;
};

static struct seen *seen_row;
static uint32_t *seen_slot; /* number of a row, plus one */
static unsigned rows_seen;

static char *roles_of(const struct ws_rows *rows, const struct ws_row *row)
{
    char *roles = calloc(1, row->columns + 1), *out = roles;
    MANY_CHECK(roles, "no memory");
    for (size_t at = row->first; at < row->first + row->spans; at++) {
        const struct ws_span *span = &rows->span[at];
        for (unsigned column = 0; column < span->columns; column++) {
            bool blank = rows->text.data[span->offset + column] == ' ';
            *out++ = blank ? ' ' : ws__role_letter((enum ws_role)span->role);
        }
    }
    return roles;
}

static char *text_of(const struct ws_rows *rows, const struct ws_row *row)
{
    char *text = calloc(1, row->columns + 1);
    MANY_CHECK(text, "no memory");
    for (size_t at = row->first, used = 0; at < row->first + row->spans; used += rows->span[at++].bytes)
        memcpy(text + used, rows->text.data + rows->span[at].offset, rows->span[at].bytes);
    return text;
}

static uint32_t slot_of(const char *text, unsigned panel)
{
    uint32_t hash = 2166136261u + panel;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash % SLOTS;
}

static void row_see(const struct ws_rows *rows, const struct ws_row *row, unsigned panel)
{
    struct seen now = {text_of(rows, row), roles_of(rows, row), viewer->state.mark, panel};
    uint32_t slot = slot_of(now.text, panel);
    for (; seen_slot[slot]; slot = (slot + 1) % SLOTS) {
        const struct seen *then = &seen_row[seen_slot[slot] - 1];
        if (then->panel != panel || strcmp(then->text, now.text) != 0)
            continue;
        MANY_CHECK(strcmp(then->roles, now.roles) == 0,
                   "panel %s, marks %llu and %llu: only the look tells these apart:\n%s\n%s\n%s\n",
                   panel < WS_PANEL_COUNT ? ws_panel_info((enum ws_panel)panel)->name : "none",
                   (unsigned long long)then->mark, (unsigned long long)now.mark, now.text, then->roles, now.roles);
        free(now.text);
        free(now.roles);
        return;
    }
    ck_assert_uint_lt(rows_seen, ROWS);
    seen_row[rows_seen++] = now;
    seen_slot[slot] = rows_seen;
}

static void view_see(ws_view_draw *draw, unsigned panel)
{
    struct ws_view_state state = viewer->state;
    struct ws_rows rows;
    state.panel = panel;
    state.width = WIDTH;
    state.height = 30;
    ws_rows_init(&rows, WIDTH, true);
    draw(&rows, &state);
    ck_assert(!rows.failed);
    for (size_t at = 0; at < rows.count; at++)
        row_see(&rows, &rows.row[at], panel);
    ws_rows_release(&rows);
}

static void mark_see(void)
{
    static ws_view_draw *const draw[] = {ws_view_status, ws_view_changes, ws_view_done, ws_view_why,
                                         ws_view_registers_narrow};
    for (unsigned panel = 0; panel < WS_PANEL_COUNT; panel++)
        if (panel != WS_PANEL_TEXT) /* its colours are the guest's */
            view_see(ws_panel_info((enum ws_panel)panel)->draw, panel);
    for (unsigned at = 0; at < sizeof draw / sizeof draw[0]; at++)
        view_see(draw[at], WS_PANEL_COUNT + at);
}

static void system_see(void)
{
    uint64_t end, wanted = marks_wanted();
    seen_row = calloc(ROWS, sizeof *seen_row);
    seen_slot = calloc(SLOTS, sizeof *seen_slot);
    ck_assert(seen_row && seen_slot);
    ws_timeline_seek(viewer->timeline, effort(SOON, 1 << 30)); /* or the end, if that comes before */
    end = ws_machine_mark(machine);
    for (uint64_t at = 0; at < wanted; at++) {
        go(mark_next(end));
        mark_see();
    }
    go(0); /* a switch, step by step, with choices of the person */
    ws__viewer_key(viewer, "w");
    for (unsigned step = 0; step < STEPS; step++) {
        static const char *const key[] = {"1", "j", "s", "5", "k", "s", "7", "j", "s"};
        ws__viewer_key(viewer, key[step % (sizeof key / sizeof key[0])]);
        mark_see();
    }
    for (unsigned at = 0; at < rows_seen; at++) {
        free(seen_row[at].text);
        free(seen_row[at].roles);
    }
    ck_assert_uint_gt(rows_seen, 1000);
    free(seen_row);
    free(seen_slot);
    rows_seen = 0;
    stand_up();
}

START_TEST(laboratory)
{
    lab_take();
    system_see();
}
END_TEST

START_TEST(hosted)
{
    hosted_take();
    system_see();
}
END_TEST

Suite *colourless_suite(void)
{
    Suite *suite = suite_create("colourless");
    TCase *small = tcase_create("laboratory"), *large = tcase_create("hosted");
    tcase_add_test(small, laboratory);
    tcase_set_tags(large, "heavy");
    tcase_add_test(large, hosted);
    suite_add_tcase(suite, small);
    suite_add_tcase(suite, large);
    return suite;
}
