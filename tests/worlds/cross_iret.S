/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world switch that keeps all registers in the context and nothing on the stack, and ends with iret.
 */
#include <worldswitch/context.h>

#define EAX    0
#define ECX    4
#define EDX    8
#define EBX    12
#define EBP    16
#define ESI    20
#define EDI    24
#define ESP    28 /* with SS behind it, for lss */
#define SS     32
#define EIP    36
#define EFLAGS 40
#define CR0    44
#define CR2    48
#define CR3    52
#define CR4    56
#define CS     60
#define DS     64
#define ES     68
#define FS     72
#define GS     76
#define GDTR   80
#define IDTR   86
#define LDTR   92
#define TR     94
#define TASK   96
#define BYTES  100

        .text
cross:
        pushfl
        cli
        pushl   %eax
        movl    16(%esp), %eax
        movl    %ecx, ECX(%eax)
        movl    %edx, EDX(%eax)
        movl    %ebx, EBX(%eax)
        movl    %ebp, EBP(%eax)
        movl    %esi, ESI(%eax)
        movl    %edi, EDI(%eax)
        popl    EAX(%eax)
        popl    EFLAGS(%eax)
        popl    EIP(%eax)
        popl    CS(%eax)
        movl    4(%esp), %ebp
        movl    %esp, ESP(%eax)
        movw    %ss, SS(%eax)
        movw    %ds, DS(%eax)
        movw    %es, ES(%eax)
        movw    %fs, FS(%eax)
        movw    %gs, GS(%eax)
        movl    %cr3, %ebx
        movl    %ebx, CR3(%eax)
        movl    %cr4, %ebx
        movl    %ebx, CR4(%eax)
        movl    %cr2, %ebx
        movl    %ebx, CR2(%eax)
        movl    %cr0, %ebx
        movl    %ebx, CR0(%eax)
        sidt    IDTR(%eax)
        sgdt    GDTR(%eax)
        str     TR(%eax)
        sldt    LDTR(%eax)

        movl    CR3(%ebp), %ebx
        movl    %ebx, %cr3
        lgdt    GDTR(%ebp)
        lidt    IDTR(%ebp)
        movl    CR4(%ebp), %ebx
        movl    %ebx, %cr4
        movl    CR2(%ebp), %ebx
        movl    %ebx, %cr2
        movl    CR0(%ebp), %ebx
        movl    %ebx, %cr0
        movl    TASK(%ebp), %esi
        andb    $~WS_TSS_BUSY, WS_DESCRIPTOR_TYPE_BYTE(%esi)
        ltr     TR(%ebp)
        lldt    LDTR(%ebp)
        lss     ESP(%ebp), %esp
        movw    GS(%ebp), %gs
        movw    FS(%ebp), %fs
        movw    ES(%ebp), %es
        pushl   EFLAGS(%ebp)
        pushl   CS(%ebp)
        pushl   EIP(%ebp)
        movl    EAX(%ebp), %eax
        movl    ECX(%ebp), %ecx
        movl    EDX(%ebp), %edx
        movl    EBX(%ebp), %ebx
        movl    ESI(%ebp), %esi
        movl    EDI(%ebp), %edi
        pushl   DS(%ebp)
        movl    EBP(%ebp), %ebp
        popl    %ds
        iret

        WS_FORMAT cross, 0x400, BYTES, 0, TASK, 0
        WS_SLOT WS_SLOT_EAX, WS_SLOT_IN_CONTEXT, EAX
        WS_SLOT WS_SLOT_ECX, WS_SLOT_IN_CONTEXT, ECX
        WS_SLOT WS_SLOT_EDX, WS_SLOT_IN_CONTEXT, EDX
        WS_SLOT WS_SLOT_EBX, WS_SLOT_IN_CONTEXT, EBX
        WS_SLOT WS_SLOT_EBP, WS_SLOT_IN_CONTEXT, EBP
        WS_SLOT WS_SLOT_ESI, WS_SLOT_IN_CONTEXT, ESI
        WS_SLOT WS_SLOT_EDI, WS_SLOT_IN_CONTEXT, EDI
        WS_SLOT WS_SLOT_ESP, WS_SLOT_IN_CONTEXT, ESP
        WS_SLOT WS_SLOT_EIP, WS_SLOT_IN_CONTEXT, EIP
        WS_SLOT WS_SLOT_EFLAGS, WS_SLOT_IN_CONTEXT, EFLAGS
        WS_SLOT WS_SLOT_CR0, WS_SLOT_IN_CONTEXT, CR0
        WS_SLOT WS_SLOT_CR2, WS_SLOT_IN_CONTEXT, CR2
        WS_SLOT WS_SLOT_CR3, WS_SLOT_IN_CONTEXT, CR3
        WS_SLOT WS_SLOT_CR4, WS_SLOT_IN_CONTEXT, CR4
        WS_SLOT WS_SLOT_CS, WS_SLOT_IN_CONTEXT, CS
        WS_SLOT WS_SLOT_DS, WS_SLOT_IN_CONTEXT, DS
        WS_SLOT WS_SLOT_ES, WS_SLOT_IN_CONTEXT, ES
        WS_SLOT WS_SLOT_FS, WS_SLOT_IN_CONTEXT, FS
        WS_SLOT WS_SLOT_GS, WS_SLOT_IN_CONTEXT, GS
        WS_SLOT WS_SLOT_SS, WS_SLOT_IN_CONTEXT, SS, 2
        WS_SLOT WS_SLOT_GDTR_LIMIT, WS_SLOT_IN_CONTEXT, GDTR, 2
        WS_SLOT WS_SLOT_GDTR_BASE, WS_SLOT_IN_CONTEXT, GDTR + 2
        WS_SLOT WS_SLOT_IDTR_LIMIT, WS_SLOT_IN_CONTEXT, IDTR, 2
        WS_SLOT WS_SLOT_IDTR_BASE, WS_SLOT_IN_CONTEXT, IDTR + 2
        WS_SLOT WS_SLOT_LDTR, WS_SLOT_IN_CONTEXT, LDTR, 2
        WS_SLOT WS_SLOT_TR, WS_SLOT_IN_CONTEXT, TR, 2
        WS_SLOT WS_SLOT_TSS_DESCRIPTOR, WS_SLOT_IN_CONTEXT, TASK
        WS_FORMAT_END
