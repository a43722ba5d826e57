/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests that do their worst end in a fault of their own or in a ws_halt, and never take this
 * process along.
 *
 * Each row is a few instructions, run in ring 0 of a machine with tables of its own, and in ring 3.
 * Its handlers skip nothing: they spin, so that the vector shows in EIP.  Where a row says so, that
 * vector must be the one.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/machine.h>
#include <worldswitch/segment.h>

#include "many.h"

enum {
    MEMORY = 1 << 20,
    GDT = 0x1000,
    IDT = 0x2000,
    TSS = 0x3000,
    DIRECTORY = 0x4000,
    TABLE = 0x5000,
    POINTERS = 0x6000,
    CODE = 0x10000,
    START = CODE + 0x800,
    HANDLERS = 0x20000, /* 16 bytes a vector: jmp . */
    INSTRUCTIONS = 4000
};

/* How a row may end, besides the vector whose handler must spin. */
enum {
    ANY = -1,  /* whatever happens, but it ends */
    RUNS = -2, /* no exception */
    HALTS = -3 /* a ws_halt other than the limit */
};

struct row {
    const char *name;
    size_t size;
    const char *code;
    int ring_0; /* the vector, or one of the above */
    int ring_3;
    bool uses_stale; /* it writes over page tables in use: until it invalidates them, the CPU may use old
                      * translations or new ones.  SDM 3A §4.10.4.3 "Optional Invalidation" */
};

#define ROW(name, code, ring_0, ring_3)                    \
    {                                                      \
        name, sizeof code - 1, code, ring_0, ring_3, false \
    }
#define ROW_STALE(name, code, ring_0, ring_3)             \
    {                                                     \
        name, sizeof code - 1, code, ring_0, ring_3, true \
    }
#define DB 1
#define UD 6
#define GP 13
#define PF 14

/* clang-format off */
static const struct row rows[] = {
    /* What decides that it is invalid is in front of the page's end: the page behind it is not fetched. */
    ROW("ud2 before a page that is not there",
        "\xc7\x05\x44\x50\0\0\0\0\0\0\x0f\x01\x3d\0\x10\x01\0\x66\xc7\x05\xfe\x0f\x01\0\x0f\x0b\xe9\xdf\x07\0\0", UD,
        ANY),
    ROW("vex before a page that is not there",
        "\xc7\x05\x44\x50\0\0\0\0\0\0\x0f\x01\x3d\0\x10\x01\0\x66\xc7\x05\xfe\x0f\x01\0\xc5\xf8\xe9\xdf\x07\0\0", UD,
        ANY),
    ROW("a prefix before a page that is not there",
        "\xc7\x05\x44\x50\0\0\0\0\0\0\x0f\x01\x3d\0\x10\x01\0\x66\xc7\x05\xfe\x0f\x01\0\x66\x0f\xe9\xdf\x07\0\0", PF,
        ANY),
    /* debug registers, and what looks like them */
    ROW("mov %eax,%dr7 with everything enabled", "\xb8\xff\xff\x0f\x00\x0f\x23\xf8", RUNS, GP),
    ROW("mov %eax,%dr0, then dr7, then a write there",
        "\xb8\x00\x90\x00\x00\x0f\x23\xc0\xb8\x03\x00\x0d\x00\x0f\x23\xf8\xa2\x00\x90", ANY, GP),
    ROW("lock mov %eax,%dr7", "\xf0\x0f\x23\xf8", UD, UD),
    ROW("repne mov %eax,%dr7", "\xf2\x0f\x23\xf8", RUNS, GP),
    ROW("fourteen prefixes, mov %eax,%dr7",
        "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\x23\xf8", GP, GP),
    ROW("two-byte vex in front of 23", "\xc5\xf8\x23\xf8", UD, UD),
    ROW("three-byte vex in front of 23", "\xc4\xe1\x78\x23\xf8", UD, UD),
    ROW("prefix, vex, 23", "\x66\xc5\xf8\x23\xf8", UD, UD),
    ROW("evex", "\x62\xf1\x7c\x48\x23\xf8", UD, UD),
    ROW("xop", "\x8f\xe8\x78\x23\xf8", UD, UD),
    ROW("mov %dr4 without DE", "\x0f\x21\xe0", RUNS, GP),
    ROW("mov to test register", "\x0f\x26\xf0", UD, UD),
    /* control registers */
    ROW("cr0 = 0xffffffff", "\xb8\xff\xff\xff\xff\x0f\x22\xc0", ANY, GP),
    ROW("cr0 = 0x80000000: paging without protection", "\xb8\x00\x00\x00\x80\x0f\x22\xc0", GP, GP),
    ROW("cr0 = 0", "\x31\xc0\x0f\x22\xc0", HALTS, GP),
    ROW("cr0: NW without CD", "\xb8\x11\x00\x00\xa0\x0f\x22\xc0", GP, GP),
    ROW("cr4 = 0xffffffff", "\xb8\xff\xff\xff\xff\x0f\x22\xe0", GP, GP),
    ROW("cr4: PAE", "\xb8\x20\x00\x00\x00\x0f\x22\xe0", GP, GP),
    ROW("cr4: SMEP, SMAP", "\xb8\x00\x00\x30\x00\x0f\x22\xe0", GP, GP),
    ROW("cr4: PAE, behind loads that were in order", "\x31\xc0\x0f\x22\xe0\x83\xc0\x10\xeb\xf8", GP, GP),
    ROW("cr0: NW without CD, behind a load that was in order",
        "\xb8\x11\x00\x01\x80\x0f\x22\xc0\x0d\x00\x00\x00\x20\xeb\xf6", GP, GP),
    ROW("cr0 = 0, behind a load that was in order",
        "\xb8\x11\x00\x01\x80\x0f\x22\xc0\x31\xc0\xeb\xf9", HALTS, GP),
    ROW("cr2, again and again, then a page fault",
        "\xb9\x09\x00\x00\x00\x0f\x22\xd1\xe2\xfb\xa1\x00\x00\x00\x50\x0f\x0b", ANY, GP),
    ROW("cr1", "\x0f\x22\xc8", UD, ANY),
    ROW("cr5", "\x0f\x22\xe8", UD, ANY),
    ROW("lock mov to cr0", "\xf0\x0f\x22\xc0", UD, UD),
    ROW("cr3 outside RAM", "\xb8\x00\x00\x00\x70\x0f\x22\xd8", ANY, GP),
    ROW("cr3 = 0xffffffff", "\xb8\xff\xff\xff\xff\x0f\x22\xd8", ANY, GP),
    ROW("cr3 at the last page of RAM", "\xb8\x00\xf0\x0f\x00\x0f\x22\xd8", ANY, GP),
    ROW("cr3 = this code", "\xb8\x00\x00\x01\x00\x0f\x22\xd8", ANY, GP),
    ROW("lmsw cannot leave protected mode", "\x31\xc0\x0f\x01\xf0", RUNS, GP),
    /* far away */
    ROW("jmp beyond RAM", "\xb8\x00\x00\x00\x50\xff\xe0", ANY, ANY),
    ROW("jmp to the last byte of the address space", "\xb8\xff\xff\xff\xff\xff\xe0", ANY, ANY),
    ROW("jmp to the last bytes of RAM", "\xb8\xfe\xff\x0f\x00\xff\xe0", ANY, ANY),
    ROW("lcall to nowhere", "\x9a\x01\x02\x03\x04\xf8\xff", GP, GP),
    ROW("ljmp to the TSS that runs", "\xea\x00\x00\x00\x00\x28\x00", GP, GP),
    ROW("ljmp to a TSS full of zeros", "\xea\x00\x00\x00\x00\x30\x00", ANY, GP),
    ROW("lcall to a TSS full of zeros", "\x9a\x00\x00\x00\x00\x30\x00", ANY, GP),
    /* the task has no stack for any handler */
    ROW("int through a task gate to a TSS full of zeros", "\xcd\x81", HALTS, HALTS),
    ROW("int through a task gate to the TSS that runs", "\xcd\x82", GP, GP),
    ROW("iret with NT", "\x68\x02\x40\x00\x00\x9d\xcf\x90", ANY, ANY),
    ROW("iret to virtual-8086 mode",
        "\x6a\x00\x6a\x00\x6a\x00\x6a\x00\x68\x02\x00\x02\x00\x6a\x00\x6a\x00", ANY, ANY),
    ROW("lret to nowhere", "\x6a\x7f\xcb", ANY, ANY),
    /* tables in the wrong place */
    ROW("lidt of zeros, int3", "\x0f\x01\x1d\x00\x70\x00\x00\xcc", HALTS, GP),
    ROW("lgdt of zeros, int3", "\x0f\x01\x15\x00\x70\x00\x00\xcc", HALTS, GP),
    ROW("lgdt of zeros, mov to ds", "\x0f\x01\x15\x00\x70\x00\x00\x6a\x10\x1f\x90", HALTS, GP),
    ROW("lidt from the end of the address space", "\x0f\x01\x1d\xfe\xff\xff\xff", ANY, ANY),
    ROW("sgdt over the code", "\x0f\x01\x05\x07\x08\x01\x00", ANY, ANY),
    ROW("lldt of the TSS", "\x66\xb8\x28\x00\x0f\x00\xd0", GP, GP),
    ROW("ltr of the TSS that is busy", "\x66\xb8\x28\x00\x0f\x00\xd8", GP, GP),
    /* the stack */
    ROW("stack at 0, push", "\x31\xe4\x50", ANY, ANY),
    ROW("stack at 2, push", "\xbc\x02\x00\x00\x00\x50\x90", ANY, ANY),
    ROW("stack outside RAM, push, ud2", "\xbc\x00\x00\x00\x60\x50\x0f\x0b", ANY, ANY),
    ROW("enter with 31 levels", "\xc8\xff\xff\x1f", ANY, ANY),
    ROW("ss = 0", "\x6a\x00\x17\x90", GP, GP),
    /* model-specific registers, features */
    ROW("rdmsr of 0xdeadbeef", "\xb9\xef\xbe\xad\xde\x0f\x32", GP, GP),
    ROW("wrmsr of EFER, everything",
        "\xb9\x80\x00\x00\xc0\x83\xc8\xff\x83\xca\xff\x0f\x30\x90", GP, GP),
    ROW("wrmsr of the APIC base", "\xb9\x1b\x00\x00\x00\x0f\x30\x90\x90", GP, GP),
    ROW("wrmsr of sysenter's EIP, sysenter",
        "\xb9\x76\x01\x00\x00\x0f\x30\x0f\x34\x90\x90\x90", GP, GP),
    ROW("sysenter", "\x0f\x34", UD, UD),
    ROW("sysexit", "\x0f\x35", UD, UD),
    ROW("syscall", "\x0f\x05", UD, UD),
    ROW("sysret", "\x0f\x07", UD, UD),
    ROW("rsm", "\x0f\xaa", UD, UD),
    ROW("vmcall", "\x0f\x01\xc1", UD, UD),
    ROW("vmrun", "\x0f\x01\xd8", UD, UD),
    ROW("monitor, mwait", "\x0f\x01\xc8\x0f\x01\xc9", ANY, ANY),
    ROW("cpuid of 0xffffffff", "\x83\xc8\xff\x0f\xa2", RUNS, RUNS),
    ROW("loopne with ECX at its end, ud2", "\xb9\x01\x00\x00\x00\x4f\xe0\x00\x0f\x0b", UD, UD),
    ROW("loope with ECX at its end, ud2", "\xb9\x01\x00\x00\x00\x2b\xff\xe1\x00\x0f\x0b", UD, UD),
    ROW("cmpxchg8b behind sub, ud2",
        "\xb8\x04\x14\x00\x00\xbb\x00\x70\x00\x00\x31\xc9\xeb\x00\x29\xd8\x0f\xc7\x0b\xeb\x00\x0f\x0b", UD, UD),
    ROW("seta behind add, to a page that is absent",
        "\x31\xff\xbb\x00\x00\x00\x50\xeb\x00\x04\x7f\x04\x7f\x0f\x97\x03\xeb\x00\x0f\x0b", PF, PF),
    ROW("seto behind sub, to a page that is absent",
        "\x31\xff\xbb\x00\x00\x00\x50\xeb\x00\x2c\x7f\x0f\x90\x03\xeb\x00\x0f\x0b", PF, PF),
    ROW("rdpmc", "\x0f\x33", GP, GP),
    ROW("xgetbv", "\x0f\x01\xd0", ANY, ANY),
    ROW("getsec", "\x0f\x37", UD, UD),
    ROW("ud1", "\x0f\xb9\xc0", UD, UD),
    ROW("ud0", "\x0f\xff\xc0", UD, UD),
    ROW("invd, wbinvd", "\x0f\x08\x0f\x09", RUNS, GP),
    ROW("invlpg of everything", "\x0f\x01\x3d\xff\xff\xff\xff", RUNS, GP),
    /* floating point */
    ROW("fxsave, not aligned", "\x0f\xae\x05\xf8\xef\x0f\x00", GP, GP),
    ROW("fxsave to the end of RAM", "\x0f\xae\x05\xf0\xff\x0f\x00", ANY, ANY),
    ROW("fxrstor of the code", "\x0f\xae\x0d\x00\x08\x01\x00", ANY, ANY),
    ROW("fxrstor outside RAM", "\x0f\xae\x0d\x00\x00\x00\x40", ANY, ANY),
    ROW("frstor of the code, fsqrt, fwait", "\xdd\x25\x00\x00\x01\x00\xd9\xfa\x9b", ANY, ANY),
    ROW("fldenv of ones", "\xd9\x25\x00\x00\x00\x40\x9b", ANY, ANY),
    ROW("fbld, fbstp of junk", "\xdf\x25\x00\x00\x01\x00\xdf\x35\x00\x90\x00\x00", ANY, ANY),
    ROW("emms, movq of junk", "\x0f\x77\x0f\x6f\x05\x00\x00\x01\x00", ANY, ANY),
    ROW("ldmxcsr of ones", "\x0f\xae\x15\x00\x00\x00\x40", ANY, ANY),
    /* lock where it may not be */
    ROW("lock hlt", "\xf0\xf4", UD, UD),
    ROW("lock cpuid", "\xf0\x0f\xa2", UD, UD),
    ROW("lock int 0x80", "\xf0\xcd\x80", UD, UD),
    ROW("lock in", "\xf0\xe4\x60", UD, UD),
    ROW("lock mov", "\xf0\x89\xc0", UD, UD),
    ROW("lock jmp", "\xf0\xeb\x00", UD, UD),
    ROW("lock rdtsc", "\xf0\x0f\x31", UD, UD),
    ROW("lock cmpxchg8b of a register", "\xf0\x0f\xc7\xc8", UD, UD),
    ROW("lock add across the end of RAM", "\xf0\x83\x05\xfe\xff\x0f\x00\x01", ANY, ANY),
    /* strings without end */
    ROW_STALE("rep stosb of everything", "\x31\xff\x83\xc9\xff\xfc\xf3\xaa\x90", ANY, ANY),
    ROW("rep movsd over itself",
        "\xbf\x00\x08\x01\x00\xbe\x00\x90\x00\x00\x83\xc9\xff\xf3\xa5", ANY, ANY),
    ROW("rep outsb to the serial port",
        "\xba\xf8\x03\x00\x00\x31\xf6\x83\xc9\xff\xf3\x6e\x90\x90\x90", ANY, GP),
    ROW_STALE("rep insd over the tables",
        "\xbf\x00\x10\x00\x00\x83\xc9\xff\xfc\xf3\x6d\x90\x90\x90", ANY, GP),
    ROW("rep scasb of everything", "\x31\xff\x83\xc9\xff\xf2\xae\x90", ANY, ANY),
    ROW("xlat, far away", "\xbb\x00\x00\x00\xf0\xd7", ANY, ANY),
    /* what ends Unicorn's translator: see unicorn/defuse.h */
    ROW("lock bt %eax,%eax", "\xf0\x0f\xa3\xc0", UD, UD),
    ROW("lock bts %ecx,%eax", "\xf0\x0f\xab\xc8", UD, UD),
    ROW("lock btr %ecx,%eax", "\xf0\x0f\xb3\xc8", UD, UD),
    ROW("lock btc %ecx,%eax", "\xf0\x0f\xbb\xc8", UD, UD),
    ROW("lock bt $1,%eax", "\xf0\x0f\xba\xe0\x01", UD, UD),
    ROW("lock lock bts %cx,%ax, with cs", "\x66\xf0\xf0\x2e\x0f\xab\xc8", UD, UD),
    ROW("lock bt %eax,%eax, not reached", "\xeb\x04\xf0\x0f\xa3\xc0", RUNS, RUNS),
    ROW("lock bt %eax,%eax, written just before",
        "\xc7\x05\x0a\x08\x01\x00\xf0\x0f\xa3\xc0\x90\x90\x90\x90", UD, UD),
    ROW("lock incl and bts in memory", "\xf0\xff\x05\x00\x90\x00\x00\xf0\x0f\xab\x05\x00\x90\x00\x00", ANY, ANY),
    ROW("and $0xf0,%al, bt %eax,%eax: al is 0x10",
        "\xb0\x1f\x24\xf0\x0f\xa3\xc0\x3c\x10\x74\x01\xcc", RUNS, RUNS),
    ROW("the same two hundred times, in a loop",
        "\xb9\xc8\x00\x00\x00\xb0\x1f\x24\xf0\x0f\xa3\xc0\x3c\x10\x74\x01\xcc\xe2\xf2", RUNS, RUNS),
    ROW("the same, and a jump into its midst", "\xb0\x1f\x24\xf0\x0f\xa3\xc0\xeb\xfa", UD, UD),
    ROW("jne, not taken, by an offset that is lock bt, and a jump there",
        "\x31\xc0\x0f\x85\xf0\x0f\xa3\xc0\xeb\xfa", UD, UD),
    ROW("an indirect jump to its own displacement, which is lock bt",
        "\xb9\x07\x7e\xd7\x0f\xff\x24\x8d\xf0\x0f\xa3\xc0\x08\x08\x01\x00", UD, UD),
    ROW("and $0xf0,%al, bt %eax,%eax across a page, and a jump into its midst",
        "\xc7\x05\xff\x0f\x01\x00\xf0\x0f\xa3\xc0\xc6\x05\xfe\x0f\x01\x00\x24"
        "\x66\xc7\x05\x03\x10\x01\x00\xeb\xfa\xe9\xdf\x07\x00\x00", UD, UD),
    /* code that eats itself */
    ROW("mov over the next instruction", "\xc6\x05\x07\x08\x01\x00\xf4\x90\x90\x90", ANY, GP),
    ROW("mov over this instruction", "\xc7\x05\x00\x08\x01\x00\xeb\xfe\xeb\xfe", ANY, ANY),
    ROW("rotation through carry of the next instruction's last byte",
        "\xf9\xc0\x1d\x0c\x08\x01\x00\x04\xb8\x00\x00\x00\x00\x85\xc0\x75\x01\xcc", RUNS, RUNS),
    ROW("iret with TF to the code in front of it",
        "\x90\x40\x68\x02\x01\x00\x00\x6a\x08\x68\x01\x08\x01\x00\xcf", DB, GP),
    ROW("call that pushes over itself", "\xbc\x0c\x08\x01\x00\xe8\xfb\xff\xff\xff", ANY, ANY),
    ROW("hlt with interrupts off", "\xfa\xf4", HALTS, GP),
    ROW("sti, hlt", "\xfb\xf4", 8, GP), /* the timer wakes it, by the vector that firmware left */
    ROW("single step of itself", "\x68\x02\x01\x00\x00\x9d\xeb\xfe", 1, 1),
    ROW("page tables that map themselves", "\xc7\x05\x0c\x40\x00\x00\x07\x40\x00\x00", ANY, ANY),
    ROW("the code's own page taken away",
        "\xc7\x05\x40\x50\x00\x00\x00\x00\x00\x00\x0f\x01\x3d\x00\x00\x01\x00\x90\x90", PF, PF),
};
/* clang-format on */

/* -- the machine ------------------------------------------------------------------------------- */

static void put(struct ws_machine *machine, uint32_t phys, const void *bytes, size_t size)
{
    MANY_CHECK(ws_machine_write_phys(machine, phys, bytes, size) == WS_OK, "%zu bytes at 0x%x", size, phys);
}

static void word_put(struct ws_machine *machine, uint32_t phys, uint32_t word)
{
    put(machine, phys, &word, sizeof word);
}

static void segments_put(struct ws_machine *machine)
{
    static const struct ws_descriptor segments[] = {
        {.limit = UINT32_MAX, .type = WS_TYPE_CODE | WS_TYPE_READABLE, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = WS_TYPE_WRITABLE, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = WS_TYPE_CODE | WS_TYPE_READABLE, .dpl = 3, .present = true, .big = true},
        {.limit = UINT32_MAX, .type = WS_TYPE_WRITABLE, .dpl = 3, .present = true, .big = true},
        {.base = TSS, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true},
        {.base = 0x7000, .limit = 0x67, .type = WS_TYPE_TSS32, .system = true, .present = true},
    };
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    for (uint32_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
        ws_descriptor_encode(raw, &segments[i]);
        put(machine, GDT + 8 * (i + 1), raw, sizeof raw);
    }
}

static void gates_put(struct ws_machine *machine)
{
    uint8_t raw[WS_DESCRIPTOR_BYTES];
    for (uint32_t vector = 0; vector < 256; vector++) {
        struct ws_gate gate = {.offset = HANDLERS + 16 * vector,
                               .selector = 0x08,
                               .type = WS_TYPE_INTERRUPT_GATE32,
                               .system = true,
                               .dpl = 3,
                               .present = true};
        if (vector == 0x81)
            gate.type = WS_TYPE_TASK_GATE, gate.selector = 0x30;
        if (vector == 0x82)
            gate.type = WS_TYPE_TASK_GATE, gate.selector = 0x28;
        ws_gate_encode(raw, &gate);
        put(machine, IDT + 8 * vector, raw, sizeof raw);
        put(machine, gate.offset, "\xeb\xfe", 2);
    }
}

/* Tables loaded, paging on, one to one; then the row's code, then a loop. */
static struct ws_machine *machine_make(const struct row *row, bool user)
{
    static const uint8_t pointers[] = {0x37, 0, 0, GDT >> 8, 0, 0, 0, 0, 0xff, 7, 0, IDT >> 8, 0, 0};
    static const uint8_t begin[] = {
        0x0f, 0x01, 0x15, 0x00, 0x60, 0,    0,          /* lgdt POINTERS */
        0x0f, 0x01, 0x1d, 0x08, 0x60, 0,    0,          /* lidt POINTERS + 8 */
        0x66, 0xb8, 0x28, 0x00, 0x0f, 0x00, 0xd8,       /* ltr */
        0xb8, 0x00, 0x40, 0,    0,    0x0f, 0x22, 0xd8, /* mov $DIRECTORY,%cr3 */
        0xb8, 0x11, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, /* PG, PE */
        0xbc, 0x00, 0xa0, 0,    0,                      /* mov $0xa000,%esp */
    };
    static const uint8_t to_ring_3[] = {
        0x6a, 0x23, 0x1f, 0x6a, 0x23, 0x07,                /* ds, es */
        0x6a, 0x23, 0x68, 0x00, 0xc0, 0,    0, 0x6a, 0x02, /* ss, esp, eflags */
        0x6a, 0x1b, 0x68, 0x00, 0x08, 0x01, 0, 0xcf,       /* cs, START; iret */
    };
    struct ws_machine_options options = {.memory_bytes = MEMORY, .max_instructions = INSTRUCTIONS};
    uint8_t jump[5] = {0xe9};
    uint32_t distance = START - (CODE + sizeof begin + sizeof jump);
    struct ws_machine *machine;
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    segments_put(machine);
    gates_put(machine);
    word_put(machine, TSS + 4, 0xb000);
    word_put(machine, TSS + 8, 0x10);
    word_put(machine, TSS + 0x64, 0xffff0000); /* no bitmap of ports */
    for (uint32_t i = 0; i < 256; i++)
        word_put(machine, TABLE + 4 * i, i << 12 | WS_PTE_P | WS_PTE_RW | WS_PTE_US);
    word_put(machine, DIRECTORY, TABLE | WS_PTE_P | WS_PTE_RW | WS_PTE_US);
    put(machine, POINTERS, pointers, sizeof pointers);
    put(machine, CODE, begin, sizeof begin);
    memcpy(jump + 1, &distance, sizeof distance);
    put(machine, CODE + sizeof begin, user ? to_ring_3 : jump, user ? sizeof to_ring_3 : sizeof jump);
    put(machine, START, row->code, row->size);
    put(machine, START + row->size, "\xeb\xfe", 2);
    ck_assert_int_eq(ws_machine_start(machine, CODE, 0, 0), WS_OK);
    return machine;
}

/* -- how it ended ------------------------------------------------------------------------------ */

static int vector_of(const struct ws_machine *machine)
{
    uint32_t eip = ws_machine_eip_linear(machine);
    if (eip >= HANDLERS && eip < HANDLERS + 256 * 16)
        return (int)(eip - HANDLERS) / 16;
    return RUNS;
}

static void end_expect(const struct row *row, bool user, struct ws_machine *machine)
{
    int expected = user ? row->ring_3 : row->ring_0, vector = vector_of(machine);
    const struct ws_halt *halt = ws_machine_halt(machine);
    ck_assert_msg(halt->reason != WS_HALT_NONE, "%s: it does not end", row->name);
    ck_assert_msg(halt->reason != WS_HALT_ENGINE, "%s: the engine gave up", row->name);
    if (expected == ANY)
        return;
    if (expected == HALTS) {
        ck_assert_msg(halt->reason != WS_HALT_LIMIT, "%s, ring %d: it runs on", row->name, user ? 3 : 0);
        return;
    }
    ck_assert_msg(halt->reason == WS_HALT_LIMIT, "%s, ring %d: %s", row->name, user ? 3 : 0,
                  ws_halt_text((enum ws_halt_reason)halt->reason));
    ck_assert_msg(vector == expected, "%s, ring %d: vector %d and not %d", row->name, user ? 3 : 0, vector, expected);
}

START_TEST(guest_does_its_worst)
{
    const struct row *row = &rows[_i / 2];
    bool user = _i % 2;
    struct ws_machine *machine = machine_make(row, user);
    ck_assert_int_eq(ws_machine_run(machine, 0), WS_STOP_HALT);
    end_expect(row, user, machine);
    ws_machine_free(machine);
}
END_TEST

static void first_mark_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    uint64_t *mark = context;
    (void)machine;
    if (!*mark)
        *mark = event->mark;
}

/* The same, one instruction at a time: it ends the same way, if there is only one way. */
START_TEST(guest_does_its_worst_in_steps)
{
    const struct row *row = &rows[_i / 2];
    struct ws_machine *runs = machine_make(row, _i % 2), *steps = machine_make(row, _i % 2);
    uint64_t in_run = 0, in_steps = 0;
    ws_machine_listen(runs, WS_EVENT_MASK(VECTOR), first_mark_note, &in_run);
    ws_machine_listen(steps, WS_EVENT_MASK(VECTOR), first_mark_note, &in_steps);
    ws_machine_run(runs, 0);
    for (int i = 0; i < 2 * INSTRUCTIONS && !ws_machine_halt(steps)->reason; i++)
        ws_machine_run(steps, 1);
    ck_assert(ws_machine_halt(steps)->reason != WS_HALT_NONE && ws_machine_halt(steps)->reason != WS_HALT_ENGINE);
    ck_assert_msg(row->uses_stale || in_run == in_steps, "%s: the first vector has two marks", row->name);
    ck_assert(row->uses_stale || ws_machine_halt(runs)->reason == ws_machine_halt(steps)->reason);
    ck_assert_msg(row->uses_stale || ws_machine_hash(runs) == ws_machine_hash(steps), "%s: running and stepping part",
                  row->name);
    ws_machine_free(runs);
    ws_machine_free(steps);
}
END_TEST

/* An instruction in front of the code's page end, at every distance: mov %eax,%dr7 must not slip
 * through in two halves. */
START_TEST(debug_register_across_pages)
{
    static const uint8_t code[] = {0x66, 0x2e, 0x0f, 0x23, 0xf8, 0xeb, 0xfe};
    const struct row row = ROW("jmp", "\xe9\0\0\0\0", ANY, ANY);
    struct ws_machine *machine = machine_make(&row, false);
    struct ws_registers registers;
    uint32_t place = CODE + 0x2000 - (uint32_t)_i, distance = place - (START + 5);
    word_put(machine, START + 1, distance);
    put(machine, place, code, sizeof code);
    ws_machine_run(machine, 0);
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EIP], place + 5);
    ck_assert_uint_eq(registers.value[WS_DR7] & 0x400, 0x400);
    ws_machine_free(machine);
}
END_TEST

Suite *hostile_suite(void)
{
    enum { ROWS = sizeof rows / sizeof rows[0] };
    Suite *suite = suite_create("hostile");
    TCase *tcase = tcase_create("hostile");
    tcase_set_tags(tcase, "heavy");
    tcase_add_loop_test(tcase, guest_does_its_worst, 0, 2 * ROWS);
    tcase_add_loop_test(tcase, guest_does_its_worst_in_steps, 0, 2 * ROWS);
    tcase_add_loop_test(tcase, debug_register_across_pages, 1, 6);
    suite_add_tcase(suite, tcase);
    return suite;
}
