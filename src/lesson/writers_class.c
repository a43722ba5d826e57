/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports for the instructor: the class as a whole, and as a table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lesson/fold.h"
#include "lesson/writers.h"

enum { BAR = 24, STEPS = 10, PAIRS_MOST = 50 };

/* -- checks of all submissions --------------------------------------------------------------------------- */

/* A check, in the order in which they come up.  A name that comes twice in one submission is two checks. */
struct check {
    const char *name; /* borrowed */
    unsigned again;   /* 0: the first of that name */
    size_t tried, failed;
};

struct checks {
    struct check *check; /* owned */
    size_t count;
    bool failed; /* there was no memory */
};

/* How many results before this one have its name. */
static unsigned again_of(const struct ws__graded *graded, size_t number)
{
    unsigned again = 0;
    for (size_t i = 0; i < number; i++)
        again += !strcmp(ws_buffer_text(&graded->result[i].name), ws_buffer_text(&graded->result[number].name));
    return again;
}

/* Where it is in the list; the list's end: nowhere. */
static size_t check_find(const struct checks *checks, const char *name, unsigned again)
{
    size_t i = 0;
    while (i < checks->count && (checks->check[i].again != again || strcmp(checks->check[i].name, name) != 0))
        i++;
    return i;
}

static void checks_add(struct checks *checks, const struct ws__graded *graded)
{
    for (size_t i = 0; i < graded->results && !checks->failed; i++) {
        const struct ws__graded_result *result = &graded->result[i];
        unsigned again = again_of(graded, i);
        size_t at = check_find(checks, ws_buffer_text(&result->name), again);
        if (at == checks->count) {
            struct check *grown = realloc(checks->check, (at + 1) * sizeof *grown);
            checks->failed = !grown;
            if (!grown)
                return;
            checks->check = grown;
            grown[checks->count++] = (struct check){.name = ws_buffer_text(&result->name), .again = again};
        }
        checks->check[at].tried++;
        checks->check[at].failed += !result->passed;
    }
}

static struct checks checks_of(const struct ws__class *class)
{
    struct checks checks = {.count = 0};
    for (size_t i = 0; i < class->count; i++)
        checks_add(&checks, &class->graded[i]);
    return checks;
}

static void check_name(struct ws_buffer *out, const struct check *check)
{
    ws_buffer_printf(out, "%s", check->name);
    if (check->again)
        ws_buffer_printf(out, " (%u)", check->again + 1);
}

/* -- text ------------------------------------------------------------------------------------------------ */

/* A bar for a part of the whole, and blanks up to its full length.  What is not nothing can be seen. */
static void bar_append(struct ws_buffer *out, const struct ws__class *class, size_t part, size_t whole)
{
    size_t length = whole ? (part * BAR + whole - 1) / whole : 0;
    for (size_t i = 0; i < BAR; i++)
        ws_buffer_printf(out, "%s", i >= length ? " " : class->ascii ? "#" : "\xe2\x96\x88");
}

static int numbers_order(const void *a, const void *b)
{
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;
    return left < right ? -1 : left > right;
}

/* From `low` to `high` points: how many have them. */
static void points_row(struct ws_buffer *out, const struct ws__class *class, unsigned low, unsigned high)
{
    char range[32];
    size_t count = 0;
    for (size_t i = 0; i < class->count; i++)
        count += class->graded[i].points >= low && class->graded[i].points <= high;
    snprintf(range, sizeof range, low == high ? "%u" : "%u-%u", low, high);
    ws_buffer_printf(out, "  %7s  %4zu  ", range, count);
    bar_append(out, class, count, class->count);
    while (out->size && out->data[out->size - 1] == ' ')
        out->data[--out->size] = 0;
    ws_buffer_printf(out, "\n");
}

static void points_append(struct ws_buffer *out, const struct ws__class *class)
{
    unsigned most = 0, *points = calloc(class->count + 1, sizeof *points);
    unsigned long long sum = 0;
    if (!points) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < class->count; i++) {
        points[i] = class->graded[i].points;
        sum += points[i];
        most = class->graded[i].most > most ? class->graded[i].most : most;
    }
    qsort(points, class->count, sizeof *points, numbers_order);
    unsigned long long tenths = class->count ? (10 * sum + class->count / 2) / class->count : 0;
    ws_buffer_printf(out, "\nPoints: of %u, %llu.%llu on average, %u in the middle\n\n", most, tenths / 10, tenths % 10,
                     points[class->count / 2]);
    free(points);
    for (unsigned step = (most + STEPS) / STEPS, high = most;; high -= step) {
        points_row(out, class, high >= step ? high - step + 1 : 0, high);
        if (high < step)
            break;
    }
}

static void checks_append(struct ws_buffer *out, const struct ws__class *class, const struct checks *checks)
{
    ws_buffer_printf(out, "\nWhich check failed how often:\n\n");
    for (size_t i = 0; i < checks->count; i++) {
        const struct check *check = &checks->check[i];
        ws_buffer_printf(out, "  %4zu of %4zu  ", check->failed, check->tried);
        bar_append(out, class, check->failed, check->tried);
        ws_buffer_printf(out, "  ");
        check_name(out, check);
        ws_buffer_printf(out, "\n");
    }
}

/* Why it could not be judged, in a few words: up to the first ":". */
static size_t reason_length(const struct ws__graded *graded)
{
    return strcspn(ws_buffer_text(&graded->message), ":\n");
}

static bool reasons_equal(const struct ws__graded *left, const struct ws__graded *right)
{
    size_t length = reason_length(left);
    return right->state == WS__GRADED_ERROR && reason_length(right) == length &&
           !strncmp(ws_buffer_text(&left->message), ws_buffer_text(&right->message), length);
}

/* The first check that failed; the list's end: none. */
static size_t stuck_at(const struct checks *checks, const struct ws__graded *graded)
{
    for (size_t i = 0; i < graded->results; i++)
        if (!graded->result[i].passed)
            return check_find(checks, ws_buffer_text(&graded->result[i].name), again_of(graded, i));
    return checks->count;
}

/* A place, and who is stuck there. */
static void place_append(struct ws_buffer *out, struct ws_buffer *place, size_t count, struct ws_buffer *names)
{
    if (count) {
        ws_buffer_printf(out, "\n  %s: %zu\n", ws_buffer_text(place), count);
        ws__fold(out, ws_buffer_text(names), WS__REPORT_INDENT, WS__REPORT_COLUMNS);
    }
    out->failed |= place->failed || names->failed;
    ws_buffer_release(place);
    ws_buffer_release(names);
}

static void name_add(struct ws_buffer *names, const struct ws__graded *graded)
{
    ws_buffer_printf(names, "%s%s", names->size ? ", " : "", ws_buffer_text(&graded->name));
}

/* Those that could not be judged, by reason; the first one with a reason stands for it. */
static void errors_append(struct ws_buffer *out, const struct ws__class *class)
{
    for (size_t i = 0; i < class->count; i++) {
        const struct ws__graded *first = &class->graded[i];
        struct ws_buffer place = WS_BUFFER_INIT, names = WS_BUFFER_INIT;
        size_t count = 0, before = 0;
        for (size_t j = 0; j < i; j++)
            before += reasons_equal(first, &class->graded[j]);
        for (size_t j = i; j < class->count && first->state == WS__GRADED_ERROR && !before; j++)
            if (reasons_equal(first, &class->graded[j])) {
                name_add(&names, &class->graded[j]);
                count++;
            }
        ws_buffer_append(&place, ws_buffer_text(&first->message), reason_length(first));
        place_append(out, &place, count, &names);
    }
}

static void stuck_append(struct ws_buffer *out, const struct ws__class *class, const struct checks *checks)
{
    ws_buffer_printf(out, "\nWho is stuck where, by the first check that failed:\n");
    errors_append(out, class);
    for (size_t at = 0; at < checks->count; at++) {
        struct ws_buffer place = WS_BUFFER_INIT, names = WS_BUFFER_INIT;
        size_t count = 0;
        for (size_t i = 0; i < class->count; i++)
            if (stuck_at(checks, &class->graded[i]) == at) {
                name_add(&names, &class->graded[i]);
                count++;
            }
        check_name(&place, &checks->check[at]);
        place_append(out, &place, count, &names);
    }
}

/* -- submissions that are alike -------------------------------------------------------------------------- */

struct pair {
    size_t left, right;
    unsigned percent;
};

struct pairs {
    struct pair *pair; /* owned */
    size_t count, room;
    bool failed;
};

static void pair_add(struct pairs *pairs, struct pair pair)
{
    if (pairs->count == pairs->room) {
        size_t room = pairs->room ? 2 * pairs->room : 64;
        struct pair *grown = realloc(pairs->pair, room * sizeof *grown);
        pairs->failed |= !grown;
        if (!grown)
            return;
        pairs->pair = grown;
        pairs->room = room;
    }
    pairs->pair[pairs->count++] = pair;
}

static int pairs_order(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    if (left->percent != right->percent)
        return left->percent > right->percent ? -1 : 1;
    if (left->left != right->left)
        return left->left < right->left ? -1 : 1;
    return left->right < right->right ? -1 : 1;
}

static struct pairs pairs_find(const struct ws__class *class)
{
    struct pairs pairs = {.count = 0};
    for (size_t i = 0; i < class->count; i++)
        for (size_t j = i + 1; j < class->count && !pairs.failed; j++) {
            unsigned percent = ws__prints_alike(&class->graded[i].prints, &class->graded[j].prints);
            if (percent >= WS__ALIKE_PERCENT)
                pair_add(&pairs, (struct pair){i, j, percent});
        }
    if (pairs.count)
        qsort(pairs.pair, pairs.count, sizeof *pairs.pair, pairs_order);
    return pairs;
}

/* Answers to questions have no prints: right ones are equal. */
static void alike_append(struct ws_buffer *out, const struct ws__class *class)
{
    struct pairs pairs = pairs_find(class);
    size_t compared = 0;
    for (size_t i = 0; i < class->count; i++)
        compared += class->graded[i].prints.count >= WS__PRINTS_LEAST;
    ws_buffer_printf(out, "\nWhich submissions are alike, apart from comments, blanks, names of labels, and what\n"
                          "was handed out: ");
    if (compared < 2)
        ws_buffer_printf(out, "there are no two with enough of their own to be compared.\n");
    else if (!pairs.count)
        ws_buffer_printf(out, "of %zu, no two by %d%% or more.\n", compared, WS__ALIKE_PERCENT);
    else
        ws_buffer_printf(out, "a reason to look at them, and no proof.\n\n");
    for (size_t i = 0; i < pairs.count && i < PAIRS_MOST; i++)
        ws_buffer_printf(out, "  %3u%%  %s  %s\n", pairs.pair[i].percent,
                         ws_buffer_text(&class->graded[pairs.pair[i].left].name),
                         ws_buffer_text(&class->graded[pairs.pair[i].right].name));
    if (pairs.count > PAIRS_MOST)
        ws_buffer_printf(out, "  and %zu pairs more\n", pairs.count - PAIRS_MOST);
    out->failed |= pairs.failed;
    free(pairs.pair);
}

void ws__write_class(const struct ws__class *class, struct ws_buffer *out)
{
    struct checks checks = checks_of(class);
    size_t count[WS__GRADED_STATES] = {0};
    for (size_t i = 0; i < class->count; i++)
        count[class->graded[i].state]++;
    ws_buffer_printf(out, "%s: %zu submission%s, %zu passed, %zu not passed, %zu could not be judged\n",
                     class->head->lesson, class->count, class->count == 1 ? "" : "s", count[WS__GRADED_PASSED],
                     count[WS__GRADED_FAILED], count[WS__GRADED_ERROR]);
    points_append(out, class);
    if (checks.count)
        checks_append(out, class, &checks);
    if (count[WS__GRADED_PASSED] < class->count)
        stuck_append(out, class, &checks);
    alike_append(out, class);
    out->failed |= checks.failed;
    free(checks.check);
}

/* -- CSV: RFC 4180, for spreadsheets --------------------------------------------------------------------- */

/* A spreadsheet takes a text that begins so for a formula: an apostrophe before it makes it one of its texts. */
static void csv_text(struct ws_buffer *out, const char *text)
{
    ws_buffer_printf(out, "\"%s", strchr("=+-@", *text) && *text ? "'" : "");
    for (; *text; text++)
        ws_buffer_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    ws_buffer_printf(out, "\"");
}

static void csv_head(struct ws_buffer *out, const struct checks *checks)
{
    ws_buffer_printf(out, "name,points,max,state");
    for (size_t i = 0; i < checks->count; i++) {
        struct ws_buffer name = WS_BUFFER_INIT;
        check_name(&name, &checks->check[i]);
        ws_buffer_printf(out, ",");
        csv_text(out, ws_buffer_text(&name));
        out->failed |= name.failed;
        ws_buffer_release(&name);
    }
    ws_buffer_printf(out, "\r\n");
}

void ws__write_csv(const struct ws__class *class, struct ws_buffer *out)
{
    static const char *const state[] = {"passed", "failed", "error"};
    struct checks checks = checks_of(class);
    csv_head(out, &checks);
    for (size_t i = 0; i < class->count; i++) {
        const struct ws__graded *graded = &class->graded[i];
        csv_text(out, ws_buffer_text(&graded->name));
        ws_buffer_printf(out, ",%u,%u,%s", graded->points, graded->most, state[graded->state]);
        for (size_t column = 0; column < checks.count; column++) {
            ws_buffer_printf(out, ",");
            for (size_t j = 0; j < graded->results; j++)
                if (check_find(&checks, ws_buffer_text(&graded->result[j].name), again_of(graded, j)) == column)
                    ws_buffer_printf(out, "%u", graded->result[j].points);
        }
        ws_buffer_printf(out, "\r\n");
    }
    out->failed |= checks.failed;
    free(checks.check);
}
