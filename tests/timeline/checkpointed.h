/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions with checkpoints, for tests: of the laboratory, of the hosted system, of a guest that
 * listens to COM1.
 */
#ifndef TESTS_TIMELINE_CHECKPOINTED_H
#define TESTS_TIMELINE_CHECKPOINTED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "effort.h"

#include <worldswitch/hosted.h>
#include <worldswitch/lab.h>
#include <worldswitch/session.h>

#include "timeline/session_file.h"

/* As recorded, and as read from a file. */
static struct ws_session *session, *other;
static struct ws_buffer file;
static uint32_t state = 99;

static inline uint32_t chance(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static inline void setup(void)
{
    session = calloc(1, sizeof *session);
    other = calloc(1, sizeof *other);
    ck_assert(session && other);
}

static inline void teardown(void)
{
    ws_session_release(session);
    ws_session_release(other);
    free(session);
    free(other);
    ws_buffer_release(&file);
}

static inline struct ws_machine *machine_of(const struct ws_session *from)
{
    struct ws_machine *machine;
    ck_assert_int_eq(ws_session_machine(from, NULL, NULL, &machine, NULL, NULL), WS_OK);
    return machine;
}

static inline void end_find(uint64_t most)
{
    struct ws_machine *machine = machine_of(session);
    ws_machine_run(machine, most);
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    ws_machine_free(machine);
}

static inline void lab_take(void)
{
    struct ws_lab *lab;
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_lab_write_image(lab, ws_lab_system_first(lab), &session->image), WS_OK);
    ws_lab_free(lab);
    end_find(0);
}

/* The hosted system with one virtual machine, until its host, its VMM and its VM have used the disk for a while; in
 * long tests, to its end. */
static inline void hosted_take(void)
{
    size_t bytes;
    const void *content = ws_hosted_image(&bytes);
    ws_buffer_append(&session->image, content, bytes);
    ws_buffer_printf(&session->command_line, "hosted.elf");
    content = ws_hosted_disk(&bytes);
    ws_buffer_append(&session->disk, content, bytes);
    ck_assert_int_eq(ws_hosted_disk_vms(&session->disk, 1), WS_OK);
    end_find(effort(5000000, UINT32_MAX));
}

/* A guest that adds up what COM1 receives, where a byte takes long to come in. */
static inline void adder_take(void)
{
    static const uint8_t adder[] = {
        0x66, 0xba, 0xfd, 0x03,       /* 0: mov $0x3fd, %dx */
        0xec, 0xa8, 0x01, 0x74, 0xf7, /* in; test $1, %al; jz 0 */
        0x66, 0xba, 0xf8, 0x03, 0xec, /* mov $0x3f8, %dx; in */
        0x01, 0xc3, 0xee, 0xeb, 0xed, /* add %eax, %ebx; out: it is sent on; jmp 0 */
    };
    ws_buffer_append(&session->image, adder, sizeof adder);
    session->flat = true;
    session->flat_phys = 0x200000;
    session->ips = 1000000;
    struct ws_machine *machine = machine_of(session);
    for (unsigned i = 0; i < 9; i++) {
        ws_machine_run(machine, 1999);
        ck_assert_int_eq(ws_machine_serial_input(machine, "abcde", 5), WS_OK);
    }
    ws_machine_run(machine, 30000);
    ck_assert_int_eq(ws_session_finish(session, machine), WS_OK);
    ws_machine_free(machine);
}

/* So many checkpoints, one somewhere in each part of the run; then through a file. */
static inline void checkpoints_make(size_t count)
{
    uint64_t mark[64], part = session->end / count;
    struct ws_buffer why = WS_BUFFER_INIT;
    for (size_t i = 0; i < count; i++)
        mark[i] = part * i + 1 + chance((uint32_t)part - 1);
    ck_assert_int_eq(ws_session_checkpoints_make(session, mark, count, NULL, NULL), WS_OK);
    ck_assert_uint_eq(session->checkpoints, count);
    ck_assert_int_eq(ws__session_encode(session, &file), WS_OK);
    ck_assert_msg(ws__session_decode(other, file.data, file.size, &why) == WS_OK, "%s", ws_buffer_text(&why));
    ws_buffer_release(&why);
    ck_assert_uint_eq(other->checkpoints, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(other->checkpoint[i].mark, mark[i]);
}

#endif
