/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A laboratory that is not loaded yet: a host with processes A and B, and a VMM.  A fixture for tests.
 */
#ifndef TESTS_WORLDS_TWO_WORLDS_H
#define TESTS_WORLDS_TWO_WORLDS_H

#include <check.h>

#include <worldswitch/lab.h>

static struct ws_lab *lab;
static struct ws_world *host, *vmm;
static struct ws_process *a, *b;

static inline struct ws_world *world_new(const char *name)
{
    struct ws_world_options options = {.name = name};
    struct ws_world *world;

    ck_assert_int_eq(ws_world_new(lab, &options, &world), WS_OK);
    return world;
}

static inline void setup(void)
{
    ck_assert_int_eq(ws_lab_new(&lab, NULL), WS_OK);
    host = world_new("host");
    vmm = world_new("vmm");
    ck_assert_int_eq(ws_process_new(host, "A", &a), WS_OK);
    ck_assert_int_eq(ws_process_new(host, "B", &b), WS_OK);
}

static inline void teardown(void)
{
    ws_lab_free(lab);
}

#endif
