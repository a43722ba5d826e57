/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel, and a program in ring 3, that do nothing but let traps happen, by a plan.
 *
 * The check reads and judges from outside, at gate_returned, stack_returned, gates_done, handle,
 * the labels ..._back, and where ring 3 begins; nothing here decides anything. It has written, at
 * `given`, the addresses of the routines of gates.s and what to do with them.  What is between
 * ..._supplied and ..._supplied_end does the work of a routine that is left out; where none is, the
 * check has filled it with hlt.
 */
        .set    GATE_SET, given                 # addresses; 0: this part is left out
        .set    STACK_SET, given + 4
        .set    GATE_TABLE, given + 8
        .set    USER_ENTER, given + 12
        .set    STACK_TOP, given + 16
        .set    USER_EIP, given + 20
        .set    USER_ESP, given + 24
        .set    CALLER, given + 28              # EBX, ESI, EDI, EBP at calls
        .set    IDT_POINTER, given + 44
        .globl  start, gate_returned, stack_returned, gates_done, handle
        .globl  step_gate, step_result, step_kernel
        .globl  stack_supplied, stack_supplied_end, enter_supplied, enter_supplied_end
        .globl  gate_next, kernel_next, kernel_done, user_done, other, user_begin, user_end

        .macro  CALLER_REGISTERS
        movl    CALLER, %ebx
        movl    CALLER + 4, %esi
        movl    CALLER + 8, %edi
        movl    CALLER + 12, %ebp
        .endm

start:                                          # on the world's stack
        cli
        cld
        movl    $0x0badbad0, tss + 4            # nobody has said yet where ring 0's stack is
        movl    $0, tss + 8

gate_next:                                      # gates of a table that is not the IDT
        movl    step_gate, %eax
        cmpl    $0, (%eax)
        je      stack
        addl    $16, step_gate
        pushl   12(%eax)
        pushl   8(%eax)
        pushl   4(%eax)
        pushl   (%eax)
        CALLER_REGISTERS
        call    *GATE_SET
gate_returned:
        addl    $16, %esp
        jmp     gate_next

stack:
        movl    STACK_TOP, %eax
        cmpl    $0, STACK_SET
        je      1f
        pushl   %eax
        CALLER_REGISTERS
        call    *STACK_SET
stack_returned:
        addl    $4, %esp
        jmp     2f
stack_supplied:
1:      movl    %eax, tss + 4
        movl    $KERNEL_DATA, tss + 8
stack_supplied_end:

2:      movl    GATE_TABLE, %esi
        testl   %esi, %esi
        jz      gates_done
        movl    $TABLE_ROWS, %edi
1:      cmpl    $-1, (%esi)
        je      gates_done
        pushl   8(%esi)
        pushl   4(%esi)
        pushl   (%esi)
        pushl   $idt
        call    *GATE_SET
        addl    $16, %esp
        addl    $12, %esi
        decl    %edi
        jnz     1b
gates_done:
        lidt    IDT_POINTER
        jmp     kernel_next

/* A place where a trap comes; behind it, the next row. */
        .macro  TRAP ring, name, instruction:vararg
        .globl  \ring\()_\name, \ring\()_\name\()_back
\ring\()_\name:
        \instruction
\ring\()_\name\()_back:
        jmp     \ring\()_next
        .endm

/* A row of traps: where, EFLAGS, DS, ES, EAX, EBX, ECX, EDX, ESI, EDI, EBP, ESP. */
        .macro  TRAPS ring, data, step
\ring\()_next:
        movl    $\data, %eax
        movw    %ax, %ds
        movl    \step, %eax
        addl    $48, \step
        movl    44(%eax), %esp
        pushl   (%eax)
        pushl   4(%eax)
        pushl   8(%eax)
        movw    12(%eax), %es
        movl    20(%eax), %ebx
        movl    24(%eax), %ecx
        movl    28(%eax), %edx
        movl    32(%eax), %esi
        movl    36(%eax), %edi
        movl    40(%eax), %ebp
        movl    16(%eax), %eax
        popl    %ds
        popfl
        ret
        TRAP    \ring, call, int $CALL_VECTOR
        TRAP    \ring, divide, aam $0
        TRAP    \ring, read, orl %ss:NOWHERE, %eax
        TRAP    \ring, write, movl %ebx, %ss:NOWHERE
        TRAP    \ring, kernel, movl %ebx, %ss:idt
        TRAP    \ring, halt, hlt
        TRAP    \ring, int0, int $0
        TRAP    \ring, int13, int $13
        TRAP    \ring, int14, int $14
        TRAP    \ring, beyond, int $0xf0        # the IDT is not that long
        .endm

        TRAPS   kernel, KERNEL_DATA, step_kernel

kernel_done:
        movl    $KERNEL_DATA, %eax
        movw    %ax, %ds
        movw    %ax, %es
        cmpl    $0, USER_ENTER
        je      1f
        pushl   USER_ESP
        pushl   USER_EIP
        CALLER_REGISTERS
        call    *USER_ENTER
        hlt
enter_supplied:
1:      movl    $USER_DATA, %eax
        pushl   %eax
        pushl   USER_ESP
        pushl   $0x202
        pushl   $USER_CODE
        pushl   USER_EIP
        movw    %ax, %ds
        movw    %ax, %es
        iret
enter_supplied_end:

other:                                          # any other vector
        cli
        hlt
        jmp     other

/*
 * What a kernel does about a trap: here, what the plan says. It adds to EIP in the frame, so that a
 * fault does not come again, and changes EAX in the frame. As any C function, it loses EAX, ECX and
 * EDX.
 *
 *     void handle(struct frame *frame);
 */
handle:
        movl    4(%esp), %eax
        movl    step_result, %edx
        movl    (%edx), %ecx
        addl    %ecx, 48(%eax)
        movl    4(%edx), %ecx
        movl    %ecx, 36(%eax)
        addl    $8, step_result
        movl    $0x5eed0001, %eax
        movl    $0x5eed0002, %ecx
        movl    $0x5eed0003, %edx
        stc
        ret

step_gate:
        .long   first_gate
step_result:
        .long   first_result
step_kernel:
        .long   first_kernel

/* A copy of this is where ring 3 may execute it. */
user_begin:
        TRAPS   user, USER_DATA, step_user
user_done:
        jmp     user_done
user_end:
