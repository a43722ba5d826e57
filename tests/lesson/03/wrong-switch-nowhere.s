# expect: context_switch is 0x00000000, and nothing of switch.s is there
        .globl  context_switch
context_switch = 0
        pushl %ebp
        movl %esp, %ebp
        pushl %ebx
        pushl %esi
        pushl %edi
        movl 8(%ebp), %eax
        movl 12(%ebp), %edx
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
