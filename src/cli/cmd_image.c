/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: what is built in, as a file that other emulators and PCs boot.
 */
#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include <worldswitch/hosted.h>

#include "front/system.h"
#include "front/vm_disk.h"

static enum ws_status laboratory_write(struct ws_buffer *out)
{
    struct ws_lab *lab = NULL;
    enum ws_status status = ws_lab_system_new(&lab, NULL);
    if (status == WS_OK)
        status = ws_lab_write_image(lab, ws_lab_system_first(lab), out);
    ws_lab_free(lab);
    return status;
}

static enum ws_status image_write(const struct ws__options *options, struct ws_buffer *out)
{
    if (options->lab)
        return laboratory_write(out);
    size_t bytes;
    const void *content = ws_hosted_image(&bytes);
    ws_buffer_append(out, content, bytes);
    return out->failed ? WS_NO_MEMORY : WS_OK;
}

int ws__cmd_image(const struct ws__options *options)
{
    struct ws__output output;
    if (options->lab && options->initial_disk) {
        ws__complain("leave --lab away: the hosted system has one", "--disk: the laboratory has no disk");
        return WS__EXIT_USAGE;
    }
    if (options->vms && !options->initial_disk) {
        ws__complain("add --disk: they are on the hosted system's disk", "--vms: the image is the same for any number");
        return WS__EXIT_USAGE;
    }
    struct ws_buffer disk = WS_BUFFER_INIT;
    /* A disk that cannot be made is told of before there is a file for it. */
    int result = options->initial_disk ? ws__vm_disk(options, &disk) : WS__EXIT_DONE;
    if (result == WS__EXIT_DONE)
        result = ws__output_open(&output, options->output);
    if (result != WS__EXIT_DONE) {
        ws_buffer_release(&disk);
        return result;
    }
    if (!options->output && isatty(STDOUT_FILENO)) {
        ws__complain("name a file: worldswitch image -o FILE", "an image does not belong on a terminal");
        ws_buffer_release(&disk);
        return ws__output_close(&output, WS__EXIT_USAGE);
    }
    if (options->initial_disk)
        ws_buffer_append(&output.pending, disk.data, disk.size);
    else
        ws__output_fail(&output, image_write(options, &output.pending));
    ws_buffer_release(&disk);
    return ws__output_close(&output, result);
}
