/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit's rules: what each is given, and the table of them.
 */
#ifndef WS_AUDIT_RULES_H
#define WS_AUDIT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/audit.h>
#include <worldswitch/buffer.h>
#include <worldswitch/paging.h>

/* IA32_PAT when a world called its last routines: one of them may be the one that saves it, the next one has another
 * world's. */
enum { WS__ATTRIBUTES_RECENT = 8 };
struct ws__attributes {
    uint64_t value[WS__ATTRIBUTES_RECENT]; /* a ring */
    unsigned count;                        /* all that were put in */
};

/* What a world must have when it is entered. */
struct ws__due {
    struct ws_registers registers;
    struct ws__attributes attributes;
    struct ws_page_map map; /* its address space when it was left; empty if that is not known */
    uint64_t mark;          /* at which it was left */
    uint32_t thread;        /* a context's: its number; 0 if that is not known */
    uint32_t esp0;          /* the ring-0 stack that its TSS named; 0 if that is not known */
    bool known;
};

/* A world that was left, or is expected to be entered; or a context of a world that was left, known by its stack. */
struct departed {
    struct departed *next;
    char world[WS_NAME_BYTES];
    bool named; /* by the guest's own table, or by who built it: so it is known when it is gone */
    struct ws__due due;
};

/* What a rule needs, besides the crossing: how the entered side was left; a thorough audit; another address space, as
 * it is not between threads. */
enum { WS__NEEDS_PAST = 1, WS__NEEDS_THOROUGH = 2, WS__NEEDS_SPACES = 4 };

/* A switch to be judged, and the machine at its end. */
struct ws__case {
    const struct ws_machine *machine;
    const struct ws_crossing *crossing;
    const struct ws_registers *now; /* the machine's */
    const struct ws_page_map *left; /* of a world switch: the address spaces of both sides */
    const struct ws_page_map *entered;
    const struct ws__due *due;                    /* of the entered world */
    const struct ws__attributes *left_attributes; /* of a world switch: the left world's */
    uint64_t attributes;                          /* IA32_PAT, now */
    const struct departed *departed; /* of a world switch: all worlds that were left, the entered one among them */
    uint32_t cross_linear;           /* the pages that both worlds may map */
    uint32_t cross_bytes;
    uint32_t left_esp0; /* the ring-0 stack of who was left; 0: not known */
};

/* For a world switch: name, function, category or WS_CATEGORY_NONE, does it need to know what is due, citation,
 * explanation. */
#define WS__RULE_TABLE(X)                                                                                         \
    X("general-registers", category, GENERAL_REGISTERS, true, "",                                                 \
      "The eight general registers are what they were when the world was left; ESP is judged with the stack.")    \
    X("flags", category, FLAGS, true, "SDM 1 §3.4.3 \"EFLAGS Register\"",                                         \
      "EFLAGS is what it was, IF included: a world that could be interrupted can be interrupted again.")          \
    X("segments", category, SEGMENTS, true, "SDM 3A §3.4.2 \"Segment Selectors\"",                                \
      "CS, DS, ES, FS and GS hold the world's own selectors; those of another GDT mean nothing, or worse.")       \
    X("stack", category, STACK, true, "",                                                                         \
      "SS and ESP are what they were at the call that left: nothing stays on the stack, nothing is missing.")     \
    X("gdtr", category, GDTR, true, "SDM 3A §2.4 \"Memory-Management Registers\"",                                \
      "GDTR is the world's own: its selectors mean what they meant.")                                             \
    X("idtr", category, IDTR, true, "SDM 3A §2.4 \"Memory-Management Registers\"",                                \
      "IDTR is the world's own: its handlers, and no others, get its exceptions.")                                \
    X("ldtr", category, LDTR, true, "SDM 3A §2.4 \"Memory-Management Registers\"",                                \
      "LDTR is the world's own: FS and GS may be selectors of it.")                                               \
    X("tr", category, TR, true, "SDM 3A §2.4 \"Memory-Management Registers\"",                                    \
      "TR is the world's own: in its TSS the CPU finds the stack for interrupts of ring 3.")                      \
    X("cr0", category, CR0, true, "SDM 3A §2.5 \"Control Registers\"",                                            \
      "CR0 is what it was: write protection and the FPU's state belong to the world.")                            \
    X("cr2", category, CR2, true, "SDM 3A §2.5 \"Control Registers\"",                                            \
      "CR2 is what it was: the world may be about to handle a page fault.")                                       \
    X("cr3", category, CR3, true, "SDM 3A §2.5 \"Control Registers\"",                                            \
      "CR3 is what it was: the same process runs on, in its own address space.")                                  \
    X("cr4", category, CR4, true, "SDM 3A §2.5 \"Control Registers\"",                                            \
      "CR4 is what it was: how the world's page tables are to be read.")                                          \
    X("resumed", resumed, NONE, true, "", "The world goes on with the instruction behind the call that left it.") \
    X("address-space", address_space, NONE, true, "SDM 3A §4.3 \"32-Bit Paging\"",                                \
      "The world's page tables map what they mapped when it was left: no other world has changed them.")          \
    X("left-world-gone", left_world_gone, NONE, false, "SDM 3A §4.3 \"32-Bit Paging\"",                           \
      "No physical page of the left world can be reached, the cross page aside.")                                 \
    X("worlds-apart", worlds_apart, NONE, false, "SDM 3A §4.3 \"32-Bit Paging\"",                                 \
      "No physical page of a third world can be reached either, such as one of another virtual machine.")         \
    X("no-global-left", no_global_left, NONE, false, "SDM 3A §4.10.2.4 \"Global Pages\"",                         \
      "Global translations survive a write to CR3: if the left world had some, CR4.PGE must change on the way.")  \
    X("interrupts-off", interrupts_off, NONE, false, "SDM 3A §6.3 \"Sources of Interrupts\"",                     \
      "IF is clear while CR3 is written: a handler would find half of one world and half of another.")            \
    X("tables-mapped", tables_mapped, NONE, false, "SDM 3A §2.4 \"Memory-Management Registers\"",                 \
      "GDT, IDT, LDT, TSS and stack lie in pages that the entered world maps: all of them are linear addresses.") \
    X("one-task-busy", one_task_busy, NONE, false, "SDM 3A §7.2.2 \"TSS Descriptor\"",                            \
      "The task that TR names is busy, and no other one in the entered world's GDT.")                             \
    X("segments-loaded", segments_loaded, NONE, false, "SDM 3A §3.4.5 \"Segment Descriptors\"",                   \
      "What the segment registers have loaded is what the entered world's tables say: nothing of the left world " \
      "hides in them.")                                                                                           \
    X("page-attributes", page_attributes, NONE, true, "SDM 3A §11.12.2 \"IA32_PAT MSR\"",                         \
      "IA32_PAT is not what the left world has written: entries of the world's own page tables get their memory " \
      "types from it.")

/* For a context switch, where most of a world stays: the same, but what the rule needs instead. */
#define WS__CONTEXT_RULE_TABLE(X)                                                                                    \
    X("context-registers", callee_saved, NONE, WS__NEEDS_PAST, "",                                                   \
      "EBX, ESI, EDI and EBP are what they were when the process was left: a routine in C must keep them, and EAX, " \
      "ECX and EDX it need not.")                                                                                    \
    X("context-stack", category, STACK, WS__NEEDS_PAST, "",                                                          \
      "SS and ESP are what they were at the call that left: the process goes on on its own kernel stack.")           \
    X("context-resumed", resumed, NONE, WS__NEEDS_PAST, "",                                                          \
      "The process goes on with the instruction behind the call that left it.")                                      \
    X("context-cr3", category, CR3, WS__NEEDS_PAST | WS__NEEDS_SPACES, "SDM 3A §2.5 \"Control Registers\"",          \
      "CR3 is what it was when the process was left: its own page directory.")                                       \
    X("context-tables", tables_kept, NONE, 0, "SDM 3A §2.4 \"Memory-Management Registers\"",                         \
      "GDTR, IDTR and TR stay: the world is the same, and so are its handlers.")                                     \
    X("context-ring0-stack", ring0_stack, NONE, WS__NEEDS_THOROUGH | WS__NEEDS_SPACES,                               \
      "SDM 3A §7.2.1 \"Task-State Segment (TSS)\"",                                                                  \
      "ESP0 in the TSS is what it was when the process last ran: an interrupt in ring 3 comes to its own kernel "    \
      "stack, not to another process's.")                                                                            \
    X("context-kernel-kept", kernel_kept, NONE, WS__NEEDS_THOROUGH | WS__NEEDS_SPACES,                               \
      "SDM 3A §4.3 \"32-Bit Paging\"", "Both processes map the same kernel: it runs on as if nothing had happened.") \
    X("context-user-part", user_part, NONE, WS__NEEDS_PAST | WS__NEEDS_THOROUGH | WS__NEEDS_SPACES,                  \
      "SDM 3A §4.3 \"32-Bit Paging\"", "The process finds the user part of its address space as it left it.")

enum ws__rule {
#define WS__RULE_ENUM(name, function, category, past, citation, explanation) WS__RULE_AT_##function##_##category,
    WS__RULE_TABLE(WS__RULE_ENUM)
#undef WS__RULE_ENUM
        WS__RULES
};

enum ws__context_rule {
#define WS__CONTEXT_RULE_ENUM(name, function, category, needs, citation, explanation) \
    WS__CONTEXT_RULE_AT_##function##_##category,
    WS__CONTEXT_RULE_TABLE(WS__CONTEXT_RULE_ENUM)
#undef WS__CONTEXT_RULE_ENUM
        WS__CONTEXT_RULES
};

/* Judge: append what is wrong, or nothing.  Without memory for that, wrong->failed is set: it is no judgement. */
typedef void ws__rule_check(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong);

struct ws__rule_row {
    ws__rule_check *check;
    enum ws_category category;
    uint8_t needs; /* WS__NEEDS_... */
};

/* WS__RULES rows, in the order of WS__RULE_TABLE; WS__CONTEXT_RULES in that of WS__CONTEXT_RULE_TABLE. */
extern const struct ws__rule_row ws__rules[];
extern const struct ws__rule_row ws__context_rules[WS__CONTEXT_RULES];

/* One mistake often breaks several rules: with another world's GDTR, no segment is what the tables say.  A bit for each
 * rule of the same table, by its index: if one of these is broken, too, it says why this one is, and this one is left
 * out. */
extern const uint32_t ws__rule_causes[];
extern const uint32_t ws__context_rule_causes[WS__CONTEXT_RULES];

/* rules_memory.c: those that walk page tables. */
ws__rule_check ws__rule_address_space, ws__rule_left_world_gone, ws__rule_worlds_apart, ws__rule_no_global_left,
    ws__rule_tables_mapped;
/* rules_segments.c: those that read descriptors. */
ws__rule_check ws__rule_one_task_busy, ws__rule_segments_loaded;
/* rules_context.c: those for context switches only. */
ws__rule_check ws__rule_callee_saved, ws__rule_tables_kept, ws__rule_ring0_stack, ws__rule_kernel_kept,
    ws__rule_user_part;
/* rules.c: those that need registers only. */
ws__rule_check ws__rule_category, ws__rule_resumed, ws__rule_interrupts_off, ws__rule_page_attributes;

/* Keep this value of IA32_PAT, as the newest. */
void ws__attributes_keep(struct ws__attributes *attributes, uint64_t value);

/* ESP0 of the TSS that TR names now; 0 if it cannot be read. */
uint32_t ws__esp0_read(const struct ws_machine *machine);

#endif
