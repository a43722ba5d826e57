/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of RAM: whoever writes there, each change is found, and RAM comes back as it was.
 */
#include "effort.h"
#include "machine/guests.h"
#include "machine/small.h"
#include "many.h"

#include <worldswitch/hosted.h>

#include "machine/board.h"

static struct guests guests;

enum { COPIES = 5, COPIES_LONG = 100, PIECE_MOST = 20000 };
enum { HOSTED_COPIES = 8, HOSTED_COPIES_MORE = 20, HOSTED_COPIES_LONG = 200, HOSTED_PIECE_MOST = 300000 };

/* RAM as this test keeps it: all bytes. */
struct mirror {
    uint8_t *bytes;
    struct ws__ram_copy *copy; /* of the same mark */
};

static void mirror_make(struct mirror *mirror, const struct ws_machine *machine)
{
    mirror->bytes = calloc(1, machine->ram_bytes);
    ck_assert_ptr_nonnull(mirror->bytes);
    mirror->copy = NULL;
}

static void mirror_take(struct mirror *mirror, struct ws_machine *machine)
{
    ws__ram_copy_release(mirror->copy);
    memcpy(mirror->bytes, machine->ram, machine->ram_bytes);
    ck_assert_int_eq(ws__ram_copy_take(&mirror->copy, machine), WS_OK);
}

static void mirror_release(struct mirror *mirror)
{
    free(mirror->bytes);
    ws__ram_copy_release(mirror->copy);
}

/* What counts as changed is what has other bytes, page for page; the copy holds what was there. */
static void changes_check(const struct mirror *mirror, const struct ws_machine *machine, const char *name)
{
    static const uint8_t zero[WS_PAGE_BYTES];
    uint32_t changed = ws__ram_changed(machine, mirror->copy, 0);
    for (uint32_t page = 0; page < machine->ram_bytes / WS_PAGE_BYTES; page++) {
        const uint8_t *then = mirror->bytes + (size_t)page * WS_PAGE_BYTES,
                      *kept = ws__ram_copy_page(mirror->copy, page);
        bool differs = memcmp(then, machine->ram + (size_t)page * WS_PAGE_BYTES, WS_PAGE_BYTES) != 0;
        MANY_CHECK(differs == (page == changed), "%s: page 0x%x at mark %llu", name, page,
                   (unsigned long long)ws_machine_mark(machine));
        MANY_CHECK(memcmp(kept ? kept : zero, then, WS_PAGE_BYTES) == 0, "%s: page 0x%x of the copy", name, page);
        if (differs)
            changed = ws__ram_changed(machine, mirror->copy, page + 1);
    }
}

/* Run in pieces of any length.  Look at what has changed since the last copy and since the one before it; sometimes go
 * back, which is a change like others. */
static void pieces_check(struct ws_machine *machine, unsigned copies, uint32_t piece_most, const char *name)
{
    struct mirror mirror[2], *before = &mirror[0], *last = &mirror[1];
    uint32_t dice = 1;
    mirror_make(before, machine);
    mirror_make(last, machine);
    mirror_take(before, machine);
    for (unsigned at = 0; at < copies && !ws_machine_halt(machine)->reason; at++) {
        dice = dice * 1664525 + 1013904223;
        mirror_take(last, machine);
        ws_machine_run(machine, 1 + (dice >> 8) % piece_most);
        changes_check(last, machine, name);
        changes_check(before, machine, name);
        if (dice >> 30 == 0) {
            struct ws_snapshot *here;
            ck_assert_int_eq(ws_snapshot_take(&here, machine), WS_OK);
            ws__ram_copy_put_back(before->copy, machine);
            ck_assert(memcmp(before->bytes, machine->ram, machine->ram_bytes) == 0);
            changes_check(last, machine, name);
            ws_snapshot_restore(here, machine);
            ws_snapshot_free(here);
            changes_check(last, machine, name);
        }
        struct mirror *other = before;
        before = last;
        last = other;
    }
    mirror_release(before);
    mirror_release(last);
}

/* All RAM is compared, again and again: every sixteenth guest does, if not more are asked for. */
START_TEST(each_change_is_found)
{
    if ((unsigned)_i % effort_more(16, 4, 1))
        return;
    struct ws_machine *machine = guest_load(guests.name[_i]);
    pieces_check(machine, effort(COPIES, COPIES_LONG), PIECE_MOST, guests.name[_i]);
    ws_machine_free(machine);
}
END_TEST

/* Paging, two worlds, interrupts, and a disk that writes into RAM by itself. */
START_TEST(each_change_of_a_large_system_is_found)
{
    struct ws_machine *machine;
    size_t bytes;
    const void *disk = ws_hosted_disk(&bytes);
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_int_eq(ws_hosted_boot(machine, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_disk_attach_memory(machine, disk, bytes), WS_OK);
    pieces_check(machine, effort_more(HOSTED_COPIES, HOSTED_COPIES_MORE, HOSTED_COPIES_LONG), HOSTED_PIECE_MOST,
                 "the hosted system");
    ws_machine_free(machine);
}
END_TEST

/* -- pages that copies share ------------------------------------------------------------------- */

/* Every second page of some megabytes, and the last one. */
enum { SCATTERED = 700, SCATTERED_FIRST = 0x200, PAGES_IN_RAM = 8192 };

static uint32_t scattered_phys(unsigned which)
{
    uint32_t page = which < SCATTERED ? SCATTERED_FIRST + 2 * which : PAGES_IN_RAM - 1;
    return page * WS_PAGE_BYTES + which;
}

START_TEST(equal_pages_are_shared)
{
    struct ws_machine *machine;
    struct ws_snapshot *empty, *full, *same;
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_uint_eq(ws_machine_memory(machine).bytes, PAGES_IN_RAM * WS_PAGE_BYTES);
    ck_assert_int_eq(ws_snapshot_take(&empty, machine), WS_OK);
    for (unsigned i = 0; i <= SCATTERED; i++)
        ck_assert_int_eq(ws_machine_write_phys(machine, scattered_phys(i), &(uint8_t){1}, 1), WS_OK);
    uint64_t hash = ws_machine_hash(machine);
    ck_assert_int_eq(ws_snapshot_take(&full, machine), WS_OK);
    ck_assert_uint_gt(ws_snapshot_bytes(full), SCATTERED * WS_PAGE_BYTES);
    ck_assert_int_eq(ws_snapshot_take(&same, machine), WS_OK);
    ck_assert_uint_lt(ws_snapshot_bytes(same), 64 << 10); /* it has all its pages from the other one */
    ws_snapshot_restore(empty, machine);
    ck_assert_uint_ne(ws_machine_hash(machine), hash);
    ck_assert_uint_eq(ws_machine_memory(machine).ram[scattered_phys(SCATTERED)], 0);
    ws_snapshot_free(full);
    ck_assert_uint_gt(ws_snapshot_bytes(same), SCATTERED * WS_PAGE_BYTES); /* now they are its own */
    ws_snapshot_restore(same, machine);
    ck_assert_uint_eq(ws_machine_hash(machine), hash);
    for (unsigned i = 0; i <= SCATTERED; i++)
        ck_assert_uint_eq(ws_machine_memory(machine).ram[scattered_phys(i)], 1);
    ws_snapshot_free(same);
    ws_snapshot_free(empty);
    ws_machine_free(machine);
}
END_TEST

/* Bytes that are written, but with the value that they had, are no change. */
START_TEST(equal_bytes_are_no_change)
{
    static const uint8_t nop[] = {0x90};
    struct ws_machine *machine = machine_make(nop, sizeof nop);
    struct ws__ram_copy *first, *second;
    ck_assert_int_eq(ws__ram_copy_take(&first, machine), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, CODE, nop, sizeof nop), WS_OK);
    ck_assert_uint_eq(ws__ram_changed(machine, first, 0), (1 << 20) / WS_PAGE_BYTES);
    ck_assert_int_eq(ws__ram_copy_take(&second, machine), WS_OK);
    ck_assert_ptr_eq(ws__ram_copy_page(first, CODE / WS_PAGE_BYTES), ws__ram_copy_page(second, CODE / WS_PAGE_BYTES));
    ws__ram_copy_release(first);
    ws__ram_copy_release(second);
    ws_machine_free(machine);
}
END_TEST

/* A machine may be put back to what another one was. */
START_TEST(copies_go_from_machine_to_machine)
{
    static const uint8_t nop[] = {0x90}, hlt[] = {0xf4};
    struct ws_machine *one = machine_make(nop, sizeof nop), *other = machine_make(hlt, sizeof hlt);
    struct ws_snapshot *of_one, *of_other;
    uint64_t hash = ws_machine_hash(one);
    ck_assert_uint_ne(ws_machine_hash(other), hash);
    ck_assert_int_eq(ws_snapshot_take(&of_one, one), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&of_other, other), WS_OK);
    ws_machine_write_phys(other, COUNTER, hlt, sizeof hlt);
    ws_snapshot_restore(of_one, other);
    ws_snapshot_free(of_one);
    ck_assert_uint_eq(ws_machine_hash(other), hash);
    ws_machine_free(one);
    ck_assert_uint_eq(ws_machine_hash(other), hash);
    ws_snapshot_restore(of_other, other);
    ck_assert_uint_ne(ws_machine_hash(other), hash);
    ws_snapshot_free(of_other);
    ws_machine_free(other);
}
END_TEST

Suite *ram_copy_suite(void)
{
    Suite *suite = suite_create("ram_copy");
    TCase *shares = tcase_create("shares");
    tcase_add_test(shares, equal_pages_are_shared);
    tcase_add_test(shares, equal_bytes_are_no_change);
    tcase_add_test(shares, copies_go_from_machine_to_machine);
    suite_add_tcase(suite, shares);
    TCase *changes = tcase_create("changes");
    guests_find(&guests);
    tcase_add_loop_test(changes, each_change_is_found, 0, guests.count);
    tcase_add_test(changes, each_change_of_a_large_system_is_found);
    suite_add_tcase(suite, changes);
    return suite;
}
