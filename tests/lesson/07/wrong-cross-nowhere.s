# expect: cross is 0xffffffff, and nothing of switch.s is there
# SPDX-License-Identifier: GPL-2.0-or-later
/* Where things are in a context. This is yours: change it as you like, together with the table `format` below. */
        .set    CONTEXT_ESP, 0                  # ESP and SS together are a far pointer, as lss loads it
        .set    CONTEXT_SS, 4
        .set    CONTEXT_LDTR, 6
        .set    CONTEXT_CR0, 8
        .set    CONTEXT_CR2, 12
        .set    CONTEXT_CR3, 16
        .set    CONTEXT_CR4, 20
        .set    CONTEXT_TR, 24
        .set    CONTEXT_GDTR, 26                # six bytes: limit, base
        .set    CONTEXT_IDTR, 34
        .set    CONTEXT_TSS, 40                 # where the descriptor of this world's TSS is: linear, in that world
        .set    CONTEXT_BYTES, 44

        .globl  cross
cross = 0xffffffff
        pushfl
        cli
        pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs

        movl    60(%esp), %eax
        movl    64(%esp), %edx

        sgdt    CONTEXT_GDTR(%eax)
        sidt    CONTEXT_IDTR(%eax)
        sldt    CONTEXT_LDTR(%eax)
        str     CONTEXT_TR(%eax)

        movl    %cr0, %ecx
        movl    %ecx, CONTEXT_CR0(%eax)
        movl    %cr4, %ecx
        movl    %ecx, CONTEXT_CR4(%eax)
        movl    %cr3, %ecx
        movl    %ecx, CONTEXT_CR3(%eax)
        movl    %cr2, %ecx
        movl    %ecx, CONTEXT_CR2(%eax)
        movw    %ss, CONTEXT_SS(%eax)
        movl    %esp, CONTEXT_ESP(%eax)

        movl    CONTEXT_CR3(%edx), %ecx
        movl    %ecx, %cr3

        movl    CONTEXT_CR4(%edx), %ecx
        movl    %ecx, %cr4
        movl    CONTEXT_CR0(%edx), %ecx
        movl    %ecx, %cr0
        movl    CONTEXT_CR2(%edx), %ecx
        movl    %ecx, %cr2
        lgdt    CONTEXT_GDTR(%edx)
        lidt    CONTEXT_IDTR(%edx)

        movl    CONTEXT_TSS(%edx), %ecx
        andb    $~2, 5(%ecx)
        lldt    CONTEXT_LDTR(%edx)
        ltr     CONTEXT_TR(%edx)

        lss     CONTEXT_ESP(%edx), %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        popfl
        lret

        .globl  format
format:
        .long   CONTEXT_BYTES, 60
        .long   FRAME, IN_CONTEXT + CONTEXT_ESP, 4
        .long   SS, IN_CONTEXT + CONTEXT_SS, 2
        .long   LDTR, IN_CONTEXT + CONTEXT_LDTR, 2
        .long   CR0, IN_CONTEXT + CONTEXT_CR0, 4
        .long   CR2, IN_CONTEXT + CONTEXT_CR2, 4
        .long   CR3, IN_CONTEXT + CONTEXT_CR3, 4
        .long   CR4, IN_CONTEXT + CONTEXT_CR4, 4
        .long   TR, IN_CONTEXT + CONTEXT_TR, 2
        .long   GDTR_LIMIT, IN_CONTEXT + CONTEXT_GDTR, 2
        .long   GDTR_BASE, IN_CONTEXT + CONTEXT_GDTR + 2, 4
        .long   IDTR_LIMIT, IN_CONTEXT + CONTEXT_IDTR, 2
        .long   IDTR_BASE, IN_CONTEXT + CONTEXT_IDTR + 2, 4
        .long   TSS_DESCRIPTOR, IN_CONTEXT + CONTEXT_TSS, 4
        .long   GS, ON_STACK + 0, 4
        .long   FS, ON_STACK + 4, 4
        .long   ES, ON_STACK + 8, 4
        .long   DS, ON_STACK + 12, 4
        .long   EDI, ON_STACK + 16, 4
        .long   ESI, ON_STACK + 20, 4
        .long   EBP, ON_STACK + 24, 4           # at 28: ESP, which popal throws away
        .long   EBX, ON_STACK + 32, 4
        .long   EDX, ON_STACK + 36, 4
        .long   ECX, ON_STACK + 40, 4
        .long   EAX, ON_STACK + 44, 4
        .long   EFLAGS, ON_STACK + 48, 4
        .long   EIP, ON_STACK + 52, 4
        .long   CS, ON_STACK + 56, 4
        .long   END
