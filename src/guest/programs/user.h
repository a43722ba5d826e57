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

/* The calls as functions: how many arguments, what comes back, name, number, types.  A thread that is started begins at
 * a function, on a stack that ends there, and never returns; thread_name() is what watchers call the one that calls. */
/* clang-format off */
#define CALL_0(result, name, number) \
    static inline result name(void) { return (result)system_call(number, 0, 0, 0); }
#define CALL_1(result, name, number, a) \
    static inline result name(a one) { return (result)system_call(number, (uint32_t)one, 0, 0); }
#define CALL_2(result, name, number, a, b) \
    static inline result name(a one, b two) { return (result)system_call(number, (uint32_t)one, (uint32_t)two, 0); }
#define CALL_3(result, name, number, a, b, c) \
    static inline result name(a one, b two, c three) \
    { return (result)system_call(number, (uint32_t)one, (uint32_t)two, (uint32_t)three); }

typedef void thread_entry(void);
CALL_1(int32_t, file_open, CALL_OPEN, const char *)
CALL_3(int32_t, file_read, CALL_READ, int32_t, void *, uint32_t)
CALL_3(int32_t, file_write, CALL_WRITE, int32_t, const void *, uint32_t)
CALL_2(int32_t, file_seek, CALL_SEEK, int32_t, uint32_t)
CALL_3(int32_t, file_ioctl, CALL_IOCTL, int32_t, uint32_t, void *)
CALL_1(int32_t, file_close, CALL_CLOSE, int32_t)
CALL_1(int32_t, sleep_ticks, CALL_SLEEP, uint32_t)
CALL_0(int32_t, yield, CALL_YIELD)
CALL_0(uint32_t, process_id, CALL_GETPID)
CALL_0(uint32_t, time_ticks, CALL_TIME)
CALL_3(int32_t, process_start, CALL_START, const char *, const char *, uint32_t)
CALL_1(int32_t, process_kill, CALL_KILL, int32_t)
CALL_1(int32_t, process_wait, CALL_WAIT, int32_t)
CALL_0(uint32_t, frames_free, CALL_FRAMES)
CALL_3(int32_t, thread_start, CALL_THREAD, thread_entry *, void *, const char *)
CALL_1(int32_t, thread_name, CALL_NAME, const char *)
CALL_1(int32_t, input_give, CALL_INPUT, uint32_t)
/* clang-format on */

/* say.c: one line, made as text_format() says, and written by one call, so that it stays one
 * line when other processes write, too. */
void say(const char *format, ...);

/* work.c: how many primes are below `end`; it computes long enough to be interrupted. */
uint32_t primes_below(uint32_t end);
/* work.c: read a whole file, sector by sector, and add up its bytes; 0 if there is no such file. */
uint32_t file_sum(const char *name, uint32_t *bytes);

#endif
