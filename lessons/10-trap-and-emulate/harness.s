/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMM without its most important part: it starts small programs of a virtual machine, by a plan,
 * and has the entry of #GP, which calls emulate().
 *
 * The check reads and judges from outside, at call_site, returned and finished; nothing here decides
 * anything.  A row of the plan: EIP (0: the end), EFLAGS, ESP; then EDI to EAX, as popal has them; then
 * the virtual CPU as it is at the beginning.
 */
        .set    ROW_BYTES, 12 + 32 + VCPU_BYTES
        .weak   emulate, answer_popf            # the check says so if one is not there
        .globl  start, next, protection, call_site, returned, finished, step

start:                                          # on the world's stack
        movl    %esp, top
next:
        movl    step, %ebp
        addl    $ROW_BYTES, step
        cmpl    $0, (%ebp)
        je      done
        leal    44(%ebp), %esi
        movl    $vcpu, %edi
        movl    $VCPU_BYTES / 4, %ecx
        rep     movsl
        pushl   $USER_DATA
        pushl   8(%ebp)
        pushl   4(%ebp)
        pushl   $USER_CODE
        pushl   (%ebp)
        leal    12(%ebp), %esi
        subl    $32, %esp
        movl    %esp, %edi
        movl    $8, %ecx
        rep     movsl
        movl    $USER_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        popal
        iret
done:
        cli
        hlt
        jmp     done

finished:                                       # by the gate that ends a program
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movl    top, %esp
        jmp     next

protection:                                     # #GP: the CPU has pushed SS, ESP, EFLAGS, CS, EIP, an error code
        pushal
        pushl   %ds
        pushl   %es
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        cld
        movl    $KEPT_EBX, %ebx
        movl    $KEPT_ESI, %esi
        movl    $KEPT_EDI, %edi
        movl    $KEPT_EBP, %ebp
        pushl   %esp
call_site:
        call    emulate
returned:
        addl    $4, %esp
        movl    $REQUEST_NONE, MAILBOX_REQUEST  # here the VMM would switch to the host
        popl    %es
        popl    %ds
        popal
        addl    $4, %esp
        iret

step:   .long   first_row
top:    .long   0
