/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a program, it lets one allocation fail: the one that FAIL_ALLOCATION numbers, from 1.
 *
 * Numbered are the allocations of the program and of the libraries in numbered_library[], and the copies that the C
 * library makes for them.  Those of Unicorn, ncurses, Capstone and Jansson are not: without memory the first two end
 * the process, the third follows a null pointer, the fourth asserts that there is some, and we cannot hinder them.
 * Children and other programs have none that fails.
 *
 * FAIL_PLACES names a file that gets the numbers of those allocations that are the first of their place: none before
 * had the same return addresses on the stack.  Who lets each of them fail goes all the ways that lead from a failure.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The C library's own, under the names that cannot be replaced. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* clang-format off */
static const char *const numbered_library[] = {
    "libworldswitch", "libelf", "libzstd",
};
/* clang-format on */

enum { RANGES_MOST = 64, DEPTH = 24, PLACES = 1 << 16 };

/* Where the numbered code is, and the count. */
static struct {
    uintptr_t begin[RANGES_MOST], end[RANGES_MOST];
    size_t ranges;
    pid_t process;
    long count, failing;
    bool asked_for_places;
} shim;

/* Places that were seen, by the hash of their stack: the number of the first allocation there, and 0 where none is. */
static struct {
    uint64_t hash;
    long first;
} place[PLACES];

static bool is_numbered(const char *path)
{
    if (!*path)
        return true; /* the program itself */
    for (size_t i = 0; i < sizeof numbered_library / sizeof *numbered_library; i++)
        if (strstr(path, numbered_library[i]))
            return true;
    return false;
}

static int object_add(struct dl_phdr_info *object, size_t bytes, void *context)
{
    (void)bytes;
    (void)context;
    for (int i = 0; is_numbered(object->dlpi_name) && i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || shim.ranges == RANGES_MOST)
            continue;
        shim.begin[shim.ranges] = object->dlpi_addr + segment->p_vaddr;
        shim.end[shim.ranges] = shim.begin[shim.ranges] + segment->p_memsz;
        shim.ranges++;
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *failing = getenv("FAIL_ALLOCATION");
    shim.failing = failing ? atol(failing) : 0;
    shim.process = getpid();
    shim.asked_for_places = getenv("FAIL_PLACES");
    unsetenv("LD_PRELOAD"); /* other programs that it starts are not meant */
    dl_iterate_phdr(object_add, NULL);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_PLACES");
    FILE *file = path && getpid() == shim.process ? fopen(path, "w") : NULL;
    if (!file)
        return;
    for (size_t i = 0; i < PLACES; i++)
        if (place[i].first)
            fprintf(file, "%ld\n", place[i].first);
    fclose(file);
}

/* Remember the place of an allocation; if there are too many, those that are left over are not tried. */
static void place_note(void)
{
    static bool inside; /* what finds the callers allocates, too, the first time */
    void *caller[DEPTH];
    uint64_t hash = 14695981039346656037u;
    if (inside)
        return;
    inside = true;
    int depth = backtrace(caller, DEPTH);
    inside = false;
    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uintptr_t)caller[i]) * 1099511628211u;
    for (size_t tries = 0, at = hash % PLACES; tries < PLACES; tries++, at = (at + 1) % PLACES) {
        if (place[at].first && place[at].hash != hash)
            continue;
        if (!place[at].first) {
            place[at].hash = hash;
            place[at].first = shim.count;
        }
        return;
    }
}

/* Count an allocation that `caller` asks for; true: it is to fail. */
static bool fails(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    for (size_t i = 0; i < shim.ranges; i++) {
        if (at < shim.begin[i] || at >= shim.end[i])
            continue;
        shim.count++;
        if (shim.asked_for_places)
            place_note();
        if (shim.count != shim.failing || getpid() != shim.process)
            return false;
        errno = ENOMEM;
        return true;
    }
    return false;
}

#define FAILS() fails(__builtin_return_address(0))

void *malloc(size_t size)
{
    return FAILS() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return FAILS() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return FAILS() ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || FAILS())
        return NULL;
    return __libc_realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size)
{
    return FAILS() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return FAILS() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (FAILS())
        return ENOMEM;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

char *strndup(const char *text, size_t most)
{
    size_t length = strnlen(text, most);
    char *copy = FAILS() ? NULL : __libc_malloc(length + 1);
    if (!copy)
        return NULL;
    copy[length] = '\0';
    return memcpy(copy, text, length);
}

char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = FAILS() ? NULL : __libc_malloc(bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}
