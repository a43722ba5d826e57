/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the context layout by experiments.
 */
#include "unicorn/context_layout.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unicorn/room.h"

/* An engine that is used only to find the layout, and a context that was saved at each of these moments. */
enum moment { AT_RESET, AFTER_DE, AFTER_GP_10, AFTER_GP_18, AT_RING_3, MOMENTS };

struct probe {
    uc_engine *uc;
    uc_context *context[MOMENTS];
    size_t bytes;
};

enum {
    FRONT = 128, /* a context has fewer bytes than this in front of the saved state */
    PROBE_MEMORY = 0x4000,
    PROBE_TRANSLATION = 1 << 20, /* the smallest buffer that Unicorn accepts; its default is a gigabyte */
    PROBE_CODE = 0x1000,
    SEGMENT_STRIDE = WS__ENGINE_SEGMENT_BYTES, /* selector (4, padded to 8), base (8), limit (4), attributes (4) */
    GDTR_INDEX = 8,       /* the index of GDTR in the order of struct ws__context_layout.segments */
    GENERAL = 0x5eed5000, /* EAX gets this value, and the other seven the next ones */
    CR2 = 0x5eed6000,
    CR3 = 0x5eed7000,
    GDTR_BASE = 0x5eed1000,
    IDTR_BASE = 0x5eed3000
};

static void stop_hook(uc_engine *uc, uint32_t vector, void *context)
{
    (void)vector;
    (void)context;
    uc_emu_stop(uc);
}

static void table_register_write(uc_engine *uc, int id, uint32_t base)
{
    uc_x86_mmr value = {.base = base, .limit = 0x7f};
    uc_reg_write(uc, id, &value);
}

static void general_write(uc_engine *uc)
{
    static const int id[] = {UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX, UC_X86_REG_EBX,
                             UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI, UC_X86_REG_EDI};
    for (uint32_t i = 0; i < sizeof id / sizeof id[0]; i++) {
        uint32_t value = GENERAL + i;
        uc_reg_write(uc, id[i], &value);
    }
}

static void control_write(uc_engine *uc)
{
    uint32_t cr2 = CR2, cr3 = CR3;
    uc_reg_write(uc, UC_X86_REG_CR2, &cr2); /* Unicorn writes CR2's value to CR3, too */
    uc_reg_write(uc, UC_X86_REG_CR3, &cr3);
}

/* Unicorn does not write the last bytes of a context when it saves.  They hold what malloc returned, which could look
 * like something that is searched for.  So they are set to zero. */
static void tail_clear(uc_context *context, size_t bytes)
{
    enum { TAIL = 64 };
    memset((uint8_t *)context + bytes - TAIL, 0, TAIL);
}

static bool probe_open(struct probe *probe)
{
    uc_hook hook;
    if (!ws__engine_room(PROBE_TRANSLATION) || uc_open(UC_ARCH_X86, UC_MODE_32, &probe->uc) != UC_ERR_OK ||
        uc_ctl_set_cpu_model(probe->uc, UC_CPU_X86_QEMU32) != UC_ERR_OK ||
        uc_ctl_set_tcg_buffer_size(probe->uc, PROBE_TRANSLATION) != UC_ERR_OK ||
        uc_ctl_exits_enable(probe->uc) != UC_ERR_OK ||
        uc_mem_map(probe->uc, 0, PROBE_MEMORY, UC_PROT_ALL) != UC_ERR_OK ||
        uc_hook_add(probe->uc, &hook, UC_HOOK_INTR, (void *)stop_hook, NULL, 1, 0) != UC_ERR_OK)
        return false;
    table_register_write(probe->uc, UC_X86_REG_GDTR, GDTR_BASE);
    table_register_write(probe->uc, UC_X86_REG_IDTR, IDTR_BASE);
    general_write(probe->uc);
    control_write(probe->uc);
    probe->bytes = uc_context_size(probe->uc);
    for (int i = 0; i < MOMENTS; i++) {
        if (uc_context_alloc(probe->uc, &probe->context[i]) != UC_ERR_OK)
            return false;
        tail_clear(probe->context[i], probe->bytes);
    }
    uc_context_save(probe->uc, probe->context[AT_RESET]);
    return true;
}

static void probe_close(struct probe *probe)
{
    for (int i = 0; i < MOMENTS; i++) {
        if (probe->context[i])
            uc_context_free(probe->context[i]);
    }
    if (probe->uc)
        uc_close(probe->uc);
}

/* Run a few bytes of code, from the state at reset, and save a context.  Each piece of code has an address of its own,
 * since Unicorn keeps the old translation when uc_mem_write() changes code. */
static void probe_run(struct probe *probe, enum moment moment, const void *code, size_t size)
{
    uint64_t place = PROBE_CODE + 64 * (unsigned)moment;
    uc_context_restore(probe->uc, probe->context[AT_RESET]);
    uc_mem_write(probe->uc, place, code, size);
    uc_emu_start(probe->uc, place, 0, 0, 0);
    uc_context_save(probe->uc, probe->context[moment]);
}

static void probe_fault(struct probe *probe)
{
    /* ltr of a selector beyond the GDT raises #GP(selector).  The error code does not contain the RPL.  So it differs
     * from EAX, and the search does not take EAX for it. */
    static const uint8_t divide[] = {0x31, 0xc9, 0xf7, 0xf1};                    /* xor %ecx,%ecx; div %ecx */
    static const uint8_t load_10[] = {0x66, 0xb8, 0x13, 0xf0, 0x0f, 0x00, 0xd8}; /* mov $0xf013,%ax; ltr %ax */
    static const uint8_t load_18[] = {0x66, 0xb8, 0x1b, 0xf0, 0x0f, 0x00, 0xd8};
    probe_run(probe, AFTER_DE, divide, sizeof divide);
    probe_run(probe, AFTER_GP_10, load_10, sizeof load_10);
    probe_run(probe, AFTER_GP_18, load_18, sizeof load_18);
}

/* While EFLAGS.VM is set, Unicorn loads SS as in virtual-8086 mode, and this sets the CPL to 3. */
static void probe_ring_3(struct probe *probe)
{
    uint32_t flags = 2, vm = 2 | WS_EFLAGS_VM, ss = 0;
    uc_context_restore(probe->uc, probe->context[AT_RESET]);
    uc_reg_write(probe->uc, UC_X86_REG_EFLAGS, &vm);
    uc_reg_write(probe->uc, UC_X86_REG_SS, &ss);
    uc_reg_write(probe->uc, UC_X86_REG_EFLAGS, &flags);
    uc_context_save(probe->uc, probe->context[AT_RING_3]);
}

static uint32_t probe_word(const struct probe *probe, enum moment moment, size_t offset)
{
    uint32_t word;
    memcpy(&word, (const uint8_t *)probe->context[moment] + offset, sizeof word);
    return word;
}

/* -- what the context contains at each moment --------------------------------------------------- */

static bool is_old_exception(const struct probe *probe, size_t at)
{
    return probe_word(probe, AT_RESET, at) == UINT32_MAX && probe_word(probe, AFTER_DE, at) == 0 &&
           probe_word(probe, AFTER_GP_10, at) == 13;
}

static bool is_error_code(const struct probe *probe, size_t at)
{
    return probe_word(probe, AT_RESET, at) == 0 && probe_word(probe, AFTER_DE, at) == 0 &&
           probe_word(probe, AFTER_GP_10, at) == 0xf010 && probe_word(probe, AFTER_GP_18, at) == 0xf018;
}

/* probe_ring_3() has changed the CPL, and made the stack a 16-bit one.  The bits of both are in the lowest byte. */
static bool is_flags(const struct probe *probe, size_t at)
{
    uint32_t ring_0 = probe_word(probe, AT_RESET, at), ring_3 = probe_word(probe, AT_RING_3, at);
    return (ring_0 & 0x30) == 0x30 && (ring_0 & 3) == 0 && (ring_3 & 3) == 3 && (ring_0 | 0xff) == (ring_3 | 0xff);
}

static bool is_segments(const struct probe *probe, size_t at)
{
    size_t base = at + GDTR_INDEX * SEGMENT_STRIDE + 8;
    return base + SEGMENT_STRIDE + 4 <= probe->bytes && probe_word(probe, AT_RESET, base) == GDTR_BASE &&
           probe_word(probe, AT_RESET, base + SEGMENT_STRIDE) == IDTR_BASE;
}

static bool is_general(const struct probe *probe, size_t at)
{
    if (at + 8 * sizeof(uint64_t) > probe->bytes)
        return false;
    for (uint32_t i = 0; i < 8; i++) {
        if (probe_word(probe, AT_RESET, at + i * sizeof(uint64_t)) != GENERAL + i)
            return false;
    }
    return true;
}

static bool is_control(const struct probe *probe, size_t at)
{
    size_t cr2 = at + 2 * sizeof(uint64_t), cr3 = at + 3 * sizeof(uint64_t);
    return cr3 + sizeof(uint64_t) <= probe->bytes && probe_word(probe, AT_RESET, cr2) == CR2 &&
           probe_word(probe, AT_RESET, cr3) == CR3;
}

/* Unicorn saves all of a context but a few words in front. */
static bool is_size(const struct probe *probe, size_t at)
{
    size_t size;
    if (at % sizeof size || at + sizeof size > FRONT)
        return false;
    memcpy(&size, (const uint8_t *)probe->context[AT_RESET] + at, sizeof size);
    return size < probe->bytes && size + FRONT > probe->bytes;
}

/* Find the only offset for which is() is true.  false: there is none, or more than one. */
static bool offset_find(const struct probe *probe, bool (*is)(const struct probe *, size_t), size_t *offset)
{
    unsigned found = 0;
    for (size_t at = 0; at + sizeof(uint32_t) <= probe->bytes; at += sizeof(uint32_t)) {
        if (is(probe, at)) {
            *offset = at;
            found++;
        }
    }
    return found == 1;
}

/* Does Unicorn save the segment registers into a shortened context, and nothing behind them? */
static bool shortening_works(const struct probe *probe, const struct ws__context_layout *layout)
{
    enum { MARK = 0x5a };
    const uint8_t *whole = (const uint8_t *)probe->context[AT_RESET];
    uint8_t *part = (uint8_t *)probe->context[AT_RING_3]; /* this context is not needed any more */
    size_t end = layout->segments + WS__ENGINE_SEGMENTS * SEGMENT_STRIDE;
    ws__context_layout_shorten(layout, probe->context[AT_RING_3]);
    memset(part + layout->segments, MARK, probe->bytes - layout->segments);
    uc_context_restore(probe->uc, probe->context[AT_RESET]);
    uc_context_save(probe->uc, probe->context[AT_RING_3]);
    bool shown = memcmp(part + layout->segments, whole + layout->segments, end - layout->segments) == 0;
    return shown && part[end + FRONT] == MARK;
}

static enum ws_status search(struct ws__context_layout *layout)
{
    struct probe probe = {0};
    enum ws_status status = WS_NO_MEMORY;
    if (probe_open(&probe)) {
        probe_fault(&probe);
        probe_ring_3(&probe);
        bool found =
            offset_find(&probe, is_old_exception, &layout->old_exception) &&
            offset_find(&probe, is_error_code, &layout->error_code) && offset_find(&probe, is_flags, &layout->flags) &&
            offset_find(&probe, is_general, &layout->general) && offset_find(&probe, is_control, &layout->control) &&
            offset_find(&probe, is_segments, &layout->segments) && offset_find(&probe, is_size, &layout->size) &&
            shortening_works(&probe, layout);
        status = found ? WS_OK : WS_ENGINE;
    }
    probe_close(&probe);
    return status;
}

/* The layout is a property of the library that is loaded, and no machine changes it; but a search takes longer than
 * everything else that makes a machine.  So the first search that succeeds is for the whole process.  Of two threads
 * that search at the same time, one keeps what it has found. */
enum ws_status ws__context_layout_find(struct ws__context_layout *layout)
{
    enum { NOT_FOUND, BEING_KEPT, FOUND };
    static struct ws__context_layout found;
    static atomic_int state = NOT_FOUND;
    int before = NOT_FOUND;
    if (atomic_load(&state) == FOUND) {
        *layout = found;
        return WS_OK;
    }
    enum ws_status status = search(layout);
    if (status == WS_OK && atomic_compare_exchange_strong(&state, &before, BEING_KEPT)) {
        found = *layout;
        atomic_store(&state, FOUND);
    }
    return status;
}

static size_t segment_offset(const struct ws__context_layout *layout, enum ws_register which)
{
    static const uint8_t index[WS_REGISTER_COUNT] = {
        [WS_ES] = 0, [WS_CS] = 1, [WS_SS] = 2, [WS_DS] = 3, [WS_FS] = 4, [WS_GS] = 5, [WS_LDTR] = 6, [WS_TR] = 7,
    };
    return layout->segments + (size_t)index[which] * SEGMENT_STRIDE;
}

void ws__context_layout_segment_set(const struct ws__context_layout *layout, void *context, enum ws_register which,
                                    const struct ws__engine_segment *segment)
{
    uint8_t *at = (uint8_t *)context + segment_offset(layout, which);
    memset(at, 0, SEGMENT_STRIDE);
    memcpy(at, &segment->selector, sizeof segment->selector);
    memcpy(at + 8, &segment->base, sizeof segment->base);
    memcpy(at + 16, &segment->limit, sizeof segment->limit);
    memcpy(at + 20, &segment->attributes, sizeof segment->attributes);
}

void ws__context_layout_segment(const struct ws__context_layout *layout, const void *context, enum ws_register which,
                                struct ws__engine_segment *out)
{
    const uint8_t *at = (const uint8_t *)context + segment_offset(layout, which);
    memcpy(&out->selector, at, sizeof out->selector);
    memcpy(&out->base, at + 8, sizeof out->base);
    memcpy(&out->limit, at + 16, sizeof out->limit);
    memcpy(&out->attributes, at + 20, sizeof out->attributes);
}

size_t ws__context_layout_hidden(const struct ws__context_layout *layout)
{
    return layout->segments + SEGMENT_STRIDE - WS__ENGINE_HIDDEN_BYTES;
}

void ws__context_layout_shorten(const struct ws__context_layout *layout, uc_context *context)
{
    /* Unicorn counts from behind the words in front, so this saves a few bytes more than needed. */
    size_t size = layout->segments + WS__ENGINE_SEGMENTS * SEGMENT_STRIDE;
    memcpy((uint8_t *)context + layout->size, &size, sizeof size);
}

void ws__context_layout_code_base_raise(const struct ws__context_layout *layout, void *context, uint64_t bytes)
{
    uint32_t upper = (uint32_t)(bytes >> 32);
    memcpy((uint8_t *)context + segment_offset(layout, WS_CS) + 12, &upper, sizeof upper);
}
