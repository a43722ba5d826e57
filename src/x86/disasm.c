/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine code as text.  Only this file and disasm_version.c use Capstone.
 *
 * Capstone's AT&T texts put a size suffix on every mnemonic.  Here the suffix stays only where no register tells the
 * size, as a person would write it.
 */
#include <worldswitch/disasm.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <capstone/capstone.h>

#include "x86/disasm_operands.h"
#include "x86/disasm_spelling.h"

struct decoder {
    csh handle;       /* 0: not open */
    cs_insn *scratch; /* what Capstone decodes into */
    enum ws_syntax syntax;
};

struct ws_disasm {
    struct decoder decoder[2];  /* [0] for 16-bit code, [1] for 32-bit code */
    struct decoder detailed[2]; /* the same two with details of operands, which takes longer */
};

static const cs_mode decoder_mode[2] = {CS_MODE_16, CS_MODE_32};

static void decoder_release(struct decoder *decoder)
{
    if (decoder->scratch)
        cs_free(decoder->scratch, 1);
    if (decoder->handle)
        cs_close(&decoder->handle);
}

static enum ws_status decoder_init(struct decoder *decoder, cs_mode mode, bool detailed)
{
    *decoder = (struct decoder){.syntax = WS_SYNTAX_INTEL}; /* Capstone's default */
    if (cs_open(CS_ARCH_X86, mode, &decoder->handle) != CS_ERR_OK) {
        decoder->handle = 0;
        return WS_NO_MEMORY;
    }
    if (detailed)
        cs_option(decoder->handle, CS_OPT_DETAIL, CS_OPT_ON);
    decoder->scratch = cs_malloc(decoder->handle);
    return decoder->scratch ? WS_OK : WS_NO_MEMORY;
}

enum ws_status ws_disasm_new(struct ws_disasm **out)
{
    enum ws_status status = WS_OK;
    struct ws_disasm *disasm = calloc(1, sizeof *disasm);
    *out = NULL;
    if (!disasm)
        return WS_NO_MEMORY;
    for (int i = 0; i < 2 && status == WS_OK; i++) {
        status = decoder_init(&disasm->decoder[i], decoder_mode[i], false);
        if (status == WS_OK)
            status = decoder_init(&disasm->detailed[i], decoder_mode[i], true);
    }
    if (status != WS_OK) {
        ws_disasm_free(disasm);
        return status;
    }
    *out = disasm;
    return WS_OK;
}

void ws_disasm_free(struct ws_disasm *disasm)
{
    if (!disasm)
        return;
    for (int i = 0; i < 2; i++) {
        decoder_release(&disasm->decoder[i]);
        decoder_release(&disasm->detailed[i]);
    }
    free(disasm);
}

static void decoder_set_syntax(struct decoder *decoder, enum ws_syntax syntax)
{
    if (decoder->syntax == syntax)
        return;
    cs_option(decoder->handle, CS_OPT_SYNTAX, syntax == WS_SYNTAX_ATT ? CS_OPT_SYNTAX_ATT : CS_OPT_SYNTAX_INTEL);
    decoder->syntax = syntax;
}

static bool name_is_in(const char *name, size_t length, const char *const *list)
{
    while (*list && (strlen(*list) != length || strncmp(*list, name, length) != 0))
        list++;
    return *list;
}

/* Instructions whose operand always has the same size. */
static const char *const one_size[] = {"sldt", "str", "lldt", "ltr", "lmsw", "smsw", "sysexit", NULL};

/* Instructions whose size is that of the code segment, unless a prefix says otherwise. */
static const char *const own_size[] = {"push", "pop",  "call", "lcall", "jmp",  "ljmp", "ret",
                                       "lret", "iret", "lgdt", "lidt",  "sgdt", "sidt", NULL};

/* Instructions whose %cl is a count and says nothing about the size. */
static const char *const shifts[] = {"shl", "shr", "sar", "rol", "ror", "rcl", "rcr", NULL};

/* Does an operand name a register as wide as the operation?  A register inside an address does not. */
static bool operands_tell_size(const char *operands, bool shift)
{
    bool inside = false;
    for (const char *at = operands; *at; at++) {
        if (*at == '(' || *at == ')')
            inside = *at == '(';
        if (inside || *at != '%')
            continue;
        bool count = shift && at == operands && strncmp(at, "%cl", 3) == 0;
        bool segment_prefix = at[strcspn(at, ",:")] == ':';
        if (!count && !segment_prefix)
            return true;
    }
    return false;
}

static const char *const other_name[] = {"lret", "iret", "lcall", "ljmp", NULL};

/* Is `word`, an AT&T mnemonic, `name` with a size suffix?  For some instructions Capstone's name is only Intel's, and
 * some versions of Capstone name a far jump and a far call "jmp" and "call". */
static bool mnemonic_has_suffix(const char *word, size_t length, const char *name)
{
    if (length < 2 || !strchr("bwl", word[length - 1]))
        return false;
    if (strlen(name) == length - 1 && strncmp(word, name, length - 1) == 0)
        return true;
    return name_is_in(word, length - 1, other_name);
}

/* The length of an AT&T mnemonic, without the suffix if that says nothing new. */
static size_t mnemonic_length(const struct decoder *decoder, bool wide)
{
    const cs_insn *insn = decoder->scratch;
    size_t length = strlen(insn->mnemonic);
    const char *space = strrchr(insn->mnemonic, ' '); /* "lock" or "rep" may stand in front */
    const char *word = space ? space + 1 : insn->mnemonic;
    size_t base = strlen(word) - 1;
    const char *name = cs_insn_name(decoder->handle, insn->id);
    if (!name || !mnemonic_has_suffix(word, base + 1, name))
        return length;

    bool implied = name_is_in(word, base, one_size) ||
                   (name_is_in(word, base, own_size) && word[base] == (wide ? 'l' : 'w')) ||
                   operands_tell_size(insn->op_str, name_is_in(word, base, shifts));
    return implied ? length - 1 : length;
}

/* The Intel name of a mnemonic.  Capstone gives some instructions their AT&T name in both syntaxes. */
static const char *intel_mnemonic(const char *mnemonic)
{
    static const char *const names[][2] = {
        {"pushal", "pushad"}, {"popal", "popad"}, {"pushaw", "pusha"}, {"popaw", "popa"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(mnemonic, names[i][0]) == 0)
            return names[i][1];
    }
    return mnemonic;
}

static void text_write(struct decoder *decoder, const struct ws__written_opcode *opcode, bool wide,
                       char out[WS_INSTRUCTION_TEXT])
{
    cs_insn *insn = decoder->scratch;
    bool att = decoder->syntax == WS_SYNTAX_ATT;
    ws__spell(opcode, att, insn->mnemonic, sizeof insn->mnemonic, insn->op_str, sizeof insn->op_str);
    const char *mnemonic = att ? insn->mnemonic : intel_mnemonic(insn->mnemonic);
    size_t length = att ? mnemonic_length(decoder, wide) : strlen(mnemonic);
    int written =
        snprintf(out, WS_INSTRUCTION_TEXT, "%.*s%s%s", (int)length, mnemonic, *insn->op_str ? " " : "", insn->op_str);
    assert(written > 0);
    (void)written;
}

/* -- prefixes ----------------------------------------------------------------------------------- */

static bool is_mandatory(uint8_t byte)
{
    return byte == 0x66 || byte == 0xf2 || byte == 0xf3;
}

static bool is_other_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67, 0xf0};
    return memchr(prefixes, byte, sizeof prefixes) != NULL;
}

/* Put the prefixes into the order that Capstone needs.  A CPU takes them in any order.  Capstone recognizes a prefix
 * that selects among instructions with 0f only if it comes last.  Returns where the bytes are now: `code` or `copy`.
 * SDM 2A §2.1.1 "Instruction Prefixes" */
static const uint8_t *prefixes_order(const uint8_t *code, size_t bytes, uint8_t copy[WS_INSTRUCTION_BYTES])
{
    size_t prefixes = 0, others = 0;
    while (prefixes < bytes && (is_mandatory(code[prefixes]) || is_other_prefix(code[prefixes])))
        prefixes++;
    if (prefixes < 2 || prefixes == bytes || code[prefixes] != 0x0f)
        return code;
    for (size_t i = 0; i < prefixes; i++) {
        if (is_other_prefix(code[i]))
            copy[others++] = code[i];
    }
    for (size_t i = 0; i < prefixes; i++) {
        if (is_mandatory(code[i]))
            copy[others++] = code[i];
    }
    memcpy(copy + prefixes, code + prefixes, bytes - prefixes);
    return copy;
}

bool ws_disasm_one(struct ws_disasm *disasm, const uint8_t *code, size_t bytes, uint32_t linear, bool wide,
                   enum ws_syntax syntax, struct ws_instruction *out)
{
    struct decoder *decoder = &disasm->decoder[wide];
    size_t left = bytes < WS_INSTRUCTION_BYTES ? bytes : WS_INSTRUCTION_BYTES;
    uint64_t at = linear;
    uint8_t copy[WS_INSTRUCTION_BYTES];
    const uint8_t *ordered = prefixes_order(code, left, copy);

    *out = (struct ws_instruction){.linear = linear, .size = 1, .text = "(bad)"};
    if (left)
        out->bytes[0] = code[0];
    decoder_set_syntax(decoder, syntax);
    if (!cs_disasm_iter(decoder->handle, &ordered, &left, &at, decoder->scratch))
        return false;
    out->valid = true;
    out->size = (uint8_t)decoder->scratch->size;
    memcpy(out->bytes, code, out->size);
    struct ws__written_opcode opcode = ws__opcode_find(code, out->size, wide);
    text_write(decoder, &opcode, wide, out->text);
    return true;
}

/* -- operands ---------------------------------------------------------------------------------- */

/* The number that instructions use for a general register; EAX and AX have the same one. */
static uint8_t general_number(unsigned id)
{
    static const x86_reg wide[] = {X86_REG_EAX, X86_REG_ECX, X86_REG_EDX, X86_REG_EBX,
                                   X86_REG_ESP, X86_REG_EBP, X86_REG_ESI, X86_REG_EDI};
    static const x86_reg small[] = {X86_REG_AX, X86_REG_CX, X86_REG_DX, X86_REG_BX,
                                    X86_REG_SP, X86_REG_BP, X86_REG_SI, X86_REG_DI};
    for (uint8_t i = 0; i < WS__NO_REGISTER; i++) {
        if (id == wide[i] || id == small[i])
            return i;
    }
    return WS__NO_REGISTER;
}

/* The segment of an address: the one that a prefix names, else SS if the base is ESP or EBP, else DS.  SDM 1 §3.7.4
 * "Specifying a Segment Selector" */
static uint8_t segment_number(unsigned id, uint8_t base)
{
    static const x86_reg segments[WS__SEGMENTS] = {X86_REG_ES, X86_REG_CS, X86_REG_SS,
                                                   X86_REG_DS, X86_REG_FS, X86_REG_GS};
    for (uint8_t i = 0; i < WS__SEGMENTS; i++) {
        if (id == segments[i])
            return i;
    }
    return base == 4 || base == 5 ? WS__SEGMENT_SS : WS__SEGMENT_DS;
}

static struct ws__address address_convert(const cs_x86_op *operand)
{
    uint8_t base = general_number((unsigned)operand->mem.base);
    return (struct ws__address){
        .segment = segment_number((unsigned)operand->mem.segment, base),
        .base = base,
        .index = general_number((unsigned)operand->mem.index),
        .scale = (uint8_t)operand->mem.scale,
        .bytes = operand->size,
        .displacement = (int32_t)operand->mem.disp,
    };
}

bool ws__disasm_operands(struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide,
                         struct ws__explicit *out)
{
    struct decoder *decoder = &disasm->detailed[wide];
    size_t left = bytes < WS_INSTRUCTION_BYTES ? bytes : WS_INSTRUCTION_BYTES;
    uint64_t at = 0;
    uint8_t copy[WS_INSTRUCTION_BYTES];
    const uint8_t *ordered = prefixes_order(code, left, copy);
    *out = (struct ws__explicit){.general = WS__NO_REGISTER};
    if (!cs_disasm_iter(decoder->handle, &ordered, &left, &at, decoder->scratch))
        return false;
    const cs_x86 *x86 = &decoder->scratch->detail->x86;
    const struct ws__written_opcode opcode = ws__opcode_find(code, decoder->scratch->size, wide);
    const uint8_t memory_bytes = ws__opcode_memory_bytes(&opcode);
    out->small = x86->addr_size == 2;
    for (unsigned i = 0; i < x86->op_count; i++) {
        const cs_x86_op *operand = &x86->operands[i];
        if (operand->type == X86_OP_MEM && out->addresses < 2)
            out->address[out->addresses++] = address_convert(operand);
        else if (operand->type == X86_OP_IMM && out->immediates < 2)
            out->immediate[out->immediates++] = (uint32_t)operand->imm;
        else if (operand->type == X86_OP_REG)
            out->general = general_number(operand->reg);
    }
    if (out->addresses && memory_bytes)
        out->address[0].bytes = memory_bytes;
    if (ws__opcode_is_small_branch(&opcode))
        out->immediate[0] &= 0xffff;
    if (ws__opcode_is_exchange(&opcode))
        out->general = opcode.byte & 7;
    return true;
}
