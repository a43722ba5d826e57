/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session: all that is needed to have a run again, bit for bit, in one file.
 *
 * The machine is deterministic, so that its image, options, disk and input are the run; nothing of
 * what it did is stored but a hash of its state now and then.  When it is run again, they are compared: a
 * difference is found at the next of these marks.  A session also has names for instants, with
 * notes.
 *
 * A session may hold checkpoints: whole states.  Who wants to see a mark behind one begins there, and
 * not at the start.  They are made when the session is finished, by running it once more.
 *
 * The file (.wsr) is versioned and has a checksum; its content is compressed where zstd was there
 * when the library was built.  A damaged file, or one of another version, is refused with a reason.
 */
#ifndef WORLDSWITCH_SESSION_H
#define WORLDSWITCH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/image.h>
#include <worldswitch/machine.h>
#include <worldswitch/status.h>

enum {
    WS_SESSION_VERSION = 6, /* of the file, and of the hashes in it */
    WS_SESSION_MODULES = 64,
    WS_SESSION_CHECKS = 256,     /* hashes at most; then every other one is given up */
    WS_SESSION_INPUTS = 1 << 20, /* lots of bytes for each port: more than a user types */
    WS_SESSION_ACTS = 1 << 16,
    WS_SESSION_MARKS = 256,
    WS_SESSION_NOTE = 256,
    WS_SESSION_CHECKPOINTS = 512,
    WS_SESSION_WORTH = 20000000 /* a checkpoint that saves fewer instructions is not gone to: who runs
                                   through them has seen what happens there */
};

/* A file that the boot loader hands over. */
struct ws_session_module {
    struct ws_buffer content;
    struct ws_buffer string;
};

/* Bytes for COM1, or from the keyboard. */
struct ws_session_input {
    uint64_t time; /* of the machine's clock, from which on they could be received */
    struct ws_buffer bytes;
};

/* What was done to the machine from outside: see ws_machine_acts_forget(). */
struct ws_session_act {
    uint64_t mark;          /* before the instruction that begins then */
    uint32_t kind;          /* 0: memory is written; 1: an interrupt is asked for; 2: an NMI */
    uint32_t where;         /* 0: its physical address; 1: its vector */
    struct ws_buffer bytes; /* 0: what is written */
};

/* What the state was. */
struct ws_session_check {
    uint64_t mark;
    uint64_t hash; /* ws_machine_hash() */
};

/* A whole state. */
struct ws_session_checkpoint {
    uint64_t mark;
    uint64_t hash;          /* ws_machine_hash() */
    struct ws_buffer state; /* ws_machine_save() since the checkpoint before, or since the start */
};

/* A name for an instant. */
struct ws_session_mark {
    uint64_t mark;
    char name[WS_NAME_BYTES];
    char note[WS_SESSION_NOTE]; /* one line, or "" */
};

/* All buffers and arrays are owned.  Everything zero is an empty session. */
struct ws_session {
    uint32_t memory_bytes; /* 0: the default; as in struct ws_machine_options */
    uint64_t max_instructions;
    uint64_t ips;
    uint32_t tlb;       /* enum ws_tlb */
    bool flat;          /* the image has no format */
    uint32_t flat_phys; /* and goes there */
    struct ws_buffer image;
    struct ws_buffer name; /* what the image was called; for messages */
    struct ws_buffer command_line;
    struct ws_session_module *module; /* see ws_session_module_new() */
    size_t modules;
    struct ws_buffer disk; /* as it was at the beginning; empty: there was none */
    struct ws_session_input *input;
    size_t inputs;
    struct ws_session_input *key; /* for the keyboard: what it sent */
    size_t keys;
    struct ws_session_act *act; /* ascending */
    size_t acts;
    struct ws_session_check check[WS_SESSION_CHECKS]; /* ascending */
    size_t checks;
    uint64_t spacing;                         /* of checks, while recording */
    struct ws_session_checkpoint *checkpoint; /* ascending */
    size_t checkpoints;
    struct ws_session_mark *mark; /* ascending; see ws_session_mark_set() */
    size_t marks;
    uint64_t end; /* the mark at which the recording ended */
};

void ws_session_release(struct ws_session *session);

/* One more module, empty, behind the others; the caller fills its buffers.  Borrowed until there is another one.  NULL:
 * there are WS_SESSION_MODULES, or there is no memory. */
struct ws_session_module *ws_session_module_new(struct ws_session *session);

/* -- files ------------------------------------------------------------------------------------- */

/* Write a file whole or not at all, under a temporary name first; an old one stays until then.
 * WS_OK, WS_NO_MEMORY, WS_NO_ROOM, WS_BAD_FILE (errno says why). */
enum ws_status ws_session_write(const struct ws_session *session, const char *path);
/* Also WS_BAD_FILE (errno says why). */
enum ws_status ws_session_read(struct ws_session *session, const char *path, struct ws_buffer *why);

/* The version of zstd that compresses; "" if this library was built without. A constant. */
const char *ws_session_zstd(void);

/* -- running ----------------------------------------------------------------------------------- */

/*
 * Make the machine that the session describes, ready to start, its input waiting.  `serial` and its
 * context as in struct ws_machine_options; `symbols` may be NULL.  The caller owns *out.
 * What ws_machine_new(), ws_image_boot() and ws_machine_disk_attach_memory() answer.
 */
enum ws_status ws_session_machine(const struct ws_session *session, ws_serial_sink *serial, void *serial_context,
                                  struct ws_machine **out, struct ws_symbols *symbols, struct ws_buffer *why);

/* How far to run until the next mark with something to compare, at most to `end`. */
uint64_t ws_session_next(const struct ws_session *session, uint64_t mark, uint64_t end);
/* Does the machine's state contradict the session at this mark?  false where nothing is stored. */
bool ws_session_contradicts(const struct ws_session *session, const struct ws_machine *machine);

/* -- checkpoints ------------------------------------------------------------------------------- */

/* How many there are at or before `mark`: the last of them has this index, less one. */
size_t ws_session_checkpoints_before(const struct ws_session *session, uint64_t mark);

/*
 * Bring a machine that ws_session_machine() made, and that stands at its start, to the index-th
 * checkpoint: as if it had run.  Its listeners have heard nothing.
 * WS_OK; WS_BAD_IMAGE (damaged: its state has not the hash that the session has for it);
 * WS_UNSUPPORTED (another build wrote it, see ws_machine_load()); WS_NO_MEMORY.  Unless it is WS_OK,
 * the machine is at its start again.
 */
enum ws_status ws_session_checkpoint_go(const struct ws_session *session, size_t index, struct ws_machine *machine);

/* Choose marks for checkpoints of a finished session: `count` of them evenly spaced, and one some way
 * in front of each named mark, from where one sees what led to it.  Ascending, none twice, at most
 * WS_SESSION_CHECKPOINTS.  Returns how many. */
size_t ws_session_checkpoint_marks(const struct ws_session *session, uint64_t count,
                                   uint64_t mark[WS_SESSION_CHECKPOINTS]);

/* Called now and then during a long run; true interrupts it. */
typedef bool ws_session_asked(void *context, uint64_t mark);

/*
 * Give a finished session checkpoints at these marks, ascending, in place of those that it had: it is
 * run again, and compared on the way.  `asked` may be NULL.
 * WS_OK; WS_BAD_IMAGE (the run is not the recorded one any more); WS_NO_ROOM (they are too much for a
 * file); WS_INTERRUPTED; WS_NO_MEMORY.  Unless it is WS_OK, the session has none.
 */
enum ws_status ws_session_checkpoints_make(struct ws_session *session, const uint64_t *mark, size_t marks,
                                           ws_session_asked *asked, void *context);

/* -- recording --------------------------------------------------------------------------------- */

/* Store the state's hash, if one is due at this mark; ask at least wherever ws_session_due() says.
 * Hashes get farther apart as the run gets longer. */
void ws_session_observe(struct ws_session *session, const struct ws_machine *machine);
/* The next mark at which a hash is due. */
uint64_t ws_session_due(const struct ws_session *session, uint64_t mark);

/* The recording ends here: take the end's mark and hash, what the serial port has received, and what was done from
 * outside.  WS_OK, WS_NO_MEMORY, or WS_NO_ROOM: it was more than WS_SESSION_INPUTS lots, or WS_SESSION_ACTS. */
enum ws_status ws_session_finish(struct ws_session *session, const struct ws_machine *machine);

/*
 * The same for a run that was visited in a timeline, and has no hashes: it ends at `end`, as far
 * as the user has been, wherever the machine stands.  It is run once more, in a machine of its own, and
 * the states must be equal where `visited` stands.  `asked` may be NULL.
 * WS_OK; WS_BAD_IMAGE (they are not); WS_INTERRUPTED (the session is good, and has the hashes so far);
 * WS_NO_MEMORY; WS_NO_ROOM as ws_session_finish().
 */
enum ws_status ws_session_finish_visited(struct ws_session *session, const struct ws_machine *visited, uint64_t end,
                                         ws_session_asked *asked, void *context);

/* Give an instant a name; an old one of that name is replaced.
 * WS_OK; WS_BAD_ARGUMENT (empty, too long, begins with a digit); WS_NO_ROOM; WS_NO_MEMORY. */
enum ws_status ws_session_mark_set(struct ws_session *session, const char *name, uint64_t mark, const char *note);
/* WS_OK, WS_NOT_FOUND. */
enum ws_status ws_session_mark_find(const struct ws_session *session, const char *name, uint64_t *mark);

#endif
