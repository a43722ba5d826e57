/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short looks: where they say yes the whole look says so, too, and comes to the same; where they say no nothing has
 * changed.
 *
 * Each row is a site, in ring 0 and in ring 3.  Two machines that are alike stand in front of it, one for each look.
 */
#include "cpu/stage.h"

#include "cpu/careful.h"
#include "cpu/site.h"
#include "machine/board.h"

Suite *site_suite(void);

enum { SHORT_LIMIT = 0x0fff, SOMEWHERE = 0x500 };

struct row {
    const char *name;
    uint32_t eax;
    uint32_t top[2]; /* of the stack */
    size_t size;
    uint8_t code[8];
    bool quick; /* in ring 0 the short look is to say yes: else it would be of no use */
};

#define MOV_TO_CR(number) 3, {0x0f, 0x22, 0xc0 | (number) << 3}
#define LTR 3, {0x0f, 0x00, 0xd8}
#define LTR_MEMORY 4, {0x0f, 0x00, 0x1c, 0x24}                                /* ltr (%esp) */
#define LCALL(selector) 7, {0x9a, 0x00, 0x05, 0x00, 0x00, (selector), 0x00} /* lcall $selector, $SOMEWHERE */
#define LCALL_MEMORY 3, {0xff, 0x1c, 0x24}                                    /* lcall *(%esp) */
#define LRET 1, {0xcb}
#define LRET_16 2, {0x66, 0xcb}

/* clang-format off */
static const struct row rows[] = {
    {"cr0: as it is", 0x80010011, {0}, MOV_TO_CR(0), true},
    {"cr0: without WP", 0x80000011, {0}, MOV_TO_CR(0), true},
    {"cr0: without paging", 0x00000011, {0}, MOV_TO_CR(0), true},
    {"cr0: without protection", 0x00000010, {0}, MOV_TO_CR(0), false},
    {"cr0: paging without protection", 0x80000010, {0}, MOV_TO_CR(0), false},
    {"cr0: NW without CD", 0xa0000011, {0}, MOV_TO_CR(0), false},
    {"cr2", 0xdeadbeef, {0}, MOV_TO_CR(2), true},
    {"cr4: PGE", WS_CR4_PGE, {0}, MOV_TO_CR(4), true},
    {"cr4: nothing", 0, {0}, MOV_TO_CR(4), true},
    {"cr4: PAE", WS_CR4_PAE, {0}, MOV_TO_CR(4), false},
    {"ltr", SPARE, {0}, LTR, true},
    {"ltr: null", 3, {0}, LTR, false},
    {"ltr (%esp)", 0, {SPARE}, LTR_MEMORY, true},
    {"ltr (%esp): null", 0, {3}, LTR_MEMORY, false},
    {"lcall", 0, {0}, LCALL(KERNEL_CODE), true},
    {"lcall: another RPL", 0, {0}, LCALL(KERNEL_CODE | 3), true},
    {"lcall: data", 0, {0}, LCALL(KERNEL_DATA), false},
    {"lcall: null", 0, {0}, LCALL(0), false},
    {"lcall: TSS", 0, {0}, LCALL(TSS_SELECTOR), false},
    {"lcall *(%esp)", 0, {SOMEWHERE, KERNEL_CODE}, LCALL_MEMORY, false},
    {"lret", 0, {SOMEWHERE, KERNEL_CODE}, LRET, true},
    {"lret: 16 bits", 0, {SOMEWHERE | KERNEL_CODE << 16}, LRET_16, true},
    {"lret: outwards", 0, {SOMEWHERE, USER_CODE}, LRET, true},
    {"lret: to data", 0, {SOMEWHERE, KERNEL_DATA}, LRET, true},
    {"lret: to null", 0, {SOMEWHERE, 0}, LRET, true},
    {"lret: below the limit", 0, {SHORT_LIMIT, SPARE}, LRET, true},
    {"lret: beyond the limit", 0, {SHORT_LIMIT + 1, SPARE}, LRET, false},
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
    cpu->goal = cpu->horizon = cpu->deadline = UINT64_MAX;
    cpu->pace->left = 0;
    return stage;
}

static bool look_short(struct ws__cpu *cpu, uint32_t linear)
{
    struct ws__site site = {
        .linear = linear,
        .decoded = *ws__code_cache_find(cpu->code, linear, cpu->wide),
        .operands = *ws__code_cache_operands(cpu->code, linear, cpu->wide),
    };
    ck_assert(ws__site_is_quick(cpu, &site.decoded));
    return ws__site_begin(cpu, &site, cpu->state.begun);
}

static void expect_same(const struct ws__cpu *one, const struct ws__cpu *other)
{
    ck_assert_uint_eq(one->state.begun, other->state.begun);
    ck_assert_uint_eq(one->state.cr2, other->state.cr2);
    ck_assert(one->flight.open == other->flight.open);
    if (one->flight.open)
        ck_assert(memcmp(&one->flight, &other->flight, sizeof one->flight) == 0);
    ck_assert(memcmp(&one->paging, &other->paging, sizeof one->paging) == 0);
    if (one->flight.open && one->flight.class_ == WS__CLASS_CALL_FAR)
        ck_assert_uint_eq(one->named, other->named);
}

START_TEST(it_agrees_with_the_whole_look)
{
    const struct row *row = &rows[_i / 2];
    unsigned ring = _i % 2 ? 3 : 0;
    struct stage one = row_stage(row, ring), other = row_stage(row, ring);
    struct ws__cpu *quick = &one.machine->cpu, *whole = &other.machine->cpu;
    if (look_short(quick, one.start)) {
        ck_assert_msg(row->quick && ring == 0, "%s: the short look says yes", row->name);
        ck_assert_msg(ws__cpu_begin(whole, other.start, NULL), "%s: the whole look says no", row->name);
    } else {
        ck_assert_msg(!row->quick || ring != 0, "%s: the short look says no", row->name);
    }
    expect_same(quick, whole);
    ws_machine_free(one.machine);
    ws_machine_free(other.machine);
}
END_TEST

/* Whatever a boundary is there for, the short look leaves to the whole one. */
START_TEST(it_leaves_boundaries_alone)
{
    static const struct row row = {"cr2", 1, {0}, MOV_TO_CR(2), true};
    struct stage stage = row_stage(&row, 0);
    struct ws__cpu *cpu = &stage.machine->cpu;
    cpu->attention = 1;
    ck_assert(!look_short(cpu, stage.start));
    cpu->attention = 0;
    cpu->careful |= WS__CAREFUL_CODE;
    ck_assert(!look_short(cpu, stage.start));
    cpu->careful &= ~(uint32_t)WS__CAREFUL_CODE;
    cpu->pace->left = -1;
    ck_assert(!look_short(cpu, stage.start));
    cpu->pace->left = 0;
    cpu->flight.open = true;
    ck_assert(!look_short(cpu, stage.start));
    cpu->flight.open = false;
    ck_assert(look_short(cpu, stage.start));
    ws_machine_free(stage.machine);
}
END_TEST

Suite *site_suite(void)
{
    Suite *suite = suite_create("site");
    TCase *looks = tcase_create("looks");
    tcase_add_loop_test(looks, it_agrees_with_the_whole_look, 0, 2 * ROWS);
    tcase_add_test(looks, it_leaves_boundaries_alone);
    suite_add_tcase(suite, looks);
    return suite;
}
