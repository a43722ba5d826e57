/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run: the guest without a window.  Its serial port is standard output, its end is the exit status.
 */
#define _POSIX_C_SOURCE 200809L

#include <langinfo.h>
#include <string.h>

#include "cli/text_screen.h"
#include "front/record.h"
#include "front/system.h"

struct running {
    struct ws__system system;
    struct ws__output output;
};

static void serial_write(void *context, uint8_t byte)
{
    struct running *running = context;
    if (running->system.late.again)
        return;
    ws_buffer_append(&running->output.pending, &byte, 1);
    ws__output_relax(&running->output);
}

/* As under QEMU; but what is built in says through that port how it ended, and 0 is well. */
static int exit_status(const struct ws__options *options, const struct ws_halt *halt)
{
    bool well = !options->image && halt->reason == WS_HALT_EXIT && halt->exit_value == 0;
    return well ? WS__EXIT_DONE : ws_halt_exit_status(halt);
}

/* Behind what the serial port said, on lines of its own. */
static void screen_append(struct ws__output *output, const struct ws_machine *machine,
                          const struct ws__options *options)
{
    size_t bytes;
    const char *serial = ws_machine_serial(machine, &bytes);
    bool ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    if (bytes && serial[bytes - 1] != '\n')
        ws_buffer_printf(&output->pending, "\n");
    ws__text_screen_append(&output->pending, machine, ws__options_colored(options, output->descriptor), ascii);
}

int ws__cmd_run(const struct ws__options *options)
{
    struct running running;
    struct ws__system *system = &running.system;
    struct ws__output *output = &running.output;
    int status = ws__system_open(system, options, false, serial_write, &running);
    if (status != WS__EXIT_DONE)
        return status;
    status = ws__output_open(output, options->output);
    if (status != WS__EXIT_DONE) {
        ws__system_close(system);
        return status;
    }
    ws__system_run(system, options, output, true);

    const struct ws_halt *halt = ws_machine_halt(system->machine);
    if (options->screen)
        screen_append(output, system->machine, options);
    ws__output_flush(output);
    status = system->contradicted ? WS__EXIT_WANTING : exit_status(options, halt);
    if (output->failure == WS_OK) { /* else the run was cut short */
        status = ws__system_halt_tell(system, options, status);
        status = ws__record_end(system, options, ws__system_disk_save(system, options, status));
    }
    status = ws__system_finish(system, output, status);
    ws__system_close(system);
    return status;
}
