# the VMM takes its request back itself, and keeps registers and selectors in words of its own
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
        popl    the_vector
        movl    %eax, the_eax
        movl    %gs, %eax
        movl    %eax, the_gs
        movl    the_vector, %eax
        movl    %eax, MAILBOX_ARGUMENT
        movl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        pushl   $HOST_CONTEXT
        pushl   $VMM_CONTEXT
        lcall   $VMM_CODE, $CROSS
        movl    $REQUEST_NONE, MAILBOX_REQUEST
        addl    $8, %esp
        movl    the_gs, %eax
        movl    %eax, %gs
        movl    the_eax, %eax
        iret
        .balign 4
the_vector:     .long 0
the_eax:        .long 0
the_gs:         .long 0
        .globl  driver_run
driver_run:
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        addl    $8, %esp
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        jne     driver_done
        movl    MAILBOX_ARGUMENT, %eax
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
