/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segment checks on operands.
 */
#include "cpu/segment_checks.h"

#include <string.h>

#include "cpu/slow_checks.h"
#include "x86/reason.h"
#include "x86/segment.h"

/* -- the segments ------------------------------------------------------------------------------ */

/* Data that can be written, does not expand down, and reaches up to 4 GiB: no access to it can fail. */
static bool is_flat_data(const struct ws_descriptor *segment)
{
    return segment->present && !segment->system && !(segment->type & (WS_TYPE_CODE | WS_TYPE_EXPAND_DOWN)) &&
           segment->type & WS_TYPE_WRITABLE && segment->limit == UINT32_MAX;
}

/* The same, but with a limit, and large enough that some whole pages lie in it: no access to those pages can fail. */
static bool is_paged_data(const struct ws_descriptor *segment)
{
    struct ws_descriptor flat = *segment;
    flat.limit = UINT32_MAX;
    return is_flat_data(&flat) && segment->limit != UINT32_MAX && segment->limit >= 2 * WS_PAGE_BYTES &&
           segment->base <= UINT32_MAX - segment->limit - 1;
}

void ws__segments_refresh(struct ws__cpu *cpu, uint8_t segments)
{
    uint32_t changed = ws__engine_segments(cpu->engine, segments, cpu->checks.segment);
    for (; changed; changed &= changed - 1) {
        unsigned i = (unsigned)__builtin_ctz(changed);
        bool code = i == WS__SEGMENT_CS;
        bool flat = code ? cpu->checks.segment[i].limit == UINT32_MAX : is_flat_data(&cpu->checks.segment[i]);
        uint32_t reason = code ? WS__CHECK_FETCH : 1u << i;
        cpu->checks.reasons = flat ? cpu->checks.reasons & ~reason : cpu->checks.reasons | reason;
        bool paged = !code && is_paged_data(&cpu->checks.segment[i]);
        cpu->checks.paged = (uint8_t)(paged ? cpu->checks.paged | 1u << i : cpu->checks.paged & ~(1u << i));
        ws__tlb_disarm(cpu, (uint8_t)(1u << i));
    }
}

/* May a segment of this type be accessed so?  A register with a null selector has no segment: not present.  Code is
 * never written, and read only if it is readable.  SDM 3A §5.4.1 "Null Segment Selector Checking", §5.4 "Type
 * Checking" */
static bool type_allows(const struct ws_descriptor *segment, uint8_t access)
{
    if (!segment->present || segment->system)
        return false;
    if (segment->type & WS_TYPE_CODE)
        return !(access & WS__WRITE) && segment->type & WS_TYPE_READABLE;
    return !(access & WS__WRITE) || segment->type & WS_TYPE_WRITABLE;
}

bool ws__segments_allow_fetch(const struct ws__checks *checks, uint32_t eip, uint32_t bytes)
{
    return ws__descriptor_limit_allows(&checks->segment[WS__SEGMENT_CS], eip, bytes ? bytes : 1);
}

/* -- operands ---------------------------------------------------------------------------------- */

static uint32_t general(const struct ws__engine *engine, uint8_t number)
{
    return number == WS__NO_REGISTER ? 0 : ws__engine_get(engine, ws__engine_general(number));
}

/* A bit string reaches beyond its operand: the bit number counts from there in both directions, and the CPU accesses
 * the word that holds the bit.  SDM 2A "BT—Bit Test" */
static uint32_t bits_offset(const struct ws__engine *engine, const struct ws__operands *operands)
{
    int32_t number = (int32_t)general(engine, operands->general);
    if (operands->narrow)
        return (uint32_t)((int16_t)number >> 4) * 2;
    return (uint32_t)(number >> 5) * 4;
}

static uint32_t operand_offset(struct ws__cpu *cpu, const struct ws__operands *operands,
                               const struct ws__operand *operand)
{
    const struct ws__address *address = &operand->address;
    uint32_t offset = (uint32_t)address->displacement + general(cpu->engine, address->base) +
                      general(cpu->engine, address->index) * address->scale;
    bool small = operands->small;
    if (operand->rule == WS__OFFSET_STACK)
        small = !cpu->checks.segment[WS__SEGMENT_SS].big;
    else if (operand->rule == WS__OFFSET_BITS && operands->general != WS__NO_REGISTER)
        offset += bits_offset(cpu->engine, operands);
    else if (operand->rule == WS__OFFSET_AL)
        offset += ws__engine_get(cpu->engine, WS_EAX) & 0xff;
    return small ? offset & 0xffff : offset;
}

uint32_t ws__operand_linear(struct ws__cpu *cpu, const struct ws__operands *operands, const struct ws__operand *operand)
{
    return cpu->checks.segment[operand->address.segment].base + operand_offset(cpu, operands, operand);
}

static bool unit_is_off(struct ws__engine *engine, uint8_t unit)
{
    if (unit == WS__UNIT_INTEGER)
        return false;
    bool sse_off = unit == WS__UNIT_SSE && !(ws__engine_get(engine, WS_CR4) & WS_CR4_OSFXSR);
    return sse_off || ws__engine_get(engine, WS_CR0) & (WS_CR0_EM | WS_CR0_TS);
}

bool ws__operands_idle(struct ws__engine *engine, const struct ws__operands *operands)
{
    uint32_t count_mask = operands->small ? 0xffff : UINT32_MAX;
    if (operands->repeated && !(ws__engine_get(engine, WS_ECX) & count_mask))
        return true;
    return unit_is_off(engine, operands->unit);
}

/* -- memory ------------------------------------------------------------------------------------ */

static bool page_allows(struct ws__cpu *cpu, uint32_t linear, enum ws_access access, bool user,
                        struct ws_translation *walk)
{
    return ws__cpu_walk(cpu, walk, &cpu->paging, linear, access, user);
}

/* Do the pages allow the access?  First and last byte are enough: no operand is larger than a page. */
static bool pages_allow(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, enum ws_access access)
{
    struct ws_translation walk;
    uint32_t last = linear + bytes - 1;
    bool user = ws__engine_cpl(cpu->engine) == 3;
    return page_allows(cpu, linear, access, user, &walk) && page_allows(cpu, last, access, user, &walk);
}

/* Where in RAM to read: *from; NULL: outside RAM.  false: a page fault.  The code cache is faster than a page walk, and
 * what the supervisor may execute, it may read. */
static bool peek_find(struct ws__cpu *cpu, uint32_t linear, bool user, const uint8_t **from)
{
    struct ws_translation walk;
    *from = user ? NULL : ws__code_cache_ram(cpu->code, linear);
    if (*from)
        return true;
    if (!page_allows(cpu, linear, WS_ACCESS_READ, user, &walk))
        return false;
    if (walk.phys < cpu->ram_bytes)
        *from = cpu->ram + walk.phys;
    return true;
}

/* Read memory without setting accessed bits.  false: the access would be a page fault. */
static bool memory_peek(struct ws__cpu *cpu, uint32_t linear, void *out, uint32_t bytes, bool user)
{
    uint8_t *to = out;
    while (bytes) {
        uint32_t here = WS_PAGE_BYTES - linear % WS_PAGE_BYTES;
        const uint8_t *from;
        if (!peek_find(cpu, linear, user, &from))
            return false;
        here = here < bytes ? here : bytes;
        if (from)
            memcpy(to, from, here);
        else
            memset(to, 0xff, here);
        linear += here;
        to += here;
        bytes -= here;
    }
    return true;
}

bool ws__memory_peek(struct ws__cpu *cpu, uint32_t linear, void *out, uint32_t bytes)
{
    return memory_peek(cpu, linear, out, bytes, ws__engine_cpl(cpu->engine) == 3);
}

/* -- branches ---------------------------------------------------------------------------------- */

/* SDM 1 §B.1 "Condition Codes" */
static bool condition_holds(uint32_t flags, uint8_t condition)
{
    bool cf = flags & 1, pf = flags >> 2 & 1, zf = flags >> 6 & 1, sf = flags >> 7 & 1, of = flags >> 11 & 1;
    const bool holds[8] = {of, cf, zf, cf || zf, sf, pf, sf != of, zf || sf != of};
    return holds[condition >> 1] != (condition & 1);
}

/* Does loopne, loope, loop or jecxz branch?  The first three count ECX down before they look at it.  SDM 2A
 * "LOOP/LOOPcc—Loop According to ECX Counter", "Jcc—Jump if Condition Is Met" */
static bool count_holds(struct ws__engine *engine, const struct ws__operands *operands)
{
    uint32_t count = ws__engine_get(engine, WS_ECX) & (operands->small ? 0xffff : UINT32_MAX);
    bool zf = ws__engine_get(engine, WS_EFLAGS) >> 6 & 1;
    if (operands->condition == 3)
        return count == 0;
    return count != 1 && (operands->condition == 2 || zf == operands->condition);
}

/* Where the instruction branches to.  false: it does not branch, or only the engine can tell. */
static bool branch_target(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t *target)
{
    uint32_t eip = ws__engine_get(cpu->engine, WS_EIP);
    *target = eip + operands->target;
    switch (operands->branch) {
    case WS__BRANCH_ALWAYS:
        break;
    case WS__BRANCH_CONDITION:
        if (!condition_holds(ws__engine_get(cpu->engine, WS_EFLAGS), operands->condition))
            return false;
        break;
    case WS__BRANCH_COUNT:
        if (!count_holds(cpu->engine, operands))
            return false;
        break;
    case WS__BRANCH_REGISTER:
        *target = general(cpu->engine, operands->general);
        break;
    case WS__BRANCH_MEMORY:
    case WS__BRANCH_RETURN:
        if (!ws__memory_peek(cpu, ws__operand_linear(cpu, operands, &operands->operand[0]), target,
                             operands->narrow ? 2 : 4))
            return false;
        break;
    default:
        return false;
    }
    if (operands->narrow)
        *target &= 0xffff;
    return true;
}

/* A branch to an address beyond the limit of CS is a fault of the branch itself, before anything has changed.  SDM 2A
 * "JMP—Jump", "CALL—Call Procedure"; SDM 2B "RET—Return from Procedure" */
static bool branch_allowed(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    uint32_t target;
    if (!(cpu->checks.reasons & WS__CHECK_FETCH) || operands->branch == WS__BRANCH_NONE)
        return true;
    return !branch_target(cpu, operands, &target) || ws__segments_allow_fetch(&cpu->checks, target, 1);
}

/* -- far transfers ----------------------------------------------------------------------------- */

/* Base and limit of the descriptor table that a selector names: GDT or LDT. */
static void table_find(struct ws__engine *engine, uint16_t selector, uint32_t *base, uint32_t *limit)
{
    struct ws_descriptor ldt;
    *base = ws__engine_get(engine, WS_GDTR_BASE);
    *limit = ws__engine_get(engine, WS_GDTR_LIMIT);
    if (!(selector & WS_SELECTOR_TI))
        return;
    ws__engine_segment(engine, WS_LDTR, &ldt);
    *base = ldt.base;
    *limit = ldt.present ? ldt.limit : 0;
}

uint32_t ws__descriptor_linear(struct ws__engine *engine, uint16_t selector)
{
    uint32_t base, limit;
    table_find(engine, selector, &base, &limit);
    return base + (selector & ~7u);
}

uint32_t ws__descriptor_limit(struct ws__engine *engine, uint16_t selector)
{
    uint32_t base, limit;
    table_find(engine, selector, &base, &limit);
    return limit;
}

bool ws__descriptor_peek(struct ws__cpu *cpu, uint16_t selector, struct ws_descriptor *found)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    uint32_t base, limit;
    table_find(cpu->engine, selector, &base, &limit);
    if ((selector & ~3u) == 0 || (selector | 7u) > limit ||
        !memory_peek(cpu, base + (selector & ~7u), raw, sizeof raw, false))
        return false;
    ws_descriptor_decode(found, raw);
    return true;
}

/* Look up the code segment that a selector names.  false: it names none that is present. */
static bool code_find(struct ws__cpu *cpu, uint16_t selector, struct ws_descriptor *found)
{
    return ws__descriptor_peek(cpu, selector, found) && !found->system && found->type & WS_TYPE_CODE && found->present;
}

/* Does a far call push on the present stack?  Not if it goes through a gate, which may name another stack.  If the
 * selector names neither, its own checks fail first. */
static bool far_call_pushes(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    uint16_t selector = (uint16_t)operands->target;
    struct ws_descriptor found;
    uint32_t word = operands->narrow ? 2 : 4;
    if (operands->operand[0].rule != WS__OFFSET_STACK &&
        !ws__memory_peek(cpu, ws__operand_linear(cpu, operands, &operands->operand[0]) + word, &selector, 2))
        return false;
    return code_find(cpu, selector, &found);
}

bool ws__far_return_allowed(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    const struct ws__operand *top = &operands->operand[0];
    struct ws_descriptor code;
    unsigned cpl = ws__engine_cpl(cpu->engine);
    uint32_t eip = 0, word = operands->narrow ? 2 : 4;
    uint16_t selector;
    uint8_t bytes[8];
    if (!operands->count || !memory_peek(cpu, ws__operand_linear(cpu, operands, top), bytes, 2 * word, cpl == 3))
        return true;
    memcpy(&eip, bytes, word);
    memcpy(&selector, bytes + word, sizeof selector);
    unsigned rpl = selector & WS_SELECTOR_RPL;
    if (rpl < cpl || !code_find(cpu, selector, &code))
        return true;
    bool refused = code.type & WS_TYPE_CONFORMING ? code.dpl > rpl : code.dpl != rpl;
    return refused || ws__descriptor_limit_allows(&code, eip, 1);
}

/* How many bytes a far return takes off the stack.  A return to an outer ring also takes that ring's stack pointer.
 * SDM 2A "IRET/IRETD/IRETQ—Interrupt Return"; SDM 2B "RET—Return from Procedure" */
static uint32_t far_return_bytes(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t linear)
{
    uint32_t bytes = operands->operand[0].address.bytes, word = operands->narrow ? 2 : 4;
    uint16_t selector;
    if (!ws__memory_peek(cpu, linear + word, &selector, sizeof selector) ||
        (selector & WS_SELECTOR_RPL) <= ws__engine_cpl(cpu->engine))
        return bytes;
    return bytes + operands->released + 2 * word;
}

/* -- the check --------------------------------------------------------------------------------- */

static bool operand_allowed(struct ws__cpu *cpu, const struct ws__operands *operands, const struct ws__operand *operand)
{
    const struct ws_descriptor *segment = &cpu->checks.segment[operand->address.segment];
    uint32_t offset = operand_offset(cpu, operands, operand), bytes = operand->address.bytes;
    if (operands->branch == WS__BRANCH_FAR_CALL && operand->access == WS__WRITE && !far_call_pushes(cpu, operands))
        return true;
    if (!type_allows(segment, operand->access) || !ws__descriptor_limit_allows(segment, offset, bytes))
        return false;
    if (operands->branch == WS__BRANCH_FAR_RETURN)
        bytes = far_return_bytes(cpu, operands, segment->base + offset);
    return ws__descriptor_limit_allows(segment, offset, bytes);
}

/* The CPU accesses operands one after the other.  Does one before `last` cause a page fault?  Then that comes first,
 * and the engine raises it. */
static bool page_fault_comes_first(struct ws__cpu *cpu, const struct ws__operands *operands, unsigned last)
{
    for (unsigned i = 0; i < last; i++) {
        const struct ws__operand *operand = &operands->operand[i];
        enum ws_access access = operand->access & WS__WRITE ? WS_ACCESS_WRITE : WS_ACCESS_READ;
        if (!pages_allow(cpu, ws__operand_linear(cpu, operands, operand), operand->address.bytes, access))
            return true;
    }
    return false;
}

bool ws__segments_allow(struct ws__cpu *cpu, const struct ws__operands *operands, uint8_t *vector)
{
    unsigned i = 0;
    bool branched = false;
    for (; i < operands->count; i++) {
        const struct ws__operand *operand = &operands->operand[i];
        if (operand->access == WS__WRITE && !branched) {
            branched = true;
            if (!branch_allowed(cpu, operands))
                break;
        }
        uint8_t segment = operand->address.segment;
        *vector = segment == WS__SEGMENT_SS ? WS_VECTOR_SS : WS_VECTOR_GP;
        bool uneven = segment == WS__SEGMENT_CS || cpu->checks.reasons & 1u << segment;
        if (uneven && !operand_allowed(cpu, operands, operand))
            return page_fault_comes_first(cpu, operands, i);
    }
    if (i == operands->count && (branched || branch_allowed(cpu, operands)))
        return true;
    *vector = WS_VECTOR_GP;
    return page_fault_comes_first(cpu, operands, i);
}

/* -- why not ----------------------------------------------------------------------------------- */

/* The same checks as operand_allowed(). */
static struct ws_reason operand_reason(struct ws__cpu *cpu, const struct ws__operands *operands,
                                       const struct ws__operand *operand)
{
    uint32_t number = operand->address.segment, bytes = operand->address.bytes;
    const struct ws_descriptor *segment = &cpu->checks.segment[number];
    uint32_t offset = operand_offset(cpu, operands, operand);
    bool down = !(segment->type & WS_TYPE_CODE) && segment->type & WS_TYPE_EXPAND_DOWN;
    if (!segment->present || segment->system)
        return WS__REASON(SEGMENT_NULL, number);
    if (!type_allows(segment, operand->access))
        return WS__REASON(SEGMENT_TYPE, number, ws__reason_type(segment));
    if (operands->branch == WS__BRANCH_FAR_RETURN && ws__descriptor_limit_allows(segment, offset, bytes))
        bytes = far_return_bytes(cpu, operands, segment->base + offset);
    if (down)
        return WS__REASON(SEGMENT_BELOW, offset, bytes, number, segment->limit);
    return WS__REASON(SEGMENT_LIMIT, offset, bytes, number, segment->limit);
}

struct ws_reason ws__segments_reason(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    uint32_t target;
    for (unsigned i = 0; i < operands->count; i++) {
        if (!operand_allowed(cpu, operands, &operands->operand[i]))
            return operand_reason(cpu, operands, &operands->operand[i]);
    }
    if (!branch_allowed(cpu, operands) && branch_target(cpu, operands, &target))
        return WS__REASON(BRANCH_LIMIT, target, cpu->checks.segment[WS__SEGMENT_CS].limit);
    return WS__REASON(NONE, 0);
}

/* -- the task register ------------------------------------------------------------------------- */

bool ws__ltr_is_null(struct ws__cpu *cpu, const struct ws__operands *operands)
{
    uint16_t selector = (uint16_t)general(cpu->engine, operands->general);
    if (operands->count &&
        !ws__memory_peek(cpu, ws__operand_linear(cpu, operands, &operands->operand[0]), &selector, sizeof selector))
        return false;
    return (selector & ~3u) == 0;
}

/* -- the frame of a far transfer ------------------------------------------------------------------- */

/* The engine accesses the frame of a far transfer with supervisor rights, so that ring 3 could read and write pages
 * that are not its own.  Inner rings have supervisor rights.  SDM 3A §4.6 "Access Rights" */

enum { USER = 3 };

static const struct ws__operand *frame_find(const struct ws__operands *operands)
{
    for (unsigned i = 0; i < operands->count; i++) {
        if (operands->operand[i].rule == WS__OFFSET_STACK)
            return &operands->operand[i];
    }
    return NULL;
}

/* Is it code that ring 3 can call without a change of ring? */
static bool is_own_code(const struct ws_descriptor *found)
{
    return !found->system && found->type & WS_TYPE_CODE && found->present &&
           (found->type & WS_TYPE_CONFORMING || found->dpl == USER);
}

/* How many bytes the far call pushes on the present stack: `bytes`, or what its call gate says; 0 if it pushes nothing,
 * or pushes on another stack. */
static uint32_t pushed_bytes(struct ws__cpu *cpu, uint32_t bytes)
{
    struct ws_descriptor found;
    if (!ws__descriptor_peek(cpu, cpu->last.named, &found))
        return 0;
    bool gate = found.system && (found.type == WS_TYPE_CALL_GATE16 || found.type == WS_TYPE_CALL_GATE32);
    if (!gate)
        return is_own_code(&found) ? bytes : 0;
    bytes = found.type == WS_TYPE_CALL_GATE16 ? 4 : 8;
    if (found.dpl != USER || !found.present || !ws__descriptor_peek(cpu, (uint16_t)found.base, &found))
        return 0; /* the selector in a gate stands where a segment's base begins */
    return is_own_code(&found) ? bytes : 0;
}

/* Probe slot by slot from the top, as a CPU pushes them: CR2 is the first slot that fails. */
static bool push_allowed(struct ws__cpu *cpu, uint32_t end, uint32_t bytes, uint32_t *error_code)
{
    uint32_t half = bytes / 2;
    return ws__cpu_probe(cpu, &cpu->paging, end - half, half, WS_ACCESS_WRITE, true, error_code) &&
           ws__cpu_probe(cpu, &cpu->paging, end - bytes, half, WS_ACCESS_WRITE, true, error_code);
}

bool ws__far_frame_allowed(struct ws__cpu *cpu, const struct ws__operands *operands, uint32_t *error_code)
{
    const struct ws__operand *frame = frame_find(operands);
    if (!frame)
        return true;
    uint32_t linear = ws__operand_linear(cpu, operands, frame), bytes = frame->address.bytes;
    if (operands->branch == WS__BRANCH_FAR_RETURN)
        return ws__cpu_probe(cpu, &cpu->paging, linear, bytes, WS_ACCESS_READ, true, error_code);
    return push_allowed(cpu, linear + bytes, pushed_bytes(cpu, bytes), error_code);
}
