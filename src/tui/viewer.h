/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A viewer: everything of the visualizer but the terminal.  Names of keys go in, a state for the
 * views comes out, so that tests can sit down at it.
 *
 * What is shown is a function of the mark: however one arrives there, "changed" is what the
 * instruction just before the mark has changed.
 */
#ifndef WS_TUI_VIEWER_H
#define WS_TUI_VIEWER_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/cross.h>
#include <worldswitch/state.h>
#include <worldswitch/timeline.h>
#include <worldswitch/view.h>

#include "tui/heard.h"
#include "tui/line.h"
#include "tui/request.h"
#include "tui/theme.h"
#include "tui/tour.h"
#include "tui/tui.h"
#include "worlds/context_steps.h"

enum {
    WS__VIEWER_STORES = 8,
    WS__VIEWER_SPACES = 64,
    WS__VIEWER_NAMED = 26 * 2,
    WS__VIEWER_LINE = WS__LINE_BYTES,
    WS__VIEWER_FINDS = 32,
    WS__VIEWER_NOTES = WS__VIEWER_NAMED + WS_SESSION_MARKS + WS__VIEWER_FINDS,
    WS__VIEWER_JUMPS = 32,
    WS__VIEWER_CHANGE = WS_INSTRUCTION_TEXT + 16,
    WS__BRANCH_BOUND = 20000000, /* instructions: a journey in a branch looks no farther for what may never come */
};

/* The run that waits while its viewer shows a branch, and what was changed for it. */
struct ws__branch {
    struct ws__branch *outer; /* owned: a branch of which this is a branch; NULL: the recorded run waits */
    struct ws_timeline *timeline;
    struct ws_watcher *watcher;
    struct ws__heard *heard;
    uint64_t looked_ahead;
    uint64_t mark; /* where the change was made */
    char change[WS__VIEWER_CHANGE];
};

/* What the next key means. */
enum ws__prompt {
    WS__PROMPT_NONE,     /* a request */
    WS__PROMPT_MARK_SET, /* one letter */
    WS__PROMPT_MARK_VISIT,
    WS__PROMPT_COUNT,   /* digits, then a request */
    WS__PROMPT_COMMAND, /* a line, ended by Enter, given up by Esc */
    WS__PROMPT_SEARCH,
    WS__PROMPT_WALK,
    WS__PROMPT_MEMORY,
    WS__PROMPT_DUMP,
    WS__PROMPT_TYPE,
    WS__PROMPTS
};

/* An address space that crossings have shown, in the order of its first appearance. */
struct ws__space {
    uint32_t cr3;
    unsigned world; /* number, in the order of the worlds' first appearance */
    char name[WS_NAME_BYTES];
};

struct ws__viewer {
    struct ws_tui_options options;
    struct ws_timeline *timeline;
    struct ws_view_state state; /* what the views get */

    /* storage behind the state's pointers */
    struct ws_view_key key[WS_REQUEST_COUNT];
    struct ws_view_step step[WS_CROSS_INSTRUCTIONS + WS__CONTEXT_STEPS];
    struct ws_view_store store[WS__VIEWER_STORES];
    struct ws_text_cell text[WS_TEXT_ROWS * WS_TEXT_COLUMNS];
    struct ws__space space[WS__VIEWER_SPACES];
    size_t spaces;
    struct ws__heard *heard;   /* owned */
    struct ws__branch *branch; /* owned; NULL: this is the recorded run */
    char branch_text[WS__VIEWER_LINE];
    char branch_here[WS__VIEWER_LINE];
    struct ws_view_doing *collects; /* events of the mark go there; NULL: they are not wanted */
    uint64_t collects_mark;
    struct ws_forward_path forward[WS_FORWARD_KINDS];
    char message[WS__VIEWER_LINE + 80];

    bool starved;                /* there was no memory for a part of what is shown */
    struct ws__ram_copy *before; /* a share: RAM as it was before the last instruction; NULL: there was none */
    uint64_t looked_ahead;       /* no crossing that is open before this mark ends soon */
    bool walk_chosen;            /* the person chose an address; else it is EIP */
    bool crossing_chosen;        /* the person chose a crossing; else it is the last one */
    unsigned panel_before_help;
    bool maximized_before_help;
    struct {
        bool set;
        uint64_t mark;
    } named[WS__VIEWER_NAMED];
    struct {
        uint64_t mark[WS__VIEWER_JUMPS]; /* where jumps began, the last one last */
        unsigned count;
    } jumps;
    unsigned digit;              /* the last key was that of a panel: its number; 0: it was not */
    unsigned panel_before_digit; /* and the panel before it */
    unsigned long times;         /* at WS__PROMPT_COUNT */
    enum ws__prompt prompt;
    struct ws__line line;               /* typed so far */
    struct ws__lines past[WS__PROMPTS]; /* typed before, at each prompt */
    char search[WS__VIEWER_LINE];       /* what ] and [ look for */
    const char *errand;                 /* what a long journey looks for; NULL: nothing that has a name */
    struct ws_buffer post_mortem;       /* owned */
    struct ws_buffer devices;           /* owned: what the devices panel says */
    struct ws_buffer difference;        /* owned: what the difference panel says */
    struct ws_state since;              /* owned: what it compares with ... */
    bool since_taken;                   /* ... if this is set */
    uint64_t since_chosen;              /* the person chose to compare with this mark */
    bool memory_chosen;                 /* the person chose what the memory panel shows; else it is at ESP */
    struct ws_view_note note[WS__VIEWER_NOTES];
    char letter[WS__VIEWER_NAMED][2]; /* names for those notes */
    uint64_t find[WS__VIEWER_FINDS];  /* marks that were found, ascending */
    size_t finds;
    char find_search[WS__VIEWER_LINE]; /* by this search */
    bool playing;
    ws_timeline_asked *asked; /* whether to go on with what takes long; may be NULL */
    void *asked_context;
    unsigned speed; /* index of the table of speeds */
    enum ws__theme theme;
    bool mouse;
    bool leave;
};

enum ws_status ws__viewer_new(struct ws__viewer **out, const struct ws_tui_options *options);
/* WS_OK, or why what the viewer shows is not to be believed any more. */
enum ws_status ws__viewer_failure(const struct ws__viewer *viewer);
void ws__viewer_free(struct ws__viewer *viewer);

/* The size of the paper. */
void ws__viewer_resize(struct ws__viewer *viewer, unsigned width, unsigned height);
/* The screen as text, appended to `out`.  WS_OK, WS_NO_MEMORY. */
enum ws_status ws__viewer_screen(const struct ws__viewer *viewer, struct ws_buffer *out);
/* The same as a picture, in SVG. */
enum ws_status ws__viewer_picture(const struct ws__viewer *viewer, struct ws_buffer *out);

/* Be called now and then during what takes long; true ends it. */
void ws__viewer_interruptible(struct ws__viewer *viewer, ws_timeline_asked *asked, void *context);

/* A key was pressed: "s", "Enter", "PgDn".  Sets viewer->leave when it was the last one. */
void ws__viewer_key(struct ws__viewer *viewer, const char *key);

/* The mouse: a click at a place of the screen, from 0; the wheel. */
void ws__viewer_click(struct ws__viewer *viewer, unsigned column, unsigned row);
void ws__viewer_wheel(struct ws__viewer *viewer, bool down);

/* Text was pasted: a line that is being typed takes it, up to the first end of a line.  It is never taken as keys. */
void ws__viewer_paste(struct ws__viewer *viewer, const char *text);
/* Ctrl-C, and no long jump is under way: playing and typing end, nothing else. */
void ws__viewer_interrupt(struct ws__viewer *viewer);

/* While playing: do what is due at a tick; how many milliseconds until the next one. */
void ws__viewer_tick(struct ws__viewer *viewer);
unsigned ws__viewer_tick_length(const struct ws__viewer *viewer);

/* -- among the viewer's files ------------------------------------------------------------------  */

/* How far the recorded run has been visited. */
uint64_t ws__viewer_frontier(const struct ws__viewer *viewer);

/* Go back to the recorded run, if this is a branch; the machine stands where the branch began.  Nothing is captured. */
void ws__branch_leave(struct ws__viewer *viewer);
/* Change what `:set` is told: "cr4=0", "byte 1234=90".  What was done or is wrong is viewer->message. */
void ws__branch_set(struct ws__viewer *viewer, const char *what);
/* The state's fields about branches. */
void ws__capture_branch(struct ws__viewer *viewer);

/* The key line says this until the next key. */
void ws__viewer_say(struct ws__viewer *viewer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The machine stands at another mark: look at it, and at what the instruction before it did. */
void ws__viewer_arrive(struct ws__viewer *viewer);
/* One instruction forward, with a look; the quick way. */
enum ws_seek ws__viewer_step(struct ws__viewer *viewer);
/* Fill the state from the machine as it stands. */
void ws__capture(struct ws__viewer *viewer);
/* Keep RAM as it is before an instruction; compare with it, and list what differs. */
void ws__capture_before(struct ws__viewer *viewer);
void ws__capture_stores(struct ws__viewer *viewer);
/* The two sides of figure 7-11, and the crossing in progress. */
void ws__capture_spaces(struct ws__viewer *viewer);
void ws__capture_thread(struct ws__viewer *viewer);
void ws__capture_progress(struct ws__viewer *viewer);
/* Collect what the steps from here on do, until the end is told.  Look at what the next step will do, and come back. */
enum ws_status ws__ahead_init(struct ws__viewer *viewer);
void ws__ahead_release(struct ws__viewer *viewer);
void ws__collect_begin(struct ws__viewer *viewer, struct ws_view_doing *doing);
void ws__collect_end(struct ws__viewer *viewer);
void ws__ahead_look(struct ws__viewer *viewer);
/* Where in figure 7-10 this is, and the last paths through it. */
void ws__capture_hosted(struct ws__viewer *viewer);

/* Say how a journey ended, if it is not where it should; then look around. `what` was looked for:
 * "crossing". */
void ws__viewer_arrived(struct ws__viewer *viewer, enum ws_seek seek, const char *what);

/* Choose a panel.  Do what its key does: if it is chosen already, go to its next section. */
void ws__viewer_panel(struct ws__viewer *viewer, unsigned panel);
void ws__viewer_panel_key(struct ws__viewer *viewer, unsigned panel);

/* The mark of the step that is chosen in the host panel. */
uint64_t ws__viewer_step_mark(const struct ws__viewer *viewer);

/* What panels need: the difference, for which the machine travels; all else.  Show memory at the address that a line
 * names; scroll it. */
void ws__look_difference(struct ws__viewer *viewer);
void ws__look_capture(struct ws__viewer *viewer);
void ws__look_memory(struct ws__viewer *viewer, const char *line);
void ws__look_memory_scroll(struct ws__viewer *viewer, int rows);
/* The list of notes.  A search has found this mark. */
void ws__notes_capture(struct ws__viewer *viewer);
void ws__notes_found(struct ws__viewer *viewer, const char *search, uint64_t mark);

/* An address in hexadecimal, with or without 0x, or a symbol; false: it is neither. */
bool ws__viewer_address(const struct ws__viewer *viewer, const char *text, uint32_t *linear);

/* What comes is a jump from the present mark, to which Ctrl-O comes back. */
void ws__jump_note(struct ws__viewer *viewer);

/* A key at a prompt; open a prompt, with a line to begin with. */
void ws__viewer_prompt_key(struct ws__viewer *viewer, const char *key);
void ws__viewer_prompt_open(struct ws__viewer *viewer, enum ws__prompt prompt, const char *line);

/* Give this mark a name in the recording.  false: it cannot be, which was said. */
bool ws__viewer_name(struct ws__viewer *viewer, const char *name, const char *note);
/* Names of one letter that the recorded session has are those of ' and m, too. */
void ws__viewer_names(struct ws__viewer *viewer);

/* Go to the instruction that caused the end of the run.  ws__viewer_why() also shows why, instead of the help. */
void ws__viewer_end(struct ws__viewer *viewer);
void ws__viewer_why(struct ws__viewer *viewer, bool all);

/* Type this line on the guest's keyboard, and Enter. */
void ws__viewer_type(struct ws__viewer *viewer, const char *line);
/* What a search would look for, as a condition of breakpoints.  false: it is none, which was said if it is a world that
 * nobody knows; an address is none, either. */
bool ws__search_condition(struct ws__viewer *viewer, const char *text, struct ws_break *out);

/* Look for what viewer->search says. */
void ws__viewer_search(struct ws__viewer *viewer, bool back);

/* Carry out a request; `which` of its keys was pressed, from 0. */
typedef void ws__doer(struct ws__viewer *viewer, unsigned which);
#define WS_REQUEST_DECLARE(name, verb, keys, hint, text, back) ws__doer ws__do_##verb;
WS_REQUEST_TABLE(WS_REQUEST_DECLARE)
#undef WS_REQUEST_DECLARE

#endif
