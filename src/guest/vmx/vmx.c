/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMX: the process that a virtual machine belongs to.  It loads the VM's kernel into memory of its
 * own, lends that memory, and asks the driver to let the VM run; whenever it wants something that only a
 * host can do, the ioctl returns, and the VMX does it with ordinary system calls.
 */
#include "guest/vmx/vmx.h"

#include "guest/programs/user.h"

static uint8_t memory[HOSTED_VM_BYTES] __attribute__((section(".bss.lent"), aligned(4096)));
static uint8_t image[VMX_IMAGE_BYTES];
static struct hosted_mailbox request;

/* Read a whole file into `image`; its size, or 0 after having complained. */
static uint32_t image_read(const char *name)
{
    int32_t file = file_open(name), got = file_read(file, image, sizeof image);

    file_close(file);
    if (got > 0 && got < (int32_t)sizeof image)
        return (uint32_t)got;
    say("vmx: the file %s is missing, or too long", name);
    return 0;
}

static bool vm_create(int32_t device)
{
    struct vmx_create create = {.image = (uint32_t)image, .memory = (uint32_t)memory, .memory_bytes = HOSTED_VM_BYTES};
    uint32_t bytes = image_read("vm.elf");
    int32_t result;

    if (!bytes || !kernel_load(memory, image, bytes, &create)) {
        say("vmx: vm.elf is no kernel that fits into %u KiB", HOSTED_VM_BYTES / 1024);
        return false;
    }
    create.image_bytes = image_read("vmm.elf");
    if (!create.image_bytes)
        return false;
    result = file_ioctl(device, VMX_CREATE, &create);
    if (result < 0)
        say("vmx: the driver makes no virtual machine, error %u", (uint32_t)-result);
    return result == 0;
}

/* Has the VM ended? */
static bool vm_ended(void)
{
    if (request.request == HOSTED_SHUTDOWN)
        say("vmx: the virtual machine shut down with status %u: %s", request.argument, request.text);
    else if (request.request == HOSTED_STOPPED)
        say("vmx: the virtual machine was stopped: %s", request.text);
    else
        return false;
    return true;
}

static void vm_run(int32_t device)
{
    int32_t result;

    do {
        result = file_ioctl(device, VMX_RUN, &request);
        if (result == VMX_REQUEST)
            request_serve(&request);
    } while (result >= 0 && !(result == VMX_REQUEST && vm_ended()));
    console_flush();
    if (result < 0)
        say("vmx: the driver does not run the virtual machine, error %u", (uint32_t)-result);
}

void user_main(void)
{
    int32_t device = file_open("/dev/vmx");

    say("vmx: begins as process %u", process_id());
    if (device < 0) {
        say("vmx: there is no VMX driver");
        return;
    }
    console_name();
    if (vm_create(device))
        vm_run(device);
    file_close(device);
    say("vmx: exits");
}
