# SPDX-License-Identifier: GPL-2.0-or-later
# It ends with iret: EIP, CS and EFLAGS are put in that order first.  Other registers than the starter's; the task
# register and the local table come last.
        .globl  cross, format
        .set    SAVED_CR3, 0
        .set    SAVED_CR4, 4
        .set    SAVED_CR0, 8
        .set    SAVED_CR2, 12
        .set    SAVED_ESP, 16
        .set    SAVED_SS, 20
        .set    SAVED_TR, 24
        .set    SAVED_LDTR, 28
        .set    SAVED_IDTR, 32
        .set    SAVED_GDTR, 40
        .set    SAVED_TSS, 48
cross:
        pushfl
        cli
        xchgl   %eax, 4(%esp)                   # EAX = EIP
        xchgl   %eax, 0(%esp)                   # EAX = EFLAGS, EIP is below
        xchgl   %eax, 8(%esp)                   # EAX = CS, EFLAGS is above
        xchgl   %eax, 4(%esp)                   # CS in the middle, and EAX is itself again
        pushl   %eax
        pushl   %ebx
        pushl   %ecx
        pushl   %edx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        pushl   %gs
        pushl   %fs
        pushl   %es
        pushl   %ds
        movl    56(%esp), %esi
        movl    60(%esp), %edi
        movl    %cr0, %ebx
        movl    %ebx, SAVED_CR0(%esi)
        movl    %cr2, %ebx
        movl    %ebx, SAVED_CR2(%esi)
        movl    %cr3, %ebx
        movl    %ebx, SAVED_CR3(%esi)
        movl    %cr4, %ebx
        movl    %ebx, SAVED_CR4(%esi)
        sgdt    SAVED_GDTR(%esi)
        sidt    SAVED_IDTR(%esi)
        str     SAVED_TR(%esi)
        sldt    SAVED_LDTR(%esi)
        movl    %esp, SAVED_ESP(%esi)
        movl    %ss, %ebx
        movl    %ebx, SAVED_SS(%esi)

        movl    SAVED_CR3(%edi), %ebx
        movl    %ebx, %cr3
        movl    SAVED_CR4(%edi), %ebx
        movl    %ebx, %cr4
        movl    SAVED_CR0(%edi), %ebx
        movl    %ebx, %cr0
        movl    SAVED_CR2(%edi), %ebx
        movl    %ebx, %cr2
        lidt    SAVED_IDTR(%edi)
        lgdt    SAVED_GDTR(%edi)
        lss     SAVED_ESP(%edi), %esp
        movl    SAVED_TSS(%edi), %ebx
        movb    5(%ebx), %al
        andb    $0xfd, %al
        movb    %al, 5(%ebx)
        ltr     SAVED_TR(%edi)
        lldt    SAVED_LDTR(%edi)
        popl    %ds
        popl    %es
        popl    %fs
        popl    %gs
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %edx
        popl    %ecx
        popl    %ebx
        popl    %eax
        iret

format:
        .long   52, 56
        .long   CR3, IN_CONTEXT + SAVED_CR3, 4
        .long   CR4, IN_CONTEXT + SAVED_CR4, 4
        .long   CR0, IN_CONTEXT + SAVED_CR0, 4
        .long   CR2, IN_CONTEXT + SAVED_CR2, 4
        .long   FRAME, IN_CONTEXT + SAVED_ESP, 4
        .long   SS, IN_CONTEXT + SAVED_SS, 4
        .long   TR, IN_CONTEXT + SAVED_TR, 2
        .long   LDTR, IN_CONTEXT + SAVED_LDTR, 2
        .long   IDTR_LIMIT, IN_CONTEXT + SAVED_IDTR, 2
        .long   IDTR_BASE, IN_CONTEXT + SAVED_IDTR + 2, 4
        .long   GDTR_LIMIT, IN_CONTEXT + SAVED_GDTR, 2
        .long   GDTR_BASE, IN_CONTEXT + SAVED_GDTR + 2, 4
        .long   TSS_DESCRIPTOR, IN_CONTEXT + SAVED_TSS, 4
        .long   DS, ON_STACK + 0, 4
        .long   ES, ON_STACK + 4, 4
        .long   FS, ON_STACK + 8, 4
        .long   GS, ON_STACK + 12, 4
        .long   EBP, ON_STACK + 16, 4
        .long   EDI, ON_STACK + 20, 4
        .long   ESI, ON_STACK + 24, 4
        .long   EDX, ON_STACK + 28, 4
        .long   ECX, ON_STACK + 32, 4
        .long   EBX, ON_STACK + 36, 4
        .long   EAX, ON_STACK + 40, 4
        .long   EIP, ON_STACK + 44, 4
        .long   CS, ON_STACK + 48, 4
        .long   EFLAGS, ON_STACK + 52, 4
        .long   END
