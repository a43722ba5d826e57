/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMX: the process that a virtual machine belongs to.  It loads the VM's kernel into memory of its
 * own, lends that memory, and asks the driver to let the VM run; whenever it wants something that only a
 * host can do, the ioctl returns, and the VMX does it with ordinary system calls.
 *
 * Several VMXs may run at once.  The number that each was started with tells its files: the disk vm2.disk, and the
 * kernel vm2.elf or else vm.elf; number 0 is one that is alone, with vm.disk.
 */
#include "guest/vmx/vmx.h"

enum { NAME_BYTES = 16 };

static uint8_t memory[HOSTED_VM_BYTES] __attribute__((section(".bss.lent"), aligned(4096)));
static uint8_t image[VMX_IMAGE_BYTES];
static struct hosted_mailbox request;
char vmx_name[NAME_BYTES] = "vmx";

int32_t vm_file_open(const char *ending)
{
    char name[NAME_BYTES];

    if (!user_number)
        text_print(name, sizeof name, "vm.%s", ending);
    else
        text_print(name, sizeof name, "vm%u.%s", user_number, ending);
    return file_open(name);
}

/* Read a whole file into `image`; its size, or 0 after having complained. */
static uint32_t image_read(int32_t file, const char *name)
{
    int32_t got = file_read(file, image, sizeof image);

    file_close(file);
    if (got > 0 && got < (int32_t)sizeof image)
        return (uint32_t)got;
    say("%s: the file %s is missing, or too long", vmx_name, name);
    return 0;
}

static bool vm_create(int32_t device)
{
    struct vmx_create create = {
        .image = (uint32_t)image, .memory = (uint32_t)memory, .memory_bytes = HOSTED_VM_BYTES, .number = user_number};
    int32_t kernel = vm_file_open("elf"), result;
    uint32_t bytes = image_read(kernel < 0 ? file_open("vm.elf") : kernel, "vm.elf");

    if (!bytes || !kernel_load(memory, image, bytes, &create)) {
        say("%s: vm.elf is no kernel that fits into %u KiB", vmx_name, HOSTED_VM_BYTES / 1024);
        return false;
    }
    create.image_bytes = image_read(file_open("vmm.elf"), "vmm.elf");
    if (!create.image_bytes)
        return false;
    result = file_ioctl(device, VMX_CREATE, &create);
    if (result < 0)
        say("%s: the driver makes no virtual machine, error %u", vmx_name, (uint32_t)-result);
    return result == 0;
}

/* What the translator has done: hosted.h says what each number is of. */
static void counters_say(const struct hosted_counters *seen)
{
    say("%s: its kernel in %u units: %u instructions copied, %u replaced, %u left to the VMM", vmx_name, seen->units,
        seen->copies, seen->replaced, seen->callouts);
    say("%s: %u jumps were chained, %u of %u lookups failed, %u units were dropped", vmx_name, seen->chained,
        seen->missed, seen->lookups, seen->dropped);
}

/* Has the VM ended? */
static bool vm_ended(void)
{
    if (request.request == HOSTED_SHUTDOWN || request.request == HOSTED_STOPPED)
        console_end();
    if (request.request == HOSTED_SHUTDOWN)
        say("%s: the virtual machine shut down with status %u: %s", vmx_name, request.argument, request.text);
    else if (request.request == HOSTED_STOPPED)
        say("%s: the virtual machine was stopped: %s", vmx_name, request.text);
    else
        return false;
    counters_say(&request.counters);
    return true;
}

/* Until it has ended, or the user wants it to. */
static void vm_run(int32_t device)
{
    int32_t result;
    bool ended;

    do {
        request.typed = typed_count();
        result = file_ioctl(device, VMX_RUN, &request);
        if (result == VMX_REQUEST)
            request_serve(&request);
        ended = result == VMX_REQUEST && vm_ended();
    } while (result >= 0 && !ended && !console_order);
    console_end();
    if (result < 0)
        say("%s: the driver does not run the virtual machine, error %u", vmx_name, (uint32_t)-result);
    else if (!ended)
        say("%s: the virtual machine is %s", vmx_name, console_order == RESET ? "reset" : "switched off");
}

/* From its creation to its end.  Closing the device takes away what there still is of it. */
static bool vm_live(int32_t device)
{
    bool again;

    console_name();
    again = vm_create(device);
    if (again)
        vm_run(device);
    file_close(device);
    again = again && console_order == RESET;
    console_order = 0;
    return again;
}

void user_main(void)
{
    int32_t device = file_open("/dev/vmx");

    if (user_number)
        text_print(vmx_name, NAME_BYTES, "vmx%u", user_number);
    say("%s: begins as process %u", vmx_name, process_id());
    if (device < 0) {
        say("%s: there is no VMX driver", vmx_name);
        return;
    }
    console_listen();
    while (vm_live(device))
        device = file_open("/dev/vmx");
    say("%s: exits", vmx_name);
}
