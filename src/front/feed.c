/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Feeding the guest's serial port.
 */
#define _POSIX_C_SOURCE 200809L

#include "front/feed.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "front/commands.h"

enum {
    FILE_LIMIT = 64 << 20,
    KEYS = 256,
    COM1 = 0x3f8, /* its registers: received byte, interrupt enable, line status */
    COM1_IER = COM1 + 1,
    COM1_LSR = COM1 + 5,
    IER_RECEIVED = 1
};

/* -- the guest's first look ---------------------------------------------------------------------------- */

/* Before it, the guest may still be about to empty its receiver: bytes that came too early would be lost. */
static bool looks_for_input(const struct ws_event *event)
{
    if (event->write)
        return event->which == COM1_IER && (event->after & IER_RECEIVED);
    return event->which == COM1 || event->which == COM1_LSR;
}

static void port_notice(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__feed *feed = context;
    if (feed->wanted || !looks_for_input(event))
        return;
    feed->wanted = true;
    ws_machine_stop(machine);
}

static void notice_end(struct ws__feed *feed)
{
    if (feed->listening)
        ws_machine_unlisten(feed->machine, port_notice, feed);
    feed->listening = false;
}

/* -- the keyboard -------------------------------------------------------------------------------------- */

/* Each key at once, as it is, and not shown: that is the guest's affair.  Ctrl-C still ends the run; what else would
 * end or stop us, and leave the terminal in these modes, goes to the guest. */
static void terminal_open(struct ws__feed *feed)
{
    struct termios raw;
    feed->keys = true;
    if (tcgetattr(STDIN_FILENO, &feed->modes) < 0)
        return;
    raw = feed->modes;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON);
    raw.c_cc[VQUIT] = _POSIX_VDISABLE;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    feed->changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void keys_read(struct ws__feed *feed)
{
    char keys[KEYS];
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (!feed->keys || poll(&input, 1, 0) <= 0)
        return;
    ssize_t got = read(STDIN_FILENO, keys, sizeof keys);
    if (got > 0)
        ws_buffer_append(&feed->bytes, keys, (size_t)got);
    else if (got == 0 || errno != EINTR)
        feed->keys = false;
}

/* -- giving -------------------------------------------------------------------------------------------- */

static void bytes_give(struct ws__feed *feed)
{
    if (!feed->bytes.size && !feed->bytes.failed)
        return;
    ws_machine_fail(feed->machine, feed->bytes.failed
                                       ? WS_NO_MEMORY
                                       : ws_machine_serial_input(feed->machine, feed->bytes.data, feed->bytes.size));
    ws_buffer_clear(&feed->bytes);
}

void ws__feed_give(struct ws__feed *feed)
{
    if (!feed->machine)
        return;
    keys_read(feed);
    if (!feed->wanted)
        return;
    notice_end(feed);
    bytes_give(feed);
}

bool ws__feed_wait(struct ws__feed *feed, struct ws__output *output)
{
    if (!feed->keys || !feed->wanted || !ws__output_wait(output, STDIN_FILENO))
        return false;
    ws__feed_give(feed);
    return ws_machine_halt(feed->machine)->reason == WS_HALT_NONE;
}

/* -- life ---------------------------------------------------------------------------------------------- */

static int file_open(struct ws__feed *feed, const char *path)
{
    bool standard = !strcmp(path, "-");
    errno = 0;
    enum ws_status status = ws_file_read(path, FILE_LIMIT, &feed->bytes);
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_unread(status, standard ? "standard input" : path);
}

int ws__feed_open(struct ws__feed *feed, struct ws_machine *machine, const char *path, bool at_once)
{
    *feed = (struct ws__feed){0};
    if (!path)
        return WS__EXIT_DONE;
    feed->machine = machine;
    if (!strcmp(path, "-") && isatty(STDIN_FILENO)) {
        terminal_open(feed);
    } else {
        int result = file_open(feed, path);
        if (result != WS__EXIT_DONE)
            return result;
    }
    feed->wanted = at_once;
    if (at_once) {
        bytes_give(feed);
        return WS__EXIT_DONE;
    }
    enum ws_status status = ws_machine_listen(machine, WS_EVENT_MASK(IO), port_notice, feed);
    feed->listening = status == WS_OK;
    return status == WS_OK ? WS__EXIT_DONE : ws__complain_status(status, path);
}

int ws__feed_keys(struct ws_machine *machine, const char *path)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    if (!path)
        return WS__EXIT_DONE;
    errno = 0;
    enum ws_status status = ws_file_read(path, FILE_LIMIT, &text);
    int result = status == WS_OK ? WS__EXIT_DONE : ws__complain_unread(status, path);
    if (result == WS__EXIT_DONE && (status = ws_machine_type(machine, ws_buffer_text(&text), text.size)) != WS_OK)
        result = ws__complain_status(status, path);
    ws_buffer_release(&text);
    return result;
}

void ws__feed_close(struct ws__feed *feed)
{
    if (!feed->machine)
        return;
    notice_end(feed);
    if (feed->changed)
        tcsetattr(STDIN_FILENO, TCSANOW, &feed->modes);
    ws_buffer_release(&feed->bytes);
    *feed = (struct ws__feed){0};
}
