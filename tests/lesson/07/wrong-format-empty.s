# expect: `format` has no rows
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
cross:
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
        .long   END
