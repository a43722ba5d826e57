/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls: one table, one function a call.  What ring 3 says is checked here, and nowhere below:
 * file numbers, and addresses.
 */
#include "guest/driver/driver.h"
#include "guest/host/disk.h"
#include "guest/host/host.h"

/* EBX, ECX, EDX; what they mean is the call's affair. */
struct arguments {
    uint32_t one, two, three;
};

typedef int32_t call_function(struct arguments told);

/* The open file with that number, of that kind; OPEN_NONE: of any kind but that.  NULL: there is none. */
static struct open_file *open_find(uint32_t number, enum open_kind kind)
{
    struct open_file *open = number < OPEN_FILES ? &current->process->open[number] : NULL;

    if (!open || open->kind == OPEN_NONE || (kind != OPEN_NONE && open->kind != kind))
        return NULL;
    return open;
}

/* Read or write a file at its offset, which moves on. */
static int32_t file_move(struct open_file *open, struct arguments told, bool write)
{
    int32_t moved;

    if (!open || open->kind != OPEN_FILE)
        return CALL_BAD;
    moved = fs_move(open->file, open->offset, (void *)told.two, told.three, write);
    open->offset += moved > 0 ? (uint32_t)moved : 0;
    return moved;
}

static int32_t call_write(struct arguments told)
{
    struct open_file *open = open_find(told.one, OPEN_NONE);

    if (!user_may(told.two, told.three))
        return CALL_FAULT;
    if (!open || open->kind != OPEN_CONSOLE)
        return file_move(open, told, true);
    print_bytes((const char *)told.two, told.three);
    return (int32_t)told.three;
}

static int32_t call_read(struct arguments told)
{
    struct open_file *open = open_find(told.one, OPEN_NONE);

    if (!user_may(told.two, told.three))
        return CALL_FAULT;
    if (!open || open->kind != OPEN_CONSOLE)
        return file_move(open, told, false);
    input_await();
    return user_may(told.two, told.three) ? input_read((char *)told.two, told.three) : CALL_FAULT;
}

static int32_t call_open(struct arguments told)
{
    const char *name = (const char *)told.one;
    int32_t number = 0, file = 0;
    bool device;

    if (!user_may_text(told.one))
        return CALL_FAULT;
    device = text_equal(name, "/dev/vmx");
    if (!device)
        file = fs_open(name);
    if (file < 0)
        return file;
    while (number < OPEN_FILES && current->process->open[number].kind != OPEN_NONE)
        number++;
    if (number == OPEN_FILES)
        return CALL_NO_ROOM;
    current->process->open[number] = (struct open_file){device ? OPEN_VMX : OPEN_FILE, (uint8_t)file, 0};
    return number;
}

static int32_t call_close(struct arguments told)
{
    struct open_file *open = open_find(told.one, OPEN_NONE);

    if (!open)
        return CALL_BAD;
    if (open->kind == OPEN_VMX)
        vmx_close();
    open->kind = OPEN_NONE;
    return 0;
}

static int32_t call_seek(struct arguments told)
{
    struct open_file *open = open_find(told.one, OPEN_FILE);

    if (!open)
        return CALL_BAD;
    open->offset = told.two;
    return 0;
}

static int32_t call_ioctl(struct arguments told)
{
    return open_find(told.one, OPEN_VMX) ? vmx_ioctl(told.two, told.three) : CALL_BAD;
}

static int32_t call_yield(struct arguments told)
{
    thread_yield(NULL);
    return 0;
}

static int32_t call_sleep(struct arguments told)
{
    if (told.one)
        thread_wait(NULL, ticks_now() + told.one);
    return 0;
}

static int32_t call_exit(struct arguments told)
{
    process_exit();
}

static int32_t call_getpid(struct arguments told)
{
    return (int32_t)current->process->pid;
}

static int32_t call_start(struct arguments told)
{
    if (!user_may_text(told.one) || !user_may_text(told.two))
        return CALL_FAULT;
    return program_start((const char *)told.one, (const char *)told.two, told.three);
}

static int32_t call_kill(struct arguments told)
{
    return process_kill(told.one) ? 0 : CALL_BAD;
}

/* Looking once a tick is enough: who waits for an end is not in a hurry. */
static int32_t call_wait(struct arguments told)
{
    while (process_find(told.one) && !current->process->ends)
        thread_wait(NULL, ticks_now() + 1);
    return 0;
}

static int32_t call_frames(struct arguments told)
{
    return (int32_t)frames_free();
}

/* The new thread has the next turn. */
static int32_t call_thread(struct arguments told)
{
    struct thread *thread;

    if (!user_may_text(told.three))
        return CALL_FAULT;
    thread = thread_new(current->process, told.one, told.two, 0);
    if (!thread)
        return CALL_NO_ROOM;
    thread_name(thread, (const char *)told.three);
    thread_yield(thread);
    return 0;
}

static int32_t call_name(struct arguments told)
{
    if (!user_may_text(told.one))
        return CALL_FAULT;
    thread_name(current, (const char *)told.one);
    return 0;
}

static int32_t call_input(struct arguments told)
{
    return input_give(told.one) ? 0 : CALL_BAD;
}

void process_close_all(void)
{
    for (uint32_t number = 0; number < OPEN_FILES; number++)
        call_close((struct arguments){.one = number});
}

/* What was checked must stay while the call sleeps: another thread may lend no memory then.  A read of the console may
 * sleep for ever, so it checks afterwards. */
enum { HOLDING = 1 << CALL_WRITE | 1 << CALL_READ | 1 << CALL_OPEN | 1 << CALL_START };

void system_call(struct ws_trap_frame *frame)
{
    /* clang-format off */
    static call_function *const calls[CALLS] = {
        [CALL_WRITE] = call_write,
        [CALL_READ] = call_read,
        [CALL_OPEN] = call_open,
        [CALL_CLOSE] = call_close,
        [CALL_SEEK] = call_seek,
        [CALL_IOCTL] = call_ioctl,
        [CALL_YIELD] = call_yield,
        [CALL_SLEEP] = call_sleep,
        [CALL_EXIT] = call_exit,
        [CALL_GETPID] = call_getpid,
        [CALL_START] = call_start,
        [CALL_KILL] = call_kill,
        [CALL_WAIT] = call_wait,
        [CALL_FRAMES] = call_frames,
        [CALL_THREAD] = call_thread,
        [CALL_NAME] = call_name,
        [CALL_INPUT] = call_input,
    };
    /* clang-format on */
    struct arguments told = {frame->ebx, frame->ecx, frame->edx};
    bool holds = frame->eax < CALLS && HOLDING >> frame->eax & 1;

    current->process->holding += holds;
    frame->eax = (uint32_t)(frame->eax < CALLS ? calls[frame->eax](told) : CALL_BAD);
    current->process->holding -= holds;
}
