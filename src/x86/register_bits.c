/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that consist of bits, each bit with its name and meaning.
 */
#include <worldswitch/registers.h>

#include <stddef.h>

/* clang-format off */

/* SDM 3A §2.5 "Control Registers" */
static const struct ws_bit cr0_bits[] = {
    {WS_CR0_PE, "PE", "protected mode is on"},
    {WS_CR0_MP, "MP", "wait instructions obey TS"},
    {WS_CR0_EM, "EM", "there is no x87 unit: its instructions raise #NM"},
    {WS_CR0_TS, "TS", "the task was switched: the next x87 instruction raises #NM"},
    {WS_CR0_ET, "ET", "the x87 unit is a 387 or newer; always set"},
    {WS_CR0_NE, "NE", "x87 errors raise #MF instead of an interrupt"},
    {WS_CR0_WP, "WP", "ring 0 respects read-only pages too"},
    {WS_CR0_AM, "AM", "ring 3 may ask for alignment checks"},
    {WS_CR0_NW, "NW", "writes do not go through the caches"},
    {WS_CR0_CD, "CD", "caches are off"},
    {WS_CR0_PG, "PG", "paging is on: linear addresses are translated"},
    {0, NULL, NULL}
};

static const struct ws_bit cr4_bits[] = {
    {WS_CR4_VME, "VME", "virtual-8086 mode redirects interrupts"},
    {WS_CR4_PVI, "PVI", "protected mode has a virtual interrupt flag"},
    {WS_CR4_TSD, "TSD", "only ring 0 may read the time stamp counter"},
    {WS_CR4_DE, "DE", "breakpoints on I/O ports exist"},
    {WS_CR4_PSE, "PSE", "a directory entry may map a 4 MiB page"},
    {WS_CR4_PAE, "PAE", "physical addresses are wider than 32 bits"},
    {WS_CR4_MCE, "MCE", "hardware errors raise #MC"},
    {WS_CR4_PGE, "PGE", "global pages survive a load of CR3"},
    {WS_CR4_PCE, "PCE", "ring 3 may read performance counters"},
    {WS_CR4_OSFXSR, "OSFXSR", "the system saves SSE registers"},
    {WS_CR4_OSXMMEXCPT, "OSXMMEXCPT", "SSE errors raise #XM"},
    {0, NULL, NULL}
};

/* SDM 1 §3.4.3 "EFLAGS Register"; SDM 3A §2.3 "System Flags and Fields in the EFLAGS Register" */
static const struct ws_bit eflags_bits[] = {
    {WS_EFLAGS_CF, "CF", "carry out of the highest bit"},
    {1u << 2, "PF", "the lowest byte has an even number of ones"},
    {1u << 4, "AF", "carry out of bit 3"},
    {1u << 6, "ZF", "the result is zero"},
    {1u << 7, "SF", "the result is negative"},
    {WS_EFLAGS_TF, "TF", "single step: #DB after each instruction"},
    {WS_EFLAGS_IF, "IF", "interrupts are delivered"},
    {1u << 10, "DF", "string instructions go downwards"},
    {WS_EFLAGS_OF, "OF", "signed overflow"},
    {WS_EFLAGS_IOPL, "IOPL", "the outermost ring that may use ports, cli and sti"},
    {WS_EFLAGS_NT, "NT", "nested task: iret switches back to the previous task"},
    {WS_EFLAGS_RF, "RF", "the next instruction ignores breakpoints"},
    {WS_EFLAGS_VM, "VM", "virtual-8086 mode"},
    {WS_EFLAGS_AC, "AC", "alignment is checked in ring 3"},
    {1u << 19, "VIF", "virtual interrupt flag"},
    {1u << 20, "VIP", "a virtual interrupt is pending"},
    {1u << 21, "ID", "can be flipped: the CPU has cpuid"},
    {0, NULL, NULL}
};

/* SDM 3B §17.2.3 "Debug Status Register (DR6)" */
static const struct ws_bit dr6_bits[] = {
    {1u << 0, "B0", "the condition of breakpoint 0 was met"},
    {1u << 1, "B1", "the condition of breakpoint 1 was met"},
    {1u << 2, "B2", "the condition of breakpoint 2 was met"},
    {1u << 3, "B3", "the condition of breakpoint 3 was met"},
    {1u << 13, "BD", "the next instruction touches a debug register"},
    {1u << 14, "BS", "a single step"},
    {1u << 15, "BT", "the entered task's TSS asked for it"},
    {0, NULL, NULL}
};

/* SDM 3B §17.2.4 "Debug Control Register (DR7)" */
static const struct ws_bit dr7_bits[] = {
    {1u << 0, "L0", "breakpoint 0 is on for this task"},
    {1u << 1, "G0", "breakpoint 0 is on for all tasks"},
    {1u << 2, "L1", "breakpoint 1 is on for this task"},
    {1u << 3, "G1", "breakpoint 1 is on for all tasks"},
    {1u << 4, "L2", "breakpoint 2 is on for this task"},
    {1u << 5, "G2", "breakpoint 2 is on for all tasks"},
    {1u << 6, "L3", "breakpoint 3 is on for this task"},
    {1u << 7, "G3", "breakpoint 3 is on for all tasks"},
    {1u << 8, "LE", "exact data breakpoints for this task; old"},
    {1u << 9, "GE", "exact data breakpoints for all tasks; old"},
    {1u << 13, "GD", "touching a debug register raises #DB"},
    {3u << 16, "R/W0", "breakpoint 0: 0 execute, 1 write, 2 port, 3 read or write"},
    {3u << 18, "LEN0", "breakpoint 0: bytes less one"},
    {3u << 20, "R/W1", "breakpoint 1: 0 execute, 1 write, 2 port, 3 read or write"},
    {3u << 22, "LEN1", "breakpoint 1: bytes less one"},
    {3u << 24, "R/W2", "breakpoint 2: 0 execute, 1 write, 2 port, 3 read or write"},
    {3u << 26, "LEN2", "breakpoint 2: bytes less one"},
    {3u << 28, "R/W3", "breakpoint 3: 0 execute, 1 write, 2 port, 3 read or write"},
    {3u << 30, "LEN3", "breakpoint 3: bytes less one"},
    {0, NULL, NULL}
};

static const struct ws_bit *const register_bits[WS_REGISTER_COUNT] = {
    [WS_CR0] = cr0_bits,
    [WS_CR4] = cr4_bits,
    [WS_EFLAGS] = eflags_bits,
    [WS_DR6] = dr6_bits,
    [WS_DR7] = dr7_bits
};
/* clang-format on */

const struct ws_bit *ws_register_bits(enum ws_register which)
{
    if ((size_t)which >= WS_REGISTER_COUNT)
        return NULL;
    return register_bits[which];
}
