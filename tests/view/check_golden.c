/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every view against its golden file: the text, and the role of every column.
 *
 * To accept what the views draw now, look at the difference that WS_GOLDEN_UPDATE=1 makes:
 *   WS_GOLDEN_UPDATE=1 make check TESTS=tests/check_view && git diff tests/view/golden
 */
#include <check.h>
#include <stdio.h>

#include "view/fixture.h"
#include "view/rows.h"

static struct fixture fixture;

/* The screen with its panel maximized. */
static void maximized(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state large = *state;
    large.maximized = true;
    large.panel = WS_PANEL_TABLES;
    ws_view_screen(rows, &large);
}

/* Four panels at once. */
static void screen_wide(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state large = *state;
    memcpy(large.beside, (const uint8_t[]){WS_PANEL_STACK, WS_PANEL_CROSSINGS, WS_PANEL_DEVICES}, sizeof large.beside);
    ws_view_screen(rows, &large);
}

/* What lies in front of mark 4000 was not watched; the cursor is elsewhere. */
static void strip_zoomed(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.strip_zoom = 1;
    now.strip_moved = true;
    now.strip_cursor = 4300;
    now.watched = 4000;
    ws_view_strip(rows, &now);
}

static void screen_tour(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.tour = "`s` executes one instruction. This sentence is so long that it needs another row of the screen.";
    now.tour_number = 2;
    now.tour_count = 6;
    ws_view_screen(rows, &now);
}

/* A guest that forwarded nothing. */
static void without_paths(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state poor = *state;
    poor.forward[0] = poor.forward[1] = NULL;
    poor.hosted = false;
    ws_view_hosted(rows, &poor);
}

/* A hosted system in which nothing has happened yet, and another guest. */
static void hosted_boot(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state early = *state;
    early.forward[0] = early.forward[1] = NULL;
    early.place = WS_HOSTED_NOWHERE;
    ws_view_hosted_now(rows, &early);
}

static void hosted_other(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state other = *state;
    other.hosted = false;
    ws_view_hosted_now(rows, &other);
}

/* The driver has executed int for a timer's interrupt, and the host's handler is under way; no request so far. */
static void hosted_under_way(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    struct ws_forward_path path = *now.forward[WS_FORWARD_INTERRUPT];
    path.steps = 4;
    path.vector = 32;
    now.forward[WS_FORWARD_INTERRUPT] = &path;
    now.forward[WS_FORWARD_REQUEST] = NULL;
    now.place = WS_HOSTED_HANDLER;
    ws_view_hosted_now(rows, &now);
}

/* Two virtual machines: the second one's VMM runs; the interrupt came in it, the request was the first one's. */
static void two_vms(struct ws_rows *rows, const struct ws_view_state *state, ws_view_draw *draw)
{
    struct ws_view_state now = *state;
    struct ws_forward_path path[WS_FORWARD_KINDS];
    struct ws_crossing crossing[4];
    for (unsigned i = 0; i < 4; i++) {
        bool second = i / 2;
        fixture_crossing(&crossing[i], i % 2 ? "vmm1" : "host",
                         i % 2    ? "host"
                         : second ? "vmm2"
                                  : "vmm1",
                         100 * i, 45, WS_CROSSING_WORLD, 0);
    }
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++) {
        path[kind] = *now.forward[kind];
        strcpy(path[kind].vmm, kind == WS_FORWARD_INTERRUPT ? "vmm2" : "vmm1");
        now.forward[kind] = &path[kind];
    }
    now.crossing = crossing;
    now.crossings = 3;
    now.mark = 1000;
    now.place = WS_HOSTED_EXCEPTIONS;
    strcpy(now.side[now.here].world, "vmm2");
    now.side[now.here].process[0] = '\0';
    draw(rows, &now);
}

static void hosted_now_two(struct ws_rows *rows, const struct ws_view_state *state)
{
    two_vms(rows, state, ws_view_hosted_now);
}

static void hosted_two(struct ws_rows *rows, const struct ws_view_state *state)
{
    two_vms(rows, state, ws_view_hosted);
}

/* Behind instruction 25: the VMM is mapped, and the tables are still the host's. */
static void entered(struct ws_view_state *state)
{
    state->here = 1;
    state->now.value[WS_CR3] = state->side[1].registers.value[WS_CR3];
    state->progress.number = 26;
}

static void space_entered(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    entered(&now);
    ws_view_space(rows, &now);
}

static void tables_entered(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    entered(&now);
    ws_view_tables(rows, &now);
}

/* A #GP lies ahead, and a #PF has just been delivered, from ring 1 to ring 0. */
static void doing_take(struct ws_view_state *state)
{
    state->ahead = fixture.ahead;
    state->done = fixture.done;
}

static void why_ahead(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    doing_take(&now);
    ws_view_why(rows, &now);
}

static void done(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    doing_take(&now);
    ws_view_done(rows, &now);
}

static void tables_frame(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    doing_take(&now);
    ws_view_tables(rows, &now);
}

static void screen_doing(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    doing_take(&now);
    ws_view_screen(rows, &now);
}

/* Memory from the end of the cross page on, by physical address, and towards lower addresses. */
static void memory_end(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.memory_at = FIXTURE_CROSS + 0x8fe0;
    ws_view_memory(rows, &now);
}

static void memory_physical(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.memory_at = FIXTURE_RAM - 0x20;
    now.memory_physical = true;
    ws_view_memory(rows, &now);
}

static void memory_down(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.memory_at = FIXTURE_CROSS + 0x20;
    now.downward = true;
    ws_view_memory(rows, &now);
}

static void stack_down(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.downward = true;
    ws_view_stack(rows, &now);
}

/* The switch is over: the host is left. */
static void stack_left(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.mark = 5000;
    ws_view_stack(rows, &now);
}

/* A process runs, on a stack that is not mapped; and its world has no TSS. */
static void stack_process(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.cpl = 3;
    now.now.value[WS_ESP] = 0x08049ff8;
    ws_view_stack(rows, &now);
    now.now.value[WS_TR] = 0;
    now.has_cross = false;
    ws_view_stack(rows, &now);
}

static void difference_none(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    now.difference = "";
    now.since = WS_SINCE_MARK;
    ws_view_difference(rows, &now);
    now.difference = NULL;
    ws_view_difference(rows, &now);
}

static void plain_doing(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    doing_take(&now);
    ws_view_plain(rows, &now);
}

/* The person has changed something, and the last step was the first one behind it. */
static void branch_take(struct ws_view_state *state)
{
    state->branch = "without mov %ecx, %cr3";
    state->branch_here = state->branch;
    state->branch_mark = state->mark;
}

static void plain_branch(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    branch_take(&now);
    ws_view_plain(rows, &now);
}

static void screen_branch(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_view_state now = *state;
    branch_take(&now);
    ws_view_screen(rows, &now);
}

/* A view on a paper of a kind. */
/* clang-format off */
static const struct golden {
    const char *name;
    ws_view_draw *draw;
    unsigned width;
    unsigned height;
    bool ascii;
} golden_table[] = {
#define GOLDEN(name, draw)              \
    { name "-80", draw, 80, 24, false },     \
    { name "-80-ascii", draw, 80, 24, true }, \
    { name "-93", draw, 93, 31, false },
    GOLDEN("code", ws_view_code)
    GOLDEN("registers", ws_view_registers)
    GOLDEN("space", ws_view_space)
    GOLDEN("tables", ws_view_tables)
    GOLDEN("crossings", ws_view_crossings)
    GOLDEN("serial", ws_view_serial)
    GOLDEN("help", ws_view_help)
    GOLDEN("text", ws_view_text)
    GOLDEN("status", ws_view_status)
    GOLDEN("changes", ws_view_changes)
    GOLDEN("screen", ws_view_screen)
    GOLDEN("maximized", maximized)
    { "screen-80x20", ws_view_screen, 80, 20, true },
    { "screen-wide", screen_wide, 170, 50, true },
    { "screen-tour", screen_tour, 80, 24, true },
    GOLDEN("hosted", ws_view_hosted)
    GOLDEN("hosted-now", ws_view_hosted_now)
    GOLDEN("spaces", ws_view_spaces)
    { "hosted-now-boot", hosted_boot, 80, 24, false },
    { "hosted-now-other", hosted_other, 80, 24, false },
    { "hosted-now-under-way", hosted_under_way, 80, 24, true },
    { "hosted-now-two", hosted_now_two, 80, 24, true },
    { "hosted-two", hosted_two, 80, 24, true },
    { "hosted-empty", without_paths, 80, 24, true },
    GOLDEN("stack", ws_view_stack)
    GOLDEN("memory", ws_view_memory)
    GOLDEN("devices", ws_view_devices)
    GOLDEN("difference", ws_view_difference)
    GOLDEN("notes", ws_view_notes)
    GOLDEN("strip", ws_view_strip)
    { "strip-zoomed", strip_zoomed, 80, 44, true },
    { "stack-down", stack_down, 80, 24, true },
    { "stack-left", stack_left, 80, 24, true },
    { "stack-process", stack_process, 80, 24, true },
    { "memory-end", memory_end, 80, 24, true },
    { "memory-physical", memory_physical, 80, 24, true },
    { "memory-down", memory_down, 80, 24, true },
    { "difference-none", difference_none, 80, 24, true },
    GOLDEN("space-entered", space_entered)
    GOLDEN("screen-doing", screen_doing)
    { "tables-entered", tables_entered, 80, 24, false },
    { "tables-frame", tables_frame, 80, 24, true },
    { "why-ahead-46", why_ahead, 46, 5, false },
    { "done-80", done, 80, 24, true },
    { "plain-80", ws_view_plain, 80, 24, true },
    { "plain-doing-80", plain_doing, 80, 24, true },
    { "plain-branch-80", plain_branch, 80, 24, true },
    { "screen-branch-80", screen_branch, 80, 24, true },
    { "screen-20", ws_view_screen, 20, 5, false },
    { "code-46", ws_view_code, 46, 8, false },
    { "why-46", ws_view_why, 46, 5, false },
    { "registers-narrow", ws_view_registers_narrow, 32, 12, false },
};
/* clang-format on */

static void setup(void)
{
    fixture_init(&fixture);
}

static void teardown(void)
{
    fixture_release(&fixture);
}

/* "..TTT", a letter for each column of a row. */
static void roles_write(const struct ws_rows *rows, struct ws_buffer *out)
{
    for (size_t at = 0; at < rows->count; at++) {
        const struct ws_row *row = &rows->row[at];
        for (size_t span = row->first; span < row->first + row->spans; span++)
            for (unsigned column = 0; column < rows->span[span].columns; column++)
                ws_buffer_printf(out, "%c", ws__role_letter((enum ws_role)rows->span[span].role));
        ws_buffer_printf(out, "\n");
    }
}

static void golden_path(char *path, size_t room, const char *name)
{
    const char *source = getenv("top_srcdir");
    snprintf(path, room, "%s/tests/view/golden/%s.txt", source ? source : ".", name);
}

static void golden_compare(const char *name, const struct ws_buffer *drawn)
{
    char path[512];
    struct ws_buffer expected = WS_BUFFER_INIT;
    golden_path(path, sizeof path, name);
    if (getenv("WS_GOLDEN_UPDATE"))
        ck_assert_msg(ws_file_write(path, drawn->data, drawn->size) == WS_OK, "cannot write %s", path);
    ck_assert_msg(ws_file_read(path, 1 << 20, &expected) == WS_OK, "cannot read %s", path);
    ck_assert_msg(strcmp(ws_buffer_text(&expected), ws_buffer_text(drawn)) == 0,
                  "%s: the view draws something else:\n%s", path, ws_buffer_text(drawn));
    ws_buffer_release(&expected);
}

START_TEST(views_draw_what_they_drew)
{
    const struct golden *golden = &golden_table[_i];
    struct ws_buffer drawn = WS_BUFFER_INIT;
    struct ws_rows rows;
    fixture.state.width = golden->width;
    fixture.state.height = golden->height;
    fixture.state.ascii = golden->ascii;
    ws_rows_init(&rows, golden->width, golden->ascii);
    golden->draw(&rows, &fixture.state);
    ck_assert_msg(!rows.failed && rows.count > 0, "%s: nothing was drawn", golden->name);
    for (size_t at = 0; at < rows.count; at++)
        ck_assert_msg(rows.row[at].columns <= golden->width, "%s: row %zu is too wide", golden->name, at);
    ws_rows_write(&rows, &drawn);
    for (size_t at = 0; golden->ascii && at < drawn.size; at++)
        ck_assert_msg((unsigned char)drawn.data[at] < 0x7f, "%s: byte %zu is not ASCII", golden->name, at);
    ws_buffer_printf(&drawn, "=== roles\n");
    roles_write(&rows, &drawn);
    golden_compare(golden->name, &drawn);
    ws_buffer_release(&drawn);
    ws_rows_release(&rows);
}
END_TEST

/* -- the picture of figure 7-10 ---------------------------------------------------------------- */

/* How many pieces of the panel are emphasized; *text gets the last one. */
static unsigned emphasized(char *text, size_t room, bool ascii)
{
    struct ws_rows rows;
    unsigned count = 0;
    fixture.state.ascii = ascii;
    ws_rows_init(&rows, 80, ascii);
    ws_view_hosted_now(&rows, &fixture.state);
    ck_assert(!rows.failed);
    for (size_t at = 0; at < rows.spans; at++) {
        if (rows.span[at].role != WS_ROLE_CURRENT)
            continue;
        snprintf(text, room, "%.*s", (int)rows.span[at].bytes, rows.text.data + rows.span[at].offset);
        count++;
    }
    ws_rows_release(&rows);
    return count;
}

START_TEST(every_place_is_once_in_the_picture)
{
    const char *label = ws_hosted_place_label((enum ws_hosted_place)_i);
    char seen[64], wanted[64];
    fixture.state.place = (uint8_t)_i;
    if (_i == WS_HOSTED_PROCESS)
        label = fixture.state.side[fixture.state.here].process;
    for (unsigned ascii = 0; ascii < 2; ascii++) {
        ck_assert_uint_eq(emphasized(seen, sizeof seen, ascii), 1);
        snprintf(wanted, sizeof wanted, "%s%s", ws__glyph_text(WS_GLYPH_HERE, ascii), label);
        ck_assert_str_eq(seen, wanted);
    }
}
END_TEST

START_TEST(processes_have_the_boxes_with_their_names)
{
    char seen[64], *process = fixture.state.side[fixture.state.here].process;
    fixture.state.place = WS_HOSTED_PROCESS;
    strcpy(process, "B");
    ck_assert_uint_eq(emphasized(seen, sizeof seen, true), 1);
    ck_assert_str_eq(seen, ">B");
    strcpy(process, "idle"); /* has none */
    ck_assert_uint_eq(emphasized(seen, sizeof seen, true), 0);
    strcpy(process, "");
    ck_assert_uint_eq(emphasized(seen, sizeof seen, true), 0);
}
END_TEST

Suite *golden_suite(void);

Suite *golden_suite(void)
{
    Suite *suite = suite_create("golden views");
    TCase *views = tcase_create("views");
    tcase_add_checked_fixture(views, setup, teardown);
    tcase_add_loop_test(views, views_draw_what_they_drew, 0, sizeof golden_table / sizeof golden_table[0]);
    tcase_add_loop_test(views, every_place_is_once_in_the_picture, WS_HOSTED_PROCESS, WS_HOSTED_PLACES);
    tcase_add_test(views, processes_have_the_boxes_with_their_names);
    suite_add_tcase(suite, views);
    return suite;
}
