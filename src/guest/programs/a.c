/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process A: it keeps a log, one line each time the host is booted, and counts primes; and it keeps 1.0 in the x87
 * unit, where B has pi.
 */
#include "guest/programs/user.h"

enum { ROUNDS = 6 };

/* How many lines the log has already; the next one goes behind them. */
static uint32_t lines_count(int32_t file, uint32_t *end)
{
    static char buffer[512];
    uint32_t lines = 0;
    int32_t got;

    *end = 0;
    while ((got = file_read(file, buffer, sizeof buffer)) > 0) {
        for (int32_t i = 0; i < got; i++)
            lines += buffer[i] == '\n';
        *end += (uint32_t)got;
    }
    return lines;
}

static void log_boot(void)
{
    static const char line[] = "A was here\n";
    int32_t file = file_open("log");
    uint32_t end, lines;

    if (file < 0) {
        say("A: there is no log");
        return;
    }
    lines = lines_count(file, &end);
    file_seek(file, end);
    if (file_write(file, line, sizeof line - 1) == sizeof line - 1)
        say("A: boot number %u of this disk", lines + 1);
    else
        say("A: the log is full");
    file_close(file);
}

void user_main(void)
{
    say("A: begins as process %u", process_id());
    x87_push("1");
    log_boot();
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        uint32_t end = 2000 * round;
        say("A: round %u, %u primes below %u", round, primes_below(end), end);
        sleep_ticks(round % 2 ? 1 : 3);
    }
    say("A: its x87 unit still has %x on top", x87_top());
    say("A: exits");
}
