/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the builder refuses, and that it says so in the right words. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/segment.h>

#include "worlds/images.h"
#include "worlds/two_worlds.h"

START_TEST(world_options_are_checked)
{
    static const uint8_t garbage[64] = "no ELF file";
    const struct {
        struct ws_world_options options;
        enum ws_status status;
    } row[] = {
        {{.name = NULL}, WS_BAD_ARGUMENT},
        {{.name = ""}, WS_BAD_ARGUMENT},
        {{.name = "with space"}, WS_BAD_ARGUMENT},
        {{.name = "a.b"}, WS_BAD_ARGUMENT},
        {{.name = "0123456789012345678901234567890x"}, WS_BAD_ARGUMENT},
        {{.name = "host"}, WS_OVERLAP},
        {{.name = "A"}, WS_OVERLAP},
        {{.name = "boot"}, WS_OVERLAP},
        {{.name = "w", .kernel_linear = 0x40000000}, WS_BAD_ARGUMENT},
        {{.name = "w", .kernel_linear = 0xc0001000}, WS_BAD_ARGUMENT},
        {{.name = "w", .cr4 = WS_CR4_PGE}, WS_OVERLAP},
        {{.name = "w", .kernel = garbage}, WS_BAD_ARGUMENT},
        {{.name = "w", .kernel = garbage, .kernel_bytes = sizeof garbage}, WS_BAD_IMAGE},
    };
    struct ws_world *world;
    size_t i;

    for (i = 0; i < sizeof row / sizeof *row; i++) {
        ck_assert_msg(ws_world_new(lab, &row[i].options, &world) == row[i].status, "row %zu", i);
        ck_assert_ptr_null(world);
    }
    /* The last row failed half-way: what is left can only be freed. */
    ck_assert_int_eq(ws_lab_load(lab, host), WS_BAD_ARGUMENT);
}
END_TEST

START_TEST(mappings_are_checked)
{
    static const struct {
        uint32_t linear, bytes;
        unsigned flags;
        enum ws_status status;
    } row[] = {
        {0xc8000000, 0x1000, 0, WS_OK},           {0xc8000000, 0x1000, 0, WS_OVERLAP},
        {0xc7fff000, 0x2000, 0, WS_OVERLAP},      {0xc8001000, 0, 0, WS_BAD_ARGUMENT},
        {0xc8001001, 0x1000, 0, WS_BAD_ARGUMENT}, {0xc8001000, 0x1001, 0, WS_BAD_ARGUMENT},
        {0xc8001000, 0x1000, 8, WS_BAD_ARGUMENT}, {0xfffff000, 0x2000, 0, WS_BAD_ARGUMENT},
        {WS_CROSS_LINEAR, 0x1000, 0, WS_OVERLAP}, {0xc0001000, 0x1000, 0, WS_OVERLAP}, /* the tables */
        {0x10000000, 0x40000000, 0, WS_NO_ROOM},  {0xfffff000, 0x1000, 0, WS_OK},
    };
    size_t i;

    for (i = 0; i < sizeof row / sizeof *row; i++) {
        enum ws_status status = ws_world_map(host, row[i].linear, row[i].bytes, row[i].flags);

        ck_assert_msg(status == row[i].status, "row %zu: %s", i, ws_status_text(status));
    }
    ck_assert_int_eq(ws_process_map(a, 0xc9000000, 0x1000, 0), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_process_map(a, 0xbfffe000, 0x2000, 0), WS_OVERLAP); /* its stack */
    ck_assert_int_eq(ws_process_map(a, 0xbfffd000, 0x4000, 0), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_load(host, 0xc8000ffd, "abcd", 4), WS_NOT_MAPPED);
    ck_assert_int_eq(ws_world_load(host, 0xc8000ffc, "abcd", 4), WS_OK);
    ck_assert_int_eq(ws_process_load(a, 0xc8000000, "abcd", 4), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_process_load(a, 0x08048000, "abcd", 4), WS_NOT_MAPPED);
}
END_TEST

START_TEST(registers_are_checked)
{
    static const struct {
        enum ws_register which;
        uint32_t value;
        enum ws_status status;
    } row[] = {
        {WS_EAX, 0x12345678, WS_OK},          {WS_EIP, 0xc8000000, WS_OK},
        {WS_CS, 0x08, WS_BAD_ARGUMENT},       {WS_CR3, 0x1000, WS_BAD_ARGUMENT},
        {WS_TR, 0x28, WS_BAD_ARGUMENT},       {WS_GDTR_BASE, 0, WS_BAD_ARGUMENT},
        {WS_CR0, WS_CR0_PE, WS_BAD_ARGUMENT}, {WS_EFLAGS, WS_EFLAGS_VM, WS_BAD_ARGUMENT},
        {WS_ESP, 0x100, WS_NOT_MAPPED},       {WS_CR4, WS_CR4_PGE, WS_OVERLAP},
        {WS_ESP, 0xffcffe00, WS_OK},          {WS_CR2, 0x55aa0000, WS_OK},
    };
    struct ws_registers before, set, after;
    size_t i;

    for (i = 0; i < sizeof row / sizeof *row; i++) {
        ws_world_registers(vmm, &before);
        set = before;
        set.value[row[i].which] = row[i].value;
        ck_assert_msg(ws_world_set_registers(vmm, &set) == row[i].status, "row %zu", i);
        ws_world_registers(vmm, &after);
        ck_assert_msg(memcmp(&after, row[i].status == WS_OK ? &set : &before, sizeof after) == 0, "row %zu", i);
    }
    ws_process_registers(a, &set);
    set.value[WS_CS] = ws_world_selector(host, WS_SELECTOR_KERNEL_CODE);
    ck_assert_int_eq(ws_process_set_registers(a, &set), WS_BAD_ARGUMENT);
}
END_TEST

START_TEST(gates_are_checked)
{
    static const struct {
        unsigned vector, dpl, type;
        enum ws_status status;
    } row[] = {
        {0x21, 0, WS_TYPE_INTERRUPT_GATE32, WS_OK},
        {0x21, 3, WS_TYPE_TRAP_GATE32, WS_OK},
        {0x21, 4, WS_TYPE_TRAP_GATE32, WS_BAD_ARGUMENT},
        {0x21, 0, WS_TYPE_TASK_GATE, WS_BAD_ARGUMENT},
        {254, 0, WS_TYPE_TRAP_GATE32, WS_OK},
        {255, 0, WS_TYPE_TRAP_GATE32, WS_BAD_ARGUMENT},
        {256, 0, WS_TYPE_TRAP_GATE32, WS_BAD_ARGUMENT},
    };
    size_t i;

    for (i = 0; i < sizeof row / sizeof *row; i++)
        ck_assert_msg(ws_world_set_gate(host, row[i].vector, 0xc0010000, row[i].dpl, row[i].type) == row[i].status,
                      "row %zu", i);
}
END_TEST

START_TEST(a_loaded_lab_is_closed)
{
    struct ws_world_options options = {.name = "late"};
    struct ws_registers registers;
    struct ws_process *process;
    struct ws_world *world;

    ws_world_registers(host, &registers);
    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    ck_assert_int_eq(ws_lab_load(lab, host), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_new(lab, &options, &world), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_process_new(host, "late", &process), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_map(host, 0xc8000000, 0x1000, 0), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_load(host, 0xc0010000, "x", 1), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_set_registers(host, &registers), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_process_map(a, 0x08048000, 0x1000, 0), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_world_set_gate(host, 0x21, 0, 0, WS_TYPE_TRAP_GATE32), WS_BAD_ARGUMENT);
}
END_TEST

START_TEST(memory_runs_out_in_words)
{
    struct ws_machine_options options = {.memory_bytes = 4 << 20};
    struct ws_world *world;
    struct ws_lab *small;

    ck_assert_int_eq(ws_lab_new(&small, &options), WS_OK);
    ck_assert_int_eq(ws_world_new(small, &(struct ws_world_options){.name = "w"}, &world), WS_OK);
    ck_assert_int_eq(ws_world_map(world, 0x10000000, 0x400000, 0), WS_NO_ROOM);
    ws_lab_free(small);
    options.memory_bytes = 1 << 20;
    ck_assert_int_eq(ws_lab_new(&small, &options), WS_NO_ROOM);
    ck_assert_ptr_null(small);
}
END_TEST

/* A program with bytes changed at random never does more than fail. */
START_TEST(damaged_programs_are_refused)
{
    size_t bytes = (size_t)(ws__image_host_end - ws__image_host_begin), cut, i;
    uint8_t *copy = malloc(bytes);
    struct ws_world *world;
    uint32_t random = (uint32_t)_i * 2654435761u + 1;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, ws__image_host_begin, bytes);
    for (i = 0; i < 8; i++) {
        random = random * 1664525 + 1013904223;
        /* Half of them in the ELF header and the program headers, where it hurts. */
        copy[i % 2 ? random >> 8 & 0x7f : (random >> 8) % bytes] = (uint8_t)random;
    }
    cut = _i % 4 ? bytes : (random >> 4) % bytes + 1;
    ws_world_new(lab, &(struct ws_world_options){.name = "w", .kernel = copy, .kernel_bytes = cut}, &world);
    ws_process_load_elf(a, copy, cut);
    free(copy);
}
END_TEST

Suite *refused_suite(void);

Suite *refused_suite(void)
{
    Suite *suite = suite_create("refused");
    TCase *refused = tcase_create("refused");

    tcase_add_checked_fixture(refused, setup, teardown);
    tcase_add_test(refused, world_options_are_checked);
    tcase_add_test(refused, mappings_are_checked);
    tcase_add_test(refused, registers_are_checked);
    tcase_add_test(refused, gates_are_checked);
    tcase_add_test(refused, a_loaded_lab_is_closed);
    tcase_add_test(refused, memory_runs_out_in_words);
    tcase_add_loop_test(refused, damaged_programs_are_refused, 0, 100);
    suite_add_tcase(suite, refused);
    return suite;
}
