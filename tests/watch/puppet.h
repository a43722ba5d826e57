/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU that does nothing but report: made-up events for the recognizer, with page tables that tell stacks apart.
 */
#ifndef TESTS_WORLDS_PUPPET_H
#define TESTS_WORLDS_PUPPET_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>

#include "watch/recognizer.h"

/* Page directories of two processes of one world, of that world's kernel, and of another world. */
enum { A = 0x1000, B = 0x2000, KERNEL = 0x3000, OTHER = 0x4000, MEMORY = 8 << 20 };
enum { STACK_A = 0x10000, STACK_B = 0x20000, USER = 0x40000000 };

struct puppet {
    struct ws__recognizer recognizer;
    struct ws__sight now;
    struct ws_crossing crossing; /* the last one */
    unsigned crossings;
    uint8_t *ram;
};

static struct puppet puppet;

static inline void directory_map(uint32_t directory, uint32_t linear, uint32_t phys, uint32_t bits)
{
    uint32_t entry = phys | bits | WS_PTE_P | WS_PTE_RW | WS_PTE_PS;
    memcpy(puppet.ram + directory + (linear >> 22) * 4, &entry, sizeof(entry));
}

static inline void puppet_setup(void)
{
    memset(&puppet, 0, sizeof(puppet));
    puppet.ram = calloc(1, MEMORY);
    ck_assert_ptr_nonnull(puppet.ram);
    directory_map(A, 0, 0, 0);
    directory_map(B, 0, 0, 0);
    directory_map(KERNEL, 0, 0, 0);
    directory_map(OTHER, 0, 4 << 20, 0);
    directory_map(A, USER, 0, WS_PTE_US);
    directory_map(B, USER, 4 << 20, WS_PTE_US);
    puppet.now.mark = 1000;
    puppet.now.linear = 0x5000;
    puppet.now.memory = (struct ws_physical){puppet.ram, MEMORY};
    uint32_t *value = puppet.now.registers.value;
    value[WS_CR0] = WS_CR0_PG | WS_CR0_PE;
    value[WS_CR4] = WS_CR4_PSE;
    value[WS_CR3] = A;
    value[WS_ESP] = STACK_A;
    value[WS_CS] = 0x08;
    value[WS_EFLAGS] = WS_EFLAGS_FIXED | WS_EFLAGS_IF;
    value[WS_GDTR_BASE] = 0x7000;
    value[WS_IDTR_BASE] = 0x8000;
}

static inline void puppet_teardown(void)
{
    free(puppet.ram);
}

static inline void feed(struct ws_event event)
{
    struct ws_crossing crossing;
    if (event.kind != WS_EVENT_VECTOR || event.origin != WS_ORIGIN_EXTERNAL)
        puppet.now.mark++;
    puppet.now.registers.value[WS_EIP] = puppet.now.linear;
    if (ws__recognizer_feed(&puppet.recognizer, &event, &puppet.now, &crossing)) {
        puppet.crossing = crossing;
        puppet.crossings++;
    }
}

static inline void plain(unsigned instructions)
{
    puppet.now.mark += instructions;
    puppet.now.linear += 2 * instructions;
}

/* Every event below begins so: which instruction it was. */
static inline struct ws_event event_begin(enum ws_event_kind kind)
{
    return (struct ws_event){.kind = (uint8_t)kind, .mark = puppet.now.mark, .linear = puppet.now.linear, .bytes = 5};
}

static inline void call(uint32_t target)
{
    uint32_t *esp = &puppet.now.registers.value[WS_ESP];
    struct ws_event event = event_begin(WS_EVENT_CALL);
    event.before = *esp;
    event.after = puppet.now.linear = target;
    puppet.now.resume = (struct ws_resume){
        .linear = event.linear + event.bytes, .esp = *esp, .cs = 0x08, .eflags = puppet.now.registers.value[WS_EFLAGS]};
    event.esp = *esp -= 4;
    feed(event);
}

static inline void ret(uint32_t target, uint32_t arguments)
{
    uint32_t *esp = &puppet.now.registers.value[WS_ESP];
    struct ws_event event = event_begin(WS_EVENT_RET);
    event.before = *esp;
    event.after = puppet.now.linear = target;
    event.esp = *esp += 4 + arguments;
    feed(event);
}

static inline void lret(uint32_t target)
{
    uint32_t *esp = &puppet.now.registers.value[WS_ESP];
    struct ws_event event = event_begin(WS_EVENT_RET);
    event.far = true;
    event.before = *esp;
    event.after = puppet.now.linear = target;
    event.esp = *esp += 8;
    feed(event);
}

static inline void vector(enum ws_origin origin, uint32_t handler, uint32_t kernel_esp)
{
    uint32_t *value = puppet.now.registers.value;
    struct ws_event event = event_begin(WS_EVENT_VECTOR);
    event.origin = (uint8_t)origin;
    event.before = puppet.now.linear;
    event.cpl = value[WS_CS] & 3;
    puppet.now.resume = (struct ws_resume){
        .linear = puppet.now.linear, .esp = value[WS_ESP], .eflags = value[WS_EFLAGS], .cs = (uint16_t)value[WS_CS]};
    event.esp = value[WS_ESP] = (kernel_esp ? kernel_esp - 8 : value[WS_ESP]) - 12;
    value[WS_CS] = 0x08;
    event.after = puppet.now.linear = handler;
    feed(event);
}

static inline void iret(uint32_t target, uint32_t esp, uint16_t cs)
{
    struct ws_event event = event_begin(WS_EVENT_RETURN);
    event.esp_before = puppet.now.registers.value[WS_ESP];
    event.before = puppet.now.linear;
    event.after = puppet.now.linear = target;
    event.esp = puppet.now.registers.value[WS_ESP] = esp;
    puppet.now.registers.value[WS_CS] = cs;
    event.which = cs & 3;
    feed(event);
}

static inline void control(enum ws_register which, uint32_t value)
{
    struct ws_event event = event_begin(WS_EVENT_CONTROL_REGISTER);
    event.which = which;
    event.before = puppet.now.registers.value[which];
    event.after = puppet.now.registers.value[which] = value;
    puppet.now.linear += 3;
    feed(event);
}

static inline void table(enum ws_register which, uint32_t value)
{
    struct ws_event event = event_begin(WS_EVENT_TABLE_LOAD);
    event.which = which;
    event.before = puppet.now.registers.value[which];
    event.after = puppet.now.registers.value[which] = value;
    puppet.now.linear += 3;
    feed(event);
}

static inline void stack(uint32_t esp)
{
    puppet.now.registers.value[WS_ESP] = esp;
    plain(1);
}

#endif
