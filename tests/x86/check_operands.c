/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory instructions access.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "x86/alignment.h"
#include "x86/operands.h"

Suite *operands_suite(void);

/* Operands in the order of access, as "segment access bytes base index*scale displacement". */
static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[12];
    const char *operands;
} rows[] = {
    {"nop", 1, {0x90}, ""},
    {"mov (%eax),%ebx", 2, {0x8b, 0x18}, "ds r4 0 8*1 0;"},
    {"mov %ebx,(%eax)", 2, {0x89, 0x18}, "ds w4 0 8*1 0;"},
    {"mov %bl,(%eax)", 2, {0x88, 0x18}, "ds w1 0 8*1 0;"},
    {"mov %ebx,4(%ebp,%ecx,4)", 4, {0x89, 0x5c, 0x8d, 0x04}, "ss w4 5 1*4 4;"},
    {"mov %ebx,%fs:8", 7, {0x64, 0x89, 0x1d, 8, 0, 0, 0}, "fs w4 8 8*1 8;"},
    {"mov %eax,%gs:8, short form", 6, {0x65, 0xa3, 8, 0, 0, 0}, "gs w4 8 8*1 8;"},
    {"mov %es:(%esp),%eax", 4, {0x26, 0x8b, 0x04, 0x24}, "es r4 4 8*1 0;"},
    {"movdqu %fs:(%esp),%xmm0, rep first", 6, {0xf3, 0x64, 0x0f, 0x6f, 0x04, 0x24}, "fs r16 4 8*1 0;"},
    {"mov (%bp,%si),%eax", 3, {0x67, 0x8b, 0x02}, "ss r4 5 6*1 0;"},
    {"lea (%eax),%ebx", 2, {0x8d, 0x18}, ""},
    {"nopl (%eax)", 3, {0x0f, 0x1f, 0x00}, ""},
    {"invlpg (%eax)", 3, {0x0f, 0x01, 0x38}, ""},
    {"add %eax,(%ebx)", 2, {0x01, 0x03}, "ds rw4 3 8*1 0;"},
    {"add (%ebx),%eax", 2, {0x03, 0x03}, "ds r4 3 8*1 0;"},
    {"cmp %eax,(%ebx)", 2, {0x39, 0x03}, "ds r4 3 8*1 0;"},
    {"cmpl $1,(%ebx)", 3, {0x83, 0x3b, 0x01}, "ds r4 3 8*1 0;"},
    {"orl $1,(%ebx)", 3, {0x83, 0x0b, 0x01}, "ds rw4 3 8*1 0;"},
    {"test $1,(%ebx)", 6, {0xf7, 0x03, 1, 0, 0, 0}, "ds r4 3 8*1 0;"},
    {"negl (%ebx)", 2, {0xf7, 0x1b}, "ds rw4 3 8*1 0;"},
    {"mull (%ebx)", 2, {0xf7, 0x23}, "ds r4 3 8*1 0;"},
    {"xchg %eax,(%ebx)", 2, {0x87, 0x03}, "ds rw4 3 8*1 0;"},
    {"cmpxchg %eax,(%ebx)", 3, {0x0f, 0xb1, 0x03}, "ds rw4 3 8*1 0;"},
    {"cmpxchg8b (%ebx)", 3, {0x0f, 0xc7, 0x0b}, "ds rw8 3 8*1 0;"},
    {"rcr %cl,(%eax)", 2, {0xd3, 0x18}, "ds rw4 0 8*1 0;"},
    {"bt $3,(%ebx)", 4, {0x0f, 0xba, 0x23, 3}, "ds r4 3 8*1 0;"},
    {"bts $3,(%ebx)", 4, {0x0f, 0xba, 0x2b, 3}, "ds rw4 3 8*1 0;"},
    {"incb (%eax)", 2, {0xfe, 0x00}, "ds rw1 0 8*1 0;"},
    {"sete (%eax)", 3, {0x0f, 0x94, 0x00}, "ds w1 0 8*1 0;"},
    {"rep movsl", 2, {0xf3, 0xa5}, "ds r4 6 8*1 0;es w4 7 8*1 0;"},
    {"movsb %fs:(%esi),(%edi)", 2, {0x64, 0xa4}, "fs r1 6 8*1 0;es w1 7 8*1 0;"},
    {"cmpsb", 1, {0xa6}, "ds r1 6 8*1 0;es r1 7 8*1 0;"},
    {"stosl", 1, {0xab}, "es w4 7 8*1 0;"},
    {"scasb", 1, {0xae}, "es r1 7 8*1 0;"},
    {"lodsb", 1, {0xac}, "ds r1 6 8*1 0;"},
    {"insl", 1, {0x6d}, "es w4 7 8*1 0;"},
    {"outsb", 1, {0x6e}, "ds r1 6 8*1 0;"},
    {"xlat", 1, {0xd7}, "ds r1 3 8*1 0;"},
    {"xlat %es:(%ebx)", 2, {0x26, 0xd7}, "es r1 3 8*1 0;"},
    {"push %eax", 1, {0x50}, "ss w4 4 8*1 -4;"},
    {"pushw $5", 3, {0x66, 0x6a, 0x05}, "ss w2 4 8*1 -2;"},
    {"push (%eax)", 2, {0xff, 0x30}, "ds r4 0 8*1 0;ss w4 4 8*1 -4;"},
    {"pop (%eax)", 2, {0x8f, 0x00}, "ss r4 4 8*1 0;ds w4 0 8*1 0;"},
    {"pop 4(%esp)", 4, {0x8f, 0x44, 0x24, 0x04}, "ss r4 4 8*1 0;ss w4 4 8*1 8;"},
    {"pusha", 1, {0x60}, "ss w32 4 8*1 -32;"},
    {"popa", 1, {0x61}, "ss r32 4 8*1 0;"},
    {"enter $8,$0", 4, {0xc8, 8, 0, 0}, "ss w4 4 8*1 -4;ss w4 4 8*1 -12;"},
    {"enter $8,$2", 4, {0xc8, 8, 0, 2}, "ss r4 5 8*1 -4;ss w12 4 8*1 -12;ss w4 4 8*1 -20;"},
    {"leave", 1, {0xc9}, "ss r4 5 8*1 0;"},
    {"call", 5, {0xe8, 0, 0, 0, 0}, "ss w4 4 8*1 -4;"},
    {"call *(%eax)", 2, {0xff, 0x10}, "ds r4 0 8*1 0;ss w4 4 8*1 -4;"},
    {"lcall *(%eax)", 2, {0xff, 0x18}, "ds r6 0 8*1 0;ss w8 4 8*1 -8;"},
    {"ret", 1, {0xc3}, "ss r4 4 8*1 0;"},
    {"lret", 1, {0xcb}, "ss r8 4 8*1 0;"},
    {"iret", 1, {0xcf}, "ss r12 4 8*1 0;"},
    {"iretw", 2, {0x66, 0xcf}, "ss r6 4 8*1 0;"},
    {"les (%eax),%ebx", 2, {0xc4, 0x18}, "ds r6 0 8*1 0;"},
    {"lss (%eax),%sp", 4, {0x66, 0x0f, 0xb2, 0x20}, "ds r4 0 8*1 0;"},
    {"bound %eax,(%ebx)", 2, {0x62, 0x03}, "ds r8 3 8*1 0;"},
    {"sgdt (%eax)", 3, {0x0f, 0x01, 0x00}, "ds w6 0 8*1 0;"},
    {"lgdt (%eax)", 3, {0x0f, 0x01, 0x10}, "ds r6 0 8*1 0;"},
    {"mov %ds,(%eax)", 2, {0x8c, 0x18}, "ds w2 0 8*1 0;"},
    {"fnsave (%eax)", 2, {0xdd, 0x30}, "ds w108 0 8*1 0;"},
    {"fstl (%eax)", 2, {0xdd, 0x10}, "ds w8 0 8*1 0;"},
    {"fldt (%eax)", 2, {0xdb, 0x28}, "ds r10 0 8*1 0;"},
    {"fxsave (%eax)", 3, {0x0f, 0xae, 0x00}, "ds w512 0 8*1 0;"},
    {"movaps %xmm0,(%eax)", 3, {0x0f, 0x29, 0x00}, "ds w16 0 8*1 0;"},
    {"movd %mm0,(%eax)", 3, {0x0f, 0x7e, 0x00}, "ds w4 0 8*1 0;"},
    {"maskmovq %mm0,%mm1", 3, {0x0f, 0xf7, 0xc8}, "ds w8 7 8*1 0;"},
};

static void operands_say(char *out, size_t room, const struct ws__operands *operands)
{
    static const char *const segment[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    static const char *const access[] = {"-", "r", "w", "rw"};
    *out = 0;
    for (unsigned i = 0; i < operands->count; i++) {
        const struct ws__operand *operand = &operands->operand[i];
        const struct ws__address *address = &operand->address;
        size_t used = strlen(out);
        snprintf(out + used, room - used, "%s %s%u %u %u*%u %d;", segment[address->segment], access[operand->access],
                 address->bytes, address->base, address->index, address->scale, address->displacement);
    }
}

static void row_find(struct ws__operands *out, const uint8_t *code, size_t bytes)
{
    struct ws_disasm *disasm;
    ck_assert_int_eq(ws_disasm_new(&disasm), WS_OK);
    ws__operands_find(out, disasm, code, bytes, true);
    ws_disasm_free(disasm);
}

START_TEST(operands_are_as_the_manual_says)
{
    struct ws__operands operands;
    char said[200];
    row_find(&operands, rows[_i].code, rows[_i].size);
    operands_say(said, sizeof said, &operands);
    ck_assert_msg(strcmp(said, rows[_i].operands) == 0, "%s: expected \"%s\", found \"%s\"", rows[_i].name,
                  rows[_i].operands, said);
}
END_TEST

/* An instruction whose operand must be aligned has one operand of 16 bytes, or of 512 for fxsave and fxrstor.  Its unit
 * is known, since nothing is accessed while the unit is switched off. */
START_TEST(aligned_operands_are_large)
{
    static const uint8_t prefixes[] = {0, 0x66, 0xf2, 0xf3};
    unsigned found = 0;
    for (unsigned i = 0; i < 4 * 256 * 8; i++) {
        uint8_t prefix = prefixes[i % 4], opcode = (uint8_t)(i / 4), modrm = (uint8_t)(i / 1024 << 3);
        uint8_t bytes[] = {prefix, 0x0f, opcode, modrm, 0x41, 0, 0, 0};
        size_t skipped = prefix ? 0 : 1;
        struct ws__operands operands;
        if (!ws__alignment_wanted((uint16_t)(0x0f00 | opcode), prefix, modrm) || (modrm & 7) > 3)
            continue;
        row_find(&operands, bytes + skipped, sizeof bytes - skipped);
        if (operands.count == 0 && opcode == 0xae)
            continue; /* the disassembler does not know fxsave with a prefix */
        found++;
        ck_assert_msg(operands.count == 1, "%02x 0f %02x: %u operands", prefix, opcode, operands.count);
        ck_assert_msg(operands.operand[0].address.bytes == (opcode == 0xae ? 512 : 16), "%02x 0f %02x: %u bytes",
                      prefix, opcode, operands.operand[0].address.bytes);
        ck_assert_int_eq(operands.unit, opcode == 0xae ? WS__UNIT_X87 : WS__UNIT_SSE);
    }
    ck_assert_uint_gt(found, 8 * 100);
}
END_TEST

static const struct {
    const char *name;
    uint8_t size;
    uint8_t code[8];
    uint8_t branch;
    uint32_t target;
} branches[] = {
    {"jmp .", 2, {0xeb, 0xfe}, WS__BRANCH_ALWAYS, 0},
    {"call .+5", 5, {0xe8, 0, 0, 0, 0}, WS__BRANCH_ALWAYS, 5},
    {"jne .+4", 2, {0x75, 0x02}, WS__BRANCH_CONDITION, 4},
    {"jne .+6, long form", 6, {0x0f, 0x85, 0, 0, 0, 0}, WS__BRANCH_CONDITION, 6},
    {"loop .", 2, {0xe2, 0xfe}, WS__BRANCH_COUNT, 0},
    {"jmp *%eax", 2, {0xff, 0xe0}, WS__BRANCH_REGISTER, 0},
    {"call *(%eax)", 2, {0xff, 0x10}, WS__BRANCH_MEMORY, 0},
    {"ret", 1, {0xc3}, WS__BRANCH_RETURN, 0},
    {"lret", 1, {0xcb}, WS__BRANCH_FAR_RETURN, 0},
    {"mov %eax,%ebx", 2, {0x89, 0xc3}, WS__BRANCH_NONE, 0},
};

START_TEST(branches_are_known)
{
    struct ws__operands operands;
    row_find(&operands, branches[_i].code, branches[_i].size);
    ck_assert_msg(operands.branch == branches[_i].branch, "%s: branch %d", branches[_i].name, operands.branch);
    if (operands.branch != WS__BRANCH_NONE)
        ck_assert_msg(operands.target == branches[_i].target, "%s: target %u", branches[_i].name, operands.target);
}
END_TEST

Suite *operands_suite(void)
{
    Suite *suite = suite_create("operands");
    TCase *tcase = tcase_create("tables");
    tcase_add_loop_test(tcase, operands_are_as_the_manual_says, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, aligned_operands_are_large);
    tcase_add_loop_test(tcase, branches_are_known, 0, sizeof branches / sizeof branches[0]);
    suite_add_tcase(suite, tcase);
    return suite;
}
