/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program of processes A and B.  One program, two processes: the same linear addresses, other
 * pages, other registers.  Both go two rounds; a round says hello, yields to the other, and sends
 * the host to the VMM.  They do the last two in different order, so that A's first yield meets a B
 * that never ran.
 */
#include "user.h"
#include "worlds/layout.h"

enum { ROUNDS = 2 };

/* In each process's own page: the count of one is not the other's. */
static uint32_t said;

static void say(uint32_t letter, const char *what, uint32_t number)
{
    char line[40];
    unsigned end = 0;

    line[end++] = (char)letter;
    line[end++] = ':';
    line[end++] = ' ';
    while (*what && end < sizeof line - 5)
        line[end++] = *what++;
    line[end++] = (char)('0' + number / 100 % 10);
    line[end++] = (char)('0' + number / 10 % 10);
    line[end++] = (char)('0' + number % 10);
    line[end++] = '\n';
    line[end] = 0;
    said++;
    system_call_make(WS_CALL_WRITE, (uint32_t)line);
}

static void yield(uint32_t letter, uint32_t round)
{
    uint32_t wrong = yield_with_registers(letter << 24 | round << 8);

    if (wrong)
        say(letter, "registers that did not survive: ", wrong);
}

static void visit_vmm(uint32_t letter, uint32_t request)
{
    say(letter, "the vmm answers ", system_call_make(WS_CALL_IOCTL, request));
}

void user_main(uint32_t letter)
{
    uint32_t round;

    for (round = 1; round <= ROUNDS; round++) {
        say(letter, "begins round ", round);
        if (letter == 'A') {
            yield(letter, round);
            visit_vmm(letter, 2 * round - 1);
        } else {
            visit_vmm(letter, 2 * round - 2);
            yield(letter, round);
        }
    }
    say(letter, "exits, lines said: ", said);
}
