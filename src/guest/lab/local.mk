# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/host.c \
	%D%/idle.c \
	%D%/kernel.h \
	%D%/kernel.ld \
	%D%/process.c \
	%D%/provoke.S \
	%D%/start.S \
	%D%/start.ld \
	%D%/switch.S \
	%D%/trap.c \
	%D%/user.c \
	%D%/user.h \
	%D%/user.ld \
	%D%/user_calls.S \
	%D%/vectors.S \
	%D%/vmm.c \
	$(end)

# The laboratory's programs.  What its kernels share, and one file that is each one's own; relocations stay, since the
# builder moves a kernel to its world's base.
guest_images += guest/start.elf guest/user.elf guest/idle.elf guest/host.elf guest/vmm.elf
guest/start.elf: guest/%D%/start.o %D%/start.ld
guest/user.elf: guest/%D%/user_calls.o guest/%D%/user.o %D%/user.ld
guest/idle.elf guest/host.elf guest/vmm.elf: guest_flags = -Wl,--emit-relocs
guest/idle.elf guest/host.elf guest/vmm.elf: guest/%.elf: guest/%D%/vectors.o guest/%D%/switch.o \
	guest/%D%/provoke.o $(guest_print) guest/%D%/trap.o guest/%D%/process.o guest/%D%/%.o %D%/kernel.ld
