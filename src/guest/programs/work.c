/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What A and B do all day. */
#include "guest/programs/user.h"

static bool is_prime(uint32_t number)
{
    for (uint32_t divisor = 2; divisor * divisor <= number; divisor++)
        if (number % divisor == 0)
            return false;
    return number >= 2;
}

uint32_t primes_below(uint32_t end)
{
    uint32_t count = 0;

    for (uint32_t number = 0; number < end; number++)
        count += is_prime(number);
    return count;
}

uint32_t file_sum(const char *name, uint32_t *bytes)
{
    static uint8_t buffer[512];
    int32_t file = file_open(name), got;
    uint32_t sum = 0;

    *bytes = 0;
    while ((got = file_read(file, buffer, sizeof buffer)) > 0) {
        for (int32_t i = 0; i < got; i++)
            sum += buffer[i];
        *bytes += (uint32_t)got;
    }
    file_close(file);
    return sum;
}
