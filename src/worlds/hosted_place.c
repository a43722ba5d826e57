/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the hosted system is, in the terms of figure 7-10. */
#include <worldswitch/hosted.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *label, *text;
} place_row[WS_HOSTED_PLACES] = {
#define PLACE_ROW(name, label, text) {label, text},
    WS_HOSTED_PLACE_TABLE(PLACE_ROW)
#undef PLACE_ROW
};

const char *ws_hosted_place_label(enum ws_hosted_place place)
{
    return place_row[place].label;
}

const char *ws_hosted_place_text(enum ws_hosted_place place)
{
    return place_row[place].text;
}

static const char *const request_text[WS_HOSTED_REQUESTS] = {
#define REQUEST_ROW(number, name, text) [number] = text,
    WS_HOSTED_REQUEST_TABLE(REQUEST_ROW)
#undef REQUEST_ROW
};

const char *ws_hosted_request_text(uint32_t request)
{
    return request < WS_HOSTED_REQUESTS ? request_text[request] : "";
}

/* -- routines ------------------------------------------------------------------------------------------ */

/* Whose routine it is, by the beginning of its name.  Files of src/guest/host and src/guest/driver; what is not listed
 * is the rest of the kernel.  tests/worlds/check_hosted.c holds the table against the object files. */
static const struct routine {
    const char *begin;
    enum ws_hosted_place place;
} host_routine[] = {
    /* fs.c */
    {"fs_", WS_HOSTED_FS},
    {"enter", WS_HOSTED_FS},
    {"leave", WS_HOSTED_FS},
    {"piece", WS_HOSTED_FS},
    {"move_inside", WS_HOSTED_FS},
    {"length_note", WS_HOSTED_FS},
    {"buffer_is_blank", WS_HOSTED_FS},
    {"format", WS_HOSTED_FS},
    {"disk_is_ours", WS_HOSTED_FS},
    /* scsi.c, and what executes its commands: disk.c, ramdisk.c; of these, the interrupt's handler */
    {"disk_interrupt", WS_HOSTED_HANDLER},
    {"serial_interrupt", WS_HOSTED_HANDLER},
    {"key_interrupt", WS_HOSTED_HANDLER},
    {"request_advance", WS_HOSTED_HANDLER},
    {"timer_interrupt", WS_HOSTED_HANDLER},
    {"scsi_", WS_HOSTED_SCSI},
    {"get_32", WS_HOSTED_SCSI},
    {"execute", WS_HOSTED_SCSI},
    {"disk_", WS_HOSTED_SCSI},
    {"ramdisk_", WS_HOSTED_SCSI},
    {"settle", WS_HOSTED_SCSI},
    {"ata_", WS_HOSTED_SCSI},
    {"capacity_tell", WS_HOSTED_SCSI},
    {"sector_send", WS_HOSTED_SCSI},
    {"perform", WS_HOSTED_SCSI},
    {"transfer", WS_HOSTED_SCSI},
    /* driver/ */
    {"vmx_", WS_HOSTED_DRIVER},
    {"vmm_world_", WS_HOSTED_DRIVER},
    {"journey_", WS_HOSTED_DRIVER},
    {"world_call", WS_HOSTED_DRIVER},
    {"vector_raise", WS_HOSTED_DRIVER},
    {"int_table", WS_HOSTED_DRIVER},
    {"world_find", WS_HOSTED_DRIVER},
    {"world_own", WS_HOSTED_DRIVER},
    {"number_is_free", WS_HOSTED_DRIVER},
    {"window_", WS_HOSTED_DRIVER},
    {"create", WS_HOSTED_DRIVER},
    {"answer", WS_HOSTED_DRIVER},
    {"run", WS_HOSTED_DRIVER},
    {"frame_add", WS_HOSTED_DRIVER},
    {"frames_drop", WS_HOSTED_DRIVER},
    {"top_entry", WS_HOSTED_DRIVER},
    {"page_add", WS_HOSTED_DRIVER},
    {"place", WS_HOSTED_DRIVER},
    {"skeleton_build", WS_HOSTED_DRIVER},
    {"tables_build", WS_HOSTED_DRIVER},
    {"segment_build", WS_HOSTED_DRIVER},
    {"image_build", WS_HOSTED_DRIVER},
    {"stack_build", WS_HOSTED_DRIVER},
    {"cross_page_build", WS_HOSTED_DRIVER},
    {"boot_build", WS_HOSTED_DRIVER},
    {"memory_lend", WS_HOSTED_DRIVER},
    {"memory_take_back", WS_HOSTED_DRIVER},
    {"is_interrupt", WS_HOSTED_DRIVER},
};

static const struct routine vmm_routine[] = {
    {"vmm.vector_", WS_HOSTED_EXCEPTIONS},
    {"vmm.interrupt", WS_HOSTED_EXCEPTIONS},
    {"vmm.trap", WS_HOSTED_EXCEPTIONS},
};

static enum ws_hosted_place routine_place(const struct routine *row, size_t rows, const char *name,
                                          enum ws_hosted_place rest)
{
    for (size_t i = 0; i < rows; i++)
        if (strncmp(name, row[i].begin, strlen(row[i].begin)) == 0)
            return row[i].place;
    return rest;
}

/* The entries of interrupts from outside: "vector_46"; those of exceptions and of system calls are the host OS's. */
static bool is_interrupt_entry(const char *name)
{
    if (strncmp(name, "vector_", 7) != 0)
        return false;
    char *end;
    unsigned long vector = strtoul(name + 7, &end, 10);
    return !*end && vector >= 32 && vector < 48;
}

/* 0 of "vmm", 2 of "vmm2"; -1: the name is of another kind. */
static int number_of(const char *name, const char *kind)
{
    size_t length = strlen(kind);
    if (strncmp(name, kind, length) != 0 || name[length + strspn(name + length, "0123456789")])
        return -1;
    return (int)(strtoul(name + length, NULL, 10) & INT_MAX);
}

int ws_hosted_vmm_number(const char *world)
{
    return number_of(world, "vmm");
}

bool ws_hosted_world_is(const char *world, const char *wanted)
{
    return strcmp(world, wanted) == 0 || (strcmp(wanted, "vmm") == 0 && ws_hosted_vmm_number(world) > 0);
}

enum ws_hosted_place ws_hosted_place(const struct ws_symbols *symbols, const char *world, const char *process,
                                     unsigned cpl, uint32_t linear)
{
    bool host = strcmp(world, "host") == 0, vmm = ws_hosted_vmm_number(world) >= 0;
    uint32_t offset;
    if (!host && !vmm)
        return WS_HOSTED_NOWHERE;
    if (cpl > 0 && vmm)
        return WS_HOSTED_VM;
    if (cpl > 0)
        return number_of(process, "vmx") >= 0 ? WS_HOSTED_VMX : WS_HOSTED_PROCESS;
    const char *name = symbols ? ws_symbols_at(symbols, linear, &offset) : NULL;
    if (!name)
        name = "";
    if (strcmp(name, "cross") == 0)
        return WS_HOSTED_SWITCH;
    if (vmm)
        return routine_place(vmm_routine, sizeof vmm_routine / sizeof vmm_routine[0], name, WS_HOSTED_VMM);
    if (is_interrupt_entry(name))
        return WS_HOSTED_HANDLER;
    return routine_place(host_routine, sizeof host_routine / sizeof host_routine[0], name, WS_HOSTED_HOST);
}
