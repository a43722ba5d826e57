/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page walk against the manual.  tests/cpu/check_paging_cpu.c compares it with Unicorn's.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/paging.h>

#include "x86/page_entry.h"

enum { RAM_BYTES = 0x10000, DIRECTORY = 0x1000, TABLE = 0x2000, FRAME = 0x5000, LINEAR = 0x00403123 };

static uint8_t ram[RAM_BYTES];
static const struct ws_physical memory = {ram, RAM_BYTES};

static void entry_put(uint32_t phys, uint32_t entry)
{
    memcpy(ram + phys, &entry, sizeof entry);
}

static uint32_t entry_get(uint32_t phys)
{
    uint32_t entry;
    memcpy(&entry, ram + phys, sizeof entry);
    return entry;
}

static struct ws_registers registers_with(uint32_t cr0, uint32_t cr4)
{
    struct ws_registers registers = {{0}};
    registers.value[WS_CR0] = cr0;
    registers.value[WS_CR3] = DIRECTORY;
    registers.value[WS_CR4] = cr4;
    return registers;
}

/* SDM 3A §4.6 "Access Rights" and §4.7 "Page-Fault Exceptions", written a second time without a look at
 * ws_page_walk(). */
static bool truth(unsigned pde, unsigned pte, bool wp, bool user, enum ws_access access, uint32_t *error)
{
    bool present = pde & pte & WS_PTE_P;
    bool write = access == WS_ACCESS_WRITE;
    *error = (present ? 1 : 0) + (write ? 2 : 0) + (user ? 4 : 0);
    if (!present)
        return false;
    if (!user)
        return !write || !wp || (pde & pte & WS_PTE_RW);
    return (pde & pte & WS_PTE_US) && (!write || (pde & pte & WS_PTE_RW));
}

/* All combinations of P, RW, US at both levels, CR0.WP, ring and access. */
START_TEST(small_pages_follow_the_truth_table)
{
    for (unsigned bits = 0; bits < 8 * 8 * 2 * 2 * 3; bits++) {
        unsigned pde = bits & 7, pte = bits >> 3 & 7;
        bool wp = bits >> 6 & 1, user = bits >> 7 & 1;
        enum ws_access access = (enum ws_access)(bits >> 8);
        struct ws_registers registers = registers_with(WS_CR0_PE | WS_CR0_PG | (wp ? WS_CR0_WP : 0), 0);
        struct ws_translation walk;
        uint32_t error;
        entry_put(DIRECTORY + 4, TABLE | pde);
        entry_put(TABLE + 3 * 4, FRAME | pte);

        bool wanted = truth(pde, pte, wp, user, access, &error);
        bool seen = ws_page_walk(&walk, &memory, &registers, LINEAR, access, user);
        ck_assert_msg(seen == wanted, "PDE %u PTE %u WP %d user %d access %d: %d", pde, pte, wp, user, access, seen);
        ck_assert_msg(walk.error_code == (wanted ? 0 : error),
                      "PDE %u PTE %u WP %d user %d access %d: error code %u, not %u", pde, pte, wp, user, access,
                      walk.error_code, error);
        if (wanted)
            ck_assert_msg(walk.phys == (FRAME | 0x123) && walk.page_bytes == 4096 &&
                              walk.user == ((pde & pte & WS_PTE_US) != 0) &&
                              walk.writable == ((pde & pte & WS_PTE_RW) != 0),
                          "PDE %u PTE %u", pde, pte);
    }
}
END_TEST

START_TEST(big_pages_follow_the_truth_table)
{
    for (unsigned bits = 0; bits < 8 * 2 * 2 * 3; bits++) {
        unsigned pde = bits & 7;
        bool wp = bits >> 3 & 1, user = bits >> 4 & 1;
        enum ws_access access = (enum ws_access)(bits >> 5);
        struct ws_registers registers = registers_with(WS_CR0_PE | WS_CR0_PG | (wp ? WS_CR0_WP : 0), WS_CR4_PSE);
        struct ws_translation walk;
        uint32_t error;
        entry_put(DIRECTORY + 4, 0xabc00000 | WS_PTE_PS | pde);

        bool wanted = truth(pde, 7, wp, user, access, &error);
        bool seen = ws_page_walk(&walk, &memory, &registers, LINEAR, access, user);
        ck_assert_msg(seen == wanted && walk.error_code == (wanted ? 0 : error),
                      "PDE %u WP %d user %d access %d: %d, error code %u", pde, wp, user, access, seen,
                      walk.error_code);
        if (wanted)
            ck_assert_msg(walk.phys == 0xabc03123 && walk.page_bytes == 4 << 20, "PDE %u", pde);
    }
}
END_TEST

static const struct case_row {
    const char *what;
    uint32_t cr0, cr4, pde, pte;
    enum ws_access access;
    bool user;
    enum ws_page_result result;
    uint32_t error_code;
    uint32_t phys;
    bool global;
} cases[] = {
    {"paging off", WS_CR0_PE, 0, 0, 0, WS_ACCESS_WRITE, true, WS_PAGE_OFF, 0, LINEAR, false},
    {"no PDE", WS_CR0_PG, 0, 0xfffffffe, 0, WS_ACCESS_READ, false, WS_PAGE_PDE_NOT_PRESENT, 0, 0, false},
    {"no PTE", WS_CR0_PG, 0, TABLE | 7, 0xfffffffe, WS_ACCESS_WRITE, true, WS_PAGE_PTE_NOT_PRESENT, 6, 0, false},
    {"PS without PSE is a table", WS_CR0_PG, 0, TABLE | 0x87, FRAME | 7, WS_ACCESS_READ, true, WS_PAGE_OK, 0,
     FRAME | 0x123, false},
    {"reserved bit 21", WS_CR0_PG, WS_CR4_PSE, 0x00200087, 0, WS_ACCESS_READ, false, WS_PAGE_RESERVED_BIT, 9, 0, false},
    {"reserved bit 13", WS_CR0_PG, WS_CR4_PSE, 0x00002087, 0, WS_ACCESS_WRITE, true, WS_PAGE_RESERVED_BIT, 15, 0,
     false},
    {"reserved wins over rights", WS_CR0_PG, WS_CR4_PSE, 0x00200081, 0, WS_ACCESS_WRITE, true, WS_PAGE_RESERVED_BIT, 15,
     0, false},
    {"bit 12 is PAT", WS_CR0_PG, WS_CR4_PSE, 0x00401087, 0, WS_ACCESS_READ, true, WS_PAGE_OK, 0, 0x00403123, false},
    {"a PTE's bit 7 is PAT", WS_CR0_PG, WS_CR4_PSE, TABLE | 7, FRAME | 0x87, WS_ACCESS_READ, true, WS_PAGE_OK, 0,
     FRAME | 0x123, false},
    {"G without PGE", WS_CR0_PG, 0, TABLE | 7, FRAME | 0x107, WS_ACCESS_READ, true, WS_PAGE_OK, 0, FRAME | 0x123,
     false},
    {"G with PGE", WS_CR0_PG, WS_CR4_PGE, TABLE | 7, FRAME | 0x107, WS_ACCESS_READ, true, WS_PAGE_OK, 0, FRAME | 0x123,
     true},
    {"a PDE's G is ignored", WS_CR0_PG, WS_CR4_PGE, TABLE | 0x107, FRAME | 7, WS_ACCESS_READ, true, WS_PAGE_OK, 0,
     FRAME | 0x123, false},
    {"a big page's G", WS_CR0_PG, WS_CR4_PGE | WS_CR4_PSE, 0x00400187, 0, WS_ACCESS_READ, true, WS_PAGE_OK, 0,
     0x00403123, true},
    {"a fetch is a read", WS_CR0_PG, 0, TABLE | 7, FRAME | 3, WS_ACCESS_EXECUTE, true, WS_PAGE_NOT_USER, 5, 0, false},
    {"a table beyond RAM reads all ones", WS_CR0_PG, 0, 0x7fff0007, 0, WS_ACCESS_WRITE, true, WS_PAGE_OK, 0, 0xfffff123,
     false},
};

START_TEST(single_rules_hold)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct case_row *row = &cases[i];
        struct ws_registers registers = registers_with(row->cr0, row->cr4);
        struct ws_translation walk;
        entry_put(DIRECTORY + 4, row->pde);
        entry_put(TABLE + 3 * 4, row->pte);
        bool good = row->result == WS_PAGE_OK || row->result == WS_PAGE_OFF;
        bool seen = ws_page_walk(&walk, &memory, &registers, LINEAR, row->access, row->user);
        ck_assert_msg(seen == good && walk.result == row->result, "%s: \"%s\"", row->what,
                      ws_page_result_text((enum ws_page_result)walk.result));
        ck_assert_msg(walk.error_code == row->error_code, "%s: error code %u", row->what, walk.error_code);
        ck_assert_msg(!good || (walk.phys == row->phys && walk.global == row->global), "%s: phys 0x%x, global %d",
                      row->what, walk.phys, walk.global);
    }
}
END_TEST

START_TEST(a_directory_beyond_ram_reads_all_ones)
{
    struct ws_registers registers = registers_with(WS_CR0_PG, WS_CR4_PSE);
    struct ws_translation walk;
    registers.value[WS_CR3] = 0xfffff000;
    ck_assert(!ws_page_walk(&walk, &memory, &registers, 0xffffffff, WS_ACCESS_READ, false));
    ck_assert_uint_eq(walk.pde, 0xffffffff);
    ck_assert_uint_eq(walk.result, WS_PAGE_RESERVED_BIT);
}
END_TEST

static const struct {
    const char *what;
    uint32_t cr4, pde, pte;
    enum ws_access access;
    uint32_t pde_after, pte_after;
} used[] = {
    {"read", 0, TABLE | 7, FRAME | 7, WS_ACCESS_READ, TABLE | 0x27, FRAME | 0x27},
    {"fetch", 0, TABLE | 7, FRAME | 7, WS_ACCESS_EXECUTE, TABLE | 0x27, FRAME | 0x27},
    {"write", 0, TABLE | 7, FRAME | 7, WS_ACCESS_WRITE, TABLE | 0x27, FRAME | 0x67},
    {"big, read", WS_CR4_PSE, 0x87, FRAME | 7, WS_ACCESS_READ, 0xa7, FRAME | 7},
    {"big, write", WS_CR4_PSE, 0x87, FRAME | 7, WS_ACCESS_WRITE, 0xe7, FRAME | 7},
    {"refused", 0, TABLE | 7, FRAME | 3, WS_ACCESS_WRITE, TABLE | 7, FRAME | 3},
    {"table beyond RAM", 0, 0x7fff0007, 0, WS_ACCESS_WRITE, 0x7fff0027, 0},
};

START_TEST(use_marks_the_entries)
{
    for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
        struct ws_registers registers = registers_with(WS_CR0_PG | WS_CR0_WP, used[i].cr4);
        struct ws_translation walk;
        entry_put(DIRECTORY + 4, used[i].pde);
        entry_put(TABLE + 3 * 4, used[i].pte);
        ws_page_walk(&walk, &memory, &registers, LINEAR, used[i].access, true);
        ws__page_mark_used(&walk, ram, RAM_BYTES, used[i].access);
        uint32_t pde = entry_get(DIRECTORY + 4), pte = entry_get(TABLE + 3 * 4);
        ck_assert_msg(pde == used[i].pde_after && pte == used[i].pte_after, "%s: PDE 0x%x, PTE 0x%x", used[i].what, pde,
                      pte);
    }
}
END_TEST

static const struct {
    uint32_t cr0, cr4, pde, pte;
    enum ws_access access;
    const char *text;
} descriptions[] = {
    {WS_CR0_PE, 0, 0, 0, WS_ACCESS_READ, "linear 0x00403123: paging is off, physical 0x00403123\n"},
    {WS_CR0_PG, WS_CR4_PGE, TABLE | 0x27, FRAME | 0x167, WS_ACCESS_WRITE,
     "linear 0x00403123: PDE 1, PTE 3, offset 0x123\n"
     "PDE 1 at 0x00001004 is 0x00002027: P present, RW may be written, US ring 3 may use it, A was "
     "used\n"
     "PTE 3 at 0x0000200c is 0x00005167: P present, RW may be written, US ring 3 may use it, A was "
     "used, "
     "D was written, G global: survives a load of CR3 (with CR4.PGE)\n"
     "physical 0x00005123: 4 KiB page, ring 0 to 3, read and write, global\n"},
    {WS_CR0_PG, 0, TABLE | 7, FRAME | 6, WS_ACCESS_WRITE,
     "linear 0x00403123: PDE 1, PTE 3, offset 0x123\n"
     "PDE 1 at 0x00001004 is 0x00002007: P present, RW may be written, US ring 3 may use it\n"
     "PTE 3 at 0x0000200c is 0x00005006: P clear, not present; the other bits mean nothing to the "
     "CPU\n"
     "#PF: the page table entry is not present; error code 0x6 (W a write, U from ring 3)\n"},
    {WS_CR0_PG, WS_CR4_PSE, 0x00200085, 0, WS_ACCESS_READ,
     "linear 0x00403123: PDE 1, offset 0x003123\n"
     "PDE 1 at 0x00001004 is 0x00200085: P present, US ring 3 may use it, "
     "PS maps a 4 MiB page (with CR4.PSE)\n"
     "#PF: a reserved bit is set in the page directory entry; error code 0xd "
     "(P the page was present, U from ring 3, RSVD a reserved bit)\n"},
    {WS_CR0_PG, 0, 0, 0, WS_ACCESS_READ,
     "linear 0x00403123: PDE 1, offset 0x003123\n"
     "PDE 1 at 0x00001004 is 0x00000000: P clear, not present; the other bits mean nothing to the "
     "CPU\n"
     "#PF: the page directory entry is not present; error code 0x4 (U from ring 3)\n"},
};

START_TEST(walks_are_said_in_words)
{
    for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++) {
        struct ws_registers registers = registers_with(descriptions[i].cr0, descriptions[i].cr4);
        struct ws_translation walk;
        struct ws_buffer text = WS_BUFFER_INIT;
        entry_put(DIRECTORY + 4, descriptions[i].pde);
        entry_put(TABLE + 3 * 4, descriptions[i].pte);
        ws_page_walk(&walk, &memory, &registers, LINEAR, descriptions[i].access, true);
        ws_page_describe(&text, &walk);
        ck_assert_str_eq(ws_buffer_text(&text), descriptions[i].text);
        ws_buffer_release(&text);
    }
}
END_TEST

Suite *paging_suite(void)
{
    Suite *suite = suite_create("paging");
    TCase *walk = tcase_create("walk");
    tcase_add_test(walk, small_pages_follow_the_truth_table);
    tcase_add_test(walk, big_pages_follow_the_truth_table);
    tcase_add_test(walk, single_rules_hold);
    tcase_add_test(walk, a_directory_beyond_ram_reads_all_ones);
    tcase_add_test(walk, use_marks_the_entries);
    tcase_add_test(walk, walks_are_said_in_words);
    suite_add_tcase(suite, walk);
    return suite;
}
