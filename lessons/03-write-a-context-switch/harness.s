/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three processes that do nothing but switch, by a plan. All run this code; each has a stack of its
 * own.
 *
 * The check reads and judges from outside, at call_site, returned and body; nothing here decides
 * anything. first_process, first_plan: where the check put both. A row of the plan: from, to, EBX,
 * ESI, EDI, EBP, and how much deeper than at its beginning the stack is.
 */
        .set    PLAN_BYTES, 28
        .globl  start, body, call_site, returned, done
        .weak   context_switch, context_new     # the check says so if one is not there

start:                                          # on the world's stack; process 0 is the first
        cli
        cld
        .irp    number, 1, 2
        pushl   $body
        pushl   $first_process + \number * PROCESS_BYTES
        call    context_new
        addl    $8, %esp
        .endr
        movl    $first_process, %eax            # process 0 runs already, like this
        movl    PROCESS_CR3(%eax), %ecx
        movl    %ecx, %cr3
        movl    PROCESS_ESP0(%eax), %esp
        movl    %esp, tss + TSS_ESP0

body:                                           # where each process begins
        movl    step, %eax
        cmpl    $0, (%eax)
        je      done
        addl    $PLAN_BYTES, step
        movl    %esp, %ecx
        subl    24(%eax), %esp
        pushl   %ecx
        pushl   4(%eax)                         # to
        pushl   (%eax)                          # from
        movl    8(%eax), %ebx
        movl    12(%eax), %esi
        movl    16(%eax), %edi
        movl    20(%eax), %ebp
call_site:
        call    context_switch
returned:
        addl    $8, %esp
        popl    %esp
        jmp     body
done:
        cli
        hlt
        jmp     done

step:   .long   first_plan
