/*
 * The world switch: leave one world, enter another.
 *
 *     void cross(context *from, context *to);          called far: lcall
 *
 * Called in ring 0, on the left world's stack, interrupts on or off. At the
 * first instruction the stack holds, from ESP upwards: EIP and CS of the
 * caller, from, to. from and to are linear addresses of two contexts in this
 * page.
 *
 * It ends in the entered world, behind the far call by which that world was
 * left. That world finds everything as it left it: general registers, EFLAGS,
 * segment registers, ESP, GDTR, IDTR, LDTR, TR, CR0, CR2, CR3, CR4. No
 * interrupt is served in between.
 *
 * This page is at the same linear address in both worlds, and nothing else is.
 * Its code may use the data that it holds. While a world runs, its context is
 * overwritten with zeros, all but TSS_DESCRIPTOR.
 */

/* Where things are in a context. This is yours: change it as you like, together
   with the table `format` below. */
        .set    CONTEXT_ESP, 0                  # with SS: a far pointer for lss
        .set    CONTEXT_SS, 4
        .set    CONTEXT_LDTR, 6
        .set    CONTEXT_CR0, 8
        .set    CONTEXT_CR2, 12
        .set    CONTEXT_CR3, 16
        .set    CONTEXT_CR4, 20
        .set    CONTEXT_TR, 24
        .set    CONTEXT_GDTR, 26                # six bytes: limit, base
        .set    CONTEXT_IDTR, 34
        .set    CONTEXT_TSS, 40                 # linear: the TSS's descriptor
        .set    CONTEXT_BYTES, 44

        .globl  cross
cross:
/* region: push { EFLAGS first, then interrupts off; then the general registers,
   DS, ES, FS and GS, in this order. */
        pushfl
        cli
        pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
/* } */

/* region: arguments { Load `from` into EAX and `to` into EDX. Count what lies
   between ESP and them. */
        movl    60(%esp), %eax
        movl    64(%esp), %edx
/* } */

/* region: tables { Save GDTR, IDTR, LDTR and TR in `from`. */
        sgdt    CONTEXT_GDTR(%eax)
        sidt    CONTEXT_IDTR(%eax)
        sldt    CONTEXT_LDTR(%eax)
        str     CONTEXT_TR(%eax)
/* } */

/* region: control { Save CR0, CR4, CR3 and CR2 in `from`, then SS and ESP. */
        movl    %cr0, %ecx
        movl    %ecx, CONTEXT_CR0(%eax)
        movl    %cr4, %ecx
        movl    %ecx, CONTEXT_CR4(%eax)
        movl    %cr3, %ecx
        movl    %ecx, CONTEXT_CR3(%eax)
        movl    %cr2, %ecx
        movl    %ecx, CONTEXT_CR2(%eax)
        movw    %ss, CONTEXT_SS(%eax)
        movl    %esp, CONTEXT_ESP(%eax)
/* } */

/* region: leave { Load the CR3 of `to`. From here on the left world is gone,
   its stack too. */
        movl    CONTEXT_CR3(%edx), %ecx
        movl    %ecx, %cr3
/* } */

/* region: enter { Load CR4, CR0 and CR2 of `to`, then GDTR and IDTR. */
        movl    CONTEXT_CR4(%edx), %ecx
        movl    %ecx, %cr4
        movl    CONTEXT_CR0(%edx), %ecx
        movl    %ecx, %cr0
        movl    CONTEXT_CR2(%edx), %ecx
        movl    %ecx, %cr2
        lgdt    CONTEXT_GDTR(%edx)
        lidt    CONTEXT_IDTR(%edx)
/* } */

/* region: task { Load LDTR and TR. ltr refuses a TSS that is busy, and that of
   `to` still is: clear bit 1 of byte 5 of its descriptor before. */
        movl    CONTEXT_TSS(%edx), %ecx
        andb    $~2, 5(%ecx)
        lldt    CONTEXT_LDTR(%edx)
        ltr     CONTEXT_TR(%edx)
/* } */

/* region: pop { Load SS and ESP at once, then take from the stack what was
   pushed there, in the other order. */
        lss     CONTEXT_ESP(%edx), %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        popfl
/* } */
        lret

/*
 * How a world is kept that does not run. From this table the laboratory makes
 * the contexts and the stacks of worlds that never ran, so that your code
 * enters them like all others.
 *
 * First two numbers: how long a context is, and how many bytes the switch pops
 * from the stack of the entered world. Then the rows: what, where, how many
 * bytes (4, or 2 for a selector). ON_STACK counts from the lowest byte of what
 * is popped. FRAME is that byte's address: what ESP is when it is loaded. If
 * you keep ESP itself instead, as it is behind the switch, write ESP.
 */
        .globl  format
format:
        .long   CONTEXT_BYTES, 60
        .long   FRAME, IN_CONTEXT + CONTEXT_ESP, 4
        .long   SS, IN_CONTEXT + CONTEXT_SS, 2
        .long   LDTR, IN_CONTEXT + CONTEXT_LDTR, 2
        .long   CR0, IN_CONTEXT + CONTEXT_CR0, 4
        .long   CR2, IN_CONTEXT + CONTEXT_CR2, 4
        .long   CR3, IN_CONTEXT + CONTEXT_CR3, 4
        .long   CR4, IN_CONTEXT + CONTEXT_CR4, 4
        .long   TR, IN_CONTEXT + CONTEXT_TR, 2
        .long   GDTR_LIMIT, IN_CONTEXT + CONTEXT_GDTR, 2
        .long   GDTR_BASE, IN_CONTEXT + CONTEXT_GDTR + 2, 4
        .long   IDTR_LIMIT, IN_CONTEXT + CONTEXT_IDTR, 2
        .long   IDTR_BASE, IN_CONTEXT + CONTEXT_IDTR + 2, 4
        .long   TSS_DESCRIPTOR, IN_CONTEXT + CONTEXT_TSS, 4
        .long   GS, ON_STACK + 0, 4
        .long   FS, ON_STACK + 4, 4
        .long   ES, ON_STACK + 8, 4
        .long   DS, ON_STACK + 12, 4
        .long   EDI, ON_STACK + 16, 4
        .long   ESI, ON_STACK + 20, 4
        .long   EBP, ON_STACK + 24, 4           # at 28: ESP; popal drops it
        .long   EBX, ON_STACK + 32, 4
        .long   EDX, ON_STACK + 36, 4
        .long   ECX, ON_STACK + 40, 4
        .long   EAX, ON_STACK + 44, 4
        .long   EFLAGS, ON_STACK + 48, 4
        .long   EIP, ON_STACK + 52, 4
        .long   CS, ON_STACK + 56, 4
        .long   END
