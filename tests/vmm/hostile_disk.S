/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hosted system's disk with another kernel for the virtual machine: hostile.S. */
#define VM_FILE ../tests/vmm/hostile.elf
#define VM_DISK_1 vm.disk
#include "guest/boot/disk.S"
