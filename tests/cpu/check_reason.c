/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons: each row is a program of a few instructions that faults, and why.  The vector and the error code are the
 * manual's; tests/guest compares those with QEMU.
 */
#include "cpu/stage.h"

enum { EVENTS = 8, STEPS = 12 };

struct heard {
    struct ws_event event[EVENTS];
    unsigned count;
};

static void event_keep(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct heard *heard = context;
    (void)machine;
    if (heard->count < EVENTS)
        heard->event[heard->count++] = *event;
}

/* Run the program until something is raised. */
static struct heard hear(unsigned ring, void (*spoil)(struct ws_machine *machine), const uint8_t *code, size_t size)
{
    struct heard heard = {.count = 0};
    struct stage stage = stage_make(ring, WS_EFLAGS_FIXED, code, size);
    if (spoil)
        spoil(stage.machine);
    ck_assert_int_eq(
        ws_machine_listen(stage.machine, WS_EVENT_MASK(VECTOR) | WS_EVENT_MASK(FAULT_CHAIN), event_keep, &heard),
        WS_OK);
    for (unsigned i = 0; i < STEPS && !heard.count; i++)
        ws_machine_run(stage.machine, 1);
    ws_machine_free(stage.machine);
    return heard;
}

static void text_expect(const char *name, const struct ws_reason *reason, const char *text)
{
    struct ws_buffer found = WS_BUFFER_INIT;
    ws_reason_append(&found, reason);
    ck_assert_msg(!strcmp(ws_buffer_text(&found), text), "%s: \"%s\", not \"%s\"", name, ws_buffer_text(&found), text);
    ck_assert_str_ne(ws_reason_citation(reason), "");
    ws_buffer_release(&found);
}

/* -- what instructions do ---------------------------------------------------------------------- */

static void spare_put(struct ws_machine *machine, struct ws_descriptor descriptor)
{
    descriptor_put(machine, SPARE, &descriptor);
}

static void spare_absent(struct ws_machine *machine)
{
    spare_put(machine, (struct ws_descriptor){.limit = UINT32_MAX, .type = DATA_USED, .big = true});
}

static void spare_short(struct ws_machine *machine)
{
    spare_put(machine, (struct ws_descriptor){.limit = 0xf, .type = DATA_USED, .present = true, .big = true});
}

static void spare_down(struct ws_machine *machine)
{
    spare_put(machine, (struct ws_descriptor){
                           .limit = 0xfff, .type = DATA_USED | WS_TYPE_EXPAND_DOWN, .present = true, .big = true});
}

static void spare_read_only(struct ws_machine *machine)
{
    spare_put(machine,
              (struct ws_descriptor){.limit = UINT32_MAX, .type = WS_TYPE_ACCESSED, .present = true, .big = true});
}

static void code_short(struct ws_machine *machine)
{
    spare_put(machine, (struct ws_descriptor){.limit = 0xfff, .type = CODE_USED, .present = true, .big = true});
}

static void page_gone(struct ws_machine *machine)
{
    word_put(machine, TABLE + 4 * 0x80, 0);
}

static void page_read_only(struct ws_machine *machine)
{
    word_put(machine, TABLE + 4 * 0x80, 0x80000 | WS_PTE_P | WS_PTE_US);
}

static void no_bitmap(struct ws_machine *machine)
{
    word_put(machine, TSS + 0x64, 0x68 << 16);
}

/* clang-format off */
static const struct {
    const char *name;
    unsigned ring;
    void (*spoil)(struct ws_machine *machine);
    uint8_t code[24];
    uint8_t vector;
    uint32_t error_code;
    const char *text;
} fault_rows[] = {
    {"hlt", 3, NULL, {0xf4}, WS_VECTOR_GP, 0, "only ring 0 may execute this instruction, and CPL is 3"},
    {"mov %eax,%cr3", 3, NULL, {0x0f, 0x22, 0xd8}, WS_VECTOR_GP, 0,
     "only ring 0 may execute this instruction, and CPL is 3"},
    {"cli", 3, NULL, {0xfa}, WS_VECTOR_GP, 0, "CPL 3 is greater than IOPL 0: this ring may not change IF"},
    {"in", 3, no_bitmap, {0xe4, 0x20}, WS_VECTOR_GP, 0,
     "port 0x20: CPL 3 is greater than IOPL 0, and the TSS's bitmap does not allow the port"},
    {"xor %ecx,%ecx; div %ecx", 0, NULL, {0x31, 0xc9, 0xf7, 0xf1}, WS_VECTOR_DE, 0, "the divisor is 0"},
    {"mov $0x200,%ecx; div %cl", 0, NULL, {0xb9, 0, 2, 0, 0, 0xf6, 0xf1}, WS_VECTOR_DE, 0, "the divisor is 0"},
    {"mov $2,%ecx; mov $2,%edx; div %ecx", 0, NULL, {0xb9, 2, 0, 0, 0, 0xba, 2, 0, 0, 0, 0xf7, 0xf1}, WS_VECTOR_DE, 0,
     "the quotient of a division by 0x2 does not fit into its register"},
    {"ud2", 0, NULL, {0x0f, 0x0b}, WS_VECTOR_UD, 0, "ud2 exists to raise this exception"},
    {"no instruction", 0, NULL, {0x0f, 0xff, 0xff}, WS_VECTOR_UD, 0,
     "this CPU has no instruction with the bytes 0xf 0xff and so on"},
    {"mov %eax,%cr1", 0, NULL, {0x0f, 0x22, 0xc8}, WS_VECTOR_UD, 0, "there is no CR1"},
    {"mov $0x50,%eax; mov %eax,%ds", 0, NULL, {0xb8, 0x50, 0, 0, 0, 0x8e, 0xd8}, WS_VECTOR_GP, 0x50,
     "selector 0x0050 (GDT entry 10) lies beyond the limit 0x37 of that table"},
    {"mov $0xf,%eax; mov %eax,%es", 0, NULL, {0xb8, 0xf, 0, 0, 0, 0x8e, 0xc0}, WS_VECTOR_GP, 0xc,
     "selector 0x000f (LDT entry 1) names the LDT, but no LDT was loaded"},
    {"mov $TSS,%eax; mov %eax,%fs", 0, NULL, {0xb8, 0x28, 0, 0, 0, 0x8e, 0xe0}, WS_VECTOR_GP, 0x28,
     "descriptor 0x0028 (GDT entry 5) is 32-bit TSS (busy), which FS cannot hold"},
    {"mov $KERNEL_DATA,%eax; mov %eax,%ds", 3, NULL, {0xb8, 0x10, 0, 0, 0, 0x8e, 0xd8}, WS_VECTOR_GP, 0x10,
     "descriptor 0x0010 (GDT entry 2) has DPL 0: CPL 3 and RPL 0 must not be greater"},
    {"mov %ax,%ds, not present", 0, spare_absent, {0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8}, WS_VECTOR_NP, 0x30,
     "descriptor 0x0030 (GDT entry 6) is not present: its P bit is 0"},
    {"xor %eax,%eax; mov %eax,%ss", 0, NULL, {0x31, 0xc0, 0x8e, 0xd0}, WS_VECTOR_GP, 0,
     "the selector 0x0 is null: it names no segment"},
    {"mov $USER_DATA,%eax; mov %eax,%ss", 0, NULL, {0xb8, 0x23, 0, 0, 0, 0x8e, 0xd0}, WS_VECTOR_GP, 0x20,
     "SS's selector 0x0023 (GDT entry 4) has RPL 3, but the stack is for ring 0"},
    {"mov $KERNEL_CODE,%eax; mov %eax,%ss", 0, NULL, {0xb8, 0x08, 0, 0, 0, 0x8e, 0xd0}, WS_VECTOR_GP, 0x8,
     "SS must be writable data, but descriptor 0x0008 (GDT entry 1) is 32-bit code, readable"},
    {"mov $0x20,%eax; mov %eax,%ss", 0, NULL, {0xb8, 0x20, 0, 0, 0, 0x8e, 0xd0}, WS_VECTOR_GP, 0x20,
     "SS's descriptor 0x0020 (GDT entry 4) has DPL 3, but the stack is for ring 0"},
    {"mov %ax,%ss, not present", 0, spare_absent, {0xb8, 0x30, 0, 0, 0, 0x8e, 0xd0}, WS_VECTOR_SS, 0x30,
     "descriptor 0x0030 (GDT entry 6) is not present: its P bit is 0"},
    {"ltr, busy", 0, NULL, {0xb8, 0x28, 0, 0, 0, 0x0f, 0x00, 0xd8}, WS_VECTOR_GP, 0x28,
     "an available TSS is wanted, but descriptor 0x0028 (GDT entry 5) is 32-bit TSS (busy)"},
    {"ltr, null", 0, NULL, {0x31, 0xc0, 0x0f, 0x00, 0xd8}, WS_VECTOR_GP, 0,
     "the selector 0x0 is null: it names no segment"},
    {"lldt, data", 0, NULL, {0xb8, 0x10, 0, 0, 0, 0x0f, 0x00, 0xd0}, WS_VECTOR_GP, 0x10,
     "lldt wants an LDT, but descriptor 0x0010 (GDT entry 2) is data, writable"},
    {"ljmp to data", 0, NULL, {0xea, 0, 0, 0, 0, 0x10, 0}, WS_VECTOR_GP, 0x10,
     "CS must be code, but descriptor 0x0010 (GDT entry 2) is data, writable"},
    {"ljmp to an empty entry", 0, NULL, {0xea, 0, 0, 0, 0, 0x30, 0}, WS_VECTOR_GP, 0x30,
     "CS must be code, but descriptor 0x0030 (GDT entry 6) is empty (type 0)"},
    {"ljmp beyond a limit", 0, code_short, {0xea, 0, 0, 1, 0, 0x30, 0}, WS_VECTOR_GP, 0,
     "the branch leads to offset 0x10000, beyond the limit 0xfff of the code segment"},
    {"ljmp to ring 3", 0, NULL, {0xea, 0, 0, 0, 0, 0x1b, 0}, WS_VECTOR_GP, 0x18,
     "code descriptor 0x001b (GDT entry 3) has DPL 3, which CPL 0 and RPL 3 do not allow"},
    {"iret to ring 3 with a stack of ring 0", 0, NULL,
     {0x6a, 0x10, 0x6a, 0, 0x6a, 2, 0x6a, 0x1b, 0x6a, 0, 0xcf}, WS_VECTOR_GP, 0x10,
     "SS's selector 0x0010 (GDT entry 2) has RPL 0, but the stack is for ring 3"},
    {"iret inwards", 3, NULL, {0x6a, 2, 0x6a, 8, 0x6a, 0, 0xcf}, WS_VECTOR_GP, 0x8,
     "the return to selector 0x0008 (GDT entry 1), RPL 0, would lead inwards from CPL 3"},
    {"lret to data", 0, NULL, {0x6a, 0x10, 0x6a, 0, 0xcb}, WS_VECTOR_GP, 0x10,
     "CS must be code, but descriptor 0x0010 (GDT entry 2) is data, writable"},
    {"a null DS", 0, NULL, {0x31, 0xc0, 0x8e, 0xd8, 0xa1, 0, 0, 0, 0}, WS_VECTOR_GP, 0,
     "DS holds a null selector, so no memory can be reached through it"},
    {"beyond a limit", 0, spare_short, {0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8, 0xa1, 0xd, 0, 0, 0}, WS_VECTOR_GP, 0,
     "offset 0xd + 4 bytes is beyond DS's limit 0xf"},
    {"a stack beyond its limit", 0, spare_short, {0xb8, 0x30, 0, 0, 0, 0x8e, 0xd0, 0x50}, WS_VECTOR_SS, 0,
     "offset 0x7ffc + 4 bytes is beyond SS's limit 0xf"},
    {"below what expands down", 0, spare_down, {0xb8, 0x30, 0, 0, 0, 0x8e, 0xc0, 0x26, 0xa1, 0xff, 0xf, 0, 0},
     WS_VECTOR_GP, 0, "offset 0xfff + 4 bytes is not above the limit of ES, which expands down: 0xfff"},
    {"read-only data", 0, spare_read_only, {0xb8, 0x30, 0, 0, 0, 0x8e, 0xd8, 0xa3, 0, 0, 0, 0}, WS_VECTOR_GP, 0,
     "DS is data, read-only: the access is not allowed"},
    {"a write through CS", 0, NULL, {0x2e, 0xa3, 0, 0, 0, 0}, WS_VECTOR_GP, 0,
     "CS is 32-bit code, readable: the access is not allowed"},
    {"SSE off", 0, NULL, {0x0f, 0x28, 0x00}, WS_VECTOR_UD, 0, "the guest has not switched SSE on: CR4.OSFXSR is 0"},
    {"SSE, not aligned", 0, NULL,
     {0xb8, 0x00, 2, 0, 0, 0x0f, 0x22, 0xe0, 0xb8, 1, 0, 1, 0, 0x0f, 0x28, 0x00}, WS_VECTOR_GP, 0,
     "the operand at 0x10001 is not on a multiple of 16 bytes"},
    {"CR0.TS; fld1", 0, NULL, {0x0f, 0x20, 0xc0, 0x0c, 0x08, 0x0f, 0x22, 0xc0, 0xd9, 0xe8}, WS_VECTOR_NM, 0,
     "CR0.TS is set: the unit's registers may be those of another task"},
    {"CR0.EM; fld1", 0, NULL, {0x0f, 0x20, 0xc0, 0x0c, 0x04, 0x0f, 0x22, 0xc0, 0xd9, 0xe8}, WS_VECTOR_NM, 0,
     "CR0.EM is set: there is no floating-point unit to use"},
    {"rdmsr", 0, NULL, {0xb9, 0x45, 0x23, 1, 0, 0x0f, 0x32}, WS_VECTOR_GP, 0,
     "there is no model-specific register 0x12345"},
    {"wrmsr of memory types that do not exist", 0, NULL,
     {0xb9, 0x77, 2, 0, 0, 0xb8, 2, 0, 0, 0, 0x31, 0xd2, 0x0f, 0x30}, WS_VECTOR_GP, 0,
     "model-specific register 0x277 does not take 0x0:0x2"},
    {"rdpmc", 0, NULL, {0x31, 0xc9, 0x0f, 0x33}, WS_VECTOR_GP, 0, "this CPU has no performance counter 0x0"},
    {"CR4 with a reserved bit", 0, NULL, {0xb8, 0, 0, 0, 0x80, 0x0f, 0x22, 0xe0}, WS_VECTOR_GP, 0,
     "the value 0x80000000 for CR4 sets bits that this CPU does not have: 0x80000000"},
    {"CR0 with NW alone", 0, NULL, {0xb8, 0x11, 0, 1, 0xa0, 0x0f, 0x22, 0xc0}, WS_VECTOR_GP, 0,
     "the value 0xa0010011 for CR0 sets NW without CD"},
    {"bound", 0, NULL, {0xb8, 0xff, 0xff, 0, 0, 0x62, 0x05, 0, 0, 2, 0}, WS_VECTOR_BR, 0,
     "the index 65535 is not from 65259 to 0"}, /* bounds: the code of an endless loop */
    {"a lock of registers", 0, NULL, {0xf0, 0x01, 0xc0}, WS_VECTOR_UD, 0,
     "the lock prefix goes only with certain instructions that write to memory, and this is none of them"},
    {"a single step", 0, NULL, {0x9c, 0x80, 0x4c, 0x24, 1, 1, 0x9d, 0x90}, WS_VECTOR_DB, 0,
     "a debug condition was met: a single step, as TF is set (DR6 is 0xffff4ff0)"},
    {"iret with NT", 0, NULL, {0x9c, 0x80, 0x4c, 0x24, 1, 0x40, 0x9d, 0xcf}, WS_VECTOR_TS, 0,
     "NT is set, so iret returns to the task in the TSS's link, which must be busy, but 0x0000 (GDT entry 0) is empty "
     "(type 0)"},
    {"int3", 0, NULL, {0xcc}, WS_VECTOR_BP, 0, "the guest asked for vector 3 (#BP) with an instruction"},
    {"no page", 0, page_gone, {0xa1, 0x10, 0, 8, 0}, WS_VECTOR_PF, 0,
     "the page table entry is not present: the entry at physical 0x5200 is 0x0"},
    {"a read-only page with WP", 0, page_read_only, {0xa3, 0x10, 0, 8, 0}, WS_VECTOR_PF, WS_PF_P | WS_PF_W,
     "the page may not be written: the entry at physical 0x5200 is 0x80005"},
};
/* clang-format on */

START_TEST(faults_have_reasons)
{
    const char *name = fault_rows[_i].name;
    struct heard heard =
        hear(fault_rows[_i].ring, fault_rows[_i].spoil, fault_rows[_i].code, sizeof fault_rows[_i].code);
    ck_assert_msg(heard.count, "%s: no exception", name);
    const struct ws_event *event = &heard.event[0];
    ck_assert_msg(event->which == fault_rows[_i].vector && event->error_code == fault_rows[_i].error_code,
                  "%s: vector %u, error code 0x%x", name, event->which, event->error_code);
    text_expect(name, &event->reason, fault_rows[_i].text);
}
END_TEST

/* -- deliveries -------------------------------------------------------------------------------- */

static void gate_change(struct ws_machine *machine, uint8_t type, uint16_t selector, bool present)
{
    struct ws_gate gate = gate_plain(WS_VECTOR_UD);
    gate.type = type;
    gate.selector = selector;
    gate.present = present;
    gate_put(machine, WS_VECTOR_UD, &gate);
}

static void gate_absent(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_INTERRUPT_GATE32, KERNEL_CODE, false);
}

static void gate_of_no_type(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_TSS32, KERNEL_CODE, true);
}

static void gate_empty(struct ws_machine *machine)
{
    put(machine, IDT + 8 * WS_VECTOR_UD, (uint8_t[8]){0}, 8);
}

static void gate_to_null(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_TRAP_GATE32, 0, true);
}

static void gate_beyond(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_TRAP_GATE32, 0x50, true);
}

static void gate_to_data(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_TRAP_GATE32, KERNEL_DATA, true);
}

static void gate_outwards(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_TRAP_GATE32, USER_CODE, true);
}

static void handler_beyond(struct ws_machine *machine)
{
    gate_change(machine, WS_TYPE_TRAP_GATE32, SPARE, true);
    spare_put(machine, (struct ws_descriptor){.limit = 0xfff, .type = CODE_USED, .present = true, .big = true});
}

static void idt_unmapped(struct ws_machine *machine)
{
    word_put(machine, TABLE + 4 * (IDT >> 12), 0);
}

static void stack_null(struct ws_machine *machine)
{
    word_put(machine, TSS + 8, 0);
}

static void stack_of_ring_3(struct ws_machine *machine)
{
    word_put(machine, TSS + 8, USER_DATA);
}

static void stack_unmapped(struct ws_machine *machine)
{
    word_put(machine, TABLE + 4 * ((ESP0 >> 12) - 1), 0);
}

/* clang-format off */
static const struct {
    const char *name;
    unsigned ring;
    void (*spoil)(struct ws_machine *machine);
    uint8_t vector;
    uint32_t error_code;
    const char *text;
} delivery_rows[] = {
    {"not present", 0, gate_absent, WS_VECTOR_NP, 0x33,
     "the gate of vector 6 (#UD) is not present: at IDT + 0x30 its P bit is 0"},
    {"no gate", 0, gate_of_no_type, WS_VECTOR_GP, 0x33,
     "the gate of vector 6 (#UD) is no interrupt, trap or task gate: IDT + 0x30 holds type 0x9"},
    {"empty", 0, gate_empty, WS_VECTOR_GP, 0x33,
     "the gate of vector 6 (#UD) is empty: IDT + 0x30 holds 00000000 00000000"},
    {"null", 0, gate_to_null, WS_VECTOR_GP, 0x1, "the gate of vector 6 (#UD) names a null selector"},
    {"beyond the GDT", 0, gate_beyond, WS_VECTOR_GP, 0x51,
     "selector 0x0050 (GDT entry 10) lies beyond the limit 0x37 of that table"},
    {"data", 0, gate_to_data, WS_VECTOR_GP, 0x11,
     "the gate of vector 6 (#UD) names selector 0x0010 (GDT entry 2), which is data, writable and not code"},
    {"outwards", 0, gate_outwards, WS_VECTOR_GP, 0x19,
     "the handler of vector 6 (#UD) is in ring 3, outside of the interrupted ring 0"},
    {"beyond the code segment", 0, handler_beyond, WS_VECTOR_GP, 0x1,
     "the handler's offset 0x20060 is beyond the limit 0xfff of its code segment"},
    {"IDT not mapped", 0, idt_unmapped, WS_VECTOR_PF, 0,
     "the page table entry is not present: the entry at physical 0x5008 is 0x0"},
    {"SS0 null", 3, stack_null, WS_VECTOR_TS, 0x1, "SS0 in the TSS is null"},
    {"SS0 of ring 3", 3, stack_of_ring_3, WS_VECTOR_TS, 0x21,
     "SS's selector 0x0023 (GDT entry 4) has RPL 3, but the stack is for ring 0"},
    {"ESP0 not mapped", 3, stack_unmapped, WS_VECTOR_PF, WS_PF_W,
     "the page table entry is not present: the entry at physical 0x5024 is 0x0"},
};
/* clang-format on */

START_TEST(deliveries_have_reasons)
{
    static const uint8_t ud2[] = {0x0f, 0x0b};
    const char *name = delivery_rows[_i].name;
    struct heard heard = hear(delivery_rows[_i].ring, delivery_rows[_i].spoil, ud2, sizeof ud2);
    ck_assert_msg(heard.count >= 2, "%s: %u events", name, heard.count);
    ck_assert_uint_eq(heard.event[0].kind, WS_EVENT_FAULT_CHAIN);
    ck_assert_uint_eq(heard.event[0].which, WS_VECTOR_UD);
    const struct ws_event *event = &heard.event[1];
    ck_assert_msg(event->which == delivery_rows[_i].vector && event->error_code == delivery_rows[_i].error_code,
                  "%s: vector %u, error code 0x%x", name, event->which, event->error_code);
    text_expect(name, &event->reason, delivery_rows[_i].text);
}
END_TEST

/* -- the chain --------------------------------------------------------------------------------- */

static struct stage dead_stage(void)
{
    static const uint8_t load[] = {0xa1, 0x10, 0, 8, 0};
    struct stage stage = stage_make(0, WS_EFLAGS_FIXED, load, sizeof load);
    page_gone(stage.machine);
    idt_unmapped(stage.machine);
    return stage;
}

static void chain_expect(const struct ws_halt *halt, uint32_t eip)
{
    static const uint8_t vectors[] = {WS_VECTOR_PF, WS_VECTOR_PF, WS_VECTOR_DF, WS_VECTOR_PF};
    static const uint32_t cr2[] = {0x80010, IDT + 8 * WS_VECTOR_PF, 0, IDT + 8 * WS_VECTOR_DF};
    ck_assert_uint_eq(halt->reason, WS_HALT_TRIPLE_FAULT);
    ck_assert_uint_eq(halt->faults, 4);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(halt->fault[i].vector, vectors[i]);
        ck_assert_uint_eq(halt->fault[i].cr2, cr2[i]);
        ck_assert_uint_eq(halt->fault[i].eip, eip);
        ck_assert_uint_eq(halt->fault[i].cpl, 0);
        ck_assert_uint_eq(halt->fault[i].has_error_code, 1);
    }
}

/* A page fault, another one while it is delivered, the double fault, a third one.  Each has its own CR2. */
START_TEST(chain_of_a_triple_fault)
{
    struct stage stage = dead_stage();
    struct ws_snapshot *before, *after;
    ck_assert_int_eq(ws_snapshot_take(&before, stage.machine), WS_OK);
    ck_assert_int_eq(ws_machine_run(stage.machine, 5), WS_STOP_HALT);
    chain_expect(ws_machine_halt(stage.machine), stage.start);
    ck_assert_int_eq(ws_snapshot_take(&after, stage.machine), WS_OK);
    ws_snapshot_restore(before, stage.machine);
    ck_assert_uint_eq(ws_machine_halt(stage.machine)->faults, 0);
    ws_snapshot_restore(after, stage.machine);
    chain_expect(ws_machine_halt(stage.machine), stage.start);
    ws_snapshot_free(before);
    ws_snapshot_free(after);
    ws_machine_free(stage.machine);
}
END_TEST

/* A saved state has it, too. */
START_TEST(chain_is_saved)
{
    struct stage stage = dead_stage();
    struct ws_buffer saved = WS_BUFFER_INIT;
    struct ws_snapshot *before;
    ck_assert_int_eq(ws_snapshot_take(&before, stage.machine), WS_OK);
    ws_machine_run(stage.machine, 5);
    ck_assert_int_eq(ws_machine_save(stage.machine, before, &saved), WS_OK);
    ws_snapshot_restore(before, stage.machine);
    ck_assert_int_eq(ws_machine_load(stage.machine, saved.data, saved.size), WS_OK);
    chain_expect(ws_machine_halt(stage.machine), stage.start);
    ws_buffer_release(&saved);
    ws_snapshot_free(before);
    ws_machine_free(stage.machine);
}
END_TEST

Suite *reason_suite(void)
{
    Suite *suite = suite_create("reason");
    TCase *tcase = tcase_create("reason");
    tcase_add_loop_test(tcase, faults_have_reasons, 0, sizeof fault_rows / sizeof fault_rows[0]);
    tcase_add_loop_test(tcase, deliveries_have_reasons, 0, sizeof delivery_rows / sizeof delivery_rows[0]);
    tcase_add_test(tcase, chain_of_a_triple_fault);
    tcase_add_test(tcase, chain_is_saved);
    suite_add_tcase(suite, tcase);
    return suite;
}
