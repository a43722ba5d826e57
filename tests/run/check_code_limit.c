/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One block under many limits of CS.
 *
 * The guest calls the same loop through one code segment after another.  The first ones end behind the loop, each
 * elsewhere, and they are more than there are bits for; the last one ends in the loop.  So the block of the loop was
 * checked, and passed, many times before it must not pass.
 */
#include "machine/small.h"
#include "unicorn/block_table.h"

Suite *code_limit_suite(void);

/* LOOP: dec %ecx; jnz LOOP; jmp *%edx */
enum { LOOP = 0x6000, LOOP_BYTES = 5, LOOP_ENDS = LOOP + LOOP_BYTES, ROUNDS = 300, GDT = 0x5000, GDTR = 0x4ff0 };
enum { WIDE = WS__CODE_LIMITS + 3 };

static void descriptor_put(struct ws_machine *machine, unsigned index, uint32_t limit, unsigned type)
{
    struct ws_descriptor segment = {.limit = limit, .type = type | WS_TYPE_ACCESSED, .present = true, .big = true};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    ws_descriptor_encode(raw, &segment);
    ck_assert_int_eq(ws_machine_write_phys(machine, GDT + 8 * index, raw, sizeof raw), WS_OK);
}

/* Append: mov $ROUNDS, %ecx; mov $behind, %edx; ljmp $segment, $LOOP */
static size_t visit_append(uint8_t *code, size_t at, unsigned segment)
{
    uint8_t visit[17] = {0xb9, ROUNDS & 0xff, ROUNDS >> 8, 0, 0, 0xba, 0, 0, 0, 0, 0xea, 0, LOOP >> 8, 0, 0, 0, 0};
    uint32_t behind = CODE + (uint32_t)(at + sizeof visit);
    memcpy(visit + 6, &behind, sizeof behind);
    visit[15] = (uint8_t)(8 * segment);
    memcpy(code + at, visit, sizeof visit);
    return at + sizeof visit;
}

/* `short_of`: by how many bytes the last segment is too short for the loop.  The segments from index 1 on. */
static struct ws_machine *limits_machine_make(uint32_t short_of)
{
    static const uint8_t lgdt[] = {0x0f, 0x01, 0x15, GDTR & 0xff, GDTR >> 8, 0, 0};
    static const uint8_t gdtr[] = {0xff, 0x03, GDT & 0xff, GDT >> 8, 0, 0};
    static const uint8_t loop[LOOP_BYTES] = {0x49, 0x75, 0xfd, 0xff, 0xe2};
    uint8_t code[512];
    size_t size = sizeof lgdt;
    memcpy(code, lgdt, sizeof lgdt);
    for (unsigned twice = 0; twice < 2; twice++) {
        for (unsigned i = 0; i < WIDE; i++)
            size = visit_append(code, size, 1 + i);
    }
    size = visit_append(code, size, 1 + WIDE);
    code[size++] = 0xf4; /* hlt */
    struct ws_machine *machine = machine_make(code, size);
    for (unsigned i = 0; i < WIDE; i++)
        descriptor_put(machine, 1 + i, LOOP_ENDS - 1 + i, WS_TYPE_CODE | WS_TYPE_READABLE);
    descriptor_put(machine, 1 + WIDE, LOOP_ENDS - 1 - short_of, WS_TYPE_CODE | WS_TYPE_READABLE);
    ck_assert_int_eq(ws_machine_write_phys(machine, GDTR, gdtr, sizeof gdtr), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, LOOP, loop, sizeof loop), WS_OK);
    return machine;
}

/* What the last visit does, by the bytes that its segment lacks.  There is no IDT, so a fault is a triple fault.  The
 * instruction that faults has begun. */
static const struct {
    uint32_t short_of;
    enum ws_halt_reason reason;
    uint32_t eip;   /* of the fault; 0: any */
    uint64_t begun; /* instructions of the last visit that began */
} ends[] = {
    {0, WS_HALT_STOPPED, 0, 3 + 2 * ROUNDS + 2},
    {1, WS_HALT_TRIPLE_FAULT, LOOP + 3, 3 + 2 * ROUNDS + 1}, /* jmp *%edx ends beyond the limit */
    {2, WS_HALT_TRIPLE_FAULT, LOOP + 3, 3 + 2 * ROUNDS + 1},
    {3, WS_HALT_TRIPLE_FAULT, LOOP + 1, 3 + 2}, /* jnz does */
    {5, WS_HALT_TRIPLE_FAULT, 0, 3},            /* the far jump's target is beyond the limit */
};

START_TEST(a_block_is_checked_with_each_limit)
{
    struct ws_machine *run = limits_machine_make(ends[_i].short_of);
    struct ws_machine *stepped = limits_machine_make(ends[_i].short_of);
    ck_assert_int_eq(ws_machine_run(run, 0), WS_STOP_HALT);
    while (ws_machine_run(stepped, 1) == WS_STOP_COUNT)
        continue;
    ck_assert_uint_eq(ws_machine_mark(run), ws_machine_mark(stepped));
    ck_assert_uint_eq(ws_machine_hash(run), ws_machine_hash(stepped));
    ck_assert_int_eq(ws_machine_halt(run)->reason, ends[_i].reason);
    uint64_t before = 1 + 2 * WIDE * (3 + 2 * ROUNDS + 1);
    ck_assert_uint_eq(ws_machine_mark(run) - before, ends[_i].begun);
    if (ends[_i].eip)
        ck_assert_uint_eq(register_of(run, WS_EIP), ends[_i].eip);
    ws_machine_free(run);
    ws_machine_free(stepped);
}
END_TEST

Suite *code_limit_suite(void)
{
    Suite *suite = suite_create("code limit");
    TCase *limits = tcase_create("limits");
    tcase_add_loop_test(limits, a_block_is_checked_with_each_limit, 0, sizeof ends / sizeof ends[0]);
    suite_add_tcase(suite, limits);
    return suite;
}
