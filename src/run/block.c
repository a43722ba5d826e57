/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking into blocks.
 */
#include "run/block.h"

#include <stdlib.h>

#include "cpu/segment_checks.h"
#include "run/block_mode.h"
#include "run/hook_point.h"

/* -- what an instruction adds ------------------------------------------------------------------ */

/* Of the floating-point units' operands it is not said for certain. */
static bool may_write(const struct ws__decoded *decoded, const struct ws__operands *operands)
{
    bool writes = decoded->length == 0 || (operands->count && operands->unit != WS__UNIT_INTEGER);
    for (unsigned i = 0; i < operands->count; i++)
        writes |= operands->operand[i].access & WS__WRITE;
    return writes;
}

/* Descriptors, too: accessed, busy. */
static bool writes(const struct ws__decoded *decoded, const struct ws__operands *operands)
{
    return ws__decoded_loads(decoded) || may_write(decoded, operands);
}

/* If it faults, its flags are to be put back: see in_progress.c. */
static bool loses_flags(const struct ws__decoded *decoded, const struct ws__operands *operands)
{
    return decoded->class_ == WS__CLASS_EARLY_FLAGS && operands->count;
}

/* The last instruction, at `linear`, is to be announced, for its own sake or because of what it is behind.  Without
 * memory, the block is executed in step mode. */
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
        .quick = ws__hook_point_is_quick(cpu, decoded),
        .decoded = *decoded,
        .operands = *ws__code_cache_operands(cpu->code, linear, cpu->wide),
    };
}

/* Returns whether it is a hook point.  *overwrites: it may write into the block. */
static bool instruction_add(struct ws__cpu *cpu, struct ws__block *block, uint32_t linear,
                            const struct ws__decoded *decoded, bool *overwrites)
{
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    struct ws__block_code *code = block->code;
    code->what[linear - code->linear] = WS__BEGINS;
    block->instructions++;
    *overwrites = block->compared && writes(decoded, operands);
    bool point = ws__instruction_is_hook_point(cpu, decoded) || loses_flags(decoded, operands);
    code->step_mode |= (operands->segments & block->loads) != 0; /* what it has loaded itself: nobody would look */
    block->loads |= ws__decoded_loads(decoded) | (decoded->class_ == WS__CLASS_MOV_TO_CR3 ? WS__LOADS_PAGING : 0);
    block->touches |= operands->segments | (decoded->class_ == WS__CLASS_POPF ? WS__TOUCHES_FLAGS : 0);
    code->writes |= may_write(decoded, operands) || block->loads || point; /* descriptors, too: accessed, busy */
    return point;
}

/* Where it goes from its last instruction, if that is a branch. */
static void branch_note(struct ws__cpu *cpu, struct ws__block_code *code, uint32_t linear)
{
    const struct ws__operands *operands = ws__code_cache_operands(cpu->code, linear, cpu->wide);
    bool direct = operands->branch >= WS__BRANCH_ALWAYS && operands->branch <= WS__BRANCH_COUNT && !operands->narrow;
    code->target = direct ? linear + operands->target : code->linear;
    code->branches = !direct && operands->branch != WS__BRANCH_NONE;
}

/* Go through the instructions.  Hook points are announced, and so is what stands behind one whose effect cannot
 * wait, or behind one that may write into the block: there it is compared.  What the engine has taken for another
 * number of bytes is only executed in step mode. */
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
        code->announces |= point || behind || compares;
        branch_note(cpu, code, linear);
        behind = !waits;
        compares = overwrites;
    }
    code->step_mode |= offset != code->bytes;
}

/* -- making one -------------------------------------------------------------------------------- */

static bool place_find(struct ws__cpu *cpu, struct ws__block_code *code)
{
    uint32_t here = WS_PAGE_BYTES - code->linear % WS_PAGE_BYTES;
    code->first = ws__code_cache_ram(cpu->code, code->linear);
    code->in_first = (uint16_t)(code->bytes < here ? code->bytes : here);
    if (code->in_first < code->bytes)
        code->second = ws__code_cache_ram(cpu->code, code->linear + code->in_first);
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
    if (!place_find(cpu, code)) {
        free(code);
        return NULL;
    }
    code->step_mode = ws__block_mode_trapped(cpu) || !ws__frames_are_faithful(cpu, linear, bytes);
    return code;
}

/* Do code and data share the frame?  NULL: there is none. */
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
        draft.asks = draft.code->step_mode || (draft.code->announces && !announced);
    }
    if (draft.code)
        block = ws__block_add(&cpu->blocks.table, &draft);
    if (block)
        return block;
    free(draft.point);
    free(draft.code);
    ws__block_mode_avoid(cpu, linear, bytes);
    return NULL;
}
