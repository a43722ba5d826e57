/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building submissions: the folder, the order of the steps, what their command lines are. */
#define _POSIX_C_SOURCE 200809L
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "lesson/build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "lesson/encoding.h"
#include "lesson/program.h"
#include "lesson/said.h"
#include "lesson/sound.h"
#include "lesson/tool.h"

enum { FILE_MOST = 4 << 20, WITH_MOST = 8, ROOM_TRIES = 40 };
#define PROGRAM "program.elf"

/* -- reading ------------------------------------------------------------------------------------------- */

static enum ws_status descriptor_read(int descriptor, const char *path, struct ws_buffer *out, struct ws_buffer *why)
{
    char piece[4096];
    struct stat there;
    ssize_t got = 0;
    if (fstat(descriptor, &there) < 0 || !S_ISREG(there.st_mode)) {
        ws_buffer_printf(why, "\"%s\" is no regular file", path);
        return WS_BAD_FILE;
    }
    while (out->size <= WS__SOURCE_BYTES && (got = read(descriptor, piece, sizeof piece)) > 0)
        ws_buffer_append(out, piece, (size_t)got);
    if (got < 0)
        ws_buffer_printf(why, "cannot read \"%s\": %s", path, strerror(errno));
    else if (out->size > WS__SOURCE_BYTES)
        ws_buffer_printf(why, "\"%s\" is too large: a submission has at most %d KiB", path, WS__SOURCE_BYTES >> 10);
    else if (!out->failed && !ws__encoding_plain(out))
        ws_buffer_printf(why, "\"%s\" is a text in UTF-16, or none at all: save it as UTF-8", path);
    if (out->failed || why->failed)
        return WS_NO_MEMORY;
    return why->size ? WS_BAD_FILE : WS_OK;
}

enum ws_status ws__source_read(const char *path, struct ws_buffer *out, struct ws_buffer *why)
{
    int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        ws_buffer_printf(why, "cannot read \"%s\": %s", path,
                         errno == ELOOP ? "it is a symbolic link: hand in the file itself" : strerror(errno));
        return why->failed ? WS_NO_MEMORY : WS_BAD_FILE;
    }
    enum ws_status status = descriptor_read(descriptor, path, out, why);
    close(descriptor);
    return status;
}

/* -- the folder ---------------------------------------------------------------------------------------- */

static bool folder_make(char folder[WS__TOOL_FOLDER])
{
    const char *temporary = getenv("TMPDIR");
    int length = snprintf(folder, WS__TOOL_FOLDER, "%s/worldswitch-lesson-XXXXXX",
                          temporary && *temporary == '/' ? temporary : "/tmp");
    return length < WS__TOOL_FOLDER && mkdtemp(folder);
}

static void folder_remove(const char *folder)
{
    DIR *entries = opendir(folder);
    if (entries) {
        for (const struct dirent *entry; (entry = readdir(entries));)
            unlinkat(dirfd(entries), entry->d_name, 0); /* the tools make no folders */
        closedir(entries);
    }
    rmdir(folder);
}

bool ws__build_room_make(char room[WS__TOOL_FOLDER])
{
    return folder_make(room) && setenv("TMPDIR", room, 1) == 0;
}

/* A tool whose process was ended may still end itself: it may write meanwhile. */
void ws__build_room_remove(const char room[WS__TOOL_FOLDER])
{
    const struct timespec moment = {0, 50000000};
    struct dirent **entry = NULL;
    for (int again = 0; again < ROOM_TRIES && access(room, F_OK) == 0; again++) {
        int count = scandir(room, &entry, NULL, NULL);
        for (int i = 0; i < count; i++) {
            struct ws_buffer path = WS_BUFFER_INIT;
            ws_buffer_printf(&path, "%s/%s", room, entry[i]->d_name);
            if (!path.failed && strspn(entry[i]->d_name, ".") != strlen(entry[i]->d_name))
                folder_remove(ws_buffer_text(&path));
            ws_buffer_release(&path);
            free(entry[i]);
        }
        free(count < 0 ? NULL : entry);
        if (rmdir(room) < 0)
            nanosleep(&moment, NULL);
    }
}

static bool file_put(const char *folder, const char *name, const char *text, size_t bytes)
{
    char path[WS__TOOL_FOLDER + 32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return ws_file_write(path, text, bytes) == WS_OK;
}

static bool file_get(const char *folder, const char *name, struct ws_buffer *out)
{
    char path[WS__TOOL_FOLDER + 32];
    ws_buffer_clear(out);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return ws_file_read(path, FILE_MOST, out) == WS_OK;
}

/* -- the steps ----------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), least = strlen(end);
    return length >= least && !strcmp(text + length - least, end);
}

/* A source was judged: say what is wrong, after its name. */
static enum ws__build_result judged(bool sound, const char *name, struct ws_buffer *why, struct ws__build *out)
{
    if (!sound)
        ws_buffer_printf(&out->said, "%s:%s\n", name, ws_buffer_text(why));
    out->said.failed |= why->failed;
    ws_buffer_release(why);
    return sound ? WS__BUILT : WS__BUILD_REFUSED;
}

/* Run a tool; what it says is the answer to the student if it fails. */
static enum ws__build_result step(struct ws__tool *tool, const char *folder, struct ws__build *out)
{
    ws_buffer_clear(&out->said);
    switch (ws__tool_run(tool, folder, ws__tool_walls(), &out->said)) {
    case WS__TOOL_DONE:
        return WS__BUILT;
    case WS__TOOL_FAILED:
        if (!out->said.size)
            ws_buffer_printf(&out->said, "the tool \"%s\" failed, and says nothing\n", tool->word[0]);
        return WS__BUILD_REFUSED;
    case WS__TOOL_MISSING:
        return WS__BUILD_NO_TOOL;
    default:
        return WS__BUILD_HOST;
    }
}

/* The submission's first line carries a label, so that its code is found in the program. */
static bool submission_put(const char *folder, const char *text, size_t bytes)
{
    struct ws_buffer labelled = WS_BUFFER_INIT;
    ws_buffer_printf(&labelled, ".text; submission_text_begin: ; ");
    ws_buffer_append(&labelled, text, bytes);
    ws_buffer_printf(&labelled, "\n");
    bool good = !labelled.failed && file_put(folder, "submission.s", labelled.data, labelled.size);
    ws_buffer_release(&labelled);
    return good;
}

static enum ws__build_result compile(const struct ws__build_plan *plan, const char *folder, struct ws__build *out)
{
    struct ws__tool tool = {.words = 0};
    struct ws_buffer assembler = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    bool sound = ws__sound_c(plan->submission.text, plan->submission.bytes, &why);
    if (judged(sound, plan->submission.name, &why, out) != WS__BUILT)
        return WS__BUILD_REFUSED;
    if (!file_put(folder, "submission.c", plan->submission.text, plan->submission.bytes))
        return WS__BUILD_HOST;
    ws__tool_words(&tool, WS_LESSON_CC " " WS_LESSON_CFLAGS " -nostdinc -S -o compiled.s submission.c");
    enum ws__build_result result = step(&tool, folder, out);
    if (result == WS__BUILT && !file_get(folder, "compiled.s", &assembler))
        result = WS__BUILD_HOST;
    if (result == WS__BUILT)
        result = judged(ws__sound_assembler(assembler.data, assembler.size, &why), "what was compiled", &why, out);
    if (result == WS__BUILT && !submission_put(folder, assembler.data, assembler.size))
        result = WS__BUILD_HOST;
    ws_buffer_release(&assembler);
    return result;
}

static enum ws__build_result source_place(const struct ws__build_plan *plan, const char *folder, struct ws__build *out)
{
    const struct ws__source_text *submission = &plan->submission;
    if (ends_with(submission->name, ".c"))
        return compile(plan, folder, out);
    struct ws_buffer why = WS_BUFFER_INIT;
    bool sound = ws__sound_assembler(submission->text, submission->bytes, &why);
    if (judged(sound, submission->name, &why, out) != WS__BUILT)
        return WS__BUILD_REFUSED;
    return submission_put(folder, submission->text, submission->bytes) ? WS__BUILT : WS__BUILD_HOST;
}

/* The submission comes last: the assembler writes a listing of each source over the one before. */
static enum ws__build_result sources_build(const struct ws__build_plan *plan, const char *folder, struct ws__build *out)
{
    struct ws__tool tool = {.words = 0};
    /* -save-temps: object files have names of which said.c knows whose they are.  -fno-lto: the linker must not compile
     * what an object file holds in the compiler's own form, see sound.c. */
    ws__tool_words(&tool, WS_LESSON_CC " -save-temps -x assembler -Wa,-aln=listing");
    if (!ends_with(plan->submission.name, ".c"))
        ws__tool_word(&tool, "-Wa,-g"); /* so that the linker knows lines */
    for (size_t i = 0; i < plan->symbols; i++)
        ws__tool_word(&tool, "-Wa,--defsym,%s=0x%x", plan->symbol[i].name, plan->symbol[i].value);
    ws__tool_words(&tool, WS_LESSON_LDFLAGS " -fno-lto -Wl,-N -Wl,-e,0 -o " PROGRAM);
    ws__tool_word(&tool, "-Wl,-Ttext=0x%x", plan->linear);
    for (size_t i = 0; i < plan->withs; i++)
        ws__tool_word(&tool, "with%zu.s", i);
    ws__tool_word(&tool, "submission.s");
    return step(&tool, folder, out);
}

/* It must lie where the lab has room for it. */
static enum ws__build_result place_judge(const struct ws__build_plan *plan, struct ws__build *out)
{
    ws_buffer_clear(&out->said);
    switch (ws__program_fits(out->elf.data, out->elf.size, plan->linear, &out->said)) {
    case WS_OK:
        return WS__BUILT;
    case WS_BAD_IMAGE:
        return WS__BUILD_REFUSED;
    default:
        return WS__BUILD_HOST;
    }
}

static bool withs_put(const struct ws__build_plan *plan, const char *folder)
{
    char name[32];
    for (size_t i = 0; i < plan->withs; i++) {
        snprintf(name, sizeof name, "with%zu.s", i);
        if (!file_put(folder, name, plan->with[i].text, plan->with[i].bytes))
            return false;
    }
    return true;
}

static enum ws__build_result all_make(const struct ws__build_plan *plan, const char *folder, struct ws__build *out)
{
    enum ws__build_result result = source_place(plan, folder, out);
    if (result == WS__BUILT && !withs_put(plan, folder))
        result = WS__BUILD_HOST;
    if (result == WS__BUILT)
        result = sources_build(plan, folder, out);
    if (result == WS__BUILT && !file_get(folder, PROGRAM, &out->elf))
        result = WS__BUILD_HOST;
    if (result == WS__BUILT)
        result = place_judge(plan, out);
    if (result == WS__BUILT)
        file_get(folder, "listing", &out->listing); /* another assembler writes none */
    return result;
}

enum ws__build_result ws__build(const struct ws__build_plan *plan, struct ws__build *out)
{
    char folder[WS__TOOL_FOLDER];
    *out = (struct ws__build){.said = WS_BUFFER_INIT};
    if (plan->withs > WITH_MOST || !folder_make(folder))
        return WS__BUILD_HOST;
    enum ws__build_result result = all_make(plan, folder, out);
    int error = errno;
    folder_remove(folder);
    if (result == WS__BUILD_REFUSED)
        ws__said_of(&out->said, plan->submission.name);
    errno = error;
    return out->said.failed || out->elf.failed || out->listing.failed ? WS__BUILD_HOST : result;
}

void ws__build_release(struct ws__build *build)
{
    ws_buffer_release(&build->said);
    ws_buffer_release(&build->elf);
    ws_buffer_release(&build->listing);
}
