/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools may see, and Landlock, by which a process takes rights from itself. */
#define _GNU_SOURCE
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "lesson/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif

#ifndef WS_LESSONS_INSTALLED
#define WS_LESSONS_INSTALLED "/usr/local/share/worldswitch/labs"
#endif

/* Neither /usr/share nor /etc: a tool needs nothing of them but what Debian's alternatives point to. */
const char *const ws__confine_seen[] = {
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/libexec",
    "/usr/x86_64-linux-gnu",
    "/usr/i686-linux-gnu",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/local/libexec",
    "/opt",
    "/etc/alternatives",
    "/nix/store",
    "/gnu/store",
    NULL,
};

/* Is `path` in that folder, or the folder itself? */
static bool is_within(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return !strncmp(folder, path, length) && (!path[length] || path[length] == '/');
}

static bool is_seen(const char *path)
{
    for (size_t i = 0; ws__confine_seen[i]; i++)
        if (is_within(ws__confine_seen[i], path))
            return true;
    return false;
}

_Static_assert(PATH_MAX <= WS__CONFINE_PATH, "what realpath() writes has room");

void ws__confine_hidden(struct ws__hidden *out)
{
    const char *const labs[WS__CONFINE_HIDDEN] = {WS_LESSONS_INSTALLED, getenv("WS_LESSONS")};
    out->count = 0;
    for (unsigned i = 0; i < WS__CONFINE_HIDDEN; i++)
        if (labs[i] && realpath(labs[i], out->folder[out->count]) && is_seen(out->folder[out->count]))
            out->count++;
}

/* -- Landlock ------------------------------------------------------------------------------------------ */

#ifdef HAVE_LINUX_LANDLOCK_H

/* Rights that came after the first version, for headers that do not have them yet. */
enum {
    FIRST_RIGHTS = 13, /* execute, read, write, remove, make: bits 0 to 12 */
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
    BIND_AND_CONNECT_TCP = 3,
    SIGNALS_AND_ABSTRACT_SOCKETS = 3,
    WITH_REFER = 2, /* the versions in which they came */
    WITH_TRUNCATE = 3,
    WITH_NET = 4,
    WITH_IOCTL = 5,
    WITH_SCOPES = 6
};

/* As the kernel has it; a short one means that the rest is zero. */
struct rights {
    uint64_t files, net, scopes;
};

static long ruleset_create(const struct rights *rights, size_t bytes, uint32_t flags)
{
    return syscall(SYS_landlock_create_ruleset, rights, bytes, flags);
}

int ws__landlock_version(void)
{
    long version = ruleset_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

/* All that this kernel can take away. */
static size_t rights_fill(struct rights *rights, int version)
{
    *rights = (struct rights){.files = (1u << FIRST_RIGHTS) - 1};
    rights->files |= version >= WITH_REFER ? REFER : 0;
    rights->files |= version >= WITH_TRUNCATE ? TRUNCATE : 0;
    rights->files |= version >= WITH_IOCTL ? IOCTL_DEV : 0;
    rights->net = version >= WITH_NET ? BIND_AND_CONNECT_TCP : 0;
    rights->scopes = version >= WITH_SCOPES ? SIGNALS_AND_ABSTRACT_SOCKETS : 0;
    return version >= WITH_SCOPES ? sizeof *rights : version >= WITH_NET ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

/* Give rights on what is there, and all below it, back.  What is not there needs none. */
static bool right_give(int ruleset, const char *path, uint64_t rights)
{
    int there = open(path, O_PATH | O_CLOEXEC);
    if (there < 0)
        return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = there};
    bool given = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(there);
    return given;
}

/* A rule holds for all that is below a folder: one with labs in it is not given at all. */
static bool holds_labs(const char *folder)
{
    struct ws__hidden hidden;
    ws__confine_hidden(&hidden);
    for (unsigned i = 0; i < hidden.count; i++)
        if (is_within(folder, hidden.folder[i]))
            return true;
    return false;
}

static bool rights_give(int ruleset, const char *folder, uint64_t known)
{
    const uint64_t read = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const uint64_t write = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                           LANDLOCK_ACCESS_FS_REMOVE_FILE | (TRUNCATE & known);
    const uint64_t on_file = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | (TRUNCATE & known);
    bool given = right_give(ruleset, folder, (read & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE) | write) &&
                 right_give(ruleset, "/dev/null", on_file);
    for (size_t i = 0; ws__confine_seen[i]; i++)
        if (!holds_labs(ws__confine_seen[i]))
            given &= right_give(ruleset, ws__confine_seen[i], read);
    return given;
}

bool ws__landlock_enter(const char *folder)
{
    struct rights rights;
    size_t bytes = rights_fill(&rights, ws__landlock_version());
    int ruleset = (int)ruleset_create(&rights, bytes, 0);
    bool entered = ruleset >= 0 && rights_give(ruleset, folder, rights.files) &&
                   prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    if (ruleset >= 0)
        close(ruleset);
    return entered;
}

bool ws__landlock_works(void)
{
    int status = 0;
    pid_t pid = ws__landlock_version() ? fork() : -1;
    if (pid == 0) {
        bool good = ws__landlock_enter("/tmp") && open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES &&
                    open("/usr/bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0;
        _exit(good ? 0 : 1);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#else

int ws__landlock_version(void)
{
    return 0;
}

bool ws__landlock_works(void)
{
    return false;
}

bool ws__landlock_enter(const char *folder)
{
    (void)folder;
    return false;
}

#endif
