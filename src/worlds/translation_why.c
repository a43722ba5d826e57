/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the VM's instruction is replaced, or left to the VMM: one row for each kind of reason.
 */
#include "worlds/translation.h"

#include "x86/decode.h"

enum { ANY = -1 };

#define DISTANCE "its distance is another one in the cache"
#define MASKED   "privileged: in ring 1 it faults, so the VMM does it to the virtual CPU"
#define TABLES   "it would tell of the VMM's own tables, without a fault"
#define RIGHTS   "it would look into the VMM's descriptor table, without a fault"
#define SELECTOR "ring 1 has another selector there, which the virtual machine must not see"
#define RINGS    "the virtual machine's rings, gates and stacks are not the CPU's: the VMM goes by the manual"
#define OF_GS    "GS is the translator's, so the VMM keeps the virtual machine's"
#define PORT     "the port is one of a virtual chip"
#define RETURNS  "where it goes is known only then: lookup.S looks which unit that is"

static const struct reason {
    uint16_t first, last; /* opcodes */
    int8_t reg;           /* ModRM's middle field, or ANY */
    const char *why;
} reason_row[] = {
    {0x70, 0x7f, ANY, DISTANCE},
    {0x0f80, 0x0f8f, ANY, DISTANCE},
    {0xe9, 0xe9, ANY, DISTANCE},
    {0xeb, 0xeb, ANY, DISTANCE},
    {0xe0, 0xe3, ANY, DISTANCE ", which may be too far for it"},
    {0xe8, 0xe8, ANY, "it would push an EIP of the cache: the virtual machine's is pushed, then a jump"},
    {0xc2, 0xc3, ANY, RETURNS},
    {0xff, 0xff, 2, RETURNS "; its own EIP is pushed"},
    {0xff, 0xff, 4, RETURNS},
    {0xfa, 0xfa, ANY, "in ring 1 it faults: a store turns off the virtual IF, and no trap is needed"},
    {0xfb, 0xfb, ANY, "in ring 1 it faults: a store turns on the virtual IF, unless an interrupt waits for it"},
    {0x9c, 0x9c, ANY, "it would push the real IF and IOPL, without a fault: the virtual ones take their place"},
    {0x9d, 0x9d, ANY, "in ring 1 it leaves IF as it is, without a fault: the virtual IF gets it"},
    {0x0e, 0x0e, ANY, SELECTOR},
    {0x16, 0x16, ANY, SELECTOR},
    {0x0fa8, 0x0fa8, ANY, SELECTOR},
    {0x8c, 0x8c, ANY, SELECTOR},
    {0xf4, 0xf4, ANY, MASKED},
    {0x0f20, 0x0f23, ANY, MASKED},
    {0x0f06, 0x0f06, ANY, MASKED},
    {0x0f08, 0x0f09, ANY, MASKED},
    {0x0f30, 0x0f30, ANY, MASKED},
    {0x0f32, 0x0f32, ANY, MASKED},
    {0x0f01, 0x0f01, 2, MASKED},
    {0x0f01, 0x0f01, 3, MASKED},
    {0x0f01, 0x0f01, 6, MASKED},
    {0x0f01, 0x0f01, 7, MASKED},
    {0x0f00, 0x0f00, 2, MASKED},
    {0x0f00, 0x0f00, 3, MASKED},
    {0x0f01, 0x0f01, 0, TABLES},
    {0x0f01, 0x0f01, 1, TABLES},
    {0x0f01, 0x0f01, 4, "it would tell of the VMM's own CR0, without a fault"},
    {0x0f00, 0x0f00, 0, TABLES},
    {0x0f00, 0x0f00, 1, TABLES},
    {0x0f00, 0x0f00, 4, RIGHTS},
    {0x0f00, 0x0f00, 5, RIGHTS},
    {0x0f02, 0x0f03, ANY, RIGHTS},
    {0xcc, 0xce, ANY, "the virtual machine's own IDT has the gate"},
    {0xcf, 0xcf, ANY, RINGS},
    {0xca, 0xcb, ANY, RINGS},
    {0x9a, 0x9a, ANY, RINGS},
    {0xea, 0xea, ANY, RINGS},
    {0xff, 0xff, 3, RINGS},
    {0xff, 0xff, 5, RINGS},
    {0x8e, 0x8e, WS__SEGMENT_SS, RINGS},
    {0x17, 0x17, ANY, RINGS},
    {0x0fb2, 0x0fb2, ANY, RINGS},
    {0x8e, 0x8e, WS__SEGMENT_GS, OF_GS},
    {0x0fa9, 0x0fa9, ANY, OF_GS},
    {0x0fb5, 0x0fb5, ANY, OF_GS},
    {0xe4, 0xe7, ANY, PORT},
    {0xec, 0xef, ANY, PORT},
    {0x6c, 0x6f, ANY, PORT},
};

const char *ws__translation_why(const uint8_t *source, size_t bytes)
{
    struct ws__opcode is;
    if (!ws__decode_opcode(&is, source, bytes))
        return NULL;
    for (size_t i = 0; i < sizeof reason_row / sizeof reason_row[0]; i++) {
        const struct reason *row = &reason_row[i];
        if (is.opcode >= row->first && is.opcode <= row->last && (row->reg == ANY || row->reg == is.reg))
            return row->why;
    }
    return NULL;
}
