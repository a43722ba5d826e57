# expect: entry_divide pushes too much, or goes on into the entry
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
entry_divide:
        pushl   $0
        pushl   $0
entry_protection:
        pushl   $13
        jmp     entry_common
entry_page:
        pushl   $14
        jmp     entry_common
entry_call:
        pushl   $0
        pushl   $CALL_VECTOR
        jmp     entry_common
entry_common:
        pushal
        pushl   %ds
        pushl   %es
        movl    %esp, %ecx
        movl    $KERNEL_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        cld
        pushl   %ecx
        call    handle
        addl    $4, %esp
        popl    %es
        popl    %ds
        popal
        addl    $8, %esp
        iret
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
