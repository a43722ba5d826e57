/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMM without its shadow paging module: it has a virtual machine access pages, by a plan, and calls
 * the routines of shadow.s when that faults.
 *
 * The virtual machine's kernel runs in ring 1, for which pages without U/S are as for ring 0; its
 * programs run in ring 3.  The laboratory's GDT has no segments of ring 1, so this VMM has a copy of
 * it, with two more descriptors.
 *
 * The check reads and judges from outside, at the three sites, behind them, and at accessed; nothing
 * here decides anything.  A row of the plan: what to do (0: the end); the address, or the new CR3; the
 * value that is written; the ring.
 */
        .set    ROW_BYTES, 16
        .set    ROW_WRITE, 2
        .set    ROW_CR3, 3
        .set    CODE_DPL1, 0x00cfbb00           # the upper half of a descriptor: 4 GiB, accessed
        .set    DATA_DPL1, 0x00cfb300
        .weak   shadow_fault, shadow_trace, shadow_flush        # the check says so if one is not there
        .globl  start, next, page_fault, accessed, user_begin, user_end, gdt_copy
        .globl  fault_site, fault_returned, trace_site, trace_returned, flush_site, flush_returned

start:                                          # on the world's stack
        cli
        cld
        movw    %ss, %ax
        movw    %ax, %es
        movl    %esp, top
        movl    $DIRECTORY_PHYS, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x10000, %eax                  # WP: also ring 0 and 1 may not write where R/W is clear
        movl    %eax, %cr0
        subl    $8, %esp
        sgdt    (%esp)
        movl    2(%esp), %esi
        movzwl  (%esp), %ecx
        addl    $8, %ecx
        andl    $~7, %ecx                       # bytes, in whole descriptors
        movl    $gdt_copy, %edi
        leal    1(%ecx), %eax
        movl    %eax, ring1_code
        addl    $8, %eax
        movl    %eax, ring1_data
        addl    $6, %eax                        # the limit: the last byte of that descriptor
        movw    %ax, (%esp)
        shrl    $2, %ecx
        rep     movsl
        movl    $0x0000ffff, (%edi)
        movl    $CODE_DPL1, 4(%edi)
        movl    $0x0000ffff, 8(%edi)
        movl    $DATA_DPL1, 12(%edi)
        movl    $gdt_copy, 2(%esp)
        lgdt    (%esp)

next:
        movl    top, %esp
        movl    step, %ebp
        addl    $ROW_BYTES, step
        cmpl    $0, (%ebp)
        je      done
        cmpl    $ROW_CR3, (%ebp)
        je      load_cr3
        movl    ring1_code, %ecx
        movl    ring1_data, %eax
        cmpl    $1, 12(%ebp)
        je      1f
        movl    $USER_CODE, %ecx
        movl    $USER_DATA, %eax
1:      pushl   %eax
        pushl   $0                              # the virtual machine uses no stack
        pushl   $2
        pushl   %ecx
        pushl   $first_touch
        movl    4(%ebp), %edi
        movl    8(%ebp), %esi
        movl    (%ebp), %ebx
        movw    %ax, %ds
        movw    %ax, %es
        iret
done:
        cli
        hlt
        jmp     done

accessed:                                       # by a gate, or because its own handler would run now
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        jmp     next

        .macro  caller_registers
        movl    $KEPT_EBX, %ebx
        movl    $KEPT_ESI, %esi
        movl    $KEPT_EDI, %edi
        movl    $KEPT_EBP, %ebp
        .endm

load_cr3:                                       # the virtual machine has loaded its CR3
        movl    4(%ebp), %eax
        movl    %eax, vcpu + VCPU_CR3
        caller_registers
flush_site:
        call    shadow_flush
flush_returned:
        jmp     accessed

page_fault:                                     # the CPU has pushed SS, ESP, EFLAGS, CS, EIP, an error code
        pushal
        pushl   %ds
        pushl   %es
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        cld
        movl    40(%esp), %ecx
        movl    %cr2, %eax
        pushl   %ecx
        pushl   %eax
        caller_registers
fault_site:
        call    shadow_fault
fault_returned:
        addl    $8, %esp
        cmpl    $FAULT_HIDDEN, %eax
        je      again
        cmpl    $FAULT_TRACED, %eax
        jne     accessed
        pushl   12(%esp)                        # ESI: the value
        movl    %cr2, %eax
        pushl   %eax
        caller_registers
trace_site:
        call    shadow_trace
trace_returned:
        addl    $8, %esp
        addl    $2, 44(%esp)                    # behind the instruction, which was movl %esi, (%edi)
again:
        popl    %es
        popl    %ds
        popal
        addl    $4, %esp
        iret

/* A copy of this is where the virtual machine executes it, at first_touch. */
user_begin:
        testl   $ROW_WRITE, %ebx
        jnz     1f
        movl    (%edi), %eax
        int     $BACK
1:      movl    %esi, (%edi)
        int     $BACK
user_end:

        .balign 8
gdt_copy:
        .space  2048
step:   .long   first_row
top:    .long   0
ring1_code:
        .long   0
ring1_data:
        .long   0
