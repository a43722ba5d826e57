/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs in ring 3.  All of it is one section that ring 3 may read and not write; writable is only
 * each task's private page.
 */
#include "kernel.h"

static uint32_t call(uint32_t number, uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
    return result;
}

static void print(const char *text)
{
    uint32_t size = 0;
    while (text[size])
        size++;
    call(CALL_PRINT, (uint32_t)text, size);
}

static void print_number(const char *before, uint32_t value)
{
    char digits[12];
    unsigned at = sizeof digits;
    digits[--at] = 0;
    digits[--at] = '\n';
    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    print(before);
    print(digits + at);
}

/* -- arithmetic: a sieve in the private page, again and again ------------------------------------ */

static void primes(void)
{
    volatile uint8_t *composite = (volatile uint8_t *)PRIVATE;
    uint32_t count = 0;
    for (unsigned round = 0; round < 100; round++) {
        count = 0;
        for (unsigned i = 0; i < 2048; i++)
            composite[i] = 0;
        for (unsigned i = 2; i < 2048; i++) {
            if (composite[i])
                continue;
            count++;
            for (unsigned multiple = 2 * i; multiple < 2048; multiple += i)
                composite[multiple] = 1;
        }
    }
    print_number("primes below 2048: ", count);
    call(CALL_EXIT, 0, 0);
}

/* -- the FPU: the sum of 1/k^2, times 10^9, from the left and from the right --------------------- */

static uint32_t squares(uint32_t first, int32_t step, uint32_t count)
{
    static const uint32_t scale = 1000000000;
    uint32_t result, k = first;
    __asm__ volatile("fninit\n\t"
                     "fldz\n"
                     "1:\n\t"
                     "movl %1, (%4)\n\t"
                     "fildl (%4)\n\t"
                     "fmul %%st, %%st\n\t"
                     "fld1\n\t"
                     "fdivp %%st, %%st(1)\n\t"
                     "faddp\n\t"
                     "addl %3, %1\n\t"
                     "decl %2\n\t"
                     "jnz 1b\n\t"
                     "fimull %5\n\t"
                     "fistpl (%4)\n\t"
                     "movl (%4), %0"
                     : "=&r"(result), "+&r"(k), "+&r"(count)
                     : "r"(step), "r"(PRIVATE), "m"(scale)
                     : "memory");
    return result;
}

static void floats_up(void)
{
    print_number("squares, upwards: ", squares(1, 1, 100000));
    call(CALL_EXIT, 0, 0);
}

static void floats_down(void)
{
    print_number("squares, downwards: ", squares(100000, -1, 100000));
    call(CALL_EXIT, 0, 0);
}

/* -- the disk ------------------------------------------------------------------------------------- */

static void disk(void)
{
    const uint8_t *sector = (const uint8_t *)PRIVATE;
    uint32_t sum = 0;
    for (uint32_t number = 0; number < 64; number++) {
        if (!call(CALL_SECTOR, number * 31, 0))
            print("a sector cannot be read\n");
        for (unsigned i = 0; i < SECTOR; i++)
            sum = sum * 31 + sector[i];
    }
    print_number("64 sectors: ", sum);
    print((const char *)sector + 7);
    call(CALL_EXIT, 0, 0);
}

/* -- the serial port: lines in capitals, until there is a full stop ------------------------------ */

static void echo(void)
{
    char line[64];
    uint32_t size = 0;
    for (;;) {
        char byte = (char)call(CALL_CHARACTER, 0, 0);
        if (byte == '.')
            break;
        if (byte == '\n' && size == 0)
            continue; /* what was typed before the FIFO was turned on is lost, and the script types such ones */
        line[size++] = byte >= 'a' && byte <= 'z' ? (char)(byte - 32) : byte;
        if (byte == '\n' || size == sizeof line) {
            call(CALL_PRINT, (uint32_t)line, size);
            size = 0;
        }
    }
    call(CALL_EXIT, 0, 0);
}

/* -- time ------------------------------------------------------------------------------------------ */

static void sleeper(void)
{
    uint32_t before = call(CALL_SLEEP, 0, 0), after = call(CALL_SLEEP, 20, 0);
    print(after - before >= 20 ? "slept twenty ticks\n" : "woke too early\n");
    call(CALL_EXIT, 0, 0);
}

/* -- and one that touches what it must not ------------------------------------------------------- */

static void thief(void)
{
    print("about to write what is not mine\n");
    *(volatile uint8_t *)(uint32_t)user_programs = 0;
    print("this is not reached\n");
    call(CALL_EXIT, 0, 0);
}

void (*const user_programs[])(void) = {primes, floats_up, floats_down, disk, echo, sleeper, thief};
const uint32_t user_count = sizeof user_programs / sizeof user_programs[0];
