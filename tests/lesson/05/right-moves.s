# no pushal, no jump: a macro makes each entry whole
        .globl  gate_set, ring0_stack_set, gate_table, user_enter
        .globl  entry_divide, entry_protection, entry_page, entry_call
gate_set:
        movl    4(%esp), %eax
        movl    8(%esp), %edx
        movl    12(%esp), %ecx
        leal    (%eax,%edx,8), %eax
        movw    %cx, (%eax)
        movw    $KERNEL_CODE, 2(%eax)
        movb    $0, 4(%eax)
        movl    16(%esp), %edx
        shll    $5, %edx
        orl     $0x8e, %edx
        movb    %dl, 5(%eax)
        shrl    $16, %ecx
        movw    %cx, 6(%eax)
        ret
ring0_stack_set:
        movl    4(%esp), %eax
        movl    %eax, tss + TSS_ESP0
        movl    $KERNEL_DATA, tss + TSS_SS0
        ret
gate_table:
        .long   0, entry_divide, 0
        .long   13, entry_protection, 0
        .long   14, entry_page, 0
        .long   CALL_VECTOR, entry_call, 3
        .long   -1
        .macro  come vector
        pushl $ \vector
        subl $40, %esp
        movl %eax, 36(%esp)
        movl %ecx, 32(%esp)
        movl %edx, 28(%esp)
        movl %ebx, 24(%esp)
        movl %ebp, 16(%esp)
        movl %esi, 12(%esp)
        movl %edi, 8(%esp)
        movl %ds, %eax
        movl %eax, 4(%esp)
        movl %es, %eax
        movl %eax, (%esp)
        pushl %ss
        popl %ds
        pushl %ss
        popl %es
        cld
        pushl %esp
        call handle
        popl %eax
        movl (%esp), %eax
        movl %eax, %es
        movl 4(%esp), %eax
        movl %eax, %ds
        movl 8(%esp), %edi
        movl 12(%esp), %esi
        movl 16(%esp), %ebp
        movl 24(%esp), %ebx
        movl 28(%esp), %edx
        movl 32(%esp), %ecx
        movl 36(%esp), %eax
        leal 48(%esp), %esp
        iret
        .endm
entry_divide:
        pushl $0
        come 0
entry_protection:
        come 13
entry_page:
        come 14
entry_call:
        pushl $0
        come CALL_VECTOR
user_enter:
        movl    4(%esp), %ecx
        movl    8(%esp), %edx
        movl    $USER_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        pushl   %eax
        pushl   %edx
        pushl   $0x202
        pushl   $USER_CODE
        pushl   %ecx
        iret
