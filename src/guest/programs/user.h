/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs of the host have at hand: its system calls, and a few words around them. */
#ifndef WS_GUEST_PROGRAMS_USER_H
#define WS_GUEST_PROGRAMS_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/host/calls.h"
#include "guest/shared/memory.h"

/* Each program's own; when it returns, the process exits. */
void user_main(void);

/* start.S: the number that the process was told when it was started. */
extern uint32_t user_number;

/* What is on top of the x87 unit's stack, as the upper half of a double: 1.0 is 0x3ff00000. The compiler uses no x87
 * register, so what one of these puts there stays, unless another process's turn takes it away. */
static inline void x87_push_one(void)
{
    __asm__ volatile("fld1");
}

static inline void x87_push_pi(void)
{
    __asm__ volatile("fldpi");
}

static inline uint32_t x87_top(void)
{
    uint32_t half[2];

    __asm__ volatile("fstl %0" : "=m"(half));
    return half[1];
}

/* start.S: the system call with that number; host/calls.h says what the arguments are. */
int32_t system_call(uint32_t number, uint32_t one, uint32_t two, uint32_t three);

static inline int32_t file_open(const char *name)
{
    return system_call(CALL_OPEN, (uint32_t)name, 0, 0);
}

static inline int32_t file_read(int32_t file, void *to, uint32_t bytes)
{
    return system_call(CALL_READ, (uint32_t)file, (uint32_t)to, bytes);
}

static inline int32_t file_write(int32_t file, const void *from, uint32_t bytes)
{
    return system_call(CALL_WRITE, (uint32_t)file, (uint32_t)from, bytes);
}

static inline int32_t file_seek(int32_t file, uint32_t offset)
{
    return system_call(CALL_SEEK, (uint32_t)file, offset, 0);
}

static inline int32_t file_ioctl(int32_t file, uint32_t request, void *argument)
{
    return system_call(CALL_IOCTL, (uint32_t)file, request, (uint32_t)argument);
}

static inline void file_close(int32_t file)
{
    system_call(CALL_CLOSE, (uint32_t)file, 0, 0);
}

static inline void sleep_ticks(uint32_t ticks)
{
    system_call(CALL_SLEEP, ticks, 0, 0);
}

static inline void yield(void)
{
    system_call(CALL_YIELD, 0, 0, 0);
}

static inline uint32_t process_id(void)
{
    return (uint32_t)system_call(CALL_GETPID, 0, 0, 0);
}

static inline uint32_t time_ticks(void)
{
    return (uint32_t)system_call(CALL_TIME, 0, 0, 0);
}

static inline int32_t process_start(const char *file, const char *name, uint32_t number)
{
    return system_call(CALL_START, (uint32_t)file, (uint32_t)name, number);
}

static inline int32_t process_kill(int32_t pid)
{
    return system_call(CALL_KILL, (uint32_t)pid, 0, 0);
}

static inline void process_wait(int32_t pid)
{
    system_call(CALL_WAIT, (uint32_t)pid, 0, 0);
}

static inline uint32_t frames_free(void)
{
    return (uint32_t)system_call(CALL_FRAMES, 0, 0, 0);
}

/* Another thread of this process begins at `entry`, on a stack that ends there; it never returns. */
static inline int32_t thread_start(void entry(void), void *stack_end, const char *name)
{
    return system_call(CALL_THREAD, (uint32_t)entry, (uint32_t)stack_end, (uint32_t)name);
}

/* What watchers call the thread that calls, behind the process's name. */
static inline void thread_name(const char *name)
{
    system_call(CALL_NAME, (uint32_t)name, 0, 0);
}

static inline int32_t input_give(uint32_t number)
{
    return system_call(CALL_INPUT, number, 0, 0);
}

/* say.c: one line, made as text_format() says, and written by one call, so that it stays one
 * line when other processes write, too. */
void say(const char *format, ...);

/* work.c: how many primes are below `end`; it computes long enough to be interrupted. */
uint32_t primes_below(uint32_t end);
/* work.c: read a whole file, sector by sector, and add up its bytes; 0 if there is no such file. */
uint32_t file_sum(const char *name, uint32_t *bytes);

#endif
