/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 400,000 times one port read, another one written. */
#include "guest.h"

    BEGIN
    movl $400000, %ecx
    MARK 'B
    movl $COM1 + 5, %edx
1:  inb %dx, %al
    outb %al, $0x80
    decl %ecx
    jnz 1b
    END
