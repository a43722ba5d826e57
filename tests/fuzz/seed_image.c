/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write the sound image that the fuzzer starts from.  usage: seed_image FILE
 */
#include <stdlib.h>

#include "image/image_made.h"

int main(int argc, char **argv)
{
    struct ws_buffer image = WS_BUFFER_INIT;
    if (argc != 2 || image_make(&image) != WS_OK || ws_file_write(argv[1], image.data, image.size) != WS_OK)
        return EXIT_FAILURE;
    ws_buffer_release(&image);
    return EXIT_SUCCESS;
}
