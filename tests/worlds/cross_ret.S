/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world switch that loads CS by a far return to its own next instruction, and ends with a near return.
 */
#include <worldswitch/context.h>

/* Where the built-in context has its values, they are here. */
#define BYTES WS_CROSS_CONTEXT_BYTES

/* The frame: what is pushed, then what the far call pushed. */
#define F_GENERAL 0
#define F_DS      32
#define F_ES      36
#define F_FS      40
#define F_GS      44
#define F_EFLAGS  48
#define F_EIP     52
#define F_CS      56
#define F_BYTES   60

        .text
cross:
        pushfl
        cli
        pushl   %gs
        pushl   %fs
        pushl   %es
        pushl   %ds
        pushal
        movl    52 + WS_CROSS_ENTRY_FROM(%esp), %ebx
        movl    52 + WS_CROSS_ENTRY_TO(%esp), %ebp
        movl    %esp, WS_CONTEXT_ESP(%ebx)
        movw    %ss, WS_CONTEXT_SS(%ebx)
        sldt    WS_CONTEXT_LDTR(%ebx)
        str     WS_CONTEXT_TR(%ebx)
        sidt    WS_CONTEXT_IDTR(%ebx)
        sgdt    WS_CONTEXT_GDTR(%ebx)
        movl    %cr2, %esi
        movl    %esi, WS_CONTEXT_CR2(%ebx)
        movl    %cr3, %esi
        movl    %esi, WS_CONTEXT_CR3(%ebx)
        movl    %cr4, %esi
        movl    %esi, WS_CONTEXT_CR4(%ebx)
        movl    %cr0, %esi
        movl    %esi, WS_CONTEXT_CR0(%ebx)

        movl    WS_CONTEXT_CR3(%ebp), %esi
        movl    %esi, %cr3
        movl    WS_CONTEXT_CR4(%ebp), %esi
        movl    %esi, %cr4
        lgdt    WS_CONTEXT_GDTR(%ebp)
        lss     WS_CONTEXT_ESP(%ebp), %esp
        pushl   F_CS(%esp)
        pushl   $1f
        lret
1:      movl    WS_CONTEXT_CR0(%ebp), %esi
        movl    %esi, %cr0
        movl    WS_CONTEXT_CR2(%ebp), %esi
        movl    %esi, %cr2
        movl    WS_CONTEXT_TSS_DESCRIPTOR(%ebp), %esi
        andb    $~WS_TSS_BUSY, WS_DESCRIPTOR_TYPE_BYTE(%esi)
        ltr     WS_CONTEXT_TR(%ebp)
        lidt    WS_CONTEXT_IDTR(%ebp)
        lldt    WS_CONTEXT_LDTR(%ebp)
        popal
        popl    %ds
        popl    %es
        popl    %fs
        popl    %gs
        popfl
        ret     $4                      # the rest of a far call's frame

        WS_FORMAT cross, 0x400, BYTES, 0, WS_CONTEXT_TSS_DESCRIPTOR, F_BYTES
        WS_SLOT WS_SLOT_FRAME, WS_SLOT_IN_CONTEXT, WS_CONTEXT_ESP
        WS_SLOT WS_SLOT_SS, WS_SLOT_IN_CONTEXT, WS_CONTEXT_SS, 2
        WS_SLOT WS_SLOT_CR0, WS_SLOT_IN_CONTEXT, WS_CONTEXT_CR0
        WS_SLOT WS_SLOT_CR2, WS_SLOT_IN_CONTEXT, WS_CONTEXT_CR2
        WS_SLOT WS_SLOT_CR3, WS_SLOT_IN_CONTEXT, WS_CONTEXT_CR3
        WS_SLOT WS_SLOT_CR4, WS_SLOT_IN_CONTEXT, WS_CONTEXT_CR4
        WS_SLOT WS_SLOT_GDTR_LIMIT, WS_SLOT_IN_CONTEXT, WS_CONTEXT_GDTR, 2
        WS_SLOT WS_SLOT_GDTR_BASE, WS_SLOT_IN_CONTEXT, WS_CONTEXT_GDTR + 2
        WS_SLOT WS_SLOT_IDTR_LIMIT, WS_SLOT_IN_CONTEXT, WS_CONTEXT_IDTR, 2
        WS_SLOT WS_SLOT_IDTR_BASE, WS_SLOT_IN_CONTEXT, WS_CONTEXT_IDTR + 2
        WS_SLOT WS_SLOT_LDTR, WS_SLOT_IN_CONTEXT, WS_CONTEXT_LDTR, 2
        WS_SLOT WS_SLOT_TR, WS_SLOT_IN_CONTEXT, WS_CONTEXT_TR, 2
        WS_SLOT WS_SLOT_TSS_DESCRIPTOR, WS_SLOT_IN_CONTEXT, WS_CONTEXT_TSS_DESCRIPTOR
        WS_SLOT WS_SLOT_EDI, WS_SLOT_ON_STACK, F_GENERAL
        WS_SLOT WS_SLOT_ESI, WS_SLOT_ON_STACK, F_GENERAL + 4
        WS_SLOT WS_SLOT_EBP, WS_SLOT_ON_STACK, F_GENERAL + 8
        WS_SLOT WS_SLOT_EBX, WS_SLOT_ON_STACK, F_GENERAL + 16
        WS_SLOT WS_SLOT_EDX, WS_SLOT_ON_STACK, F_GENERAL + 20
        WS_SLOT WS_SLOT_ECX, WS_SLOT_ON_STACK, F_GENERAL + 24
        WS_SLOT WS_SLOT_EAX, WS_SLOT_ON_STACK, F_GENERAL + 28
        WS_SLOT WS_SLOT_DS, WS_SLOT_ON_STACK, F_DS
        WS_SLOT WS_SLOT_ES, WS_SLOT_ON_STACK, F_ES
        WS_SLOT WS_SLOT_FS, WS_SLOT_ON_STACK, F_FS
        WS_SLOT WS_SLOT_GS, WS_SLOT_ON_STACK, F_GS
        WS_SLOT WS_SLOT_EFLAGS, WS_SLOT_ON_STACK, F_EFLAGS
        WS_SLOT WS_SLOT_EIP, WS_SLOT_ON_STACK, F_EIP
        WS_SLOT WS_SLOT_CS, WS_SLOT_ON_STACK, F_CS
        WS_FORMAT_END
