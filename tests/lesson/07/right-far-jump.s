# SPDX-License-Identifier: GPL-2.0-or-later
# It ends with a far jump: EIP and CS are kept in the context, the stack is left as the caller has it.
        .globl  cross, format
cross:
        pushl   %ebx                            # below the far call's frame
        movl    12(%esp), %ebx                  # from
        pushfl
        cli
        popl    60(%ebx)                        # EFLAGS
        popl    64(%ebx)                        # EBX
        popl    68(%ebx)                        # EIP
        popl    72(%ebx)                        # CS
        movl    %eax, 76(%ebx)
        movl    %ecx, 80(%ebx)
        movl    %edx, 84(%ebx)
        movl    %esi, 88(%ebx)
        movl    %edi, 92(%ebx)
        movl    %ebp, 96(%ebx)
        movl    4(%esp), %edx                   # to
        movl    %esp, 0(%ebx)
        movw    %ss, 4(%ebx)
        movw    %ds, 6(%ebx)
        movw    %es, 8(%ebx)
        movw    %fs, 10(%ebx)
        movw    %gs, 12(%ebx)
        str     14(%ebx)
        sldt    16(%ebx)
        sgdt    18(%ebx)
        sidt    24(%ebx)
        movl    %cr0, %eax
        movl    %eax, 32(%ebx)
        movl    %cr2, %eax
        movl    %eax, 36(%ebx)
        movl    %cr3, %eax
        movl    %eax, 40(%ebx)
        movl    %cr4, %eax
        movl    %eax, 44(%ebx)

        movl    %edx, %ebx
        lidt    24(%ebx)
        lgdt    18(%ebx)
        movl    40(%ebx), %eax
        movl    %eax, %cr3
        movl    44(%ebx), %eax
        movl    %eax, %cr4
        movl    36(%ebx), %eax
        movl    %eax, %cr2
        movl    48(%ebx), %ecx
        andb    $0xfd, 5(%ecx)
        ltr     14(%ebx)
        movl    32(%ebx), %eax
        movl    %eax, %cr0                      # behind ltr: TS is the world's own again
        lldt    16(%ebx)
        movw    4(%ebx), %ax
        movw    %ax, %ss
        movl    0(%ebx), %esp
        movl    68(%ebx), %eax
        movl    %eax, home
        movl    72(%ebx), %eax
        movl    %eax, home + 4
        movw    8(%ebx), %es
        movw    10(%ebx), %fs
        movw    12(%ebx), %gs
        movl    80(%ebx), %ecx
        movl    84(%ebx), %edx
        movl    88(%ebx), %esi
        movl    92(%ebx), %edi
        movl    96(%ebx), %ebp
        pushl   60(%ebx)
        movl    76(%ebx), %eax
        movw    6(%ebx), %ds
        movl    %ss:64(%ebx), %ebx
        popfl                                   # interrupts are on, and one instruction is left
        ljmp    *%cs:home
home:   .long   0, 0

format:
        .long   100, 0
        .long   ESP, IN_CONTEXT + 0, 4
        .long   SS, IN_CONTEXT + 4, 2
        .long   DS, IN_CONTEXT + 6, 2
        .long   ES, IN_CONTEXT + 8, 2
        .long   FS, IN_CONTEXT + 10, 2
        .long   GS, IN_CONTEXT + 12, 2
        .long   TR, IN_CONTEXT + 14, 2
        .long   LDTR, IN_CONTEXT + 16, 2
        .long   GDTR_LIMIT, IN_CONTEXT + 18, 2
        .long   GDTR_BASE, IN_CONTEXT + 20, 4
        .long   IDTR_LIMIT, IN_CONTEXT + 24, 2
        .long   IDTR_BASE, IN_CONTEXT + 26, 4
        .long   CR0, IN_CONTEXT + 32, 4
        .long   CR2, IN_CONTEXT + 36, 4
        .long   CR3, IN_CONTEXT + 40, 4
        .long   CR4, IN_CONTEXT + 44, 4
        .long   TSS_DESCRIPTOR, IN_CONTEXT + 48, 4
        .long   EFLAGS, IN_CONTEXT + 60, 4
        .long   EBX, IN_CONTEXT + 64, 4
        .long   EIP, IN_CONTEXT + 68, 4
        .long   CS, IN_CONTEXT + 72, 4
        .long   EAX, IN_CONTEXT + 76, 4
        .long   ECX, IN_CONTEXT + 80, 4
        .long   EDX, IN_CONTEXT + 84, 4
        .long   ESI, IN_CONTEXT + 88, 4
        .long   EDI, IN_CONTEXT + 92, 4
        .long   EBP, IN_CONTEXT + 96, 4
        .long   END
