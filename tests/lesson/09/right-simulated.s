# the gate is read from the IDT, and an interrupt's frame is made by hand
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
        jne     none
        movl    $REQUEST_NONE, MAILBOX_REQUEST
        movl    MAILBOX_ARGUMENT, %eax
        subl    $8, %esp
        sidt    2(%esp)
        movl    4(%esp), %edx
        addl    $8, %esp
        leal    (%edx, %eax, 8), %edx
        movl    4(%edx), %eax
        movw    (%edx), %ax
        pushfl
        pushl   %cs
        pushl   $none
        jmp     *%eax
none:   ret
