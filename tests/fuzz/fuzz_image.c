/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer for image files: `make fuzz` builds it with clang's libFuzzer and lets it run.
 */
#include <stddef.h>
#include <stdint.h>

#include "fuzz/mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_try(data, size);
    return 0;
}
