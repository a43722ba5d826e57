/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that does nothing but call the routines of paging.s, and access what they have mapped,
 * by a plan.
 *
 * The check reads and judges from outside, at returned, explained and accessed; nothing here
 * decides anything. A row of the plan: what to do; the routine and its four arguments; EBX, ESI,
 * EDI, EBP. An access: the address, the value to write, how (ACCESS_WRITE, ACCESS_USER), and
 * whether fault_explain() is asked if it faults.
 */
        .set    ROW_BYTES, 40
        .set    ACCESS_WRITE, 1
        .set    ACCESS_USER, 2
        .globl  start, next, call_site, returned, accessed, page_fault, back, frame_alloc
        .globl  user_begin, user_end, explain_site, explained, next_frame, step, faults

start:                                          # on the world's stack
        cli
        cld
        movw    %ss, %ax
        movw    %ax, %es
        movl    $DIRECTORY_PHYS, %eax
        movl    %eax, %cr3

next:
        movl    step, %eax
        cmpl    $0, (%eax)
        je      done
        addl    $ROW_BYTES, step
        cmpl    $1, (%eax)
        jne     access
        pushl   20(%eax)
        pushl   16(%eax)
        pushl   12(%eax)
        pushl   8(%eax)
        movl    24(%eax), %ebx
        movl    28(%eax), %esi
        movl    32(%eax), %edi
        movl    36(%eax), %ebp
        movl    4(%eax), %eax
call_site:
        call    *%eax
returned:
        addl    $16, %esp
        jmp     next
done:
        cli
        hlt
        jmp     done

access:
        movl    %eax, row
        movl    8(%eax), %edi
        movl    12(%eax), %esi
        movl    16(%eax), %ebx
        testl   $ACCESS_USER, %ebx
        jnz     in_ring3
        testl   $ACCESS_WRITE, %ebx
        jnz     1f
        movl    (%edi), %eax
        jmp     accessed
1:      movl    %esi, (%edi)
accessed:
        jmp     next

in_ring3:
        movl    %esp, tss + 4
        movl    $USER_DATA, %eax
        movw    %ax, %ds
        pushl   %eax
        pushl   $0
        pushl   $2
        pushl   $USER_CODE
        pushl   $first_touch
        iret

back:                                           # from ring 3, with the stack of in_ring3
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es                        # as in ring 0: ring 3 cannot have kept it
        movl    %ss:tss + 4, %esp
        movl    %ebx, %eax
        jmp     accessed

page_fault:                                     # the CPU has pushed the error code, EIP, CS, EFLAGS
        incl    %ss:faults
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es                        # as in ring 0: ring 3 cannot have kept it
        popl    %edx
        testl   $3, 4(%esp)
        jnz     1f
        addl    $12, %esp
        jmp     2f
1:      movl    tss + 4, %esp
2:      movl    %cr2, %ecx
        movl    row, %eax
        cmpl    $0, 20(%eax)
        je      accessed
        pushl   $0
        pushl   %edx
        pushl   %ecx
        pushl   $directory
        movl    24(%eax), %ebx
        movl    28(%eax), %esi
        movl    32(%eax), %edi
        movl    36(%eax), %ebp
explain_site:
        call    *4(%eax)
explained:
        addl    $16, %esp
        jmp     next

/* A copy of this is where ring 3 may execute it, at first_touch. */
user_begin:
        testl   $ACCESS_WRITE, %ebx
        jnz     1f
        movl    (%edi), %ebx
        int     $BACK
1:      movl    %esi, (%edi)
        int     $BACK
user_end:

/*
 * The physical address of a free frame, 0 if there is none.
 *
 *     uint32_t frame_alloc(void);
 */
frame_alloc:
        movl    next_frame, %edx
        movl    (%edx), %eax
        testl   %eax, %eax
        jz      1f
        addl    $4, next_frame
1:      movl    $SPOILED_ECX, %ecx
        movl    $SPOILED_EDX, %edx
        ret

step:   .long   first_row
row:    .long   0
faults: .long   0
next_frame:
        .long   first_frame
