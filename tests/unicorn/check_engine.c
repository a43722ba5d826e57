/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The behaviour of Unicorn that the library relies on.  If one of these tests fails with a new version of Unicorn,
 * src/unicorn/ must be adapted to it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/paging.h>

#include "unicorn/parts.h"

Suite *engine_suite(void);

enum { RAM_BYTES = 1 << 20, CODE = 0x1000, GDT = 0x2000, STACK = 0x8000 };

static struct {
    struct ws__engine *engine;
    uint8_t *ram;
    unsigned begun;
    unsigned allowed; /* instructions that may begin */
    unsigned fills;   /* calls of rig_fill() */
    uint32_t entered; /* the size of the block that was entered last */
    uint32_t phys;
    uint64_t memory_value;
    uint32_t port_value;
    bool compares; /* call pointer_compare() at each instruction */
    uint16_t port;
} rig;

/* A table without blocks: the block hook lets no block pass. */
static struct ws__block no_blocks[WS__BLOCKS];

static bool rig_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    (void)context;
    (void)linear;
    (void)translation;
    rig.entered = bytes;
    return true;
}

/* The registers that the state pointer shows are those that Unicorn reports. */
static void pointer_compare(void)
{
    static const struct {
        enum ws_register which;
        int id;
    } rows[] = {
        {WS_EAX, UC_X86_REG_EAX}, {WS_ECX, UC_X86_REG_ECX}, {WS_EDX, UC_X86_REG_EDX}, {WS_EBX, UC_X86_REG_EBX},
        {WS_ESP, UC_X86_REG_ESP}, {WS_EBP, UC_X86_REG_EBP}, {WS_ESI, UC_X86_REG_ESI}, {WS_EDI, UC_X86_REG_EDI},
        {WS_CS, UC_X86_REG_CS},   {WS_SS, UC_X86_REG_SS},   {WS_DS, UC_X86_REG_DS},   {WS_ES, UC_X86_REG_ES},
        {WS_FS, UC_X86_REG_FS},   {WS_GS, UC_X86_REG_GS},   {WS_CR0, UC_X86_REG_CR0}, {WS_CR2, UC_X86_REG_CR2},
        {WS_CR3, UC_X86_REG_CR3}, {WS_CR4, UC_X86_REG_CR4},
    };
    unsigned shown = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t value = 0;
        uc_reg_read(rig.engine->uc, rows[i].id, &value);
        ck_assert_uint_eq(ws__engine_get(rig.engine, rows[i].which), value);
        shown += rig.engine->pointer.place[rows[i].which] != 0;
    }
    uc_x86_mmr gdtr, idtr, ldtr, tr;
    uc_reg_read(rig.engine->uc, UC_X86_REG_GDTR, &gdtr);
    uc_reg_read(rig.engine->uc, UC_X86_REG_IDTR, &idtr);
    uc_reg_read(rig.engine->uc, UC_X86_REG_LDTR, &ldtr);
    uc_reg_read(rig.engine->uc, UC_X86_REG_TR, &tr);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_GDTR_BASE), gdtr.base);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_GDTR_LIMIT), gdtr.limit & 0xffff);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_IDTR_BASE), idtr.base);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_IDTR_LIMIT), idtr.limit & 0xffff);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_LDTR), ldtr.selector);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_TR), tr.selector);
#ifdef __x86_64__
    ck_assert_uint_eq(shown, sizeof rows / sizeof rows[0]);
#else
    ck_assert_uint_eq(shown, 0);
#endif
}

static bool rig_begin(void *context, uint32_t linear)
{
    (void)context;
    (void)linear;
    if (rig.begun >= rig.allowed)
        return false;
    rig.begun++;
    if (rig.compares)
        pointer_compare();
    return true;
}

/* There is no paging: a linear address is the physical one.  Outside RAM, code is fetched from the open bus's page. */
static bool rig_fill(void *context, uint64_t linear, enum ws_access access, struct ws__engine_page *out)
{
    (void)context;
    rig.fills++;
    uint32_t phys = (uint32_t)linear;
    bool inside = phys < RAM_BYTES || access != WS_ACCESS_EXECUTE;
    *out = (struct ws__engine_page){inside ? phys : WS__ENGINE_OPEN_BUS, true, true, true};
    return true;
}

static uint32_t rig_read(void *context, uint16_t port, unsigned bytes)
{
    (void)context;
    rig.port = port;
    return bytes == 1 ? 0x5a : 0x12345678;
}

static void rig_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    (void)context;
    (void)bytes;
    rig.port = port;
    rig.port_value = value;
}

static uint64_t rig_memory_read(void *context, uint32_t phys, unsigned bytes)
{
    (void)context;
    rig.phys = phys;
    return bytes == 1 ? 0x5a : 0x12345678;
}

static void rig_memory_write(void *context, uint32_t phys, unsigned bytes, uint64_t value)
{
    (void)context;
    (void)bytes;
    rig.phys = phys;
    rig.memory_value = value;
}

static void rig_make(void)
{
    const struct ws__engine_client client = {NULL,     rig_enter, rig_begin,       rig_begin,       rig_fill,
                                             rig_read, rig_write, rig_memory_read, rig_memory_write};
    memset(&rig, 0, sizeof rig);
    rig.allowed = 1000;
    rig.ram = aligned_alloc(WS_PAGE_BYTES, RAM_BYTES);
    memset(rig.ram, 0, RAM_BYTES);
    ck_assert_int_eq(ws__engine_new(&rig.engine, rig.ram, RAM_BYTES, &client), WS_OK);
    *ws__engine_budget(rig.engine) = (struct ws__budget){.table = no_blocks, .left = -1, .step_mode = true};
    ws__engine_set(rig.engine, WS_ESP, STACK);
}

static void rig_break(void)
{
    ws__engine_free(rig.engine);
    free(rig.ram);
}

/* Put code at `phys`, and run it in step mode until it executes hlt, faults, or rig_begin() stops it. */
static enum ws__engine_end rig_run(uint32_t phys, const void *code, size_t size, struct ws__engine_exception *exception)
{
    memcpy(rig.ram + phys, code, size);
    ws__engine_set(rig.engine, WS_EIP, phys);
    ws__engine_step_mode(rig.engine, true);
    return ws__engine_run(rig.engine, exception);
}
#define RUN(phys, exception, ...) \
    rig_run(phys, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), exception)

START_TEST(starts_like_multiboot)
{
    struct ws_registers registers;
    struct ws_descriptor code, data;
    ws__engine_registers(rig.engine, &registers);
    ws__engine_segment(rig.engine, WS_CS, &code);
    ws__engine_segment(rig.engine, WS_FS, &data);
    ck_assert_uint_eq(registers.value[WS_CR0] & (WS_CR0_PE | WS_CR0_PG), WS_CR0_PE);
    ck_assert_uint_eq(ws__engine_cpl(rig.engine), 0);
    ck_assert_uint_eq(code.base, 0);
    ck_assert_uint_eq(code.limit, UINT32_MAX);
    ck_assert(code.type & WS_TYPE_CODE && code.big && code.present);
    ck_assert_uint_eq(data.limit, UINT32_MAX);
    ck_assert(!(data.type & WS_TYPE_CODE) && data.type & WS_TYPE_WRITABLE);
}
END_TEST

/* The engine calls begin() before each instruction, and does not execute the instruction if begin() returns false. */
START_TEST(stops_in_front)
{
    struct ws__engine_exception exception;
    rig.allowed = 2;
    RUN(CODE, &exception, 0x40, 0x40, 0x40, 0xf4); /* inc %eax, three times */
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 2);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EIP), CODE + 2);
}
END_TEST

/* The engine translates as far as it is told, and afterwards whole blocks again, also where it has stopped. */
START_TEST(translates_until)
{
    struct ws__engine_exception exception;
    memcpy(rig.ram + CODE, "\x40\x40\x40\x40\x40\xf4", 6); /* inc %eax, five times */
    ws__engine_set(rig.engine, WS_EIP, CODE);
    ws__engine_step_mode(rig.engine, true);
    ws__engine_translate_until(rig.engine, CODE + 2);
    ck_assert_int_eq(ws__engine_run(rig.engine, &exception), WS__ENGINE_RETURNED);
    ck_assert_uint_eq(rig.entered, 2);
    ck_assert_uint_eq(rig.begun, 2);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 2);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EIP), CODE + 2);
    ws__engine_step_mode(rig.engine, true);
    ck_assert_int_eq(ws__engine_run(rig.engine, &exception), WS__ENGINE_RETURNED);
    ck_assert_uint_eq(rig.entered, 4);
    ck_assert_uint_eq(rig.begun, 6);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 5);
    RUN(CODE, &exception, 0x40, 0x40, 0x40, 0x40, 0x40, 0xf4);
    ck_assert_uint_eq(rig.entered, 6);
}
END_TEST

/* A divide error and then a #GP are two exceptions and no double fault: so the engine has made Unicorn forget the first
 * one. */
START_TEST(forgets_exceptions)
{
    struct ws__engine_exception exception;
    ck_assert_int_eq(RUN(CODE, &exception, 0x31, 0xc9, 0xf7, 0xf1), WS__ENGINE_EXCEPTION);
    ck_assert_uint_eq(exception.vector, WS_VECTOR_DE);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EIP), CODE + 2);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t place = CODE + 0x100 * (i + 1);
        uint8_t selector = (uint8_t)(0x43 + 8 * i);
        ck_assert_int_eq(RUN(place, &exception, 0x66, 0xb8, selector, 0xf0, 0x0f, 0x00, 0xd8), WS__ENGINE_EXCEPTION);
        ck_assert_uint_eq(exception.vector, WS_VECTOR_GP);
        ck_assert_uint_eq(exception.error_code, 0xf040u + 8 * i);
    }
}
END_TEST

START_TEST(invalid_opcode_is_an_exception)
{
    struct ws__engine_exception exception;
    ck_assert_int_eq(RUN(CODE, &exception, 0x40, 0x0f, 0x0b), WS__ENGINE_EXCEPTION);
    ck_assert_uint_eq(exception.vector, WS_VECTOR_UD);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EIP), CODE + 1);
}
END_TEST

/* Outside RAM the client answers, and code is an invalid opcode. */
START_TEST(behind_ram)
{
    struct ws__engine_exception exception;
    RUN(CODE, &exception, 0xa1, 0, 0, 0, 0x80, 0xa3, 4, 0, 0, 0x90, 0xf4);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 0x12345678);
    ck_assert_uint_eq(rig.phys, 0x90000004);
    ck_assert_uint_eq(rig.memory_value, 0x12345678);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EIP), CODE + 11);
    ck_assert_int_eq(RUN(CODE + 0x100, &exception, 0xb8, 0, 0, 0, 0x80, 0xff, 0xe0), WS__ENGINE_EXCEPTION);
    ck_assert_uint_eq(exception.vector, WS_VECTOR_UD);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EIP), 0x80000000);
}
END_TEST

START_TEST(ports)
{
    struct ws__engine_exception exception;
    RUN(CODE, &exception, 0xb0, 0x77, 0xe6, 0xf4, 0xf4); /* mov $0x77,%al; out %al,$0xf4 */
    ck_assert_uint_eq(rig.port, 0xf4);
    ck_assert_uint_eq(rig.port_value, 0x77);
    RUN(CODE + 0x100, &exception, 0x66, 0xba, 0xf8, 0x03, 0xed, 0xf4); /* mov $0x3f8,%dx; in %dx,%eax */
    ck_assert_uint_eq(rig.port, 0x3f8);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 0x12345678);
}
END_TEST

/* After ws__engine_forget_code(), the engine executes code as it is in RAM now, even if C code has changed it. */
START_TEST(forgets_code)
{
    struct ws__engine_exception exception;
    RUN(CODE, &exception, 0xb8, 1, 0, 0, 0, 0xf4);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 1);
    rig.ram[CODE + 1] = 2;
    ws__engine_forget_code(rig.engine);
    ws__engine_set(rig.engine, WS_EIP, CODE);
    ws__engine_run(rig.engine, &exception);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_EAX), 2);
}
END_TEST

START_TEST(state_comes_back)
{
    struct ws__engine_exception exception;
    struct ws_registers before, after;
    void *state = malloc(ws__engine_state_bytes(rig.engine));
    RUN(CODE, &exception, 0xb8, 1, 2, 3, 4, 0xf9, 0xf4); /* mov $0x04030201,%eax; stc */
    ws__engine_registers(rig.engine, &before);
    ws__engine_state_save(rig.engine, state);
    RUN(CODE + 0x100, &exception, 0x31, 0xc0, 0xf4);
    ws__engine_state_restore(rig.engine, state);
    ws__engine_registers(rig.engine, &after);
    free(state);
    ck_assert_uint_eq(after.value[WS_EFLAGS] & WS_EFLAGS_CF, WS_EFLAGS_CF);
    ck_assert_mem_eq(&before, &after, sizeof before);
}
END_TEST

/* -- entering rings ---------------------------------------------------------------------------- */

static void gdt_entry(unsigned index, uint8_t type, uint8_t dpl, uint32_t base)
{
    const struct ws_descriptor descriptor = {
        .base = base, .limit = UINT32_MAX, .type = type, .dpl = dpl, .present = true, .big = true, .granular = true};
    ws_descriptor_encode(rig.ram + GDT + index * WS_DESCRIPTOR_BYTES, &descriptor);
}

/* The GDT has code and data for each ring: code for ring n is entry 1 + 2n, and data is the entry behind it. */
static uint16_t ring_code(unsigned ring)
{
    return (uint16_t)((1 + 2 * ring) * 8 | ring);
}

static void gdt_load(void)
{
    struct ws__engine_exception exception;
    const uint8_t pointer[] = {0x7f, 0, GDT & 0xff, GDT >> 8, 0, 0};
    for (unsigned ring = 0; ring < 4; ring++) {
        gdt_entry(1 + 2 * ring, WS_TYPE_CODE | WS_TYPE_READABLE, (uint8_t)ring, 0);
        gdt_entry(2 + 2 * ring, WS_TYPE_WRITABLE, (uint8_t)ring, 0);
    }
    memcpy(rig.ram + 0x1f00, pointer, sizeof pointer);
    RUN(CODE, &exception, 0x0f, 0x01, 0x15, 0x00, 0x1f, 0, 0, 0xf4); /* lgdt 0x1f00 */
}

/* Load CS and SS for a ring, as a CPU does when it goes through a gate. */
static void ring_enter(unsigned ring)
{
    struct ws_descriptor code, stack;
    ws_descriptor_decode(&code, rig.ram + GDT + (ring_code(ring) & WS_SELECTOR_INDEX));
    ws_descriptor_decode(&stack, rig.ram + GDT + (ring_code(ring) & WS_SELECTOR_INDEX) + 8);
    ws__engine_enter(rig.engine, ring_code(ring), &code, ring_code(ring) + 8, &stack);
    ck_assert_uint_eq(ws__engine_cpl(rig.engine), ring);
}

/* From ring _i / 4 to ring _i % 4. */
START_TEST(enters_rings)
{
    unsigned from = (unsigned)_i / 4, to = (unsigned)_i % 4;
    if (to > from)
        return; /* no gate leads outwards */
    gdt_load();
    uint32_t cr0 = ws__engine_get(rig.engine, WS_CR0);
    ring_enter(from);
    ring_enter(to);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_CR0), cr0);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_CS), ring_code(to));
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_SS), ring_code(to) + 8u);

    /* hlt faults in all rings but ring 0: so this shows which ring the engine is in */
    struct ws__engine_exception exception;
    enum ws__engine_end end = RUN(CODE + 0x100, &exception, 0xf4);
    ck_assert_int_eq(end, to == 0 ? WS__ENGINE_RETURNED : WS__ENGINE_EXCEPTION);
}
END_TEST

/* The hidden part is the descriptor that was loaded, not the one that the GDT contains now. */
START_TEST(hidden_parts)
{
    struct ws__engine_exception exception;
    struct ws_descriptor segment;
    gdt_load();
    gdt_entry(10, WS_TYPE_WRITABLE, 0, 0x12345000);
    RUN(CODE + 0x100, &exception, 0x66, 0xb8, 0x50, 0, 0x8e, 0xe0, 0xf4); /* mov $0x50,%ax; mov %ax,%fs */
    gdt_entry(10, WS_TYPE_WRITABLE, 0, 0);
    ws__engine_segment(rig.engine, WS_FS, &segment);
    ck_assert_uint_eq(segment.base, 0x12345000);
    ck_assert_uint_eq(segment.limit, UINT32_MAX);
    ck_assert(segment.present && segment.big && !segment.system);
}
END_TEST

/* The guest changes one register after the other, and the state pointer shows each change. */
START_TEST(the_state_pointer_shows_what_is_there)
{
    struct ws__engine_exception exception;
    gdt_load();
    gdt_entry(10, WS_TYPE_WRITABLE, 0, 0x12345000);
    rig.compares = true;
    RUN(CODE + 0x100, &exception, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,        /* inc %eax, to inc %edi */
        0x66, 0xb8, 0x50, 0, 0x8e, 0xc0, 0x8e, 0xd0, 0x8e, 0xd8, 0x8e, 0xe0, 0x8e, 0xe8, /* ES, SS, DS, FS, GS */
        0xb8, 0x78, 0x56, 0x34, 0x12, 0x0f, 0x22, 0xd0,                                  /* CR2 */
        0xb8, 0x00, 0x30, 0, 0, 0x0f, 0x22, 0xd8,                                        /* CR3 */
        0xb8, 0x90, 0, 0, 0, 0x0f, 0x22, 0xe0,                                           /* CR4 */
        0xb8, 0x33, 0, 0, 0, 0x0f, 0x22, 0xc0, 0x90, 0xf4);                              /* CR0 */
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_CR2), 0x12345678);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_CR0), 0x33);
    ck_assert_uint_eq(ws__engine_get(rig.engine, WS_GS), 0x50);
    ck_assert_uint_ge(rig.begun, 8 + 6 + 8 + 2);
}
END_TEST

/* Each page fault writes CR2.  It is written alone, and the engine's TLB is as it was. */
START_TEST(cr2_is_written_alone)
{
    struct ws__engine_exception exception;
    static const uint32_t value[] = {0x12345678, 0xfffffffc};
    unsigned fills = 0;
    ws__engine_set(rig.engine, WS_CR0, WS_CR0_PE | WS_CR0_PG);
    ws__engine_set(rig.engine, WS_CR3, 0x3000);
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) { /* first without a state pointer, then with one */
        uint32_t cr2 = 0, cr3 = 0;
        ws__engine_set(rig.engine, WS_CR2, value[i]);
        uc_reg_read(rig.engine->uc, UC_X86_REG_CR2, &cr2);
        uc_reg_read(rig.engine->uc, UC_X86_REG_CR3, &cr3);
        ck_assert_uint_eq(cr2, value[i]);
        ck_assert_uint_eq(cr3, 0x3000);
        fills = rig.fills;
        RUN(CODE, &exception, 0x58, 0xf4); /* pop %eax */
    }
    ck_assert_uint_ne(fills, 0);
#ifdef __x86_64__
    ck_assert_uint_eq(rig.fills, fills);
#endif
}
END_TEST

Suite *engine_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tests = tcase_create("unicorn");
    tcase_add_checked_fixture(tests, rig_make, rig_break);
    tcase_add_test(tests, starts_like_multiboot);
    tcase_add_test(tests, stops_in_front);
    tcase_add_test(tests, translates_until);
    tcase_add_test(tests, forgets_exceptions);
    tcase_add_test(tests, invalid_opcode_is_an_exception);
    tcase_add_test(tests, behind_ram);
    tcase_add_test(tests, ports);
    tcase_add_test(tests, forgets_code);
    tcase_add_test(tests, state_comes_back);
    tcase_add_loop_test(tests, enters_rings, 0, 16);
    tcase_add_test(tests, hidden_parts);
    tcase_add_test(tests, the_state_pointer_shows_what_is_there);
    tcase_add_test(tests, cr2_is_written_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
