/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging sources.
 *
 * The GNU assembler reads files by .include and .incbin.  Neither word stands in a sound source, in whatever case.  So
 * it could only come from a macro that puts it together: from an argument (a word that begins with a backslash) with
 * something directly before or behind it.  An underscore before it does no harm, for neither word has one, and labels
 * are made so.  .altmacro and .mri, where arguments need no backslash, are refused.
 *
 * The assembler also takes a text at the beginning of a statement for the statement's name, and joins texts that stand
 * side by side: `".inc""lude"`.  So a statement may not begin with a text, and no text may touch another one.
 *
 * It cuts out a comment that begins directly behind a word, and joins what stands on both sides: `.inc`, a comment and
 * `lude` are one word then.  So a comment begins a line, or stands behind a blank or another comment, or behind what
 * ends a word.  This is asked of every pair of characters that begins a comment, wherever it stands: what is a text,
 * and what is a comment, is hard to say.
 *
 * A section .gnu.lto_* holds a program in the compiler's own form, which this file cannot judge: it is refused, and the
 * linker is told not to compile it.
 */
#include "lesson/sound.h"

#include <ctype.h>
#include <string.h>

static unsigned line_of(const char *text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static bool word_is_at(const char *text, size_t left, const char *word)
{
    size_t i = 0;
    while (word[i] && i < left && tolower((unsigned char)text[i]) == word[i])
        i++;
    return !word[i];
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '$' || (unsigned char)c >= 0x80;
}

/* Can it be a text at all? */
static bool characters_are_sound(const char *text, size_t bytes, struct ws_buffer *why)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < ' ' && c != '\n' && c != '\t' && c != '\r') {
            ws_buffer_printf(why, "%u: the character 0x%02x has no place in a source", line_of(text, i), c);
            return false;
        }
    }
    return true;
}

/* The first of these words that occurs, and where; NULL: none does.  They end with NULL. */
static const char *word_find(const char *text, size_t bytes, const char *const *words, size_t *at)
{
    for (*at = 0; *at < bytes; ++*at)
        for (size_t word = 0; words[word]; word++)
            if (word_is_at(text + *at, bytes - *at, words[word]))
                return words[word];
    return NULL;
}

static bool words_are_missing(const char *text, size_t bytes, const char *const *words, struct ws_buffer *why)
{
    size_t at;
    const char *word = word_find(text, bytes, words, &at);
    if (word)
        ws_buffer_printf(why, "%u: \"%s\" is not allowed: a submission is one file", line_of(text, at), word);
    return !word;
}

static bool comments_are_sound(const char *text, size_t bytes, struct ws_buffer *why)
{
    for (size_t i = 1; i + 1 < bytes; i++)
        if (text[i] == '/' && text[i + 1] == '*' && !strchr(" \t\r\n;:,/", text[i - 1])) {
            ws_buffer_printf(why, "%u: put a blank before \"/*\"", line_of(text, i));
            return false;
        }
    return true;
}

/* Why the argument of a macro at text[at], a backslash, does not stand alone; NULL: it does. */
static const char *argument_problem(const char *text, size_t bytes, size_t at)
{
    static const char *const not_alone = "a macro's argument must stand alone, or behind a \"_\" or a \"$\"";
    size_t end = at + 1;
    if (at && (is_name(text[at - 1]) || text[at - 1] == '\\' || text[at - 1] == ')') && !strchr("_$", text[at - 1]))
        return not_alone;
    while (end < bytes && (is_name(text[end]) || text[end] == '@'))
        end++;
    if (end == at + 1 || (end < bytes && text[end] == '\\'))
        return not_alone;
    return end < bytes && text[end] == '(' ? "a macro's argument must stand alone: put a blank before the \"(\"" : NULL;
}

static bool in_string(const char *text, size_t at)
{
    bool string = false;
    while (at && text[at - 1] != '\n')
        at--;
    for (; text[at] != '\\' && text[at] != '\n'; at++)
        string ^= text[at] == '"';
    return string;
}

static bool arguments_are_sound(const char *text, size_t bytes, struct ws_buffer *why)
{
    /* Their beginnings: the assembler has .irpc, .irep, .irepc, .rept and .rep, too. */
    static const char *const begin[] = {".macro", ".irp", ".irep", ".rep", NULL};
    size_t at;
    bool macros = word_find(text, bytes, begin, &at);
    for (size_t i = 0; macros && i < bytes; i++) {
        const char *problem = text[i] == '\\' ? argument_problem(text, bytes, i) : NULL;
        if (problem) {
            ws_buffer_printf(why, "%u: %s%s", line_of(text, i), problem,
                             in_string(text, i) ? "; in a source with macros, texts have no \"\\\"" : "");
            return false;
        }
    }
    return true;
}

/* The quotation mark at text[at]: is it a character of the text that it stands in?  A backslash before it says so, if
 * that is not itself behind one. */
static bool is_escaped(const char *text, size_t at)
{
    size_t backslashes = 0;
    while (backslashes < at && text[at - backslashes - 1] == '\\')
        backslashes++;
    return backslashes % 2;
}

/* The quotation mark at text[at]: may a statement begin with it?  One that ends a text has something behind it that no
 * name of a statement begins with. */
static bool text_begins_statement(const char *text, size_t bytes, size_t at)
{
    if (at + 1 == bytes || strchr(" \t\r\n,;#", text[at + 1]))
        return false;
    while (at && strchr(" \t\r", text[at - 1]))
        at--;
    return !at || strchr("\n;:/{}", text[at - 1]);
}

/* Two quotation marks from text[at]: are they an empty text, and not where two texts meet? */
static bool text_is_empty(const char *text, size_t bytes, size_t at)
{
    return at && strchr(" \t,", text[at - 1]) && (at + 2 == bytes || strchr(" \t,\r\n", text[at + 2]));
}

static bool texts_are_sound(const char *text, size_t bytes, struct ws_buffer *why)
{
    for (size_t i = 0; i < bytes; i++) {
        const char *problem = NULL;
        if (text[i] != '"' || is_escaped(text, i))
            continue;
        if (text_begins_statement(text, bytes, i))
            problem = "a line may not begin with a text in quotation marks, not even in a comment";
        else if (i + 1 < bytes && text[i + 1] == '"' && !text_is_empty(text, bytes, i))
            problem = "two texts may not touch each other";
        if (problem) {
            ws_buffer_printf(why, "%u: %s", line_of(text, i), problem);
            return false;
        }
    }
    return true;
}

bool ws__sound_assembler(const char *text, size_t bytes, struct ws_buffer *why)
{
    static const char *const forbidden[] = {"incbin", ".include", ".altmacro", ".mri", "gnu.lto", NULL};
    return characters_are_sound(text, bytes, why) && words_are_missing(text, bytes, forbidden, why) &&
           comments_are_sound(text, bytes, why) && texts_are_sound(text, bytes, why) &&
           arguments_are_sound(text, bytes, why);
}

/* -- C ------------------------------------------------------------------------------------------------- */

/* Is the directive whose name begins at text[at] one that reads nothing? */
static bool directive_is_sound(const char *text, size_t bytes, size_t at)
{
    static const char *const allowed[] = {"define", "undef", "ifdef", "ifndef", "if", "elif", "else", "endif"};
    size_t end = at;
    while (end < bytes && isalpha((unsigned char)text[end]))
        end++;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (strlen(allowed[i]) == end - at && !strncmp(text + at, allowed[i], end - at))
            return true;
    return false;
}

/* Every "#" counts, wherever it stands: in a text or behind a comment it must be followed by such a name, too, or by
 * another "#", or not by a letter at all (an operator of macros has a name behind it, and is refused). */
static bool directives_are_sound(const char *text, size_t bytes, struct ws_buffer *why)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] != '#')
            continue;
        size_t name = i + 1;
        while (name < bytes && (text[name] == ' ' || text[name] == '\t'))
            name++;
        if (!directive_is_sound(text, bytes, name)) {
            ws_buffer_printf(why,
                             "%u: behind \"#\" only define, undef and conditions are allowed: what a submission may "
                             "use is declared already",
                             line_of(text, i));
            return false;
        }
        i = name;
    }
    return true;
}

bool ws__sound_c(const char *text, size_t bytes, struct ws_buffer *why)
{
    /* Other spellings of "#", lines that go on, and what asks whether a file is there. */
    static const char *const forbidden[] = {"\?\?",          "%:",          "\\\n",    "\\\r",   "\\ ",      "\\\t",
                                            "__has_include", "__has_embed", "_pragma", "incbin", ".include", NULL};
    return characters_are_sound(text, bytes, why) && words_are_missing(text, bytes, forbidden, why) &&
           directives_are_sound(text, bytes, why);
}
