/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel does about a vector: an exception, a system call, a request from outside. */
#include <worldswitch/exception.h>

#include "kernel.h"

_Static_assert(sizeof(struct ws_resident) == WS_RESIDENT_BYTES, "vectors.S reserves that much");
_Static_assert(__builtin_offsetof(struct ws_resident, resume) == WS_RESIDENT_RESUME, "resume");

struct exception {
    const char *name;
    uint8_t error_code;
};

static const struct exception exceptions[WS_VECTORS_EXCEPTIONS] = {
#define EXCEPTION_ROW(vector, mnemonic, name, class_, kind, error) [vector] = {"#" #mnemonic, error},
    WS_EXCEPTION_TABLE(EXCEPTION_ROW)
#undef EXCEPTION_ROW
};

/* "host: caught #PF at 0x08048003, error 0x4, cr2 0xdeadb000" */
static void exception_print(const struct ws_trap_frame *frame)
{
    const struct exception *exception = &exceptions[frame->vector];

    print("%s: caught ", resident.name);
    if (exception->name)
        print("%s", exception->name);
    else
        print("vector %u", frame->vector);
    print(" at %p", frame->eip);
    if (exception->error_code)
        print(", error %x", frame->error_code);
    if (frame->vector == WS_VECTOR_PF)
        print(", cr2 %p", cr2_read());
    print("\n");
}

/* Say which world caught it, then go on where resident.resume says, once; without it the machine
 * halts. */
static void exception_handle(struct ws_trap_frame *frame)
{
    exception_print(frame);
    if (!resident.resume) {
        print("%s: nobody said where to go on; halted\n", resident.name);
        halt_for_good();
    }
    frame->eip = resident.resume;
    resident.resume = 0;
}

void trap(struct ws_trap_frame *frame)
{
    switch (frame->vector) {
    case WS_VECTOR_SYSTEM_CALL:
        system_call(frame);
        break;
    case WS_VECTOR_WORLD_SWITCH:
        world_switch(resident.request_world);
        break;
    case WS_VECTOR_CONTEXT_SWITCH:
        process_switch((struct ws_process_block *)resident.request_process);
        break;
    default:
        exception_handle(frame);
        break;
    }
}

void world_switch(uint32_t to)
{
    world_call((struct ws_cross_context *)resident.self, (struct ws_cross_context *)to);
    world_context_wipe();
}

/* Whatever form contexts have: the builder says what of them is to be zero while their world runs. */
void world_context_wipe(void)
{
    volatile uint32_t *word = (uint32_t *)resident.self + resident.wipe_first;

    for (unsigned i = 0; i < resident.wipe_words; i++)
        word[i] = 0;
}

void provoke(enum provocation what, uint32_t linear)
{
    if (what < PROVOKE_COUNT)
        provocations[what](linear);
}
