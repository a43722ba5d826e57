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

enum { LAB_FILE_MOST = 1 << 24, NAMES_SHOWN = 5 };

void ws__entries_release(struct ws__entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        free(entries->entry[i].path);
        free(entries->entry[i].name);
    }
    free(entries->entry);
    ws_buffer_release(&entries->passed_names);
    *entries = (struct ws__entries){.count = 0};
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

static int unread_complain(const char *path)
{
    ws__complain(NULL, "cannot read \"%s\": %s", path, strerror(errno));
    return errno == ENOMEM ? WS__EXIT_HOST : WS__EXIT_USAGE;
}

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

/* What some systems put beside everything that they pack. */
static bool is_of_packing(const char *name)
{
    return name[0] == '.' || !strcmp(name, "__MACOSX");
}

static int is_not_of_packing(const struct dirent *entry)
{
    return !is_of_packing(entry->d_name);
}

/* A name for a list that is read by people: the first ones, and that there are more. */
static void name_list(struct ws_buffer *list, const char *name, size_t number)
{
    if (number < NAMES_SHOWN) {
        ws_buffer_printf(list, "%s\"", number ? ", " : "");
        ws__printable_append(list, name, strlen(name));
        ws_buffer_printf(list, "\"");
    } else if (number == NAMES_SHOWN) {
        ws_buffer_printf(list, ", ...");
    }
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
    } else {
        name_list(&entries->passed_names, name, entries->passed_over++);
    }
    good &= !path.failed && !entries->passed_names.failed;
    ws_buffer_release(&path);
    return good;
}

static int folder_read(struct ws__entries *entries, const char *path, const char *file)
{
    struct dirent **entry = NULL;
    bool good = true;
    int count = scandir(path, &entry, is_not_of_packing, alphasort);
    if (count < 0)
        return unread_complain(path);
    for (int i = 0; i < count; i++) {
        good = good && member_add(entries, path, entry[i]->d_name, file);
        free(entry[i]);
    }
    free(entry);
    if (good && entries->passed_over) {
        const char *ending = strrchr(file, '.');
        struct ws_buffer hint = WS_BUFFER_INIT;
        ws_buffer_printf(&hint, "a submission is a file that ends in \"%s\", or a folder with \"%s\" in it",
                         ending ? ending : file, file);
        good = !hint.failed;
        ws__complain(ws_buffer_text(&hint), "%zu %s in \"%s\" %s passed over: %s", entries->passed_over,
                     entries->passed_over == 1 ? "file" : "files", path, entries->passed_over == 1 ? "is" : "are",
                     ws_buffer_text(&entries->passed_names));
        ws_buffer_release(&hint);
    }
    return good ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, path);
}

/* The folder holds the lab's file.  Is it one submission?  If folders in it hold one, too, it may be a class. */
static int one_add(struct ws__entries *entries, const char *path, const char *inside, const char *file)
{
    struct dirent **entry = NULL;
    size_t others = 0;
    bool good = true;
    int count = scandir(path, &entry, is_not_of_packing, alphasort);
    if (count < 0)
        return unread_complain(path);
    for (int i = 0; i < count; i++) {
        struct ws_buffer other = WS_BUFFER_INIT;
        struct stat there;
        ws_buffer_printf(&other, "%s/%s/%s", path, entry[i]->d_name, file);
        others += lstat(ws_buffer_text(&other), &there) == 0;
        good &= !other.failed;
        ws_buffer_release(&other);
        free(entry[i]);
    }
    free(entry);
    if (good && others) {
        ws__complain("one submission: name the file; a class: move that file away",
                     "\"%s\" may be one submission, or a class: \"%s\" is in it, and in %zu of its folders", path, file,
                     others);
        return WS__EXIT_USAGE;
    }
    return good && entry_add(entries, inside, path) ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, path);
}

static int path_read(struct ws__entries *entries, const char *path, const char *file)
{
    struct ws_buffer inside = WS_BUFFER_INIT;
    struct stat there;
    int result;
    if (lstat(path, &there) < 0)
        return unread_complain(path);
    ws_buffer_printf(&inside, "%s/%s", path, file);
    if (inside.failed)
        result = ws__complain_status(WS_NO_MEMORY, path);
    else if (!is_folder(path))
        result = entry_add(entries, path, path) ? WS__EXIT_DONE : ws__complain_status(WS_NO_MEMORY, path);
    else if (lstat(ws_buffer_text(&inside), &there) < 0)
        result = folder_read(entries, path, file);
    else
        result = one_add(entries, path, ws_buffer_text(&inside), file);
    ws_buffer_release(&inside);
    return result;
}

int ws__entries_find(struct ws__entries *out, const char *word, const char *file)
{
    struct ws_buffer stripped = WS_BUFFER_INIT;
    size_t bytes = strlen(word);
    while (bytes > 1 && word[bytes - 1] == '/') /* a shell that completes a folder's name puts one there */
        bytes--;
    ws_buffer_append(&stripped, word, bytes);
    const char *path = ws_buffer_text(&stripped);
    int result = stripped.failed ? ws__complain_status(WS_NO_MEMORY, word) : path_read(out, path, file);
    if (result == WS__EXIT_DONE && !out->count) {
        ws__complain("a submission is a file, or a folder with that file in it", "there is no \"%s\" in \"%s\"", file,
                     path);
        result = WS__EXIT_USAGE;
    }
    if (result == WS__EXIT_DONE)
        qsort(out->entry, out->count, sizeof *out->entry, entries_order);
    ws_buffer_release(&stripped);
    return result;
}

/* -- saying more --------------------------------------------------------------------------------------- */

/* How many bytes the last part of a path has, slashes behind it aside; *begin: where it begins. */
static size_t last_part(const char *path, size_t bytes, size_t *begin)
{
    while (bytes > 1 && path[bytes - 1] == '/')
        bytes--;
    *begin = bytes;
    while (*begin && path[*begin - 1] != '/')
        --*begin;
    return bytes - *begin;
}

int ws__entry_student(const struct ws__entry *entry, const char *file, char out[WS__STUDENT])
{
    const char *name = entry->name, *ending = strrchr(file, '.');
    size_t begin, bytes = last_part(name, strlen(name), &begin), behind = ending ? strlen(ending) : 0;
    if (bytes == strlen(file) && !strncmp(name + begin, file, bytes))
        bytes = last_part(name, begin, &begin);
    else if (behind && bytes > behind && !strncmp(name + begin + bytes - behind, ending, behind))
        bytes -= behind;
    snprintf(out, WS__STUDENT, "%.*s", (int)bytes, name + begin);
    if (!*out || !strcmp(out, ".") || !strcmp(out, "..") || !strcmp(out, "/")) {
        ws__complain("name the student's folder, or add --student NAME instead", "--students: \"%s\" names no student",
                     name);
        return WS__EXIT_USAGE;
    }
    if (bytes >= WS__STUDENT) {
        ws__complain("rename it, or add --student NAME instead",
                     "--students: \"%s\" is too long for a student's name: it has at most %d bytes", name,
                     WS__STUDENT - 1);
        return WS__EXIT_USAGE;
    }
    return WS__EXIT_DONE;
}

bool ws__entry_missing(const struct ws__entry *entry, const char *file, struct ws_buffer *why)
{
    struct ws_buffer folder = WS_BUFFER_INIT, names = WS_BUFFER_INIT;
    struct dirent **member = NULL;
    struct stat there;
    const char *slash = strrchr(entry->path, '/');
    if (!slash || strcmp(slash + 1, file) != 0 || lstat(entry->path, &there) == 0 || errno != ENOENT)
        return false;
    ws_buffer_append(&folder, entry->path, (size_t)(slash - entry->path));
    int count = scandir(ws_buffer_text(&folder), &member, is_not_of_packing, alphasort);
    for (int i = 0; i < count; i++) {
        name_list(&names, member[i]->d_name, (size_t)i);
        free(member[i]);
    }
    free(member);
    ws_buffer_clear(why);
    ws_buffer_printf(why, "there is no \"%s\" in it: %s%s", file, names.size ? "there is " : "it is empty",
                     ws_buffer_text(&names));
    why->failed |= folder.failed || names.failed;
    ws_buffer_release(&folder);
    ws_buffer_release(&names);
    return true;
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
