/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a virtual machine can want of its VMX: the back end of its devices, made of system calls.
 */
#include "guest/vmx/vmx.h"

enum { SUCCESS = 0, NO_SUCH_SECTOR = 1 };

/* -- console ----------------------------------------------------------------------------------- */

static void console(struct hosted_mailbox *request)
{
    console_put((char)request->argument);
}

static void input(struct hosted_mailbox *request)
{
    request->result = typed_take();
}

/* -- disk: a file of the host's ---------------------------------------------------------------- */

/* The file, or a number that no file has. */
static int32_t disk_seek(uint32_t sector)
{
    static int32_t file = -1;

    if (file < 0)
        file = vm_file_open("disk");
    if (file < 0 || sector >= 1 << 20 || file_seek(file, sector * HOSTED_SECTOR_BYTES) < 0)
        return -1;
    return file;
}

static void disk(struct hosted_mailbox *request)
{
    int32_t file = disk_seek(request->argument), moved;

    if (request->request == HOSTED_DISK_READ)
        moved = file_read(file, request->sector, HOSTED_SECTOR_BYTES);
    else
        moved = file_write(file, request->sector, HOSTED_SECTOR_BYTES);
    request->result = moved == HOSTED_SECTOR_BYTES ? SUCCESS : NO_SUCH_SECTOR;
}

/* The file's length is where reading ends. */
static void disk_size(struct hosted_mailbox *request)
{
    uint32_t there = 0;

    for (uint32_t step = 1 << 19; step; step /= 2)
        if (file_read(disk_seek(there + step - 1), request->sector, HOSTED_SECTOR_BYTES) == HOSTED_SECTOR_BYTES)
            there += step;
    request->result = there;
}

/* -- waiting ---------------------------------------------------------------------------------- */

/* Until the next tick there is nothing that could wake the VM. */
static void idle(struct hosted_mailbox *request)
{
    sleep_ticks(1);
}

void request_serve(struct hosted_mailbox *request)
{
    static void (*const serve[])(struct hosted_mailbox *) = {
        [HOSTED_CONSOLE] = console, [HOSTED_DISK_READ] = disk,      [HOSTED_DISK_WRITE] = disk,
        [HOSTED_IDLE] = idle,       [HOSTED_DISK_SIZE] = disk_size, [HOSTED_INPUT] = input,
    };

    if (request->request < sizeof serve / sizeof *serve && serve[request->request])
        serve[request->request](request);
}
