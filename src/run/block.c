/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoding the instructions of a block, and deciding which of them are hook points.
 */
#include "run/block.h"

#include <stdlib.h>

#include "cpu/segment_checks.h"
#include "run/block_mode.h"
#include "run/hook_point.h"

/* -- one instruction --------------------------------------------------------------------------- */

/* May the instruction write to memory?  For operands of the floating-point units the answer is always yes, since the
 * disassembler does not say it reliably. */
static bool may_write(const struct ws__decoded *decoded, const struct ws__operands *operands)
{
    bool writes = decoded->length == 0 || (operands->count && operands->unit != WS__UNIT_INTEGER);
    for (unsigned i = 0; i < operands->count; i++)
        writes |= operands->operand[i].access & WS__WRITE;
    return writes;
}

/* May the instruction, or the CPU while it executes it, write to memory?  The CPU sets the accessed bit of a descriptor
 * when it loads a segment register. */
static bool writes(const struct ws__decoded *decoded, const struct ws__operands *operands)
{
    return ws__decoded_loads(decoded) || may_write(decoded, operands);
}

/* Make the last instruction of the block, which is at `linear`, a hook point.  If there is no memory for it, the block
 * is executed in step mode. */
static void hook_point_add(struct ws__cpu *cpu, struct ws__block *block, uint32_t linear,
                           const struct ws__decoded *decoded, bool waits)
{
    struct ws__block_code *code = block->code;
    code->what[linear - code->linear] |= WS__HOOK_POINT;
    struct ws__hook_point *point = realloc(block->point, (code->points + 1u) * sizeof *point);
    code->step_mode |= !point;
    if (!point)
        return;
    block->point = point;
    point[code->points++] = (struct ws__hook_point){
        .linear = linear,
        .index = block->instructions - 1,
        .waits = waits,
        .fast_path = ws__hook_point_has_fast_path(cpu, decoded),
        .decoded = *decoded,
        .operands = *ws__code_cache_operands(cpu->code, linear, cpu->wide),
    };
}

/* Add an instruction to the block.  Returns whether it is a hook point for its own sake.  *overwrites: the instruction
 * may write into the block. */
static bool instruction_add(struct ws__cpu *cpu, struct ws__block *block, uint32_t linear,
                            const struct ws__decoded *decoded, bool *overwrites)
{
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    struct ws__block_code *code = block->code;
    code->what[linear - code->linear] = WS__BEGINS;
    block->instructions++;
    *overwrites = block->compared && writes(decoded, operands);
    /* The engine may change EFLAGS before an access that faults.  After the fault, ws__early_flags_undo() restores
     * EFLAGS. */
    bool loses_flags = decoded->class_ == WS__CLASS_EARLY_FLAGS && operands->count;
    bool point = loses_flags || ws__instruction_is_hook_point(&cpu->run, decoded);
    /* If the block uses a segment that it has loaded itself, no check comes between the two: so use step mode. */
    code->step_mode |= (operands->segments & block->loads) != 0;
    block->loads |= ws__decoded_loads(decoded) | (decoded->class_ == WS__CLASS_MOV_TO_CR3 ? WS__LOADS_PAGING : 0);
    block->touches |= operands->segments | (decoded->class_ == WS__CLASS_POPF ? WS__TOUCHES_FLAGS : 0);
    code->writes |= may_write(decoded, operands) || block->loads || point; /* a load may set a bit in a descriptor */
    return point;
}

/* Note where the block goes from its last instruction, which is at `linear`; see struct ws__block_code. */
static void branch_note(struct ws__cpu *cpu, struct ws__block_code *code, uint32_t linear)
{
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    bool direct = operands->branch >= WS__BRANCH_ALWAYS && operands->branch <= WS__BRANCH_COUNT && !operands->narrow;
    code->target = direct ? linear + operands->target : code->linear;
    code->branches = !direct && operands->branch != WS__BRANCH_NONE;
}

/* Decode all instructions of the block.  An instruction becomes a hook point for its own sake, or because the effect of
 * the hook point in front of it must be looked at before it begins.  Behind an instruction that may write into the
 * block, the block's bytes are compared.  A block of a mixed frame is announced in any case, see frames.h.  If the
 * instructions found here do not end where the engine's translation ends, the block is executed in step mode. */
static void instructions_find(struct ws__cpu *cpu, struct ws__block *block)
{
    struct ws__block_code *code = block->code;
    uint32_t offset = 0;
    bool behind = false, compares = false;
    while (offset < code->bytes) {
        uint32_t linear = code->linear + offset;
        struct ws__decoded decoded = *ws__code_cache_find(cpu->code, linear, cpu->wide);
        if (decoded.length == 0 || decoded.length > code->bytes - offset)
            break;
        offset += decoded.length;
        bool overwrites, point = instruction_add(cpu, block, linear, &decoded, &overwrites);
        bool waits = !point || ws__instruction_can_wait(cpu, &decoded);
        if (point || behind)
            hook_point_add(cpu, block, linear, &decoded, waits);
        if (compares)
            code->what[linear - code->linear] |= WS__COMPARES;
        code->needs_announcing |= point || behind || block->compared;
        branch_note(cpu, code, linear);
        behind = !waits;
        compares = overwrites;
    }
    code->step_mode |= offset != code->bytes;
}

/* -- making a block ---------------------------------------------------------------------------- */

static bool place_find(struct ws__code_cache *cache, struct ws__block_code *code)
{
    uint32_t here = WS_PAGE_BYTES - code->linear % WS_PAGE_BYTES;
    code->first = ws__code_cache_ram(cache, code->linear);
    code->in_first = (uint16_t)(code->bytes < here ? code->bytes : here);
    if (code->in_first < code->bytes)
        code->second = ws__code_cache_ram(cache, code->linear + code->in_first);
    return code->first && (code->second || code->in_first == code->bytes);
}

static struct ws__block_code *code_new(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes)
{
    struct ws__block_code *code = calloc(1, sizeof *code + 2 * bytes + 1);
    if (!code)
        return NULL;
    code->linear = linear;
    code->bytes = (uint16_t)bytes;
    code->what[bytes] = WS__BEGINS;
    code->copy = code->what + bytes + 1;
    if (!place_find(cpu->code, code)) {
        free(code);
        return NULL;
    }
    code->step_mode = ws__block_mode_trap_flag(cpu->engine) || !ws__frames_are_faithful(cpu, linear, bytes);
    return code;
}

/* Is the frame at this address in RAM mixed, so that code and data share it?  `ram` may be NULL. */
static bool is_mixed(const struct ws__cpu *cpu, const uint8_t *ram)
{
    const struct ws__frame *frame = ws__frame_of(cpu, ram);
    return frame && frame->mixed;
}

struct ws__block *ws__block_make(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, uintptr_t translation,
                                 bool announced)
{
    struct ws__block draft = {.translation = translation, .code = code_new(cpu, linear, bytes)}, *block = NULL;
    if (draft.code) {
        draft.compared = is_mixed(cpu, draft.code->first) || is_mixed(cpu, draft.code->second);
        instructions_find(cpu, &draft);
        draft.code->announced = announced;
        draft.asks = draft.code->step_mode || (draft.code->needs_announcing && !announced);
    }
    if (draft.code)
        block = ws__block_add(&cpu->blocks.table, &draft);
    if (block)
        return block;
    free(draft.point);
    free(draft.code);
    ws__block_mode_avoid(&cpu->blocks, linear, bytes);
    return NULL;
}
