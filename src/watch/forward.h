/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of forwarding that needs no machine: what it remembers, and what it is told. */
#ifndef WS_WATCH_FORWARD_H
#define WS_WATCH_FORWARD_H

#include <stdbool.h>

#include <worldswitch/event.h>
#include <worldswitch/forward.h>

/* What an event does not tell: the CPU behind it. */
struct ws__forward_sight {
    uint64_t mark;
    uint32_t linear; /* of the next instruction */
    uint32_t cr3;
    uint32_t idt;
    const char *world;
    const char *process;
};

/* How a handler was entered that has not returned yet. */
struct ws__forward_entry {
    bool open;
    bool external;
    uint8_t vector;
    uint8_t cpl; /* that it interrupted */
    uint32_t idt;
    struct ws_forward_step step;
};

/* A path that is under way. */
struct ws__forward_going {
    struct ws_forward_path path;    /* steps 0: none */
    struct ws_forward_step call[2]; /* of the VMX: its first and its last system call */
    uint32_t vmm_idt, host_idt;
    uint32_t space;       /* CR3 of the VMX */
    uint32_t handler_esp; /* behind the return that ends the host's handler */
};

/* So many VMXs can have one at a time; of more, the oldest path is given up. */
enum { WS__FORWARD_GOING = 8 };

struct ws__forwarder {
    struct ws__forward_entry entry; /* the last one from outside the kernel */
    struct ws__forward_going going[WS__FORWARD_GOING];
    struct ws_forward_path last[WS_FORWARD_KINDS];
    uint64_t count[WS_FORWARD_KINDS];
    ws_forward_listener *listener; /* may be NULL */
    void *context;
};

/* A vector was delivered; an iret; a world switch has ended. */
void ws__forwarder_vector(struct ws__forwarder *forwarder, const struct ws_event *event,
                          const struct ws__forward_sight *sight);
void ws__forwarder_return(struct ws__forwarder *forwarder, const struct ws_event *event,
                          const struct ws__forward_sight *sight);
void ws__forwarder_switch(struct ws__forwarder *forwarder, const struct ws_crossing *crossing);

#endif
