/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Curses.  Roles become attributes here and nowhere else.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 600
#endif

#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "tui/rescue.h"

enum { PASTE_BEGINS = KEY_MAX + 1, PASTE_ENDS, PASTE_BYTES = 256 };

struct ws__screen {
    SCREEN *curses;
    bool color;
    enum ws__theme theme;
    char pasted[PASTE_BYTES];
    bool mouse;    /* the terminal was told to send what the mouse does */
    MEVENT click;  /* the last one */
    unsigned dead; /* times in a row that waiting for a key failed at once */
};

/* -- roles ------------------------------------------------------------------------------------- */

static attr_t look_attributes(const struct ws__look *look)
{
    static const attr_t attribute[] = {A_BOLD, A_DIM, A_UNDERLINE, A_REVERSE}; /* by WS__LOOK_BOLD and so on */
    attr_t attributes = A_NORMAL;
    for (unsigned at = 0; at < sizeof attribute / sizeof attribute[0]; at++)
        if (look->attributes & 1u << at)
            attributes |= attribute[at];
    return attributes;
}

static void theme_apply(struct ws__screen *screen)
{
    bool many = COLORS >= 256;
    short ground = ws__theme_ground(screen->theme, many);
    for (short role = 0; screen->color && role < WS_ROLE_COUNT; role++) {
        const struct ws__look *look = ws__theme_look(screen->theme, (enum ws_role)role);
        init_pair(role + 1, many ? look->many : look->few, ground);
    }
    bkgd(screen->color ? (chtype)COLOR_PAIR(WS_ROLE_TEXT + 1) : A_NORMAL);
}

static void colors_begin(struct ws__screen *screen)
{
    if (screen->color && (start_color() != OK || use_default_colors() != OK))
        screen->color = false;
    theme_apply(screen);
}

void ws__screen_theme(struct ws__screen *screen, enum ws__theme theme)
{
    if (screen->theme == theme)
        return;
    screen->theme = theme;
    theme_apply(screen);
}

/* A cell of the guest's screen.  The PC counts its colours blue, green, red.  What is bright is bold, and where a
 * terminal has no colours, a background is shown in reverse. */
static attr_t cell_attributes(const struct ws__screen *screen, unsigned attribute)
{
    static const short color[] = {COLOR_BLACK, COLOR_BLUE,    COLOR_GREEN,  COLOR_CYAN,
                                  COLOR_RED,   COLOR_MAGENTA, COLOR_YELLOW, COLOR_WHITE};
    unsigned front = attribute & 7, behind = attribute >> 4 & 7;
    attr_t bold = attribute & 8 ? A_BOLD : A_NORMAL;
    short pair = (short)(WS_ROLE_COUNT + 1 + behind * 8 + front);
    if (!screen->color || pair >= COLOR_PAIRS)
        return bold | (behind ? A_REVERSE : A_NORMAL);
    init_pair(pair, color[front], color[behind]);
    return bold | (attr_t)COLOR_PAIR(pair);
}

static attr_t role_attributes(const struct ws__screen *screen, enum ws_role role)
{
    if (role >= WS_ROLE_SCREEN_FIRST)
        return cell_attributes(screen, role - WS_ROLE_SCREEN_FIRST);
    attr_t attributes = look_attributes(ws__theme_look(screen->theme, role));
    return screen->color ? attributes | (attr_t)COLOR_PAIR(role + 1) : attributes;
}

/* -- opening and closing ----------------------------------------------------------------------- */

static enum ws_status terminal_check(struct ws_buffer *why)
{
    const char *name = getenv("TERM");
    int error;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        ws_buffer_printf(why, "the visualizer needs a terminal on standard input and output");
        return WS_UNSUPPORTED;
    }
    if (!name || !*name || setupterm(NULL, STDOUT_FILENO, &error) != OK) {
        ws_buffer_printf(why,
                         "the terminal type \"%s\" is not known; set TERM to what your terminal "
                         "is, for example xterm",
                         name ? name : "");
        return WS_UNSUPPORTED;
    }
    const char *place = tigetstr("cup");
    if (!place || place == (const char *)-1) {
        ws_buffer_printf(why,
                         "the terminal \"%s\" cannot place a cursor; set TERM to what your "
                         "terminal is, for example xterm",
                         name);
        return WS_UNSUPPORTED;
    }
    return WS_OK;
}

enum ws_status ws__screen_open(struct ws__screen **out, bool color, struct ws_buffer *why)
{
    enum ws_status status = terminal_check(why);
    if (status)
        return status;
    struct ws__screen *screen = calloc(1, sizeof *screen);
    if (!screen)
        return WS_NO_MEMORY;
    ws__rescue_begin();
    screen->curses = newterm(NULL, stdout, stdin);
    if (!screen->curses) {
        ws__rescue_end();
        free(screen);
        return WS_NO_MEMORY;
    }
    ws__rescue_catch();
    screen->color = color;
    colors_begin(screen);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(25);
    curs_set(1);
    define_key("\033[200~", PASTE_BEGINS);
    define_key("\033[201~", PASTE_ENDS);
    ws__rescue_paste(true);
    *out = screen;
    return WS_OK;
}

void ws__screen_close(struct ws__screen *screen)
{
    if (!screen)
        return;
    move(LINES - 1, 0); /* where there is no other screen, the prompt comes here */
    clrtoeol();
    refresh();
    ws__rescue_paste(false);
    endwin();
    ws__rescue_end();
    delscreen(screen->curses);
    free(screen);
}

/* -- painting ---------------------------------------------------------------------------------- */

void ws__screen_size(const struct ws__screen *screen, unsigned *width, unsigned *height)
{
    (void)screen;
    *width = COLS > 0 ? (unsigned)COLS : 1;
    *height = LINES > 0 ? (unsigned)LINES : 1;
}

void ws__screen_paint(struct ws__screen *screen, const struct ws_rows *rows, unsigned column)
{
    erase();
    for (size_t at = 0; at < rows->count && at < (size_t)LINES; at++) {
        const struct ws_row *row = &rows->row[at];
        move((int)at, 0);
        for (size_t index = row->first; index < row->first + row->spans; index++) {
            const struct ws_span *span = &rows->span[index];
            attrset(role_attributes(screen, (enum ws_role)span->role));
            addnstr(rows->text.data + span->offset, (int)span->bytes);
        }
    }
    attrset(A_NORMAL);
    if (column && column < (unsigned)COLS)
        move(LINES - 1, (int)column);
    else
        move(rows->focus < (size_t)LINES ? (int)rows->focus : 0, 0);
    refresh();
}

void ws__screen_note(struct ws__screen *screen, const char *text)
{
    attrset(role_attributes(screen, WS_ROLE_WARNING));
    mvaddnstr(LINES - 1, 0, text, COLS - 1);
    attrset(A_NORMAL);
    clrtoeol();
    refresh();
}

/* -- keys -------------------------------------------------------------------------------------- */

#define CONTROL(letter) ((letter)&0x1f)

static const struct key_name {
    int code;
    const char *name;
} key_table[] = {
    {' ', "Space"},           {'\t', "Tab"},        {'\r', "Enter"},
    {'\n', "Enter"},          {KEY_ENTER, "Enter"}, {27, "Esc"},
    {8, "Backspace"},         {127, "Backspace"},   {KEY_BACKSPACE, "Backspace"},
    {KEY_DOWN, "Down"},       {KEY_UP, "Up"},       {KEY_LEFT, "Left"},
    {KEY_RIGHT, "Right"},     {KEY_HOME, "Home"},   {KEY_END, "End"},
    {KEY_NPAGE, "PgDn"},      {KEY_PPAGE, "PgUp"},  {KEY_F(1), "F1"},
    {KEY_F(10), "F10"},       {KEY_DC, "Del"},      {CONTROL('O'), "Ctrl-O"},
    {CONTROL('U'), "Ctrl-U"},
};

/* A code's name; "" if the visualizer has no use for it. */
static void key_name_get(int code, char key[WS__KEY_BYTES])
{
    key[0] = '\0';
    if (code > ' ' && code <= '~') {
        key[0] = (char)code;
        key[1] = '\0';
        return;
    }
    for (size_t at = 0; at < sizeof key_table / sizeof key_table[0]; at++)
        if (key_table[at].code == code)
            snprintf(key, WS__KEY_BYTES, "%s", key_table[at].name);
}

/* No key came. With a time limit that is usual; without one, something is wrong, unless a signal
 * was the reason. */
static enum ws__input no_key(struct ws__screen *screen, int milliseconds)
{
    enum { DEAD = 16 };
    if (ws__rescue_interrupted())
        return ws__rescue_told() ? WS__INPUT_GONE : WS__INPUT_STOP;
    if (milliseconds >= 0)
        return WS__INPUT_NONE;
    return ++screen->dead > DEAD ? WS__INPUT_GONE : WS__INPUT_NONE;
}

/* The wheel has no button of its own: it is the fourth and the fifth. */
static enum ws__input mouse_take(struct ws__screen *screen)
{
    MEVENT event;
    if (getmouse(&event) != OK)
        return WS__INPUT_NONE;
    if (event.bstate & BUTTON4_PRESSED)
        return WS__INPUT_WHEEL_UP;
#ifdef BUTTON5_PRESSED
    if (event.bstate & BUTTON5_PRESSED)
        return WS__INPUT_WHEEL_DOWN;
#endif
    screen->click = event;
    return event.bstate & BUTTON1_PRESSED ? WS__INPUT_CLICK : WS__INPUT_NONE;
}

void ws__screen_clicked(const struct ws__screen *screen, unsigned *column, unsigned *row)
{
    *column = screen->click.x > 0 ? (unsigned)screen->click.x : 0;
    *row = screen->click.y > 0 ? (unsigned)screen->click.y : 0;
}

void ws__screen_mouse(struct ws__screen *screen, bool on)
{
    mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED;
#ifdef BUTTON5_PRESSED
    wanted |= BUTTON5_PRESSED;
#endif
    if (screen->mouse == on)
        return;
    screen->mouse = on;
    mouseinterval(0);
    mousemask(on ? wanted : 0, NULL);
}

/* The window got another size while no key was waited for: curses hears of it only when a signal interrupts its
 * waiting. */
static bool window_resized(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col ||
        !is_term_resized(size.ws_row, size.ws_col))
        return false;
    return resizeterm(size.ws_row, size.ws_col) == OK;
}

const char *ws__screen_pasted(const struct ws__screen *screen)
{
    return screen->pasted;
}

/* Take what is pasted, up to its end: of long text, as much as a line has room for.  Where no end comes, the text ends
 * when the terminal is silent. */
static enum ws__input paste_take(struct ws__screen *screen)
{
    enum { PATIENCE = 1000 };
    size_t length = 0;
    int code;
    timeout(PATIENCE);
    while ((code = getch()) != PASTE_ENDS && code != ERR)
        if (code < KEY_MIN && length + 1 < sizeof screen->pasted)
            screen->pasted[length++] = (char)code;
    screen->pasted[length] = '\0';
    return WS__INPUT_PASTE;
}

enum ws__input ws__screen_key(struct ws__screen *screen, int milliseconds, char key[WS__KEY_BYTES])
{
    if (milliseconds && window_resized())
        return WS__INPUT_RESIZED;
    timeout(milliseconds);
    int code = getch();
    if (code == ERR)
        return no_key(screen, milliseconds);
    screen->dead = 0;
    if (code == KEY_RESIZE)
        return WS__INPUT_RESIZED;
    if (code == KEY_MOUSE)
        return mouse_take(screen);
    if (code == PASTE_BEGINS)
        return paste_take(screen);
    if (code == CONTROL('L')) {
        clearok(curscr, TRUE);
        return WS__INPUT_NONE;
    }
    key_name_get(code, key);
    return key[0] ? WS__INPUT_KEY : WS__INPUT_NONE;
}
