# the int is made on the stack; flags are kept, too
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
        pushfl
        cli
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        addl    $8, %esp
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        jne     1f
        movl    MAILBOX_ARGUMENT, %eax
        movl    $REQUEST_NONE, MAILBOX_REQUEST
        shll    $8, %eax
        orl     $0x00c300cd, %eax
        pushl   %eax
        movl    %esp, %eax
        call    *%eax
        popl    %eax
1:      popfl
        ret
