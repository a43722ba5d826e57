/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disassembly.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/disasm.h>

#include "many.h"
#include "x86/disasm_operands.h"

enum { LINEAR = 0x00401000 };

static const struct row {
    const char *code; /* bytes in hexadecimal */
    bool wide;
    const char *att, *intel;
} rows[] = {
    /* the instructions of the cross page */
    {"9c", true, "pushfl", "pushfd"},
    {"fa", true, "cli", "cli"},
    {"60", true, "pushal", "pushad"},
    {"1e", true, "push %ds", "push ds"},
    {"0fa8", true, "push %gs", "push gs"},
    {"0f014304", true, "sgdt 4(%ebx)", "sgdt [ebx + 4]"},
    {"0f004304", true, "sldt 4(%ebx)", "sldt word ptr [ebx + 4]"},
    {"0f20c0", true, "mov %cr0, %eax", "mov eax, cr0"},
    {"0f22d8", true, "mov %eax, %cr3", "mov cr3, eax"},
    {"8c5304", true, "mov %ss, 4(%ebx)", "mov word ptr [ebx + 4], ss"},
    {"0f015304", true, "lgdt 4(%ebx)", "lgdt [ebx + 4]"},
    {"0f005b04", true, "ltr 4(%ebx)", "ltr word ptr [ebx + 4]"},
    {"80640105fd", true, "andb $0xfd, 5(%ecx, %eax)", "and byte ptr [ecx + eax + 5], 0xfd"},
    {"0fb26304", true, "lss 4(%ebx), %esp", "lss esp, ptr [ebx + 4]"},
    {"61", true, "popal", "popad"},
    {"9d", true, "popfl", "popfd"},
    {"cb", true, "lret", "retf"},
    /* a branch's target is a linear address */
    {"e800000000", true, "call 0x401005", "call 0x401005"},
    {"ebfe", true, "jmp 0x401000", "jmp 0x401000"},
    {"7480", true, "je 0x400f82", "je 0x400f82"},
    {"e9fbefbfff", true, "jmp 0", "jmp 0"},
    {"e9faefbfff", true, "jmp 0xffffffff", "jmp 0xffffffff"},
    {"ea341200000800", true, "ljmp $0x8, $0x1234", "ljmp 8:0x1234"},
    {"ff5804", true, "lcall *4(%eax)", "lcall [eax + 4]"},
    /* a size suffix only where no register tells the size */
    {"c70001000000", true, "movl $1, (%eax)", "mov dword ptr [eax], 1"},
    {"c60001", true, "movb $1, (%eax)", "mov byte ptr [eax], 1"},
    {"66c7000100", true, "movw $1, (%eax)", "mov word ptr [eax], 1"},
    {"8808", true, "mov %cl, (%eax)", "mov byte ptr [eax], cl"},
    {"d320", true, "shll %cl, (%eax)", "shl dword ptr [eax], cl"},
    {"d3e0", true, "shl %cl, %eax", "shl eax, cl"},
    {"64c70000000000", true, "movl $0, %fs:(%eax)", "mov dword ptr fs:[eax], 0"},
    {"65a100000000", true, "mov %gs:0, %eax", "mov eax, dword ptr gs:[0]"},
    {"f00fc103", true, "lock xadd %eax, (%ebx)", "lock xadd dword ptr [ebx], eax"},
    {"f3a5", true, "rep movsl (%esi), %es:(%edi)", "rep movsd dword ptr es:[edi], dword ptr [esi]"},
    {"66640f6c0424", true, "punpcklqdq %fs:(%esp), %xmm0", "punpcklqdq xmm0, xmmword ptr fs:[esp]"},
    {"64660f6c0424", true, "punpcklqdq %fs:(%esp), %xmm0", "punpcklqdq xmm0, xmmword ptr fs:[esp]"},
    {"0fb6c0", true, "movzbl %al, %eax", "movzx eax, al"},
    {"6a05", true, "push $5", "push 5"},
    {"666a05", true, "pushw $5", "push 5"},
    {"e6f4", true, "out %al, $0xf4", "out 0xf4, al"},
    {"ed", true, "in %dx, %eax", "in eax, dx"},
    {"cf", true, "iret", "iretd"},
    /* Capstone 4 and 5 write these differently; the result must be one */
    {"ff28", true, "ljmp *(%eax)", "ljmp [eax]"},
    {"66ff28", true, "ljmpw *(%eax)", "ljmp [eax]"},
    {"9a0012f4000800", true, "lcall $0x8, $0xf41200", "lcall 8:0xf41200"},
    {"d000", true, "rolb $1, (%eax)", "rol byte ptr [eax], 1"},
    {"d1e0", true, "shl $1, %eax", "shl eax, 1"},
    {"26d122", true, "shll $1, %es:(%edx)", "shl dword ptr es:[edx], 1"},
    {"91", true, "xchg %ecx, %eax", "xchg eax, ecx"},
    {"6691", true, "xchg %cx, %ax", "xchg ax, cx"},
    {"87c8", true, "xchg %ecx, %eax", "xchg eax, ecx"},
    {"6200", true, "bound %eax, (%eax)", "bound eax, qword ptr [eax]"},
    {"2e6200", true, "bound %eax, %cs:(%eax)", "bound eax, qword ptr cs:[eax]"},
    {"8d042501000000", true, "lea 1, %eax", "lea eax, [1]"},
    {"880c2512f40000", true, "mov %cl, 0xf412", "mov byte ptr [0xf412], cl"},
    {"0f35", true, "sysexit", "sysexit"},
    {"0fb9", true, "ud1", "ud1"},
    {"f3c3", true, "ret", "ret"},
    {"0f0300", true, "lsl (%eax), %eax", "lsl eax, word ptr [eax]"},
    {"0f2f00", true, "comiss (%eax), %xmm0", "comiss xmm0, dword ptr [eax]"},
    {"0f6000", true, "punpcklbw (%eax), %mm0", "punpcklbw mm0, dword ptr [eax]"},
    {"660f6000", true, "punpcklbw (%eax), %xmm0", "punpcklbw xmm0, xmmword ptr [eax]"},
    {"dd38", true, "fnstsw (%eax)", "fnstsw word ptr [eax]"},
    {"df20", true, "fbld (%eax)", "fbld tbyte ptr [eax]"},
    {"dff1", true, "fcomip %st(1)", "fcomip st(1)"},
    {"660fb700", true, "movzww (%eax), %ax", "movzx ax, word ptr [eax]"},
    {"66e812f4", true, "callw 0x416", "call 0x416"},
    {"3ee800000000", true, "call 0x401006", "call 0x401006"},
    {"7480", false, "je 0xf82", "je 0xf82"},
    {"ebfe", false, "jmp 0x1000", "jmp 0x1000"},
    /* the same bytes mean something else in 16-bit code */
    {"b83412", false, "mov $0x1234, %ax", "mov ax, 0x1234"},
    {"66b878563412", false, "mov $0x12345678, %eax", "mov eax, 0x12345678"},
    {"c3", false, "ret", "ret"},
    {"66c3", false, "retl", "ret"},
    {"8b00", false, "mov (%bx, %si), %ax", "mov ax, word ptr [bx + si]"},
};

static size_t bytes_from(uint8_t *bytes, const char *hex)
{
    size_t count = strlen(hex) / 2;
    for (size_t i = 0; i < count; i++) {
        unsigned value;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &value), 1);
        bytes[i] = (uint8_t)value;
    }
    return count;
}

static void row_check(struct ws_disasm *disasm, const struct row *row, enum ws_syntax syntax)
{
    const char *wanted = syntax == WS_SYNTAX_ATT ? row->att : row->intel;
    uint8_t code[WS_INSTRUCTION_BYTES];
    size_t size = bytes_from(code, row->code);
    struct ws_instruction seen;
    bool valid = ws_disasm_one(disasm, code, size, LINEAR, row->wide, syntax, &seen);
    ck_assert_msg(valid && seen.valid && strcmp(seen.text, wanted) == 0, "%s: \"%s\", not \"%s\"", row->code, seen.text,
                  wanted);
    ck_assert_msg(seen.size == size && memcmp(seen.bytes, code, size) == 0, "%s: %u bytes", row->code, seen.size);
    ck_assert_uint_eq(seen.linear, LINEAR);
}

START_TEST(instructions_read_as_a_person_writes_them)
{
    struct ws_disasm *disasm;
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        row_check(disasm, &rows[i], WS_SYNTAX_ATT);
        row_check(disasm, &rows[i], WS_SYNTAX_INTEL);
    }
    ws_disasm_free(disasm);
}
END_TEST

/* The sizes that segment limits are checked with, in 32-bit code. */
static const struct {
    const char *code;
    uint16_t bytes;
} in_memory[] = {{"ff18", 6},   {"ff28", 6},   {"66ff28", 4}, {"0f0300", 2},    {"0f2f00", 4}, {"660f2f00", 8},
                 {"0f6000", 4}, {"0f6100", 4}, {"0f6200", 4}, {"660f6200", 16}, {"dd38", 2},   {"8b00", 4}};

START_TEST(operands_in_memory_have_the_manuals_sizes)
{
    struct ws_disasm *disasm;
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    for (size_t i = 0; i < sizeof in_memory / sizeof *in_memory; i++) {
        uint8_t code[WS_INSTRUCTION_BYTES];
        struct ws__explicit seen;
        size_t size = bytes_from(code, in_memory[i].code);
        ck_assert(ws__disasm_operands(disasm, code, size, true, &seen));
        ck_assert_msg(seen.addresses == 1 && seen.address[0].bytes == in_memory[i].bytes, "%s: %u bytes, not %u",
                      in_memory[i].code, seen.address[0].bytes, in_memory[i].bytes);
    }
    ws_disasm_free(disasm);
}
END_TEST

static const char *const bad[] = {"", "0f", "ff", "ffff", "0f04", "e80000", "f0f0f0", "66", "c5"};

START_TEST(what_is_no_instruction_is_said_to_be_bad)
{
    struct ws_disasm *disasm;
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t code[WS_INSTRUCTION_BYTES] = {0};
        size_t size = bytes_from(code, bad[i]);
        struct ws_instruction seen;
        bool valid = ws_disasm_one(disasm, code, size, LINEAR, true, WS_SYNTAX_ATT, &seen);
        ck_assert_msg(!valid && !seen.valid && seen.size == 1 && strcmp(seen.text, "(bad)") == 0, "\"%s\" is \"%s\"",
                      bad[i], seen.text);
    }
    ws_disasm_free(disasm);
}
END_TEST

/* EIP may point to any bytes: disassembling them must do no harm, and every text must end. */
START_TEST(random_bytes_do_no_harm)
{
    struct ws_disasm *disasm;
    uint32_t state = 1, valid = 0;
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    for (int i = 0; i < 60000; i++) {
        uint8_t code[WS_INSTRUCTION_BYTES];
        for (size_t j = 0; j < sizeof code; j++) {
            state = state * 1664525 + 1013904223;
            code[j] = (uint8_t)(state >> 24);
        }
        size_t bytes = 1 + (size_t)i % sizeof code;
        struct ws_instruction seen;
        bool ok = ws_disasm_one(disasm, code, bytes, state, i & 1, (enum ws_syntax)(i >> 1 & 1), &seen);
        MANY_CHECK(seen.size >= 1 && seen.size <= bytes, "round %d: %u bytes", i, seen.size);
        MANY_CHECK(memchr(seen.text, '\0', sizeof seen.text) && *seen.text, "round %d", i);
        valid += ok;
    }
    ck_assert_uint_gt(valid, 20000);
    ws_disasm_free(disasm);
}
END_TEST

Suite *disasm_suite(void)
{
    Suite *suite = suite_create("disasm");
    TCase *texts = tcase_create("texts");
    tcase_add_test(texts, instructions_read_as_a_person_writes_them);
    tcase_add_test(texts, operands_in_memory_have_the_manuals_sizes);
    tcase_add_test(texts, what_is_no_instruction_is_said_to_be_bad);
    tcase_add_test(texts, random_bytes_do_no_harm);
    suite_add_tcase(suite, texts);
    return suite;
}
