/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session's checkpoints are worth, and what they weigh: a guest that computes and writes all
 * over a megabyte is opened at a mark behind 100 million instructions, with checkpoints and without;
 * and the hosted system gets some.
 *
 * WS_BENCH_INSTRUCTIONS in the environment makes the run longer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>
#include <worldswitch/timeline.h>

#include "bench/bench.h"
#include "timeline/session_file.h"

/*   0: mov %eax, 0x200000(,%ebx,4);  6: imul $1664525, %eax;  add $1013904223, %eax;
 *      mov %eax, %ebx;  shr $14, %ebx;  jmp 0 */
static const uint8_t guest[] = {
    0x89, 0x04, 0x9d, 0x00, 0x00, 0x20, 0x00, 0x69, 0xc0, 0x0d, 0x66, 0x19, 0x00,
    0x05, 0x5f, 0xf3, 0x6e, 0x3c, 0x89, 0xc3, 0xc1, 0xeb, 0x0e, 0xeb, 0xe7,
};

static void end_find(struct ws_session *session, uint64_t instructions)
{
    struct ws_machine *machine;
    bench_expect(ws_session_machine(session, NULL, NULL, &machine, NULL, NULL), "machine");
    ws_machine_run(machine, instructions);
    bench_expect(ws_session_finish(session, machine), "finish");
    ws_machine_free(machine);
}

static double make(struct ws_session *session, uint64_t count)
{
    uint64_t mark[WS_SESSION_CHECKPOINTS];
    size_t marks = ws_session_checkpoint_marks(session, count, mark);
    double begin = bench_now();
    bench_expect(ws_session_checkpoints_make(session, mark, marks, NULL, NULL), "checkpoints");
    return bench_now() - begin;
}

static size_t file_bytes(const struct ws_session *session)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    bench_expect(ws__session_encode(session, &file), "encode");
    size_t bytes = file.size;
    ws_buffer_release(&file);
    return bytes;
}

/* From the file's bytes to a machine that stands at the mark. */
static double open_at(const struct ws_session *from, uint64_t mark, uint64_t *hash)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    struct ws_session *session = calloc(1, sizeof *session);
    struct ws_machine *machine;
    struct ws_timeline *timeline;
    bench_expect(ws__session_encode(from, &file), "encode");
    double begin = bench_now();
    bench_expect(ws__session_decode(session, file.data, file.size, NULL), "decode");
    bench_expect(ws_session_machine(session, NULL, NULL, &machine, NULL, NULL), "machine");
    bench_expect(ws_timeline_new(&timeline, machine, NULL), "timeline");
    bench_expect(ws_timeline_checkpoints(timeline, session), "checkpoints");
    ws_timeline_seek(timeline, mark);
    double seconds = bench_now() - begin;
    *hash = ws_machine_hash(machine);
    ws_timeline_free(timeline);
    ws_machine_free(machine);
    ws_session_release(session);
    free(session);
    ws_buffer_release(&file);
    return seconds;
}

static void opening(struct ws_session *session, uint64_t instructions)
{
    uint64_t mark = instructions - instructions / 100, without, with;
    ws_buffer_append(&session->image, guest, sizeof guest);
    session->flat = true;
    session->flat_phys = 0x100000;
    end_find(session, instructions);
    bench_expect(ws_session_mark_set(session, "here", mark, ""), "name");
    double slow = open_at(session, mark, &without);
    size_t plain = file_bytes(session);
    double making = make(session, 4);
    double fast = open_at(session, mark, &with);
    printf("at mark %llu: %.1f ms without checkpoints, %.1f ms with %zu (%s state)\n", (unsigned long long)mark,
           slow * 1e3, fast * 1e3, session->checkpoints, with == without ? "the same" : "ANOTHER");
    printf("they took %.2f s to make; the file has %zu KB, %zu without\n", making, file_bytes(session) / 1000,
           plain / 1000);
}

static void hosted(struct ws_session *session)
{
    enum { COUNT = 8 };
    size_t bytes, states = 0;
    const void *content = ws_hosted_image(&bytes);
    ws_buffer_append(&session->image, content, bytes);
    ws_buffer_printf(&session->command_line, "hosted.elf");
    content = ws_hosted_disk(&bytes);
    ws_buffer_append(&session->disk, content, bytes);
    end_find(session, 0);
    size_t plain = file_bytes(session);
    make(session, COUNT);
    for (size_t i = 0; i < session->checkpoints; i++)
        states += session->checkpoint[i].state.size;
    printf("hosted system: the file has %zu KB; a checkpoint adds %zu KB, of %zu KB before compression\n", plain / 1000,
           (file_bytes(session) - plain) / COUNT / 1000, states / COUNT / 1000);
    uint64_t first = session->checkpoint[0].mark;
    printf("the first one, at mark %llu: %zu KB before compression\n", (unsigned long long)first,
           session->checkpoint[0].state.size / 1000);
}

int main(void)
{
    const char *text = getenv("WS_BENCH_INSTRUCTIONS");
    struct ws_session *session = calloc(2, sizeof *session);
    if (!session)
        return 1;
    opening(&session[0], text ? strtoull(text, NULL, 0) : 120000000);
    hosted(&session[1]);
    ws_session_release(&session[0]);
    ws_session_release(&session[1]);
    free(session);
    return 0;
}
