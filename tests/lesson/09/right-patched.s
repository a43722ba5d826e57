# one int, whose vector is written into the instruction
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
        pushl   %ebp
        movl    %esp, %ebp
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        leave
        movl    MAILBOX_REQUEST, %ecx
        decl    %ecx
        jnz     out
        movl    %ecx, MAILBOX_REQUEST
        movb    MAILBOX_ARGUMENT, %dl
        movb    %dl, the_int + 1
        jmp     the_int
the_int:
        int     $0
out:    ret
