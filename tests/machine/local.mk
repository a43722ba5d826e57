# SPDX-License-Identifier: GPL-2.0-or-later
machine_tests = \
	tests/fuzz/mutate.h \
	%D%/check_board.c \
	%D%/check_both_ways.c \
	%D%/check_disk_save.c \
	%D%/check_guest.c \
	%D%/check_hostile.c \
	%D%/check_input.c \
	%D%/check_keys.c \
	%D%/check_machine.c \
	%D%/check_ram_copy.c \
	%D%/check_replay.c \
	%D%/check_saved.c \
	%D%/check_serial.c \
	%D%/check_stale.c \
	%D%/check_wake.c \
	%D%/guests.h \
	%D%/small.h \
	$(end)
unit_programs += tests/check_machine
tests_check_machine_SOURCES = $(machine_tests)
nodist_tests_check_machine_SOURCES = tests/main_machine.c
tests_check_machine_CFLAGS = $(unit_cflags)
tests_check_machine_LDADD = $(unit_libs)

script_tests += \
	%D%/boot_qemu.sh \
	%D%/guest_qemu.sh \
	%D%/kernel_qemu.sh \
	$(end)

# What a boot loader hands over, for boot_qemu.sh.
guest_sources += %D%/boot_report.c %D%/boot_start.S
guest_test_images += guest/%D%/boot_report.elf
guest/%D%/boot_report.elf: guest/%D%/boot_start.o guest/%D%/boot_report.o tests/guest/guest.ld

# A kernel as others write them, for kernel_qemu.sh: at -O2, with a layout of its own.
kernel_objects = guest/%D%/kernel/start.o guest/%D%/kernel/kernel.o guest/%D%/kernel/chips.o guest/%D%/kernel/user.o
guest_sources += \
	%D%/kernel/chips.c \
	%D%/kernel/kernel.c \
	%D%/kernel/kernel.h \
	%D%/kernel/kernel.ld \
	%D%/kernel/start.S \
	%D%/kernel/user.c \
	$(end)
guest_test_images += guest/%D%/kernel/kernel.elf
EXTRA_DIST += %D%/kernel/expected.txt
$(kernel_objects): GUEST_CFLAGS += -O2
guest/%D%/kernel/kernel.elf: $(kernel_objects) %D%/kernel/kernel.ld
