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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static const int deadly[] = {SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

enum { BELOW = 998 }; /* a row below every screen: the cursor goes to the last one */

enum { DEADLY = sizeof deadly / sizeof deadly[0], BYTES = 256 };

static struct {
    volatile sig_atomic_t armed;
    volatile sig_atomic_t interrupts;
    volatile sig_atomic_t told; /* another process sent SIGINT */
    struct termios modes;
    bool has_modes;
    char leave[BYTES]; /* what leaves the full screen: attributes off, cursor on, keypad off, the old screen */
    size_t leave_bytes;
    struct sigaction before[DEADLY];
    struct sigaction before_interrupt;
    struct sigaction stop; /* of curses, for Ctrl-Z */
} rescue;

/* Pasted text comes between two signs.  A terminal that does not know this ignores it, as with readline. */
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

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

/* The first asks; a signal that is still unanswered when the next one comes is deadly.  Ctrl-C comes from the terminal;
 * what another process sends, means that the program shall end. */
static void interrupt_catch(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (rescue.interrupts)
        deadly_catch(number);
    rescue.told |= info->si_code <= 0;
    rescue.interrupts = 1;
}

/* While the program is stopped, the terminal is the shell's. */
static void stop_catch(int number)
{
    ssize_t written = write(STDOUT_FILENO, paste_off, sizeof paste_off - 1);
    rescue.stop.sa_handler(number);
    written += write(STDOUT_FILENO, paste_on, sizeof paste_on - 1);
    (void)written;
}

bool ws__rescue_interrupted(void)
{
    bool interrupted = rescue.interrupts;
    rescue.interrupts = 0;
    return interrupted;
}

bool ws__rescue_told(void)
{
    return rescue.told;
}

static const char *capability_text(const char *capability)
{
    const char *text = tigetstr(capability);
    return text && text != (const char *)-1 ? text : "";
}

static void leave_add(const char *text)
{
    size_t bytes = strlen(text);
    if (rescue.leave_bytes + bytes > BYTES)
        return;
    memcpy(rescue.leave + rescue.leave_bytes, text, bytes);
    rescue.leave_bytes += bytes;
}

/* Stand before curses when Ctrl-Z is pressed. */
static void stop_take(void)
{
    struct sigaction action, before;
    sigaction(SIGTSTP, NULL, &before);
    if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN || before.sa_handler == stop_catch)
        return;
    rescue.stop = action = before;
    action.sa_handler = stop_catch;
    sigaction(SIGTSTP, &action, NULL);
}

void ws__rescue_catch(void)
{
    struct sigaction action = {.sa_handler = deadly_catch};
    sigemptyset(&action.sa_mask);
    for (int at = 0; at < DEADLY; at++)
        sigaction(deadly[at], &action, NULL);
    action.sa_sigaction = interrupt_catch;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGINT, &action, NULL);
    if (rescue.armed)
        stop_take();
}

void ws__rescue_begin(void)
{
    rescue.leave_bytes = 0;
    leave_add(paste_off);
    leave_add(capability_text("sgr0"));
    leave_add(capability_text("cnorm"));
    leave_add(capability_text("rmkx"));
    leave_add(capability_text("rmcup"));
    if (!*capability_text("rmcup")) { /* what was painted stays: the prompt gets a row of its own below */
        leave_add(tiparm(capability_text("cup"), BELOW, 0));
        leave_add(capability_text("el"));
    }
    rescue.has_modes = tcgetattr(STDIN_FILENO, &rescue.modes) == 0;
    rescue.interrupts = rescue.told = 0;
    rescue.armed = 1;
    for (int at = 0; at < DEADLY; at++)
        sigaction(deadly[at], NULL, &rescue.before[at]);
    sigaction(SIGINT, NULL, &rescue.before_interrupt);
    ws__rescue_catch();
}

void ws__rescue_paste(bool on)
{
    fputs(on ? paste_on : paste_off, stdout);
    fflush(stdout);
}

void ws__rescue_end(void)
{
    rescue.armed = 0;
    for (int at = 0; at < DEADLY; at++)
        sigaction(deadly[at], &rescue.before[at], NULL);
    sigaction(SIGINT, &rescue.before_interrupt, NULL);
}
