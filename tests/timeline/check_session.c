/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: written, read, run again bit for bit; damaged in every way that chance finds.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/lab.h>
#include <worldswitch/session.h>

#include "effort.h"
#include "timeline/session_file.h"

Suite *session_suite(void);

static struct ws_session *session, *other;
static struct ws_buffer file;

/* A guest that adds up what COM1 receives: read the line status, then the byte, for ever. */
static const uint8_t adder[] = {
    0x66, 0xba, 0xfd, 0x03,       /* 0: mov $0x3fd, %dx */
    0xec, 0xa8, 0x01, 0x74, 0xf7, /* in; test $1, %al; jz 0 */
    0x66, 0xba, 0xf8, 0x03, 0xec, /* mov $0x3f8, %dx; in */
    0x01, 0xc3, 0xeb, 0xee,       /* add %eax, %ebx; jmp 0 */
};

static void lab_take(void)
{
    struct ws_lab *lab;
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_lab_write_image(lab, ws_lab_system_first(lab), &session->image), WS_OK);
    ws_lab_free(lab);
}

static void setup(void)
{
    session = calloc(1, sizeof *session);
    other = calloc(1, sizeof *other);
    ck_assert(session && other);
    lab_take();
}

static void teardown(void)
{
    ws_session_release(session);
    ws_session_release(other);
    free(session);
    free(other);
    ws_buffer_release(&file);
}

static struct ws_machine *machine_of(const struct ws_session *from)
{
    struct ws_machine *machine;
    ck_assert_int_eq(ws_session_machine(from, NULL, NULL, &machine, NULL, NULL), WS_OK);
    return machine;
}

/* Record the session's machine, with a hash at each multiple of the spacing. */
static void record(uint64_t end, uint64_t spacing)
{
    struct ws_machine *machine = machine_of(session);
    session->spacing = spacing;
    while (ws_machine_mark(machine) < end && ws_machine_halt(machine)->reason == WS_HALT_NONE) {
        uint64_t mark = ws_machine_mark(machine), due = ws_session_due(session, mark);
        ws_machine_run(machine, (due < end ? due : end) - mark);
        ws_session_observe(session, machine);
    }
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    ws_machine_free(machine);
}

static void pass_through_file(void)
{
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__session_encode(session, &file), WS_OK);
    ck_assert(ws__session_is(file.data, file.size));
    enum ws_status status = ws__session_decode(other, file.data, file.size, &why);
    ck_assert_msg(status == WS_OK, "%s", ws_buffer_text(&why));
    ws_buffer_release(&why);
}

/* Run it as read from the file; the mark of the first contradiction, or the end's. */
static uint64_t replay(const struct ws_session *from)
{
    struct ws_machine *machine = machine_of(from);
    uint64_t mark;
    while ((mark = ws_machine_mark(machine)) < from->end) {
        ws_machine_run(machine, ws_session_next(from, mark, from->end) - mark);
        if (ws_session_contradicts(from, machine) || ws_machine_mark(machine) == mark)
            break;
    }
    mark = ws_machine_mark(machine);
    ws_machine_free(machine);
    return mark;
}

START_TEST(runs_again)
{
    record(UINT64_MAX, 500);
    ck_assert_uint_gt(session->checks, 20);
    ck_assert_int_eq(ws_session_mark_set(session, "late", 9000, "second"), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(session, "early", 5, ""), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(session, "late", 8000, "first"), WS_OK);
    pass_through_file();
    ck_assert_uint_eq(other->end, session->end);
    ck_assert_uint_eq(other->marks, 2);
    ck_assert_str_eq(other->mark[0].name, "early");
    ck_assert_uint_eq(other->mark[1].mark, 8000);
    ck_assert_str_eq(other->mark[1].note, "first");
    ck_assert_uint_eq(other->checks, session->checks);
    ck_assert_uint_eq(replay(other), session->end);
}
END_TEST

/* A run that is not the recorded one is noticed at the next hash, and not before. */
START_TEST(contradiction)
{
    record(UINT64_MAX, 500);
    for (size_t i = 0; i < session->checks; i += 7) {
        session->check[i].hash ^= 1;
        ck_assert_uint_eq(replay(session), session->check[i].mark);
        session->check[i].hash ^= 1;
    }
    /* The image is another one from the guest's first trip on. */
    ck_assert_uint_eq(replay(session), session->end);
    uint8_t *image = (uint8_t *)session->image.data, *found = NULL;
    for (size_t i = 0; i + 3 < session->image.size && !found; i++)
        if (!memcmp(image + i, "\x0f\x22\xd1", 3))
            found = image + i;
    ck_assert_ptr_nonnull(found);
    found[1] = 0x1f;
    found[2] = 0x00;
    ck_assert_uint_eq(replay(session), session->check[0].mark);
}
END_TEST

/* Input comes in at the same times, though the machine knows it from the start. */
START_TEST(input_and_disk)
{
    ws_buffer_clear(&session->image);
    ws_buffer_append(&session->image, adder, sizeof adder);
    session->flat = true;
    session->flat_phys = 0x200000;
    session->ips = 1000000; /* so that a byte takes few instructions */
    ws_buffer_append(&session->disk, "sector", 6);
    struct ws_machine *machine = machine_of(session);
    session->spacing = 1000;
    for (unsigned i = 0; i < 20; i++) {
        ws_machine_run(machine, 777);
        ck_assert_int_eq(ws_machine_serial_input(machine, "abc", i % 4), WS_OK);
        ws_machine_run(machine, ws_session_due(session, ws_machine_mark(machine)) - ws_machine_mark(machine));
        ws_session_observe(session, machine);
    }
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    ck_assert_uint_ne(registers.value[WS_EBX], 0);
    ws_machine_free(machine);
    ck_assert_uint_eq(session->inputs, 15);
    pass_through_file();
    ck_assert_uint_eq(other->inputs, 15);
    ck_assert_uint_eq(other->disk.size, 6);
    ck_assert_uint_eq(replay(other), session->end);
    uint64_t later = (other->input[4].time - other->input[3].time) / 2;
    for (size_t i = 0; i < other->inputs; i++)
        other->input[i].time += later;
    ck_assert_uint_lt(replay(other), session->end);
    for (size_t i = 0; i < other->inputs; i++)
        other->input[i].time -= later;
    ck_assert_uint_eq(replay(other), session->end);
    other->input[3].bytes.data[0] ^= 1;
    ck_assert_uint_lt(replay(other), session->end);
}
END_TEST

/* A guest that adds up a word of its memory for ever: what is written there from outside is in its sum. */
static const uint8_t summer[] = {
    0x03, 0x1d, 0x00, 0x10, 0x20, 0x00, /* 0: add 0x201000, %ebx */
    0xeb, 0xf8,                         /* jmp 0 */
};

/* Run the machine to `mark`, in steps or at once, and keep the hashes on the way that are due. */
static void run_observed(struct ws_machine *machine, uint64_t mark)
{
    for (uint64_t now; (now = ws_machine_mark(machine)) < mark;) {
        uint64_t due = ws_session_due(session, now);
        ws_machine_run(machine, (due < mark ? due : mark) - now);
        ws_session_observe(session, machine);
    }
}

/* What is done from outside comes again at its mark, and not before: memory is written, interrupts wait, and an NMI
 * that nothing can serve ends the run. */
START_TEST(acts)
{
    ws_buffer_clear(&session->image);
    ws_buffer_append(&session->image, summer, sizeof summer);
    session->flat = true;
    session->flat_phys = 0x200000;
    session->spacing = 100;
    struct ws_machine *machine = machine_of(session);
    for (uint32_t i = 1; i <= 9; i++) {
        uint32_t word = i * i;
        run_observed(machine, i * 173);
        ck_assert_int_eq(ws_machine_write_phys(machine, 0x201000, &word, sizeof word), WS_OK);
        if (i % 2)
            ws_machine_interrupt(machine, (uint8_t)(0x30 + i));
    }
    run_observed(machine, 1600);
    ck_assert_int_eq(ws_machine_register_set(machine, WS_EDI, 0x1234), WS_OK);
    run_observed(machine, 1650);
    ws_machine_nmi(machine);
    ws_machine_run(machine, 10);
    ck_assert_int_eq(ws_machine_halt(machine)->reason, WS_HALT_TRIPLE_FAULT);
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    uint64_t hash = ws_machine_hash(machine);
    ws_machine_free(machine);
    ck_assert_uint_eq(session->acts, 16);
    ck_assert_uint_eq(session->act[0].mark, 173);
    pass_through_file();
    ck_assert_uint_eq(replay(other), session->end);
    machine = machine_of(other);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    ck_assert_uint_eq(ws_machine_hash(machine), hash);
    ck_assert_uint_eq(ws_machine_mark(machine), session->end);
    ws_machine_free(machine);
    other->act[2].mark++;
    ck_assert_uint_lt(replay(other), session->end);
    other->act[2].mark--;
    other->act[15].mark = 3; /* before its predecessor */
    ck_assert_int_eq(ws_session_machine(other, NULL, NULL, &machine, NULL, NULL), WS_BAD_ARGUMENT);
    other->act[15].mark = 1650;
    other->act[15].kind = 3; /* without a value */
    ck_assert_int_eq(ws_session_machine(other, NULL, NULL, &machine, NULL, NULL), WS_BAD_ARGUMENT);
    other->act[15].kind = 4;
    ck_assert_int_eq(ws_session_machine(other, NULL, NULL, &machine, NULL, NULL), WS_BAD_ARGUMENT);
    other->act[15].kind = 2;
    other->act[14].where = WS_CS;
    ck_assert_int_eq(ws_session_machine(other, NULL, NULL, &machine, NULL, NULL), WS_BAD_ARGUMENT);
    other->act[14].where = WS_EDI;
    other->act[0].where = UINT32_MAX;
    ck_assert_int_eq(ws_session_machine(other, NULL, NULL, &machine, NULL, NULL), WS_BAD_ARGUMENT);
}
END_TEST

/* Going back brings them again; another act, or forgetting them, takes another way. */
START_TEST(acts_come_again)
{
    ws_buffer_clear(&session->image);
    ws_buffer_append(&session->image, summer, sizeof summer);
    session->flat = true;
    session->flat_phys = 0x200000;
    struct ws_machine *machine = machine_of(session);
    struct ws_snapshot *early, *late;
    uint32_t word = 7;
    ws_machine_run(machine, 100);
    ck_assert_int_eq(ws_snapshot_take(&early, machine), WS_OK);
    ws_machine_run(machine, 100);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x201000, &word, sizeof word), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&late, machine), WS_OK);
    ws_machine_run(machine, 100);
    uint64_t hash = ws_machine_hash(machine);
    ws_snapshot_restore(early, machine);
    for (unsigned i = 0; i < 200; i++)
        ws_machine_run(machine, 1);
    ck_assert_uint_eq(ws_machine_hash(machine), hash);
    ws_snapshot_restore(early, machine);
    ws_machine_run(machine, 200);
    ck_assert_uint_eq(ws_machine_hash(machine), hash);
    ws_snapshot_restore(late, machine); /* it has been done already */
    ws_machine_run(machine, 100);
    ck_assert_uint_eq(ws_machine_hash(machine), hash);
    ws_snapshot_restore(early, machine);
    ws_machine_acts_forget(machine);
    ws_machine_run(machine, 200);
    ck_assert_uint_ne(ws_machine_hash(machine), hash);
    ws_snapshot_free(early);
    ws_snapshot_free(late);
    ws_machine_free(machine);
}
END_TEST

/* Hashes get rarer; what is left is evenly spaced, and the end has one. */
START_TEST(hashes_thin_out)
{
    ws_buffer_clear(&session->image);
    ws_buffer_append(&session->image, adder, sizeof adder);
    session->flat = true;
    session->flat_phys = 0x200000;
    session->memory_bytes = 1 << 20;
    session->flat_phys = 0x10000;
    record(60010, 100);
    ck_assert_uint_le(session->checks, WS_SESSION_CHECKS);
    ck_assert_uint_eq(session->spacing, 400);
    for (size_t i = 0; i + 1 < session->checks; i++)
        ck_assert_uint_eq(session->check[i].mark, (i + 1) * 400);
    ck_assert_uint_eq(session->check[session->checks - 1].mark, 60010);
}
END_TEST

START_TEST(names)
{
    uint64_t mark;
    char name[8];
    ck_assert_int_eq(ws_session_mark_set(session, "", 1, ""), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_session_mark_set(session, "1st", 1, ""), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_session_mark_set(session, "a", 1, "two\nlines"), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_session_mark_set(session, "0123456789012345678901234567890123", 1, ""), WS_BAD_ARGUMENT);
    ck_assert_int_eq(ws_session_mark_find(session, "a", &mark), WS_NOT_FOUND);
    for (unsigned i = 0; i < WS_SESSION_MARKS; i++) {
        snprintf(name, sizeof name, "n%u", i);
        ck_assert_int_eq(ws_session_mark_set(session, name, 1000 - i, ""), WS_OK);
    }
    ck_assert_int_eq(ws_session_mark_set(session, "more", 1, ""), WS_NO_ROOM);
    ck_assert_int_eq(ws_session_mark_find(session, "n7", &mark), WS_OK);
    ck_assert_uint_eq(mark, 993);
}
END_TEST

/* -- damage ------------------------------------------------------------------------------------ */

static uint32_t state = 12345;

static uint32_t chance(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

/* The file with its content not compressed, so that damage gets through to the chunks. */
static void file_expand(struct ws_buffer *out)
{
    struct ws_buffer content = WS_BUFFER_INIT;
    uint64_t expanded;
    uint32_t flags;
    memcpy(&flags, file.data + WS__SESSION_MAGIC_BYTES + 4, sizeof flags);
    memcpy(&expanded, file.data + WS__SESSION_MAGIC_BYTES + 16, sizeof expanded);
    ws_buffer_append(out, file.data, WS__SESSION_HEAD_BYTES);
    if (flags & WS__SESSION_COMPRESSED) {
        ck_assert_int_eq(ws__session_expand(file.data + WS__SESSION_HEAD_BYTES, file.size - WS__SESSION_HEAD_BYTES,
                                            (size_t)expanded, &content),
                         WS_OK);
        ws_buffer_append(out, content.data, content.size);
        memset(out->data + WS__SESSION_MAGIC_BYTES + 4, 0, sizeof flags);
        memcpy(out->data + WS__SESSION_MAGIC_BYTES + 8, &expanded, sizeof expanded);
    } else {
        ws_buffer_append(out, file.data + WS__SESSION_HEAD_BYTES, file.size - WS__SESSION_HEAD_BYTES);
    }
    ws_buffer_release(&content);
}

static void damage(struct ws_buffer *bytes, size_t from)
{
    unsigned times = 1 + chance(4);
    for (unsigned i = 0; i < times; i++) {
        size_t at = from + chance((uint32_t)(bytes->size - from));
        if (chance(8) == 0)
            bytes->size = at + 1;
        else if (chance(2))
            bytes->data[at] ^= (char)(1u << chance(8));
        else
            bytes->data[at] = (char)(chance(2) ? chance(256) : chance(2) ? 0xff : 0);
    }
}

static void sum_mend(struct ws_buffer *bytes)
{
    uint64_t packed = bytes->size - WS__SESSION_HEAD_BYTES, sum;
    memcpy(bytes->data + WS__SESSION_MAGIC_BYTES + 8, &packed, sizeof packed);
    sum = ws__session_checksum((const uint8_t *)bytes->data, bytes->size);
    memcpy(bytes->data + WS__SESSION_CHECKSUM_AT, &sum, sizeof sum);
}

/* What is accepted in spite of its damage must be of use, or be refused then. */
static void accepted_try(void)
{
    struct ws_machine *machine;
    struct ws_buffer why = WS_BUFFER_INIT;
    if (other->memory_bytes <= 64 << 20 && ws_session_machine(other, NULL, NULL, &machine, NULL, &why) == WS_OK) {
        for (size_t i = other->checkpoints; i-- > 0 && ws_session_checkpoint_go(other, i, machine);)
            continue;
        ws_machine_run(machine, 2000);
        ws_machine_free(machine);
    }
    ws_buffer_release(&why);
}

/* A copy of exactly its size, so that a sanitizer sees a read behind it. */
static enum ws_status exact_decode(const struct ws_buffer *bytes, struct ws_buffer *why)
{
    uint8_t *copy = malloc(bytes->size ? bytes->size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes->data, bytes->size);
    enum ws_status status = ws__session_decode(other, copy, bytes->size, why);
    free(copy);
    return status;
}

START_TEST(damaged)
{
    unsigned rounds = effort(700, 10000), accepted = 0, tried = 0;
    struct ws_buffer plain = WS_BUFFER_INIT, bytes = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    record(3000, 500);
    ck_assert_int_eq(ws_session_checkpoints_make(session, (uint64_t[]){700, 2100}, 2, NULL, NULL), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(session, "name", 7, "note"), WS_OK);
    struct ws_session_module *module = ws_session_module_new(session);
    ck_assert_ptr_nonnull(module);
    ws_buffer_printf(&module->content, "module");
    ws_buffer_printf(&module->string, "string");
    ck_assert_int_eq(ws__session_encode(session, &file), WS_OK);
    file_expand(&plain);
    for (unsigned i = 0; i < rounds; i++) {
        bool mended = i % 4 != 0; /* else the checksum tells */
        const struct ws_buffer *from = i % 8 == 1 ? &file : &plain;
        ws_buffer_clear(&bytes);
        ws_buffer_append(&bytes, from->data, from->size);
        damage(&bytes, mended ? WS__SESSION_HEAD_BYTES : 0);
        if (mended && bytes.size > WS__SESSION_HEAD_BYTES)
            sum_mend(&bytes);
        enum ws_status status = exact_decode(&bytes, &why);
        bool same = bytes.size == from->size && !memcmp(bytes.data, from->data, from->size);
        ck_assert_msg(status == WS_OK || why.size, "round %u: refused without a reason", i);
        ck_assert_msg(status != WS_OK || mended || same, "round %u: the checksum told nothing", i);
        if (status == WS_OK && ++accepted % 8 == 0 && ++tried)
            accepted_try();
        ws_session_release(other);
    }
    ck_assert_uint_gt(accepted, rounds / 20);
    ck_assert_uint_gt(tried, 0);
    ws_buffer_release(&plain);
    ws_buffer_release(&bytes);
    ws_buffer_release(&why);
}
END_TEST

/* Cut off anywhere. */
START_TEST(cut_off)
{
    struct ws_buffer cut = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    record(1000, 500);
    ck_assert_int_eq(ws__session_encode(session, &file), WS_OK);
    for (size_t size = 0; size < file.size; size += size < 200 ? 1 : 97) {
        ws_buffer_clear(&cut);
        ws_buffer_append(&cut, file.data, size);
        ck_assert_int_eq(exact_decode(&cut, &why), WS_BAD_IMAGE);
        ck_assert_uint_gt(why.size, 0);
    }
    ws_buffer_release(&cut);
    ws_buffer_release(&why);
}
END_TEST

/* An older one as well: equal runs had other hashes. */
START_TEST(other_version)
{
    static const uint32_t versions[] = {0, 1, 2, 3, 4, 5, WS_SESSION_VERSION + 1};
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__session_encode(session, &file), WS_OK);
    memcpy(file.data + WS__SESSION_MAGIC_BYTES, &versions[_i], sizeof versions[_i]);
    ck_assert_int_eq(ws__session_decode(other, file.data, file.size, &why), WS_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&why), ", and this program reads version 6: record it again"));
    ws_buffer_release(&why);
}
END_TEST

Suite *session_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *runs = tcase_create("runs");
    tcase_add_checked_fixture(runs, setup, teardown);
    tcase_add_test(runs, runs_again);
    tcase_add_test(runs, contradiction);
    tcase_add_test(runs, input_and_disk);
    tcase_add_test(runs, acts);
    tcase_add_test(runs, acts_come_again);
    tcase_add_test(runs, hashes_thin_out);
    tcase_add_test(runs, names);
    suite_add_tcase(suite, runs);
    TCase *broken = tcase_create("broken files");
    tcase_add_checked_fixture(broken, setup, teardown);
    tcase_add_test(broken, damaged);
    tcase_add_test(broken, cut_off);
    tcase_add_loop_test(broken, other_version, 0, 6);
    suite_add_tcase(suite, broken);
    return suite;
}
