/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals and the terminal.
 *
 * A signal handler may call few functions and sees no arguments of ours; curses' endwin() is not
 * among the few. So what the handler needs is prepared here: bytes to write, and modes to set. This
 * is the one place in the project with mutable file-scope state: a process has one controlling
 * terminal and one table of signal handlers, which are file-scope state themselves.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 600
#endif

#include "tui/rescue.h"

#include <curses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static const int deadly[] = {SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

enum { DEADLY = sizeof deadly / sizeof deadly[0], BYTES = 256 };

static struct {
    volatile sig_atomic_t armed;
    volatile sig_atomic_t interrupts;
    struct termios modes;
    bool has_modes;
    char leave[BYTES]; /* what leaves the full screen: attributes off, cursor on, keypad off, the old screen */
    size_t leave_bytes;
    struct sigaction before[DEADLY];
    struct sigaction before_interrupt;
} rescue;

/* Only calls that POSIX allows in a signal handler. */
static void terminal_restore(void)
{
    if (!rescue.armed)
        return;
    rescue.armed = 0;
    ssize_t written = write(STDOUT_FILENO, rescue.leave, rescue.leave_bytes);
    (void)written;
    if (rescue.has_modes)
        tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
}

/* Give the terminal back, then die of the same signal. */
static void deadly_catch(int number)
{
    struct sigaction fatal = {.sa_handler = SIG_DFL};
    terminal_restore();
    sigaction(number, &fatal, NULL);
    raise(number);
}

/* The first asks; a signal that is still unanswered when the next one comes is deadly. */
static void interrupt_catch(int number)
{
    if (rescue.interrupts)
        deadly_catch(number);
    rescue.interrupts = 1;
}

bool ws__rescue_interrupted(void)
{
    bool interrupted = rescue.interrupts;
    rescue.interrupts = 0;
    return interrupted;
}

static void leave_add(const char *capability)
{
    const char *text = tigetstr(capability);
    if (!text || text == (const char *)-1)
        return;
    size_t bytes = strlen(text);
    if (rescue.leave_bytes + bytes > BYTES)
        return;
    memcpy(rescue.leave + rescue.leave_bytes, text, bytes);
    rescue.leave_bytes += bytes;
}

void ws__rescue_catch(void)
{
    struct sigaction action = {.sa_handler = deadly_catch};
    sigemptyset(&action.sa_mask);
    for (int at = 0; at < DEADLY; at++)
        sigaction(deadly[at], &action, NULL);
    action.sa_handler = interrupt_catch;
    sigaction(SIGINT, &action, NULL);
}

void ws__rescue_begin(void)
{
    rescue.leave_bytes = 0;
    leave_add("sgr0");
    leave_add("cnorm");
    leave_add("rmkx");
    leave_add("rmcup");
    rescue.has_modes = tcgetattr(STDIN_FILENO, &rescue.modes) == 0;
    rescue.interrupts = 0;
    rescue.armed = 1;
    for (int at = 0; at < DEADLY; at++)
        sigaction(deadly[at], NULL, &rescue.before[at]);
    sigaction(SIGINT, NULL, &rescue.before_interrupt);
    ws__rescue_catch();
}

void ws__rescue_end(void)
{
    rescue.armed = 0;
    for (int at = 0; at < DEADLY; at++)
        sigaction(deadly[at], &rescue.before[at], NULL);
    sigaction(SIGINT, &rescue.before_interrupt, NULL);
}
