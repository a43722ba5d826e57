/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When block mode gives way to step mode.
 */
#include "machine/board.h"
#include "machine/small.h"
#include "run/block_mode.h"

Suite *block_mode_suite(void);

enum { OUTSIDE = 0xd0000000 }; /* no RAM: block mode refuses the access */

/* Where block mode does not get far, each piece in step mode is twice as long as the last one. */
START_TEST(pieces_in_step_mode_grow)
{
    static const uint8_t code[] = {
        0xbe, 0x00, 0x00, 0x00, 0xd0, /*    mov $OUTSIDE, %esi */
        0x8b, 0x06, 0xeb, 0xfc,       /* 1: mov (%esi), %eax; jmp 1b */
    };
    struct ws_machine *machine = machine_make(code, sizeof code);
    struct ws__block_mode *blocks = &machine->cpu.blocks;
    ck_assert_int_eq(ws_machine_run(machine, 300), WS_STOP_COUNT);
    uint64_t early = blocks->steps;
    ck_assert_uint_gt(early, 60);
    ck_assert_int_eq(ws_machine_run(machine, 10000), WS_STOP_COUNT);
    ck_assert_uint_gt(blocks->steps, early);
    ck_assert_uint_le(blocks->steps, 512);
    ws_machine_free(machine);
}
END_TEST

/* A block that goes round a hundred times between two accesses is worth the effort. */
START_TEST(long_runs_begin_anew)
{
    static const uint8_t code[] = {
        0xbe, 0x00, 0x00, 0x00, 0xd0, /*    mov $OUTSIDE, %esi */
        0xb9, 0x64, 0x00, 0x00, 0x00, /* 1: mov $100, %ecx */
        0x49, 0x75, 0xfd,             /* 2: dec %ecx; jne 2b */
        0x8b, 0x06, 0xeb, 0xf4,       /*    mov (%esi), %eax; jmp 1b */
    };
    struct ws_machine *machine = machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 10000), WS_STOP_COUNT);
    ck_assert_uint_eq(machine->cpu.blocks.steps, 1);
    ws_machine_free(machine);
}
END_TEST

/* While the guest is to be executed in step mode wherever it is, this is so at the last address, too. */
START_TEST(everywhere_has_the_last_byte)
{
    static const uint8_t code[] = {
        0xbe, 0x00, 0x00, 0x00, 0xd0,             /* mov $OUTSIDE, %esi */
        0x8b, 0x06, 0x8b, 0x06, 0x8b, 0x06, 0x90, /* mov (%esi), %eax, three times; nop */
        0xb8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xe0, /* mov $-1, %eax; jmp *%eax */
    };
    struct ws_machine *machine = machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 1000), WS_STOP_COUNT); /* what is there increments a byte */
    ck_assert_uint_eq(ws_machine_mark(machine), 1000);
    ws_machine_free(machine);
}
END_TEST

/* The TLB's entry for the code's page allows loads from it, too, until the guest sets a data breakpoint there. */
START_TEST(data_beside_code_is_watched)
{
    static const uint8_t code[] = {
        0x31, 0xc0,                         /*    xor %eax, %eax */
        0xb9, 0xc8, 0x00, 0x00, 0x00,       /* 1: mov $200, %ecx */
        0x49, 0x75, 0xfd,                   /* 2: dec %ecx; jne 2b */
        0x8b, 0x1d, 0x00, 0x18, 0x00, 0x00, /*    mov CODE + 0x800, %ebx */
        0x85, 0xc0, 0x75, 0x12,             /*    test %eax, %eax; jne 3f */
        0xb8, 0x00, 0x18, 0x00, 0x00,       /*    mov $(CODE + 0x800), %eax */
        0x0f, 0x23, 0xc0,                   /*    mov %eax, %dr0 */
        0xb8, 0x02, 0x00, 0x0f, 0x00,       /*    mov $0xf0002, %eax: G0, reads and writes, 4 bytes */
        0x0f, 0x23, 0xf8, 0xeb, 0xdc,       /*    mov %eax, %dr7; jmp 1b */
        0xf4,                               /* 3: hlt */
    };
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_run(machine, 10000), WS_STOP_HALT);
    ck_assert_uint_eq(word_at(machine, COUNTER), 1);
    ws_machine_free(machine);
}
END_TEST

/* A breakpoint on an instruction of a block that has run, and then one in code that is new.  The block in front of the
 * first one has none, and so goes on running in block mode. */
START_TEST(breakpoints_on_instructions)
{
    static const uint8_t code[] = {
        0x31, 0xc0,                   /*    xor %eax, %eax */
        0xb9, 0xc8, 0x00, 0x00, 0x00, /* 1: mov $200, %ecx */
        0x90, 0xeb, 0x00,             /* 2: nop; jmp 3f */
        0x49, 0x75, 0xfa,             /* 3: dec %ecx; jne 2b */
        0x85, 0xc0, 0x75, 0x1a,       /*    test %eax, %eax; jne 4f */
        0xb8, 0x00, 0x10, 0x00, 0x00, /*    mov $dec, %eax: put there below */
        0x0f, 0x23, 0xc0,             /*    mov %eax, %dr0 */
        0xb8, 0x00, 0x10, 0x00, 0x00, /*    mov $nop, %eax: and this */
        0x0f, 0x23, 0xc8,             /*    mov %eax, %dr1 */
        0xb8, 0x0a, 0x00, 0x00, 0x00, /*    mov $(G0 | G1), %eax */
        0x0f, 0x23, 0xf8, 0xeb, 0xd7, /*    mov %eax, %dr7; jmp 1b */
        0x31, 0xc0,                   /* 4: xor %eax, %eax */
        0x0f, 0x23, 0xc0,             /*    mov %eax, %dr0 */
        0xb9, 0xe8, 0x03, 0x00, 0x00, /*    mov $1000, %ecx */
        0x49, 0x75, 0xfd,             /* 5: dec %ecx; jne 5b */
        0x90, 0x90, 0xf4,             /*    nop; nop; hlt */
    };
    enum { DEC = 10, FIRST = 18, SECOND = 26, NOP = 56 };
    /* what HANDLER executes: RF in the image, so that the instruction is executed behind the handler */
    static const uint8_t handler[] = {0xff, 0x05, 0x00, 0x90, 0x00, 0x00, 0x81, 0x4c,
                                      0x24, 0x08, 0x00, 0x00, 0x01, 0x00, 0xcf};
    const uint32_t dec = BEGIN + DEC, nop = BEGIN + NOP;
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ws_machine_write_phys(machine, HANDLER, handler, sizeof handler);
    ws_machine_write_phys(machine, BEGIN + FIRST, &dec, sizeof dec);
    ws_machine_write_phys(machine, BEGIN + SECOND, &nop, sizeof nop);
    ck_assert_int_eq(ws_machine_run(machine, 20000), WS_STOP_HALT);
    ck_assert_uint_eq(word_at(machine, COUNTER), 200 + 1);
    ws_machine_free(machine);
}
END_TEST

/* A frame that is executed from a copy, because of these bytes in it: loads read RAM. */
START_TEST(data_beside_copied_code_is_in_ram)
{
    static const uint8_t code[] = {
        0xb9, 0xc8, 0x00, 0x00, 0x00,             /*    mov $200, %ecx */
        0x49, 0x75, 0xfd,                         /* 1: dec %ecx; jne 1b */
        0x8b, 0x1d, 0x00, 0x18, 0x00, 0x00, 0xf4, /*    mov CODE + 0x800, %ebx; hlt */
    };
    static const uint8_t fatal[] = {0xf0, 0x0f, 0xa3, 0xc1}; /* see unicorn/defuse.h */
    struct ws_machine *machine = machine_make(code, sizeof code);
    ws_machine_write_phys(machine, CODE + 0x800, fatal, sizeof fatal);
    ck_assert_int_eq(ws_machine_run(machine, 10000), WS_STOP_HALT);
    ck_assert_uint_eq(register_of(machine, WS_EBX), 0xc1a30ff0);
    ws_machine_free(machine);
}
END_TEST

Suite *block_mode_suite(void)
{
    Suite *suite = suite_create("block mode");
    TCase *tests = tcase_create("run");
    tcase_add_test(tests, pieces_in_step_mode_grow);
    tcase_add_test(tests, long_runs_begin_anew);
    tcase_add_test(tests, everywhere_has_the_last_byte);
    tcase_add_test(tests, data_beside_code_is_watched);
    tcase_add_test(tests, data_beside_copied_code_is_in_ram);
    tcase_add_test(tests, breakpoints_on_instructions);
    suite_add_tcase(suite, tests);
    return suite;
}
