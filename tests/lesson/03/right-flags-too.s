# flags too
        .globl  context_switch
context_switch:
        pushfl
        pushl %ebp
        pushl %ebx
        pushl %esi
        pushl %edi
        movl 24(%esp), %eax
        movl 28(%esp), %edx
        movl %esp, PROCESS_ESP(%eax)
        movl PROCESS_ESP(%edx), %esp
        movl PROCESS_CR3(%edx), %ecx
        movl %ecx, %cr3
        movl PROCESS_ESP0(%edx), %ecx
        movl %ecx, tss + TSS_ESP0
        popl %edi
        popl %esi
        popl %ebx
        popl %ebp
        popfl
        ret

        .globl  context_new
context_new:
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
        movl    PROCESS_ESP0(%eax), %edx
        movl    %ecx, -4(%edx)
        movl    $2, -8(%edx)
        movl    $0, -12(%edx)
        movl    $0, -16(%edx)
        movl    $0, -20(%edx)
        movl    $0, -24(%edx)
        subl    $24, %edx
        movl    %edx, PROCESS_ESP(%eax)
        ret
