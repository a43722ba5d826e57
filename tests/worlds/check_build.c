/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the builder makes of memory, looked at through a machine that has it and has not run. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/lab.h>
#include <worldswitch/paging.h>
#include <worldswitch/segment.h>

#include "worlds/layout.h"
#include "worlds/two_worlds.h"

/* The registers under which a page directory's map is read. */
static struct ws_registers paging_registers(uint32_t cr3)
{
    struct ws_registers registers = {0};

    registers.value[WS_CR0] = WS_CR0_PG | WS_CR0_PE;
    registers.value[WS_CR3] = cr3;
    registers.value[WS_CR4] = WS_CR4_PSE | WS_CR4_PGE;
    return registers;
}

static struct ws_page_map map_of(uint32_t cr3)
{
    struct ws_physical memory = ws_machine_memory(ws_lab_machine(lab));
    struct ws_registers registers = paging_registers(cr3);
    struct ws_page_map map;

    ck_assert_int_eq(ws_page_map_read(&map, &memory, &registers), WS_OK);
    ck_assert_uint_gt(map.count, 0);
    return map;
}

/* How many bytes of physical memory both maps reach; *phys is one such place. */
static uint64_t shared_bytes(uint32_t cr3_1, uint32_t cr3_2, uint32_t *phys)
{
    struct ws_page_map one = map_of(cr3_1), two = map_of(cr3_2);
    uint64_t shared = 0;
    size_t i, j;

    for (i = 0; i < one.count; i++)
        for (j = 0; j < two.count; j++) {
            uint64_t begin = one.run[i].phys > two.run[j].phys ? one.run[i].phys : two.run[j].phys;
            uint64_t end_1 = one.run[i].phys + one.run[i].bytes, end_2 = two.run[j].phys + two.run[j].bytes;
            uint64_t end = end_1 < end_2 ? end_1 : end_2;

            if (begin >= end)
                continue;
            shared += end - begin;
            *phys = (uint32_t)begin;
        }
    ws_page_map_release(&one);
    ws_page_map_release(&two);
    return shared;
}

START_TEST(worlds_share_the_cross_page_and_nothing_else)
{
    struct ws_physical memory;
    uint32_t cr3[] = {ws_process_cr3(a), ws_process_cr3(b), ws_world_cr3(host), ws_world_cr3(ws_lab_world(lab, 0))};
    uint32_t phys = 0;
    size_t i;

    ck_assert_int_eq(ws_world_map(host, 0xc8000000, 0x3000, WS_MAP_WRITE), WS_OK);
    ck_assert_int_eq(ws_world_map(vmm, 0xffe00000, 0x3000, WS_MAP_WRITE), WS_OK);
    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    memory = ws_machine_memory(ws_lab_machine(lab));
    for (i = 0; i < sizeof cr3 / sizeof *cr3; i++) {
        ck_assert_uint_eq(shared_bytes(cr3[i], ws_world_cr3(vmm), &phys), WS_CROSS_BYTES);
        ck_assert(memcmp(memory.ram + phys, ws_cross_page(), WS_CROSS_CONTEXTS_OFFSET) == 0);
    }
}
END_TEST

START_TEST(processes_share_the_kernel_half_and_nothing_else)
{
    struct ws_physical memory;
    const uint32_t *of_a, *of_b, *of_host;
    uint32_t phys;
    unsigned i;

    ck_assert_int_eq(ws_process_map(a, 0x08048000, 0x2000, WS_MAP_WRITE), WS_OK);
    ck_assert_int_eq(ws_process_map(b, 0x08048000, 0x2000, 0), WS_OK);
    ck_assert_int_eq(ws_world_map(host, 0xd0000000, 0x1000, 0), WS_OK); /* after the processes were made */
    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    memory = ws_machine_memory(ws_lab_machine(lab));
    of_a = (const uint32_t *)(const void *)(memory.ram + ws_process_cr3(a));
    of_b = (const uint32_t *)(const void *)(memory.ram + ws_process_cr3(b));
    of_host = (const uint32_t *)(const void *)(memory.ram + ws_world_cr3(host));
    for (i = 0; i < 1024; i++)
        if (i >= 0xc0000000 >> 22)
            ck_assert_msg(of_a[i] == of_host[i] && of_b[i] == of_host[i], "directory entry %u", i);
        else
            ck_assert_msg(!of_a[i] || of_a[i] != of_b[i], "directory entry %u is shared", i);
    ck_assert(of_host[0xd0000000 >> 22] & WS_PTE_P);
    (void)phys;
}
END_TEST

START_TEST(pages_have_the_rights_asked_for)
{
    static const struct {
        uint32_t linear;
        unsigned flags;
    } row[] = {
        {0xc8000000, 0},
        {0xc8400000, WS_MAP_WRITE},
        {0xc8800000, WS_MAP_USER},
        {0x00400000, WS_MAP_USER | WS_MAP_WRITE},
    };
    struct ws_registers registers = paging_registers(ws_world_cr3(host));
    struct ws_translation walk;
    struct ws_physical memory;
    size_t i;

    for (i = 0; i < sizeof row / sizeof *row; i++)
        ck_assert_int_eq(ws_world_map(host, row[i].linear, 0x1000, row[i].flags), WS_OK);
    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    memory = ws_machine_memory(ws_lab_machine(lab));
    for (i = 0; i < sizeof row / sizeof *row; i++) {
        ck_assert(ws_page_walk(&walk, &memory, &registers, row[i].linear, WS_ACCESS_READ, false));
        ck_assert_msg(walk.user == !!(row[i].flags & WS_MAP_USER), "row %zu", i);
        ck_assert_msg(walk.writable == !!(row[i].flags & WS_MAP_WRITE), "row %zu", i);
        ck_assert_msg(walk.global == (row[i].linear >= 0xc0000000), "row %zu", i);
    }
}
END_TEST

/* A descriptor of a world's GDT or LDT, by selector. */
static struct ws_descriptor descriptor_at(const struct ws_world *world, uint16_t selector)
{
    struct ws_registers registers;
    struct ws_descriptor descriptor;
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    uint32_t table;

    ws_world_registers(world, &registers);
    table = registers.value[WS_GDTR_BASE];
    if (selector & WS_SELECTOR_TI)
        table = descriptor_at(world, (uint16_t)registers.value[WS_LDTR]).base;
    ck_assert_int_eq(
        ws_machine_read_as(ws_lab_machine(lab), &registers, table + (selector & WS_SELECTOR_INDEX), raw, sizeof raw),
        WS_OK);
    ws_descriptor_decode(&descriptor, raw);
    return descriptor;
}

START_TEST(descriptors_are_what_their_use_says)
{
    static const struct {
        enum ws_selector_use use;
        uint8_t type, dpl;
        bool system;
    } row[] = {
        {WS_SELECTOR_KERNEL_CODE, WS_TYPE_CODE | WS_TYPE_READABLE, 0, false},
        {WS_SELECTOR_KERNEL_DATA, WS_TYPE_WRITABLE, 0, false},
        {WS_SELECTOR_KERNEL_MORE, WS_TYPE_WRITABLE, 0, false},
        {WS_SELECTOR_USER_CODE, WS_TYPE_CODE | WS_TYPE_READABLE, 3, false},
        {WS_SELECTOR_USER_DATA, WS_TYPE_WRITABLE, 3, false},
        {WS_SELECTOR_TSS, WS_TYPE_TSS32_BUSY, 0, true},
        {WS_SELECTOR_LDT, WS_TYPE_LDT, 0, true},
        {WS_SELECTOR_FS, WS_TYPE_WRITABLE, 3, false},
        {WS_SELECTOR_GS, WS_TYPE_WRITABLE, 3, false},
    };
    struct ws_world *world[] = {host, vmm};
    size_t i, j;

    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    for (i = 0; i < 2; i++)
        for (j = 0; j < sizeof row / sizeof *row; j++) {
            uint16_t selector = ws_world_selector(world[i], row[j].use);
            struct ws_descriptor found = descriptor_at(world[i], selector);

            ck_assert_msg(found.present && found.type == row[j].type && found.dpl == row[j].dpl &&
                              found.system == row[j].system,
                          "%s: row %zu: selector 0x%x: type %u", ws_world_name(world[i]), j, selector, found.type);
            ck_assert_msg(found.system || (found.base == 0 && found.limit == UINT32_MAX), "row %zu is not flat", j);
        }
}
END_TEST

/* No selector of one world names anything in the other, but for kernel code: an interrupt between
 * the switch's popfl and its lret pushes it, and its iret loads it again. */
START_TEST(selectors_mean_nothing_elsewhere)
{
    enum ws_selector_use use;
    struct ws_descriptor code;

    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    code = descriptor_at(vmm, ws_world_selector(host, WS_SELECTOR_KERNEL_CODE));
    ck_assert(code.present && code.type & WS_TYPE_CODE && code.dpl == 0);
    code = descriptor_at(host, ws_world_selector(vmm, WS_SELECTOR_KERNEL_CODE));
    ck_assert(code.present && code.type & WS_TYPE_CODE && code.dpl == 0);
    for (use = WS_SELECTOR_KERNEL_DATA; use <= WS_SELECTOR_GS; use++)
        ck_assert_msg(!descriptor_at(vmm, ws_world_selector(host, use)).present, "use %d", (int)use);
}
END_TEST

/* What a switch must switch has to differ, or no test would notice that it was forgotten. */
START_TEST(worlds_differ_in_everything_that_is_switched)
{
    static const uint8_t same[] = {WS_DR0, WS_DR1, WS_DR2, WS_DR3, WS_DR6, WS_DR7};
    struct ws_registers of_host, of_vmm;
    unsigned which;

    ws_world_registers(host, &of_host);
    ws_world_registers(vmm, &of_vmm);
    for (which = 0; which < WS_REGISTER_COUNT; which++) {
        bool differ = of_host.value[which] != of_vmm.value[which];

        ck_assert_msg(differ || memchr(same, (int)which, sizeof same), "%s is 0x%x in both",
                      ws_register_info(which)->name, of_host.value[which]);
    }
    ck_assert_uint_ne(of_host.value[WS_DS], of_host.value[WS_ES]);
    ck_assert_uint_ne(of_host.value[WS_FS], of_host.value[WS_GS]);
    ck_assert_uint_ne(of_vmm.value[WS_DS], of_vmm.value[WS_ES]);
}
END_TEST

/* All that lab, its worlds and processes can hold, and one more. */
START_TEST(sixteen_worlds_fit)
{
    static const uint8_t tables[] = {WS_GDTR_LIMIT, WS_IDTR_LIMIT, WS_LDTR, WS_TR, WS_CR3, WS_CS, WS_SS, WS_DS};
    struct ws_world_options options = {.name = "too-many"};
    struct ws_registers registers, other;
    struct ws_world *world;
    char name[8];
    unsigned i;
    size_t j;

    for (i = 3; i < WS_CROSS_CONTEXTS; i++) {
        snprintf(name, sizeof name, "w%u", i);
        world = world_new(name);
        ck_assert_ptr_eq(ws_lab_world(lab, i), world);
        ck_assert_uint_eq(ws_world_context(world), ws_cross_context_linear(i));
        ws_world_registers(world, &registers);
        ws_world_registers(ws_lab_world(lab, i - 1), &other);
        for (j = 0; j < sizeof tables; j++)
            ck_assert_uint_ne(registers.value[tables[j]], other.value[tables[j]]);
        ck_assert_uint_ne(registers.value[WS_GDTR_BASE], other.value[WS_GDTR_BASE]);
    }
    ck_assert_int_eq(ws_world_new(lab, &options, &world), WS_NO_ROOM);
    ck_assert_ptr_null(world);
    ck_assert_int_eq(ws_lab_enter(lab, ws_lab_world(lab, WS_CROSS_CONTEXTS - 1)), WS_OK);
    ck_assert_int_eq(ws_world_switch(host), WS_OK);
}
END_TEST

START_TEST(processes_are_limited_by_their_stacks)
{
    struct ws_process *process;
    enum ws_status status = WS_OK;
    char name[8];
    unsigned i;

    for (i = 0; status == WS_OK && i < 1000; i++) {
        snprintf(name, sizeof name, "p%u", i);
        status = ws_process_new(vmm, name, &process);
    }
    ck_assert_int_eq(status, WS_NO_ROOM);
    ck_assert_uint_eq(i, (WS_KERNEL_FREE - WS_KERNEL_PROCESSES) / WS_KERNEL_PROCESS_BYTES + 1);
    ck_assert_ptr_null(process);
    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK); /* nothing was half done */
}
END_TEST

/* -- what is found again ----------------------------------------------------------------------- */

START_TEST(everybody_is_found_by_cr3)
{
    ck_assert_str_eq(ws_lab_name_of(lab, ws_world_cr3(vmm)), "vmm");
    ck_assert_str_eq(ws_lab_name_of(lab, ws_process_cr3(b)), "B");
    ck_assert_ptr_eq(ws_lab_world_of(lab, ws_process_cr3(b)), host);
    ck_assert_ptr_eq(ws_lab_process_of(lab, ws_process_cr3(a)), a);
    ck_assert_ptr_null(ws_lab_process_of(lab, ws_world_cr3(host)));
    ck_assert_ptr_null(ws_lab_name_of(lab, 0x00345000));
    ck_assert_ptr_eq(ws_world_process(host, 1), b);
    ck_assert_ptr_null(ws_world_process(host, 2));
    ck_assert_ptr_null(ws_lab_running_world(lab));
}
END_TEST

/* An image brings its names along. */
START_TEST(symbols_name_worlds_and_processes)
{
    struct ws_registers registers = paging_registers(ws_process_cr3(a));
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    struct ws_watcher *watcher;
    struct ws_buffer image = WS_BUFFER_INIT;

    ck_assert_int_eq(ws_lab_write_image(lab, host, &image), WS_OK);
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, image.data, image.size, "", symbols, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, symbols), WS_OK);
    ck_assert_str_eq(ws_watcher_world(watcher, &registers), "host");
    ck_assert_str_eq(ws_watcher_process(watcher, &registers), "A");
    registers.value[WS_CR3] = ws_world_cr3(vmm);
    ck_assert_str_eq(ws_watcher_world(watcher, &registers), "vmm");
    ck_assert_str_eq(ws_watcher_process(watcher, &registers), "");
    ws_watcher_free(watcher);
    ws_symbols_free(symbols);
    ws_machine_free(machine);
    ws_buffer_release(&image);
}
END_TEST

START_TEST(places_are_named_in_the_image)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    struct ws_symbols *symbols;
    uint32_t linear = 0;

    ck_assert_int_eq(ws_lab_name_place(lab, "routine", 0xc0200010), WS_OK);
    ck_assert_int_eq(ws_lab_name_place(lab, "routine", 0xc0200020), WS_OVERLAP);
    ck_assert_int_eq(ws_lab_name_place(lab, "ws_names", 0xc0200020), WS_OVERLAP);
    ck_assert_int_eq(ws_lab_name_place(lab, "ws.world.none", 0xc0200020), WS_OVERLAP);
    ck_assert_int_eq(ws_lab_name_place(lab, "", 0xc0200020), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_lab_write_image(lab, host, &image), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&symbols), WS_OK);
    ck_assert_int_eq(ws_symbols_read(symbols, image.data, image.size), WS_OK);
    ck_assert_int_eq(ws_symbols_find(symbols, "routine", &linear), WS_OK);
    ck_assert_uint_eq(linear, 0xc0200010);
    ck_assert_int_eq(ws_lab_load(lab, host), WS_OK);
    ck_assert_int_eq(ws_lab_name_place(lab, "late", 0xc0200020), WS_BAD_ARGUMENT);
    ws_symbols_free(symbols);
    ws_buffer_release(&image);
}
END_TEST

Suite *build_suite(void);

Suite *build_suite(void)
{
    Suite *suite = suite_create("build");
    TCase *made = tcase_create("made"), *found = tcase_create("found");

    tcase_add_checked_fixture(made, setup, teardown);
    tcase_add_test(made, worlds_share_the_cross_page_and_nothing_else);
    tcase_add_test(made, processes_share_the_kernel_half_and_nothing_else);
    tcase_add_test(made, pages_have_the_rights_asked_for);
    tcase_add_test(made, descriptors_are_what_their_use_says);
    tcase_add_test(made, selectors_mean_nothing_elsewhere);
    tcase_add_test(made, worlds_differ_in_everything_that_is_switched);
    tcase_add_test(made, sixteen_worlds_fit);
    tcase_add_test(made, processes_are_limited_by_their_stacks);
    suite_add_tcase(suite, made);
    tcase_add_checked_fixture(found, setup, teardown);
    tcase_add_test(found, everybody_is_found_by_cr3);
    tcase_add_test(found, symbols_name_worlds_and_processes);
    tcase_add_test(found, places_are_named_in_the_image);
    suite_add_tcase(suite, found);
    return suite;
}
