/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints of sources. */
#include "lesson/alike.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BEGIN 0xcbf29ce484222325ull /* FNV-1a, 64 bits */
#define HASH_PRIME 0x100000001b3ull

/* What stands for a whole class of tokens. */
enum { TOKEN_NAME = 1, TOKEN_END, TOKEN_TEXT };

/* The tokens of a source. */
struct tokens {
    uint32_t *token;
    size_t count, room;
    bool failed;
};

/* A source that is read. */
struct reader {
    const char *at, *end;
    bool is_c;
    bool statement; /* assembler: a statement has begun */
    struct tokens *tokens;
};

/* -- lists ------------------------------------------------------------------------------------------- */

void ws__prints_release(struct ws__prints *prints)
{
    free(prints->print);
    *prints = (struct ws__prints){0};
}

void ws__prints_add(struct ws__prints *prints, uint32_t print)
{
    bool full = (prints->count & (prints->count - 1)) == 0; /* there is room up to the next power of two */
    if (prints->failed)
        return;
    if (full) {
        uint32_t *grown = realloc(prints->print, (prints->count ? 2 * prints->count : 1) * sizeof *grown);
        prints->failed = !grown;
        if (!grown)
            return;
        prints->print = grown;
    }
    prints->print[prints->count++] = print;
}

static int prints_order(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

void ws__prints_sort(struct ws__prints *prints)
{
    size_t kept = 0;
    if (!prints->count)
        return;
    qsort(prints->print, prints->count, sizeof *prints->print, prints_order);
    for (size_t i = 0; i < prints->count; i++)
        if (!kept || prints->print[kept - 1] != prints->print[i])
            prints->print[kept++] = prints->print[i];
    prints->count = kept;
}

void ws__prints_without(struct ws__prints *prints, const struct ws__prints *other)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < prints->count; i++) {
        while (at < other->count && other->print[at] < prints->print[i])
            at++;
        if (at == other->count || other->print[at] != prints->print[i])
            prints->print[kept++] = prints->print[i];
    }
    prints->count = kept;
    prints->failed |= other->failed;
}

unsigned ws__prints_alike(const struct ws__prints *left, const struct ws__prints *right)
{
    size_t both = 0, at = 0;
    if (left->count < WS__PRINTS_LEAST || right->count < WS__PRINTS_LEAST)
        return 0;
    for (size_t i = 0; i < left->count; i++) {
        while (at < right->count && right->print[at] < left->print[i])
            at++;
        both += at < right->count && right->print[at] == left->print[i];
    }
    return (unsigned)(200 * both / (left->count + right->count));
}

/* -- tokens ------------------------------------------------------------------------------------------ */

static void token_add(struct tokens *tokens, uint32_t token)
{
    if (tokens->count == tokens->room && !tokens->failed) {
        size_t room = tokens->room ? 2 * tokens->room : 256;
        uint32_t *grown = realloc(tokens->token, room * sizeof *grown);
        tokens->failed = !grown;
        if (grown) {
            tokens->token = grown;
            tokens->room = room;
        }
    }
    if (!tokens->failed)
        tokens->token[tokens->count++] = token;
}

static uint32_t token_of(const char *text, size_t bytes)
{
    uint64_t hash = HASH_BEGIN;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ (uint64_t)tolower((unsigned char)text[i])) * HASH_PRIME;
    return (uint32_t)(hash ^ hash >> 32) | 0x100; /* none of the enum's */
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '%' || (unsigned char)c >= 0x80;
}

/* Go behind blanks and comments.  Ends of lines are blanks in C only. */
static void blanks_skip(struct reader *reader)
{
    while (reader->at < reader->end) {
        const char *at = reader->at;
        size_t left = (size_t)(reader->end - at);
        if (*at == ' ' || *at == '\t' || *at == '\r' || (reader->is_c && *at == '\n')) {
            reader->at++;
        } else if (left > 1 && !memcmp(at, "/*", 2)) {
            while (reader->at < reader->end && (reader->at < at + 4 || memcmp(reader->at - 2, "*/", 2) != 0))
                reader->at++;
        } else if ((*at == '#' && !reader->is_c) || (left > 1 && !memcmp(at, "//", 2))) {
            while (reader->at < reader->end && *reader->at != '\n')
                reader->at++;
        } else {
            return;
        }
    }
}

static bool colon_comes(struct reader *reader)
{
    blanks_skip(reader);
    return !reader->is_c && reader->at < reader->end && *reader->at == ':';
}

/* "0x10", "16" and "020" are one number; "1:", "1f" and "1b" name a label. */
static void number_take(struct reader *reader, const char *word, size_t bytes)
{
    char text[32] = "", *end;
    memcpy(text, word, bytes < sizeof text ? bytes : sizeof text - 1);
    unsigned long long value = strtoull(text, &end, 0);
    if (colon_comes(reader) || ((*end == 'f' || *end == 'b') && !end[1])) {
        token_add(reader->tokens, TOKEN_NAME);
    } else {
        int length = snprintf(text, sizeof text, "%llu", value);
        token_add(reader->tokens, token_of(text, (size_t)length));
    }
}

static bool is_keyword(const char *word, size_t bytes)
{
    static const char *const keyword[] = {"if",     "else",   "for",    "while",    "do",       "switch",   "case",
                                          "break",  "return", "goto",   "continue", "default",  "struct",   "union",
                                          "enum",   "static", "const",  "volatile", "unsigned", "signed",   "int",
                                          "char",   "short",  "long",   "void",     "sizeof",   "asm",      "__asm__",
                                          "extern", "inline", "define", "typedef",  "uint32_t", "uint16_t", "uint8_t"};
    for (size_t i = 0; i < sizeof keyword / sizeof keyword[0]; i++)
        if (strlen(keyword[i]) == bytes && !memcmp(keyword[i], word, bytes))
            return true;
    return false;
}

/* A word of assembler: a label, an instruction, a register, or any other name. */
static void word_take(struct reader *reader, const char *word, size_t bytes)
{
    bool label = colon_comes(reader);
    if (reader->is_c) {
        token_add(reader->tokens, is_keyword(word, bytes) ? token_of(word, bytes) : TOKEN_NAME);
    } else if (label || (reader->statement && *word != '%')) {
        token_add(reader->tokens, TOKEN_NAME);
    } else {
        token_add(reader->tokens, token_of(word, bytes));
        reader->statement = true;
    }
}

static void text_skip(struct reader *reader)
{
    for (reader->at++; reader->at < reader->end && *reader->at != '"' && *reader->at != '\n'; reader->at++)
        if (*reader->at == '\\' && reader->at + 1 < reader->end)
            reader->at++;
    if (reader->at < reader->end && *reader->at == '"')
        reader->at++;
    token_add(reader->tokens, TOKEN_TEXT);
}

static void tokens_read(struct tokens *tokens, const char *name, const char *text, size_t bytes)
{
    size_t length = strlen(name);
    struct reader reader = {.at = text, .end = text + bytes, .tokens = tokens};
    reader.is_c = length > 2 && !strcmp(name + length - 2, ".c");
    for (blanks_skip(&reader); reader.at < reader.end; blanks_skip(&reader)) {
        const char *begin = reader.at;
        if (!reader.is_c && (*begin == '\n' || *begin == ';')) {
            if (reader.statement)
                token_add(tokens, TOKEN_END);
            reader.statement = false;
            reader.at++;
        } else if (*begin == '"') {
            text_skip(&reader);
        } else if (is_word(*begin)) {
            while (reader.at < reader.end && is_word(*reader.at))
                reader.at++;
            if (isdigit((unsigned char)*begin))
                number_take(&reader, begin, (size_t)(reader.at - begin));
            else
                word_take(&reader, begin, (size_t)(reader.at - begin));
        } else {
            token_add(tokens, token_of(begin, 1));
            reader.at++;
        }
    }
    if (reader.statement)
        token_add(tokens, TOKEN_END);
}

/* -- prints ------------------------------------------------------------------------------------------ */

static uint32_t run_hash(const uint32_t *token)
{
    uint64_t hash = HASH_BEGIN;
    for (size_t i = 0; i < WS__PRINT_TOKENS; i++)
        hash = (hash ^ token[i]) * HASH_PRIME;
    return (uint32_t)(hash ^ hash >> 32);
}

static void hashes_make(struct ws__prints *out, const char *name, const char *text, size_t bytes)
{
    struct tokens tokens = {.count = 0};
    tokens_read(&tokens, name, text, bytes);
    for (size_t i = 0; i + WS__PRINT_TOKENS <= tokens.count; i++)
        ws__prints_add(out, run_hash(tokens.token + i));
    out->failed |= tokens.failed;
    free(tokens.token);
}

void ws__prints_all(struct ws__prints *out, const char *name, const char *text, size_t bytes)
{
    *out = (struct ws__prints){0};
    hashes_make(out, name, text, bytes);
    ws__prints_sort(out);
}

/* Of each window of hashes the least is kept, and of equal ones the last. */
void ws__prints_of(struct ws__prints *out, const char *name, const char *text, size_t bytes)
{
    struct ws__prints hashes = {0};
    *out = (struct ws__prints){0};
    hashes_make(&hashes, name, text, bytes);
    size_t last = hashes.count; /* none */
    for (size_t i = 0; i + WS__PRINT_WINDOW <= hashes.count; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < i + WS__PRINT_WINDOW; j++)
            if (hashes.print[j] <= hashes.print[least])
                least = j;
        if (least != last)
            ws__prints_add(out, hashes.print[least]);
        last = least;
    }
    out->failed |= hashes.failed;
    ws__prints_release(&hashes);
    ws__prints_sort(out);
}
