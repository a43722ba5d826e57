/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: Unicorn behind the interface of engine.h.
 *
 * Two things are not in Unicorn's interface.  The engine gets them from a saved context (see context_layout.h):
 *   - The hidden parts of segment registers, and the error code of an exception.
 *   - The exception that Unicorn has reported last.  Unicorn keeps it, since it never learns that the library has
 *     entered a handler, and would make a double fault of the next exception.  So the engine sets it to "none".
 */
#include "unicorn/engine.h"

#include <stdlib.h>
#include <string.h>

#include <worldswitch/exception.h>
#include <worldswitch/paging.h>

#include "unicorn/parts.h"
#include "unicorn/room.h"

enum {
    TRANSLATION_LEAST = 8 << 20,   /* the buffer for translations has at least this size; */
    TRANSLATION_PART = 2,          /* a larger guest has more code: the buffer has this part of its RAM's size, */
    TRANSLATION_MOST = 32 << 20,   /* but no more than the table of blocks is made for */
    TRANSLATION_SPARE = 1 << 19,   /* more than one translation needs */
    TRANSLATION_A_FAULT = 1 << 10, /* more than a translation needs that an exception makes useless */
    FETCHED_BYTES = (1 + WS__ENGINE_COPY_COUNT) * WS_PAGE_BYTES /* the page of the open bus, and the copies */
};

/* -- hooks ------------------------------------------------------------------------------------- */

/*
 * Note that a translation calls the hook, to learn how much of the buffer is used.
 *
 * When its buffer for translations is full, Unicorn empties it, but keeps wrong notes about which pages contain code.
 * The next write to one of these pages crashes the process.  So the owner must call ws__engine_forget_code() before the
 * buffer is full.  Unicorn does not tell how much is used.  But it puts one translation behind the other, so the return
 * addresses of the hook's calls show it.
 */
static void translation_note(struct ws__engine *engine, uintptr_t caller)
{
    if (!engine->code_first || caller < engine->code_first)
        engine->code_first = caller;
    if (caller > engine->code_last)
        engine->code_last = caller;
    uintptr_t used = engine->code_last - engine->code_first + (uintptr_t)engine->faults * TRANSLATION_A_FAULT;
    engine->nearly_full = used > engine->translation_bytes - TRANSLATION_SPARE;
}

/* Tell Unicorn to stop.  It does not always stop at once: it may enter other blocks first, and announce the first
 * instruction of a block that must not begin.  So from now on no block and no instruction may begin. */
static void stop(struct ws__engine *engine)
{
    engine->stopping = true;
    engine->budget->step_mode = true;
    engine->budget->watched |= WS__TOUCHES_ALWAYS; /* no block passes */
    uc_emu_stop(engine->uc);
}

/* Unicorn calls this hook for each instruction that is announced. */
static void code_hook(uc_engine *uc, uint64_t linear, uint32_t size, void *context)
{
    struct ws__engine *engine = context;
    const struct ws__engine_client *client = &engine->client;
    if (ws__budget_lets_begin(engine->budget, (uint32_t)linear))
        return;
    bool (*may_begin)(void *, uint32_t) = engine->budget->step_mode ? client->begin : client->hook_point;
    (void)uc;
    (void)size;
    if (engine->stopping || !may_begin(client->context, (uint32_t)linear))
        stop(engine);
}

/* Ask whether a block may begin. */
static bool may_enter(struct ws__engine *engine, uint64_t linear, uint32_t size, uintptr_t translation)
{
    const struct ws__engine_client *client = &engine->client;
    if (engine->stopping)
        return false;
    translation_note(engine, translation);
    if (engine->budget->step_mode)
        ws__engine_announce_stepped(engine, linear);
    else if (linear >= WS__ANNOUNCED)
        ws__engine_announce_entered(engine, linear, size, (const uint8_t *)translation);
    return client->enter(client->context, linear, size, translation);
}

static __attribute__((noinline)) void enter(struct ws__engine *engine, uint64_t linear, uint32_t size,
                                            uintptr_t translation)
{
    if (may_enter(engine, linear, size, translation))
        return;
    stop(engine);
    engine->in_front = true;
    engine->front = (uint32_t)linear;
}

static __attribute__((noinline)) void pointer_open(struct ws__engine *engine, uint8_t *state)
{
    uc_context_save(engine->uc, engine->context);
    ws__state_pointer_open(&engine->pointer, &engine->layout, engine->context, state);
}

/* hook.S goes on here with each block that it does not let pass.  `state` may be the state pointer; NULL: unknown. */
void ws__engine_block_called(uc_engine *uc, uint64_t linear, uint32_t size, void *context, uint8_t *state)
{
    struct ws__engine *engine = context;
    uintptr_t translation = (uintptr_t)__builtin_return_address(0);
    (void)uc;
    if (!engine->pointer.tried)
        pointer_open(engine, state);
    if (!ws__budget_pass(engine->budget, translation))
        enter(engine, linear, size, translation);
}

#ifndef __x86_64__
void ws__engine_block_hook(uc_engine *uc, uint64_t linear, uint32_t size, void *context)
{
    ws__engine_block_called(uc, linear, size, context, NULL);
}
#endif

uint32_t ws__engine_jumps(const struct ws__engine *engine)
{
    return engine->jumps;
}

struct ws__budget *ws__engine_budget(struct ws__engine *engine)
{
    return engine->budget;
}

static void interrupt_hook(uc_engine *uc, uint32_t vector, void *context)
{
    struct ws__engine *engine = context;
    engine->raised = true;
    engine->vector = (uint8_t)vector;
    uc_emu_stop(uc);
}

static uint32_t in_hook(uc_engine *uc, uint32_t port, int bytes, void *context)
{
    struct ws__engine *engine = context;
    (void)uc;
    return engine->client.port_read(engine->client.context, (uint16_t)port, (unsigned)bytes);
}

static void out_hook(uc_engine *uc, uint32_t port, int bytes, uint32_t value, void *context)
{
    struct ws__engine *engine = context;
    (void)uc;
    engine->client.port_write(engine->client.context, (uint16_t)port, (unsigned)bytes, value);
}

static bool fill_hook(uc_engine *uc, uint64_t linear, uc_mem_type type, uc_tlb_entry *entry, void *context)
{
    struct ws__engine *engine = context;
    const struct ws__engine_client *client = &engine->client;
    enum ws_access access = type == UC_MEM_WRITE   ? WS_ACCESS_WRITE
                            : type == UC_MEM_FETCH ? WS_ACCESS_EXECUTE
                                                   : WS_ACCESS_READ;
    struct ws__engine_page page;
    (void)uc;
    if (!client->fill(client->context, linear, access, &page)) {
        engine->refused = true;
        return false;
    }
    entry->paddr = page.phys;
    entry->perms = (uc_prot)((page.readable ? UC_PROT_READ : 0) | (page.writable ? UC_PROT_WRITE : 0) |
                             (page.executable ? UC_PROT_EXEC : 0));
    return true;
}

/* Accesses to physical addresses behind RAM.  Unicorn counts `offset` from the end of RAM. */
static uint64_t memory_read_hook(uc_engine *uc, uint64_t offset, unsigned size, void *context)
{
    struct ws__engine *engine = context;
    (void)uc;
    return engine->client.memory_read(engine->client.context, (uint32_t)(engine->ram_bytes + offset), size);
}

static void memory_write_hook(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *context)
{
    struct ws__engine *engine = context;
    (void)uc;
    engine->client.memory_write(engine->client.context, (uint32_t)(engine->ram_bytes + offset), size, value);
}

/* -- life -------------------------------------------------------------------------------------- */

static bool hooks_add(struct ws__engine *engine)
{
    uc_engine *uc = engine->uc;
    uc_hook hook;
    /* the range 1 to 0 is empty, which means all addresses */
    return uc_hook_add(uc, &hook, UC_HOOK_BLOCK, (void *)ws__engine_block_hook, engine, 1, 0) == UC_ERR_OK &&
           ws__engine_announce_open(engine, (void *)code_hook) &&
           uc_hook_add(uc, &hook, UC_HOOK_TLB_FILL, (void *)fill_hook, engine, 1, 0) == UC_ERR_OK &&
           uc_hook_add(uc, &hook, UC_HOOK_INTR, (void *)interrupt_hook, engine, 1, 0) == UC_ERR_OK &&
           uc_hook_add(uc, &hook, UC_HOOK_INSN, (void *)in_hook, engine, 1, 0, UC_X86_INS_IN) == UC_ERR_OK &&
           uc_hook_add(uc, &hook, UC_HOOK_INSN, (void *)out_hook, engine, 1, 0, UC_X86_INS_OUT) == UC_ERR_OK;
}

/* Unicorn starts with flat segments, but their hidden parts are zero.  Load what a multiboot loader leaves, with the
 * selectors of QEMU's loader.  Multiboot Specification §3.2 "Machine state" */
static void segments_reset(struct ws__engine *engine)
{
    static const enum ws_register data[] = {WS_SS, WS_DS, WS_ES, WS_FS, WS_GS};
    const struct ws__engine_segment code_flat = {0x08, 0, UINT32_MAX, 0x00cf9b00};
    const struct ws__engine_segment data_flat = {0x10, 0, UINT32_MAX, 0x00cf9300};
    uc_context_save(engine->uc, engine->context);
    ws__context_layout_segment_set(&engine->layout, engine->context, WS_CS, &code_flat);
    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++)
        ws__context_layout_segment_set(&engine->layout, engine->context, data[i], &data_flat);
    uc_context_restore(engine->uc, engine->context);
}

/* When Unicorn starts, its floating-point control words read as 0, but it rounds as after `fninit`.  And until CR4 is
 * written, it lets SSE run although CR4.OSFXSR is 0.  Write these registers, so that Unicorn does what they say.
 * SDM 2A "FINIT/FNINIT—Initialize Floating-Point Unit"; SDM 3A §9.1.1 "Processor State After Reset", table 9-1 */
static bool registers_reset(uc_engine *uc)
{
    const uint16_t control = 0x37f, tags = 0xffff;
    const uint32_t mxcsr = 0x1f80, cr4 = 0;
    return uc_reg_write(uc, UC_X86_REG_FPCW, &control) == UC_ERR_OK &&
           uc_reg_write(uc, UC_X86_REG_FPTAG, &tags) == UC_ERR_OK &&
           uc_reg_write(uc, UC_X86_REG_MXCSR, &mxcsr) == UC_ERR_OK &&
           uc_reg_write(uc, UC_X86_REG_CR4, &cr4) == UC_ERR_OK;
}

#define ABOVE_4_GIB (UINT64_C(1) << 32)

/* The size of the buffer for translations.  Unicorn fills all of it with zeros when it forgets its translations, so it
 * should not be large without need; for Unicorn's default, a gigabyte, this takes a second.  But if it is too small for
 * what a guest executes, the same code is translated over and over again. */
static uint32_t translation_size(uint32_t ram_bytes)
{
    uint32_t bytes = ram_bytes / TRANSLATION_PART & ~((1u << 20) - 1);
    return bytes < TRANSLATION_LEAST ? TRANSLATION_LEAST : bytes > TRANSLATION_MOST ? TRANSLATION_MOST : bytes;
}

static enum ws_status engine_open(struct ws__engine *engine, uint8_t *ram, uint32_t bytes)
{
    engine->translation_bytes = translation_size(bytes);
    if (!ws__engine_room(engine->translation_bytes) || uc_open(UC_ARCH_X86, UC_MODE_32, &engine->uc) != UC_ERR_OK)
        return WS_NO_MEMORY;
    uc_engine *uc = engine->uc;
    uint64_t above = ABOVE_4_GIB - bytes;
    /* If exits are not enabled, each uc_emu_start() fetches and translates code at its `until` address, which the guest
     * may not have. */
    if (uc_ctl_set_cpu_model(uc, UC_CPU_X86_QEMU32) != UC_ERR_OK ||
        uc_ctl_set_tcg_buffer_size(uc, engine->translation_bytes) != UC_ERR_OK ||
        uc_ctl_exits_enable(uc) != UC_ERR_OK || uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL) != UC_ERR_OK ||
        uc_mem_map_ptr(uc, 0, bytes, UC_PROT_ALL, ram) != UC_ERR_OK ||
        uc_mmio_map(uc, bytes, above, memory_read_hook, engine, memory_write_hook, engine) != UC_ERR_OK ||
        uc_mem_map_ptr(uc, WS__ENGINE_OPEN_BUS, FETCHED_BYTES, UC_PROT_ALL, engine->open_bus) != UC_ERR_OK ||
        !hooks_add(engine) || uc_context_alloc(uc, &engine->context) != UC_ERR_OK ||
        uc_context_alloc(uc, &engine->segments) != UC_ERR_OK)
        return WS_ENGINE;
    ws__context_layout_shorten(&engine->layout, engine->segments);
    memset(engine->seen, 0xff, sizeof engine->seen);
    segments_reset(engine);
    return registers_reset(uc) ? WS_OK : WS_ENGINE;
}

enum ws_status ws__engine_new(struct ws__engine **out, uint8_t *ram, uint32_t bytes,
                              const struct ws__engine_client *client)
{
    *out = NULL;
    struct ws__engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return WS_NO_MEMORY;
    engine->client = *client;
    engine->ram_bytes = bytes;
    engine->budget = calloc(1, sizeof *engine->budget);
    engine->open_bus = aligned_alloc(WS_PAGE_BYTES, FETCHED_BYTES);
    if (engine->open_bus)
        memset(engine->open_bus, 0xff, WS_PAGE_BYTES);
    enum ws_status status =
        engine->budget && engine->open_bus ? ws__context_layout_find(&engine->layout) : WS_NO_MEMORY;
    if (!status)
        status = engine_open(engine, ram, bytes);
    if (status) {
        ws__engine_free(engine);
        return status;
    }
    *out = engine;
    return WS_OK;
}

void ws__engine_free(struct ws__engine *engine)
{
    if (!engine)
        return;
    if (engine->context)
        uc_context_free(engine->context);
    if (engine->segments)
        uc_context_free(engine->segments);
    if (engine->uc)
        uc_close(engine->uc);
    free(engine->budget);
    free(engine->open_bus);
    free(engine);
}

/* -- running ----------------------------------------------------------------------------------- */

/* Read the error code of the exception that Unicorn has reported, and make Unicorn forget the exception. */
static uint32_t exception_take(struct ws__engine *engine)
{
    uint8_t *state = (uint8_t *)engine->context;
    uint32_t error_code;
    const int32_t none = -1;
    uc_context_save(engine->uc, engine->context);
    memcpy(&error_code, state + engine->layout.error_code, sizeof error_code);
    memcpy(state + engine->layout.old_exception, &none, sizeof none);
    uc_context_restore(engine->uc, engine->context);
    return error_code;
}

/* Set EIP to the block that was not entered.  Where one block goes directly to the next, Unicorn does not write EIP in
 * between, so EIP is an old value. */
static void front_set(struct ws__engine *engine)
{
    struct ws_descriptor code;
    ws__engine_segment(engine, WS_CS, &code);
    ws__engine_set(engine, WS_EIP, engine->front - code.base);
}

enum ws__engine_end ws__engine_run(struct ws__engine *engine, struct ws__engine_exception *exception)
{
    engine->raised = engine->stopping = engine->in_front = engine->refused = false;
    uint32_t eip = ws__engine_get(engine, WS_EIP);
    ws__engine_announce_begin(engine);
    uc_err error = uc_emu_start(engine->uc, eip, 0, 0, 0);
    if (engine->in_front)
        front_set(engine);
    engine->faults += error != UC_ERR_OK || engine->raised;
    if (error == UC_ERR_EXCEPTION && engine->refused)
        return WS__ENGINE_REFUSED;
    if (engine->raised || error == UC_ERR_INSN_INVALID) { /* for #UD Unicorn does not call the interrupt hook */
        exception->vector = engine->raised ? engine->vector : WS_VECTOR_UD;
        exception->error_code = exception_take(engine);
        return WS__ENGINE_EXCEPTION;
    }
    return error == UC_ERR_OK ? WS__ENGINE_RETURNED : WS__ENGINE_FAILED;
}

/* -- translated code ---------------------------------------------------------------------------- */

bool ws__engine_is_nearly_full(const struct ws__engine *engine)
{
    return engine->nearly_full;
}

/* Unicorn writes zeros over its whole buffer.  That takes milliseconds, so it is not done if there is nothing to
 * forget: the buffer of a new engine is often not used yet when it is said what is listened to. */
void ws__engine_forget_code(struct ws__engine *engine)
{
    if (engine->code_first)
        uc_ctl_flush_tb(engine->uc);
    engine->request.translation = NULL;
    engine->code_first = engine->code_last = 0;
    engine->faults = 0;
    engine->nearly_full = false;
}

void ws__engine_flush_tlb(struct ws__engine *engine)
{
    uc_ctl_flush_tlb(engine->uc);
}

/* Make Unicorn forget the translations of a page.  Unicorn expects a linear address, and calls fill() for its page.
 * The caller has added WS__ENGINE_PHYSICAL or WS__ENGINE_COPY, so fill() knows what is meant. */
static void page_forget(struct ws__engine *engine, uint64_t linear)
{
    uc_ctl_remove_cache(engine->uc, linear, linear + WS_PAGE_BYTES);
}

void ws__engine_forget_frame(struct ws__engine *engine, uint32_t phys)
{
    page_forget(engine, WS__ENGINE_PHYSICAL + phys);
}

void ws__engine_forget_copy(struct ws__engine *engine, unsigned number)
{
    page_forget(engine, WS__ENGINE_COPY + number * (uint64_t)WS_PAGE_BYTES);
}

uint8_t *ws__engine_copy(const struct ws__engine *engine, unsigned number)
{
    return engine->open_bus + (1 + number) * (size_t)WS_PAGE_BYTES;
}

const uint8_t *ws__engine_open_bus(const struct ws__engine *engine)
{
    return engine->open_bus;
}

void ws__engine_version(unsigned *major, unsigned *minor, unsigned *patch)
{
    unsigned version = uc_version(NULL, NULL);
    *major = version >> 24 & 0xff;
    *minor = version >> 16 & 0xff;
    *patch = version >> 8 & 0xff;
}
