# SPDX-License-Identifier: GPL-2.0-or-later
script_tests += \
	%D%/console.sh \
	%D%/ends.sh \
	%D%/qemu.sh \
	%D%/run.sh \
	%D%/switches.sh \
	%D%/two.sh \
	%D%/vm.sh \
	$(end)

# The hosted system under interrupts at every boundary; more of them with a number.
check_programs += %D%/interrupts
%C%_interrupts_SOURCES = %D%/interrupts.c
%C%_interrupts_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
%C%_interrupts_LDADD = libobjects.la
EXTRA_DIST += %D%/lib.sh

# A disk with a process that starts and ends virtual machines, for ends.sh.
guest_sources += %D%/keeper.c %D%/keeper_disk.S %D%/brief.S %D%/spin.S
guest_test_images += guest/%D%/keeper.img
guest/%D%/keeper.elf: guest/%D%/keeper.o guest/src/guest/programs/start.o guest/src/guest/programs/say.o \
	$(guest_shared) src/guest/programs/program.ld
guest/%D%/brief.elf: guest/%D%/brief.o guest/tests/guest/runtime.o guest/tests/guest/start.o tests/guest/guest.ld
guest/%D%/spin.elf: guest/%D%/spin.o guest/tests/guest/runtime.o guest/tests/guest/start.o tests/guest/guest.ld
guest/%D%/keeper_disk.o: $(hosted_programs) guest/hosted/vmm.elf guest/%D%/keeper.elf guest/%D%/brief.elf \
	guest/%D%/spin.elf
guest/%D%/keeper.img: guest/%D%/keeper_disk.o src/guest/boot/disk.ld

# The hosted system with a driver that lets one virtual machine see pages of another, for two.sh.
guest_sources += %D%/leaky_driver.c
guest_test_images += guest/%D%/leaky.elf
guest/%D%/leaky.elf: guest_flags = -Wl,--wrap=vmm_world_build
guest/%D%/leaky.elf: $(hosted_host:%=guest/src/guest/%.o) guest/%D%/leaky_driver.o $(guest_kernel) \
	guest/src/worlds/cross.o src/guest/boot/hosted.ld
