/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A seat at the visualizer for tests that ask whether what it says is true: a system, random marks, and a view's text.
 *
 * WS_TRUE_MARKS=100000 asks for so many marks of each system, WS_TRUE_SEED=7 for other ones.
 */
#ifndef WS_TESTS_TUI_TRUE_H
#define WS_TESTS_TUI_TRUE_H

#include "effort.h"
#include "many.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>
#include <worldswitch/lab.h>

#include "tui/viewer.h"

enum { MARKS = 40, MARKS_AT_ONCE = 1000, PART = 9000000, LONG_PART = 20000000, WIDTH = 100 };

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_symbols *symbols;
static struct ws_watcher *watcher;
static struct ws__viewer *viewer;
static uint64_t dice;
static uint64_t mark_row[MARKS_AT_ONCE];
static size_t marks_left; /* in the row, the least one last */

/* -- a seat -------------------------------------------------------------------------------------------- */

static inline void sit_down(const struct ws_symbols *names)
{
    struct ws_tui_options options = {.machine = machine, .watcher = watcher, .symbols = names, .ascii = true};
    const char *seed = getenv("WS_TRUE_SEED");
    dice = seed ? strtoull(seed, NULL, 10) : 1;
    ck_assert_int_eq(ws__viewer_new(&viewer, &options), WS_OK);
    ws__viewer_arrive(viewer);
}

static inline void lab_take(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    sit_down(ws_lab_symbols(lab));
}

static inline void hosted_take(void)
{
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
    ck_assert_int_eq(ws_hosted_boot(machine, symbols), WS_OK);
    ck_assert_int_eq(ws_machine_disk_attach_memory(machine, disk, bytes), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, symbols), WS_OK);
    sit_down(symbols);
}

static inline void stand_up(void)
{
    ws__viewer_free(viewer);
    ws_watcher_free(watcher);
    if (lab)
        ws_lab_free(lab);
    else
        ws_machine_free(machine);
    ws_symbols_free(symbols);
    lab = NULL;
    symbols = NULL;
    marks_left = 0;
}

static inline uint64_t random_below(uint64_t limit)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return limit ? (dice >> 16) % limit : 0;
}

/* A view's text; the caller frees it. */
static inline char *view_text(ws_view_draw *draw)
{
    struct ws_view_state state = viewer->state;
    struct ws_rows rows;
    struct ws_buffer text = WS_BUFFER_INIT;
    state.width = WIDTH;
    state.height = 200;
    ws_rows_init(&rows, WIDTH, true);
    draw(&rows, &state);
    ck_assert(!rows.failed);
    ws_rows_write(&rows, &text);
    ws_rows_release(&rows);
    return ws_buffer_text(&text)[0] ? ws_buffer_detach(&text) : calloc(1, 1);
}

/* Words that are broken by the view's lines, in one line. */
static inline char *view_line(ws_view_draw *draw)
{
    char *text = view_text(draw);
    for (char *at = text; *at; at++)
        if (*at == '\n')
            *at = ' ';
    return text;
}

#define TRUE(condition, text)                                                                               \
    MANY_CHECK(condition, "mark %llu: %s is not true of:\n%.4000s", (unsigned long long)viewer->state.mark, \
               #condition, text)

static inline bool is_mapped(const struct ws_registers *registers, uint32_t linear, struct ws_translation *walk)
{
    struct ws_physical memory = ws_machine_memory(machine);
    return ws_page_walk(walk, &memory, registers, linear, WS_ACCESS_READ, false);
}

static inline void go(uint64_t mark)
{
    ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, mark), "");
}

/* -- marks --------------------------------------------------------------------------------------------- */

static inline uint64_t marks_wanted(void)
{
    const char *wanted = getenv("WS_TRUE_MARKS");
    return wanted ? strtoull(wanted, NULL, 10) : effort_more(MARKS / 2, MARKS, MARKS);
}

/* Go to the end of what is visited.  A few marks are of the first part of the run, in which one VMM is entered; with
 * WS_MORE=1, of the first half, in which both are.  To watch all of the hosted system's run takes long. */
static inline uint64_t end_find(void)
{
    uint64_t end = effort_more(PART, LONG_PART, LONG_PART);
    ws_timeline_seek(viewer->timeline, getenv("WS_TRUE_MARKS") ? UINT64_MAX : end);
    return ws_machine_mark(machine);
}

/* Anywhere; or in or near a crossing, where most is told. */
static inline uint64_t mark_choose(uint64_t end)
{
    size_t count;
    const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count);
    if (random_below(2) || !count)
        return random_below(end + 1);
    const struct ws_crossing *one = &crossing[random_below(count)];
    uint64_t mark = one->begin + random_below(one->end - one->begin + 60);
    return mark < 10 ? mark : mark - 10;
}

static inline int mark_later_first(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left < right) - (left > right);
}

/* The next mark to visit: they are chosen many at once, and visited in their order, so that the ways are short. */
static inline uint64_t mark_next(uint64_t end)
{
    if (!marks_left) {
        while (marks_left < MARKS_AT_ONCE && marks_left < marks_wanted())
            mark_row[marks_left++] = mark_choose(end);
        qsort(mark_row, marks_left, sizeof mark_row[0], mark_later_first);
    }
    return mark_row[--marks_left];
}

#endif
