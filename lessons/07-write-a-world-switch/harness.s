/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world that does nothing but call the switch, by a plan.  Each world has a copy of this, in its
 * own kernel half.
 *
 * The check reads and judges from outside, at next, call_site and returned; nothing here decides
 * anything.
 *
 *      next ──► wipe this world's own context ──► load a row of the plan ──► call_site: lcall
 *       ▲                                                                         │
 *       └─────────────────── returned: when this world is entered again ◄─────────┘
 *
 * It runs at any address: the world's data are on the page behind the code.  They are reached
 * through SS, since DS is whatever the plan had.
 */
        .globl  next, call_site, returned, done, data

        .set    SELF, 0                         # in the data: this world's context,
        .set    WORDS, 4                        # how many words it has,
        .set    FIXED, 8                        # and which of them is never saved: TSS_DESCRIPTOR
        .set    ROW, 12                         # the plan's next row

        .set    TO, 0                           # in a row: the two contexts
        .set    FROM, 4
        .set    SWITCH, 8                       # far pointer to the switch: EIP, CS
        .set    DEPTH, 16                       # how much of the stack is used at the call
        .set    CONTROL, 20                     # CR0, CR2, CR4
        .set    SEGMENTS, 32                    # DS, ES, FS, GS
        .set    FLAGS, 48
        .set    GENERAL, 52                     # EAX, ECX, EDX, EBX, ESI, EDI, EBP
        .set    ROW_BYTES, 80

begin:
next:
        call    here
here:   popl    %ebp
        addl    $data - here, %ebp
        movl    SELF(%ebp), %edi
        movl    WORDS(%ebp), %ecx
1:      decl    %ecx                            # while a world runs, its saved context is void
        js      2f
        cmpl    FIXED(%ebp), %ecx
        je      1b
        movl    $0, %ss:(%edi,%ecx,4)
        jmp     1b
2:      movl    ROW(%ebp), %eax
        addl    $ROW_BYTES, ROW(%ebp)
        movl    %eax, %ebp
        cmpl    $0, TO(%ebp)
        je      done
        subl    DEPTH(%ebp), %esp
        pushl   SWITCH + 4(%ebp)
        pushl   SWITCH(%ebp)
        pushl   TO(%ebp)
        pushl   FROM(%ebp)
        movl    CONTROL(%ebp), %eax
        movl    %eax, %cr0
        movl    CONTROL + 4(%ebp), %eax
        movl    %eax, %cr2
        movl    CONTROL + 8(%ebp), %eax
        movl    %eax, %cr4
        movw    SEGMENTS(%ebp), %ds
        movw    SEGMENTS + 4(%ebp), %es
        movw    SEGMENTS + 8(%ebp), %fs
        movw    SEGMENTS + 12(%ebp), %gs
        pushl   FLAGS(%ebp)
        popfl
        movl    GENERAL(%ebp), %eax
        movl    GENERAL + 4(%ebp), %ecx
        movl    GENERAL + 8(%ebp), %edx
        movl    GENERAL + 12(%ebp), %ebx
        movl    GENERAL + 16(%ebp), %esi
        movl    GENERAL + 20(%ebp), %edi
        movl    GENERAL + 24(%ebp), %ebp
call_site:
        lcall   *8(%esp)
returned:
        cli
        cld
        leal    16(%esp), %esp
        jmp     next
done:
        cli
        hlt
        jmp     done

        .org    begin + 4096, 0xcc
data:
        .org    begin + 8192
