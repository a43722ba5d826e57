/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefixes, opcode, class: a table of patterns.
 */
#include "x86/decode.h"

#include <string.h>

#include "x86/alignment.h"

/* A pattern of opcode bytes.  The rows are tried in order, and the first that fits counts. */
struct pattern {
    uint16_t opcode; /* one byte, or 0x0f00 | the second byte */
    uint16_t last;   /* the row is for opcode..last */
    int8_t reg;      /* the ModRM byte's middle field; -1: any */
    uint8_t class_;
};

static const struct pattern patterns[] = {
    {0x0007, 0x0007, -1, WS__CLASS_LOAD_SEGMENT}, /* pop %es */
    {0x0017, 0x0017, -1, WS__CLASS_LOAD_SS},      /* pop %ss */
    {0x001f, 0x001f, -1, WS__CLASS_LOAD_SEGMENT}, /* pop %ds */
    {0x006c, 0x006f, -1, WS__CLASS_PORT_DX},      /* ins, outs */
    {0x008e, 0x008e, 2, WS__CLASS_LOAD_SS},       /* mov r/m, %ss */
    {0x008e, 0x008e, -1, WS__CLASS_LOAD_SEGMENT},
    {0x009a, 0x009a, -1, WS__CLASS_CALL_FAR},
    {0x00c0, 0x00c1, 2, WS__CLASS_EARLY_FLAGS},
    {0x00c0, 0x00c1, 3, WS__CLASS_EARLY_FLAGS},
    {0x00c2, 0x00c3, -1, WS__CLASS_RET},
    {0x00c4, 0x00c5, -1, WS__CLASS_LOAD_SEGMENT}, /* les, lds */
    {0x00ca, 0x00cb, -1, WS__CLASS_RET_FAR},
    {0x00cc, 0x00cc, -1, WS__CLASS_INT3},
    {0x00cd, 0x00cd, -1, WS__CLASS_INT},
    {0x00ce, 0x00ce, -1, WS__CLASS_INTO},
    {0x00cf, 0x00cf, -1, WS__CLASS_IRET},
    {0x00d0, 0x00d3, 2, WS__CLASS_EARLY_FLAGS},
    {0x00d0, 0x00d3, 3, WS__CLASS_EARLY_FLAGS},
    {0x00e0, 0x00e1, -1, WS__CLASS_STALE_FLAGS}, /* loopne, loope */
    {0x00e4, 0x00e7, -1, WS__CLASS_PORT_IMM},
    {0x00e8, 0x00e8, -1, WS__CLASS_CALL},
    {0x00ea, 0x00ea, -1, WS__CLASS_JMP_FAR},
    {0x00ec, 0x00ef, -1, WS__CLASS_PORT_DX},
    {0x00f1, 0x00f1, -1, WS__CLASS_ICEBP},
    {0x00f4, 0x00f4, -1, WS__CLASS_HLT},
    {0x00fb, 0x00fb, -1, WS__CLASS_STI},
    {0x009d, 0x009d, -1, WS__CLASS_POPF},
    {0x00ff, 0x00ff, 2, WS__CLASS_CALL},
    {0x00ff, 0x00ff, 3, WS__CLASS_CALL_FAR},
    {0x00ff, 0x00ff, 4, WS__CLASS_JMP}, /* jmp *r/m */
    {0x00ff, 0x00ff, 5, WS__CLASS_JMP_FAR},
    {0x0f00, 0x0f00, 2, WS__CLASS_LLDT},
    {0x0f00, 0x0f00, 3, WS__CLASS_LTR},
    {0x0f01, 0x0f01, 2, WS__CLASS_LGDT},
    {0x0f01, 0x0f01, 3, WS__CLASS_LIDT},
    {0x0f01, 0x0f01, 6, WS__CLASS_LMSW},
    {0x0f01, 0x0f01, 7, WS__CLASS_INVLPG},
    {0x0f05, 0x0f05, -1, WS__CLASS_INVALID}, /* syscall: Intel's CPUs do not have it in protected mode */
    {0x0f06, 0x0f06, -1, WS__CLASS_LMSW},    /* clts */
    {0x0f07, 0x0f07, -1, WS__CLASS_INVALID}, /* sysret */
    {0x0f0b, 0x0f0b, -1, WS__CLASS_INVALID}, /* ud2 */
    {0x0f0f, 0x0f0f, -1, WS__CLASS_INVALID}, /* 3DNow!: cpuid does not name it, nor SSE4a: extrq, insertq */
    {0x0f20, 0x0f20, -1, WS__CLASS_PLAIN},   /* mov %cr, r: whatever the mode field says */
    {0x0f21, 0x0f21, -1, WS__CLASS_MOV_FROM_DR},
    {0x0f22, 0x0f22, 1, WS__CLASS_INVALID}, /* there is no CR1, nor CR5 to CR7 */
    {0x0f22, 0x0f22, 3, WS__CLASS_MOV_TO_CR3},
    {0x0f22, 0x0f22, 5, WS__CLASS_INVALID},
    {0x0f22, 0x0f22, 6, WS__CLASS_INVALID},
    {0x0f22, 0x0f22, 7, WS__CLASS_INVALID},
    {0x0f22, 0x0f22, -1, WS__CLASS_MOV_TO_CR},
    {0x0f23, 0x0f23, -1, WS__CLASS_MOV_TO_DR},
    {0x0f30, 0x0f30, -1, WS__CLASS_WRMSR},
    {0x0f31, 0x0f31, -1, WS__CLASS_RDTSC},
    {0x0f32, 0x0f32, -1, WS__CLASS_RDMSR},
    {0x0f33, 0x0f33, -1, WS__CLASS_RDPMC},
    {0x0f34, 0x0f35, -1, WS__CLASS_INVALID}, /* sysenter, sysexit: this CPU has no SEP, and cpuid says so */
    {0x0f38, 0x0f38, -1, WS__CLASS_INVALID}, /* SSSE3, SSE4 and later: cpuid does not name them */
    {0x0f3a, 0x0f3a, -1, WS__CLASS_INVALID},
    {0x0f78, 0x0f79, -1, WS__CLASS_INVALID},
    {0x0f90, 0x0f9f, -1, WS__CLASS_EARLY_FLAGS},
    {0x0fa1, 0x0fa1, -1, WS__CLASS_LOAD_SEGMENT}, /* pop %fs */
    {0x0fa2, 0x0fa2, -1, WS__CLASS_CPUID},
    {0x0fa3, 0x0fa3, -1, WS__CLASS_BIT_TEST},
    {0x0fa9, 0x0fa9, -1, WS__CLASS_LOAD_SEGMENT}, /* pop %gs */
    {0x0faa, 0x0faa, -1, WS__CLASS_INVALID},      /* rsm: this CPU is never in system management mode */
    {0x0fab, 0x0fab, -1, WS__CLASS_BIT_TEST},
    {0x0fb2, 0x0fb2, -1, WS__CLASS_LOAD_SEGMENT}, /* lss */
    {0x0fb3, 0x0fb3, -1, WS__CLASS_BIT_TEST},
    {0x0fb4, 0x0fb5, -1, WS__CLASS_LOAD_SEGMENT}, /* lfs, lgs */
    {0x0fb8, 0x0fb8, -1, WS__CLASS_INVALID},      /* popcnt, likewise */
    {0x0fba, 0x0fbb, -1, WS__CLASS_BIT_TEST},
    {0x0fc7, 0x0fc7, 1, WS__CLASS_STALE_FLAGS}, /* cmpxchg8b */
};

/* How far the scan of an instruction's bytes has come, and what it has seen. */
struct scan {
    const uint8_t *code;
    size_t bytes;
    size_t at;          /* behind the opcode */
    bool operand_small; /* 66 seen */
    bool locked;        /* f0 seen */
    bool repeated;      /* f2 or f3 seen */
    uint8_t segment;    /* the override; WS__SEGMENTS: none */
    uint8_t selecting;  /* 66, f2, f3 or 0: the prefix that selects among instructions */
};

/* The segment that a prefix names, or WS__SEGMENTS. */
static uint8_t segment_override(uint8_t byte)
{
    static const uint8_t prefixes[WS__SEGMENTS] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    const uint8_t *found = memchr(prefixes, byte, sizeof prefixes);
    return found ? (uint8_t)(found - prefixes) : WS__SEGMENTS;
}

bool ws__decode_is_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    return memchr(prefixes, byte, sizeof prefixes) != NULL;
}

/* Scan prefixes and opcode.  Returns the opcode as in `patterns`, or 0xffff if it lies beyond what could be read. */
static uint16_t scan_opcode(struct scan *scan)
{
    while (scan->at < scan->bytes && ws__decode_is_prefix(scan->code[scan->at])) {
        uint8_t byte = scan->code[scan->at++];
        bool repeats = byte == 0xf2 || byte == 0xf3;
        scan->operand_small |= byte == 0x66;
        scan->locked |= byte == 0xf0;
        scan->repeated |= repeats;
        if (repeats || (byte == 0x66 && !scan->selecting)) /* f2 and f3 win over 66 */
            scan->selecting = byte;
        if (segment_override(byte) != WS__SEGMENTS)
            scan->segment = segment_override(byte);
    }
    if (scan->at >= scan->bytes)
        return 0xffff;
    uint16_t opcode = scan->code[scan->at++];
    if (opcode != 0x0f)
        return opcode;
    if (scan->at >= scan->bytes)
        return 0xffff;
    return (uint16_t)(0x0f00 | scan->code[scan->at++]);
}

/* Does a VEX, EVEX or XOP prefix begin here?  The engine's translator would take these for other instructions, and this
 * CPU has none of them.  Their first byte is that of lds, les, bound or pop.  In 32-bit code the next byte tells them
 * apart: as the ModRM byte of those it would name a register as the operand, which they cannot have.  SDM 2A §2.3.2
 * "VEX and the LOCK prefix" and following */
static bool is_vector_prefix(const struct scan *scan, uint16_t opcode)
{
    if (scan->at >= scan->bytes)
        return false;
    uint8_t next = scan->code[scan->at];
    if (opcode == 0xc4 || opcode == 0xc5 || opcode == 0x62)
        return next >= 0xc0;
    return opcode == 0x8f && (next & 0x38) != 0;
}

/* Other instructions that this CPU does not have: SSE4a's movntss and movntsd; movlpd and movhpd of two registers,
 * which the engine would execute; and xsave, clflush and others with operands in memory under 0f ae, and all of 0f c7
 * but cmpxchg8b. */
static bool is_foreign(const struct scan *scan, uint16_t opcode)
{
    if (opcode == 0x0f2b)
        return scan->repeated;
    if (scan->at >= scan->bytes)
        return false;
    uint8_t modrm = scan->code[scan->at], reg = modrm >> 3 & 7;
    if (opcode == 0x0fae)
        return modrm < 0xc0 && reg >= 4;
    if (opcode == 0x0fc7)
        return modrm < 0xc0 && reg != 1;
    return (opcode == 0x0f12 || opcode == 0x0f16) && scan->operand_small && !scan->repeated && modrm >= 0xc0;
}

/* Instructions with register operands that do nothing, and that the disassembler does not know: fences, and hints.  A
 * CPU that does not have what a hint is about ignores it; endbr32 is one.  SDM 2B "NOP—No Operation", "MFENCE—Memory
 * Fence" */
static bool is_hint(const struct scan *scan, uint16_t opcode)
{
    if (scan->at >= scan->bytes || scan->code[scan->at] < 0xc0)
        return false;
    bool fence = opcode == 0x0fae && scan->code[scan->at] >= 0xe8 && !scan->operand_small && !scan->repeated;
    return fence || (opcode >= 0x0f1a && opcode <= 0x0f1f);
}

static const struct pattern *pattern_find(const struct scan *scan, uint16_t opcode)
{
    int reg = scan->at < scan->bytes ? scan->code[scan->at] >> 3 & 7 : -1;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        const struct pattern *row = &patterns[i];
        if (opcode >= row->opcode && opcode <= row->last && (row->reg < 0 || row->reg == reg))
            return row;
    }
    return NULL;
}

/* mov to and from control and debug registers.  The operands are always registers: the mode field of the ModRM byte is
 * ignored.  SDM 2B "MOV—Move to/from Control Registers" */
static void decode_special_move(struct ws__decoded *out, const struct scan *scan)
{
    if (scan->at >= scan->bytes) {
        out->class_ = WS__CLASS_PLAIN; /* the CPU cannot fetch it: the engine raises the page fault */
        return;
    }
    out->operand = scan->code[scan->at] >> 3 & 7;
    out->general = scan->code[scan->at] & 7;
    out->length = (uint8_t)(scan->at + 1);
    if (scan->locked)
        out->class_ = WS__CLASS_INVALID;
}

static uint8_t port_width(uint16_t opcode, bool operand_small, bool wide)
{
    if (!(opcode & 1))
        return 1;
    return wide != operand_small ? 4 : 2;
}

/* Decode instructions whose length is known from the opcode, without the disassembler.  false: the disassembler must
 * tell the length. */
static bool decode_by_opcode(struct ws__decoded *out, const struct scan *scan, uint16_t opcode, bool wide)
{
    out->length = (uint8_t)scan->at;
    switch (out->class_) {
    case WS__CLASS_MOV_FROM_DR:
    case WS__CLASS_MOV_TO_DR:
    case WS__CLASS_MOV_TO_CR:
    case WS__CLASS_MOV_TO_CR3:
        decode_special_move(out, scan);
        return true;
    case WS__CLASS_INT:
    case WS__CLASS_PORT_IMM:
        out->width = port_width(opcode, scan->operand_small, wide);
        if (scan->at < scan->bytes)
            out->operand = scan->code[out->length++];
        else
            out->class_ = WS__CLASS_PLAIN;
        return !scan->locked;
    case WS__CLASS_PORT_DX:
        out->width = port_width(opcode, scan->operand_small, wide);
        return !scan->locked;
    case WS__CLASS_PLAIN: /* mov from a control register */
        out->length++;
        return !scan->locked;
    default:
        return false;
    }
}

bool ws__decode_is_string(uint16_t opcode)
{
    return (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xa4 && opcode <= 0xaf && opcode != 0xa8 && opcode != 0xa9);
}

bool ws__decode_opcode(struct ws__opcode *out, const uint8_t *code, size_t bytes)
{
    struct scan scan = {.code = code, .bytes = bytes, .segment = WS__SEGMENTS};
    *out = (struct ws__opcode){.opcode = scan_opcode(&scan), .reg = -1};
    if (out->opcode == 0xffff)
        return false;
    if (scan.at < bytes) {
        out->modrm = code[scan.at];
        out->reg = (int8_t)(out->modrm >> 3 & 7);
    }
    out->operand_small = scan.operand_small;
    out->repeated = scan.repeated;
    out->segment = scan.segment;
    return true;
}

/* The segment register that an instruction of class LOAD_SEGMENT loads.  The opcode says it, or a number in the ModRM
 * byte. */
static uint8_t segment_loaded(const struct scan *scan, uint16_t opcode)
{
    switch (opcode) {
    case 0x8e:
        return scan->at < scan->bytes ? scan->code[scan->at] >> 3 & 7 : WS__SEGMENT_DS;
    case 0x1f:
    case 0xc5:
        return WS__SEGMENT_DS;
    case 0x0fb2:
        return WS__SEGMENT_SS;
    case 0x0fa1:
    case 0x0fb4:
        return WS__SEGMENT_FS;
    case 0x0fa9:
    case 0x0fb5:
        return WS__SEGMENT_GS;
    default:
        return WS__SEGMENT_ES;
    }
}

/* Does a prefix name CS?  Then the operand in memory, if there is one, cannot be written.  With a conditional jump, the
 * prefix is a hint. */
static bool names_code_segment(const struct scan *scan, uint16_t opcode)
{
    bool conditional = (opcode >= 0x70 && opcode <= 0x7f) || (opcode >= 0x0f80 && opcode <= 0x0f8f);
    return scan->segment == WS__SEGMENT_CS && !conditional;
}

void ws__decode(struct ws__decoded *out, struct ws_disasm *disasm, const uint8_t *code, size_t bytes, bool wide)
{
    struct scan scan = {.code = code, .bytes = bytes, .segment = WS__SEGMENTS};
    struct ws_instruction text;
    *out = (struct ws__decoded){.class_ = WS__CLASS_PLAIN, .segments = 0xff};
    uint16_t opcode = scan_opcode(&scan);
    if (opcode == 0xffff)
        return; /* longer than 15 bytes, or it cannot be fetched: the engine raises the fault */
    out->repeated = scan.repeated && ws__decode_is_string(opcode);
    out->in_code = names_code_segment(&scan, opcode);
    if (out->in_code)
        out->class_ = WS__CLASS_IN_CODE;
    if (is_vector_prefix(&scan, opcode) || is_foreign(&scan, opcode)) {
        out->class_ = WS__CLASS_INVALID;
        out->length = (uint8_t)(scan.at + (scan.at < bytes)); /* the byte that decides */
        return;
    }
    if (is_hint(&scan, opcode)) {
        out->class_ = scan.locked ? WS__CLASS_INVALID : WS__CLASS_PLAIN;
        out->length = (uint8_t)(scan.at + 1);
        return;
    }
    const struct pattern *pattern = pattern_find(&scan, opcode);
    if (pattern) {
        out->class_ = pattern->class_;
        if (pattern->class_ == WS__CLASS_LOAD_SEGMENT)
            out->operand = segment_loaded(&scan, opcode);
        if (pattern->class_ == WS__CLASS_INVALID)
            out->length = (uint8_t)scan.at;
        if (pattern->class_ == WS__CLASS_INVALID || decode_by_opcode(out, &scan, opcode, wide))
            return;
    } else if (scan.at < bytes && ws__alignment_wanted(opcode, scan.selecting, code[scan.at])) {
        out->class_ = WS__CLASS_ALIGNED;
    }
    if (ws_disasm_one(disasm, code, bytes, 0, wide, WS_SYNTAX_ATT, &text))
        out->length = text.size;
    else if (bytes >= WS_INSTRUCTION_BYTES)
        out->class_ = WS__CLASS_INVALID;
    else
        *out = (struct ws__decoded){.class_ = WS__CLASS_PLAIN};
}

uint8_t ws__decoded_loads(const struct ws__decoded *decoded)
{
    if (decoded->class_ == WS__CLASS_LOAD_SS)
        return 1 << WS__SEGMENT_SS;
    return decoded->class_ == WS__CLASS_LOAD_SEGMENT ? (uint8_t)(1 << decoded->operand) : 0;
}
