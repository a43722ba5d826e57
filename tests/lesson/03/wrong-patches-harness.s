# expect: The code around the switch was overwritten
        .globl  context_switch, context_new
context_switch:
        movl    4(%esp), %eax
        movl    8(%esp), %edx
        movl    %esp, PROCESS_ESP(%eax)
        movl    PROCESS_ESP(%edx), %esp
        movl    PROCESS_ESP0(%edx), %ecx
        movl    %ecx, tss + TSS_ESP0
        movl    PROCESS_CR3(%edx), %ecx
        movl    %ecx, %cr3
        ret
context_new:
        movl    $0x90909090, call_site - 12
        movl    $0x90909090, call_site - 8
        movl    $0x90909090, call_site - 4
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
        movl    PROCESS_ESP0(%eax), %edx
        movl    %ecx, -4(%edx)
        leal    -4(%edx), %edx
        movl    %edx, PROCESS_ESP(%eax)
        ret
