/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grade: what there is to grade, and a number that stands for it.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <worldswitch/image.h>

#include "base/printable.h"
#include "cli/grade.h"
#include "front/complain.h"
#include "lesson/build.h"

enum { LAB_FILE_MOST = 1 << 24 };

void ws__entries_release(struct ws__entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        free(entries->entry[i].path);
        free(entries->entry[i].name);
    }
    free(entries->entry);
    *entries = (struct ws__entries){NULL, 0};
}

static bool entry_add(struct ws__entries *entries, const char *path, const char *name)
{
    struct ws_buffer shown = WS_BUFFER_INIT;
    struct ws__entry *grown = realloc(entries->entry, (entries->count + 1) * sizeof *grown);
    if (!grown)
        return false;
    entries->entry = grown;
    ws__printable_append(&shown, name, strlen(name));
    bool good = !shown.failed;
    grown[entries->count] = (struct ws__entry){strdup(path), ws_buffer_detach(&shown)};
    good &= grown[entries->count].path && grown[entries->count].name;
    entries->count++;
    return good;
}

static int entries_order(const void *a, const void *b)
{
    const struct ws__entry *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->path, right->path);
}

/* -- looking ------------------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat there;
    return stat(path, &there) == 0 && S_ISDIR(there.st_mode);
}

/* Does the name end as the lab's file does: ".s"? */
static bool ending_fits(const char *file, const char *name)
{
    const char *wanted = strrchr(file, '.'), *ending = strrchr(name, '.');
    return wanted && ending && ending != name && !strcmp(wanted, ending);
}

/* The path FOLDER/NAME, or FOLDER/NAME/FILE if that is a folder.  A symbolic link may lead to another student's work:
 * it is an entry itself, and will be refused.  false: no memory. */
static bool member_add(struct ws__entries *entries, const char *folder, const char *name, const char *file)
{
    struct ws_buffer path = WS_BUFFER_INIT;
    struct stat there = {.st_mode = 0};
    bool good = true;
    ws_buffer_printf(&path, "%s/%s", folder, name);
    if (lstat(ws_buffer_text(&path), &there) == 0 && S_ISDIR(there.st_mode)) {
        ws_buffer_printf(&path, "/%s", file);
        good = entry_add(entries, ws_buffer_text(&path), name);
    } else if (S_ISLNK(there.st_mode) || ending_fits(file, name)) {
        good = entry_add(entries, ws_buffer_text(&path), name);
    }
    good &= !path.failed;
    ws_buffer_release(&path);
    return good;
}

static int folder_read(struct ws__entries *entries, const char *path, const char *file)
{
    DIR *folder = opendir(path);
    bool good = true;
    if (!folder) {
        ws__complain(NULL, "cannot read \"%s\": %s", path, strerror(errno));
        return WS__EXIT_USAGE;
    }
    for (const struct dirent *entry; good && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            good = member_add(entries, path, entry->d_name, file);
    closedir(folder);
    return good ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, path);
}

int ws__entries_find(struct ws__entries *out, const char *path, const char *file)
{
    struct ws_buffer inside = WS_BUFFER_INIT;
    struct stat there;
    int result = WS__EXIT_DONE;
    if (lstat(path, &there) < 0) {
        ws__complain(NULL, "cannot read \"%s\": %s", path, strerror(errno));
        return WS__EXIT_USAGE;
    }
    ws_buffer_printf(&inside, "%s/%s", path, file);
    if (is_folder(path) && lstat(ws_buffer_text(&inside), &there) < 0)
        result = folder_read(out, path, file);
    else if (!entry_add(out, is_folder(path) ? ws_buffer_text(&inside) : path, path))
        result = ws__complain_status(WS_NO_MEMORY, path);
    ws_buffer_release(&inside);
    if (result == WS__EXIT_DONE && !out->count) {
        ws__complain("a submission is a file, or a folder with that file in it", "there is no \"%s\" in \"%s\"", file,
                     path);
        result = WS__EXIT_USAGE;
    }
    if (result == WS__EXIT_DONE)
        qsort(out->entry, out->count, sizeof *out->entry, entries_order);
    return result;
}

/* -- numbers that stand for files: FNV-1a, 64 bits ----------------------------------------------------- */

#define HASH_BEGIN 0xcbf29ce484222325ull

/* A piece, and where it ends. */
static void hash_add(uint64_t *hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        *hash = (*hash ^ byte[i]) * 0x100000001b3ull;
    *hash = (*hash ^ size) * 0x100000001b3ull;
}

/* One that cannot be read is what is said of it, its path aside: other machines have it elsewhere. */
enum ws_status ws__entries_hash(const struct ws__entries *entries, uint64_t *out)
{
    enum ws_status status = WS_OK;
    *out = HASH_BEGIN;
    for (size_t i = 0; i < entries->count && status != WS_NO_MEMORY; i++) {
        struct ws_buffer text = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
        status = ws__source_read(entries->entry[i].path, &text, &why);
        hash_add(out, entries->entry[i].name, strlen(entries->entry[i].name));
        hash_add(out, ws_buffer_text(&text), status == WS_OK ? text.size : 0);
        ws_buffer_release(&text);
        ws_buffer_release(&why);
    }
    return status == WS_NO_MEMORY ? status : WS_OK;
}

static enum ws_status file_hash(const char *path, uint64_t *hash)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    enum ws_status status = ws_file_read(path, LAB_FILE_MOST, &text);
    if (status == WS_OK)
        hash_add(hash, ws_buffer_text(&text), text.size);
    ws_buffer_release(&text);
    return status;
}

/* What a check may read. */
static int is_of_check(const struct dirent *entry)
{
    static const char *const not [] = {"lesson.md", "solution", "starter"};
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        if (!strcmp(entry->d_name, not [i]))
            return 0;
    return entry->d_name[0] != '.';
}

enum ws_status ws__lab_hash(const struct ws__lessons *lessons, const struct ws__lesson *lesson, const char *variant,
                            uint64_t *out)
{
    struct dirent **entry = NULL;
    char path[WS__LESSON_PATH];
    *out = HASH_BEGIN;
    hash_add(out, variant, strlen(variant));
    enum ws_status status = WS_OK;
    for (size_t i = 0; i < WS__LESSON_SHARED && status == WS_OK; i++)
        status = file_hash(lessons->shared[i], out);
    int count = scandir(lesson->folder, &entry, is_of_check, alphasort);
    if (count < 0)
        return errno == ENOMEM ? WS_NO_MEMORY : WS_BAD_FILE;
    for (int i = 0; i < count; i++) {
        ws__lesson_path(lesson, entry[i]->d_name, path);
        if (status == WS_OK && !is_folder(path))
            status = file_hash(path, out);
        hash_add(out, entry[i]->d_name, strlen(entry[i]->d_name));
        free(entry[i]);
    }
    free(entry);
    return status;
}
