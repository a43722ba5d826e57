/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VMM and the host: a request is a world switch with words in the mailbox. */
#include <stdarg.h>

#include "vmm.h"

uint32_t host_call(uint32_t request, uint32_t argument)
{
    mailbox()->request = request;
    mailbox()->argument = argument;
    world_call(boot()->own, boot()->host);
    mailbox()->request = HOSTED_NONE;
    return mailbox()->result;
}

/* -- text in the mailbox ----------------------------------------------------------------------- */

static void text_char(unsigned *at, char c)
{
    if (*at < HOSTED_TEXT_BYTES - 1)
        mailbox()->text[(*at)++] = c;
}

static void text_string(unsigned *at, const char *text)
{
    while (*text)
        text_char(at, *text++);
}

static void text_number(unsigned *at, uint32_t value, unsigned base)
{
    char digits[10];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (base == 16)
        text_string(at, "0x");
    while (count > 0)
        text_char(at, digits[--count]);
}

/* %s a string, %x 0x2a, %d decimal; nothing else. */
static void text_format(const char *format, va_list arguments)
{
    unsigned at = 0;

    for (; *format; format++) {
        if (*format != '%') {
            text_char(&at, *format);
            continue;
        }
        switch (*++format) {
        case 's':
            text_string(&at, va_arg(arguments, const char *));
            break;
        case 'x':
            text_number(&at, va_arg(arguments, uint32_t), 16);
            break;
        default:
            text_number(&at, va_arg(arguments, uint32_t), 10);
            break;
        }
    }
    mailbox()->text[at] = 0;
}

static void text_set(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_format(format, arguments);
    va_end(arguments);
}

/* -- the end ----------------------------------------------------------------------------------- */

/* The host never enters the VM again; should it do so, it gets the same answer. */
_Noreturn static void end(uint32_t request, uint32_t argument)
{
    for (;;)
        host_call(request, argument);
}

_Noreturn void vm_stop(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_format(format, arguments);
    va_end(arguments);
    end(HOSTED_STOPPED, 0);
}

/* The text has the counts that do not depend on when interrupts came. */
_Noreturn void vm_shutdown(uint32_t status)
{
    const struct counters *seen = &vcpu.counters;

    text_set("%d hidden and %d true page faults, %d traced writes", seen->hidden, seen->true_,
             seen->traced);
    end(HOSTED_SHUTDOWN, status);
}
