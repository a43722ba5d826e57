/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: what is built in, as a file that other emulators and PCs boot.
 */
#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include "cli/system.h"

int ws__cmd_image(const struct ws__options *options)
{
    struct ws__output output;
    struct ws_lab *lab = NULL;
    int result = ws__output_open(&output, options->output);
    if (result != WS__EXIT_DONE)
        return result;
    if (!options->output && isatty(STDOUT_FILENO)) {
        ws__complain("name a file: worldswitch image -o FILE", "an image does not belong on a terminal");
        return ws__output_close(&output, WS__EXIT_USAGE);
    }
    enum ws_status status = ws_laboratory_new(&lab, NULL);
    if (status == WS_OK)
        status = ws_lab_write_image(lab, ws_laboratory_first(lab), &output.pending);
    if (status != WS_OK) {
        result = ws__complain_status(status, "the laboratory's image");
        output.closed = true;
    }
    ws_lab_free(lab);
    return ws__output_close(&output, result);
}
