/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing the engine's state, register by register.
 *
 * A record contains all registers of the CPU.  The engine has two more kinds of state, which a record does not need.
 * The mode bits of Unicorn's translator follow from the registers.  And Unicorn computes EFLAGS only when EFLAGS is
 * read; taking a record reads it.
 */
#include "unicorn/record.h"

#include <string.h>

#include "unicorn/parts.h"
#include "x86/model_specific.h"

static const enum ws_register segment_of[WS__RECORD_SEGMENTS] = {WS_ES, WS_CS, WS_SS,   WS_DS,
                                                                 WS_FS, WS_GS, WS_LDTR, WS_TR};

/* The fields that Unicorn has as a register of its own. */
#define RECORD_WORDS(X)                     \
    X(control_word, UC_X86_REG_FPCW)        \
    X(status_word, UC_X86_REG_FPSW)         \
    X(tag_word, UC_X86_REG_FPTAG)           \
    X(opcode, UC_X86_REG_FOP)               \
    X(instruction, UC_X86_REG_FIP)          \
    X(instruction_selector, UC_X86_REG_FCS) \
    X(operand, UC_X86_REG_FDP)              \
    X(operand_selector, UC_X86_REG_FDS)     \
    X(mxcsr, UC_X86_REG_MXCSR)

#define ROW(field, id) {offsetof(struct ws__engine_record, field), id},
static const struct {
    size_t offset;
    int id;
} word[] = {RECORD_WORDS(ROW)};
#undef ROW

enum { WORDS = sizeof word / sizeof word[0] };

/* -- taking ------------------------------------------------------------------------------------ */

static void segments_take(const struct ws__engine *engine, struct ws__segment_record *out)
{
    uc_context_save(engine->uc, engine->context);
    ws__context_layout_code_base_raise(&engine->layout, engine->context, 0);
    for (int i = 0; i < WS__RECORD_SEGMENTS; i++) {
        struct ws__engine_segment raw;
        ws__context_layout_segment(&engine->layout, engine->context, segment_of[i], &raw);
        out[i] = (struct ws__segment_record){raw.selector, raw.base, raw.limit, raw.attributes};
    }
}

uint64_t ws__engine_page_attributes(const struct ws__engine *engine)
{
    uc_x86_msr msr = {.rid = WS__SPECIFIC_PAGE_ATTRIBUTES};
    uc_reg_read(engine->uc, UC_X86_REG_MSR, &msr);
    return msr.value;
}

static void page_attributes_take(const struct ws__engine *engine, uint32_t value[2])
{
    uint64_t now = ws__engine_page_attributes(engine);
    memcpy(value, &now, sizeof now);
}

void ws__engine_record_take(const struct ws__engine *engine, struct ws__engine_record *out)
{
    struct ws_registers registers;
    memset(out, 0, sizeof *out);
    ws__engine_registers(engine, &registers);
    memcpy(out->value, registers.value, sizeof out->value);
    segments_take(engine, out->segment);
    out->cpl = ws__engine_cpl(engine);
    for (int i = 0; i < WORDS; i++) {
        uint64_t value = 0; /* Unicorn writes up to 64 bits, but only 32 have a meaning */
        uc_reg_read(engine->uc, word[i].id, &value);
        memcpy((uint8_t *)out + word[i].offset, &value, sizeof(uint32_t));
    }
    for (int i = 0; i < WS__RECORD_STACK; i++) /* Unicorn's FP0 is R0, not ST(0) */
        uc_reg_read(engine->uc, UC_X86_REG_FP0 + i, out->physical[i].bytes);
    for (int i = 0; i < WS__RECORD_XMM; i++)
        uc_reg_read(engine->uc, UC_X86_REG_XMM0 + i, out->xmm[i].bytes);
    page_attributes_take(engine, out->page_attributes);
}

bool ws__engine_record_is_sound(const struct ws__engine_record *record)
{
    return record->value[WS_CR0] & WS_CR0_PE && !(record->value[WS_EFLAGS] & WS_EFLAGS_VM) &&
           record->cpl == (record->value[WS_CS] & WS_SELECTOR_RPL);
}

/* -- putting ----------------------------------------------------------------------------------- */

static void segments_put(const struct ws__context_layout *layout, void *context, const void *what)
{
    const struct ws__engine_record *record = what;
    for (int i = 0; i < WS__RECORD_SEGMENTS; i++) {
        const struct ws__segment_record *from = &record->segment[i];
        struct ws__engine_segment raw = {from->selector, from->base, from->limit, from->attributes};
        ws__context_layout_segment_set(layout, context, segment_of[i], &raw);
    }
    ws__engine_context_cpl_set(layout, context, record->cpl);
}

/* Write CR3 after CR0 and CR4, which make Unicorn flush its TLB.  ws__engine_set() keeps CR3 when it writes CR2. */
static void registers_put(struct ws__engine *engine, const uint32_t *value)
{
    static const enum ws_register order[] = {WS_CR0, WS_CR4, WS_CR3, WS_CR2, WS_EAX, WS_ECX,    WS_EDX,
                                             WS_EBX, WS_ESP, WS_EBP, WS_ESI, WS_EDI, WS_EFLAGS, WS_EIP};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        ws__engine_set(engine, order[i], value[order[i]]);
    ws__engine_table_set(engine, WS_GDTR_BASE, value[WS_GDTR_BASE], value[WS_GDTR_LIMIT]);
    ws__engine_table_set(engine, WS_IDTR_BASE, value[WS_IDTR_BASE], value[WS_IDTR_LIMIT]);
}

/* Write a register whose value is `size` bytes.  Unicorn may read more than that. */
static void float_put(struct ws__engine *engine, int id, const void *bytes, size_t size)
{
    struct ws__float_record value = {{0}};
    memcpy(value.bytes, bytes, size);
    uc_reg_write(engine->uc, id, value.bytes);
}

static void floats_put(struct ws__engine *engine, const struct ws__engine_record *record)
{
    for (int i = 0; i < WORDS; i++)
        float_put(engine, word[i].id, (const uint8_t *)record + word[i].offset, sizeof(uint32_t));
    for (int i = 0; i < WS__RECORD_STACK; i++)
        float_put(engine, UC_X86_REG_FP0 + i, record->physical[i].bytes, sizeof record->physical[i]);
    for (int i = 0; i < WS__RECORD_XMM; i++)
        float_put(engine, UC_X86_REG_XMM0 + i, record->xmm[i].bytes, sizeof record->xmm[i]);
}

static void page_attributes_put(struct ws__engine *engine, const uint32_t value[2])
{
    uc_x86_msr msr = {.rid = WS__SPECIFIC_PAGE_ATTRIBUTES};
    memcpy(&msr.value, value, sizeof msr.value);
    uc_reg_write(engine->uc, UC_X86_REG_MSR, &msr);
}

bool ws__engine_record_put(struct ws__engine *engine, const struct ws__engine_record *record)
{
    struct ws__engine_record now;
    registers_put(engine, record->value);
    page_attributes_put(engine, record->page_attributes);
    floats_put(engine, record);
    ws__engine_context_change(engine, segments_put, record);
    uc_ctl_flush_tlb(engine->uc);
    ws__engine_record_take(engine, &now);
    return memcmp(&now, record, sizeof now) == 0;
}
