# the driver clears the mailbox before it enters the VMM; a table of 256 rows, entered by ret
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
        movl    $REQUEST_NONE, MAILBOX_REQUEST
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        addl    $8, %esp
        movl    MAILBOX_REQUEST, %ecx
        cmpl    $REQUEST_INTERRUPT, %ecx
        je      1f
        ret
1:      movzbl  MAILBOX_ARGUMENT, %ecx
        leal    int_table(, %ecx, 4), %ecx
        pushl   %ecx
        ret
        .balign 4
int_table:
        .set    vector, 0
        .rept   256
        int     $vector
        ret
        .balign 4
        .set    vector, vector + 1
        .endr
