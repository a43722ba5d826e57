# expect: driver_run[(][)] returned, and the VMM was never entered
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
        .globl driver_run
driver_run:
        ret
