/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is it true?  At many marks, what the screen says is read from it as a person would, and compared with the machine:
 * rings, what is mapped and what is not, signs, sides, what will happen, handlers, stale tables.
 */
#include <worldswitch/exception.h>

#include "tui/true.h"

Suite *true_suite(void);

enum { LOOKS = 16, SIDE_COLUMN = 28, SIDE_COLUMNS = 26 };

/* -- what the machine says ----------------------------------------------------------------------------- */

/* The last one that has begun; `spaces`: of those to another address space, since threads share theirs. */
static const struct ws_crossing *crossing_last(bool spaces)
{
    size_t count;
    const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count), *last = NULL;
    for (size_t at = 0; at < count && crossing[at].begin <= ws_machine_mark(machine); at++)
        if (!spaces || crossing[at].kind != WS_CROSSING_THREAD)
            last = &crossing[at];
    return last;
}

static const struct ws_crossing *crossing_now(void)
{
    return crossing_last(false);
}

/* -- the status line ----------------------------------------------------------------------------------- */

static void status_check(void)
{
    char *text = view_line(ws_view_status), wanted[80];
    snprintf(wanted, sizeof wanted, " ring %u%s", ws_machine_cpl(machine),
             !strstr(text, "virtual machine") ? " "
             : ws_machine_cpl(machine) == 3   ? ", virtual ring 3 "
                                              : ", virtual ring 0 ");
    TRUE(strstr(text, wanted) != NULL, text);
    snprintf(wanted, sizeof wanted, "mark %llu", (unsigned long long)ws_machine_mark(machine));
    TRUE(strstr(text, wanted) != NULL, text);
    const struct ws_crossing *last = crossing_now();
    bool inside = last && ws_machine_mark(machine) < last->end;
    snprintf(wanted, sizeof wanted, "%s switch", inside ? ws_crossing_kind_name(last->kind) : "");
    TRUE(!inside || strstr(text, wanted), text);
    if (!inside) {
        snprintf(wanted, sizeof wanted, "world %s", ws_watcher_world(watcher, NULL));
        TRUE(strstr(text, wanted) != NULL, text);
    }
    free(text);
}

/* -- the space panel ----------------------------------------------------------------------------------- */

/* One half of a row. */
struct cell {
    bool mapped, blanked, user, writable;
    uint32_t phys;
};

static struct cell cell_read(const char *text)
{
    struct cell cell = {.blanked = *text == '('};
    char who[16] = "", rights[16] = "";
    unsigned phys = 0;
    if (sscanf(text + 1, "%15s %15s > %x", who, rights, &phys) == 3) {
        cell.mapped = true;
        cell.user = strcmp(who, "user") == 0;
        cell.writable = strcmp(rights, "rw") == 0 || strcmp(who, "no") == 0;
        cell.phys = phys;
    }
    return cell;
}

/* A half of a row and the walk of an address in it say the same. */
static bool cell_is(const struct cell *cell, const struct ws_registers *registers, uint32_t begin, uint32_t linear)
{
    struct ws_translation walk;
    bool mapped = is_mapped(registers, linear, &walk);
    if (!mapped || !cell->mapped)
        return mapped == cell->mapped;
    bool paged = registers->value[WS_CR0] & WS_CR0_PG;
    return walk.phys == cell->phys + (linear - begin) &&
           (!paged || (walk.user == cell->user && walk.writable == cell->writable));
}

/* The sign takes two columns. */
static const char *sign_wanted(const struct cell *left, const struct cell *entered)
{
    if (!left->mapped || !entered->mapped)
        return left->mapped ? " -" : " +";
    bool same = left->phys == entered->phys && left->user == entered->user && left->writable == entered->writable;
    return same ? " =" : "!=";
}

/* What the panel's head says. */
struct head {
    unsigned here; /* the side that is marked as mapped now */
    bool both;
    bool will; /* vanish */
};

static struct head head_read(const char *text)
{
    char line[WIDTH + 1] = "";
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    struct head head = {.here = line[SIDE_COLUMN] == '>' ? 0 : 1,
                        .both = !strstr(line, "(no crossing so far)") && !strstr(line, ", is no more")};
    TRUE(line[SIDE_COLUMN + (head.here ? SIDE_COLUMNS : 0)] == '>', text);
    TRUE(strstr(line + SIDE_COLUMN + (head.here ? SIDE_COLUMNS : 0), ", now") != NULL, text);
    TRUE(!head.both || strstr(line, "mapped"), text);
    head.will = strstr(text, "will vanish") != NULL;
    return head;
}

/* The registers of the two sides, found without the viewer: who is left, who is entered. */
struct pair {
    struct ws_registers here, other;
    bool known;       /* the other one is */
    bool here_enters; /* the one that is mapped now is the one that is entered */
    bool inside;      /* a switch is under way */
};

static struct pair pair_find(void)
{
    const struct ws_crossing *last = crossing_last(true);
    struct pair pair = {.here_enters = true, .known = last != NULL};
    ws_machine_registers(machine, &pair.here);
    if (!last)
        return pair;
    pair.inside = ws_machine_mark(machine) < last->end;
    pair.here_enters = pair.here.value[WS_CR3] != last->before.value[WS_CR3];
    pair.other = pair.here.value[WS_CR3] == last->after.value[WS_CR3] && pair.here_enters ? last->before : last->after;
    return pair;
}

static void row_check(const char *row, const struct head *head, const struct pair *pair, const char *text)
{
    unsigned begin, end;
    char line[WIDTH + 1];
    snprintf(line, sizeof line, "%-*.*s", WIDTH, (int)strcspn(row, "\n"), row);
    if (sscanf(line + 3, "%8x-%8x", &begin, &end) != 2 || line[11] != '-')
        return;
    struct cell cell[2] = {cell_read(line + SIDE_COLUMN), cell_read(line + SIDE_COLUMN + SIDE_COLUMNS)};
    const struct cell *here = &cell[head->here], *other = &cell[1 - head->here];
    uint32_t linear[] = {begin, end, begin + (uint32_t)random_below((uint64_t)end - begin + 1)};
    for (unsigned at = 0; at < 3; at++) {
        TRUE(cell_is(here, &pair->here, begin, linear[at]), row);
        TRUE(!head->both || cell_is(other, &pair->other, begin, linear[at]), row);
    }
    TRUE(!here->mapped || !here->blanked, row);
    if (!head->both)
        return;
    const char *wanted = pair->here_enters ? sign_wanted(other, here) : sign_wanted(here, other);
    TRUE(strncmp(line, wanted, strlen(wanted)) == 0, row);
    TRUE(!other->mapped || other->blanked == (strcmp(wanted, " =") != 0), row);
    (void)text;
}

/* Is there a row in which this address is mapped now? */
static bool row_has(const char *text, unsigned here, uint32_t linear)
{
    for (const char *row = text; row; row = strchr(row, '\n') ? strchr(row, '\n') + 1 : NULL) {
        unsigned begin, end;
        if (strcspn(row, "\n") < SIDE_COLUMN + 2 || sscanf(row + 3, "%8x-%8x", &begin, &end) != 2 || row[11] != '-')
            continue;
        if (linear < begin || linear > end)
            continue;
        return strcspn(row, "\n") > SIDE_COLUMN + here * SIDE_COLUMNS + 8 &&
               cell_read(row + SIDE_COLUMN + here * SIDE_COLUMNS).mapped;
    }
    return false;
}

/* "stale, not mapped": the CPU's register names what is nowhere now. */
static void stale_check(const char *text, const struct pair *pair)
{
    static const struct {
        enum ws_register which;
        const char *name;
    } table[] = {{WS_IDTR_BASE, "handlers (idt)"}, {WS_GDTR_BASE, "segments (gdt)"}};
    const char *line = strstr(text, "\n stale, not mapped:");
    char stale[WIDTH + 1] = "";
    struct ws_translation walk;
    if (line)
        snprintf(stale, sizeof stale, "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
    for (unsigned at = 0; at < 2; at++) {
        uint32_t linear = pair->here.value[table[at].which];
        bool gone = !is_mapped(&pair->here, linear, &walk);
        bool was = pair->known && is_mapped(&pair->other, linear, &walk);
        bool wanted = pair->inside && pair->here_enters && gone && was;
        TRUE((strstr(stale, table[at].name) != NULL) == wanted, text);
    }
    TRUE(!line || (pair->inside && pair->here_enters), text);
}

static void space_check(void)
{
    char *text = view_text(ws_view_space);
    struct head head = head_read(text);
    struct pair pair = pair_find();
    struct ws_translation walk;
    bool gone = viewer->state.side[1 - viewer->state.here].gone;
    TRUE(head.both == (pair.known && !gone), text);
    TRUE(!gone || !pair.inside, text);
    TRUE(head.will == (pair.inside && !pair.here_enters), text);
    for (const char *row = text; row; row = strchr(row, '\n') ? strchr(row, '\n') + 1 : NULL)
        row_check(row, &head, &pair, text);
    for (unsigned look = 0; look < LOOKS; look++) {
        uint32_t linear =
            look % 2 ? (uint32_t)random_below(UINT64_C(1) << 32) : 0xc0000000u + (uint32_t)random_below(1 << 22);
        TRUE(row_has(text, head.here, linear) == is_mapped(&pair.here, linear, &walk), text);
    }
    stale_check(text, &pair);
    free(text);
}

/* -- the tables ---------------------------------------------------------------------------------------- */

static void tables_check(void)
{
    char *text = view_text(ws_view_tables);
    struct ws_registers now;
    struct ws_translation walk;
    ws_machine_registers(machine, &now);
    for (const char *row = text; row; row = strchr(row, '\n') ? strchr(row, '\n') + 1 : NULL) {
        unsigned vector, selector, offset, linear;
        char kind[16], line[WIDTH + 1];
        snprintf(line, sizeof line, "%.*s", (int)strcspn(row, "\n"), row);
        if (sscanf(line, " %8x is not mapped", &linear) == 1 && strstr(line, "is not mapped"))
            TRUE(!is_mapped(&now, linear, &walk), line);
        if (strlen(line) < 30 || sscanf(line, " %3u", &vector) != 1 ||
            sscanf(line + 14, "%15s > %4x:%8x", kind, &selector, &offset) != 3 || strcmp(kind, "gate") == 0)
            continue;
        uint8_t raw[8];
        struct ws_gate gate;
        ck_assert_int_eq(ws_machine_read(machine, now.value[WS_IDTR_BASE] + 8 * vector, raw, sizeof raw), WS_OK);
        ws_gate_decode(&gate, raw);
        TRUE(gate.offset == offset && gate.selector == selector, line);
        TRUE(gate.present == !strstr(line, "not present (P=0)"), line);
    }
    free(text);
}

/* -- what happens -------------------------------------------------------------------------------------- */

struct seen {
    uint64_t mark;
    unsigned vectors, ports;
    struct ws_event vector; /* the first */
};

static void event_see(void *context, struct ws_machine *from, const struct ws_event *event)
{
    struct seen *seen = context;
    (void)from;
    if (event->mark != seen->mark)
        return;
    if (event->kind == WS_EVENT_IO)
        seen->ports++;
    else if (seen->vectors++ == 0)
        seen->vector = *event;
}

/* A sentence about a vector names its handler. */
static bool names_vector(const char *text, const struct ws_event *vector)
{
    char handler[24];
    snprintf(handler, sizeof handler, "%08x", vector->after);
    return strstr(text, "'s handler ") != NULL && strstr(text, handler) != NULL;
}

/* What is told of the next step, and what that step does; and what is told of it when it is done. */
static void step_check(void)
{
    struct seen seen = {.mark = ws_machine_mark(machine)};
    const uint32_t kinds = WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(IO);
    if (viewer->state.halt)
        return;
    char *told = view_line(ws_view_why);
    struct pair pair = pair_find();
    char *space = view_text(ws_view_space);
    ck_assert_int_eq(ws_machine_listen(machine, kinds, event_see, &seen), WS_OK);
    ws_timeline_step(viewer->timeline, 1);
    ws_machine_unlisten(machine, event_see, &seen);
    if (seen.vectors) {
        bool outside = seen.vector.origin == WS_ORIGIN_EXTERNAL;
        TRUE(strstr(told, outside ? "First comes " : "Here, in ring ") != NULL, told);
        TRUE(names_vector(told, &seen.vector), told);
        TRUE(outside || ws_machine_eip_linear(machine) == seen.vector.after, told);
    } else {
        TRUE(!strstr(told, "'s handler ") && !strstr(told, "First comes "), told);
        TRUE((strstr(told, "from port ") || strstr(told, "to port ")) == (seen.ports > 0), told);
    }
    if (strstr(told, "Loads CR3")) {
        struct ws_registers now;
        ws_machine_registers(machine, &now);
        bool same = now.value[WS_CR3] == pair.here.value[WS_CR3];
        TRUE(seen.vectors || (strstr(told, "with the value that it has") != NULL) == same, told);
    }
    ws__viewer_arrive(viewer);
    char *done = view_line(ws_view_done);
    TRUE(!seen.vectors || names_vector(done, &seen.vector), done);
    TRUE(seen.vectors || !strstr(done, "'s handler "), done);
    free(done);
    free(space);
    free(told);
}

/* -- a switch does not change its picture -------------------------------------------------------------- */

/* Sides, ranges and signs, without what says which side is mapped. */
static char *picture(void)
{
    char *text = view_text(ws_view_space), *out = text;
    struct ws_buffer kept = WS_BUFFER_INIT;
    for (const char *row = text; *row; row += strcspn(row, "\n") + (row[strcspn(row, "\n")] != 0)) {
        unsigned begin, end;
        if (sscanf(row + 3, "%8x-%8x", &begin, &end) == 2 && row[11] == '-')
            ws_buffer_printf(&kept, "%.20s\n", row);
    }
    ws_buffer_printf(&kept, "%s: %s | %s: %s\n", viewer->state.side[0].world, viewer->state.side[0].process,
                     viewer->state.side[1].world, viewer->state.side[1].process);
    free(out);
    return ws_buffer_detach(&kept);
}

static void switch_check(const struct ws_crossing *crossing)
{
    const struct ws_crossing one = *crossing;
    go(one.begin);
    char *first = picture();
    uint64_t length = one.end - one.begin;
    uint64_t mark[] = {one.cr3_mark, one.cr3_mark + 1, one.begin + random_below(length), one.end - 1, one.end};
    for (unsigned at = 0; at < sizeof mark / sizeof mark[0]; at++) {
        if (mark[at] < one.begin || length > 200)
            continue;
        go(mark[at]);
        char *now = picture();
        bool gone = viewer->state.side[1 - viewer->state.here].gone; /* at the end, who has ended is no more */
        TRUE(strcmp(first, now) == 0 || (gone && mark[at] == one.end), now);
        free(now);
    }
    free(first);
}

static void system_check(void)
{
    uint64_t wanted = marks_wanted();
    uint64_t end = end_find();
    for (uint64_t at = 0; at < wanted; at++) {
        uint64_t mark = mark_next(end);
        go(mark);
        if (at % 8 == 0 && crossing_now()) {
            switch_check(crossing_now());
            go(mark);
        }
        status_check();
        space_check();
        if (at % 4 == 0)
            tables_check();
        step_check();
    }
    stand_up();
}

START_TEST(laboratory)
{
    lab_take();
    system_check();
}
END_TEST

START_TEST(hosted)
{
    hosted_take();
    system_check();
}
END_TEST

Suite *true_suite(void)
{
    Suite *suite = suite_create("true");
    TCase *small = tcase_create("laboratory"), *large = tcase_create("hosted"); /* for CK_RUN_CASE */
    tcase_add_test(small, laboratory);
    tcase_set_tags(large, "heavy");
    tcase_add_test(large, hosted);
    suite_add_tcase(suite, small);
    suite_add_tcase(suite, large);
    return suite;
}
