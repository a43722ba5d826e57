/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process A of a test's disk: it starts virtual machine 2 a hundred times beside number 1, which spins, and ends it in
 * every way there is, at other moments each time. After each end, all page frames must be free that were free before.
 */
#include "guest/programs/user.h"

enum { STARTS = 100, B = 2, VMX_1 = 3, VM_2 = 2, SETTLED = 20, PROCESSES_MOST = 32, FOR_GOOD = 1 << 30 };

static uint32_t frames; /* that were free before */

static void frames_check(const char *what, uint32_t start)
{
    uint32_t now = frames_free();

    if (now != frames)
        say("keeper: after start %u, %s, %u frames are free, and not %u", start, what, now, frames);
    frames = now;
}

/* Start it; every fourth one ends by itself, the others in between: while they are loaded, while they run, or never. */
static void start_and_end(uint32_t start)
{
    int32_t vmx = process_start("vmx", "vmx2", VM_2);

    if (vmx < 0) {
        say("keeper: start %u failed, error %u", start, (uint32_t)-vmx);
        return;
    }
    if (start % 4) {
        sleep_ticks(start * 7 % 121);
        process_kill(vmx);
    }
    process_wait(vmx);
    frames_check(start % 4 ? "killed" : "ended by itself", start);
}

static void error_check(const char *what, int32_t result, int32_t wanted)
{
    if (result != wanted)
        say("keeper: %s: error %u instead of %u", what, (uint32_t)-result, (uint32_t)-wanted);
    frames_check(what, 0);
}

/* More processes than there is room for: this program, which then only sleeps. */
static void fill(void)
{
    int32_t pid[PROCESSES_MOST];
    uint32_t started = 0;

    while (started < PROCESSES_MOST && (pid[started] = process_start("a", "sleeper", 1)) > 0)
        started++;
    say("keeper: beside two processes, %u more have room", started);
    while (started > 0)
        process_kill(pid[--started]);
    for (int32_t last = pid[0]; last < pid[0] + PROCESSES_MOST; last++)
        process_wait(last);
    frames_check("all killed", 0);
}

void user_main(void)
{
    if (user_number)
        sleep_ticks(FOR_GOOD);
    say("keeper: begins as process %u", process_id());
    process_wait(B);
    sleep_ticks(SETTLED);
    frames = frames_free();
    error_check("a program that is not there", process_start("nothing", "nothing", 0), CALL_BAD);
    error_check("a file that is no program", process_start("log", "log", 0), CALL_BAD);
    error_check("a name at a wild address", process_start((const char *)0xc0100000, "x", 0), CALL_FAULT);
    error_check("a kill of nobody", process_kill(1000), CALL_BAD);
    fill();
    process_wait(process_start("vmx", "another", 1));
    frames_check("a second one of that number", 0);
    for (uint32_t start = 1; start <= STARTS; start++)
        start_and_end(start);
    say("keeper: %u starts and ends", STARTS);
    sleep_ticks(SETTLED);
    if (process_kill(VMX_1) < 0)
        say("keeper: the other virtual machine has ended");
    process_wait(VMX_1);
    say("keeper: and it gave back %s", frames_free() > frames + 512 ? "its memory" : "too little");
    frames = frames_free();
    error_check("a kill of the dead", process_kill(VMX_1), CALL_BAD);
    say("keeper: exits");
}
