/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs of the host have at hand: its system calls, and a few words around them. */
#ifndef WS_GUEST_PROGRAMS_USER_H
#define WS_GUEST_PROGRAMS_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/host/calls.h"
#include "guest/shared/memory.h"
#include "guest/shared/text.h"

/* Each program's own; when it returns, the process exits. */
void user_main(void);

/* start.S: the number that the process was told when it was started. */
extern uint32_t user_number;

/* One of the constants that the x87 unit knows goes onto its stack: "1", or "pi".  The compiler uses no x87 register,
 * so it stays, unless another process's turn takes it away. */
#define x87_push(constant) __asm__ volatile("fld" constant)

/* What is on top there, as the upper half of a double: 1.0 is 0x3ff00000. */
static inline uint32_t x87_top(void)
{
    uint32_t half[2];

    __asm__ volatile("fstl %0" : "=m"(half));
    return half[1];
}

/* start.S: the system call with that number; host/calls.h says what the arguments are. */
int32_t system_call(uint32_t number, uint32_t one, uint32_t two, uint32_t three);

/* The calls as functions: what comes back, name, arguments; number, and the three that ring 0 gets.  A thread that is
 * started begins at a function, on a stack that ends there, and never returns; thread_name() is what watchers call the
 * one that calls. */
/* clang-format off */
#define CALL(result, name, arguments, number, one, two, three) \
    static inline result name arguments \
    { return (result)system_call(number, (uint32_t)(one), (uint32_t)(two), (uint32_t)(three)); }
typedef void thread_entry(void);
CALL(int32_t, file_open, (const char *name), CALL_OPEN, name, 0, 0)
CALL(int32_t, file_read, (int32_t file, void *to, uint32_t bytes), CALL_READ, file, to, bytes)
CALL(int32_t, file_write, (int32_t file, const void *from, uint32_t bytes), CALL_WRITE, file, from, bytes)
CALL(int32_t, file_seek, (int32_t file, uint32_t offset), CALL_SEEK, file, offset, 0)
CALL(int32_t, file_ioctl, (int32_t file, uint32_t request, void *argument), CALL_IOCTL, file, request, argument)
CALL(int32_t, file_close, (int32_t file), CALL_CLOSE, file, 0, 0)
CALL(int32_t, sleep_ticks, (uint32_t ticks), CALL_SLEEP, ticks, 0, 0)
CALL(int32_t, yield, (void), CALL_YIELD, 0, 0, 0)
CALL(uint32_t, process_id, (void), CALL_GETPID, 0, 0, 0)
CALL(int32_t, process_start, (const char *file, const char *name, uint32_t number), CALL_START, file, name, number)
CALL(int32_t, process_kill, (int32_t process), CALL_KILL, process, 0, 0)
CALL(int32_t, process_wait, (int32_t process), CALL_WAIT, process, 0, 0)
CALL(uint32_t, frames_free, (void), CALL_FRAMES, 0, 0, 0)
CALL(int32_t, thread_start, (thread_entry *begin, void *stack, const char *name), CALL_THREAD, begin, stack, name)
CALL(int32_t, thread_name, (const char *name), CALL_NAME, name, 0, 0)
CALL(int32_t, input_give, (uint32_t number), CALL_INPUT, number, 0, 0)
/* clang-format on */

/* say.c: one line, made as text_format() says, and written by one call, so that it stays one
 * line when other processes write, too. */
void say(const char *format, ...);

/* work.c: how many primes are below `end`; it computes long enough to be interrupted. */
uint32_t primes_below(uint32_t end);
/* work.c: read a whole file, sector by sector, and add up its bytes; 0 if there is no such file. */
uint32_t file_sum(const char *name, uint32_t *bytes);

#endif
