/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stage for tests of deliveries: a machine with its own tables, in ring 0 or 3, about to execute a few bytes of
 * code.
 */
#ifndef TESTS_CPU_STAGE_H
#define TESTS_CPU_STAGE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/machine.h>
#include <worldswitch/segment.h>

#include "many.h"

enum {
    GDT = 0x1000,
    IDT = 0x2000,
    TSS = 0x3000,
    DIRECTORY = 0x4000,
    TABLE = 0x5000,
    POINTERS = 0x6000,
    KERNEL_STACK = 0x8000, /* the top of the boot code's stack */
    ESP0 = 0xa000,
    USER_STACK = 0xc000,
    CODE = 0x10000,
    HANDLERS = 0x20000, /* 16 bytes a vector */
    KERNEL_CODE = 0x08,
    KERNEL_DATA = 0x10,
    USER_CODE = 0x1b,
    USER_DATA = 0x23,
    TSS_SELECTOR = 0x28,
    SPARE = 0x30,
    GDT_BYTES = 0x38,
    VECTOR = 0x40,
    CODE_USED = WS_TYPE_CODE | WS_TYPE_READABLE | WS_TYPE_ACCESSED,
    DATA_USED = WS_TYPE_WRITABLE | WS_TYPE_ACCESSED
};

struct stage {
    struct ws_machine *machine;
    uint32_t start; /* where the code under test begins; EIP stands there */
};

static inline void put(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size)
{
    MANY_CHECK(ws_machine_write_phys(machine, phys, bytes, size) == WS_OK, "%zu bytes at 0x%x", size, phys);
}

static inline void word_put(struct ws_machine *machine, uint32_t phys, uint32_t word)
{
    put(machine, phys, &word, sizeof word);
}

static inline void descriptor_put(struct ws_machine *machine, uint16_t selector, const struct ws_descriptor *descriptor)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    ws_descriptor_encode(raw, descriptor);
    put(machine, GDT + (selector & ~7u), raw, sizeof raw);
}

static inline void gate_put(struct ws_machine *machine, unsigned vector, const struct ws_gate *gate)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    ws_gate_encode(raw, gate);
    put(machine, IDT + vector * WS_DESCRIPTOR_BYTES, raw, sizeof raw);
}

static inline struct ws_gate gate_plain(unsigned vector)
{
    return (struct ws_gate){
        .offset = HANDLERS + 16 * vector,
        .selector = KERNEL_CODE,
        .type = WS_TYPE_INTERRUPT_GATE32,
        .system = true,
        .present = true,
    };
}

static inline void tables_put(struct ws_machine *machine)
{
    static const struct ws_descriptor segments[] = {
        {.limit = UINT32_MAX, .type = CODE_USED, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = DATA_USED, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = CODE_USED, .dpl = 3, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = DATA_USED, .dpl = 3, .present = true, .big = true},
        {.base = TSS, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true},
    };
    for (uint16_t i = 0; i < sizeof segments / sizeof segments[0]; i++)
        descriptor_put(machine, (uint16_t)(8 * (i + 1)), &segments[i]);
    for (unsigned vector = 0; vector < 256; vector++) {
        struct ws_gate gate = gate_plain(vector);
        gate_put(machine, vector, &gate);
        put(machine, gate.offset, "\xeb\xfe", 2); /* jmp . */
    }
    word_put(machine, TSS + 4, ESP0);
    word_put(machine, TSS + 8, KERNEL_DATA);
    for (uint32_t i = 0; i < 256; i++)
        word_put(machine, TABLE + 4 * i, i << 12 | WS_PTE_P | WS_PTE_RW | WS_PTE_US);
    word_put(machine, DIRECTORY, TABLE | WS_PTE_P | WS_PTE_RW | WS_PTE_US);
}

/* Make a machine with its tables loaded and paging on, in ring 0 or 3, with these flags.  EIP points to `code`. */
static inline struct stage stage_make(unsigned ring, uint32_t flags, const void *code, size_t size)
{
    static const uint8_t pointers[] = {GDT_BYTES - 1, 0, GDT & 0xff, GDT >> 8, 0, 0, 0, 0,
                                       0xff,          7, IDT & 0xff, IDT >> 8, 0, 0};
    static const uint8_t begin[] = {
        0x0f, 0x01, 0x15,         0x00, 0x60, 0,    0,          /* lgdt POINTERS */
        0x0f, 0x01, 0x1d,         0x08, 0x60, 0,    0,          /* lidt POINTERS + 8 */
        0x66, 0xb8, TSS_SELECTOR, 0,    0x0f, 0x00, 0xd8,       /* ltr */
        0xb8, 0x00, 0x40,         0,    0,    0x0f, 0x22, 0xd8, /* mov $DIRECTORY,%cr3 */
        0xb8, 0x11, 0x00,         0x01, 0x80, 0x0f, 0x22, 0xc0, /* PG, WP, PE */
        0xbc, 0x00, 0x80,         0,    0,                      /* mov $KERNEL_STACK,%esp */
    };
    struct ws_machine_options options = {.memory_bytes = 1 << 20};
    struct stage stage = {.start = CODE + 0x100};
    uint32_t frame[] = {USER_DATA, USER_STACK, flags, USER_CODE, stage.start}, at = CODE + sizeof begin;
    ck_assert_int_eq(ws_machine_new(&stage.machine, &options), WS_OK);
    tables_put(stage.machine);
    put(stage.machine, POINTERS, pointers, sizeof pointers);
    put(stage.machine, CODE, begin, sizeof begin);
    if (!ring)
        frame[3] = KERNEL_CODE;
    unsigned pushed = 0;
    for (unsigned i = ring ? 0 : 2; i < 5; i++, pushed++, at += 5) {
        put(stage.machine, at, "\x68", 1);
        word_put(stage.machine, at + 1, frame[i]);
    }
    put(stage.machine, at, "\xcf", 1);
    put(stage.machine, stage.start, code, size);
    ck_assert_int_eq(ws_machine_start(stage.machine, CODE, 0, 0), WS_OK);
    ck_assert_int_eq(ws_machine_run(stage.machine, 9 + pushed + 1), WS_STOP_COUNT);
    struct ws_registers registers;
    ws_machine_registers(stage.machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EIP], stage.start);
    ck_assert_uint_eq(ws_machine_cpl(stage.machine), ring);
    return stage;
}

static inline uint32_t value_of(const struct ws_machine *machine, enum ws_register which)
{
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    return registers.value[which];
}

/* Expect these values in the frame at ESP. */
static inline void frame_expect(const struct ws_machine *machine, const uint32_t *expected, size_t count)
{
    uint32_t frame[8];
    ck_assert_int_eq(ws_machine_read(machine, value_of(machine, WS_ESP), frame, count * sizeof *frame), WS_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(frame[i] == expected[i], "slot %zu holds %x and not %x", i, frame[i], expected[i]);
}

#endif
