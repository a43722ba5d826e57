/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding labs. */
#define _POSIX_C_SOURCE 200809L
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front/options.h"
#include "lesson/lesson.h"
#include "lesson/lua/script.h"

#ifndef WS_LESSONS_INSTALLED
#define WS_LESSONS_INSTALLED "/usr/local/share/worldswitch/lessons"
#endif

/* A lab's folder is called NN-name, in lower case. */
static bool name_is_lab(const char *name)
{
    if (!isdigit((unsigned char)name[0]) || !isdigit((unsigned char)name[1]) || name[2] != '-' || !name[3])
        return false;
    size_t length = 3 + strspn(name + 3, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return !name[length] && length < WS__LESSON_NAME;
}

static int names_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Are there labs in that folder? */
static bool labs_read(struct ws__lessons *out)
{
    char path[WS__LESSON_PATH + WS__LESSON_NAME + sizeof "//lesson.lua"];
    DIR *entries = opendir(out->folder);
    out->count = 0;
    out->no_memory = !entries && errno == ENOMEM;
    if (!entries)
        return false;
    for (const struct dirent *entry; (entry = readdir(entries)) && out->count < WS__LESSONS_MOST;) {
        if (!name_is_lab(entry->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%.63s/lesson.lua", out->folder, entry->d_name);
        if (access(path, R_OK) == 0)
            snprintf(out->name[out->count++], WS__LESSON_NAME, "%.63s", entry->d_name);
    }
    closedir(entries);
    qsort(out->name, out->count, sizeof out->name[0], names_order);
    return out->count > 0;
}

/* "FOLDER/NAME" */
static void path_make(char out[WS__LESSON_PATH], const char *folder, const char *name)
{
    if (snprintf(out, WS__LESSON_PATH, "%s/%s", folder, name) >= WS__LESSON_PATH)
        *out = 0;
}

/* The folder that belongs to the program: "labs" beside it, where it was built, or where it is installed. */
static void own_folder(char out[WS__LESSON_PATH])
{
    char program[WS__LESSON_PATH];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = 0;
    char *slash = strrchr(program, '/');
    *(slash ? slash : program) = 0;
    path_make(out, program, "labs");
    if (access(out, R_OK) < 0)
        snprintf(out, WS__LESSON_PATH, "%s", WS_LESSONS_INSTALLED);
}

/* In the order in which they are run. */
static const char *const shared_name[WS__LESSON_SHARED] = {"common.lua", "quiz.lua", "quiz_switches.lua",
                                                           "quiz_faults.lua", "quiz_handlers.lua"};

static bool lessons_find(struct ws__lessons *out)
{
    char own[WS__LESSON_PATH];
    const char *named = getenv("WS_LESSONS");
    own_folder(own);
    snprintf(out->folder, sizeof out->folder, "%s", named && *named ? named : own);
    for (size_t i = 0; i < WS__LESSON_SHARED; i++) {
        path_make(out->shared[i], out->folder, shared_name[i]);
        if (access(out->shared[i], R_OK) < 0)
            path_make(out->shared[i], own, shared_name[i]);
    }
    return labs_read(out);
}

int ws__lessons_open(struct ws__lessons *out)
{
    if (!*ws__script_version()) {
        ws__complain("install liblua5.4-dev, then configure and build again",
                     "this copy was built without Lua, which the labs need");
        return WS__EXIT_HOST;
    }
    if (!lessons_find(out) && out->no_memory)
        return ws__complain_status(WS_NO_MEMORY, out->folder);
    if (!out->count) {
        ws__complain("set WS_LESSONS to the folder \"lessons\"", "there are no labs in \"%s\"", out->folder);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

int ws__lessons_named(const struct ws__lessons *lessons, const char *word, size_t *index)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    for (*index = 0; *index < lessons->count; ++*index) {
        const char *name = lessons->name[*index];
        if (!strcmp(name, word) || (isdigit((unsigned char)*word) && !*end && strtoul(name, NULL, 10) == number))
            return WS__EXIT_DONE;
    }
    ws__complain("\"worldswitch lesson list\" says which there are", "there is no lab \"%s\"", word);
    return WS__EXIT_USAGE;
}
