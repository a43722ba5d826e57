/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views: what a person looks at, as rows of text.
 *
 *   state ──► view (pure) ──► rows {spans of role + text, link} ──► terminal, file, test
 *
 * A view is a function of a `struct ws_view_state` and of nothing else: it asks no machine, keeps
 * nothing and prints nothing. The visualizer, the dump to a file and the golden tests all paint
 * what the same functions return. A role says what a piece of text is ("this value changed"), never
 * how it looks; each painter has one table for that.
 *
 * Numbers in views are hexadecimal without prefix, except marks and counts, which are decimal.
 */
#ifndef WORLDSWITCH_VIEW_H
#define WORLDSWITCH_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/disasm.h>
#include <worldswitch/event.h>
#include <worldswitch/halt.h>
#include <worldswitch/image.h>
#include <worldswitch/paging.h>
#include <worldswitch/registers.h>
#include <worldswitch/segment.h>

/* -- roles ------------------------------------------------------------------------------------- */

/* name, letter (tests print it under each column), text, meaning */
#define WS_ROLE_TABLE(X)                                                               \
    X(TEXT, '.', "text", "what needs no emphasis")                                     \
    X(DIM, 'd', "dim", "of less weight: addresses, separators, what is not so")        \
    X(TITLE, 'T', "title", "names a panel or a section")                               \
    X(CURRENT, 'C', "current", "the instruction that is about to begin")               \
    X(SELECTED, 's', "selected", "what the next key acts on")                          \
    X(CHANGED, '*', "changed", "the last step changed it; a * stands there, too")      \
    X(APPEARED, '+', "appeared", "mapped only in the address space entered; with a +") \
    X(VANISHED, '-', "vanished", "mapped only in the address space left; with a -")    \
    X(SHARED, '=', "shared", "the same in both; with a =")                             \
    X(WHY, 'w', "why", "an explanation in a sentence")                                 \
    X(KEY, 'k', "key", "something to press")                                           \
    X(WARNING, '!', "warning", "needs attention")                                      \
    X(WORLD_0, '0', "world-0", "belongs to the first world")                           \
    X(WORLD_1, '1', "world-1", "belongs to the second world")                          \
    X(WORLD_2, '2', "world-2", "belongs to the third world")                           \
    X(WORLD_3, '3', "world-3", "belongs to a further world")

enum ws_role {
#define WS_ROLE_ENUM(name, letter, text, meaning) WS_ROLE_##name,
    WS_ROLE_TABLE(WS_ROLE_ENUM)
#undef WS_ROLE_ENUM
        WS_ROLE_COUNT
};

/* Besides those: the colours of a cell of the guest's text screen, 16 for the character and 8 behind it. */
#define WS_ROLE_SCREEN_FIRST      128u
#define WS_ROLE_SCREEN(attribute) ((enum ws_role)(WS_ROLE_SCREEN_FIRST | ((attribute)&0x7f)))

/* -- rows -------------------------------------------------------------------------------------- */

/* What a row stands for, for keys that act on it. */
enum ws_link_kind { WS_LINK_NONE, WS_LINK_LINEAR, WS_LINK_MARK, WS_LINK_CROSSING };

struct ws_link {
    uint8_t kind;   /* enum ws_link_kind */
    uint64_t value; /* linear address, mark, or index of the crossing */
};

/* A piece of one row.  Its text is rows->text.data + offset. */
struct ws_span {
    uint32_t offset; /* bytes into the rows' text */
    uint32_t bytes;
    uint32_t columns; /* on the screen; every character we write is one column wide */
    uint8_t role;     /* enum ws_role, or WS_ROLE_SCREEN */
};

struct ws_row {
    uint32_t first; /* index of its first span */
    uint32_t spans;
    uint32_t columns;
    bool cut; /* it was longer than the width; its last column says so */
    struct ws_link link;
};

/* Invariants: no row is wider than `width`; text is UTF-8, or ASCII if `ascii`; memory that ran out
 * is remembered in `failed`, and later calls do nothing. */
struct ws_rows {
    struct ws_buffer text;
    struct ws_span *span; /* owned */
    size_t spans;
    size_t span_capacity;
    struct ws_row *row; /* owned */
    size_t count;
    size_t row_capacity;
    size_t focus;   /* the row that should be in sight; of a whole screen, the one that the next key acts on */
    unsigned width; /* columns */
    bool ascii;
    bool failed;
};

/* Line-drawing and marking characters: name, UTF-8, ASCII.  Each takes one column, but "!=" takes two. */
#define WS_GLYPH_TABLE(X)                  \
    X(HORIZONTAL, "\xe2\x94\x80", "-")     \
    X(VERTICAL, "\xe2\x94\x82", "|")       \
    X(HERE, "\xe2\x96\xb6", ">")           \
    X(TO, "\xe2\x86\x92", ">")             \
    X(BREAKPOINT, "\xe2\x97\x8f", "B")     \
    X(BULLET, "\xc2\xb7", ".")             \
    X(DIFFERENT, "\xe2\x89\xa0", "!=")     \
    X(CORNER_NW, "\xe2\x94\x8c", "+")      \
    X(CORNER_NE, "\xe2\x94\x90", "+")      \
    X(CORNER_SW, "\xe2\x94\x94", "+")      \
    X(CORNER_SE, "\xe2\x94\x98", "+")      \
    X(TEE_DOWN, "\xe2\x94\xac", "+")       \
    X(TEE_UP, "\xe2\x94\xb4", "+")         \
    X(TEE_RIGHT, "\xe2\x94\x9c", "+")      \
    X(TEE_LEFT, "\xe2\x94\xa4", "+")       \
    X(END_UP, "\xe2\x96\xb2", "^")         \
    X(END_DOWN, "\xe2\x96\xbc", "v")       \
    X(END_LEFT, "\xe2\x97\x84", "<")       \
    X(END_RIGHT, "\xe2\x96\xba", ">")      \
    X(SWITCH_WORLD, "\xe2\x97\x86", "W")   \
    X(SWITCH_CONTEXT, "\xe2\x97\x8b", "c") \
    X(SWITCH_THREAD, "\xc2\xa4", "t")      \
    X(UNKNOWN, "?", "?")                   \
    X(CURSOR, "\xc2\xa6", "!")             \
    X(CUT, "\xe2\x80\xa6", "~")

enum ws_glyph {
#define WS_GLYPH_ENUM(name, utf8, ascii) WS_GLYPH_##name,
    WS_GLYPH_TABLE(WS_GLYPH_ENUM)
#undef WS_GLYPH_ENUM
        WS_GLYPH_COUNT
};

void ws_rows_init(struct ws_rows *rows, unsigned width, bool ascii);
void ws_rows_release(struct ws_rows *rows);
/* Forget the rows, keep the memory, and begin again with this width.  A failure is not forgotten. */
void ws_rows_clear(struct ws_rows *rows, unsigned width);

/* Append all rows as plain text, a line each, without trailing blanks. */
void ws_rows_write(const struct ws_rows *rows, struct ws_buffer *out);

/* -- state ------------------------------------------------------------------------------------- */

/* One address space that the visualizer can name. */
struct ws_view_side {
    char world[WS_NAME_BYTES];     /* "host" */
    char process[WS_NAME_BYTES];   /* "A"; "" if the world has none, or none is current */
    struct ws_registers registers; /* its own: in the midst of a switch, those that it is left or entered with */
    unsigned number;               /* of the world, for its role */
    bool known;                    /* false: no crossing has shown it yet */
    bool gone;                     /* its system has taken it down: its page tables are no more */
};

/* An instruction of a switch with its explanation. */
struct ws_view_step {
    uint32_t linear;     /* where it stands */
    unsigned number;     /* from 1 */
    unsigned count;      /* how many the switch has: 45 in the cross page */
    const char *phase;   /* "save the tables"; may be NULL */
    const char *why;     /* why it is there; may be NULL */
    const char *without; /* what happens without it; may be NULL */
};

/* A crossing that the current mark lies in. */
struct ws_view_progress {
    unsigned number; /* of the instruction about to begin, from 1; 0: in no crossing */
    unsigned count;  /* instructions in all; 0: not known yet */
    uint8_t kind;    /* enum ws_crossing_kind */
    char from[2 * WS_NAME_BYTES];
    char to[2 * WS_NAME_BYTES]; /* "" while not known */
};

/* Memory that the last step changed. */
struct ws_view_store {
    uint32_t linear; /* as mapped when it was written */
    uint32_t phys;
    uint32_t before; /* the bytes as a little-endian number */
    uint32_t after;
    uint8_t bytes; /* 1..4 */
    bool mapped;   /* false: no linear address leads there, as to most page tables; `linear` is 0 */
};

/* A key and what it does, for the help. */
struct ws_view_key {
    const char *keys; /* "s"; "h ? F1" */
    const char *hint; /* two words for the key line; "" if it is not shown there */
    const char *text; /* what it does; "" if the help does not list it */
    const char *back; /* the key that reverses it; "" if none */
};

enum { WS_VIEW_EVENTS = 8 };

/* What one step does besides changing registers and memory: vectors, port accesses and the like, of the instruction and
 * of what comes in front of it.  In their order. */
struct ws_view_doing {
    struct ws_event event[WS_VIEW_EVENTS];
    unsigned events;
    unsigned more; /* so many did not fit */
};

/* What the next step will do: it was executed, and taken back. */
struct ws_view_ahead {
    bool known;
    struct ws_registers registers; /* behind it */
    unsigned cpl;
    uint32_t halt; /* enum ws_halt_reason: WS_HALT_NONE if the run goes on behind it */
    struct ws_view_doing doing;
};

/* Why a crossing was made. */
struct ws_view_cause {
    uint64_t begin; /* of the crossing */
    bool vectored;  /* `event` brought the CPU into the kernel that made the crossing */
    struct ws_event event;
    bool mail;         /* the next two hold something: the cross page's mailbox, in the hosted system */
    uint32_t request;  /* enum ws_hosted_request */
    uint32_t argument; /* what it means depends on the request */
};

/* In a VMM's world, from this mark on its virtual machine runs, or the VMM again. */
struct ws_view_turn {
    uint64_t mark;
    bool vm;
};

/* The segment registers whose hidden parts a view gets: CS, SS, DS, ES, FS, GS, LDTR, TR, by their place from 0. */
enum { WS_VIEW_SEGMENTS = 8, WS_VIEW_LDTR = 6, WS_VIEW_TR = 7 };
enum ws_register ws_view_segment(unsigned place);

/* What a gate has pushed onto a stack. */
struct ws_view_frame {
    struct ws_event event; /* the vector that came through it */
    uint32_t linear;       /* of its lowest slot */
    uint8_t slot_bytes;    /* 4, or 2 of a gate of 16 bits */
    bool inward;           /* the ring changed: SS and ESP were pushed, too */
    bool open;             /* no iret has taken it yet */
};

enum { WS_VIEW_FRAMES = 8 };

/* What the difference panel compares the present mark with. */
enum ws_view_since {
    WS_SINCE_CROSSING, /* the beginning of the last crossing */
    WS_SINCE_MARK      /* a mark that the person chose */
};

/* An instant that has a name, or that a search has found. */
struct ws_view_note {
    uint64_t mark;
    const char *name;
    const char *note;
};

struct ws_crossing;
struct ws_forward_path;

/* Everything that views show. All pointers are borrowed; NULL with a count of 0 means that there is
 * nothing. */
struct ws_view_state {
    /* the instant */
    uint64_t mark;
    struct ws_registers now;
    struct ws_descriptor segment[WS_VIEW_SEGMENTS]; /* the hidden parts: see ws_view_segment() */
    unsigned cpl;
    uint32_t eip_linear; /* EIP plus the base of CS */
    bool wide;           /* CS is a 32-bit segment */
    struct ws_physical memory;
    bool irqs;                  /* the next one holds something */
    uint8_t irq_base[2];        /* the vectors of IRQ 0 and of IRQ 8 */
    const struct ws_halt *halt; /* NULL: the guest can go on */
    struct ws_view_progress progress;

    /* what the last step changed */
    bool stepped; /* the next three hold something */
    uint64_t before_mark;
    struct ws_registers before;
    const struct ws_view_store *store;
    size_t stores;
    bool stores_more; /* there were more than the list holds */
    struct ws_view_doing done;

    struct ws_view_ahead ahead; /* what the next step will do */

    /* where we are among the address spaces: figure 7-11 has a left and a right side, which stay what they are while a
     * switch is under way */
    struct ws_view_side side[2];
    unsigned here;                  /* 0 or 1: which of them is mapped now */
    unsigned to;                    /* and which of them the last crossing, or the one under way, enters */
    char thread[2 * WS_NAME_BYTES]; /* that runs, if a Linux kernel tells its task's name: "thread-3 (ps)"; else "" */
    uint32_t cross_linear;          /* the cross page, if there is one */
    bool has_cross;

    const char *branch;      /* what was changed: this is a branch of the run; NULL: the recorded run */
    uint64_t branch_mark;    /* where the first change was made */
    const char *branch_here; /* what was changed at this very mark; NULL: nothing */

    /* the story so far */
    const struct ws_crossing *crossing; /* all that were seen, later ones too, in order */
    size_t crossings;
    uint64_t watched; /* what lies in front of this mark was jumped over: no crossing there was seen */
    size_t chosen_crossing;
    const struct ws_view_cause *cause; /* of those whose causes are known, in order */
    size_t causes;
    const struct ws_view_turn *turn; /* of the hosted system, in order */
    size_t turns;
    uint64_t paged; /* since that mark, paging is on, and there are worlds; 0: not known */
    const char *serial;
    size_t serial_bytes;
    uint64_t serial_dropped;                  /* bytes that were sent before, and are not kept */
    const struct ws_text_cell *text;          /* the text screen, row by row; NULL: there is none */
    bool has_text_cursor;                     /* the next one holds something */
    unsigned text_cursor;                     /* the number of the cell */
    const struct ws_forward_path *forward[2]; /* by enum ws_forward_kind; NULL: there was none */
    uint64_t forwards[2];                     /* how many there were */
    bool hosted;                              /* the guest is the hosted system */
    uint8_t place;                            /* enum ws_hosted_place: where in it the instruction about to begin is */

    /* stacks, memory and devices */
    struct ws_view_frame frame[WS_VIEW_FRAMES]; /* on the present stack and on that of ring 0, the lowest first */
    unsigned frames;
    uint32_t memory_at;              /* the memory panel's first row has this address */
    bool memory_physical;            /* it is one behind paging */
    bool downward;                   /* stack and memory: the higher addresses are above */
    const char *devices;             /* lines that say how the devices are; NULL: not known */
    uint8_t since;                   /* enum ws_view_since */
    uint64_t since_mark;             /* the difference panel compares with it */
    const char *difference;          /* a line a difference: category, tabulator, text; NULL: not known */
    const struct ws_view_note *note; /* those with a name, then those found */
    size_t notes;
    size_t notes_found; /* so many of them, the last ones, were found */
    size_t chosen_note;
    unsigned chosen_step; /* of the host panel, from 1; 0: none */
    const char *searched; /* what they were found by */

    /* names and explanations */
    const struct ws_symbols *symbols;
    struct ws_disasm *disasm;        /* NULL: no disassembly */
    const struct ws_view_step *step; /* in order of `linear` */
    size_t steps;
    const uint32_t *breakpoint; /* linear, in no order */
    size_t breakpoints;
    const struct ws_view_key *key;
    size_t keys;
    unsigned helps_with;     /* the help is about this panel first: enum ws_panel */
    const char *post_mortem; /* lines that the help panel shows instead of the keys; NULL: none */
    const char *post_mortem_title;

    /* what the person chose */
    uint32_t chosen_linear; /* whose page walk is shown */
    bool has_cursor;        /* the code panel shows `cursor` and not EIP */
    uint32_t cursor;
    enum ws_syntax syntax;
    unsigned panel; /* the panel below, an index of the table */
    bool scrolled;  /* the person chose which of its rows is the first in sight ... */
    size_t scroll;  /* ... this one; otherwise the view does */
    bool maximized;
    bool in_panel;     /* the person moved in the panel last: the next key acts there, not on the code */
    uint8_t beside[3]; /* the panels that a large window shows beside it: enum ws_panel */
    /* the time strip */
    uint64_t start, frontier; /* the run is known from here to there */
    bool strip_moved;         /* its cursor is at strip_cursor, else at `mark` */
    uint64_t strip_cursor;
    unsigned strip_zoom; /* it shows the run's length, halved so often */

    const char *tour; /* a step of the guided tour; NULL: none is under way */
    unsigned tour_number, tour_count;
    const char *message; /* one line for the person; NULL: the keys */
    /* where the cursor of a line that is being typed stands, in the last row; 0: nowhere */
    unsigned input_column;
    bool busy; /* a long jump is under way */

    /* the paper */
    unsigned width;  /* columns */
    unsigned height; /* rows; only the views that fill a given height look at it */
    bool ascii;
    /* While ws_view_screen() draws: becomes true where there was no memory to measure a part.  Otherwise NULL. */
    bool *starved;
};

/* -- panels ------------------------------------------------------------------------------------ */

/* name, key, title, function: the panels, those with a number first. */
#define WS_PANEL_TABLE(X)                                \
    X(CODE, "1", "code", ws_view_code)                   \
    X(REGISTERS, "2", "registers", ws_view_registers)    \
    X(SPACE, "3", "space", ws_view_space)                \
    X(TABLES, "4", "tables", ws_view_tables)             \
    X(CROSSINGS, "5", "crossings", ws_view_crossings)    \
    X(SERIAL, "6", "serial", ws_view_serial)             \
    X(HOSTED, "7", "host", ws_view_hosted_now)           \
    X(HELP, "8", "help", ws_view_help)                   \
    X(TEXT, "9", "vga", ws_view_text)                    \
    X(STACK, "e", "stack", ws_view_stack)                \
    X(MEMORY, "i", "memory", ws_view_memory)             \
    X(DEVICES, "v", "devices", ws_view_devices)          \
    X(DIFFERENCE, "=", "difference", ws_view_difference) \
    X(NOTES, "r", "notes", ws_view_notes)

enum ws_panel {
#define WS_PANEL_ENUM(name, key, text, draw) WS_PANEL_##name,
    WS_PANEL_TABLE(WS_PANEL_ENUM)
#undef WS_PANEL_ENUM
        WS_PANEL_COUNT
};

typedef void ws_view_draw(struct ws_rows *rows, const struct ws_view_state *state);

struct ws_panel_info {
    const char *key;
    const char *name;
    ws_view_draw *draw;
};

/* The row of the table; a constant. */
const struct ws_panel_info *ws_panel_info(enum ws_panel panel);

/* The disassembly around EIP (or the cursor), state->height rows, instructions of the cross page
 * numbered. */
ws_view_draw ws_view_code;
/* Registers, flags and control bits by name; as the narrow column of the screen:
 * ws_view_registers_narrow. */
ws_view_draw ws_view_registers;
ws_view_draw ws_view_registers_narrow;
/* The linear address space of both sides (Modern Operating Systems, figure 7-11). */
ws_view_draw ws_view_space;
/* GDT, LDT, IDT, TSS, and the page walk of state->chosen_linear. */
ws_view_draw ws_view_tables;
ws_view_draw ws_view_crossings;
ws_view_draw ws_view_serial;
/* The guest's text screen, in its colours. */
ws_view_draw ws_view_text;
/* Figure 7-10 while it runs: where state->place is, and the paths of state->forward, as far as they
 * go; one line if the guest is not the hosted system. */
ws_view_draw ws_view_hosted_now;
ws_view_draw ws_view_help;
/* The stack at ESP, the one of ring 0 that the TSS names, and the contexts in the cross page. */
ws_view_draw ws_view_stack;
/* Memory from state->memory_at on, state->height rows of so many bytes. */
enum { WS_MEMORY_ROW = 16 };
ws_view_draw ws_view_memory;
ws_view_draw ws_view_devices;
/* How the present state differs from that at state->since_mark. */
ws_view_draw ws_view_difference;
/* Marks that have names, and those that a search has found. */
ws_view_draw ws_view_notes;
/* A lane through time for each world.  Is it on a screen of this height?  How many marks a column has. */
ws_view_draw ws_view_strip;
bool ws_view_strip_shown(const struct ws_view_state *state);
uint64_t ws_view_strip_column(const struct ws_view_state *state);
/* One row each: world, ring, mark; what the last step changed. */
ws_view_draw ws_view_status;
ws_view_draw ws_view_changes;
/* The instant in sentences, for line mode: the place, what the last step changed, the switch under way, the instruction
 * about to begin and why it is there. */
ws_view_draw ws_view_plain;
/* What the last step caused, a sentence each; no row if it was nothing. */
ws_view_draw ws_view_done;
/* Number and explanation of the instruction about to begin, and what will come of it here. */
ws_view_draw ws_view_why;

/* The figures 7-10 and 7-11 of Modern Operating Systems for paper: the hosted architecture with the
 * paths of state->forward; both sides' address spaces, of which pieces alike are drawn as one. */
ws_view_draw ws_view_hosted;
ws_view_draw ws_view_spaces;
enum { WS_FIGURE_WIDTH = 100, WS_FIGURE_SPACES_WIDTH = 80 };

/* The usual size of the whole screen, and the least height. */
enum { WS_SCREEN_WIDTH = 80, WS_SCREEN_HEIGHT = 24, WS_SCREEN_LEAST = 20 };

/* The whole screen: state->height rows of state->width columns. Smaller than the least size, it
 * says so and shows nothing else. */
ws_view_draw ws_view_screen;

/* How many rows of the chosen panel are in sight on such a screen, and which of `rows` (the whole
 * panel, drawn at that height) is the first. */
unsigned ws_view_panel_height(const struct ws_view_state *state);
unsigned ws_view_panel_width(const struct ws_view_state *state);
size_t ws_view_panel_first(const struct ws_rows *rows, const struct ws_view_state *state);

/* What there is at a place of the screen, for the mouse. */
enum ws_view_spot_kind {
    WS_SPOT_NOTHING,
    WS_SPOT_PANEL, /* the name of a panel, or a panel beside the chosen one */
    WS_SPOT_ROW,   /* a row of the chosen panel */
    WS_SPOT_TIME   /* a mark of the time strip */
};

struct ws_view_spot {
    uint8_t kind; /* enum ws_view_spot_kind */
    unsigned panel;
    struct ws_link link; /* of the row; WS_LINK_NONE: it stands for nothing */
    uint64_t mark;
};

/* Column and row count from 0. */
struct ws_view_spot ws_view_spot(const struct ws_view_state *state, unsigned column, unsigned row);
/* The mark at a column of the time strip; false: none is there. */
bool ws_view_strip_mark(const struct ws_view_state *state, unsigned column, uint64_t *mark);

#endif
