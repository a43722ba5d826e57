# SPDX-License-Identifier: GPL-2.0-or-later
# Two routines, save and load, called before the left stack is gone and after the entered one is there. A word in the
# page itself holds the entered context meanwhile.
        .globl  cross, format
target: .long   0
cross:
        pushfl
        pushal
        cli
        movl    48(%esp), %eax
        movl    %eax, target
        movl    44(%esp), %ebx
        call    save
        movl    target, %ebx
        movl    0(%ebx), %eax
        movl    %eax, %cr3                      # no stack from here
        lgdt    20(%ebx)
        lidt    26(%ebx)
        lss     32(%ebx), %esp
        call    load
        popal
        popfl
        lret

save:
        movl    %cr3, %eax
        movl    %eax, 0(%ebx)
        movl    %cr4, %eax
        movl    %eax, 4(%ebx)
        movl    %cr0, %eax
        movl    %eax, 8(%ebx)
        movl    %cr2, %eax
        movl    %eax, 12(%ebx)
        str     %ax
        movw    %ax, 16(%ebx)
        sldt    %eax
        movw    %ax, 18(%ebx)
        sgdt    20(%ebx)
        sidt    26(%ebx)
        leal    4(%esp), %eax
        movl    %eax, 32(%ebx)
        movw    %ss, 36(%ebx)
        movw    %ds, 38(%ebx)
        movw    %es, 40(%ebx)
        movw    %fs, 42(%ebx)
        movw    %gs, 44(%ebx)
        ret

load:
        movl    4(%ebx), %eax
        movl    %eax, %cr4
        movl    8(%ebx), %eax
        movl    %eax, %cr0
        movl    12(%ebx), %eax
        movl    %eax, %cr2
        movl    48(%ebx), %eax                  # its TSS is no more busy
        andl    $0xfffffdff, 4(%eax)
        movw    16(%ebx), %ax
        ltr     %ax
        movw    18(%ebx), %ax
        lldt    %ax
        movw    44(%ebx), %gs
        movw    42(%ebx), %fs
        movw    40(%ebx), %es
        movw    38(%ebx), %ds
        ret

format:
        .long   52, 44
        .long   CR3, IN_CONTEXT + 0, 4
        .long   CR4, IN_CONTEXT + 4, 4
        .long   CR0, IN_CONTEXT + 8, 4
        .long   CR2, IN_CONTEXT + 12, 4
        .long   TR, IN_CONTEXT + 16, 2
        .long   LDTR, IN_CONTEXT + 18, 2
        .long   GDTR_LIMIT, IN_CONTEXT + 20, 2
        .long   GDTR_BASE, IN_CONTEXT + 22, 4
        .long   IDTR_LIMIT, IN_CONTEXT + 26, 2
        .long   IDTR_BASE, IN_CONTEXT + 28, 4
        .long   FRAME, IN_CONTEXT + 32, 4
        .long   SS, IN_CONTEXT + 36, 2
        .long   DS, IN_CONTEXT + 38, 2
        .long   ES, IN_CONTEXT + 40, 2
        .long   FS, IN_CONTEXT + 42, 2
        .long   GS, IN_CONTEXT + 44, 2
        .long   TSS_DESCRIPTOR, IN_CONTEXT + 48, 4
        .long   EDI, ON_STACK + 0, 4
        .long   ESI, ON_STACK + 4, 4
        .long   EBP, ON_STACK + 8, 4
        .long   EBX, ON_STACK + 16, 4
        .long   EDX, ON_STACK + 20, 4
        .long   ECX, ON_STACK + 24, 4
        .long   EAX, ON_STACK + 28, 4
        .long   EFLAGS, ON_STACK + 32, 4
        .long   EIP, ON_STACK + 36, 4
        .long   CS, ON_STACK + 40, 4
        .long   END
