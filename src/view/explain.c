/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction does, in a sentence, where a sentence is worth while: those that take part in
 * switches, and those that only a kernel may use. Code of other people has no explanations of its
 * own, but it uses the same instructions.
 */
#include "view/internal.h"

#include <string.h>

/* A mnemonic of AT&T syntax, what must occur in the operands ("" if anything may), and the
 * sentence. */
/* clang-format off */
static const struct explanation {
    const char *mnemonic;
    const char *operands;
    const char *text;
} explanation_table[] = {
    { "mov", ", %cr3", "Loads CR3: other page tables translate from here on; what they do not map has vanished." },
    { "mov", "%cr3, ", "Reads CR3, the physical address of the page directory in use." },
    { "mov", ", %cr0", "Writes CR0: protection, paging, write protection." },
    { "mov", ", %cr2", "Writes CR2, which only holds the address of the last page fault." },
    { "mov", "%cr2, ", "Reads CR2: the linear address that caused the last page fault." },
    { "mov", ", %cr4", "Writes CR4: 4 MiB pages, global pages and other extensions." },
    { "mov", ", %ss", "Loads SS; no interrupt comes before the next instruction, which should load ESP." },
    { "mov", ", %ds", "Loads DS: the selector is looked up in the GDT or LDT that is in use now." },
    { "mov", ", %es", "Loads ES: the selector is looked up in the GDT or LDT that is in use now." },
    { "mov", ", %fs", "Loads FS: the selector is looked up in the GDT or LDT that is in use now." },
    { "mov", ", %gs", "Loads GS: the selector is looked up in the GDT or LDT that is in use now." },
    { "mov", ", %esp", "Loads ESP: from here on another stack is in use." },
    { "mov", "%esp, ", "Saves ESP: whoever finds it again finds everything that was pushed." },
    { "lgdt", "", "Loads GDTR: from here on selectors mean entries of another descriptor table." },
    { "lidt", "", "Loads IDTR: from here on other handlers catch exceptions and interrupts." },
    { "lldt", "", "Loads LDTR: the selector of a local descriptor table, found in the GDT." },
    { "ltr", "", "Loads the task register: its TSS tells which stack ring 0 gets when it is entered." },
    { "sgdt", "", "Stores GDTR: where the descriptor table is, and how long." },
    { "sidt", "", "Stores IDTR: where the handlers are listed." },
    { "sldt", "", "Stores LDTR, a selector." },
    { "str", "", "Stores the task register, a selector." },
    { "lss", "", "Loads SS and ESP together: another stack, in one step." },
    { "iret", "", "Returns from a handler: EIP, CS, EFLAGS come from the stack; to an outer ring also ESP, SS." },
    { "lret", "", "A far return: EIP and CS come from the stack." },
    { "ret", "", "Returns to the address on top of the stack: on another stack, that is another caller." },
    { "lcall", "", "A far call: pushes CS and EIP, and loads both anew." },
    { "ljmp", "", "A far jump: loads CS and EIP." },
    { "cli", "", "Clears IF: interrupts have to wait." },
    { "sti", "", "Sets IF: interrupts may come again, after one more instruction." },
    { "hlt", "", "Waits for the next interrupt." },
    { "int", "", "Raises a vector by its number: the IDT says where that leads, and into which ring." },
    { "into", "", "Raises vector 4, #OF, if OF is set." },
    { "ud2", "", "Is no instruction, on purpose: raises vector 6, #UD." },
    { "pushal", "", "Pushes all eight general registers." },
    { "popal", "", "Pops all general registers but ESP." },
    { "pushfl", "", "Pushes EFLAGS." },
    { "popfl", "", "Pops EFLAGS; IF changes only as far as IOPL allows." },
    { "invlpg", "", "Drops the translation of one page." },
    { "clts", "", "Clears CR0.TS: the x87 unit may be used again." },
    { "out", "", "Writes to a port: a device, not memory." },
    { "in", "", "Reads from a port: a device, not memory." },
};
/* clang-format on */

const char *ws__view_explain(const struct ws_view_state *state)
{
    struct ws_instruction instruction;
    uint8_t byte[WS_INSTRUCTION_BYTES];
    size_t bytes = ws__view_read(state, &state->now, state->eip_linear, byte, sizeof byte);
    if (!state->disasm || !bytes ||
        !ws_disasm_one(state->disasm, byte, bytes, state->eip_linear, state->wide, WS_SYNTAX_ATT,
                       &instruction))
        return NULL;
    size_t mnemonic = strcspn(instruction.text, " ");
    for (size_t at = 0; at < sizeof explanation_table / sizeof explanation_table[0]; at++) {
        const struct explanation *row = &explanation_table[at];
        if (strlen(row->mnemonic) == mnemonic &&
            memcmp(row->mnemonic, instruction.text, mnemonic) == 0 &&
            strstr(instruction.text, row->operands))
            return row->text;
    }
    return NULL;
}
