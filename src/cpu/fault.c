/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the access that failed.
 */
#include "cpu/fault.h"

#include <assert.h>

#include "cpu/debug.h"
#include "cpu/segment_checks.h"
#include "cpu/selectors.h"
#include "cpu/slow_checks.h"
#include "x86/reason.h"

/* -- explicit operands ------------------------------------------------------------------------- */

static bool range_meets_page(uint32_t first, uint32_t bytes, uint32_t page)
{
    return page - first < bytes || first - page < WS_PAGE_BYTES;
}

bool ws__fault_is_implicit(struct ws__cpu *cpu, uint32_t page)
{
    uint32_t linear = (uint32_t)cpu->last.linear;
    if (ws__selectors_place(cpu->code, linear) == WS__SELECTORS_NONE)
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
    bool user = ws__engine_cpl(cpu->engine) == 3;
    return !ws__cpu_walk(cpu, walk, &cpu->paging, linear, access & WS__WRITE ? WS_ACCESS_WRITE : WS_ACCESS_READ, user);
}

/* A CPU checks the right to write from the beginning, if it both reads and writes the operand.  So the error code says
 * that the access was a write.  SDM 3A §4.7 "Page-Fault Exceptions" */
static bool operand_fails(struct ws__cpu *cpu, const struct ws__operands *operands, const struct ws__operand *operand,
                          struct ws_translation *walk)
{
    uint32_t first = ws__operand_linear(cpu, operands, operand), last = first + operand->address.bytes - 1;
    if (access_fails(cpu, first, operand->access, walk))
        return true;
    uint32_t second = last & WS_PAGE_FRAME;
    return ((first ^ last) >= WS_PAGE_BYTES) && access_fails(cpu, second, operand->access, walk);
}

/* -- descriptors ------------------------------------------------------------------------------- */

/* If the access to [first, first + bytes) meets the page, *address is its first byte in there. */
static bool place_is(uint32_t first, uint32_t bytes, uint32_t page, uint32_t *address)
{
    if (!range_meets_page(first, bytes, page))
        return false;
    *address = first - page < WS_PAGE_BYTES ? first : page;
    return true;
}

/* Is the descriptor in the page?  If not, read it.  Returns whether the search is over. */
static bool descriptor_is(struct ws__cpu *cpu, uint16_t selector, uint32_t page, uint32_t *address,
                          uint8_t raw[WS_DESCRIPTOR_BYTES])
{
    uint32_t linear = ws__descriptor_linear(cpu->engine, selector);
    return place_is(linear, WS_DESCRIPTOR_BYTES, page, address) ||
           !ws__memory_peek(cpu, linear, raw, WS_DESCRIPTOR_BYTES);
}

/* The stack of a ring: is its pointer in the page?  If not, read it.  Returns whether the search is over.  SDM 3A
 * §7.2.1 "Task-State Segment (TSS)", §7.6 "16-Bit Task-State Segment (TSS)" */
static bool stack_pointer_is(struct ws__cpu *cpu, unsigned ring, uint32_t page, uint32_t *address, uint32_t *esp,
                             uint16_t *ss)
{
    struct ws_descriptor tss;
    ws__engine_segment(cpu->engine, WS_TR, &tss);
    uint32_t width = tss.type & 8 ? 4 : 2, linear = tss.base + width + 2 * width * ring;
    *esp = 0;
    return place_is(linear, 2 * width, page, address) || !ws__memory_peek(cpu, linear, esp, width) ||
           !ws__memory_peek(cpu, linear + width, ss, sizeof *ss);
}

/* A call gate leads to an inner ring: its stack is named in the TSS; there go SS, ESP, the parameters, CS and EIP, one
 * below the other.  *address stays as it is if none of that is in the page.  SDM 3A §5.8.5 "Stack Switching" */
static void gate_address(struct ws__cpu *cpu, uint16_t selector, uint32_t page, uint32_t *address)
{
    enum { FRAME_WORDS = 4 };
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_descriptor code, stack;
    struct ws_gate gate;
    uint32_t esp;
    uint16_t ss;
    if (descriptor_is(cpu, selector, page, address, raw))
        return;
    ws_gate_decode(&gate, raw);
    if (!gate.system || (gate.type & ~8u) != WS_TYPE_CALL_GATE16 ||
        descriptor_is(cpu, gate.selector, page, address, raw))
        return;
    ws_descriptor_decode(&code, raw);
    if (stack_pointer_is(cpu, code.dpl, page, address, &esp, &ss) || descriptor_is(cpu, ss, page, address, raw))
        return;
    ws_descriptor_decode(&stack, raw);
    uint32_t word = gate.type == WS_TYPE_CALL_GATE32 ? 4 : 2, mask = stack.big ? UINT32_MAX : 0xffff;
    for (uint32_t i = 1, words = FRAME_WORDS + gate.parameters; i <= words; i++) {
        if (place_is(stack.base + ((esp - i * word) & mask), word, page, address))
            return;
    }
}

/* The address that was accessed in the refused page: a descriptor that the instruction reads, or whose upper half it
 * writes to mark it accessed or busy; or what a call gate leads to. */
static uint32_t descriptor_address(struct ws__cpu *cpu, const struct ws__operands *operands, enum ws__selectors place)
{
    uint16_t selector[2];
    uint32_t page = cpu->tlb.refused, marked = cpu->tlb.refused_access == WS_ACCESS_WRITE ? WS_DESCRIPTOR_BYTES / 2 : 0;
    uint32_t address = page;
    unsigned count = ws__selectors_find(cpu, operands, place, selector);
    for (unsigned i = 0; i < count; i++) {
        uint32_t first = ws__descriptor_linear(cpu->engine, selector[i]) + marked;
        if (place_is(first, WS_DESCRIPTOR_BYTES - marked, page, &address))
            return address;
    }
    if (count && (place == WS__SELECTORS_CODE || place == WS__SELECTORS_POINTER))
        gate_address(cpu, selector[0], page, &address);
    return address;
}

/* -- the page fault ---------------------------------------------------------------------------- */

/* Find the access that was refused: walk->linear is its address, walk->result says why. */
static void access_find(struct ws__cpu *cpu, uint32_t linear, struct ws_translation *walk)
{
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    ws__check_refresh(cpu);
    for (unsigned i = 0; i < operands->count; i++) {
        if (operand_fails(cpu, operands, &operands->operand[i], walk))
            return;
    }
    enum ws__selectors place = ws__selectors_place(cpu->code, linear);
    bool implicit = place != WS__SELECTORS_NONE, user = !implicit && ws__engine_cpl(cpu->engine) == 3;
    uint32_t address = implicit ? descriptor_address(cpu, operands, place) : cpu->tlb.refused;
    bool allowed = ws__cpu_walk(cpu, walk, &cpu->paging, address, cpu->tlb.refused_access, user);
    assert(!allowed);
    (void)allowed;
}

void ws__fault_raise(struct ws__cpu *cpu, const struct ws_translation *walk)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP);
    ws__frames_mark_directory(cpu, walk);
    /* With an old TLB entry, there might be no fault. */
    ws__stale_tell(cpu, walk->linear & WS_PAGE_FRAME, walk->error_code & WS_PF_W ? WS_ACCESS_WRITE : WS_ACCESS_READ);
    ws__kept_fault(cpu, walk);
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
        .reason = ws__reason_page(walk),
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
