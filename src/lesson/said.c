/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tools say, for students.
 *
 * A submission is called "submission" in the tools' folder, and the lab's own files "with0", "with1"...: a student
 * knows neither.  And the linker speaks of offsets, and of files that a student has not written.
 */
#include "lesson/said.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What is said of one message after another. */
struct telling {
    const char *file;
    bool in_c;
    bool of_lab; /* the linker speaks of one of the lab's files; it may go on to do so in the lines below */
    struct ws_buffer out, last;
};

/* Lines that say nothing to a student. */
static bool is_noise(const char *line)
{
    size_t length = strlen(line);
    return strstr(line, "ld: warning: ") || !strncmp(line, "collect2: error: ", 17) ||
           strstr(line, "linker command failed") ||
           (strstr(line, ": in function `") && length > 2 && !strcmp(line + length - 2, "':"));
}

/* Does the linker speak of the submission, or of the lab?  A line may leave it to the line before. */
static void owner_read(struct telling *telling, const char *line)
{
    const char *own = strstr(line, "submission."), *lab = strstr(line, "with");
    while (lab && !isdigit((unsigned char)lab[4]))
        lab = strstr(lab + 1, "with");
    if (own || lab)
        telling->of_lab = lab && (!own || lab < own);
}

/* "FILE:LINE", if the line is known. */
static void place_append(const struct telling *telling, const char *line, struct ws_buffer *out)
{
    static const char name[] = "submission.s:";
    const char *at = strstr(line, name);
    unsigned long number = at ? strtoul(at + sizeof name - 1, NULL, 10) : 0;
    ws_buffer_printf(out, "%s:", telling->file);
    if (number && !telling->of_lab && !telling->in_c)
        ws_buffer_printf(out, "%lu:", number);
}

/* The linker's ways to say that a name is in no file, or in two.  false: it says something else. */
static bool symbol_tell(const struct telling *telling, const char *line, struct ws_buffer *out)
{
    static const char undefined[] = "undefined reference to `", twice[] = "multiple definition of `";
    const char *missing = strstr(line, undefined), *again = strstr(line, twice);
    const char *name = missing ? missing + sizeof undefined - 1 : again ? again + sizeof twice - 1 : NULL;
    int bytes = name ? (int)strcspn(name, "'") : 0;
    if (!name)
        return false;
    place_append(telling, line, out);
    if (again)
        ws_buffer_printf(out, " the lab has a label \"%.*s\", too: choose another name", bytes, name);
    else if (!telling->of_lab)
        ws_buffer_printf(out, " there is no \"%.*s\", neither in this file nor in the lab's", bytes, name);
    else if (telling->in_c)
        ws_buffer_printf(out, " it has no function \"%.*s\", which the lab calls", bytes, name);
    else
        ws_buffer_printf(out, " it has no global label \"%.*s\", which the lab uses: is there a \".globl %.*s\"?",
                         bytes, name, bytes, name);
    return true;
}

/* Anything else: the tools' names become the student's, without the path or the program's name that a tool may put in
 * front. */
static void named_append(const struct telling *telling, const char *line, struct ws_buffer *out)
{
    static const char name[] = "submission.", program[] = "program.elf-";
    for (const char *at; (at = strstr(line, name)); line = at + sizeof name) {
        const char *begin = at;
        char kind = at[sizeof name - 1];
        if (!kind)
            break;
        while (begin > line && begin[-1] != ' ')
            begin--;
        bool in_front = *begin == '/' || !strncmp(begin, program, sizeof program - 1);
        ws_buffer_append(out, line, (size_t)((in_front ? begin : at) - line));
        ws_buffer_printf(out, "%s", telling->in_c && kind == 's' ? "what was compiled" : telling->file);
    }
    ws_buffer_printf(out, "%s", line);
}

static void line_tell(struct telling *telling, const char *line)
{
    struct ws_buffer one = WS_BUFFER_INIT;
    owner_read(telling, line);
    if (!is_noise(line)) {
        if (!symbol_tell(telling, line, &one))
            named_append(telling, line, &one);
        if (strcmp(ws_buffer_text(&one), ws_buffer_text(&telling->last)) != 0)
            ws_buffer_printf(&telling->out, "%s\n", ws_buffer_text(&one));
        ws_buffer_release(&telling->last);
        telling->last = one;
    }
    telling->out.failed |= one.failed;
}

void ws__said_of(struct ws_buffer *said, const char *file)
{
    size_t length = strlen(file);
    struct telling telling = {.file = file, .in_c = length > 2 && !strcmp(file + length - 2, ".c")};
    struct ws_buffer line = WS_BUFFER_INIT;
    for (const char *at = ws_buffer_text(said); *at;) {
        size_t bytes = strcspn(at, "\n");
        ws_buffer_clear(&line);
        ws_buffer_append(&line, at, bytes);
        line_tell(&telling, ws_buffer_text(&line));
        at += bytes + (at[bytes] == '\n');
    }
    telling.out.failed |= said->failed || line.failed;
    ws_buffer_release(&line);
    ws_buffer_release(&telling.last);
    if (telling.out.size || telling.out.failed) {
        ws_buffer_release(said);
        *said = telling.out;
    }
}
