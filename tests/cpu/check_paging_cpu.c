/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page walk against Unicorn's own one: thousands of random page tables, and an access through each, in both
 * rings.
 *
 * The guest turns paging on, changes the ring if asked, and makes one access.  What ws_page_walk() says before and what
 * Unicorn does must agree: allowed or not, the byte that is reached, error code, CR2, and the accessed and dirty
 * bits.
 *
 * Two things are not compared.  Bits 20 to 13 of an entry for a 4 MiB page are reserved on our CPU, but Unicorn takes
 * them for PSE-36's address bits, so they stay zero here.  And when an access fails, the manual leaves open whether the
 * entries on the way are marked as accessed.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/paging.h>

#include "effort.h"
#include "unicorn/parts.h"
#include "x86/page_entry.h"

enum {
    RAM_BYTES = 4 << 20,
    CODE = 0x1000, /* mapped at the same linear address, for both rings */
    STACK_TOP = 0x3000,
    GDT = 0x1800,
    GDT_POINTER = 0x1900,
    DIRECTORY = 0x10000,
    LOW_TABLE = 0x11000, /* maps CODE and the stack */
    TABLES = 0x12000,    /* four random page tables */
    TABLES_END = 0x16000,
    FRAMES = 0x100000, /* random tables map these frames; they are full of hlt */
    FRAMES_BYTES = 0x10000,
    FIRST_PTE = FRAMES / WS_PAGE_BYTES, /* this index, so that an offset in a 4 MiB page leads to FRAMES, too */
    PTES = FRAMES_BYTES / WS_PAGE_BYTES,
    PDES = 8,
    HLT = 0xf4,
    INT3 = 0xcc, /* what a fetch should find */
    READ = 0x77, /* what a read should find */
    WRITTEN = 0x5a,
    TRIALS = 2500, /* for each seed of the random numbers */
    TRIALS_LONG = 100000
};

/*
 * The guest.  Registers on entry to `enter`: EAX = CR3, EBX = CR0, ECX = CR4, EDX = the stub, ESI = the address to
 * access, EDI = the ring.
 */
enum { READ_STUB = CODE + 0x80, WRITE_STUB = CODE + 0x90, EXECUTE_STUB = CODE + 0xa0, ENTER = CODE + 0x20 };

/* clang-format off */
static const uint8_t setup_code[] = {
    0x0f, 0x01, 0x15, 0x00, 0x19, 0x00, 0x00, /* lgdt GDT_POINTER */
    0xea, 0x0e, 0x10, 0x00, 0x00, 0x08, 0x00, /* ljmp $8, $1f */
    0xb8, 0x23, 0x00, 0x00, 0x00,             /* 1: mov $0x23, %eax: ring 3's data, ring 0 may use it */
    0x8e, 0xd8, 0x8e, 0xc0,                   /* mov %eax, %ds; mov %eax, %es */
    0xb0, 0x10, 0x8e, 0xd0,                   /* mov $0x10, %al; mov %eax, %ss */
    0xf4,                                     /* hlt */
};
static const uint8_t enter_code[] = {
    0x0f, 0x22, 0xe1, 0x0f, 0x22, 0xd8,       /* mov %ecx, %cr4; mov %eax, %cr3 */
    0x0f, 0x22, 0xc3,                         /* mov %ebx, %cr0 */
    0x85, 0xff, 0x75, 0x02, 0xff, 0xe2,       /* test %edi, %edi; jnz 1f; jmp *%edx */
    0x6a, 0x23, 0x68, 0x00, 0x30, 0x00, 0x00, /* 1: push $0x23; push $STACK_TOP */
    0x6a, 0x02, 0x6a, 0x1b, 0x52, 0xcf,       /* push $2; push $0x1b; push %edx; iret */
};
static const uint8_t read_code[] = {
    0x8a, 0x06, 0xcd, 0x80,                   /* mov (%esi), %al; int $0x80 */
};
static const uint8_t write_code[] = {
    0xc6, 0x06, WRITTEN, 0xcd, 0x80,          /* movb $WRITTEN, (%esi); int $0x80 */
};
static const uint8_t execute_code[] = {
    0xff, 0xe6,                               /* jmp *%esi */
};
/* clang-format on */

static const uint64_t gdt[] = {0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff};

static const uint32_t stub_of[] = {
    [WS_ACCESS_READ] = READ_STUB, [WS_ACCESS_WRITE] = WRITE_STUB, [WS_ACCESS_EXECUTE] = EXECUTE_STUB};

static uint8_t *ram;
static uint8_t frames[FRAMES_BYTES]; /* the contents of FRAMES before each access */
static struct ws__engine *engine;
static void *ready; /* the engine's state after setup_code: segments loaded, paging off */
static uint64_t random_state;

static uint32_t random_next(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

static bool always_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation)
{
    (void)context;
    (void)linear;
    (void)bytes;
    (void)translation;
    return true;
}

static bool always_begin(void *context, uint32_t linear)
{
    (void)context;
    (void)linear;
    return true;
}

static bool never_fill(void *context, uint64_t linear, enum ws_access access, struct ws__engine_page *out)
{
    (void)context;
    (void)linear;
    (void)access;
    (void)out;
    return false;
}

static uint32_t no_port_read(void *context, uint16_t port, unsigned bytes)
{
    (void)context;
    (void)port;
    (void)bytes;
    return UINT32_MAX;
}

static void no_port_write(void *context, uint16_t port, unsigned bytes, uint32_t value)
{
    (void)context;
    (void)port;
    (void)bytes;
    (void)value;
}

static uint64_t no_memory_read(void *context, uint32_t phys, unsigned bytes)
{
    (void)context;
    (void)phys;
    (void)bytes;
    return UINT64_MAX;
}

static void no_memory_write(void *context, uint32_t phys, unsigned bytes, uint64_t value)
{
    (void)context;
    (void)phys;
    (void)bytes;
    (void)value;
}

static void entry_put(uint32_t phys, uint32_t entry)
{
    memcpy(ram + phys, &entry, sizeof entry);
}

static void guest_build(void)
{
    static const uint8_t pointer[] = {sizeof gdt - 1, 0, GDT & 0xff, GDT >> 8, 0, 0};
    memcpy(ram + CODE, setup_code, sizeof setup_code);
    memcpy(ram + ENTER, enter_code, sizeof enter_code);
    memcpy(ram + READ_STUB, read_code, sizeof read_code);
    memcpy(ram + WRITE_STUB, write_code, sizeof write_code);
    memcpy(ram + EXECUTE_STUB, execute_code, sizeof execute_code);
    memcpy(ram + GDT, gdt, sizeof gdt);
    memcpy(ram + GDT_POINTER, pointer, sizeof pointer);
    /* accessed and dirty are set already, so that only the access under test can change a table */
    entry_put(DIRECTORY, LOW_TABLE | 0x67);
    for (uint32_t page = CODE; page < STACK_TOP; page += WS_PAGE_BYTES)
        entry_put(LOW_TABLE + page / WS_PAGE_BYTES * 4, page | 0x67);
}

static void engine_setup(void)
{
    static struct ws__block no_blocks[WS__BLOCKS];
    const struct ws__budget no_budget = {.table = no_blocks, .left = -1};
    static const struct ws__engine_client client = {NULL,          always_enter,   always_begin,
                                                    always_begin,  never_fill,     no_port_read,
                                                    no_port_write, no_memory_read, no_memory_write};
    struct ws__engine_exception exception;
    ram = aligned_alloc(WS_PAGE_BYTES, RAM_BYTES);
    ck_assert_ptr_nonnull(ram);
    memset(ram, 0, RAM_BYTES);
    guest_build();
    memset(frames, HLT, sizeof frames);
    memcpy(ram + FRAMES, frames, sizeof frames);
    ck_assert_int_eq(ws__engine_new(&engine, ram, RAM_BYTES, &client), WS_OK);
    ck_assert_int_eq(uc_ctl_tlb_mode(engine->uc, UC_TLB_CPU), UC_ERR_OK); /* Unicorn walks the page tables */
    *ws__engine_budget(engine) = no_budget;
    ws__engine_set(engine, WS_EIP, CODE);
    ck_assert_int_eq(ws__engine_run(engine, &exception), WS__ENGINE_RETURNED);
    ck_assert_uint_eq(ws__engine_get(engine, WS_EIP), CODE + sizeof setup_code);
    ck_assert_uint_eq(ws__engine_get(engine, WS_CS), 8);
    ws__engine_set(engine, WS_ESP, STACK_TOP);
    ready = malloc(ws__engine_state_bytes(engine));
    ck_assert_ptr_nonnull(ready);
    ws__engine_state_save(engine, ready);
}

static void engine_teardown(void)
{
    ws__engine_free(engine);
    free(ready);
    free(ram);
}

/* P and the rights are set in three of four entries, so that many accesses get through and many fail. */
static uint32_t flags_random(void)
{
    uint32_t flags = random_next() & 0x1f8;
    for (uint32_t bit = WS_PTE_P; bit <= WS_PTE_US; bit <<= 1)
        flags |= random_next() % 4 ? bit : 0;
    return flags;
}

static void tables_randomize(bool pse)
{
    for (uint32_t i = 1; i <= PDES; i++) {
        uint32_t flags = flags_random();
        if ((flags & WS_PTE_PS) && pse) /* the 4 MiB page at 0; one of eight has a reserved bit set */
            flags |= random_next() % 8 ? 0 : 1u << 21;
        else
            flags |= TABLES + random_next() % 4 * WS_PAGE_BYTES;
        entry_put(DIRECTORY + i * 4, flags);
    }
    for (uint32_t table = TABLES; table < TABLES_END; table += WS_PAGE_BYTES) {
        for (uint32_t i = FIRST_PTE; i < FIRST_PTE + PTES; i++)
            entry_put(table + i * 4, (FRAMES + random_next() % PTES * WS_PAGE_BYTES) | flags_random());
    }
}

struct trial {
    struct ws_registers registers;
    uint32_t linear;
    enum ws_access access;
    bool user;
    struct ws_translation walk;
    uint8_t tables[TABLES_END - DIRECTORY]; /* as the tables should be after the access */
};

static void trial_make(struct trial *trial)
{
    uint32_t random = random_next();
    memset(trial, 0, sizeof *trial);
    trial->registers.value[WS_CR0] = WS_CR0_PE | WS_CR0_PG | (random & 1 ? WS_CR0_WP : 0);
    trial->registers.value[WS_CR3] = DIRECTORY;
    trial->registers.value[WS_CR4] = (random & 2 ? WS_CR4_PSE : 0) | (random & 4 ? WS_CR4_PGE : 0);
    trial->user = random & 8;
    trial->access = (enum ws_access)(random_next() % 3);
    trial->linear = ((1 + random_next() % PDES) << 22) + FRAMES + random_next() % FRAMES_BYTES;
    tables_randomize(random & 2);

    const struct ws_physical memory = {ram, RAM_BYTES};
    ws_page_walk(&trial->walk, &memory, &trial->registers, trial->linear, trial->access, trial->user);
    uint8_t *after = malloc(TABLES_END);
    ck_assert_ptr_nonnull(after);
    memcpy(after, ram, TABLES_END);
    ws__page_mark_used(&trial->walk, after, TABLES_END, trial->access);
    memcpy(trial->tables, after + DIRECTORY, sizeof trial->tables);
    free(after);
}

/* Make the byte that the walk leads to unlike all others. */
static void target_put(const struct trial *trial)
{
    if (trial->walk.result == WS_PAGE_OK && trial->access != WS_ACCESS_WRITE)
        ram[trial->walk.phys] = trial->access == WS_ACCESS_READ ? READ : INT3;
    ws__engine_forget_code(engine);
}

static void trial_run(const struct trial *trial, struct ws__engine_exception *exception)
{
    ws__engine_state_restore(engine, ready);
    ws__engine_flush_tlb(engine);
    ws__engine_set(engine, WS_EAX, trial->registers.value[WS_CR3]);
    ws__engine_set(engine, WS_EBX, trial->registers.value[WS_CR0]);
    ws__engine_set(engine, WS_ECX, trial->registers.value[WS_CR4]);
    ws__engine_set(engine, WS_EDX, stub_of[trial->access]);
    ws__engine_set(engine, WS_ESI, trial->linear);
    ws__engine_set(engine, WS_EDI, trial->user);
    ws__engine_set(engine, WS_EIP, ENTER);
    target_put(trial);
    ck_assert_int_eq(ws__engine_run(engine, exception), WS__ENGINE_EXCEPTION);
    ck_assert_uint_eq(ws__engine_cpl(engine), trial->user ? 3 : 0);
}

static bool target_reached(const struct trial *trial, const struct ws__engine_exception *seen)
{
    switch (trial->access) {
    case WS_ACCESS_READ:
        return seen->vector == 0x80 && (ws__engine_get(engine, WS_EAX) & 0xff) == READ;
    case WS_ACCESS_WRITE:
        return seen->vector == 0x80 && ram[trial->walk.phys] == WRITTEN;
    default:
        return seen->vector == WS_VECTOR_BP && ws__engine_get(engine, WS_EIP) == trial->linear + 1;
    }
}

static void success_check(const struct trial *trial, const struct ws__engine_exception *seen, int round)
{
    const struct ws_translation *walk = &trial->walk;
    ck_assert_msg(target_reached(trial, seen),
                  "round %d: the walk takes 0x%08x to 0x%08x, access %d, user %d; the CPU raised %u (0x%x)", round,
                  trial->linear, walk->phys, trial->access, trial->user, seen->vector, seen->error_code);
    ck_assert_msg(memcmp(trial->tables, ram + DIRECTORY, sizeof trial->tables) == 0,
                  "round %d: accessed or dirty bits differ, PDE 0x%08x, PTE 0x%08x", round, walk->pde, walk->pte);
    ram[walk->phys] = HLT;
    ck_assert_msg(memcmp(frames, ram + FRAMES, FRAMES_BYTES) == 0, "round %d: something else was written", round);
}

static void failure_check(const struct trial *trial, const struct ws__engine_exception *seen, int round)
{
    const struct ws_translation *walk = &trial->walk;
    const char *why = ws_page_result_text((enum ws_page_result)walk->result);
    uint32_t cr2 = ws__engine_get(engine, WS_CR2);
    ck_assert_msg(seen->vector == WS_VECTOR_PF && seen->error_code == walk->error_code,
                  "round %d: %s, error code %u; the CPU raised %u with error code %u", round, why, walk->error_code,
                  seen->vector, seen->error_code);
    ck_assert_msg(cr2 == trial->linear, "round %d: CR2 is 0x%08x, not 0x%08x", round, cr2, trial->linear);
    for (size_t i = 0; i < sizeof trial->tables; i += 4) {
        uint32_t wanted, found;
        memcpy(&wanted, trial->tables + i, sizeof wanted);
        memcpy(&found, ram + DIRECTORY + i, sizeof found);
        if ((wanted | WS_PTE_A) != (found | WS_PTE_A))
            ck_abort_msg("round %d: %s, and an entry changed", round, why);
    }
}

START_TEST(the_walk_agrees_with_the_cpu)
{
    unsigned seen[WS_PAGE_NOT_WRITABLE + 1] = {0};
    random_state = (uint64_t)_i + 1;
    struct trial *trial = malloc(sizeof *trial);
    ck_assert_ptr_nonnull(trial);
    int rounds = (int)effort_more(TRIALS / 2, TRIALS, TRIALS_LONG);
    for (int round = 0; round < rounds; round++) {
        struct ws__engine_exception exception;
        trial_make(trial);
        trial_run(trial, &exception);
        if (trial->walk.result == WS_PAGE_OK)
            success_check(trial, &exception, round);
        else
            failure_check(trial, &exception, round);
        seen[trial->walk.result]++;
    }
    free(trial);
    /* If a result never came up, this test proves nothing about it. */
    for (unsigned result = 0; result <= WS_PAGE_NOT_WRITABLE; result++)
        ck_assert_msg(result == WS_PAGE_OFF || seen[result] >= 10, "%s: %u times",
                      ws_page_result_text((enum ws_page_result)result), seen[result]);
}
END_TEST

Suite *paging_cpu_suite(void)
{
    Suite *suite = suite_create("paging against the CPU");
    TCase *random = tcase_create("random tables");
    tcase_set_tags(random, "heavy");
    tcase_add_checked_fixture(random, engine_setup, engine_teardown);
    tcase_add_loop_test(random, the_walk_agrees_with_the_cpu, 0, 4);
    suite_add_tcase(suite, random);
    return suite;
}
