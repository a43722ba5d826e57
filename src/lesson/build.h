/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a submission's source to a program: assembled or compiled, and linked with what the lab brings, in a folder of
 * its own, which is removed afterwards.
 *
 * The source is read by us, judged (sound.h), and copied there under a name of ours.  The tools get a fixed command
 * line, an empty environment, and limits on time, memory and files; what they say is shown to the student, and nothing
 * more.  Where bubblewrap or Landlock works, they see the system's programs and libraries, and that folder only.
 */
#ifndef WS_LESSON_BUILD_H
#define WS_LESSON_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

#include "lesson/tool.h"

/* A source, or its text in memory. */
struct ws__source_text {
    const char *name; /* as people know it; its ending says what it is: ".s" or ".c" */
    const char *text;
    size_t bytes;
};

struct ws__build_symbol {
    const char *name;
    uint32_t value;
};

/* What is to be made. */
struct ws__build_plan {
    struct ws__source_text submission;
    const struct ws__source_text *with; /* the lab's own, in front of it */
    size_t withs;
    const struct ws__build_symbol *symbol; /* what both may use */
    size_t symbols;
    uint32_t linear; /* where it begins */
};

enum ws__build_result {
    WS__BUILT,
    WS__BUILD_REFUSED, /* the source is not sound, or does not assemble, compile or link: `said` tells why */
    WS__BUILD_NO_TOOL, /* there is no compiler for the guest's code here */
    WS__BUILD_HOST     /* memory, files */
};

/* Everything is owned. */
struct ws__build {
    struct ws_buffer said; /* by the tools, or by us; fit for people */
    struct ws_buffer elf;
    struct ws_buffer listing; /* of the submission, as the GNU assembler writes it; may be empty */
};

enum ws__build_result ws__build(const struct ws__build_plan *plan, struct ws__build *out);
void ws__build_release(struct ws__build *build);

/* A folder in which all that ws__build() makes lies from then on, in processes that are begun later, too: TMPDIR names
 * it.  So what a process leaves behind that was ended can be removed.  false: it cannot be made. */
bool ws__build_room_make(char room[WS__TOOL_FOLDER]);
void ws__build_room_remove(const char room[WS__TOOL_FOLDER]);

/* Read a submission's file: a regular one, of at most WS__SOURCE_BYTES, in UTF-8.  It gets plain line ends, see
 * encoding.h.  WS_OK, WS_NO_MEMORY, WS_BAD_FILE; `why` gets one line. */
enum ws_status ws__source_read(const char *path, struct ws_buffer *out, struct ws_buffer *why);

#endif
