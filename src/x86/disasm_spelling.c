/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Capstone's versions write differently, and how it is written here. */
#include "x86/disasm_spelling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 0x0f, OPERAND_SIZE = 0x66, ANY = 8 };

/* -- the opcode -------------------------------------------------------------------------------- */

static bool is_prefix(uint8_t byte)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    return memchr(prefixes, byte, sizeof prefixes) != NULL;
}

struct ws__written_opcode ws__opcode_find(const uint8_t *code, size_t bytes, bool wide)
{
    struct ws__written_opcode opcode = {0};
    size_t at = 0;
    for (; at < bytes && is_prefix(code[at]); at++)
        opcode.prefixed |= code[at] == OPERAND_SIZE;
    opcode.small = wide == opcode.prefixed;
    if (at < bytes && code[at] == ESCAPE) {
        opcode.escaped = true;
        at++;
    }
    opcode.byte = at < bytes ? code[at] : 0;
    opcode.modrm = at + 1 < bytes ? code[at + 1] : 0;
    return opcode;
}

static uint8_t extension(const struct ws__written_opcode *opcode)
{
    return opcode->modrm >> 3 & 7;
}

static bool in_memory(const struct ws__written_opcode *opcode)
{
    return opcode->modrm < 0xc0;
}

bool ws__opcode_is_small_branch(const struct ws__written_opcode *opcode)
{
    uint8_t byte = opcode->byte;
    if (!opcode->small)
        return false;
    if (opcode->escaped)
        return byte >= 0x80 && byte <= 0x8f;
    return (byte >= 0x70 && byte <= 0x7f) || (byte >= 0xe0 && byte <= 0xe3) || byte == 0xe8 || byte == 0xe9 ||
           byte == 0xeb;
}

bool ws__opcode_is_exchange(const struct ws__written_opcode *opcode)
{
    return !opcode->escaped && opcode->byte > 0x90 && opcode->byte <= 0x97;
}

static bool is_far_through_memory(const struct ws__written_opcode *opcode)
{
    return !opcode->escaped && opcode->byte == 0xff && in_memory(opcode) &&
           (extension(opcode) == 3 || extension(opcode) == 5);
}

/* -- sizes in memory --------------------------------------------------------------------------- */

/* Opcodes whose operand in memory has different sizes in different versions of Capstone, with the size that the manual
 * says. */
static const struct size_row {
    bool escaped;
    uint8_t byte;
    uint8_t extension; /* or ANY */
    uint8_t bytes;
    uint8_t bytes_small; /* with a prefix 66; for a one-byte opcode: with 16-bit operands */
} size_rows[] = {
    {true, 0x03, ANY, 2, 2},                                                    /* lsl */
    {true, 0x2f, ANY, 4, 8},                                                    /* comiss, comisd */
    {true, 0x60, ANY, 4, 16},                                                   /* punpcklbw, punpcklwd, punpckldq */
    {true, 0x61, ANY, 4, 16}, {true, 0x62, ANY, 4, 16}, {false, 0xdd, 7, 2, 2}, /* fnstsw */
    {false, 0xff, 3, 6, 4},                                                     /* lcall, ljmp */
    {false, 0xff, 5, 6, 4},
};

uint8_t ws__opcode_memory_bytes(const struct ws__written_opcode *opcode)
{
    if (!in_memory(opcode))
        return 0;
    for (size_t i = 0; i < sizeof size_rows / sizeof *size_rows; i++) {
        const struct size_row *row = &size_rows[i];
        if (row->escaped == opcode->escaped && row->byte == opcode->byte &&
            (row->extension == ANY || row->extension == extension(opcode)))
            return (row->escaped ? opcode->prefixed : opcode->small) ? row->bytes_small : row->bytes;
    }
    return 0;
}

/* -- texts ------------------------------------------------------------------------------------- */

/* Take `what` out of the text.  false: it is not in the text. */
static bool cut(char *text, const char *what)
{
    char *at = strstr(text, what);
    if (at)
        memmove(at, at + strlen(what), strlen(at + strlen(what)) + 1);
    return at;
}

/* Replace `what` by `with`, if the text then still fits. */
static void replace(char *text, size_t room, const char *what, const char *with)
{
    char *at = strstr(text, what);
    if (!at || strlen(text) - strlen(what) + strlen(with) >= room)
        return;
    memmove(at + strlen(with), at + strlen(what), strlen(at + strlen(what)) + 1);
    memcpy(at, with, strlen(with));
}

/* Turn "a, b" into "b, a".  The comma is the first one outside parentheses. */
static void operands_swap(char *operands, size_t room)
{
    char swapped[160], *comma = operands;
    for (bool inside = false; *comma && (inside || *comma != ','); comma++)
        if (*comma == '(' || *comma == ')')
            inside = *comma == '(';
    if (strncmp(comma, ", ", 2) != 0 || strlen(operands) >= sizeof swapped)
        return;
    snprintf(swapped, sizeof swapped, "%s, %.*s", comma + 2, (int)(comma - operands), operands);
    snprintf(operands, room, "%s", swapped);
}

/* Correct the operand's size.  In Intel's syntax it stands in front of "ptr". */
static void size_spell(const struct ws__written_opcode *opcode, char *operands, size_t room)
{
    static const char *const wrong[] = {"xmmword ptr", "qword ptr", "dword ptr", "word ptr"};
    uint8_t bytes = ws__opcode_memory_bytes(opcode);
    if (is_far_through_memory(opcode) || !bytes || bytes > 8)
        return;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (strstr(operands, wrong[i])) {
            replace(operands, room, wrong[i], bytes == 2 ? "word ptr" : bytes == 4 ? "dword ptr" : "qword ptr");
            return;
        }
}

/* Write a 16-bit target as Capstone writes numbers: without 0x up to 9. */
static void target_spell(char *operands, size_t room)
{
    unsigned target = (unsigned)strtoul(operands, NULL, 0) & 0xffff;
    snprintf(operands, room, target > 9 ? "0x%x" : "%u", target);
}

/* Write a far pointer as assemblers read it: in AT&T's syntax as $selector, $offset, in Intel's with a colon. */
static void far_pointer_spell(bool att, char *operands, size_t room)
{
    if (att)
        replace(operands, room, ":$", ", $");
    else
        replace(operands, room, ", ", ":");
}

static void att_spell(const struct ws__written_opcode *opcode, char *operands, size_t room)
{
    cut(operands, "()");
    cut(operands, "tbyte ptr ");
    if (ws__opcode_is_exchange(opcode) && (strncmp(operands, "%eax, ", 6) == 0 || strncmp(operands, "%ax, ", 5) == 0))
        operands_swap(operands, room);
    const char *last = strrchr(operands, ' ');
    if (!opcode->escaped && opcode->byte == 0x62 && last && last[1] == '%' && !strpbrk(last, ":()"))
        operands_swap(operands, room); /* bound names its register first in both syntaxes */
}

static void intel_spell(const struct ws__written_opcode *opcode, char *mnemonic, size_t mnemonic_room, char *operands,
                        size_t room)
{
    if (is_far_through_memory(opcode)) {
        if (*mnemonic != 'l')
            replace(mnemonic, mnemonic_room, extension(opcode) == 3 ? "call" : "jmp",
                    extension(opcode) == 3 ? "lcall" : "ljmp");
        cut(operands, "ptr ");
    }
    if (ws__opcode_is_exchange(opcode) && strncmp(operands, "eax, ", 5) != 0 && strncmp(operands, "ax, ", 4) != 0)
        operands_swap(operands, room);
    size_spell(opcode, operands, room);
}

/* Write the count of a shift by one, which some versions leave out. */
static void count_spell(bool att, char *operands, size_t room)
{
    char counted[160];
    bool named = att ? strncmp(operands, "$1, ", 4) == 0
                     : strlen(operands) > 3 && strcmp(operands + strlen(operands) - 3, ", 1") == 0;
    if (named)
        return;
    snprintf(counted, sizeof counted, att ? "$1, %.150s" : "%.150s, 1", operands);
    snprintf(operands, room, "%s", counted);
}

/* Names that differ between versions, and the name that is used here: old names, a misspelling, and a new prefix name
 * for what the emulated processor does not have. */
static const char *const names[][2] = {{"ud2b", "ud1"}, {"fcompi", "fcomip"}, {"fucompi", "fucomip"}, {"notrack ", ""}};

void ws__spell(const struct ws__written_opcode *opcode, bool att, char *mnemonic, size_t mnemonic_room, char *operands,
               size_t room)
{
    bool one_byte = !opcode->escaped;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        replace(mnemonic, mnemonic_room, names[i][0], names[i][1]);
    if (opcode->escaped && opcode->small && (opcode->byte == 0xb7 || opcode->byte == 0xbf))
        replace(mnemonic, mnemonic_room, "wl", "ww"); /* movzwl and movswl with two 16-bit operands */
    if (one_byte && (opcode->byte == 0xc2 || opcode->byte == 0xc3))
        cut(mnemonic, "repz ");
    if (one_byte && (opcode->byte == 0xd0 || opcode->byte == 0xd1))
        count_spell(att, operands, room);
    if (one_byte && (opcode->byte == 0x9a || opcode->byte == 0xea))
        far_pointer_spell(att, operands, room);
    if (ws__opcode_is_small_branch(opcode))
        target_spell(operands, room);
    if (att)
        att_spell(opcode, operands, room);
    else
        intel_spell(opcode, mnemonic, mnemonic_room, operands, room);
}
