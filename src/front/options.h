/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line, taken apart once for all commands.
 */
#ifndef WS_FRONT_OPTIONS_H
#define WS_FRONT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "front/commands.h"

enum ws__format { WS__FORMAT_TEXT, WS__FORMAT_JSONL, WS__FORMAT_CSV };
enum ws__color { WS__COLOR_AUTO, WS__COLOR_ALWAYS, WS__COLOR_NEVER };

enum { WS__TEXTS_MAX = 32 };

/* The values of an option that may be given several times. */
struct ws__texts {
    const char *text[WS__TEXTS_MAX];
    size_t count;
};

#define WS__NO_ADDRESS     UINT64_MAX
#define WS__NO_CHECKPOINTS UINT64_MAX
enum { WS__CHECKPOINTS_MOST = 256, WS__COUNT = 10 };

struct ws__options {
    enum ws__command_name command;
    bool named;        /* the command was given, not chosen */
    const char *image; /* IMAGE, or NULL for what is built in */
    char **word;       /* what is neither option nor command; for a guest's command, word[0] is the image */
    unsigned words;
    bool lab;
    bool initial_disk; /* image: the disk that the hosted system is delivered with */
    bool instructions;
    bool all;
    bool io;      /* trace: also accesses to ports */
    bool no_fold; /* trace: write what repeats each time */
    bool ascii;
    bool quiet;
    bool help;
    bool version;
    unsigned format;           /* enum ws__format */
    unsigned color;            /* enum ws__color */
    unsigned syntax;           /* enum ws_syntax */
    uint64_t memory_bytes;     /* 0: the default */
    uint64_t max_instructions; /* 0: no limit */
    uint64_t flat;             /* where IMAGE goes that has no format; WS__NO_ADDRESS: it is a multiboot image */
    const char *append;        /* the guest's command line; NULL: none */
    const char *initrd;        /* its initial RAM disk; NULL: none */
    const char *linux_kernel;  /* then it is the image; NULL: nobody says that the image is one */
    struct ws__texts module;   /* FILE or FILE=STRING */
    struct ws__texts symbols;  /* ELF files, or System.map */
    bool verbose;
    bool screen; /* run: print the text screen at the end */
    const char *disk;
    const char *vm;             /* a kernel for the hosted system's virtual machine; NULL: its own */
    const char *vm_disk;        /* and a disk for it */
    uint64_t vms;               /* how many virtual machines; 0: as the hosted system is delivered */
    const char *switch_routine; /* ablate: a symbol of the guest, or an address; NULL: the built-in switch */
    bool snapshot;              /* nothing is written to that file */
    const char *keys;           /* a file that is typed, "-" for standard input; NULL: none */
    const char *serial_in;      /* a file, "-" for standard input; NULL: none */
    uint64_t ips;               /* 0: the default */
    unsigned tlb;               /* enum ws_tlb */
    const char *output;         /* NULL: standard output */
    uint64_t history_bytes;     /* 0: the default */
    uint64_t eip;               /* translate: units that have it; WS__NO_ADDRESS: all */
    bool mark_given;            /* translate: word[0] is a mark */
    bool plain;                 /* view: line mode */
    bool mouse;                 /* view: clicks and the wheel are taken */
    int theme;                  /* view: enum ws__theme */
    const char *script;         /* view: keys to press; NULL: a person presses them */
    const char *dump;           /* view: where the screen behind that script goes; NULL: standard output */
    const char *size;           /* view: its size; NULL: 80x24 */
    const char *record;         /* run, view: write a session there; NULL: no */
    struct ws__texts mark;      /* NAME=MARK or NAME=MARK=NOTE, for the session */
    uint64_t checkpoints;       /* so many in that session, besides those for names; WS__NO_CHECKPOINTS: none at all */
    bool pairs;                 /* ablate: what else to try */
    bool bits;
    bool storm;
    bool merge;       /* the words are files to join */
    bool html;        /* lesson show: as a page */
    const char *seed; /* lesson quiz: what the questions are made from; NULL: the default */
    uint64_t count;   /* so many of them; WS__COUNT: the default */
    bool answers;
    unsigned quiz_format; /* the index of a format, see lesson/quiz.h */
    const char *lesson;   /* grade: the lab; NULL: it was not named */
    const char *student;  /* lesson, grade: whose variant; NULL: nobody's */
    bool students;        /* grade: that of each submission's name */
    unsigned report;      /* grade: the index of a format, see lesson/graded.h */
    bool unconfined;      /* grade: even where the tools see all files */
    const char *shard;    /* "I/N"; NULL: all */
    uint64_t jobs;        /* 0: as many as there are processors */
};

/* Parse.  Returns WS__EXIT_DONE, or WS__EXIT_USAGE after having complained. */
int ws__options_parse(struct ws__options *options, int argc, char **argv);

/* Write the list of the options that `command` has (WS__COMMANDS: all of them). */
void ws__options_list(FILE *out, enum ws__command_name command);

/* Shall what goes to this file descriptor be coloured?  --color decides, then NO_COLOR, then what it is. */
bool ws__options_colored(const struct ws__options *options, int descriptor);

/* -- the table of options: how each is spelled, which commands have it, where its value goes ------------ */

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
    const char *name;  /* --name */
    char letter;       /* -x; 0 if there is none */
    uint8_t kind;      /* enum ws__option_kind */
    size_t offset;     /* in struct ws__options */
    const char *value; /* what its value is called; for a choice: the words, in the enum's order */
    uint32_t commands; /* which have it: bit N for enum ws__command_name N */
    const char *help;
};

/* A bit for a command, and those of the commands that work on a guest. */
#define WS__ON(name) (1u << WS__COMMAND_##name)
#define WS__ON_GUEST                                                                                                \
    (WS__ON(VIEW) | WS__ON(RUN) | WS__ON(TRACE) | WS__ON(FIGURE) | WS__ON(COMPARE) | WS__ON(AUDIT) | WS__ON(DIFF) | \
     WS__ON(WHY) | WS__ON(LINT) | WS__ON(TRANSLATE))

extern const struct ws__option_row ws__option_row[];
extern const size_t ws__option_rows;

#endif
