/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the access that failed.
 */
#include "cpu/fault.h"

#include <assert.h>

#include "cpu/debug.h"
#include "cpu/segment_checks.h"
#include "cpu/slow_checks.h"

/* -- which instructions read descriptors ------------------------------------------------------- */

/* Where the selector of such an instruction stands. */
enum place {
    IN_OPERAND, /* in the operand: memory or a register */
    IN_POINTER, /* behind the offset of a far pointer */
    IN_CODE,
    IN_FRAME /* on the stack, behind EIP; SS's stands behind ESP, further on */
};

struct reader {
    uint16_t opcode, last; /* one byte, or 0x0f00 | the second byte */
    int8_t reg, last_reg;  /* the ModRM byte's middle field; -1: any */
    uint8_t place;
};

static const struct reader readers[] = {
    {0x0007, 0x0007, -1, -1, IN_OPERAND}, /* pop %es, %ss, %ds */
    {0x0017, 0x0017, -1, -1, IN_OPERAND}, {0x001f, 0x001f, -1, -1, IN_OPERAND},
    {0x0fa1, 0x0fa1, -1, -1, IN_OPERAND}, {0x0fa9, 0x0fa9, -1, -1, IN_OPERAND}, /* pop %fs, %gs */
    {0x008e, 0x008e, -1, -1, IN_OPERAND},                                       /* mov to a segment register */
    {0x0f00, 0x0f00, 2, 5, IN_OPERAND},                                         /* lldt, ltr, verr, verw */
    {0x0f02, 0x0f03, -1, -1, IN_OPERAND},                                       /* lar, lsl */
    {0x00c4, 0x00c5, -1, -1, IN_POINTER}, {0x0fb2, 0x0fb2, -1, -1, IN_POINTER}, /* les, lds, lss */
    {0x0fb4, 0x0fb5, -1, -1, IN_POINTER},                                       /* lfs, lgs */
    {0x00ff, 0x00ff, 3, 3, IN_POINTER},   {0x00ff, 0x00ff, 5, 5, IN_POINTER},   /* lcall, ljmp through memory */
    {0x009a, 0x009a, -1, -1, IN_CODE},    {0x00ea, 0x00ea, -1, -1, IN_CODE},    /* lcall, ljmp */
    {0x00ca, 0x00cb, -1, -1, IN_FRAME},   {0x00cf, 0x00cf, -1, -1, IN_FRAME},   /* lret, iret */
};

static const struct reader *reader_find(struct ws__code_cache *cache, uint32_t linear)
{
    uint8_t code[WS_INSTRUCTION_BYTES];
    struct ws__opcode what;
    size_t bytes = ws__code_cache_copy(cache, linear, code);
    if (!ws__decode_opcode(&what, code, bytes))
        return NULL;
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        const struct reader *reader = &readers[i];
        if (what.opcode >= reader->opcode && what.opcode <= reader->last &&
            (reader->reg < 0 || (what.reg >= reader->reg && what.reg <= reader->last_reg)))
            return reader;
    }
    return NULL;
}

/* -- explicit operands ------------------------------------------------------------------------- */

static bool range_meets_page(uint32_t first, uint32_t bytes, uint32_t page)
{
    return page - first < bytes || first - page < WS_PAGE_BYTES;
}

bool ws__fault_is_implicit(struct ws__cpu *cpu, uint32_t page)
{
    uint32_t linear = (uint32_t)cpu->last.linear;
    if (!reader_find(cpu->code, linear))
        return false;
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    for (unsigned i = 0; i < operands->count; i++) {
        const struct ws__operand *operand = &operands->operand[i];
        if (range_meets_page(ws__operand_linear(cpu, operands, operand), operand->address.bytes, page))
            return false;
    }
    return true;
}

static bool access_fails(struct ws__cpu *cpu, uint32_t linear, uint8_t access, struct ws_translation *walk)
{
    struct ws_physical memory = {cpu->ram, cpu->ram_bytes};
    bool user = ws__engine_cpl(cpu->engine) == 3;
    return !ws_page_walk(walk, &memory, &cpu->paging, linear, access & WS__WRITE ? WS_ACCESS_WRITE : WS_ACCESS_READ,
                         user);
}

/* A CPU checks the right to write from the beginning, if it both reads and writes the operand.  So the error code says
 * that the access was a write.  SDM 3A §4.7 "Page-Fault Exceptions" */
static bool operand_fails(struct ws__cpu *cpu, const struct ws__operands *operands, const struct ws__operand *operand,
                          struct ws_translation *walk)
{
    uint32_t first = ws__operand_linear(cpu, operands, operand), last = first + operand->address.bytes - 1;
    if (access_fails(cpu, first, operand->access, walk))
        return true;
    uint32_t second = last & ~(uint32_t)(WS_PAGE_BYTES - 1);
    return ((first ^ last) >= WS_PAGE_BYTES) && access_fails(cpu, second, operand->access, walk);
}

/* -- descriptors ------------------------------------------------------------------------------- */

/* Read the 16 bits at `offset` in the first operand; if there is no operand in memory, those in the general register.
 * false: they cannot be read. */
static bool selector_read(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t offset, uint16_t *selector)
{
    if (operands->count)
        return ws__memory_peek(cpu, ws__operand_linear(cpu, operands, &operands->operand[0]) + offset, selector,
                               sizeof *selector);
    if (operands->general == WS__NO_REGISTER)
        return false;
    *selector = (uint16_t)ws__engine_get(cpu->engine, ws__engine_general(operands->general));
    return true;
}

/* Find the selectors that the instruction names, as far as they can be read.  Returns how many. */
static unsigned selectors_find(struct ws__cpu *cpu, const struct ws__operands *operands, uint8_t place,
                               uint16_t selector[2])
{
    uint32_t word = operands->narrow ? 2 : 4;
    switch (place) {
    case IN_OPERAND:
        return selector_read(cpu, operands, 0, &selector[0]);
    case IN_POINTER:
        return selector_read(cpu, operands, word, &selector[0]);
    case IN_CODE:
        selector[0] = (uint16_t)operands->target;
        return 1;
    default: {
        uint32_t frame = operands->operand[0].address.bytes + operands->released;
        return selector_read(cpu, operands, word, &selector[0]) +
               selector_read(cpu, operands, frame + word, &selector[1]);
    }
    }
}

/* The address that was accessed in the refused page: a descriptor that the instruction reads, or whose upper half it
 * writes to mark it accessed or busy. */
static uint32_t descriptor_address(struct ws__cpu *cpu, const struct ws__operands *operands, uint8_t place)
{
    uint16_t selector[2];
    uint32_t page = cpu->tlb.refused, marked = cpu->tlb.refused_access == WS_ACCESS_WRITE ? WS_DESCRIPTOR_BYTES / 2 : 0;
    unsigned count = selectors_find(cpu, operands, place, selector);
    for (unsigned i = 0; i < count; i++) {
        uint32_t first = ws__descriptor_linear(cpu->engine, selector[i]) + marked;
        if (range_meets_page(first, WS_DESCRIPTOR_BYTES - marked, page))
            return first - page < WS_PAGE_BYTES ? first : page;
    }
    return page;
}

/* -- the page fault ---------------------------------------------------------------------------- */

/* Find the access that was refused: walk->linear is its address, walk->result says why. */
static void access_find(struct ws__cpu *cpu, uint32_t linear, struct ws_translation *walk)
{
    struct ws_physical memory = {cpu->ram, cpu->ram_bytes};
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    ws__check_refresh(cpu);
    for (unsigned i = 0; i < operands->count; i++) {
        if (operand_fails(cpu, operands, &operands->operand[i], walk))
            return;
    }
    const struct reader *reader = reader_find(cpu->code, linear);
    uint32_t address = reader ? descriptor_address(cpu, operands, reader->place) : cpu->tlb.refused;
    bool user = !reader && ws__engine_cpl(cpu->engine) == 3;
    bool allowed = ws_page_walk(walk, &memory, &cpu->paging, address, cpu->tlb.refused_access, user);
    assert(!allowed);
    (void)allowed;
}

void ws__fault_raise(struct ws__cpu *cpu, const struct ws_translation *walk)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP);
    ws__frames_mark_directory(cpu, walk);
    /* With an old TLB entry, there might be no fault. */
    ws__stale_tell(cpu, walk->linear & ~(uint32_t)(WS_PAGE_BYTES - 1),
                   walk->error_code & WS_PF_W ? WS_ACCESS_WRITE : WS_ACCESS_READ);
    cpu->page_fault = *walk;
    cpu->state.cr2 = walk->linear;
    ws__engine_set(cpu->engine, WS_CR2, walk->linear);
    cpu->run.instead = (struct ws__raise){
        .raised = true,
        .vector = WS_VECTOR_PF,
        .origin = WS_ORIGIN_EXCEPTION,
        .error_code = walk->error_code,
        .return_eip = eip,
        .fault_eip = eip,
    };
    cpu->run.action = WS__ACTION_RAISE;
}

void ws__fault_handle(struct ws__cpu *cpu, uint32_t linear)
{
    struct ws_translation walk;
    ws__in_progress_abort(&cpu->last, cpu->state.begun - 1);
    ws__early_flags_undo(cpu, linear);
    if (cpu->checks.reasons & WS__CHECK_TRAP)
        ws__debug_data_forget(cpu);
    access_find(cpu, linear, &walk);
    ws__fault_raise(cpu, &walk);
}
