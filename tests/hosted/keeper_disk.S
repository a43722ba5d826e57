/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hosted system's disk with a keeper of virtual machines in A's place, and other kernels for two of these. */
#define A_FILE ../tests/hosted/keeper.elf
#define VM_DISK_1 vm1.disk
#include "guest/boot/disk.S"

        BUILT   vm1, vm1.elf, ../tests/hosted/spin.elf
        BUILT   vm2, vm2.elf, ../tests/hosted/brief.elf
