/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that wants to get out of its virtual machine, or to take the host with it.  Each case is one
 * run: the disk's first byte chooses.  What must happen is in hostile.golden: either the VM gets the fault
 * that it deserves, or it is stopped and the VMM says why.
 */
#include "hostile.h"

        .section .rodata.cases, "a"
        .globl  case_table
case_table:
        .section .rodata
text_right: .asciz "vm: each page was right\n"
not_refused: .asciz "vm: not refused\n"
        .text

CASE "touch the VMM, whose 4 MiB no segment reaches"
        TRY movl VMM, %eax
        TRY movl %eax, VMM + 0x1000
        TRY movb 0xffffffff, %al
        TRY movl VMM - 2, %eax
        TRY incl %es:VMM + 0x100000
        movl    $WRAPPING, %ebx
        movl    %ebx, %fs
        TRY movl %fs:VMM - 0x10000, %eax
        TRY movl %fs:0xffffff00, %eax
        TRY lgdt VMM + 0x2000
        ret
CASE "jump and call into the VMM"
        movl    $VMM, %eax
        TRY jmp *%eax
        TRY ljmp $CODE, $VMM + 0x10000
        movl    $VMM, %eax
        TRY call *%eax
        ret
CASE "a stack in the VMM"
        movl    $(VMM + 0x100000), %ebp
        TRY movl (%ebp), %eax
        ret
CASE "a push to the VMM, and so no stack for the fault"
        movl    $(VMM + 0x100000), %esp
        pushl   %eax
        ret
CASE "the VMM's own selectors"
        movl    $VMM_CODE + 8, %eax
        TRY movl %eax, %ds
        TRY movl %eax, %ss
        TRY ljmp $VMM_CODE, $0x100000
        movl    $4, %eax
        TRY movl %eax, %gs
        movl    $ABSENT, %eax
        TRY movl %eax, %gs
        ret
CASE "a segment that begins in the VMM"
        movl    $INSIDE, %eax
        TRY movl %eax, %gs
        ret
CASE "a segment that expands down"
        movl    $DOWN, %eax
        TRY movl %eax, %gs
        ret
CASE "a jump to a task"
        TRY ljmp $TASK, $0
        ret
CASE "iret to ring 3, and what it may not do there"
        pushl   $USER_DATA
        pushl   $0x180000
        pushl   $2
        pushl   $USER_CODE
        pushl   $0x100000
        iret
CASE "far return to ring 3, and what it may not do there"
        pushl   $USER_DATA
        pushl   $0x180000
        pushl   $USER_CODE
        pushl   $0x100000
        lret
CASE "a local table"
        movl    $TASK, %eax
        TRY lldt %ax
        ret
CASE "interrupts off, for ever"
1:      jmp     1b
CASE "hlt with interrupts off"
        hlt
        ret
CASE "no IDT"
        movl    $0, spare
        movl    $0, spare + 4
        lidt    spare
        ud2
CASE "no stack"
        movl    $0x900000, %esp
        ud2
CASE "a page directory that is not there"
        movl    $0x7ffff000, %eax
        movl    %eax, %cr3
        ret
CASE "a page table that is not there"
        movl    $(0x00900000 | PAGE_ALL), directory + 4
        TRY movl 0x00400000, %eax
        ret
CASE "page table entries at random"
        movl    $1, mute
        movl    $12345, %eax
        movl    $4096, %ecx
1:      imull   $1664525, %eax, %eax
        addl    $1013904223, %eax
        movl    %eax, %edx
        shrl    $12, %edx
        andl    $0x3ff, %edx
        movl    %eax, directory + 4(, %edx, 4)
        movl    %edx, %ebx
        shll    $22, %ebx
        addl    $0x400000, %ebx
        movl    $2f, resume
        movl    %esp, resume_esp
        movl    %ecx, spare
        movl    %eax, spare + 4
        movl    (%ebx), %ebx
2:      movl    spare, %ecx
        movl    spare + 4, %eax
        loop    1b
        ret
CASE "page tables that map themselves, and the VMM's part of the directory"
        movl    $directory, %eax
        orl     $PAGE_ALL, %eax
        movl    %eax, directory + 4 * 1023
        movl    %eax, directory + 4 * 2
        movl    $(PAGE_ALL | 0x40), 0x00800000 + 4 * 3
        movl    $spare, %eax
        orl     $PAGE_ALL, %eax
        movl    %eax, directory + 4 * 4         # `spare` is a page table, too
        movl    $0x00150000 + PAGE_ALL, spare
        movl    $0x4711, 0x00150000
        movl    $0x4712, 0x00151000
        movl    0x01000000, %eax
        call    say_number
        movl    $newline, %esi
        call    say
        movl    $0x00151000 + PAGE_ALL, spare   # no invlpg: a CPU might still see the old page
        movl    0x01000000, %eax
        call    say_number
        movl    $newline, %esi
        call    say
        TRY movl 0xfffff000, %eax
        ret
CASE "more page tables than the VMM has frames"
        movl    $2, %ebp                        # twice: what was forgotten comes back
1:      movl    $1, %ecx
2:      movl    $table, %eax
        orl     $PAGE_ALL, %eax
        movl    %eax, directory(, %ecx, 4)
        movl    %ecx, %ebx
        shll    $22, %ebx
        movl    0x100000(%ebx), %eax
        cmpl    0x100000, %eax
        jne     3f
        movl    %ecx, 0x150000(%ebx)
        cmpl    %ecx, 0x150000
        jne     3f
        incl    %ecx
        cmpl    $1023, %ecx
        jb      2b
        decl    %ebp
        jnz     1b
        movl    $text_right, %esi
        jmp     say
3:      ret
CASE "the FPU while the task is switched"
        movl    %cr0, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        TRY fninit
        clts
        TRY fninit
        ret
CASE "a string of page table entries at once"
        movl    $table, %esi
        movl    $spare, %edi
        movl    $1024, %ecx
        rep movsl
        movl    $spare, %esi
        movl    $table, %edi
        movl    $1024, %ecx
        rep movsl
        movl    $table - 4, %edi                # across the edge of two tables
        movl    $0, %eax
        movl    %eax, 2(%edi)
        TRY movl 0, %eax
        ret
CASE "ports all over the place, each width"
        xorl    %edx, %edx
1:      inb     %dx, %al                        # every 37th: 0x3f6 and 0xf4 are none of them
        inl     %dx, %eax
        outb    %al, %dx
        outw    %ax, %dx
        outl    %eax, %dx
        addl    $37, %edx
        cmpl    $0x10000, %edx
        jb      1b
        ret
CASE "a port string that runs out of memory"
        movl    $0x1ff000, %esi
        movl    $0xffffffff, %ecx
        movl    $0x300, %edx
        TRY rep outsb
        ret
CASE "cr4"
        movl    $0x20, %eax
        movl    %eax, %cr4
        ret
CASE "real mode"
        movl    %cr0, %eax
        andl    $0x7ffffffe, %eax
        movl    %eax, %cr0
        ret
CASE "a breakpoint in the VMM"
        movl    $VMM, %eax
        movl    %eax, %dr0
        movl    $0x401, %eax
        movl    %eax, %dr7
        ret
CASE "a model-specific register"
        movl    $0x176, %ecx
        TRY wrmsr
        ret
CASE "the trap flag, by iret"
        TRY call trap_flag
        ret
trap_flag:
        pushl   $0x102
        pushl   $CODE
        pushl   $1f
        iret
1:      nop
        ret
CASE "iret to another task"
        pushl   $0x4002
        pushl   $CODE
        pushl   $1f
        iret
1:      TRY iret
CASE "much code without an end"
        movl    $0x110000, %edi
1:      movl    $2048 - 6, %ecx
        movb    $0x90, %al                      # nop, ...
        rep stosb
        movw    $0x840f, (%edi)                 # jz to what follows
        movl    $0, 2(%edi)
        addl    $6, %edi
        cmpl    $0x120000, %edi
        jb      1b
        movb    $0xc3, (%edi)
        movb    $0xfa, 0x110000                 # cli
        movl    $0x110000, %eax
        call    *%eax
        ret
CASE "what does not trap in ring 1"
        pushfl
        popl    %eax
        andl    $0x3202, %eax                   # IF, IOPL
        call    say_number_line
        pushl   $0x3002
        popfl
        pushfl
        popl    %eax
        andl    $0x3202, %eax
        call    say_number_line
        pushl   %cs
        popl    %eax
        call    say_number_line
        movl    %ss, %eax
        call    say_number_line
        sgdt    spare
        movl    spare + 2, %eax
        subl    $gdt, %eax
        call    say_number_line
        smsw    %ax
        andl    $0x11, %eax
        call    say_number_line
        lcall   $CODE, $far_return
        movl    $TASK, %eax
        TRY verr %ax
        ret
far_return:
        lret
CASE "the translator's own selectors"
        movl    $0x129, %eax
        TRY movl %eax, %ds
        movl    $0x131, %ebp
        TRY movl %ebp, %ds
        TRY movl %ebp, %gs
        TRY movl %ebp, %ss
        TRY ljmp $0x128, $0
        TRY ljmp $0x129, $0x1000
        lar     %ebp, %ecx
        TRY jz .
        ret
CASE "jump and call to every page of the VMM"
        movl    $VMM, %ebp
1:      movl    $2f, resume
        movl    %esp, resume_esp
        movl    $quiet, mute
        jmp     *%ebp
2:      addl    $0x1000, %ebp
        jnz     1b
        movl    $0, mute
        ret
CASE "interrupts off again and again, for ever"
1:      cli
        pushfl
        popfl
        jmp     1b
CASE "code that changes itself while it runs"
        movl    $1000, %ecx
        xorl    %eax, %eax
1:      incb    3f + 2                          # the number that the next instruction adds
        jmp     2f                              # on a CPU, too, after a write to code
2:
3:      addl    $0x7f, %eax
        loop    1b
        call    say_number_line
        ret
CASE "more units than there is room for, in one page"
        movl    $2, %ebp
1:      movl    $0x180000, %edi
        movl    $0x1000, %ecx
        movb    $0xc3, %al                      # ret
        rep stosb
        movl    $0x180000, %ebx
2:      call    *%ebx
        incl    %ebx
        cmpl    $0x181000, %ebx
        jb      2b
        decl    %ebp
        jnz     1b
        ret
CASE "code that moves with its page"
        movl    $0x180000, %edi
        movl    $0x05c0ff40, (%edi)             # incl %eax
        movb    $0xc3, 1(%edi)                  # ret
        movl    $0x181000, %edi
        movb    $0x48, (%edi)                   # decl %eax
        movb    $0xc3, 1(%edi)
        xorl    %eax, %eax
        movl    $100, %ecx
1:      movl    $0x180000, %ebx
        call    *%ebx
        movl    $(0x181000 | PAGE_ALL), table + 0x180 * 4
        invlpg  (%ebx)
        call    *%ebx
        call    *%ebx
        movl    $(0x180000 | PAGE_ALL), table + 0x180 * 4
        invlpg  (%ebx)
        loop    1b
        call    say_number_line                 # -100
        ret
CASE "code that takes its own page away"
        movl    $0x180000, %ebx
        movl    $vanishing, %esi
        movl    %ebx, %edi
        movl    $(vanishing_end - vanishing), %ecx
        rep movsb
        movl    $2, %ebp
1:      movl    $0x180000, %ebx
        TRY call *%ebx
        movl    $(0x180000 | PAGE_ALL), table + 0x180 * 4
        decl    %ebp
        jnz     1b
        ret
vanishing:
        movl    $0, table + 0x180 * 4
        invlpg  (%ebx)
        ret
vanishing_end:
CASE "a port that writes into code which runs"
        movl    $0x180000, %ebx
        movb    $0xc3, 1(%ebx)                  # ret
        movl    $100, %ecx
        xorl    %eax, %eax
        movl    $0x21, %edx                     # the interrupt controller's mask reads as it was written
1:      pushl   %eax
        movb    $0x40, %al                      # incl %eax
        call    3f
        popl    %eax
        call    *%ebx
        pushl   %eax
        movb    $0x48, %al                      # decl %eax
        call    3f
        popl    %eax
        call    *%ebx
        call    *%ebx
        loop    1b
        call    say_number_line                 # -100
        ret
3:      outb    %al, %dx
        movl    %ebx, %edi
        insb
        ret
CASE "a code segment that ends within an instruction"
        movl    $short_code, %ebp
        shll    $16, %ebp
        addl    $2, %ebp                        # its limit
        movl    %ebp, gdt + ABSENT
        movl    $short_code, %ebp
        shrl    $16, %ebp
        addl    $0x00409a00, %ebp
        movl    %ebp, gdt + ABSENT + 4
        xorl    %ebp, %ebp
        TRY ljmp $ABSENT, $0
        addl    $0x1000, gdt + ABSENT
        ljmp    $ABSENT, $0
short_code:
        incl    %ebp
        addl    $0x12345678, %ebp
        ljmp    $CODE, $1f
1:      movl    %ebp, %eax                      # incl went twice
        call    say_number_line
        ret
CASE "pop of SS at a page's end, and nothing behind it"
        movb    $0x17, 0x180fff                 # pop %ss
        movl    $0, table + 0x181 * 4
        invlpg  0x181000
        movl    $0x180fff, %ebp
        pushl   $DATA
        TRY jmp *%ebp
        popl    %eax
        movl    $(0x181000 | PAGE_ALL), table + 0x181 * 4
        movw    $0x0b0f, 0x181000               # ud2
        pushl   $DATA
        TRY jmp *%ebp
        popl    %eax
        ret
CASE "a local table in the frame of a page table"
        movl    $table, %eax
        shll    $16, %eax
        movw    $0x7c7, %ax
        movl    %eax, gdt + ABSENT
        movl    $table, %eax
        shrl    $16, %eax
        addl    $0x00008200, %eax
        movl    %eax, gdt + ABSENT + 4
        movl    $0x0000ffff, table + 0x7c0      # the entry of page 0x1f0, and a descriptor's lower half
        movl    $0x00cf9200, table + 0x7c4
        movl    $ABSENT, %eax
        lldt    %ax
        movl    $0x7c4, %ebp
        movl    %ebp, %fs
        movl    $0x4711, 0x180000
        movl    %fs:0x180000, %eax
        call    say_number_line
        TRY movl 0x1f1000, %eax
        movl    $DATA, %eax                     # the VMM keeps no copy of a descriptor that goes
        movl    %eax, %fs
        movl    $0x00cf1200, table + 0x7c4      # neither a page nor a segment that is there
        TRY movl %ebp, %fs
        movl    $(0x180000 | PAGE_ALL), table + 0x7c0
        movl    0x1f0000, %eax
        call    say_number_line
        ret
CASE "int 2, the vector of NMIs, within its own handler"
        movl    $deeper, %eax
        call    gate_2
        movl    $8, %ebp                        # how deep
        xorl    %ebx, %ebx
        int     $2
        movl    %ebx, %eax                      # each has returned: no NMI is blocked, since none came
        call    say_number_line
        ret
deeper: decl    %ebp
        jz      1f
        int     $2
1:      incl    %ebx
        iret
CASE "the ports that ask for an NMI, and int 2 within its own handler, for ever"
        movl    $0x461, %edx                    # this PC has no such board: nothing comes
        movb    $0, %al
        outb    %al, %dx
        movb    $2, %al
        outb    %al, %dx
        movl    $0x462, %edx
        outb    %al, %dx
        movb    $0x0d, %al
        outb    %al, $0x70
        movl    $endless, %eax
        call    gate_2
        movl    $0, table + 0x180 * 4           # where the stack ends
        invlpg  0x180000
        movl    $0x183000, %esp
endless:
        int     $2
gate_2:
        movw    %ax, idt + 8 * 2
        shrl    $16, %eax
        movw    %ax, idt + 8 * 2 + 6
        ret
say_number_line:
        call    say_number
        movl    $newline, %esi
        jmp     say

        .section .rodata.cases, "a"
case_table_end:
        .globl  case_count
        .set    case_count, (case_table_end - case_table) / 8

        .section .note.GNU-stack, "", @progbits
