/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world switch that ends with a jump: CS and EIP are in the context, and the way back is copied to where a far jump
 * finds it when no register is free any more.  The contexts are behind the mailbox, and the entry is behind a variable.
 */
#include <worldswitch/context.h>

#define ESP    0 /* with SS behind it, for lss */
#define SS     4
#define EIP    8 /* with CS behind it, for ljmp */
#define CS     12
#define CR0    16
#define CR2    20
#define CR3    24
#define CR4    28
#define GDTR   32
#define IDTR   38
#define LDTR   44
#define TR     46
#define TASK   48
#define BYTES  52

/* The frame. */
#define F_GENERAL  0
#define F_GS       32
#define F_FS       36
#define F_ES       40
#define F_DS       44
#define F_EFLAGS   48
#define F_BYTES    52

        .text
way_back:
        .long   0, 0

cross:
        pushfl
        cli
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        pushal
        movl    F_BYTES + WS_CROSS_ENTRY_FROM(%esp), %esi
        movl    F_BYTES + WS_CROSS_ENTRY_TO(%esp), %edi
        movl    F_BYTES + WS_CROSS_ENTRY_EIP(%esp), %eax
        movl    %eax, EIP(%esi)
        movl    F_BYTES + WS_CROSS_ENTRY_CS(%esp), %eax
        movl    %eax, CS(%esi)
        movl    %esp, ESP(%esi)
        movw    %ss, SS(%esi)
        movl    %cr0, %eax
        movl    %eax, CR0(%esi)
        movl    %cr2, %eax
        movl    %eax, CR2(%esi)
        movl    %cr4, %eax
        movl    %eax, CR4(%esi)
        sgdt    GDTR(%esi)
        sidt    IDTR(%esi)
        sldt    LDTR(%esi)
        str     TR(%esi)
        movl    %cr3, %eax
        movl    %eax, CR3(%esi)

        movl    CR3(%edi), %eax
        movl    %eax, %cr3
        movl    CR0(%edi), %eax
        movl    %eax, %cr0
        movl    CR4(%edi), %eax
        movl    %eax, %cr4
        lidt    IDTR(%edi)
        lgdt    GDTR(%edi)
        lldt    LDTR(%edi)
        movl    TASK(%edi), %eax
        andb    $~WS_TSS_BUSY, WS_DESCRIPTOR_TYPE_BYTE(%eax)
        ltr     TR(%edi)
        movl    CR2(%edi), %eax
        movl    %eax, %cr2
        movl    EIP(%edi), %eax
        movl    %eax, way_back
        movl    CS(%edi), %eax
        movl    %eax, way_back + 4
        lss     ESP(%edi), %esp
        popal
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popfl
        leal    8(%esp), %esp           # what the far call pushed
        ljmp    *%cs:way_back

        WS_FORMAT cross, 0x810, BYTES, 0, TASK, F_BYTES + 8
        WS_SLOT WS_SLOT_FRAME, WS_SLOT_IN_CONTEXT, ESP
        WS_SLOT WS_SLOT_SS, WS_SLOT_IN_CONTEXT, SS, 2
        WS_SLOT WS_SLOT_EIP, WS_SLOT_IN_CONTEXT, EIP
        WS_SLOT WS_SLOT_CS, WS_SLOT_IN_CONTEXT, CS
        WS_SLOT WS_SLOT_CR0, WS_SLOT_IN_CONTEXT, CR0
        WS_SLOT WS_SLOT_CR2, WS_SLOT_IN_CONTEXT, CR2
        WS_SLOT WS_SLOT_CR3, WS_SLOT_IN_CONTEXT, CR3
        WS_SLOT WS_SLOT_CR4, WS_SLOT_IN_CONTEXT, CR4
        WS_SLOT WS_SLOT_GDTR_LIMIT, WS_SLOT_IN_CONTEXT, GDTR, 2
        WS_SLOT WS_SLOT_GDTR_BASE, WS_SLOT_IN_CONTEXT, GDTR + 2
        WS_SLOT WS_SLOT_IDTR_LIMIT, WS_SLOT_IN_CONTEXT, IDTR, 2
        WS_SLOT WS_SLOT_IDTR_BASE, WS_SLOT_IN_CONTEXT, IDTR + 2
        WS_SLOT WS_SLOT_LDTR, WS_SLOT_IN_CONTEXT, LDTR, 2
        WS_SLOT WS_SLOT_TR, WS_SLOT_IN_CONTEXT, TR, 2
        WS_SLOT WS_SLOT_TSS_DESCRIPTOR, WS_SLOT_IN_CONTEXT, TASK
        WS_SLOT WS_SLOT_EDI, WS_SLOT_ON_STACK, F_GENERAL
        WS_SLOT WS_SLOT_ESI, WS_SLOT_ON_STACK, F_GENERAL + 4
        WS_SLOT WS_SLOT_EBP, WS_SLOT_ON_STACK, F_GENERAL + 8
        WS_SLOT WS_SLOT_EBX, WS_SLOT_ON_STACK, F_GENERAL + 16
        WS_SLOT WS_SLOT_EDX, WS_SLOT_ON_STACK, F_GENERAL + 20
        WS_SLOT WS_SLOT_ECX, WS_SLOT_ON_STACK, F_GENERAL + 24
        WS_SLOT WS_SLOT_EAX, WS_SLOT_ON_STACK, F_GENERAL + 28
        WS_SLOT WS_SLOT_GS, WS_SLOT_ON_STACK, F_GS
        WS_SLOT WS_SLOT_FS, WS_SLOT_ON_STACK, F_FS
        WS_SLOT WS_SLOT_ES, WS_SLOT_ON_STACK, F_ES
        WS_SLOT WS_SLOT_DS, WS_SLOT_ON_STACK, F_DS
        WS_SLOT WS_SLOT_EFLAGS, WS_SLOT_ON_STACK, F_EFLAGS
        WS_FORMAT_END
