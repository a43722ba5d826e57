/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * States as bytes: put into another machine they go on as the one they were taken from, event by
 * event; and whatever is damaged in them does no harm.
 */
#include "effort.h"
#include "machine/board.h"
#include "machine/guests.h"
#include "machine/small.h"
#include "unicorn/parts.h"
#include "unicorn/record.h"
#include "x86/model_specific.h"

Suite *saved_suite(void);

enum { STATES = 5 };

static struct guests guests; /* filled before the first test */
static uint32_t state = 4711;

static uint32_t chance(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void run_to(struct ws_machine *machine, uint64_t mark)
{
    if (ws_machine_mark(machine) < mark)
        ws_machine_run(machine, mark - ws_machine_mark(machine));
    ck_assert_uint_eq(ws_machine_mark(machine), mark);
}

/* -- all guests -------------------------------------------------------------------------------- */

static void event_add(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    uint64_t *sum = context;
    const uint64_t part[] = {event->mark, event->linear, event->which,      event->before, event->after,  event->esp,
                             event->kind, event->cpl,    event->error_code, event->bytes,  event->origin, event->write};
    (void)machine;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        *sum = (*sum ^ part[i]) * UINT64_C(0x9e3779b97f4a7c15) + (*sum >> 31);
}

/* Run on, though not for ever; what happens on the way. */
static uint64_t rest_of(struct ws_machine *machine)
{
    uint64_t sum = 1;
    ck_assert_int_eq(ws_machine_listen(machine, UINT32_MAX, event_add, &sum), WS_OK);
    ws_machine_run(machine, effort_more(3000, 8000, GUEST_LIMIT));
    ws_machine_unlisten(machine, event_add, &sum);
    return sum;
}

static void rest_expect(struct ws_machine *copy, struct ws_machine *straight, const char *name)
{
    size_t copy_bytes, straight_bytes;
    uint64_t mark = ws_machine_mark(straight);
    ck_assert_msg(ws_machine_hash(copy) == ws_machine_hash(straight), "%s: mark %llu", name, (unsigned long long)mark);
    ck_assert_msg(rest_of(copy) == rest_of(straight), "%s: other events from mark %llu on", name,
                  (unsigned long long)mark);
    ck_assert_msg(ws_machine_hash(copy) == ws_machine_hash(straight), "%s: another end after mark %llu", name,
                  (unsigned long long)mark);
    const char *said = ws_machine_serial(copy, &copy_bytes), *golden = ws_machine_serial(straight, &straight_bytes);
    ck_assert_uint_eq(copy_bytes, straight_bytes);
    ck_assert_int_eq(memcmp(said, golden, copy_bytes), 0);
}

/* Each state is what has changed since the one before.  Every second guest does, if not more are asked for. */
START_TEST(guests_go_on)
{
    if ((unsigned)_i % effort_more(2, 1, 1))
        return;
    const char *name = guests.name[_i];
    const unsigned states = effort_more(2, 3, STATES);
    struct ws_buffer saved[STATES] = {{0}};
    struct ws_machine *source = guest_load(name), *straight = guest_load(name);
    struct ws_snapshot *since, *next, *start, *here;
    ck_assert_int_eq(ws_snapshot_take(&since, source), WS_OK);
    ck_assert_int_eq(ws_snapshot_take(&start, straight), WS_OK);
    ws_machine_run(source, 0);
    uint64_t end = ws_machine_mark(source);
    ws_snapshot_restore(since, source);
    for (unsigned i = 0; i < states; i++) {
        run_to(source, end * i / states + chance((uint32_t)(end / states)));
        ck_assert_int_eq(ws_machine_save(source, since, &saved[i]), WS_OK);
        ck_assert_int_eq(ws_snapshot_take(&next, source), WS_OK);
        ws_snapshot_free(since);
        since = next;
        struct ws_machine *copy = guest_load(name);
        for (unsigned k = 0; k <= i; k++)
            ck_assert_int_eq(ws_machine_load(copy, saved[k].data, saved[k].size), WS_OK);
        run_to(straight, ws_machine_mark(source));
        ck_assert_int_eq(ws_snapshot_take(&here, straight), WS_OK);
        rest_expect(copy, straight, name);
        ws_snapshot_restore(here, straight);
        ws_snapshot_free(here);
        ws_machine_free(copy);
    }
    ws_snapshot_free(start);
    ws_machine_free(straight);
    ws_snapshot_free(since);
    ws_machine_free(source);
    for (unsigned i = 0; i < states; i++)
        ws_buffer_release(&saved[i]);
}
END_TEST

/* -- every mark of a few instructions ---------------------------------------------------------- */

/* Shadows, an interrupt and an NMI that wait, sleep, x87, SSE, a model-specific register. */
static const uint8_t busy[] = {
    0x0f, 0x20, 0xe0, 0x80, 0xcc, 0x06, 0x0f, 0x22, 0xe0, /* mov %cr4,%eax; or $6,%ah; mov %eax,%cr4 */
    0xdb, 0xe3, 0xd9, 0xeb, 0xd9, 0xe8,                   /* fninit; fldpi; fld1 */
    0xb8, 0x06, 0x05, 0x04, 0x01, 0x66, 0x0f, 0x6e, 0xc8, /* mov $0x01040506,%eax; movd %eax,%xmm1 */
    0xb9, 0x77, 0x02, 0x00, 0x00, 0x0f, 0x30,             /* mov $0x277,%ecx; wrmsr: IA32_PAT */
    0xfb, 0x90,                                           /* sti; nop */
    0x8c, 0xd0, 0xfb, 0x8e, 0xd0, 0x90, 0x90,             /* mov %ss,%eax; sti; mov %eax,%ss; nop; nop */
    0xde, 0xc1, 0xdb, 0x3d, 0x00, 0xa0, 0x00, 0x00,       /* faddp; fstpt 0xa000 */
    0x66, 0x0f, 0x7e, 0xca,                               /* movd %xmm1,%edx */
    0xb9, 0x77, 0x02, 0x00, 0x00, 0x0f, 0x32,             /* mov $0x277,%ecx; rdmsr */
    0xf4, 0xeb, 0xfd,                                     /* hlt; jmp back to it */
};

static struct ws_machine *busy_make(uint64_t mark)
{
    struct ws_machine *machine = interrupt_machine_make(busy, sizeof busy);
    run_to(machine, mark < 12 ? mark : 12);
    if (mark >= 12) {
        ws_machine_interrupt(machine, 0x41);
        ws_machine_interrupt(machine, 0x40);
        run_to(machine, mark < 15 ? mark : 15);
    }
    if (mark >= 15)
        ws_machine_nmi(machine);
    ws_machine_run(machine, mark - ws_machine_mark(machine) ? mark - ws_machine_mark(machine) : 1);
    return machine;
}

START_TEST(every_mark)
{
    for (uint64_t mark = BEGIN_MARK + 1; mark < 60; mark++) {
        struct ws_buffer saved = WS_BUFFER_INIT;
        struct ws_machine *copy = interrupt_machine_make(busy, sizeof busy);
        struct ws_machine *straight = busy_make(mark);
        struct ws_snapshot *since;
        ck_assert_int_eq(ws_snapshot_take(&since, copy), WS_OK);
        ck_assert_int_eq(ws_machine_save(straight, since, &saved), WS_OK);
        ck_assert_int_eq(ws_machine_load(copy, saved.data, saved.size), WS_OK);
        ck_assert_uint_eq(ws_machine_mark(copy), ws_machine_mark(straight));
        rest_expect(copy, straight, "busy");
        ws_snapshot_free(since);
        ws_machine_free(copy);
        ws_machine_free(straight);
        ws_buffer_release(&saved);
    }
}
END_TEST

/* What the hash does not know of: x87, SSE and model-specific registers come through. */
START_TEST(floats)
{
    struct ws_buffer saved = WS_BUFFER_INIT;
    struct ws_snapshot *since;
    uint8_t sum[10], wanted[10];
    struct ws_machine *copy = interrupt_machine_make(busy, sizeof busy);
    struct ws_machine *straight = interrupt_machine_make(busy, sizeof busy);
    ck_assert_int_eq(ws_snapshot_take(&since, copy), WS_OK);
    run_to(straight, BEGIN_MARK + 10); /* behind wrmsr */
    ck_assert_int_eq(ws_machine_save(straight, since, &saved), WS_OK);
    ck_assert_int_eq(ws_machine_load(copy, saved.data, saved.size), WS_OK);
    ws_machine_run(copy, 0);
    ws_machine_run(straight, 0);
    ck_assert_int_eq(ws_machine_read(copy, 0xa000, sum, sizeof sum), WS_OK);
    ck_assert_int_eq(ws_machine_read(straight, 0xa000, wanted, sizeof wanted), WS_OK);
    ck_assert_uint_eq(wanted[9], 0x40); /* 4.14 and not 0 */
    ck_assert_int_eq(memcmp(sum, wanted, sizeof sum), 0);
    ck_assert_uint_eq(register_of(copy, WS_EDX), 0);
    ck_assert_uint_eq(register_of(copy, WS_EAX), 0x01040506);
    ws_snapshot_free(since);
    ws_machine_free(copy);
    ws_machine_free(straight);
    ws_buffer_release(&saved);
}
END_TEST

/* A control word of 0, single precision, is not what the x87 unit begins with. */
START_TEST(precision)
{
    static const uint8_t code[] = {
        0x6a, 0x00, 0xd9, 0x2c, 0x24,             /* push $0; fldcw (%esp) */
        0xd9, 0xeb, 0xd9, 0xea, 0xde, 0xc9,       /* fldpi; fldl2e; fmulp */
        0xdb, 0x3d, 0x00, 0xa0, 0x00, 0x00, 0xf4, /* fstpt 0xa000; hlt */
    };
    struct ws_buffer saved = WS_BUFFER_INIT;
    struct ws_machine *source = machine_make(code, sizeof code), *copy = machine_make(code, sizeof code);
    struct ws_snapshot *start;
    ck_assert_int_eq(ws_snapshot_take(&start, source), WS_OK);
    ws_machine_run(source, 2);
    ck_assert_int_eq(ws_machine_save(source, start, &saved), WS_OK);
    ck_assert_int_eq(ws_machine_load(copy, saved.data, saved.size), WS_OK);
    ws_machine_run(source, 4);
    ws_machine_run(copy, 4);
    ck_assert_uint_eq(word_at(source, 0xa000), 0); /* what single precision leaves of it */
    ck_assert_uint_eq(ws_machine_hash(source), ws_machine_hash(copy));
    ws_snapshot_free(start);
    ws_machine_free(source);
    ws_machine_free(copy);
    ws_buffer_release(&saved);
}
END_TEST

/* A time stamp counter that was written to goes on from there, and the hash knows of it. */
START_TEST(clock_written)
{
    static const uint8_t code[] = {
        0xb8, 0x78, 0x56, 0x34, 0x12, 0xb9, 0x10, 0x00, 0x00, 0x00, 0x0f, 0x30, /* mov $0x12345678,%eax; TSC; wrmsr */
        0x90, 0x90, 0x0f, 0x31, 0xeb, 0xfe,                                     /* nop; nop; rdtsc; jmp . */
    };
    struct ws_buffer saved = WS_BUFFER_INIT;
    struct ws_snapshot *since;
    struct ws_machine *copy = interrupt_machine_make(code, sizeof code);
    struct ws_machine *straight = interrupt_machine_make(code, sizeof code);
    ck_assert_int_eq(ws_snapshot_take(&since, copy), WS_OK);
    run_to(straight, BEGIN_MARK + 4);
    ck_assert_int_eq(ws_machine_save(straight, since, &saved), WS_OK);
    ck_assert_int_eq(ws_machine_load(copy, saved.data, saved.size), WS_OK);
    ck_assert_uint_eq(ws_machine_hash(copy), ws_machine_hash(straight));
    run_to(copy, BEGIN_MARK + 8);
    run_to(straight, BEGIN_MARK + 8);
    ck_assert_uint_eq(register_of(copy, WS_EAX), 0x12345678 + 3);
    ck_assert_uint_eq(register_of(straight, WS_EAX), register_of(copy, WS_EAX));
    copy->cpu.state.clock++;
    ck_assert_uint_ne(ws_machine_hash(copy), ws_machine_hash(straight));
    ws_snapshot_free(since);
    ws_machine_free(copy);
    ws_machine_free(straight);
    ws_buffer_release(&saved);
}
END_TEST

/* IA32_PAT can be read, and so it is a part of the state. */
START_TEST(page_attributes)
{
    static const uint8_t code[] = {
        0xb9, 0x77, 0x02, 0x00, 0x00, 0x31, 0xd2, 0x0f, 0x30, /* mov $0x277,%ecx; xor %edx,%edx; wrmsr */
        0x31, 0xc0, 0xf4,                                     /* xor %eax,%eax; hlt */
    };
    struct ws_machine *one = machine_make(code, sizeof code), *other = machine_make(code, sizeof code);
    ck_assert_int_eq(ws_machine_start(other, CODE, 6, 0), WS_OK);
    ws_machine_run(one, 4);
    ws_machine_run(other, 4);
    ck_assert_uint_ne(ws_machine_hash(one), ws_machine_hash(other));
    ws_machine_free(one);
    ws_machine_free(other);
}
END_TEST

/* No model-specific register is forgotten that the engine keeps for a guest which writes it: each comes out the same in
 * another engine.  The context's last bytes are not written when it is saved; one bit of the mode word differs at
 * reset, and says that bases are added, which are 0. */
START_TEST(model_specific)
{
    enum { TAIL = 8, MODE = 1 };
    static const uint32_t range[][2] = {{0, 0x1000}, {0xc0000000, 0xc0000200}, {0xc0010000, 0xc0010200}};
    struct ws_machine *machine = interrupt_machine_make(busy, sizeof busy);
    struct ws__engine *engine = machine->cpu.engine;
    size_t bytes = ws__engine_state_bytes(engine), differ;
    uint8_t *start = calloc(3, bytes), *changed = start + bytes, *again = changed + bytes;
    unsigned kept = 0;
    ck_assert_ptr_nonnull(start);
    ws__engine_state_save(engine, start);
    for (unsigned i = 0; i < sizeof range / sizeof range[0]; i++) {
        for (uint32_t number = range[i][0]; number < range[i][1]; number++) {
            struct ws__engine_record record;
            uc_x86_msr msr = {.rid = number, .value = 5};
            if (!ws__specific_takes(number, msr.value))
                continue;
            uc_reg_write(engine->uc, UC_X86_REG_MSR, &msr);
            ws__engine_state_save(engine, changed);
            msr.value = 0;
            uc_reg_read(engine->uc, UC_X86_REG_MSR, &msr);
            if (msr.value != 5)
                continue;
            kept++;
            ws__engine_record_take(engine, &record);
            ws__engine_state_restore(engine, start);
            ck_assert(ws__engine_record_put(engine, &record));
            ws__engine_state_save(engine, again);
            differ = 0;
            for (size_t at = 0; at < bytes - TAIL; at++)
                differ += changed[at] != again[at];
            ck_assert_msg(differ <= MODE, "MSR %#x: %zu bytes differ", number, differ);
            ws__engine_state_restore(engine, start);
            uc_reg_read(engine->uc, UC_X86_REG_MSR, &msr);
            ck_assert_msg(msr.value != 5, "MSR %#x is not put back", number);
        }
    }
    ck_assert_uint_eq(kept, 1); /* IA32_PAT */
    free(start);
    ws_machine_free(machine);
}
END_TEST

/* -- damage ------------------------------------------------------------------------------------ */

static void damage(struct ws_buffer *bytes, size_t from, size_t end)
{
    for (unsigned times = 1 + chance(6); times; times--) {
        size_t at = from + chance((uint32_t)(end - from));
        if (chance(16) == 0)
            bytes->size = at + 1;
        else if (chance(2))
            bytes->data[at] ^= (char)(1u << chance(8));
        else
            bytes->data[at] = (char)(chance(2) ? chance(256) : chance(2) ? 0xff : 0);
    }
}

/* A copy of exactly its size, so that a sanitizer sees a read behind it. */
static enum ws_status exact_load(struct ws_machine *machine, const struct ws_buffer *bytes)
{
    uint8_t *copy = malloc(bytes->size ? bytes->size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes->data, bytes->size);
    enum ws_status status = ws_machine_load(machine, copy, bytes->size);
    free(copy);
    return status;
}

/* A disk's block is under way, and the timer runs.  Whatever is loaded runs somehow, or is refused,
 * and the machine can be put back. */
START_TEST(damaged)
{
    enum { HEAD = 20, CHIPS_END = 20000 };
    static const size_t reach[] = {1000, 1600, CHIPS_END}; /* CPU and engine; most of the chips; their buffers */
    unsigned rounds = effort_more(200, 400, 10000), accepted = 0;
    struct ws_buffer saved = WS_BUFFER_INIT, bytes = WS_BUFFER_INIT;
    struct ws_machine *machine = guest_load("ata");
    struct ws_snapshot *start;
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    uint64_t hash = ws_machine_hash(machine);
    for (unsigned i = 0; i < rounds; i++) {
        if (i % 50 == 0) {
            ws_machine_run(machine, 1000 + chance(30000));
            ck_assert_int_eq(ws_machine_save(machine, start, &saved), WS_OK);
            ws_snapshot_restore(start, machine);
        }
        ws_buffer_clear(&bytes);
        ws_buffer_append(&bytes, saved.data, saved.size);
        damage(&bytes, i % 16 ? HEAD : 0, i % 4 < 3 ? reach[i % 4] : saved.size);
        if (exact_load(machine, &bytes) == WS_OK) {
            accepted++;
            ws_machine_run(machine, 2000);
        }
        ws_snapshot_restore(start, machine);
        ck_assert_uint_eq(ws_machine_hash(machine), hash);
    }
    ck_assert_uint_gt(accepted, rounds / 20);
    ck_assert_uint_lt(accepted, rounds);
    ws_snapshot_free(start);
    ws_machine_free(machine);
    ws_buffer_release(&saved);
    ws_buffer_release(&bytes);
}
END_TEST

/* Saved since another state, or for another machine. */
START_TEST(of_another)
{
    struct ws_buffer saved = WS_BUFFER_INIT;
    struct ws_machine *machine = guest_load("pit"), *other;
    struct ws_machine_options small = {.memory_bytes = 1 << 20};
    struct ws_snapshot *start, *middle;
    ck_assert_int_eq(ws_snapshot_take(&start, machine), WS_OK);
    run_to(machine, 5000);
    ck_assert_int_eq(ws_snapshot_take(&middle, machine), WS_OK);
    run_to(machine, 20000);
    ck_assert_int_eq(ws_machine_save(machine, middle, &saved), WS_OK);
    ws_snapshot_restore(start, machine);
    ck_assert_int_eq(ws_machine_load(machine, saved.data, saved.size), WS_BAD_IMAGE);
    ws_snapshot_restore(middle, machine);
    ck_assert_int_eq(ws_machine_load(machine, saved.data, saved.size), WS_OK);
    ck_assert_int_eq(ws_machine_save(machine, start, &saved), WS_OK);
    ck_assert_int_eq(ws_machine_new(&other, &small), WS_OK);
    ws_snapshot_restore(start, machine);
    ck_assert_int_eq(ws_machine_load(other, saved.data, saved.size), WS_BAD_IMAGE);
    ws_machine_free(other);
    saved.data[16] ^= 4; /* chips of another size */
    ck_assert_int_eq(ws_machine_load(machine, saved.data, saved.size), WS_UNSUPPORTED);
    ws_snapshot_free(start);
    ws_snapshot_free(middle);
    ws_machine_free(machine);
    ws_buffer_release(&saved);
}
END_TEST

Suite *saved_suite(void)
{
    Suite *suite = suite_create("saved states");
    guests_find(&guests);
    TCase *goes_on = tcase_create("goes on");
    tcase_set_tags(goes_on, "heavy");
    tcase_add_loop_test(goes_on, guests_go_on, 0, guests.count);
    tcase_add_test(goes_on, every_mark);
    tcase_add_test(goes_on, floats);
    tcase_add_test(goes_on, clock_written);
    tcase_add_test(goes_on, page_attributes);
    tcase_add_test(goes_on, precision);
    tcase_add_test(goes_on, model_specific);
    suite_add_tcase(suite, goes_on);
    TCase *broken = tcase_create("broken");
    tcase_add_test(broken, damaged);
    tcase_add_test(broken, of_another);
    suite_add_tcase(suite, broken);
    return suite;
}
