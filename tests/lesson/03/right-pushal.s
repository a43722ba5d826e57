# pushal
        .globl  context_switch
context_switch:
        pushal
        movl 36(%esp), %eax
        movl 40(%esp), %edx
        movl %esp, PROCESS_ESP(%eax)
        movl PROCESS_ESP(%edx), %esp
        movl PROCESS_ESP0(%edx), %ecx
        movl %ecx, tss + TSS_ESP0
        movl PROCESS_CR3(%edx), %ecx
        movl %ecx, %cr3
        popal
        ret

        .globl  context_new
context_new:
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
        movl    PROCESS_ESP0(%eax), %edx
        movl    %ecx, -4(%edx)
        movl    $0, -8(%edx)
        movl    $0, -12(%edx)
        movl    $0, -16(%edx)
        movl    $0, -20(%edx)
        movl    $0, -24(%edx)
        movl    $0, -28(%edx)
        movl    $0, -32(%edx)
        movl    $0, -36(%edx)
        subl    $36, %edx
        movl    %edx, PROCESS_ESP(%eax)
        ret
