/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast path of hook points.  If it lets an instruction begin, the slow path does so, too, with the same effect.  If
 * it does not, it has changed nothing.
 *
 * Each row is a hook point, tested in ring 0 and in ring 3.  Two equal machines stand in front of it, one for each
 * path.
 */
#include "cpu/stage.h"

#include "cpu/slow_checks.h"
#include "machine/board.h"
#include "run/hook_point.h"
#include "run/run.h"

Suite *hook_point_suite(void);

enum { SHORT_LIMIT = 0x0fff, SOMEWHERE = 0x500 };

struct row {
    const char *name;
    uint32_t eax;
    uint32_t top[2]; /* of the stack */
    size_t size;
    uint8_t code[8];
    bool fast; /* in ring 0 the fast path must let it begin */
};

#define LTR              \
    3,                   \
    {                    \
        0x0f, 0x00, 0xd8 \
    }
#define LTR_MEMORY             \
    4,                         \
    {                          \
        0x0f, 0x00, 0x1c, 0x24 \
    } /* ltr (%esp) */
#define LCALL(selector)                                \
    7,                                                 \
    {                                                  \
        0x9a, 0x00, 0x05, 0x00, 0x00, (selector), 0x00 \
    } /* lcall $selector, $SOMEWHERE */
#define LCALL_MEMORY     \
    3,                   \
    {                    \
        0xff, 0x1c, 0x24 \
    } /* lcall *(%esp) */
#define MOVAPS(bytes)                   \
    5,                                  \
    {                                   \
        0x0f, 0x28, 0x44, 0x24, (bytes) \
    } /* movaps bytes(%esp), %xmm0 */
#define FXSAVE(bytes)                   \
    5,                                  \
    {                                   \
        0x0f, 0xae, 0x44, 0x24, (bytes) \
    }
#define LRET \
    1,       \
    {        \
        0xcb \
    }
#define LRET_16    \
    2,             \
    {              \
        0x66, 0xcb \
    }

/* clang-format off */
static const struct row rows[] = {
    {"ltr", SPARE, {0}, LTR, true},
    {"ltr: null", 3, {0}, LTR, false},
    {"ltr (%esp)", 0, {SPARE}, LTR_MEMORY, true},
    {"ltr (%esp): null", 0, {3}, LTR_MEMORY, false},
    {"lcall", 0, {0}, LCALL(KERNEL_CODE), true},
    {"lcall: another RPL", 0, {0}, LCALL(KERNEL_CODE | 3), false},
    {"lcall: data", 0, {0}, LCALL(KERNEL_DATA), false},
    {"lcall: null", 0, {0}, LCALL(0), false},
    {"lcall: TSS", 0, {0}, LCALL(TSS_SELECTOR), false},
    {"lcall *(%esp)", 0, {SOMEWHERE, KERNEL_CODE}, LCALL_MEMORY, false},
    {"lret", 0, {SOMEWHERE, KERNEL_CODE}, LRET, true},
    {"lret: 16 bits", 0, {SOMEWHERE | KERNEL_CODE << 16}, LRET_16, true},
    {"lret: outwards", 0, {SOMEWHERE, USER_CODE}, LRET, false},
    {"lret: to data", 0, {SOMEWHERE, KERNEL_DATA}, LRET, false},
    {"lret: to null", 0, {SOMEWHERE, 0}, LRET, false},
    {"lret: to code with a limit", 0, {SHORT_LIMIT, SPARE}, LRET, false},
    {"lret: beyond the limit", 0, {SHORT_LIMIT + 1, SPARE}, LRET, false},
    {"movaps", 0, {0}, MOVAPS(8), true},
    {"movaps: not aligned", 0, {0}, MOVAPS(0), false},
    {"fxsave", 0, {0}, FXSAVE(8), true},
    {"fxsave: not aligned", 0, {0}, FXSAVE(9), false},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };

static struct stage row_stage(const struct row *row, unsigned ring)
{
    struct stage stage = stage_make(ring, 2, row->code, row->size);
    struct ws__cpu *cpu = &stage.machine->cpu;
    struct ws_descriptor task = {.base = TSS, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true},
                         code = {.limit = SHORT_LIMIT, .type = CODE_USED, .present = true, .big = true};
    descriptor_put(stage.machine, SPARE, row->top[1] == SPARE ? &code : &task);
    uint32_t esp = value_of(stage.machine, WS_ESP) - sizeof row->top;
    put(stage.machine, esp, row->top, sizeof row->top);
    ws__engine_set(cpu->engine, WS_ESP, esp);
    ws__engine_set(cpu->engine, WS_EAX, row->eax);
    ws__check_refresh(cpu);
    cpu->run.goal = cpu->run.budget_end = cpu->run.deadline = UINT64_MAX;
    cpu->blocks.budget->left = 0;
    return stage;
}

static bool begin_fast(struct ws__cpu *cpu, uint32_t linear)
{
    struct ws__hook_point point = {
        .linear = linear,
        .decoded = *ws__code_cache_find(cpu->code, linear, cpu->wide),
        .operands = *ws__code_cache_operands(cpu->code, linear, cpu->wide),
    };
    ck_assert(ws__hook_point_has_fast_path(cpu, &point.decoded));
    return ws__hook_point_begin_fast(cpu, &point, cpu->state.begun);
}

static void expect_same(const struct ws__cpu *one, const struct ws__cpu *other)
{
    ck_assert_uint_eq(one->state.begun, other->state.begun);
    ck_assert_uint_eq(one->checks.reasons, other->checks.reasons);
    ck_assert(one->wide == other->wide);
    for (unsigned i = 0; i < WS__SEGMENTS; i++)
        ck_assert_uint_eq(one->checks.segment[i].limit, other->checks.segment[i].limit);
    ck_assert(!one->last.in_progress.open && !other->last.in_progress.open);
}

START_TEST(the_fast_path_agrees_with_the_slow_path)
{
    const struct row *row = &rows[_i / 2];
    unsigned ring = _i % 2 ? 3 : 0;
    struct stage one = row_stage(row, ring), other = row_stage(row, ring);
    struct ws__cpu *fast = &one.machine->cpu, *slow = &other.machine->cpu;
    bool any_ring = ws__code_cache_find(fast->code, one.start, true)->class_ == WS__CLASS_ALIGNED;
    bool expected = row->fast && (ring == 0 || any_ring);
    if (begin_fast(fast, one.start)) {
        ck_assert_msg(expected, "%s: the fast path lets it begin", row->name);
        ck_assert_msg(ws__cpu_begin(slow, other.start), "%s: the slow path does not let it begin", row->name);
        if (slow->last.in_progress.open)
            ws__in_progress_commit(slow);
    } else {
        ck_assert_msg(!expected, "%s: the fast path does not let it begin", row->name);
    }
    expect_same(fast, slow);
    ws_machine_free(one.machine);
    ws_machine_free(other.machine);
}
END_TEST

/* If the fast path lets a far transfer begin, the transfer changes nothing but EIP, ESP and CS's selector. */
START_TEST(far_transfers_change_only_eip_esp_and_cs)
{
    const struct row *row = &rows[_i];
    struct stage stage = row_stage(row, 0), same = row_stage(row, 0);
    bool far = ws__class_is_far(ws__code_cache_find(stage.machine->cpu.code, stage.start, true)->class_);
    if (far && begin_fast(&stage.machine->cpu, stage.start)) {
        struct ws_descriptor before, after;
        ws_machine_segment(same.machine, WS_CS, &before);
        ck_assert_int_eq(ws__cpu_go_on(&same.machine->cpu, 1), WS_STOP_COUNT);
        ck_assert_uint_eq(value_of(same.machine, WS_EIP), SOMEWHERE);
        ws_machine_segment(same.machine, WS_CS, &after);
        ck_assert_uint_eq(before.base, after.base);
        ck_assert_uint_eq(before.limit, after.limit);
        ck_assert_uint_eq(before.big, after.big);
        ck_assert_uint_eq(ws_machine_cpl(same.machine), 0);
        ws__in_progress_commit(&same.machine->cpu);
        expect_same(&stage.machine->cpu, &same.machine->cpu);
    }
    ws_machine_free(stage.machine);
    ws_machine_free(same.machine);
}
END_TEST

/* A far call to the selector that CS contains takes the slow path if the descriptor has changed since CS was loaded. */
START_TEST(a_changed_descriptor_is_noticed)
{
    static const struct row row = {"lcall", 0, {0}, LCALL(KERNEL_CODE), true};
    static const struct ws_descriptor others[] = {
        {.base = 16, .limit = UINT32_MAX, .type = CODE_USED, .present = true, .big = true},
        {.limit = SHORT_LIMIT, .type = CODE_USED, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = CODE_USED | WS_TYPE_CONFORMING, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = CODE_USED, .dpl = 3, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = CODE_USED, .big = true},
        {.limit = UINT32_MAX, .type = CODE_USED, .present = true},
        {.base = TSS, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true},
    };
    struct stage stage = row_stage(&row, 0);
    descriptor_put(stage.machine, KERNEL_CODE, &others[_i]);
    ck_assert(!begin_fast(&stage.machine->cpu, stage.start));
    ws_machine_free(stage.machine);
}
END_TEST

/* If something else is to be done at the boundary, the fast path leaves the instruction to the slow path. */
START_TEST(the_fast_path_leaves_boundaries_alone)
{
    static const struct row row = {"ltr", SPARE, {0}, LTR, true};
    struct stage stage = row_stage(&row, 0);
    struct ws__cpu *cpu = &stage.machine->cpu;
    cpu->run.attention = 1;
    ck_assert(!begin_fast(cpu, stage.start));
    cpu->run.attention = 0;
    cpu->checks.reasons |= WS__CHECK_CODE;
    ck_assert(!begin_fast(cpu, stage.start));
    cpu->checks.reasons &= ~(uint32_t)WS__CHECK_CODE;
    cpu->blocks.budget->left = -1;
    ck_assert(!begin_fast(cpu, stage.start));
    cpu->blocks.budget->left = 0;
    cpu->last.in_progress.open = true;
    ck_assert(!begin_fast(cpu, stage.start));
    cpu->last.in_progress.open = false;
    ck_assert(begin_fast(cpu, stage.start));
    ws_machine_free(stage.machine);
}
END_TEST

Suite *hook_point_suite(void)
{
    Suite *suite = suite_create("hook point");
    TCase *paths = tcase_create("paths");
    tcase_add_loop_test(paths, the_fast_path_agrees_with_the_slow_path, 0, 2 * ROWS);
    tcase_add_loop_test(paths, far_transfers_change_only_eip_esp_and_cs, 0, ROWS);
    tcase_add_loop_test(paths, a_changed_descriptor_is_noticed, 0, 7);
    tcase_add_test(paths, the_fast_path_leaves_boundaries_alone);
    suite_add_tcase(suite, paths);
    return suite;
}
