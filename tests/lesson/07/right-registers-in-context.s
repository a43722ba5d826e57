# SPDX-License-Identifier: GPL-2.0-or-later
# Everything is kept in the context, 80 bytes of it; of the stack only EIP and CS are used, as the far call left them.
        .globl  cross, format
cross:
        pushfl
        cli
        pushl   %ebp
        movl    16(%esp), %ebp                  # from
        movl    %eax, 0(%ebp)
        movl    %ecx, 4(%ebp)
        movl    %edx, 8(%ebp)
        movl    %ebx, 12(%ebp)
        movl    %esi, 16(%ebp)
        movl    %edi, 20(%ebp)
        popl    24(%ebp)                        # EBP
        popl    28(%ebp)                        # EFLAGS
        movl    12(%esp), %edi                  # to
        movl    %esp, 32(%ebp)
        movw    %ss, 36(%ebp)
        movw    %ds, 38(%ebp)
        movw    %es, 40(%ebp)
        movw    %fs, 42(%ebp)
        movw    %gs, 44(%ebp)
        str     46(%ebp)
        sldt    48(%ebp)
        sgdt    50(%ebp)
        sidt    56(%ebp)
        movl    %cr0, %eax
        movl    %eax, 64(%ebp)
        movl    %cr2, %eax
        movl    %eax, 68(%ebp)
        movl    %cr4, %eax
        movl    %eax, 72(%ebp)
        movl    %cr3, %eax
        movl    %eax, 76(%ebp)

        movl    76(%edi), %eax
        movl    %eax, %cr3
        movl    72(%edi), %eax
        movl    %eax, %cr4
        movl    68(%edi), %eax
        movl    %eax, %cr2
        movl    64(%edi), %eax
        movl    %eax, %cr0
        lidt    56(%edi)
        lgdt    50(%edi)
        movl    80(%edi), %eax
        btrl    $9, 4(%eax)                     # the busy bit, counted from byte 4
        ltr     46(%edi)
        lldt    48(%edi)
        movw    36(%edi), %ss
        movl    32(%edi), %esp
        movw    44(%edi), %gs
        movw    42(%edi), %fs
        movw    40(%edi), %es
        pushl   28(%edi)                        # EFLAGS, for later
        movl    0(%edi), %eax
        movl    4(%edi), %ecx
        movl    8(%edi), %edx
        movl    12(%edi), %ebx
        movl    16(%edi), %esi
        movl    24(%edi), %ebp
        movw    38(%edi), %ds
        movl    %ss:20(%edi), %edi
        popfl
        lret

format:
        .long   84, 8
        .long   EAX, IN_CONTEXT + 0, 4
        .long   ECX, IN_CONTEXT + 4, 4
        .long   EDX, IN_CONTEXT + 8, 4
        .long   EBX, IN_CONTEXT + 12, 4
        .long   ESI, IN_CONTEXT + 16, 4
        .long   EDI, IN_CONTEXT + 20, 4
        .long   EBP, IN_CONTEXT + 24, 4
        .long   EFLAGS, IN_CONTEXT + 28, 4
        .long   FRAME, IN_CONTEXT + 32, 4
        .long   SS, IN_CONTEXT + 36, 2
        .long   DS, IN_CONTEXT + 38, 2
        .long   ES, IN_CONTEXT + 40, 2
        .long   FS, IN_CONTEXT + 42, 2
        .long   GS, IN_CONTEXT + 44, 2
        .long   TR, IN_CONTEXT + 46, 2
        .long   LDTR, IN_CONTEXT + 48, 2
        .long   GDTR_LIMIT, IN_CONTEXT + 50, 2
        .long   GDTR_BASE, IN_CONTEXT + 52, 4
        .long   IDTR_LIMIT, IN_CONTEXT + 56, 2
        .long   IDTR_BASE, IN_CONTEXT + 58, 4
        .long   CR0, IN_CONTEXT + 64, 4
        .long   CR2, IN_CONTEXT + 68, 4
        .long   CR4, IN_CONTEXT + 72, 4
        .long   CR3, IN_CONTEXT + 76, 4
        .long   TSS_DESCRIPTOR, IN_CONTEXT + 80, 4
        .long   EIP, ON_STACK + 0, 4
        .long   CS, ON_STACK + 4, 4
        .long   END
