/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a file whole or not at all. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "front/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <worldswitch/image.h>

#define TEMPORARY ".worldswitch-XXXXXX" /* short, whatever the file's own name is */

enum { NAMES_TRIED = 100 };

static void file_release(struct ws__whole_file *file)
{
    free(file->path);
    free(file->name);
    *file = (struct ws__whole_file){.descriptor = -1};
}

/* How much of the path is its folder, with the slash behind it; 0: it is the one we are in. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static bool names_make(struct ws__whole_file *file, const char *path)
{
    size_t folder = folder_length(path);
    file->path = strdup(path);
    file->name = malloc(folder + sizeof TEMPORARY);
    if (!file->path || !file->name)
        return false;
    memcpy(file->name, path, folder);
    memcpy(file->name + folder, TEMPORARY, sizeof TEMPORARY);
    return true;
}

/* -- without a name ------------------------------------------------------------------------------------ */

/* Where a descriptor can be linked from. */
static void descriptor_path(char out[sizeof "/proc/self/fd/-2147483648"], int descriptor)
{
    snprintf(out, sizeof "/proc/self/fd/-2147483648", "/proc/self/fd/%d", descriptor);
}

static int nameless_open(struct ws__whole_file *file)
{
    char link[sizeof "/proc/self/fd/-2147483648"], *end = file->name + folder_length(file->name), first = *end;
    *end = '\0';
    int descriptor = open(*file->name ? file->name : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    *end = first;
    descriptor_path(link, descriptor);
    if (descriptor >= 0 && access(link, F_OK) < 0) { /* it could not get its name */
        close(descriptor);
        return -1;
    }
    return descriptor;
}

/* Give it its temporary name: a link cannot take another file's place, but what has a name can be moved there. */
static int name_give(struct ws__whole_file *file)
{
    char link[sizeof "/proc/self/fd/-2147483648"], *number = file->name + strlen(file->name) - strlen("XXXXXX");
    descriptor_path(link, file->descriptor);
    for (unsigned i = 0; !file->named && i < NAMES_TRIED; i++) {
        snprintf(number, sizeof "XXXXXX", "%06u", ((unsigned)getpid() * NAMES_TRIED + i) % 1000000);
        file->named = linkat(AT_FDCWD, link, AT_FDCWD, file->name, AT_SYMLINK_FOLLOW) == 0;
        if (!file->named && errno != EEXIST)
            break;
    }
    return file->named ? 0 : -1;
}

/* -- the file ------------------------------------------------------------------------------------------ */

static bool file_open(struct ws__whole_file *file, const char *path)
{
    struct stat there;
    bool exists = stat(path, &there) == 0;
    file->direct = exists && !S_ISREG(there.st_mode);
    if ((!exists && errno != ENOENT) || !names_make(file, path) || (exists && access(path, W_OK) < 0))
        return false;
    if (file->direct) {
        file->descriptor = ws_file_open_special(path);
        return file->descriptor >= 0;
    }
    file->descriptor = nameless_open(file);
    if (file->descriptor < 0) {
        file->descriptor = mkstemp(file->name);
        file->named = file->descriptor >= 0;
    }
    mode_t mask = umask(0);
    umask(mask);
    return file->descriptor >= 0 && fchmod(file->descriptor, exists ? there.st_mode & 0777 : 0666 & ~mask) == 0;
}

bool ws__whole_file_open(struct ws__whole_file *file, const char *path)
{
    *file = (struct ws__whole_file){.descriptor = -1};
    if (file_open(file, path))
        return true;
    int error = errno;
    ws__whole_file_drop(file);
    errno = error;
    return false;
}

/* Only from its name to its place is there a moment in which the end of the process leaves something behind. */
int ws__whole_file_put(struct ws__whole_file *file)
{
    int error = 0;
    if (!file->direct && !file->named && name_give(file) < 0)
        error = errno;
    if (close(file->descriptor) < 0 && !error)
        error = errno; /* some file systems tell only now that there was no room */
    if (file->named && !error && rename(file->name, file->path) < 0)
        error = errno;
    if (file->named && error)
        unlink(file->name);
    file_release(file);
    return error;
}

void ws__whole_file_drop(struct ws__whole_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    if (file->named)
        unlink(file->name);
    file_release(file);
}
