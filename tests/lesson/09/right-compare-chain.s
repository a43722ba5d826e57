# a chain of comparisons; the request is cleared behind the handler
        .globl  vmm_entries
        .balign ENTRY_BYTES
vmm_entries:
        .set    vector, FIRST_VECTOR
        .rept   LAST_VECTOR - FIRST_VECTOR + 1
        pushl   $vector
        jmp     vmm_interrupt
        .balign ENTRY_BYTES
        .set    vector, vector + 1
        .endr
vmm_interrupt:
        pushal
        movl    32(%esp), %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        pushl   $HOST_CONTEXT
        pushl   $VMM_CONTEXT
        lcall   $VMM_CODE, $CROSS
        addl    $8, %esp
        popal
        addl    $4, %esp
        iret
        .globl  driver_run
driver_run:
        pushl   %ebx
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        popl    %eax
        popl    %eax
        movl    MAILBOX_ARGUMENT, %ebx
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        jne     2f
        .set    vector, FIRST_VECTOR
        .rept   LAST_VECTOR - FIRST_VECTOR + 1
        cmpl    $vector, %ebx
        jne     1f
        int     $vector
        jmp     cleared
1:
        .set    vector, vector + 1
        .endr
cleared:
        movl    $REQUEST_NONE, MAILBOX_REQUEST
2:      popl    %ebx
        ret
