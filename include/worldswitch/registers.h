/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of a 32-bit x86 CPU, as one table.
 *
 * All code that shows, compares or saves registers uses this table: panels, traces, the recognizer of crossings, the
 * audit, tests.  Each register has a category: the part of the machine's state that a switch of this register changes,
 * as the book divides it (Modern Operating Systems, figure 7-11).
 *
 * SDM 1 §3.4 "Basic Program Execution Registers"; SDM 3A §2.1.6 "System Registers".
 */
#ifndef WORLDSWITCH_REGISTERS_H
#define WORLDSWITCH_REGISTERS_H

#include <stdint.h>

/* What a switch may change.  Two categories are not registers: the user part and the kernel part of the address
 * space. */
#define WS_CATEGORY_TABLE(X)                  \
    X(GENERAL_REGISTERS, "general-registers") \
    X(FLAGS, "flags")                         \
    X(SEGMENTS, "segments")                   \
    X(STACK, "stack")                         \
    X(USER_SPACE, "user-space")               \
    X(KERNEL_SPACE, "kernel-space")           \
    X(GDTR, "gdtr")                           \
    X(IDTR, "idtr")                           \
    X(LDTR, "ldtr")                           \
    X(TR, "tr")                               \
    X(CR0, "cr0")                             \
    X(CR2, "cr2")                             \
    X(CR3, "cr3")                             \
    X(CR4, "cr4")

enum ws_category {
#define WS_CATEGORY_ENUM(name, text) WS_CATEGORY_##name,
    WS_CATEGORY_TABLE(WS_CATEGORY_ENUM)
#undef WS_CATEGORY_ENUM
        WS_CATEGORY_COUNT,
    WS_CATEGORY_NONE = WS_CATEGORY_COUNT /* no switch is about these: EIP, debug registers */
};

/* name, text, bits, category.  The first sixteen are in the order of GDB's remote protocol. */
#define WS_REGISTER_TABLE(X)              \
    X(EAX, "eax", 32, GENERAL_REGISTERS)  \
    X(ECX, "ecx", 32, GENERAL_REGISTERS)  \
    X(EDX, "edx", 32, GENERAL_REGISTERS)  \
    X(EBX, "ebx", 32, GENERAL_REGISTERS)  \
    X(ESP, "esp", 32, STACK)              \
    X(EBP, "ebp", 32, GENERAL_REGISTERS)  \
    X(ESI, "esi", 32, GENERAL_REGISTERS)  \
    X(EDI, "edi", 32, GENERAL_REGISTERS)  \
    X(EIP, "eip", 32, NONE)               \
    X(EFLAGS, "eflags", 32, FLAGS)        \
    X(CS, "cs", 16, SEGMENTS)             \
    X(SS, "ss", 16, STACK)                \
    X(DS, "ds", 16, SEGMENTS)             \
    X(ES, "es", 16, SEGMENTS)             \
    X(FS, "fs", 16, SEGMENTS)             \
    X(GS, "gs", 16, SEGMENTS)             \
    X(GDTR_BASE, "gdtr.base", 32, GDTR)   \
    X(GDTR_LIMIT, "gdtr.limit", 16, GDTR) \
    X(IDTR_BASE, "idtr.base", 32, IDTR)   \
    X(IDTR_LIMIT, "idtr.limit", 16, IDTR) \
    X(LDTR, "ldtr", 16, LDTR)             \
    X(TR, "tr", 16, TR)                   \
    X(CR0, "cr0", 32, CR0)                \
    X(CR2, "cr2", 32, CR2)                \
    X(CR3, "cr3", 32, CR3)                \
    X(CR4, "cr4", 32, CR4)                \
    X(DR0, "dr0", 32, NONE)               \
    X(DR1, "dr1", 32, NONE)               \
    X(DR2, "dr2", 32, NONE)               \
    X(DR3, "dr3", 32, NONE)               \
    X(DR6, "dr6", 32, NONE)               \
    X(DR7, "dr7", 32, NONE)

enum ws_register {
#define WS_REGISTER_ENUM(name, text, bits, category) WS_##name,
    WS_REGISTER_TABLE(WS_REGISTER_ENUM)
#undef WS_REGISTER_ENUM
        WS_REGISTER_COUNT
};

/* All registers at one instant; value[WS_CR3] is CR3.  Plain data: copy it, compare it. */
struct ws_registers {
    uint32_t value[WS_REGISTER_COUNT];
};

struct ws_register_info {
    const char *name; /* lower case, as in an assembler listing; parts of table registers as "gdtr.base" */
    uint8_t bits;     /* 16 or 32 */
    uint8_t category; /* enum ws_category, or WS_CATEGORY_NONE */
};

/* The table's row for a register.  It is a constant: do not free it. */
const struct ws_register_info *ws_register_info(enum ws_register which);

/* The register with that name, which is in lower case; WS_REGISTER_COUNT if there is none. */
enum ws_register ws_register_find(const char *name);

/* The name of a category, as "general-registers".  It is a constant: do not free it. */
const char *ws_category_name(enum ws_category category);

/* Which categories differ between two sets of registers: bit N is set for category N.  The two categories of the
 * address space are never set here, since they need page tables: see ws_page_map_differs() in paging.h. */
uint32_t ws_registers_compare(const struct ws_registers *a, const struct ws_registers *b);

/* One named bit (or field) of a register that consists of bits. */
struct ws_bit {
    uint32_t mask;       /* the bit, or the field's bits, in the register */
    const char *name;    /* "PG", "IF", "IOPL" */
    const char *meaning; /* what it means, in a few words */
};

/* The named bits of CR0, CR4, EFLAGS, DR6 or DR7, lowest first.  The list ends with mask 0.  NULL: this register has no
 * named bits. */
const struct ws_bit *ws_register_bits(enum ws_register which);

/* The bits that the sources use.  SDM 3A §2.5 "Control Registers", §2.3 "System Flags and Fields in the EFLAGS
 * Register". */
enum {
    WS_CR0_PE = 1u << 0,
    WS_CR0_MP = 1u << 1,
    WS_CR0_EM = 1u << 2,
    WS_CR0_TS = 1u << 3,
    WS_CR0_ET = 1u << 4,
    WS_CR0_NE = 1u << 5,
    WS_CR0_WP = 1u << 16,
    WS_CR0_AM = 1u << 18,
    WS_CR0_NW = 1u << 29,
    WS_CR0_CD = 1u << 30,
    WS_CR4_VME = 1u << 0,
    WS_CR4_PVI = 1u << 1,
    WS_CR4_TSD = 1u << 2,
    WS_CR4_DE = 1u << 3,
    WS_CR4_PSE = 1u << 4,
    WS_CR4_PAE = 1u << 5,
    WS_CR4_MCE = 1u << 6,
    WS_CR4_PGE = 1u << 7,
    WS_CR4_PCE = 1u << 8,
    WS_CR4_OSFXSR = 1u << 9,
    WS_CR4_OSXMMEXCPT = 1u << 10,
    WS_EFLAGS_CF = 1u << 0,
    WS_EFLAGS_FIXED = 1u << 1,
    WS_EFLAGS_TF = 1u << 8,
    WS_EFLAGS_IF = 1u << 9,
    WS_EFLAGS_DF = 1u << 10,
    WS_EFLAGS_OF = 1u << 11,
    WS_EFLAGS_IOPL = 3u << 12,
    WS_EFLAGS_NT = 1u << 14,
    WS_EFLAGS_RF = 1u << 16,
    WS_EFLAGS_VM = 1u << 17,
    WS_EFLAGS_AC = 1u << 18,
};
#define WS_CR0_PG 0x80000000u

#endif
