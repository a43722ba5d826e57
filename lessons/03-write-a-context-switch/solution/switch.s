/*
 * The context switch, from one process of this world to another:
 *
 *     void context_switch(struct process *from, struct process *to);
 *
 * Called in ring 0, on `from`'s kernel stack, interrupts off. It returns on
 * `to`'s kernel stack, to where `to` once called it, and `to` finds EBX, ESI,
 * EDI, EBP and ESP as it had them: a C compiler relies on that. EAX, ECX and
 * EDX may be lost.
 *
 * What the kernel knows of a process, at these offsets:
 *
 *     PROCESS_ESP     its saved stack pointer, while it does not run
 *     PROCESS_ESP0    the top of its kernel stack
 *     PROCESS_CR3     its page directory
 *
 * tss is the address of the TSS, and TSS_ESP0 the offset of ESP0 in it.
 */
        .globl  context_switch
context_switch:
        movl    4(%esp), %eax                   # from
        movl    8(%esp), %edx                   # to

/* region: save { Keep what C relies on, on the stack of `from`. */
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
/* } */

/* region: stacks { Remember the stack pointer of `from` in it, and take that of
   `to`. From here on you are on the stack of `to`. */
        movl    %esp, PROCESS_ESP(%eax)
        movl    PROCESS_ESP(%edx), %esp
/* } */

/* region: ring0 { The next interrupt in ring 3 must come to the kernel stack
   of `to`: tell the TSS. */
        movl    PROCESS_ESP0(%edx), %ecx
        movl    %ecx, tss + TSS_ESP0
/* } */

/* region: space { Make the user half of `to` appear. */
        movl    PROCESS_CR3(%edx), %ecx
        movl    %ecx, %cr3
/* } */

/* region: restore { What `to` kept on its stack comes back, in the other
   order. */
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
/* } */
        ret

/*
 * A process that never ran: make its stack look as if it had called
 * context_switch() just before `entry`.
 *
 *     void context_new(struct process *process, void (*entry)(void));
 *
 * This fits four saved registers. If you keep another number of words on the
 * stack, change it, too.
 */
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
