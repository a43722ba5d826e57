/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user types: bytes from COM1, and keys of the keyboard, become one queue.  It belongs to one process at a
 * time: of those that read, to the one with the lowest number, until it ends or gives the queue to another.  All others
 * sleep.
 *
 *      IRQ 4 ──► COM1's byte ──────────────┐
 *                                          ├──► queue ──► read() of the owner
 *      IRQ 1 ──► key's code ──► character ─┘
 *
 * Both lines are masked until a thread reads.  COM1 keeps its bytes while the queue is full.
 *
 * National Semiconductor PC16550D data sheet; IBM PS/2 Technical Reference, "Keyboard (101- and 102-Key)", scan code
 * set 1, to which the keyboard's controller translates.
 */
#include "guest/host/host.h"

enum { COM1 = 0x3f8, IER = 1, IER_RECEIVED = 1, LSR = 5, LSR_DATA_READY = 1 };
enum { KEY_DATA = 0x60, KEY_STATUS = 0x64, KEY_WAITS = 1, KEY_RELEASED = 0x80, SHIFT_LEFT = 0x2a, SHIFT_RIGHT = 0x36 };
enum { QUEUE_BYTES = 256 };

static char queue[QUEUE_BYTES];
static uint32_t first, end; /* counted on and on */
static struct process *owner;

static void put(char c)
{
    if (end - first < QUEUE_BYTES)
        queue[end++ % QUEUE_BYTES] = c;
    thread_wake(queue);
}

void serial_interrupt(void)
{
    while (end - first < QUEUE_BYTES && port_read(COM1 + LSR) & LSR_DATA_READY)
        put((char)port_read(COM1));
    if (end - first == QUEUE_BYTES)
        port_write(COM1 + IER, 0);
}

void key_interrupt(void)
{
    static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0\0\0 ";
    static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0\0\0 ";
    static bool shift;
    uint8_t code = port_read(KEY_STATUS) & KEY_WAITS ? port_read(KEY_DATA) : 0, key = code & ~KEY_RELEASED;

    if (key == SHIFT_LEFT || key == SHIFT_RIGHT)
        shift = key == code;
    else if (code < sizeof plain && plain[code])
        put((shift ? shifted : plain)[code]);
}

static void listen(void)
{
    static bool listens;

    port_write(COM1 + IER, IER_RECEIVED);
    if (listens)
        return;
    listens = true;
    irq_enable(IRQ_KEYBOARD);
    irq_enable(IRQ_SERIAL);
}

void input_await(void)
{
    struct process *reader = current->process;
    uint32_t eflags = interrupts_off();

    reader->holding--;
    listen();
    for (; !reader->ends; thread_wait(queue, WAIT_FOREVER)) {
        if (!owner && process_is_first(reader))
            owner = reader;
        if (owner == reader && first != end)
            break;
    }
    reader->holding++;
    interrupts_restore(eflags);
}

int32_t input_read(char *to, uint32_t bytes)
{
    uint32_t eflags = interrupts_off(), got = 0;

    while (got < bytes && owner == current->process && first != end)
        to[got++] = queue[first++ % QUEUE_BYTES];
    listen();
    interrupts_restore(eflags);
    return (int32_t)got;
}

bool input_give(uint32_t number)
{
    struct process *reader = process_numbered(number);

    if (reader)
        owner = reader;
    thread_wake(queue);
    return reader != NULL;
}

void input_forget(const struct process *process)
{
    if (owner != process)
        return;
    owner = NULL;
    thread_wake(queue);
}
