# the five words by moves; the gate by stosw
        .globl  gate_set, ring0_stack_set, gate_table, user_enter
        .globl  entry_divide, entry_protection, entry_page, entry_call
gate_set:
        pushl %edi
        pushl %ebx
        movl 12(%esp), %edi
        movl 16(%esp), %ecx
        leal (%edi,%ecx,8), %edi
        movl 20(%esp), %ebx
        movl %ebx, %eax
        stosw
        movl $KERNEL_CODE, %eax
        stosw
        movl 24(%esp), %eax
        shll $13, %eax
        addl $0x8e00, %eax
        stosw
        shrl $16, %ebx
        movl %ebx, %eax
        stosw
        popl %ebx
        popl %edi
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
        jmp     entry_common
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
        movl $USER_DATA, %eax
        movl %eax, %ds
        movl %eax, %es
        movl 4(%esp), %ecx
        movl 8(%esp), %edx
        subl $20, %esp
        movl %ecx, (%esp)
        movl $USER_CODE, 4(%esp)
        movl $0x202, 8(%esp)
        movl %edx, 12(%esp)
        movl %eax, 16(%esp)
        iret
