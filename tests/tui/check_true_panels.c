/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is it true, what the panels of stack, memory, devices and differences say?  Their text is read and compared with the
 * machine, at many marks.
 */
#include <worldswitch/cross.h>
#include <worldswitch/state.h>

#include "effort.h"
#include "tui/true.h"
#include "view/slots.h"
#include "worlds/layout.h"

Suite *true_panels_suite(void);

enum { TURNS = 20 };

/* The line after this one, and this one in a buffer of its own; NULL at the end. */
static const char *line_next(const char *text, char line[WIDTH + 1])
{
    size_t length = strcspn(text, "\n");
    snprintf(line, WIDTH + 1, "%.*s", (int)length, text);
    return *text ? text + length + (text[length] == '\n') : NULL;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* -- the stack ----------------------------------------------------------------------------------------- */

/* "behind a call: " stands only where a call ends. */
static void call_check(const char *line, uint32_t value)
{
    uint8_t code[8];
    bool found = false;
    for (unsigned size = 2; size <= 7; size++) {
        struct ws_instruction instruction;
        found |= ws_machine_read(machine, value - size, code, size) == WS_OK &&
                 ws_disasm_one(viewer->state.disasm, code, size, value - size, viewer->state.wide, WS_SYNTAX_ATT,
                               &instruction) &&
                 instruction.size == size && strstr(instruction.text, "call");
    }
    TRUE(found, line);
}

static void word_check(const char *line)
{
    unsigned linear, value = 0, digits = 0;
    uint32_t there = 0;
    struct ws_registers now;
    struct ws_translation walk;
    ws_machine_registers(machine, &now);
    if (sscanf(line + 1, "%8x is not mapped", &linear) == 1 && strstr(line, " is not mapped")) {
        TRUE(!is_mapped(&now, linear, &walk), line);
        return;
    }
    if (sscanf(line + 1, "%8x  ", &linear) != 1 || strstr(line, "ESP0") || line[1] == ' ' || strlen(line) < 27)
        return;
    digits = (unsigned)strspn(line + 23, "0123456789abcdef");
    if (sscanf(line + 23, "%8x", &value) != 1 || (digits != 8 && digits != 4))
        return;
    TRUE(ws_machine_read(machine, linear, &there, digits / 2) == WS_OK && there == value, line);
    TRUE(*line != '>' || linear == now.value[WS_ESP], line);
    if (strstr(line, "behind a call: "))
        call_check(line, value);
}

/* A frame that the text has found: where, by which mark, and how many slots. */
struct told {
    uint64_t mark;
    uint32_t linear;
    unsigned slots, slot_bytes;
    bool taken, error_code;
};

/* Go to the mark where it was pushed, and look.  What iret has taken is told of only as long as nothing of it was
 * overwritten. */
static void frame_check(const struct told *told, const char *text)
{
    uint64_t here = ws_machine_mark(machine);
    uint8_t now[4 * WS__SLOTS] = {0}, then[4 * WS__SLOTS] = {0};
    unsigned bytes = told->slots * told->slot_bytes;
    TRUE(bytes <= sizeof now && ws_machine_read(machine, told->linear, now, bytes) == WS_OK, text);
    struct ws_registers before, after;
    ws_timeline_seek(viewer->timeline, told->mark);
    ws_machine_registers(machine, &before);
    unsigned cpl = ws_machine_cpl(machine);
    ws_timeline_step(viewer->timeline, 1);
    ws_machine_registers(machine, &after);
    ws_machine_read(machine, told->linear, then, bytes);
    TRUE(!told->taken || memcmp(now, then, bytes) == 0, text);
    unsigned slots = 3u + told->error_code + 2u * (ws_machine_cpl(machine) < cpl);
    TRUE(told->slots == slots, text);
    /* behind the delivery of an interrupt, the handler's first instruction was executed, too */
    TRUE(told->linear - after.value[WS_ESP] <= 64, text);
    ws_timeline_seek(viewer->timeline, here);
}

static bool is_slot(const char *line)
{
    static const char *const slot[] = {"error code ", "eip ", "cs ", "eflags ", "esp  ", "ss "};
    for (unsigned at = 0; at < sizeof slot / sizeof slot[0]; at++)
        if (strlen(line) > 23 && begins(line + 11, slot[at]) && line[1] != ' ')
            return true;
    return false;
}

/* The frame whose title this is; its slots follow. */
static void frame_read(const char *line, const char *rest, struct told *told)
{
    char next[WIDTH + 1];
    unsigned long long mark = 0;
    sscanf(strstr(line, ", pushed at mark "), ", pushed at mark %llu", &mark);
    *told = (struct told){.mark = mark, .taken = strstr(line, "taken by iret") != NULL};
    while ((rest = line_next(rest, next)) != NULL && is_slot(next)) {
        unsigned linear = 0;
        sscanf(next + 1, "%8x", &linear);
        if (!told->slots++)
            told->linear = linear;
        told->slot_bytes = (linear - told->linear) / (told->slots > 1 ? told->slots - 1 : 1);
        told->error_code |= strstr(next, "error code") != NULL;
    }
}

static void stack_check(bool frames)
{
    char *text = view_text(ws_view_stack), line[WIDTH + 1];
    struct told told[WS_VIEW_FRAMES + 4];
    unsigned count = 0;
    for (const char *at = text; (at = line_next(at, line)) != NULL;) {
        if (begins(line, "-- cross page"))
            break;
        word_check(line);
        if (strstr(line, ", pushed at mark ") && count < WS_VIEW_FRAMES + 4)
            frame_read(line, at, &told[count++]);
    }
    for (unsigned at = 0; at < count; at++) {
        TRUE(told[at].mark < ws_machine_mark(machine), text);
        if (frames)
            frame_check(&told[at], text);
    }
    free(text);
}

/* In a handler that has just been entered, its frame is there, and open. */
static void delivered_check(void)
{
    const struct ws_view_state *state = &viewer->state;
    const struct ws_event *vector = NULL;
    for (unsigned at = 0; state->stepped && at < state->done.events; at++)
        if (state->done.event[at].kind == WS_EVENT_VECTOR)
            vector = &state->done.event[at];
    if (!vector || vector->cpl <= ws_machine_cpl(machine))
        return;
    char *text = view_text(ws_view_stack), wanted[80];
    snprintf(wanted, sizeof wanted, ", pushed at mark %llu", (unsigned long long)vector->mark);
    const char *title = strstr(text, wanted);
    TRUE(title != NULL, text);
    TRUE(title[strlen(wanted)] == '\n', text);
    free(text);
}

/* -- the contexts in the cross page -------------------------------------------------------------------- */

/* The rows are those of the context at its address; who has left it, left it with that page directory. */
static void saved_check(void)
{
    char *text = view_text(ws_view_stack), line[WIDTH + 1];
    struct ws_cross_context context = {0};
    unsigned linear = 0, value;
    for (const char *at = strstr(text, "-- cross page"); at && (at = line_next(at, line)) != NULL;) {
        unsigned number;
        unsigned long long mark;
        if (sscanf(line, "-- cross page, context %u at %8x", &number, &linear) == 2) {
            ck_assert_int_eq(ws_machine_read(machine, linear, &context, sizeof context), WS_OK);
            TRUE(linear == ws_cross_context_linear(number), line);
            const char *left = strstr(line, "left at mark ");
            if (!left || sscanf(left, "left at mark %llu", &mark) != 1)
                continue;
            size_t count;
            const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count);
            bool found = false;
            for (size_t i = 0; i < count; i++)
                found |= crossing[i].begin == mark && crossing[i].end <= ws_machine_mark(machine) &&
                         crossing[i].before.value[WS_CR3] == context.cr3 && strstr(line, crossing[i].from);
            TRUE(found, line);
        } else if (sscanf(line, " %*8x  cr3 %8x", &value) == 1) {
            TRUE(value == context.cr3, line);
        } else if (sscanf(line, " %*8x  esp %8x", &value) == 1) {
            TRUE(value == context.esp, line);
        } else if (sscanf(line, " %*8x  idtr %8x", &value) == 1) {
            TRUE(value == context.idtr.base, line);
        }
    }
    free(text);
}

/* -- memory -------------------------------------------------------------------------------------------- */

static void bytes_check(const char *line, unsigned linear, bool physical)
{
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_registers now;
    struct ws_translation walk = {.phys = linear};
    ws_machine_registers(machine, &now);
    TRUE(physical || is_mapped(&now, linear, &walk), line);
    for (unsigned at = 0; at < WS_MEMORY_ROW; at++) {
        unsigned byte = 0x100;
        sscanf(line + 11 + 3 * at + at / 8, "%2x", &byte);
        TRUE(byte == memory.ram[walk.phys + at], line);
    }
}

static void memory_check(void)
{
    struct ws_view_state *state = &viewer->state;
    bool physical = random_below(3) == 0;
    state->downward = random_below(2);
    state->memory_physical = physical;
    state->memory_at = random_below(2) ? (uint32_t)random_below(UINT64_C(1) << 32)
                                       : (uint32_t)random_below(2) * 0xc0000000u + (uint32_t)random_below(1 << 22);
    char *text = view_text(ws_view_memory), line[WIDTH + 1];
    struct ws_registers now;
    ws_machine_registers(machine, &now);
    for (const char *at = text; (at = line_next(at, line)) != NULL;) {
        unsigned first, last, phys;
        struct ws_translation walk;
        if (sscanf(line, "-- %8x to %8x:", &first, &last) == 2) {
            uint32_t between = first + (uint32_t)random_below((uint64_t)last - first + 1);
            TRUE(physical || !(now.value[WS_CR0] & WS_CR0_PG)
                     ? first >= ws_machine_memory(machine).bytes
                     : !is_mapped(&now, first, &walk) && !is_mapped(&now, last, &walk) &&
                           !is_mapped(&now, between, &walk),
                 line);
        } else if (sscanf(line, "-- page %8x: physical %8x", &first, &phys) == 2) {
            TRUE(is_mapped(&now, first, &walk) && walk.phys == phys, line);
            TRUE(walk.user == (strstr(line, "ring 3 too") != NULL), line);
            TRUE(walk.writable == (strstr(line, "read and write") != NULL), line);
        } else if (*line == ' ' && sscanf(line, " %8x  ", &first) == 1) {
            bytes_check(line, first, physical);
        }
    }
    state->downward = false;
    free(text);
}

/* -- devices ------------------------------------------------------------------------------------------- */

/* Does a list such as "IRQ 0, 4" have this number? */
static bool list_has(const char *list, unsigned number)
{
    list += strcspn(list, "0123456789\n");
    while (*list >= '0' && *list <= '9') {
        char *end;
        if (strtoul(list, &end, 10) == number)
            return true;
        list = end + strcspn(end, "0123456789\n");
    }
    return false;
}

static void devices_check(void)
{
    char *text = view_text(ws_view_devices);
    for (unsigned chip = 0; chip < 2; chip++) {
        const char *part = strstr(text, chip ? "-- 8259 slave" : "-- 8259 master");
        unsigned first, last, vector;
        ck_assert_msg(part && sscanf(strstr(part, "IRQ"), "IRQ %u to %u are vectors %u", &first, &last, &vector) == 3,
                      "%s", text);
        TRUE(vector == ws_machine_irq_vector(machine, 8 * chip), text);
        const char *served = strstr(part, "in service (ISR):");
        for (unsigned irq = 8 * chip; irq < 8 * chip + 8; irq++)
            TRUE(list_has(served + strlen("in service (ISR):"), irq) == ws_machine_irq_serves(machine, irq), text);
    }
    free(text);
}

/* -- differences --------------------------------------------------------------------------------------- */

/* Each register that is named has those values at both marks; and one that is not named has the same. */
static void difference_check(void)
{
    struct ws_registers now, then;
    unsigned long long since;
    ws__viewer_panel(viewer, WS_PANEL_DIFFERENCE);
    char *text = view_line(ws_view_difference);
    for (char *from = text, *to = text; (*to = *from) != '\0'; from++)
        to += *from != ' ' || from[1] != ' '; /* a blank between words */
    if (sscanf(text, "-- from mark %llu", &since) == 1) {
        uint64_t here = ws_machine_mark(machine);
        ws_machine_registers(machine, &now);
        ws_timeline_seek(viewer->timeline, since);
        ws_machine_registers(machine, &then);
        go(here);
        TRUE(since < here, text);
        for (unsigned which = 0; which < WS_REGISTER_COUNT; which++) {
            const struct ws_register_info *info = ws_register_info((enum ws_register)which);
            char wanted[80];
            snprintf(wanted, sizeof wanted, "%s 0x%0*x -> ", info->name, info->bits / 4, (unsigned)then.value[which]);
            bool told = strstr(text, wanted) != NULL;
            TRUE(told == (then.value[which] != now.value[which]) || info->category == WS_CATEGORY_NONE, wanted);
        }
    }
    free(text);
    ws__viewer_panel(viewer, WS_PANEL_SPACE);
}

/* -- the time strip ------------------------------------------------------------------------------------ */

/* The name of the lane of who runs: a world, or a virtual machine. */
static void lane_name(char *name, size_t bytes)
{
    const char *world = ws_watcher_world(watcher, NULL);
    bool vm = lab == NULL && ws_hosted_vmm_number(world) >= 0 && ws_machine_cpl(machine) > 0;
    snprintf(name, bytes, "%s%s", vm ? "VM" : "", vm ? world + strlen("vmm") : world);
}

/* At a turn's mark it is that one's turn, and one before it was not.  Where an interrupt comes before a turn's first
 * instruction, the turn has none, and the next one has the same mark: nothing is to be seen of it. */
static void turn_check(void)
{
    const struct ws_view_turn *all = viewer->state.turn;
    size_t turns = viewer->state.turns, which = turns ? (size_t)random_below(turns) : 0;
    if (!turns || (which > 0 && all[which - 1].mark == all[which].mark) ||
        (which + 1 < turns && all[which + 1].mark == all[which].mark))
        return;
    struct ws_view_turn turn = all[which];
    ws_timeline_seek(viewer->timeline, turn.mark - 1);
    ck_assert_msg((ws_machine_cpl(machine) > 0) != turn.vm, "mark %llu", (unsigned long long)turn.mark);
    ws_timeline_seek(viewer->timeline, turn.mark);
    ck_assert_msg((ws_machine_cpl(machine) > 0) == turn.vm, "mark %llu", (unsigned long long)turn.mark);
}

/* The lane in which something stands above the sign of this mark is that of who runs. */
static void strip_check(void)
{
    size_t count;
    const struct ws_crossing *crossing = ws_timeline_crossings(viewer->timeline, &count);
    uint64_t mark = ws_machine_mark(machine);
    viewer->state.strip_zoom = (unsigned)random_below(30);
    char *text = view_text(ws_view_strip), line[WIDTH + 1];
    const char *sign = strrchr(text, '\n');
    while (sign > text && !strchr(sign, '^'))
        while (*--sign != '\n')
            continue;
    size_t column = strcspn(sign + 1, "^"), told = 0;
    bool crossed = false;
    uint64_t width = ws_view_strip_column(&viewer->state);
    for (size_t i = 0; i < count; i++)
        crossed |= crossing[i].begin < mark + width && crossing[i].end + width > mark;
    for (size_t i = 0; width > 1 && i < viewer->state.turns; i++)
        crossed |= viewer->state.turn[i].mark < mark + width && viewer->state.turn[i].mark + width > mark;
    for (const char *at = text; at <= sign && (at = line_next(at, line)) != NULL;) {
        if (*line != ' ' || strlen(line) <= column || line[column] == ' ' || line[column] == '^')
            continue;
        told++;
        char lane[9], wanted[2 * WS_NAME_BYTES];
        snprintf(lane, sizeof lane, "%.*s", (int)strcspn(line + 1, " "), line + 1);
        lane_name(wanted, sizeof wanted);
        bool boots = strcmp(wanted, WS_WORLD_BOOT) == 0 && strcmp(lane, wanted) != 0; /* it has no lane then */
        crossed |= mark < viewer->state.paged + width && mark + width > viewer->state.paged;
        TRUE(crossed || boots || strcmp(lane, wanted) == 0, text);
        TRUE(crossed || line[column] == (boots ? '?' : '-'), text);
    }
    TRUE(told >= 1 && (crossed || told == 1), text);
    free(text);
}

/* -- all of it ----------------------------------------------------------------------------------------- */

static bool any_match(void *context, struct ws_machine *from, const struct ws_event *event)
{
    (void)context, (void)from, (void)event;
    return true;
}

static void system_check(void)
{
    uint64_t wanted = marks_wanted();
    const struct ws_query query = {.kinds = WS_EVENT_MASK(VECTOR), .match = any_match};
    uint64_t end = end_find();
    for (uint64_t at = 0; at < wanted; at++) {
        go(mark_next(end));
        stack_check(at % 4 == 0);
        saved_check();
        memory_check();
        devices_check();
        strip_check();
        if (at % 8 == 0)
            difference_check();
        ws_timeline_next(viewer->timeline, &query);
        ws__viewer_arrived(viewer, ws_timeline_step(viewer->timeline, 1), "");
        delivered_check();
    }
    for (unsigned turns = 0; turns < effort_more(TURNS / 4, TURNS, TURNS); turns++)
        turn_check();
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

Suite *true_panels_suite(void)
{
    Suite *suite = suite_create("true panels");
    TCase *small = tcase_create("laboratory"), *large = tcase_create("hosted"); /* for CK_RUN_CASE */
    tcase_add_test(small, laboratory);
    tcase_set_tags(large, "heavy");
    tcase_add_test(large, hosted);
    suite_add_tcase(suite, small);
    suite_add_tcase(suite, large);
    return suite;
}
