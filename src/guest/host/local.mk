# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/calls.c \
	%D%/calls.h \
	%D%/disk.c \
	%D%/disk.h \
	%D%/fpu.c \
	%D%/fs.c \
	%D%/host.h \
	%D%/input.c \
	%D%/main.c \
	%D%/memory.c \
	%D%/names.c \
	%D%/numbers.h \
	%D%/process.c \
	%D%/program.c \
	%D%/ramdisk.c \
	%D%/scsi.c \
	%D%/space.c \
	%D%/switch.S \
	%D%/thread.c \
	%D%/timer.c \
	%D%/trap.c \
	%D%/vectors.S \
	$(end)
