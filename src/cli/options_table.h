/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options, one row each: how it is spelled, which commands have it, and where its value goes.
 */
#ifndef WS_CLI_OPTIONS_TABLE_H
#define WS_CLI_OPTIONS_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum ws__option_kind {
    WS__KIND_FLAG,
    WS__KIND_NUMBER,
    WS__KIND_SIZE,
    WS__KIND_ADDRESS,
    WS__KIND_CHOICE,
    WS__KIND_TEXT,
    WS__KIND_TEXTS
};

struct ws__option_row {
    const char *name;           /* --name */
    char letter;                /* -x; 0 if there is none */
    uint8_t kind;               /* enum ws__option_kind */
    size_t offset;              /* in struct ws__options */
    const char *value;          /* what its value is called; for a choice: the words, in the enum's order */
    uint32_t commands;          /* which have it: bit N for enum ws__command_name N */
    const char *help;
};

/* A bit for a command, and those of the commands that work on a guest. */
#define WS__ON(name) (1u << WS__COMMAND_##name)
#define WS__ON_GUEST \
    (WS__ON(VIEW) | WS__ON(RUN) | WS__ON(TRACE) | WS__ON(FIGURE) | WS__ON(COMPARE) | WS__ON(AUDIT) | WS__ON(DIFF))

extern const struct ws__option_row ws__option_row[];
extern const size_t ws__option_rows;

#endif
