/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files, in and out.
 */
#define _XOPEN_SOURCE 700

#include <worldswitch/image.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 16, TEMPORARY_NAMES = 100, DEFAULT_MODE = 0666 };

/* There is a process at the pipe's other end: from now on, wait until it writes, or reads. */
static bool may_wait(int file)
{
    int flags = fcntl(file, F_GETFL);
    return flags >= 0 && flags & O_NONBLOCK && fcntl(file, F_SETFL, flags & ~O_NONBLOCK) == 0;
}

/* A pipe that no process has open for writing: to wait for one may take for ever.  (If there is a writer, but nothing
 * is written yet, see may_wait().) */
static bool is_deserted(int file, const struct ws_buffer *got)
{
    struct stat there;
    int flags = fcntl(file, F_GETFL);
    return !got->size && flags >= 0 && flags & O_NONBLOCK && fstat(file, &there) == 0 && S_ISFIFO(there.st_mode);
}

/* Read until the end or until more than `limit` bytes came; errno says why it failed. */
static enum ws_status stream_read(int file, size_t limit, struct ws_buffer *out)
{
    uint8_t piece[PIECE_BYTES];
    for (;;) {
        ssize_t got = read(file, piece, sizeof piece);
        if (got < 0 && (errno == EINTR || (errno == EAGAIN && may_wait(file))))
            continue;
        if (got == 0 && is_deserted(file, out)) {
            errno = EPIPE;
            return WS_BAD_FILE;
        }
        if (got < 0)
            return WS_BAD_FILE;
        if (got == 0)
            return WS_OK;
        if ((size_t)got > limit - out->size) {
            errno = EFBIG;
            return WS_BAD_FILE;
        }
        ws_buffer_append(out, piece, (size_t)got);
        if (out->failed)
            return WS_NO_MEMORY;
    }
}

enum ws_status ws_file_read(const char *path, size_t limit, struct ws_buffer *out)
{
    ws_buffer_clear(out);
    if (path[0] == '-' && !path[1])
        return stream_read(STDIN_FILENO, limit, out);
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return WS_BAD_FILE;
    enum ws_status status = stream_read(file, limit, out);
    int why = errno;
    close(file);
    errno = why;
    return status;
}

int ws_file_open_special(const char *path)
{
    int file = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (file >= 0)
        may_wait(file);
    return file;
}

static enum ws_status stream_write(int file, const uint8_t *bytes, size_t size)
{
    while (size) {
        ssize_t put = write(file, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return WS_BAD_FILE;
        bytes += put;
        size -= (size_t)put;
    }
    return WS_OK;
}

/* Write and close; a full disk may show at the close only. */
static enum ws_status stream_finish(int file, const uint8_t *bytes, size_t size)
{
    enum ws_status status = stream_write(file, bytes, size);
    int why = errno;
    if (close(file) != 0 && status == WS_OK)
        return WS_BAD_FILE;
    errno = why;
    return status;
}

/* A new file beside `path`, so that the rename stays inside one file system. */
static int temporary_open(const char *path, mode_t mode, char *name, size_t name_bytes)
{
    int file = -1;
    for (int i = 0; file < 0 && i < TEMPORARY_NAMES; i++) {
        int length = snprintf(name, name_bytes, "%s.new-%ld-%d", path, (long)getpid(), i);
        if (length < 0 || (size_t)length >= name_bytes) {
            errno = ENAMETOOLONG;
            return -1;
        }
        file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (file < 0 && errno != EEXIST)
            return -1;
    }
    return file;
}

/* `before`: the file that is there now; NULL: none. */
static enum ws_status file_replace(const char *path, const struct stat *before, const void *bytes, size_t size)
{
    char name[PATH_MAX];
    int file = temporary_open(path, before ? before->st_mode & 0777 : DEFAULT_MODE, name, sizeof name);
    if (file < 0)
        return WS_BAD_FILE;
    /* The new file gets the owner and the mode of the one before.  The owner comes first, since a new owner may cost
     * the mode some bits. */
    if (before && (fchown(file, before->st_uid, before->st_gid) == 0 || errno == EPERM))
        fchmod(file, before->st_mode & 07777);
    enum ws_status status = stream_finish(file, bytes, size);
    if (status == WS_OK && rename(name, path) != 0)
        status = WS_BAD_FILE;
    if (status != WS_OK) {
        int why = errno;
        unlink(name);
        errno = why;
    }
    return status;
}

enum ws_status ws_file_write(const char *path, const void *bytes, size_t size)
{
    struct stat there;
    if (path[0] == '-' && !path[1])
        return stream_write(STDOUT_FILENO, bytes, size);
    if (stat(path, &there) != 0)
        return file_replace(path, NULL, bytes, size);
    if (!S_ISREG(there.st_mode)) {
        /* A terminal, a pipe or /dev/null cannot be replaced by a file: write into it. */
        int file = ws_file_open_special(path);
        return file < 0 ? WS_BAD_FILE : stream_finish(file, bytes, size);
    }

    /* Through symbolic links, so that the link stays one. */
    char *real = realpath(path, NULL);
    if (!real)
        return WS_BAD_FILE;
    enum ws_status status = file_replace(real, &there, bytes, size);
    free(real);
    return status;
}
