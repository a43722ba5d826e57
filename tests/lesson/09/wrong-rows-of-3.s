# expect: does each row have 4 bytes
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
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        addl    $8, %esp
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        jne     driver_done
        movl    MAILBOX_ARGUMENT, %eax
        movl    $REQUEST_NONE, MAILBOX_REQUEST
        subl    $FIRST_VECTOR, %eax
        leal    int_table(, %eax, 4), %eax
        call    *%eax
driver_done:
        ret
        .balign 4
int_table:
        .set    vector, FIRST_VECTOR
        .rept   LAST_VECTOR - FIRST_VECTOR + 1
        int     $vector
        ret
        .set    vector, vector + 1
        .endr
