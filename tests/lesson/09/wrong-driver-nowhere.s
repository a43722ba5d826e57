# expect: driver_run is 0x00000000, and nothing of forward.s
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
        pushl   %ecx
        pushl   %edx
        movl    8(%esp), %ecx
        movl    %ecx, MAILBOX_ARGUMENT
        movl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        movl    $CROSS, %edx
        pushl   $HOST_CONTEXT
        pushl   $VMM_CONTEXT
        pushl   %cs
        call    *%edx
        addl    $8, %esp
        popl    %edx
        popl    %ecx
        leal    4(%esp), %esp
        iretl
        .globl  driver_run
driver_run = 0
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
        .balign 4
        .set    vector, vector + 1
        .endr
