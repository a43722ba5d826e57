/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Help: the keys, from the same table that the program obeys, and how to read the screen.
 */
#include <stdio.h>
#include <string.h>

#include "view/pieces.h"
#include "view/rows.h"
#include "view/words.h"

static const char *const reading[] = {
    "A value with a * was changed by the last step.",
    "What is not mapped now stands in parentheses. A stale table is still the left world's.",
    "The numbers 1/45 to 45/45 count the instructions of the world switch, in the cross page.",
    "A mark counts the instructions since reset: it names an instant, and you can go to any.",
};

/* Citations have two characters that ASCII has not. */
static void sentence_append(struct ws_buffer *out, const char *text, size_t bytes, bool ascii)
{
    static const struct {
        const char *character, *ascii;
    } rows[] = {{"§", "section "}, {"—", "-"}};
    for (size_t at = 0, length; at < bytes; at += length) {
        const char *piece = text + at;
        length = 1;
        for (size_t i = 0; ascii && i < sizeof rows / sizeof rows[0]; i++) {
            size_t whole = strlen(rows[i].character);
            if (bytes - at < whole || memcmp(text + at, rows[i].character, whole) != 0)
                continue;
            piece = rows[i].ascii;
            length = whole;
        }
        ws_buffer_append(out, piece, length > 1 ? strlen(piece) : 1);
    }
}

/* Why the run ended, or a list: text that was made elsewhere.  A line that is too long goes on in the next row, since
 * what decided may stand at its end. */
static void draw_post_mortem(struct ws_rows *rows, const char *title, const char *text)
{
    enum { MOST_ROWS = 12 };
    ws__view_rule(rows, title);
    for (const char *line = text; *line;) {
        struct ws_buffer sentence = WS_BUFFER_INIT;
        size_t length = strcspn(line, "\n"), blanks = strspn(line, " ");
        if (blanks < length)
            sentence_append(&sentence, line + blanks, length - blanks, rows->ascii);
        else
            ws__rows_begin(rows);
        ws__rows_sentence(rows, WS_ROLE_TEXT, (unsigned)blanks, MOST_ROWS, &sentence);
        line += length + (line[length] == '\n');
    }
}

static void draw_panel_text(struct ws_rows *rows, unsigned panel)
{
    char title[60];
    snprintf(title, sizeof title, "panel %s, %s", ws_panel_info((enum ws_panel)panel)->key,
             ws_panel_info((enum ws_panel)panel)->name);
    ws__view_rule(rows, title);
    ws__rows_wrap(rows, WS_ROLE_WHY, 1, 6, ws__panel_text((enum ws_panel)panel));
}

/* The signs of figure 7-11, as the terminal shows them. */
static void draw_signs(struct ws_rows *rows)
{
    enum { SIGN_COLUMN = 2 };
    for (unsigned sign = 0; sign < WS__SIGN_COUNT; sign++) {
        ws__rows_begin(rows);
        ws__view_sign_at(rows, (enum ws__sign)sign, SIGN_COLUMN);
        ws__rows_print(rows, WS_ROLE_WHY, " %s", ws__view_sign_meaning((enum ws__sign)sign));
    }
}

static void draw_words(struct ws_rows *rows)
{
    size_t count;
    const struct ws__word *word = ws__words(&count);
    ws__view_rule(rows, "words");
    for (size_t at = 0; at < count; at++) {
        struct ws_buffer text = WS_BUFFER_INIT;
        ws_buffer_printf(&text, "%s: %s", word[at].word, word[at].meaning);
        ws__rows_sentence(rows, WS_ROLE_WHY, 1, 6, &text);
    }
}

void ws_view_help(struct ws_rows *rows, const struct ws_view_state *state)
{
    if (state->post_mortem) {
        draw_post_mortem(rows, state->post_mortem_title, state->post_mortem);
        return;
    }
    draw_panel_text(rows, state->helps_with);
    ws__view_rule(rows, "keys: lower case goes forward, upper case goes back");
    for (size_t at = 0; at < state->keys; at++) {
        const struct ws_view_key *key = &state->key[at];
        if (!key->text[0])
            continue;
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_KEY, " %-11s", key->keys);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s", key->text);
        if (key->back[0]) {
            ws__rows_print(rows, WS_ROLE_DIM, "; back: ");
            ws__rows_print(rows, WS_ROLE_KEY, "%s", key->back);
        }
    }
    ws__view_rule(rows, "how to read this");
    for (size_t at = 0; at < sizeof reading / sizeof reading[0]; at++)
        ws__rows_wrap(rows, WS_ROLE_WHY, 1, 6, reading[at]);
    draw_signs(rows);
    draw_words(rows);
}
