/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of a few instructions, put into a machine.
 */
#ifndef TESTS_MACHINE_SMALL_H
#define TESTS_MACHINE_SMALL_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/machine.h>
#include <worldswitch/segment.h>

enum { CODE = 0x1000, HANDLER = 0x2000, IDT = 0x3000, IDT_POINTER = 0x3ff0, STACK = 0x8000, COUNTER = 0x9000 };

static inline struct ws_machine *machine_make(const void *code, size_t size)
{
    struct ws_machine_options options = {.memory_bytes = 1 << 20};
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, CODE, code, size), WS_OK);
    ck_assert_int_eq(ws_machine_start(machine, CODE, 0, 0), WS_OK);
    return machine;
}

/* An IDT in which every vector leads to HANDLER: incl COUNTER; iret.  The GDT's entries 1 and 2 are
 * flat code and data, as the machine's segments are at the start. */
static inline struct ws_machine *interrupt_machine_make(const void *code, size_t size)
{
    static const uint8_t gdt[] = {0, 0,    0,    0, 0,    0,    0, 0, 0xff, 0xff, 0,    0,
                                  0, 0x9b, 0xcf, 0, 0xff, 0xff, 0, 0, 0,    0x93, 0xcf, 0};
    static const uint8_t handler[] = {0xff, 0x05, 0x00, 0x90, 0x00, 0x00, 0xcf};
    /* lgdt IDT_POINTER + 8; lidt IDT_POINTER; mov $STACK,%esp */
    static const uint8_t begin[] = {0x0f, 0x01, 0x15, 0xf8, 0x3f, 0,    0,    0x0f, 0x01, 0x1d,
                                    0xf0, 0x3f, 0,    0,    0xbc, 0x00, 0x80, 0,    0};
    static const uint8_t pointers[] = {0xff, 0x07, 0x00, 0x30, 0, 0, 0, 0, 0x17, 0, 0x00, 0x38, 0, 0};
    struct ws_gate gate = {
        .offset = HANDLER, .selector = 8, .type = WS_TYPE_INTERRUPT_GATE32, .system = true, .present = true};
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_machine *machine = machine_make(begin, sizeof begin);
    ws_gate_encode(raw, &gate);
    for (uint32_t vector = 0; vector < 256; vector++)
        ws_machine_write_phys(machine, IDT + 8 * vector, raw, sizeof raw);
    ws_machine_write_phys(machine, 0x3800, gdt, sizeof gdt);
    ws_machine_write_phys(machine, IDT_POINTER, pointers, sizeof pointers);
    ws_machine_write_phys(machine, HANDLER, handler, sizeof handler);
    ws_machine_write_phys(machine, CODE + sizeof begin, code, size);
    ck_assert_int_eq(ws_machine_run(machine, 3), WS_STOP_COUNT);
    return machine;
}

static inline uint32_t register_of(const struct ws_machine *machine, enum ws_register which)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    return registers.value[which];
}

static inline uint32_t word_at(const struct ws_machine *machine, uint32_t linear)
{
    uint32_t word;
    ck_assert_int_eq(ws_machine_read(machine, linear, &word, sizeof word), WS_OK);
    return word;
}

static inline void eip_expect(const struct ws_machine *machine, uint32_t eip, uint64_t mark)
{
    ck_assert_uint_eq(register_of(machine, WS_EIP), eip);
    ck_assert_uint_eq(ws_machine_mark(machine), mark);
}

/* Where the code given to interrupt_machine_make() begins, and the mark there. */
enum { BEGIN = CODE + 19, BEGIN_MARK = 3 };

#endif
