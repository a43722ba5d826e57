/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers, and code made of them: rich in privileged and two-byte opcodes, in far transfers,
 * and in writes to the guest's own tables.  The code of lively guests is rich in loads and stores beside the code.
 */
#include "fuzz/random_guest.h"

#include <worldswitch/paging.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* -- random numbers ---------------------------------------------------------------------------- */

uint32_t roll(struct dice *dice, uint32_t sides)
{
    if (dice->bytes >= 2) {
        uint32_t value = dice->input[0] | (uint32_t)dice->input[1] << 8;
        dice->input += 2;
        dice->bytes -= 2;
        dice->state = (dice->state + value + 1) * UINT64_C(0x9e3779b97f4a7c15);
        return value % sides;
    }
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = dice->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) >> 16) % sides;
}

uint32_t roll_word(struct dice *dice)
{
    return roll(dice, 0x10000) << 16 | roll(dice, 0x10000);
}

/* Near the end of a page. */
static uint32_t edge_of(struct dice *dice)
{
    uint32_t end = roll(dice, 2) ? EDGES + (1 + roll(dice, EDGE_PAGES)) * WS_PAGE_BYTES
                                 : SECOND + roll(dice, SECOND_PAGES) * WS_PAGE_BYTES;
    return end - EDGE_BYTES + roll(dice, 2 * EDGE_BYTES);
}

uint32_t roll_value(struct dice *dice)
{
    static const uint32_t edges[] = {0,          1,          0xffffffff, 0x80000000, 0x7fffffff, 0x80000011, 0x00000011,
                                     0x80010033, 0xfffffffc, 0x00000690, 0x00000010, 0x00003202, 0x00000102, 0x00024002,
                                     0xc0000080, 0x000000ff, 0x0000ffff, 0x00100000, 0x000ffffe, 0x1000fff0};
    switch (roll(dice, 8)) {
    case 0:
        return roll_word(dice);
    case 1:
        return edges[roll(dice, sizeof edges / sizeof edges[0])];
    case 2:
        return roll(dice, GDT_ENTRIES + 2) * 8 | roll(dice, 8);
    case 3:
        return GDT + roll(dice, TABLE + 0x1000 - GDT);
    case 4:
        return CODE + roll(dice, CODE_BYTES);
    case 5:
        return ALIASES + roll(dice, ALIAS_PAGES) * WS_PAGE_BYTES + roll(dice, CODE_BYTES);
    case 6:
        return edge_of(dice);
    default:
        return roll(dice, 256);
    }
}

/* -- code -------------------------------------------------------------------------------------- */

static void put(struct code *code, uint32_t value, unsigned bytes)
{
    memcpy(code->bytes + code->size, &value, bytes);
    code->size += bytes;
}

/* mov to %eax */
static void put_eax(struct code *code, uint32_t value)
{
    put(code, 0xb8, 1);
    put(code, value, 4);
}

/* ModRM with any register field; as often as not an absolute address, so that tables and code are
 * hit. */
static void put_modrm(struct code *code, unsigned reg)
{
    struct dice *dice = code->dice;
    if (roll(dice, 2)) {
        put(code, 0x05 | reg << 3, 1);
        put(code, roll_value(dice), 4);
    } else {
        put(code, (roll(dice, 256) & 0xc7) | reg << 3, 1);
        put(code, roll_value(dice), 4);
    }
}

static void put_prefixes(struct code *code)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    while (roll(code->dice, 4) == 0)
        put(code, prefixes[roll(code->dice, sizeof prefixes)], 1);
}

static void emit_noise(struct code *code)
{
    for (unsigned n = 1 + roll(code->dice, 8); n; n--)
        put(code, roll(code->dice, 256), 1);
}

static void emit_load(struct code *code)
{
    put(code, 0xb8 + roll(code->dice, 8), 1);
    put(code, roll_value(code->dice), 4);
}

/* mov between general, control and debug registers, under any mode field. */
static void emit_control(struct code *code)
{
    if (roll(code->dice, 2))
        emit_load(code);
    put_prefixes(code);
    put(code, 0x0f, 1);
    put(code, 0x20 + roll(code->dice, 7), 1);
    put(code, roll(code->dice, 256), 1);
}

static void emit_system(struct code *code)
{
    put_prefixes(code);
    put(code, 0x0f, 1);
    put(code, roll(code->dice, 4), 1);
    put_modrm(code, roll(code->dice, 8));
}

static void emit_segment(struct code *code)
{
    static const uint8_t opcodes[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f};
    if (roll(code->dice, 2)) {
        put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
        return;
    }
    put(code, 0xb8, 1);
    put(code, roll(code->dice, GDT_ENTRIES) * 8 | roll(code->dice, 8), 4);
    put(code, 0x8e, 1);
    put(code, 0xc0 | roll(code->dice, 8) << 3, 1);
}

static void emit_far(struct code *code)
{
    put_prefixes(code);
    put(code, roll(code->dice, 2) ? 0xea : 0x9a, 1);
    put(code, CODE + roll(code->dice, CODE_BYTES), 4);
    put(code, roll(code->dice, GDT_ENTRIES) * 8 | roll(code->dice, 8), 2);
}

static void emit_short(struct code *code)
{
    static const uint8_t opcodes[] = {0xcc, 0xcd, 0xce, 0xcf, 0xcb, 0xca, 0xc3, 0xc2, 0xf1, 0xfa, 0xfb, 0x9c,
                                      0x9d, 0x60, 0x61, 0xc8, 0xc9, 0xfc, 0xfd, 0x9b, 0xd7, 0xf5, 0x98, 0x99};
    put_prefixes(code);
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
    if (roll(code->dice, 2))
        put(code, roll_value(code->dice), 1);
}

/* Push a frame and return through it. */
static void emit_return(struct code *code)
{
    static const uint32_t rings[][2] = {{SELECTOR_CODE, SELECTOR_DATA}, {SELECTOR_USER_CODE, SELECTOR_USER_DATA}};
    unsigned ring = roll(code->dice, 2);
    const uint32_t frame[] = {rings[ring][1], STACKS + roll(code->dice, 0x4000), roll_value(code->dice), rings[ring][0],
                              CODE + roll(code->dice, CODE_BYTES)};
    for (size_t i = 0; i < sizeof frame / sizeof frame[0]; i++) {
        put(code, 0x68, 1);
        put(code, roll(code->dice, 16) ? frame[i] : roll_value(code->dice), 4);
    }
    put(code, roll(code->dice, 4) ? 0xcf : 0xcb, 1);
}

static void emit_port(struct code *code)
{
    static const uint8_t opcodes[] = {0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0x6c, 0x6d, 0x6e, 0x6f};
    put_prefixes(code);
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
    put(code, roll(code->dice, 0xf0), 1);
}

static void emit_string(struct code *code)
{
    static const uint8_t opcodes[] = {0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf};
    if (roll(code->dice, 2)) {
        put(code, 0xb9, 1);
        put(code, roll(code->dice, 64), 4);
    }
    put(code, roll(code->dice, 2) ? 0xf3 : 0xf2, 1);
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
}

static void emit_float(struct code *code)
{
    put_prefixes(code);
    put(code, 0xd8 + roll(code->dice, 8), 1);
    put_modrm(code, roll(code->dice, 8));
}

static void emit_two_byte(struct code *code)
{
    put_prefixes(code);
    put(code, 0x0f, 1);
    put(code, roll(code->dice, 256), 1);
    put_modrm(code, roll(code->dice, 8));
}

static void emit_three_byte(struct code *code)
{
    put_prefixes(code);
    put(code, 0x0f, 1);
    put(code, roll(code->dice, 2) ? 0x38 : 0x3a, 1);
    put(code, roll(code->dice, 256), 1);
    put_modrm(code, roll(code->dice, 8));
}

/* mov to memory: tables, stacks, code. */
static void emit_store(struct code *code)
{
    static const uint8_t opcodes[] = {0x00, 0x01, 0x88, 0x89, 0x86, 0x87, 0xfe,
                                      0xff, 0xc6, 0xc7, 0x80, 0x81, 0x83, 0x8f};
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
    put_modrm(code, roll(code->dice, 8));
    put(code, roll_value(code->dice), 4);
}

/* push, ret */
static void put_branch(struct code *code, uint32_t linear)
{
    put(code, 0x68, 1);
    put(code, linear, 4);
    put(code, 0xc3, 1);
}

/* To code at the end of a page. */
static void emit_edge(struct code *code)
{
    put_branch(code, edge_of(code->dice));
}

/* A page whose entry may be changed. */
static uint32_t remapped_page(struct dice *dice)
{
    if (roll(dice, 4) == 0)
        return CODE >> 12;
    if (roll(dice, 3) == 0)
        return (SECOND >> 12) + roll(dice, SECOND_PAGES);
    return roll(dice, 2) ? roll(dice, 256) : (ALIASES >> 12) + roll(dice, ALIAS_PAGES);
}

/* Another entry for it. */
static uint32_t remapped_entry(struct dice *dice)
{
    uint32_t rights = roll(dice, 4) ? 7 : roll(dice, 0x80);
    if (roll(dice, 2))
        return CODE | rights;
    return (roll(dice, 2) ? roll(dice, 256) << 12 : EDGES + roll(dice, EDGE_PAGES) * WS_PAGE_BYTES) | rights;
}

/* mov %eax to a page's entry: another page, none, other rights; or and to it: not accessed, not dirty, not there any
 * more.  Then, as often as not, what makes it valid. */
static void emit_remap(struct code *code)
{
    static const uint32_t kept[] = {~0x20u, ~0x40u, ~0x60u, ~0x02u, ~0x04u, ~0x01u};
    struct dice *dice = code->dice;
    uint32_t page = remapped_page(dice), entry = (page >> 10 ? SECOND_TABLE : TABLE) + 4 * (page & 1023);
    if (roll(dice, 2)) {
        put_eax(code, remapped_entry(dice));
        put(code, 0xa3, 1);
        put(code, entry, 4);
    } else {
        put(code, 0x2581, 2); /* andl $kept, entry */
        put(code, entry, 4);
        put(code, kept[roll(dice, sizeof kept / sizeof kept[0])], 4);
    }
    if (roll(dice, 2))
        return;
    if (roll(dice, 2)) {
        put(code, 0x3d010f, 3); /* invlpg */
        put(code, page << 12, 4);
    } else {
        put(code, 0xd8200f, 3); /* mov %cr3, %eax; mov %eax, %cr3 */
        put(code, 0xd8220f, 3);
    }
}

/* A byte of code is written, through its own address or another one, not far from here. */
static void emit_patch(struct code *code)
{
    uint32_t page = roll(code->dice, 2) ? CODE : ALIASES + roll(code->dice, ALIAS_PAGES) * WS_PAGE_BYTES;
    uint32_t offset = (uint32_t)code->size + roll(code->dice, 64);
    put(code, 0x05c6, 2); /* movb */
    put(code, page + offset % CODE_BYTES, 4);
    put(code, roll(code->dice, 2) ? 0x90 : roll(code->dice, 256), 1);
}

/* The ways in which a run ends, or waits. */
static void emit_halt(struct code *code)
{
    static const uint32_t ends[] = {0xf4, 0xf4fa, 0xf4fb, 0xf490fb, 0xf4fad08e, 0xf4fbd08e, 0xf4e6, 0x0b0f};
    if (roll(code->dice, 4))
        return; /* not too often */
    uint32_t end = ends[roll(code->dice, sizeof ends / sizeof ends[0])];
    for (; end; end >>= 8)
        put(code, end & 0xff, 1);
}

static void emit_jump(struct code *code)
{
    if (roll(code->dice, 2)) {
        put(code, 0x70 + roll(code->dice, 16), 1);
        put(code, roll(code->dice, 256), 1);
    } else {
        put(code, 0xe8 + roll(code->dice, 2), 1);
        put(code, roll(code->dice, CODE_BYTES) - (uint32_t)code->size, 4);
    }
}

/* VEX, EVEX and XOP in front of anything, debug registers above all. */
static void emit_disguised(struct code *code)
{
    static const uint8_t opcodes[] = {0xc4, 0xc5, 0x62, 0x8f};
    static const uint8_t inside[] = {0x20, 0x21, 0x22, 0x23, 0x77, 0xae, 0x10, 0x28};
    put_prefixes(code);
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
    for (unsigned n = 1 + roll(code->dice, 3); n; n--)
        put(code, 0xc0 | roll(code->dice, 256), 1);
    put(code, inside[roll(code->dice, sizeof inside)], 1);
    put(code, roll(code->dice, 256), 1);
}

static void emit_msr(struct code *code)
{
    static const uint8_t opcodes[] = {0x30, 0x31, 0x32, 0x33, 0xa2, 0x34, 0x35, 0x05, 0x07, 0x0b, 0xff, 0xaa};
    static const uint32_t msrs[] = {0x10, 0x1b, 0x174, 0x175, 0x176, 0x277, 0xc0000080, 0xc0000081, 0x1d9, 0x8b, 0x200};
    put(code, 0xb9, 1);
    put(code, roll(code->dice, 4) ? msrs[roll(code->dice, sizeof msrs / sizeof msrs[0])] : roll_value(code->dice), 4);
    put(code, 0x0f, 1);
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
}

/* -- lively code ------------------------------------------------------------------------------- */

/* In a page that holds code, behind it; by the page's own address or another one. */
static uint32_t beside_of(struct dice *dice)
{
    uint32_t page = roll(dice, 3) ? CODE : ALIASES + roll(dice, ALIAS_PAGES) * WS_PAGE_BYTES;
    return page + CODE_BYTES + roll(dice, CODE_BYTES / 64) * 64 + (roll(dice, 4) ? 0 : 61);
}

/* A general register, but not ESP. */
static uint32_t register_of(struct dice *dice)
{
    uint32_t which = roll(dice, 8);
    return which == 4 ? 0 : which;
}

static void emit_beside_load(struct code *code)
{
    static const uint8_t segments[] = {0x26, 0x2e, 0x36, 0x64, 0x65}, opcodes[] = {0x8b, 0x8a, 0x03, 0x33, 0x3b};
    if (roll(code->dice, 4) == 0)
        put(code, segments[roll(code->dice, sizeof segments)], 1);
    put(code, opcodes[roll(code->dice, sizeof opcodes)], 1);
    put(code, 0x05 | register_of(code->dice) << 3, 1);
    put(code, beside_of(code->dice), 4);
}

/* movl to memory */
static void put_word(struct code *code, uint32_t linear, uint32_t value)
{
    put(code, 0x05c7, 2);
    put(code, linear, 4);
    put(code, value, 4);
}

static void emit_beside_store(struct code *code)
{
    uint32_t linear = beside_of(code->dice);
    put_word(code, linear, roll_word(code->dice));
}

/* A loop that runs in block mode: mov $n, %ecx; up to three loads or inc; loop */
static void emit_loop(struct code *code)
{
    put(code, 0xb9, 1);
    put(code, 1 + roll(code->dice, 150), 4);
    size_t first = code->size;
    for (unsigned n = 1 + roll(code->dice, 3); n; n--) {
        if (roll(code->dice, 3) == 0)
            emit_beside_load(code);
        else
            put(code, 0x43 + 2 * roll(code->dice, 2), 1); /* inc %ebx or %ebp */
    }
    put(code, 0xe2, 1);
    put(code, (uint32_t)(first - code->size - 1), 1);
}

/* mov to DRn and DR7: on data or on an instruction, enabled or not. */
static void emit_breakpoint(struct code *code)
{
    struct dice *dice = code->dice;
    uint32_t number = roll(dice, 4), address = roll(dice, 3) ? beside_of(dice) : CODE + roll(dice, CODE_BYTES);
    put_eax(code, address);
    put(code, 0xc0230f | number << 19, 3);
    put_eax(code, roll(dice, 3) ? (roll_word(dice) & 0xffff00ff) | 0x400 : 0x400);
    put(code, 0xf8230f, 3);
}

/* A segment that ends near the code, or a flat one, or none. */
static void emit_near_segment(struct code *code)
{
    static const uint8_t registers[] = {0, 2, 3, 3, 4, 5};
    uint32_t selector = roll(code->dice, 2) ? SELECTOR_DATA : (NEAR_SEGMENT + roll(code->dice, NEAR_SEGMENTS)) * 8 | 3;
    put_eax(code, roll(code->dice, 8) ? selector : 0);
    put(code, 0x8e, 1);
    put(code, 0xc0 | registers[roll(code->dice, sizeof registers)] << 3, 1);
}

/* On behind this, by another address of the page. */
static void emit_through(struct code *code)
{
    uint32_t page = roll(code->dice, 2) ? CODE : ALIASES + roll(code->dice, ALIAS_PAGES) * WS_PAGE_BYTES;
    put_branch(code, page + (uint32_t)code->size + 6); /* push and ret have 6 bytes */
}

/* On behind this, in ring 3: five pushes, iret. */
static void emit_ring_3(struct code *code)
{
    const uint32_t frame[] = {SELECTOR_USER_DATA, STACKS + 0x2000, roll(code->dice, 8) ? 2 : 0x102, SELECTOR_USER_CODE,
                              CODE + (uint32_t)code->size + 26};
    for (size_t i = 0; i < sizeof frame / sizeof frame[0]; i++) {
        put(code, 0x68, 1);
        put(code, frame[i], 4);
    }
    put(code, 0xcf, 1);
}

/* CR0.WP changes: mov %cr0, %eax; xor $WP, %eax; mov %eax, %cr0 */
static void emit_write_protect(struct code *code)
{
    put(code, 0xc0200f, 3);
    put(code, 0x35, 1);
    put(code, 0x10000, 4);
    put(code, 0xc0220f, 3);
}

/* mov to %dx */
static void put_port(struct code *code, uint32_t port)
{
    put(code, 0xba66, 2);
    put(code, port, 2);
}

/* out of a byte: mov to %dx and %al; out */
static void put_out(struct code *code, uint32_t port, uint32_t value)
{
    put_port(code, port);
    put(code, 0xb0, 1);
    put(code, value, 1);
    put(code, 0xee, 1);
}

/* The same of four bytes. */
static void put_out_word(struct code *code, uint32_t port, uint32_t value)
{
    put_port(code, port);
    put_eax(code, value);
    put(code, 0xef, 1);
}

/* Where sectors from this one on go: over code, also at the end of a page and beside code, or over page tables. */
static uint32_t disk_target(struct dice *dice, uint32_t sector)
{
    if (sector >= CODE_SECTORS)
        return TABLE + sector % 2 * SECTOR;
    if (roll(dice, 4) == 0)
        return EDGES + (1 + roll(dice, EDGE_PAGES)) * WS_PAGE_BYTES - SECTOR;
    return CODE + roll(dice, WS_PAGE_BYTES / SECTOR) * SECTOR;
}

/* The bus master is to move a sector or two from the disk to memory, or back.  It does so a hundred instructions on. */
static void emit_disk(struct code *code)
{
    enum { MASTER = 0xc000, FROM_DISK = 8, START = 1, TABLE_PORT = 4, LAST = 0x80000000, READ = 0xc8, WRITE = 0xca };
    struct dice *dice = code->dice;
    uint32_t sector = roll(dice, CODE_SECTORS + TABLE_SECTORS - 1), sectors = 1 + roll(dice, 2);
    bool reads = roll(dice, 8);
    put_word(code, REGIONS, disk_target(dice, sector));
    put_word(code, REGIONS + 4, LAST | sectors * SECTOR);
    put_out_word(code, 0xcf8, 0x80000904); /* PCI: the IDE function's command: ports, bus master */
    put_out(code, 0xcfc, 5);
    put_out_word(code, MASTER + TABLE_PORT, REGIONS);
    put_out(code, MASTER, reads ? FROM_DISK : 0);
    put_out(code, 0x1f6, 0xe0);
    put_out(code, 0x1f2, sectors);
    put_out(code, 0x1f3, sector);
    put_out(code, 0x1f4, 0);
    put_out(code, 0x1f5, 0);
    put_out(code, 0x1f7, reads ? READ : WRITE);
    put_out(code, MASTER, START | (reads ? FROM_DISK : 0));
}

static void emit_interrupt(struct code *code)
{
    put(code, 0xcd, 1);
    put(code, roll(code->dice, 256), 1);
}

/* -- all of it --------------------------------------------------------------------------------- */

static void (*const emitters[])(struct code *) = {
    emit_noise,  emit_load, emit_load,      emit_control,    emit_system,   emit_segment, emit_far,   emit_short,
    emit_return, emit_port, emit_string,    emit_float,      emit_two_byte, emit_store,   emit_store, emit_jump,
    emit_jump,   emit_msr,  emit_disguised, emit_three_byte, emit_edge,     emit_remap,   emit_patch, emit_halt,
};

static void (*const lively_emitters[])(struct code *) = {
    emit_loop,         emit_loop,         emit_loop,          emit_beside_load,  emit_beside_load, emit_beside_load,
    emit_beside_store, emit_beside_store, emit_breakpoint,    emit_near_segment, emit_through,     emit_through,
    emit_ring_3,       emit_interrupt,    emit_write_protect, emit_remap,        emit_remap,       emit_edge,
    emit_jump,         emit_patch,        emit_disk,
};

void code_make(struct code *code, struct dice *dice, bool lively)
{
    code->size = 0;
    code->starts = 0;
    code->dice = dice;
    while (code->size < CODE_BYTES) {
        code->start[code->starts++] = (uint16_t)code->size;
        if (lively && roll(dice, 64))
            lively_emitters[roll(dice, sizeof lively_emitters / sizeof lively_emitters[0])](code);
        else
            emitters[roll(dice, sizeof emitters / sizeof emitters[0])](code);
    }
}
