/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console: the VMX is all the user interface that its virtual machine has.
 *
 *      the VM's COM1 ──► lines with its name in front ──► the host's console          (thread "cpu")
 *      the VM's COM1 ◄── typed[] ◄── what is no order ◄── what the user types         (thread "console")
 *
 * The second thread sleeps in read() until the user types for this VMX.  So it hears the user whatever the VM does.
 * The first one looks, between two runs of the VM, what the second one has left.  They may interrupt each other
 * anywhere; so each of the variables between them has one writer, but for the order, which the first one takes away
 * when it has obeyed.  A line that begins with ORDER is for the VMX.
 */
#include "guest/vmx/vmx.h"

enum { ORDER = '~', LINE_BYTES = 400, NAME_BYTES = 16, TYPED_BYTES = 4096, STACK_BYTES = 8192 };

/* -- what the VM says: bytes are collected, so that a line stays one when others write --------- */

static char line[LINE_BYTES], name[NAME_BYTES];
static uint32_t line_begin, line_end, name_end; /* the VMX has not printed yet what is in front of line_begin */

static void line_new(void)
{
    memcpy(line, name, name_end);
    line_begin = line_end = name_end;
}

void console_name(void)
{
    int32_t file = file_open("vm.name"), got = file_read(file, name, sizeof name);

    file_close(file);
    name_end = got > 0 ? (uint32_t)got : 0;
    if (user_number)
        name_end = text_print(name, sizeof name, "vm%u: ", user_number);
    line_new();
}

/* With the line's end, or as much as there is room for; what comes then is no new line. */
void console_put(char c)
{
    line[line_end++] = c;
    if (line_end < LINE_BYTES && c != '\n')
        return;
    file_write(FILE_CONSOLE, line, line_end);
    line_begin = line_end = 0;
    if (c == '\n')
        line_new();
}

void console_end(void)
{
    if (line_end > line_begin)
        console_put('\n');
}

/* -- what is typed ----------------------------------------------------------------------------- */

static char typed[TYPED_BYTES];
static volatile uint32_t typed_begin, typed_end; /* counted on and on */
volatile char console_order;

uint32_t typed_count(void)
{
    return typed_end - typed_begin;
}

uint8_t typed_take(void)
{
    uint8_t c = (uint8_t)typed[typed_begin % TYPED_BYTES];

    if (!typed_count())
        return 0;
    typed_begin++;
    return c;
}

/* The VM need not listen; as on any serial line, what finds no room is lost. */
static void typed_put(char c)
{
    if (typed_count() == TYPED_BYTES)
        return;
    typed[typed_end % TYPED_BYTES] = c;
    typed_end++;
}

static void order_take(char order)
{
    if (order == RESET || order == OFF)
        console_order = order;
    else if (order < '0' || order > '9')
        say("%s: ~r resets the virtual machine, ~s switches it off, ~2 types for number 2, ~~ is a ~", vmx_name);
    else if (input_give((uint32_t)order - '0') < 0)
        say("%s: there is no virtual machine of that number", vmx_name);
    else
        say("%s: what is typed now is for virtual machine %u", vmx_name, (uint32_t)order - '0');
}

static void key_take(char c)
{
    static enum { BEGIN, ORDERS, MIDDLE } place; /* in the line */
    static char order;                           /* its first character; 0: none yet */
    bool ends = c == '\n' || c == '\r';

    if (place == BEGIN && c == ORDER) {
        place = ORDERS;
        order = 0;
    } else if (place == ORDERS && !ends && !(c == ORDER && !order)) {
        order = order ? order : c;
    } else {
        if (place == ORDERS && ends)
            order_take(order);
        else
            typed_put(c);
        place = ends ? BEGIN : MIDDLE;
    }
}

static void listen(void)
{
    char c;

    for (;;)
        if (file_read(FILE_CONSOLE, &c, 1) == 1)
            key_take(c);
}

void console_listen(void)
{
    static uint8_t stack[STACK_BYTES];

    thread_name("cpu");
    if (thread_start(listen, stack + sizeof stack, "console") < 0)
        say("%s: there is no room for a thread; what is typed is not heard", vmx_name);
}
