/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why an instruction of the switch code has failed, in words: what the vector's error code says, and which register
 * that it needed is not yet, or not again, the entered world's.
 */
#include <stdio.h>
#include <string.h>

#include <worldswitch/disasm.h>
#include <worldswitch/exception.h>

#include "audit/audit.h"

/* -- instructions -------------------------------------------------------------------------------------- */

static bool instruction_read(const struct ws_audit *audit, struct ws_disasm *disasm, uint32_t linear,
                             struct ws_instruction *out)
{
    uint8_t code[WS_INSTRUCTION_BYTES] = {0};
    /* What cannot be read, behind the last page, stays zero. */
    (void)ws_machine_read(audit->machine, linear, code, sizeof code);
    return ws_disasm_one(disasm, code, sizeof code, linear, true, WS_SYNTAX_ATT, out);
}

void ws__instruction_say(const struct ws_audit *audit, struct ws_buffer *out, uint32_t linear)
{
    struct ws_instruction instruction;
    struct ws_disasm *disasm;
    uint8_t first;
    if (!linear)
        return;
    if (ws_machine_read(audit->machine, linear, &first, sizeof first) != WS_OK) {
        ws_buffer_printf(out, "the fetch of code at 0x%08x, which is not mapped,", linear);
        return;
    }
    if (ws_disasm_new(&disasm) != WS_OK) {
        out->failed = true;
        return;
    }
    instruction_read(audit, disasm, linear, &instruction);
    ws_buffer_printf(out, "\"%s\" at 0x%08x", instruction.text, linear);
    ws_disasm_free(disasm);
}

/* Which registers an instruction of a switch loads.  A mnemonic, and what must be in the operands. */
static const struct loader_row {
    const char *mnemonic, *operand;
    uint8_t which; /* enum ws_register */
} loaders[] = {
    {"lgdt", "", WS_GDTR_BASE}, {"lidt", "", WS_IDTR_BASE}, {"lldt", "", WS_LDTR},     {"ltr", "", WS_TR},
    {"lss", "", WS_ESP},        {"mov", ", %esp", WS_ESP},  {"mov", ", %cr4", WS_CR4}, {"mov", ", %cr0", WS_CR0},
};

enum { SIGHT = 96 }; /* how many instructions to look ahead for it */

/* Does the code that follows load it?  Then say where: the order is wrong, not the code incomplete. */
static void later_say(const struct ws_audit *audit, struct ws_buffer *out, uint32_t linear, enum ws_register which)
{
    struct ws_instruction instruction;
    struct ws_disasm *disasm;
    uint32_t page = linear & WS_PAGE_FRAME, found = 0;
    const char *mnemonic = NULL;
    if (ws_disasm_new(&disasm) != WS_OK) {
        out->failed = true;
        return;
    }
    for (unsigned i = 0; i < SIGHT && !found && linear - page < WS_PAGE_BYTES; i++) {
        if (!instruction_read(audit, disasm, linear, &instruction))
            break;
        for (size_t row = 0; row < sizeof loaders / sizeof *loaders; row++) {
            bool loads = loaders[row].which == which &&
                         !strncmp(instruction.text, loaders[row].mnemonic, strlen(loaders[row].mnemonic)) &&
                         strstr(instruction.text, loaders[row].operand);
            mnemonic = loaders[row].which == which && !mnemonic ? loaders[row].mnemonic : mnemonic;
            if (loads && i)
                found = linear;
        }
        linear += instruction.size;
    }
    if (found)
        ws_buffer_printf(out, "; it is loaded only later, at 0x%08x", found);
    else if (mnemonic)
        ws_buffer_printf(out, "; no %s follows", mnemonic);
    ws_disasm_free(disasm);
}

/* -- registers ----------------------------------------------------------------------------------------- */

/* Two stack pointers in one stack: the frame of the switch is below what is due. */
static bool is_due(const struct ws__between *between, const struct ws_registers *now, enum ws_register which)
{
    if (which == WS_ESP)
        return between->due.value[WS_ESP] - now->value[WS_ESP] < WS_PAGE_BYTES;
    return between->due.value[which] == now->value[which];
}

/* The first of these that is not the entered world's; WS_REGISTER_COUNT: all are. */
static enum ws_register suspect_find(const struct ws__between *between, const struct ws_registers *now,
                                     const uint8_t *which, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_due(between, now, (enum ws_register)which[i]))
            return (enum ws_register)which[i];
    return WS_REGISTER_COUNT;
}

static void suspect_say(const struct ws_audit *audit, struct ws_buffer *out, const struct ws_registers *now,
                        enum ws_register which, uint32_t linear)
{
    const struct ws__between *between = &audit->between;
    const struct ws_register_info *info = ws_register_info(which);
    uint32_t seen = now->value[which], due = between->due.value[which];
    bool left =
        which == WS_ESP ? between->left.value[which] - seen < WS_PAGE_BYTES : between->left.value[which] == seen;
    ws_buffer_printf(out, "; %s is 0x%0*x%s, must be 0x%0*x%s", info->name, info->bits / 4, seen,
                     left ? ", still the left world's" : "", info->bits / 4, due,
                     which == WS_ESP ? " or just below" : "");
    if (left)
        later_say(audit, out, linear, which);
}

/* -- vectors ------------------------------------------------------------------------------------------- */

/* "#GP(0x0074)". SDM 3A §6.13 "Error Code" */
static void vector_say(struct ws_buffer *out, const struct ws__failure *failure)
{
    const struct ws_exception_info *info = ws_vector_info(failure->vector, (enum ws_origin)failure->origin);
    if (*info->mnemonic)
        ws_buffer_printf(out, "%s", info->mnemonic);
    else
        ws_buffer_printf(out, "vector %u", failure->vector);
    if (failure->has_error_code)
        ws_buffer_printf(out, "(0x%04x)", failure->error_code);
    ws_buffer_printf(out, ", %s", info->name);
}

static void error_say(struct ws_buffer *out, const struct ws__failure *failure)
{
    uint32_t code = failure->error_code;
    if (failure->vector == WS_VECTOR_PF)
        ws_buffer_printf(out, ": %s 0x%08x, %s", code & 2 ? "write to" : "read of", failure->cr2,
                         code & 1 ? "against the page's rights" : "which is not mapped");
    else if (failure->has_error_code && code & ~7u && code & WS_ERROR_IDT)
        ws_buffer_printf(out, ": gate %u of the IDT", code >> 3);
    else if (failure->has_error_code && code & ~7u)
        ws_buffer_printf(out, ": selector 0x%04x of the %s", code & 0xfffc, code & WS_ERROR_TI ? "LDT" : "GDT");
}

/* What the selector of an error code names in the GDT, as it is now. */
static void descriptor_say(const struct ws_audit *audit, struct ws_buffer *out, const struct ws__failure *failure,
                           const struct ws_registers *now)
{
    uint32_t offset = failure->error_code & WS_SELECTOR_INDEX, limit = now->value[WS_GDTR_LIMIT];
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    struct ws_descriptor descriptor;
    if (offset + WS_DESCRIPTOR_BYTES - 1 > limit) {
        ws_buffer_printf(out, ", whose limit is 0x%04x", limit);
    } else if (ws_machine_read(audit->machine, now->value[WS_GDTR_BASE] + offset, raw, sizeof raw) == WS_OK) {
        ws_descriptor_decode(&descriptor, raw);
        ws_buffer_printf(out, ", %s%s", ws_descriptor_type_text(&descriptor),
                         descriptor.present ? "" : ", not present");
    }
}

/* pop, ret, lret, iret */
static bool takes_from_stack(const struct ws_audit *audit, uint32_t linear)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ws__instruction_say(audit, &text, linear);
    bool takes =
        !text.failed && text.size && (strstr(ws_buffer_text(&text), "\"pop") || strstr(ws_buffer_text(&text), "ret"));
    ws_buffer_release(&text);
    return takes;
}

/* Where did it go wrong, so which registers come first? */
static enum ws_register suspect_of(const struct ws_audit *audit, const struct ws__failure *failure,
                                   const struct ws_registers *now)
{
    static const uint8_t in_ldt[] = {WS_LDTR, WS_GDTR_BASE, WS_ESP}, in_gdt[] = {WS_GDTR_BASE, WS_ESP},
                         any[] = {WS_ESP, WS_GDTR_BASE, WS_LDTR, WS_IDTR_BASE, WS_CR4, WS_CR0};
    const uint32_t *value = now->value;
    if (failure->vector == WS_VECTOR_PF && failure->cr2 - value[WS_GDTR_BASE] <= value[WS_GDTR_LIMIT])
        return suspect_find(&audit->between, now, in_gdt, sizeof in_gdt);
    if (failure->vector == WS_VECTOR_PF || !failure->has_error_code || !(failure->error_code & ~7u))
        return suspect_find(&audit->between, now, any, sizeof any);
    if (failure->error_code & WS_ERROR_TI)
        return suspect_find(&audit->between, now, in_ldt, sizeof in_ldt);
    /* Only what came from the stack can be wrong because of ESP. */
    return suspect_find(&audit->between, now, in_gdt, sizeof in_gdt - !takes_from_stack(audit, failure->linear));
}

/* Was it the left world's, and went with it? */
static bool is_gone(const struct ws_audit *audit, uint32_t linear)
{
    struct ws_physical memory = ws_machine_memory(audit->machine);
    struct ws_translation walk;
    return ws_page_walk(&walk, &memory, &audit->between.left, linear, WS_ACCESS_READ, false);
}

static bool is_in_gdt(const struct ws__failure *failure)
{
    return failure->vector != WS_VECTOR_PF && failure->has_error_code && failure->error_code & ~7u &&
           !(failure->error_code & (WS_ERROR_IDT | WS_ERROR_TI));
}

void ws__failure_say(const struct ws_audit *audit, struct ws_buffer *out, const struct ws__failure *failure)
{
    struct ws_registers now;
    ws_machine_registers(audit->machine, &now);
    now.value[WS_ESP] = failure->esp;
    ws__instruction_say(audit, out, failure->linear);
    ws_buffer_printf(out, " raises ");
    vector_say(out, failure);
    error_say(out, failure);
    if (is_in_gdt(failure))
        descriptor_say(audit, out, failure, &now);
    if (!audit->between.open)
        return;
    if (failure->vector == WS_VECTOR_PF && !(failure->error_code & 1) && is_gone(audit, failure->cr2))
        ws_buffer_printf(out, ": it was the left world's, which is gone since CR3 was written at mark %llu",
                         (unsigned long long)audit->between.cr3_mark);
    enum ws_register suspect = suspect_of(audit, failure, &now);
    if (suspect != WS_REGISTER_COUNT)
        suspect_say(audit, out, &now, suspect, failure->linear);
}
