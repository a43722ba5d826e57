# expect: that is still A's stack. Load ESP from PROCESS_ESP of `to`
        .globl  context_switch
context_switch:
        movl 4(%esp), %eax
        movl 8(%esp), %edx
        pushl %ebp
        pushl %ebx
        pushl %esi
        pushl %edi
        movl %esp, PROCESS_ESP(%eax)
        movl PROCESS_ESP0(%edx), %ecx
        movl %ecx, tss + TSS_ESP0
        movl PROCESS_CR3(%edx), %ecx
        movl %ecx, %cr3
        popl %edi
        popl %esi
        popl %ebx
        popl %ebp
        ret

        .globl  context_new
context_new:
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
        movl    PROCESS_ESP0(%eax), %edx
        movl    %ecx, -4(%edx)                  # where `ret` goes
        movl    $0, -8(%edx)                    # four registers
        movl    $0, -12(%edx)
        movl    $0, -16(%edx)
        movl    $0, -20(%edx)
        leal    -20(%edx), %edx
        movl    %edx, PROCESS_ESP(%eax)
        ret
