/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a call can answer.
 *
 * A status tells that the outside failed: a file, memory, an argument.  A guest that misbehaves is not an
 * error: its fault goes to the guest, and a guest that cannot go on ends with a `struct ws_halt` (halt.h).
 */
#ifndef WORLDSWITCH_STATUS_H
#define WORLDSWITCH_STATUS_H

/* name, what a user reads */
#define WS_STATUS_TABLE(X)                                                    \
    X(OK, "done")                                                             \
    X(NO_MEMORY, "the host has no memory left")                               \
    X(BAD_ARGUMENT, "an argument is out of its range")                        \
    X(BAD_FILE, "the file cannot be read or written")                         \
    X(BAD_IMAGE, "the image is damaged or not an image")                      \
    X(UNSUPPORTED, "the image asks for something this machine does not have") \
    X(NO_ROOM, "the guest's memory is full")                                  \
    X(NOT_MAPPED, "the linear address is not mapped")                         \
    X(OVERLAP, "the range is taken already")                                  \
    X(TIMEOUT, "the guest did not do it within the instruction limit")        \
    X(HALTED, "the guest has halted")                                         \
    X(NOT_FOUND, "there is no such thing")                                    \
    X(ENGINE, "the CPU emulator refused")                                     \
    X(INTERRUPTED, "it was interrupted")

/* If the caller does not look at a status, the compiler warns: what failed would become an answer.  `(void)` before a
 * call says that the failure does not matter there, and a comment why. */
#if defined __clang__
#define WS_MUST_USE __attribute__((warn_unused_result))
#elif defined __GNUC__ && __GNUC__ >= 11
#define WS_MUST_USE [[nodiscard]]
#else
#define WS_MUST_USE
#endif

__extension__ enum WS_MUST_USE ws_status {
#define WS_STATUS_ENUM(name, text) WS_##name,
    WS_STATUS_TABLE(WS_STATUS_ENUM)
#undef WS_STATUS_ENUM
        WS_STATUS_COUNT
};

/* The sentence for a status: lower case, no full stop, a string constant.  Never NULL. */
const char *ws_status_text(enum ws_status status);

#endif
