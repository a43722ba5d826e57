/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world switch: 45 instructions that leave one world and enter another.
 *
 *     void cross(struct ws_cross_context *from, struct ws_cross_context *to);     called far
 *
 * Entry    CPL 0, a far call's frame on the leaving world's stack, the two arguments above it.
 * Exit     in the entered world, behind the far call by which that world was left, all registers as
 *          they were then.
 * Clobbers nothing of either world.
 *
 * Why it can run at all: the CPU fetches the instruction after `mov %ecx, %cr3` through the new
 * page tables, and finds it, since both worlds map this page at the same linear address.  Nothing
 * else is there any more: GDTR, IDTR and ESP still hold linear addresses of the left world.  Until
 * they are loaded, nothing but this page may be touched: no push, no pop, no segment register, no
 * interrupt.
 *
 *        before step 25: CR3 = from's                   after step 25: CR3 = to's
 *   0xffc01000 ┌──────────────────┐               0xffc01000 ┌──────────────────┐
 *              │ CROSS PAGE       │◄─ EIP EAX EDX            │ CROSS PAGE       │◄─ EIP EAX EDX
 *   0xffc00000 ├──────────────────┤               0xffc00000 ├──────────────────┤
 *              │ from's kernel    │◄─ ESP GDTR IDTR          │ to's kernel      │   ESP GDTR IDTR
 *              │                  │   LDTR TR                │                  │   LDTR TR: still in
 *              ├──────────────────┤                          ├──────────────────┤   from's kernel,
 *              │ from's users     │                          │ to's users       │   which is gone
 *   0x00000000 └──────────────────┘               0x00000000 └──────────────────┘
 *   (a VMM has its kernel above the cross page, and leaves what is below to the virtual machine)
 *
 * Global pages.  A CR3 load keeps translations marked global (SDM 3A §4.10.4.1 "Operations that
 * Invalidate TLBs and Paging-Structure Caches"); a write that changes CR4.PGE drops all.  The left
 * world's global translations are harmless until step 27, since only this page is touched, and are
 * gone after it, provided that the two worlds differ in CR4.PGE.  So at most one world of a
 * laboratory may set it: ws_world_new() refuses a second one.
 *
 * Each instruction is a STEP: its number, its part of the switch, why it is there, what happens
 * without it.  This is the only place where that is written; the assembler makes a table of it,
 * which cross_page.c reads.
 */
#include "worlds/layout.h"

#define PHASE_SET(number, name, text) .set WS_PHASE_##name, number;
        WS_CROSS_PHASE_TABLE(PHASE_SET)

/* STEP: a record in .ws.steps, a struct ws_cross_record, for the instruction that follows. */
        .macro  STEP number, phase, why, without
        .pushsection .ws.steps, "a", @progbits
        .long   \number, .Lstep_\number, WS_PHASE_\phase, .Lwhy_\number, .Lwithout_\number
        .popsection
        .pushsection .ws.texts, "a", @progbits
.Lwhy_\number:
        .asciz  "\why"
.Lwithout_\number:
        .asciz  "\without"
        .popsection
.Lstep_\number:
        .endm

        .text
        .globl  cross
cross:
/* -- interrupts off ---------------------------------------------------------------------------- */
        STEP    1, QUIET, "EFLAGS is saved first, while IF still is what the leaving world had", \
                "8 and 9 look for their arguments 4 bytes too high on the stack: 8 finds the second, 9 neither"
        pushfl
        STEP    2, QUIET, "no interrupt may come while GDT, IDT, stack and page tables belong to two worlds", \
                "nothing, until an interrupt comes behind 25: its handler was in the left world, triple fault"
        cli

/* -- registers to the left world's stack ------------------------------------------------------- */
        STEP    3, PUSH, "all eight general registers go to the leaving world's own stack", \
                "8 and 9 look for their arguments 32 bytes too high on the stack; eight registers are lost"
        pushal
        STEP    4, PUSH, "DS is a selector of the leaving world's GDT: it means nothing in the other", \
                "8 and 9 look for their arguments 4 bytes too high on the stack; and DS is lost"
        pushl   %ds
        STEP    5, PUSH, "ES, for the same reason", \
                "8 and 9 look for their arguments 4 bytes too high on the stack; and ES is lost"
        pushl   %es
        STEP    6, PUSH, "FS may be a selector of the LDT, which is switched too", \
                "8 and 9 look for their arguments 4 bytes too high on the stack; and FS is lost"
        pushl   %fs
        STEP    7, PUSH, "GS, the last thing that goes to this stack", \
                "8 and 9 look for their arguments 4 bytes too high on the stack; and GS is lost"
        pushl   %gs

/* -- where from, where to ---------------------------------------------------------------------- */
        STEP    8, FETCH, "EAX = from, the leaving world's context in the cross page", \
                "the context is saved wherever EAX happens to point"
        movl    WS_CROSS_FRAME_FROM(%esp), %eax
        STEP    9, FETCH, "EDX = to, the entered world's context; the last read from this stack", \
                "the entered world is whatever EDX happens to point to"
        movl    WS_CROSS_FRAME_TO(%esp), %edx

/* -- privileged state to the cross page -------------------------------------------------------- */
        STEP    10, SAVE, "GDTR: where this world's descriptors are, and how many", \
                "the world cannot be entered again: its GDT is not known"
        sgdt    WS_CONTEXT_GDTR(%eax)
        STEP    11, SAVE, "IDTR: this world's exception and interrupt handlers", \
                "the world comes back without handlers: its next exception is a triple fault"
        sidt    WS_CONTEXT_IDTR(%eax)
        STEP    12, SAVE, "LDTR: the selector of this world's local descriptors", \
                "the world comes back without LDT: loading FS or GS from it faults"
        sldt    WS_CONTEXT_LDTR(%eax)
        STEP    13, SAVE, "TR: the selector of this world's TSS, where the ring-0 stack is found", \
                "the world cannot be entered again: ltr gets a null selector, #GP"
        str     WS_CONTEXT_TR(%eax)
        STEP    14, SAVE, "CR0 to ECX first: no instruction stores a control register in memory", \
                "whatever ECX held is saved as CR0, and loaded when this world comes back"
        movl    %cr0, %ecx
        STEP    15, SAVE, "CR0: protection, paging, write protection, how the FPU is handled", \
                "the world comes back with whatever stood there as CR0: paging may be off"
        movl    %ecx, WS_CONTEXT_CR0(%eax)
        STEP    16, SAVE, "CR4, through ECX", \
                "CR0 is saved as CR4"
        movl    %cr4, %ecx
        STEP    17, SAVE, "CR4: 4 MiB pages, global pages, debugging extensions", \
                "the world comes back with whatever stood there as CR4"
        movl    %ecx, WS_CONTEXT_CR4(%eax)
        STEP    18, SAVE, "CR3, through ECX", \
                "CR4 is saved as CR3: when this world comes back, the CPU looks for page tables where none are"
        movl    %cr3, %ecx
        STEP    19, SAVE, "CR3: the page directory, so the process that runs now comes back too", \
                "the world comes back to whatever stood there as page directory"
        movl    %ecx, WS_CONTEXT_CR3(%eax)
        STEP    20, SAVE, "CR2, through ECX", \
                "CR3 is saved as CR2"
        movl    %cr2, %ecx
        STEP    21, SAVE, "CR2: the world may be about to handle a page fault and has not read it yet", \
                "the world comes back with a wrong fault address"
        movl    %ecx, WS_CONTEXT_CR2(%eax)
        STEP    22, SAVE, "SS, the selector half of the stack's far pointer", \
                "the world cannot be entered again: it has no stack segment"
        movw    %ss, WS_CONTEXT_SS(%eax)
        STEP    23, SAVE, "ESP, where everything pushed above lies; the left world is complete now", \
                "the world cannot be entered again: what it pushed is not found"
        movl    %esp, WS_CONTEXT_ESP(%eax)

/* -- the address space ------------------------------------------------------------------------- */
        STEP    24, SPACE, "the entered world's page directory", \
                "CR3 gets the left world's CR2, a fault address"
        movl    WS_CONTEXT_CR3(%edx), %ecx
        STEP    25, SPACE, "WITH THIS WRITE THE LEFT WORLD VANISHES: only the cross page is in both address spaces", \
                "the left world's address space stays: the entered world's GDT is not in it, #PF"
        movl    %ecx, %cr3

/* -- control registers of the entered world ---------------------------------------------------- */
        STEP    26, CONTROL, "the entered world's CR4", \
                "CR4 gets a page directory's address: reserved bits, #GP without a handler"
        movl    WS_CONTEXT_CR4(%edx), %ecx
        STEP    27, CONTROL, \
                "CR4. Where its PGE bit changes, the CPU forgets translations of global pages, which 25 keeps", \
                "the left world's CR4 stays; translations of its global pages may stay, too, and be used"
        movl    %ecx, %cr4
        STEP    28, CONTROL, "the entered world's CR0", \
                "CR0 gets what CR4 holds: protection and paging off"
        movl    WS_CONTEXT_CR0(%edx), %ecx
        STEP    29, CONTROL, "CR0; paging stays on, its other bits may differ", \
                "the left world's CR0 stays: write protection and FPU handling are not the entered world's"
        movl    %ecx, %cr0
        STEP    30, CONTROL, "the entered world's CR2", \
                "CR2 gets what CR0 holds"
        movl    WS_CONTEXT_CR2(%edx), %ecx
        STEP    31, CONTROL, "CR2: a page fault that this world is handling keeps its address", \
                "the left world's fault address is seen in the entered world"
        movl    %ecx, %cr2

/* -- tables and task of the entered world ------------------------------------------------------ */
        STEP    32, TABLES, "GDTR: a linear address that means something only since the CR3 write", \
                "GDTR names a GDT that is no longer mapped: the next descriptor load faults"
        lgdt    WS_CONTEXT_GDTR(%edx)
        STEP    33, TABLES, "IDTR: from here on an exception would find the entered world's handlers", \
                "IDTR names an IDT that is no longer mapped: the next exception is a triple fault"
        lidt    WS_CONTEXT_IDTR(%edx)
        STEP    34, TABLES, "ECX = where the entered world's TSS descriptor is", \
                "ECX holds the fault address: the next step writes there"
        movl    WS_CONTEXT_TSS_DESCRIPTOR(%edx), %ecx
        STEP    35, TABLES, \
                "ltr marks the TSS that it takes as busy, and refuses a marked one: the mark has to go first", \
                "ltr on a busy TSS: #GP"
        andb    $~WS_TSS_BUSY, WS_DESCRIPTOR_TYPE_BYTE(%ecx)
        STEP    36, TABLES, "LDTR: looked up in the GDT just loaded, needed before FS and GS", \
                "FS and GS are looked up in the left world's LDT, too short or not mapped: #GP or #PF"
        lldt    WS_CONTEXT_LDTR(%edx)
        STEP    37, TABLES, "TR: where the CPU finds this world's ring-0 stack when ring 3 is interrupted", \
                "TR stays: an interrupt in ring 3 looks for its stack in the left world's TSS"
        ltr     WS_CONTEXT_TR(%edx)

/* -- stack of the entered world ---------------------------------------------------------------- */
        STEP    38, STACK, "SS and ESP at once: there is a stack again, and it is the entered world's", \
                "ESP is an address of the left world: the next pop faults, with no stack for the fault"
        lss     WS_CONTEXT_ESP(%edx), %esp

/* -- registers from the entered world's stack -------------------------------------------------- */
        STEP    39, POP, "GS as this world left it, from its own GDT or LDT", \
                "FS gets the value for GS, ES that for FS, and so on, 4 bytes off: lret finds no CS, #GP"
        popl    %gs
        STEP    40, POP, "FS", \
                "ES gets the value for FS, and so on, 4 bytes off: lret finds no CS, #GP"
        popl    %fs
        STEP    41, POP, "ES", \
                "DS gets the value for ES, and so on, 4 bytes off: lret finds no CS, #GP"
        popl    %es
        STEP    42, POP, "DS", \
                "EDI gets the value for DS, and so on, 4 bytes off: lret finds no CS, #GP"
        popl    %ds
        STEP    43, POP, "the general registers; EAX and EDX were this switch's tools until now", \
                "EFLAGS gets the value for EDI; lret takes ESI's for EIP and EBP's for CS, #GP"
        popal
        STEP    44, POP, "EFLAGS with this world's own IF: it may be interrupted again", \
                "lret takes EFLAGS for EIP and EIP for CS, #GP"
        popfl

/* -- into the entered world's code ------------------------------------------------------------- */
        STEP    45, RETURN, "CS and EIP of the entered world: CS is loaded from its GDT", \
                "the CPU runs on into what follows the code, #BP; CS is still the left world's"
        lret

cross_end:
        .pushsection .ws.steps, "a", @progbits
        .long   0, cross_end, 0, 0, 0
        .popsection

/* The rest of the page: breakpoints up to the contexts, where the CPU should never be; then empty. */
        .org    WS_CROSS_CONTEXTS_OFFSET, 0xcc
        .org    WS_CROSS_BYTES, 0

        .section .note.GNU-stack, "", @progbits
