# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/acts.c \
	%D%/acts.h \
	%D%/asleep.c \
	%D%/board.c \
	%D%/board.h \
	%D%/both_ways.c \
	%D%/both_ways.h \
	%D%/event.c \
	%D%/firmware.c \
	%D%/firmware.h \
	%D%/fpu.c \
	%D%/halt.c \
	%D%/frame_watch.h \
	%D%/hash.c \
	%D%/hash.h \
	%D%/input.c \
	%D%/input.h \
	%D%/interrupts.c \
	%D%/interrupts.h \
	%D%/load.c \
	%D%/look.c \
	%D%/machine.c \
	%D%/memory_chips.c \
	%D%/memory_chips.h \
	%D%/observe.c \
	%D%/run.c \
	%D%/save.c \
	%D%/saved.h \
	%D%/saved_sound.c \
	%D%/serial.c \
	%D%/serial.h \
	%D%/snapshot.c \
	%D%/snapshot.h \
	%D%/touched.c \
	%D%/touched.h \
	$(end)
