# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/ata.c \
	%D%/ata.h \
	%D%/chips.c \
	%D%/chips.h \
	%D%/console.c \
	%D%/console.h \
	%D%/cpu.h \
	%D%/elf.h \
	%D%/entry.h \
	%D%/memory.c \
	%D%/memory.h \
	%D%/tables.c \
	%D%/tables.h \
	%D%/text.c \
	%D%/text.h \
	$(end)

# What every program of the hosted system is linked with;
guest_shared = guest/%D%/text.o guest/%D%/memory.o
# what kernels print with, the laboratory's, too,
guest_print = guest/%D%/text.o guest/%D%/console.o
# and what the host's and the VM's kernel share besides.
guest_kernel = $(guest_shared) guest/%D%/ata.o guest/%D%/chips.o guest/%D%/console.o guest/%D%/tables.o
