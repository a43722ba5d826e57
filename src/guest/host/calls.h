/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls: int $0x80 with the number in EAX, arguments in EBX, ECX, EDX; the result comes back in
 * EAX, negative if the call failed.
 */
#ifndef WS_GUEST_HOST_CALLS_H
#define WS_GUEST_HOST_CALLS_H

#define CALL_WRITE  0 /* file, bytes, how many: how many were written */
#define CALL_READ   1 /* file, buffer, how many: how many were read; 0 at the end.  The console: it waits for some */
#define CALL_OPEN   2 /* name: a file number */
#define CALL_CLOSE  3 /* file */
#define CALL_SEEK   4 /* file, offset from its beginning */
#define CALL_IOCTL  5 /* file, request, argument: what the device makes of it */
#define CALL_YIELD  6 /* let others run */
#define CALL_SLEEP  7 /* ticks */
#define CALL_EXIT   8 /* status; never comes back: the process ends, with all its threads */
#define CALL_GETPID 9
#define CALL_START  10 /* a program's file, the process's name, the number that it is told: its process id */
#define CALL_KILL   11 /* process id: it ends before its next instruction in ring 3 */
#define CALL_WAIT   12 /* process id: until that process has ended, and its memory is free */
#define CALL_FRAMES 13 /* how many page frames are free */
#define CALL_THREAD 14 /* address, end of a stack, name: another thread of this process begins there for good */
#define CALL_NAME   15 /* name: of the thread that calls */
#define CALL_INPUT  16 /* number: what is typed is for the process that was told it when it was started */
#define CALLS       17

/* Open in every process. */
#define FILE_CONSOLE 1

/* How a call can fail. */
#define CALL_BAD     (-1) /* no such call, file number, name or request */
#define CALL_FAULT   (-2) /* an address that the process may not use */
#define CALL_NO_ROOM (-3) /* of memory, disk, or file numbers */
#define CALL_NO_LUCK (-4) /* the disk failed */

#endif
