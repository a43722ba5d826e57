/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which class ws__decode() gives to an instruction, with all kinds of prefixes.
 */
#include <check.h>
#include <string.h>

#include "x86/decode.h"

Suite *decode_suite(void);

static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[15];
    uint8_t class_;
    uint8_t length; /* 0: does not matter */
    uint8_t operand;
} rows[] = {
    {"nop", 1, {0x90}, WS__CLASS_PLAIN, 1, 0},
    {"mov $imm32,%eax", 5, {0xb8, 1, 2, 3, 4}, WS__CLASS_PLAIN, 5, 0},
    {"int $0x80", 2, {0xcd, 0x80}, WS__CLASS_INT, 2, 0x80},
    {"data16 int $0x80", 3, {0x66, 0xcd, 0x80}, WS__CLASS_INT, 3, 0x80},
    {"int3", 1, {0xcc}, WS__CLASS_INT3, 1, 0},
    {"into", 1, {0xce}, WS__CLASS_INTO, 1, 0},
    {"int1", 1, {0xf1}, WS__CLASS_ICEBP, 1, 0},
    {"iret", 1, {0xcf}, WS__CLASS_IRET, 1, 0},
    {"hlt", 1, {0xf4}, WS__CLASS_HLT, 1, 0},
    {"in $0x60,%al", 2, {0xe4, 0x60}, WS__CLASS_PORT_IMM, 2, 0x60},
    {"out %eax,(%dx)", 1, {0xef}, WS__CLASS_PORT_DX, 1, 0},
    {"rep outsb", 2, {0xf3, 0x6e}, WS__CLASS_PORT_DX, 2, 0},
    {"rdtsc", 2, {0x0f, 0x31}, WS__CLASS_RDTSC, 2, 0},
    {"mov %eax,%cr3", 3, {0x0f, 0x22, 0xd8}, WS__CLASS_MOV_TO_CR3, 3, 3},
    {"mov %eax,%cr3 with a mode that means nothing", 3, {0x0f, 0x22, 0x18}, WS__CLASS_MOV_TO_CR3, 3, 3},
    {"mov %cr0,%eax", 3, {0x0f, 0x20, 0xc0}, WS__CLASS_PLAIN, 3, 0},
    {"lock mov %eax,%cr0", 4, {0xf0, 0x0f, 0x22, 0xc0}, WS__CLASS_INVALID, 0, 0},
    {"mov %eax,%dr7", 3, {0x0f, 0x23, 0xf8}, WS__CLASS_MOV_TO_DR, 3, 7},
    {"mov %dr6,%ecx", 3, {0x0f, 0x21, 0xf1}, WS__CLASS_MOV_FROM_DR, 3, 6},
    {"repne mov %eax,%dr7", 4, {0xf2, 0x0f, 0x23, 0xf8}, WS__CLASS_MOV_TO_DR, 4, 7},
    {"cs data16 mov %eax,%dr0", 5, {0x2e, 0x66, 0x0f, 0x23, 0xc0}, WS__CLASS_MOV_TO_DR, 5, 0},
    {"two-byte vex in front of 23", 4, {0xc5, 0xf8, 0x23, 0xf8}, WS__CLASS_INVALID, 2, 0},
    {"three-byte vex in front of 23", 5, {0xc4, 0xe1, 0x78, 0x23, 0xf8}, WS__CLASS_INVALID, 0, 0},
    {"prefix, vex, 23", 5, {0x66, 0xc5, 0xf8, 0x23, 0xf8}, WS__CLASS_INVALID, 0, 0},
    {"evex", 6, {0x62, 0xf1, 0x7c, 0x48, 0x23, 0xf8}, WS__CLASS_INVALID, 0, 0},
    {"xop", 5, {0x8f, 0xe8, 0x78, 0x23, 0xf8}, WS__CLASS_INVALID, 0, 0},
    {"lds (%eax),%eax is no vex", 2, {0xc5, 0x00}, WS__CLASS_LOAD_SEGMENT, 2, 3},
    {"bound %eax,(%eax) is no evex", 2, {0x62, 0x00}, WS__CLASS_PLAIN, 2, 0},
    {"pop (%eax) is no xop", 2, {0x8f, 0x00}, WS__CLASS_PLAIN, 2, 0},
    {"lgdt (%eax)", 3, {0x0f, 0x01, 0x10}, WS__CLASS_LGDT, 3, 0},
    {"lidt (%eax)", 3, {0x0f, 0x01, 0x18}, WS__CLASS_LIDT, 3, 0},
    {"lldt %ax", 3, {0x0f, 0x00, 0xd0}, WS__CLASS_LLDT, 3, 0},
    {"ltr %ax", 3, {0x0f, 0x00, 0xd8}, WS__CLASS_LTR, 3, 0},
    {"lmsw %ax", 3, {0x0f, 0x01, 0xf0}, WS__CLASS_LMSW, 3, 0},
    {"mov %eax,%cr0", 3, {0x0f, 0x22, 0xc0}, WS__CLASS_MOV_TO_CR, 3, 0},
    {"mov %eax,%cr1", 3, {0x0f, 0x22, 0xc8}, WS__CLASS_INVALID, 0, 0},
    {"mov %eax,%cr5", 3, {0x0f, 0x22, 0xe8}, WS__CLASS_INVALID, 0, 0},
    {"mov %eax,%cr7", 3, {0x0f, 0x22, 0xf8}, WS__CLASS_INVALID, 0, 0},
    {"clts", 2, {0x0f, 0x06}, WS__CLASS_LMSW, 2, 0},
    {"invlpg (%eax)", 3, {0x0f, 0x01, 0x38}, WS__CLASS_INVLPG, 3, 0},
    {"call", 5, {0xe8, 0, 0, 0, 0}, WS__CLASS_CALL, 5, 0},
    {"call *%eax", 2, {0xff, 0xd0}, WS__CLASS_CALL, 2, 0},
    {"lcall *(%eax)", 2, {0xff, 0x18}, WS__CLASS_CALL_FAR, 2, 0},
    {"lcall", 7, {0x9a, 0, 0, 0, 0, 8, 0}, WS__CLASS_CALL_FAR, 7, 0},
    {"ljmp", 7, {0xea, 0, 0, 0, 0, 8, 0}, WS__CLASS_JMP_FAR, 7, 0},
    {"jmp", 5, {0xe9, 0, 0, 0, 0}, WS__CLASS_PLAIN, 5, 0},
    {"jmp *%eax", 2, {0xff, 0xe0}, WS__CLASS_JMP, 2, 0},
    {"jmp *%cs:(%eax)", 3, {0x2e, 0xff, 0x20}, WS__CLASS_JMP, 3, 0},
    {"ret", 1, {0xc3}, WS__CLASS_RET, 1, 0},
    {"lret $4", 3, {0xca, 4, 0}, WS__CLASS_RET_FAR, 3, 0},
    {"sti", 1, {0xfb}, WS__CLASS_STI, 1, 0},
    {"mov %ax,%ss", 2, {0x8e, 0xd0}, WS__CLASS_LOAD_SS, 2, 0},
    {"mov %ax,%ds", 2, {0x8e, 0xd8}, WS__CLASS_LOAD_SEGMENT, 2, 3},
    {"pop %fs", 2, {0x0f, 0xa1}, WS__CLASS_LOAD_SEGMENT, 2, 4},
    {"lss (%eax),%esp", 3, {0x0f, 0xb2, 0x20}, WS__CLASS_LOAD_SEGMENT, 3, 2},
    {"mov %eax,%cs:(%eax)", 3, {0x2e, 0x89, 0x00}, WS__CLASS_IN_CODE, 3, 0},
    {"jne with a hint", 3, {0x2e, 0x75, 0x00}, WS__CLASS_PLAIN, 3, 0},
    {"cs ds mov %eax,(%eax)", 4, {0x2e, 0x3e, 0x89, 0x00}, WS__CLASS_PLAIN, 4, 0},
    {"pop %ss", 1, {0x17}, WS__CLASS_LOAD_SS, 1, 0},
    {"ud2", 2, {0x0f, 0x0b}, WS__CLASS_INVALID, 2, 0},
    {"syscall", 2, {0x0f, 0x05}, WS__CLASS_INVALID, 0, 0},
    {"sysenter", 2, {0x0f, 0x34}, WS__CLASS_INVALID, 0, 0},
    {"3dnow", 4, {0x0f, 0x0f, 0xca, 0x90}, WS__CLASS_INVALID, 0, 0},
    {"extrq", 4, {0x66, 0x0f, 0x79, 0xca}, WS__CLASS_INVALID, 0, 0},
    {"movntss", 4, {0xf3, 0x0f, 0x2b, 0x00}, WS__CLASS_INVALID, 0, 0},
    {"movntps", 3, {0x0f, 0x2b, 0x00}, WS__CLASS_ALIGNED, 3, 0},
    {"movaps", 3, {0x0f, 0x28, 0x00}, WS__CLASS_ALIGNED, 3, 0},
    {"movaps of two registers", 3, {0x0f, 0x28, 0xc1}, WS__CLASS_PLAIN, 3, 0},
    {"movaps in the code segment", 4, {0x2e, 0x0f, 0x28, 0x00}, WS__CLASS_ALIGNED, 4, 0},
    {"movups", 3, {0x0f, 0x10, 0x00}, WS__CLASS_PLAIN, 3, 0},
    {"movq with MMX", 3, {0x0f, 0x6f, 0x00}, WS__CLASS_PLAIN, 3, 0},
    {"movdqa", 4, {0x66, 0x0f, 0x6f, 0x00}, WS__CLASS_ALIGNED, 4, 0},
    {"movdqu", 4, {0xf3, 0x0f, 0x6f, 0x00}, WS__CLASS_PLAIN, 4, 0},
    {"data16 in front of movdqu", 5, {0x66, 0xf3, 0x0f, 0x6f, 0x00}, WS__CLASS_PLAIN, 5, 0},
    {"data16 behind movdqu's prefix", 5, {0xf3, 0x66, 0x0f, 0x6f, 0x00}, WS__CLASS_PLAIN, 5, 0},
    {"cvtpd2dq", 4, {0xf2, 0x0f, 0xe6, 0x00}, WS__CLASS_ALIGNED, 4, 0},
    {"fxsave", 3, {0x0f, 0xae, 0x00}, WS__CLASS_ALIGNED, 3, 0},
    {"fxrstor", 3, {0x0f, 0xae, 0x08}, WS__CLASS_ALIGNED, 3, 0},
    {"ldmxcsr", 3, {0x0f, 0xae, 0x10}, WS__CLASS_PLAIN, 3, 0},
    {"clflush, of which cpuid does not tell", 3, {0x0f, 0xae, 0x38}, WS__CLASS_INVALID, 0, 0},
    {"xsave, likewise", 3, {0x0f, 0xae, 0x20}, WS__CLASS_INVALID, 0, 0},
    {"sfence", 3, {0x0f, 0xae, 0xf8}, WS__CLASS_PLAIN, 3, 0},
    {"cmpxchg8b", 3, {0x0f, 0xc7, 0x08}, WS__CLASS_STALE_FLAGS, 3, 0},
    {"xsavec", 3, {0x0f, 0xc7, 0x20}, WS__CLASS_INVALID, 0, 0},
    {"pshufb", 4, {0x0f, 0x38, 0x00, 0x00}, WS__CLASS_INVALID, 0, 0},
    {"palignr", 5, {0x0f, 0x3a, 0x0f, 0x00, 0x00}, WS__CLASS_INVALID, 0, 0},
    {"popcnt", 4, {0xf3, 0x0f, 0xb8, 0x00}, WS__CLASS_INVALID, 0, 0},
    {"lock movaps", 4, {0xf0, 0x0f, 0x28, 0x00}, WS__CLASS_INVALID, 0, 0},
    {"movlpd of two registers", 4, {0x66, 0x0f, 0x12, 0xca}, WS__CLASS_INVALID, 0, 0},
    {"data16 addr16 punpcklqdq", 5, {0x66, 0x67, 0x0f, 0x6c, 0x04}, WS__CLASS_ALIGNED, 5, 0},
    {"addr16 data16 punpcklqdq", 5, {0x67, 0x66, 0x0f, 0x6c, 0x04}, WS__CLASS_ALIGNED, 5, 0},
    {"rep fs cvtdq2pd", 6, {0xf3, 0x64, 0x0f, 0xe6, 0x04, 0x24}, WS__CLASS_PLAIN, 6, 0},
    {"movhlps", 3, {0x0f, 0x12, 0xca}, WS__CLASS_PLAIN, 3, 0},
    {"nop %edx", 3, {0x0f, 0x1f, 0xc2}, WS__CLASS_PLAIN, 3, 0},
    {"lock nop %edx", 4, {0xf0, 0x0f, 0x1f, 0xc2}, WS__CLASS_INVALID, 0, 0},
    {"endbr32", 4, {0xf3, 0x0f, 0x1e, 0xfb}, WS__CLASS_PLAIN, 4, 0},
    {"rdsspd, a hint here", 4, {0xf3, 0x0f, 0x1e, 0xc8}, WS__CLASS_PLAIN, 4, 0},
    {"lfence with other low bits", 3, {0x0f, 0xae, 0xea}, WS__CLASS_PLAIN, 3, 0},
    {"lock nop", 2, {0xf0, 0x90}, WS__CLASS_INVALID, 0, 0},
};

/* Decode a row's code, cut to `bytes` bytes; behind it there are nops. */
static void decode_row(struct ws__decoded *out, int row, size_t bytes)
{
    struct ws_disasm *disasm;
    uint8_t code[15];
    memset(code, 0x90, sizeof code);
    memcpy(code, rows[row].code, rows[row].size);
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    ws__decode(out, disasm, code, bytes, true);
    ws_disasm_free(disasm);
}

START_TEST(classes)
{
    struct ws__decoded decoded;
    decode_row(&decoded, _i, 15);
    ck_assert_msg(decoded.class_ == rows[_i].class_, "%s: class %u, expected %u", rows[_i].name, decoded.class_,
                  rows[_i].class_);
    if (rows[_i].length) {
        ck_assert_msg(decoded.length == rows[_i].length, "%s: length %u, expected %u", rows[_i].name, decoded.length,
                      rows[_i].length);
        ck_assert_msg(decoded.operand == rows[_i].operand, "%s: operand %u, expected %u", rows[_i].name,
                      decoded.operand, rows[_i].operand);
    }
}
END_TEST

/* An instruction whose end cannot be read is left to the engine, whose fetch will fault: never #UD. */
START_TEST(cut_short)
{
    for (size_t bytes = 0; bytes < rows[_i].size; bytes++) {
        struct ws__decoded decoded;
        decode_row(&decoded, _i, bytes);
        bool left = decoded.class_ == WS__CLASS_PLAIN || decoded.length > bytes;
        bool invalid_anyway = rows[_i].class_ == WS__CLASS_INVALID && decoded.class_ == WS__CLASS_INVALID;
        ck_assert_msg(left || invalid_anyway, "%s cut to %zu bytes: class %u", rows[_i].name, bytes, decoded.class_);
    }
}
END_TEST

Suite *decode_suite(void)
{
    int count = (int)(sizeof rows / sizeof rows[0]);
    Suite *suite = suite_create("decode");
    TCase *tests = tcase_create("classes");
    tcase_add_loop_test(tests, classes, 0, count);
    tcase_add_loop_test(tests, cut_short, 0, count);
    suite_add_tcase(suite, tests);
    return suite;
}
