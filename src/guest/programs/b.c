/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process B: it reads files, again and again, so that the disk has something to interrupt for while others
 * compute, the virtual machine among them.
 */
#include "guest/programs/user.h"

enum { ROUNDS = 6 };

void user_main(void)
{
    static const char *const files[] = {"a", "b", "vm.elf"};

    say("B: begins as process %u", process_id());
    x87_push("pi");
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        const char *name = files[round % 3];
        uint32_t bytes, sum = file_sum(name, &bytes);
        if (bytes)
            say("B: round %u, the file %s has %u bytes, their sum is %u", round, name, bytes, sum);
        else
            say("B: round %u, there is no file %s", round, name);
        primes_below(1000);
        yield();
    }
    say("B: its x87 unit still has %x on top", x87_top());
    say("B: exits");
}
