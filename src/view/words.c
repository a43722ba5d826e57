/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts. */
#include "view/words.h"

#include <assert.h>

/* clang-format off */
static const struct ws__word word_table[] = {
    {"world", "one system-level context: an address space, GDT, IDT, LDT, TSS, control registers and a stack. The host "
              "and the virtual machine monitor (VMM) are worlds"},
    {"process", "a ring-3 context inside one world, sharing that world's kernel half"},
    {"thread", "a stack of its own in an address space that others share"},
    {"context switch", "the CPU leaves one process for another of the same world"},
    {"world switch", "the CPU leaves one world for another"},
    {"crossing", "one observed switch of threads, processes or worlds: from, to, first and last mark, instructions, "
                 "what changed, what stayed"},
    {"cross page", "the one page that both worlds map at the same linear address: the switch code, and both saved "
                   "contexts"},
    {"mark", "an instant: the number of instructions the machine has begun since reset. Everything in time is named by "
             "marks"},
    {"checkpoint", "the machine's saved state at a mark"},
    {"timeline", "a recorded run that can be visited at any mark, in both directions"},
    {"event", "something the machine reports at a mark: a control register written, a table loaded, a vector "
              "delivered, I/O"},
    {"host", "the operating system that owns the machine: the world that is there first"},
    {"VMM", "virtual machine monitor: a world of its own, on which a virtual machine runs"},
    {"VMX", "here, as VMware calls it, a process of the host that owns a virtual machine and serves its VMM's "
            "requests. It is not Intel's VT-x, whose instructions are also called VMX: this CPU has none of them"},
    {"VMX driver", "a part of the host's kernel: it makes the world switches for the VMX"},
    {"virtual machine", "what runs on a VMM: an operating system in ring 1, which believes that it is in ring 0"},
    {"ring", "the privilege of what runs: 0 may do all, 3 is for processes. Intel calls the present one CPL"},
    {"vector", "the number of an exception or interrupt, 0 to 255; the IDT has its handler under it"},
    {"gate", "an entry of the IDT: it says where a vector's handler is, and who may call it"},
    {"frame", "what the CPU pushes when a vector goes through a gate: EFLAGS, CS, EIP, perhaps an error code; and in "
              "front of them SS and ESP, if the ring changes. iret takes it"},
    {"error code", "a word that some exceptions push: which selector, or what kind of access, was the cause"},
    {"selector", "what a segment register holds: the number of a descriptor, and a ring"},
    {"descriptor", "8 bytes in the GDT or LDT: a segment's base, limit, type and ring"},
    {"TSS", "task state segment: its ESP0 and SS0 are the stack on which ring 0 begins"},
    {"page walk", "the way from a linear address to a physical one, through a page directory and a page table"},
    {"stale", "said of a table register that still holds the address of a table in the world that was left"},
    {"linear, phys, ram", "an address before paging, an address after paging, a pointer into the machine's memory on "
                          "the host"},
};

static const char *const panel_text[WS_PANEL_COUNT] = {
    [WS_PANEL_CODE] = "The instructions around the one that is about to begin. j and k move a cursor; b sets a "
                      "breakpoint at it. Instructions of a switch have numbers.",
    [WS_PANEL_REGISTERS] = "All registers by name, and their bits in words. A * stands where the last step changed "
                           "something.",
    [WS_PANEL_SPACE] = "Figure 7-11, live: the address spaces of two worlds or processes side by side. A sign in "
                       "front of each range says which of them maps it; the list of signs is below. What is not mapped "
                       "now stands in parentheses.",
    [WS_PANEL_TABLES] = "GDT, LDT, IDT and TSS as they are in memory, the frame that a vector has just pushed, and the "
                        "page walk of one address; p chooses another one.",
    [WS_PANEL_CROSSINGS] = "Each switch that was seen, with its cause. j and k choose one, Enter goes to its first "
                           "instruction.",
    [WS_PANEL_SERIAL] = "What the guest has sent on its serial port up to this mark.",
    [WS_PANEL_HOSTED] = "Figure 7-10, live: where the machine is, the steps i to v of the last interrupt that was "
                        "forwarded, and 1 to 6 of the last request. j and k choose a step, Enter goes there.",
    [WS_PANEL_HELP] = "The keys, how to read the screen, and words. 8 goes to the next part, ? or Esc closes it.",
    [WS_PANEL_TEXT] = "The guest's text screen, as a VGA would show it.",
    [WS_PANEL_STACK] = "The stack at ESP, word by word. What a gate has pushed has named slots and the mark at which "
                       "it was pushed. Then the stack that the TSS names for ring 0, and what left worlds have saved "
                       "in the cross page.",
    [WS_PANEL_MEMORY] = "Memory at ESP, or at the address that i asks for: a hexadecimal address, a symbol, or phys "
                        "and a physical address; up and down choose the direction. j and k scroll.",
    [WS_PANEL_DEVICES] = "The chips in words: which interrupts are requested (IRR), in service (ISR) and masked (IMR), "
                         "when the timer comes, what the disk does.",
    [WS_PANEL_DIFFERENCE] = "How this state differs from that at the beginning of the last switch, category by "
                            "category. = compares with this mark from here on, and = again with the last switch.",
    [WS_PANEL_NOTES] = "Marks that have a name, and marks that the last search has found. j and k choose one, Enter "
                       "goes there.",
};
/* clang-format on */

const struct ws__word *ws__words(size_t *count)
{
    *count = sizeof word_table / sizeof word_table[0];
    return word_table;
}

const char *ws__panel_text(enum ws_panel panel)
{
    assert((unsigned)panel < WS_PANEL_COUNT);
    return panel_text[panel];
}
