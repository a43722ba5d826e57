# the driver keeps all registers; the VMM keeps flags and selectors, in another order
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
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %eax
        pushl   %ebx
        pushl   %ecx
        pushl   %edx
        pushl   %esi
        pushl   %edi
        cld
        movl    20(%ebp), %edi
        movl    $MAILBOX_ARGUMENT, %esi
        movl    %edi, (%esi)
        movl    $REQUEST_INTERRUPT, -4(%esi)
        pushl   $HOST_CONTEXT
        pushl   $VMM_CONTEXT
        lcall   $VMM_CODE, $CROSS
        popl    %edi
        popl    %edi
        popl    %edi
        popl    %esi
        popl    %edx
        popl    %ecx
        popl    %ebx
        popl    %eax
        popl    %ebp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        addl    $4, %esp
        iret
        .globl  driver_run
driver_run:
        pushal
        movl    $2, %ebx
        pushl   $VMM_CONTEXT
        pushl   $HOST_CONTEXT
        lcall   $HOST_CODE, $CROSS
        addl    $8, %esp
        cmpl    $REQUEST_INTERRUPT, MAILBOX_REQUEST
        jne     1f
        andl    $0, MAILBOX_REQUEST
        movl    MAILBOX_ARGUMENT, %esi
        lea     int_table - 4 * FIRST_VECTOR(, %esi, 4), %ebp
        call    *%ebp
1:      popal
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
