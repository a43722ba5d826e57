/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an instruction does, in a sentence, where a sentence is worth while: those that take part in
 * switches, and those that only a kernel may use. Code of other people has no explanations of its
 * own, but it uses the same instructions.
 *
 * A row is chosen by what the bytes say: opcode and operands. Texts are for people; "%es" is found in
 * "%esp", too.
 */
#include "view/explain.h"

#include <string.h>

#include "view/sentence.h"
#include "x86/decode.h"

/* What the operand that ModRM's mode and last field name must be. */
enum form { ANY, MEMORY, ESP /* the register, with 32 bits */ };

enum { ALL = -1, MODE_REGISTER = 3, NUMBER_ESP = 4 };

#define LOADS_CR3           "Loads CR3: other page tables translate from here on; what they do not map vanishes."
#define LOADS_SEGMENT(name) "Loads " name ": the selector is looked up in the GDT or LDT that is in use now."
#define LOADS_SS            "Loads SS; no interrupt comes before the next instruction, which should load ESP."
#define LOADS_ESP           "Loads ESP: from here on the stack is somewhere else."
#define RETURNS             "Returns to the address on top of the stack: on another stack, that is another caller."
#define RETURNS_FAR         "A far return: EIP and CS come from the stack."
#define CALLS_FAR           "A far call: pushes CS and EIP, and loads both anew."
#define JUMPS_FAR           "A far jump: loads CS and EIP."
#define WRITES_PORT         "Writes to a port: a device, not memory."
#define READS_PORT          "Reads from a port: a device, not memory."

/* Opcodes from `first` to `last` (0x0f00 | the second byte, if there are two); ModRM's middle field,
 * ALL of them or one; that of ESP: with 32 bits. SDM 2A §2.1 "Instruction Format for Protected Mode,
 * Real-Address Mode, and Virtual-8086 Mode". */
/* clang-format off */
static const struct explanation {
    uint16_t first, last;
    int8_t reg;
    uint8_t form; /* enum form */
    bool wide;    /* operands of 32 bits only */
    const char *text;
} explanation_table[] = {
    { 0x0f22, 0x0f22, 3, ANY, false, LOADS_CR3 },
    { 0x0f20, 0x0f20, 3, ANY, false, "Reads CR3, the physical address of the page directory in use." },
    { 0x0f22, 0x0f22, 0, ANY, false, "Writes CR0: protection, paging, write protection." },
    { 0x0f22, 0x0f22, 2, ANY, false, "Writes CR2, which only holds the address of the last page fault." },
    { 0x0f20, 0x0f20, 2, ANY, false, "Reads CR2: the linear address that caused the last page fault." },
    { 0x0f22, 0x0f22, 4, ANY, false, "Writes CR4: 4 MiB pages, global pages and other extensions." },
    { 0x008e, 0x008e, WS__SEGMENT_SS, ANY, false, LOADS_SS },
    { 0x008e, 0x008e, WS__SEGMENT_DS, ANY, false, LOADS_SEGMENT("DS") },
    { 0x008e, 0x008e, WS__SEGMENT_ES, ANY, false, LOADS_SEGMENT("ES") },
    { 0x008e, 0x008e, WS__SEGMENT_FS, ANY, false, LOADS_SEGMENT("FS") },
    { 0x008e, 0x008e, WS__SEGMENT_GS, ANY, false, LOADS_SEGMENT("GS") },
    { 0x0017, 0x0017, ALL, ANY, false, LOADS_SS },
    { 0x001f, 0x001f, ALL, ANY, false, LOADS_SEGMENT("DS") },
    { 0x0007, 0x0007, ALL, ANY, false, LOADS_SEGMENT("ES") },
    { 0x0fa1, 0x0fa1, ALL, ANY, false, LOADS_SEGMENT("FS") },
    { 0x0fa9, 0x0fa9, ALL, ANY, false, LOADS_SEGMENT("GS") },
    { 0x008b, 0x008b, NUMBER_ESP, ANY, true, LOADS_ESP },
    { 0x0089, 0x0089, ALL, ESP, true, LOADS_ESP },
    { 0x00bc, 0x00bc, ALL, ANY, true, LOADS_ESP },
    { 0x005c, 0x005c, ALL, ANY, true, LOADS_ESP },
    { 0x0094, 0x0094, ALL, ANY, true, LOADS_ESP },
    { 0x0089, 0x0089, NUMBER_ESP, MEMORY, true,
      "Saves ESP: code that loads it again finds everything that was pushed." },
    { 0x0f01, 0x0f01, 2, MEMORY, false,
      "Loads GDTR: from here on selectors mean entries of another descriptor table." },
    { 0x0f01, 0x0f01, 3, MEMORY, false, "Loads IDTR: from here on other handlers catch exceptions and interrupts." },
    { 0x0f00, 0x0f00, 2, ANY, false, "Loads LDTR: the selector of a local descriptor table, found in the GDT." },
    { 0x0f00, 0x0f00, 3, ANY, false,
      "Loads the task register: its TSS tells which stack ring 0 gets when it is entered." },
    { 0x0f01, 0x0f01, 0, MEMORY, false, "Stores GDTR: where the descriptor table is, and how long." },
    { 0x0f01, 0x0f01, 1, MEMORY, false, "Stores IDTR: where the handlers are listed." },
    { 0x0f00, 0x0f00, 0, ANY, false, "Stores LDTR, a selector." },
    { 0x0f00, 0x0f00, 1, ANY, false, "Stores the task register, a selector." },
    { 0x0fb2, 0x0fb2, NUMBER_ESP, MEMORY, true, "Loads SS and ESP together: another stack, in one step." },
    { 0x00cf, 0x00cf, ALL, ANY, false,
      "Returns from a handler: EIP, CS, EFLAGS come from the stack; to an outer ring also ESP, SS." },
    { 0x00ca, 0x00cb, ALL, ANY, false, RETURNS_FAR },
    { 0x00c2, 0x00c3, ALL, ANY, false, RETURNS },
    { 0x009a, 0x009a, ALL, ANY, false, CALLS_FAR },
    { 0x00ff, 0x00ff, 3, MEMORY, false, CALLS_FAR },
    { 0x00ea, 0x00ea, ALL, ANY, false, JUMPS_FAR },
    { 0x00ff, 0x00ff, 5, MEMORY, false, JUMPS_FAR },
    { 0x00fa, 0x00fa, ALL, ANY, false, "Clears IF: interrupts have to wait." },
    { 0x00fb, 0x00fb, ALL, ANY, false,
      "Sets IF: interrupts may come, but not before the next instruction if IF was clear." },
    { 0x00f4, 0x00f4, ALL, ANY, false, "Waits for the next interrupt." },
    { 0x00cd, 0x00cd, ALL, ANY, false,
      "Raises a vector by its number: the IDT says where that leads, and into which ring." },
    { 0x00ce, 0x00ce, ALL, ANY, false, "Raises vector 4, #OF, if OF is set." },
    { 0x0f0b, 0x0f0b, ALL, ANY, false, "Is no instruction, on purpose: raises vector 6, #UD." },
    { 0x0060, 0x0060, ALL, ANY, true, "Pushes all eight general registers." },
    { 0x0061, 0x0061, ALL, ANY, true, "Pops all general registers but ESP." },
    { 0x009c, 0x009c, ALL, ANY, true, "Pushes EFLAGS." },
    { 0x009d, 0x009d, ALL, ANY, true, "Pops EFLAGS; IF changes only as far as IOPL allows." },
    { 0x0f01, 0x0f01, 7, MEMORY, false, "Drops the translation of one page." },
    { 0x0f06, 0x0f06, ALL, ANY, false, "Clears CR0.TS: the x87 unit may be used again." },
    { 0x00dd, 0x00dd, 6, MEMORY, false,
      "Saves the x87 unit's registers to memory, and leaves it as if just initialized." },
    { 0x00dd, 0x00dd, 4, MEMORY, false,
      "Loads the x87 unit's registers from memory: the code that saved them goes on with them." },
    { 0x0fae, 0x0fae, 0, MEMORY, false, "Saves x87, MMX and XMM registers to memory." },
    { 0x0fae, 0x0fae, 1, MEMORY, false,
      "Loads x87, MMX and XMM registers: the code that saved them goes on with them." },
    { 0x00e6, 0x00e7, ALL, ANY, false, WRITES_PORT },
    { 0x00ee, 0x00ef, ALL, ANY, false, WRITES_PORT },
    { 0x00e4, 0x00e5, ALL, ANY, false, READS_PORT },
    { 0x00ec, 0x00ed, ALL, ANY, false, READS_PORT },
};
/* clang-format on */

enum { ROWS = sizeof explanation_table / sizeof explanation_table[0] };

static bool form_fits(const struct explanation *row, const struct ws__opcode *is)
{
    bool is_register = is->modrm >> 6 == MODE_REGISTER;
    switch (row->form) {
    case MEMORY:
        return !is_register;
    case ESP:
        return is_register && (is->modrm & 7) == NUMBER_ESP;
    default:
        return true;
    }
}

int ws__explain_row(const uint8_t *code, size_t bytes, bool wide)
{
    struct ws__opcode is;
    if (!ws__decode_opcode(&is, code, bytes))
        return -1;
    for (int i = 0; i < ROWS; i++) {
        const struct explanation *row = &explanation_table[i];
        if (is.opcode >= row->first && is.opcode <= row->last && (row->reg == ALL || row->reg == is.reg) &&
            form_fits(row, &is) && (!row->wide || wide != is.operand_small))
            return i;
    }
    return -1;
}

const char *ws__explain_text(int row)
{
    return row >= 0 && row < ROWS ? explanation_table[row].text : NULL;
}

const char *ws__view_explain(const struct ws_view_state *state)
{
    struct ws_instruction instruction;
    uint8_t byte[WS_INSTRUCTION_BYTES];
    size_t bytes = ws__view_read(state, &state->now, state->eip_linear, byte, sizeof byte);
    if (!state->disasm || !bytes ||
        !ws_disasm_one(state->disasm, byte, bytes, state->eip_linear, state->wide, WS_SYNTAX_ATT, &instruction))
        return NULL;
    const char *text = ws__explain_text(ws__explain_row(byte, instruction.size, state->wide));
    bool same = state->ahead.known && !ws__view_exception_ahead(state) &&
                state->ahead.registers.value[WS_CR3] == state->now.value[WS_CR3];
    if (same && text && strcmp(text, LOADS_CR3) == 0)
        return "Loads CR3 with the value that it has: the CPU forgets translations, but those of global pages.";
    return text;
}
