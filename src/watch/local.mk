# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/calls.c \
	%D%/calls.h \
	%D%/crossing.c \
	%D%/forward.c \
	%D%/forward.h \
	%D%/forwarder.c \
	%D%/linux_tasks.c \
	%D%/linux_tasks.h \
	%D%/names.c \
	%D%/names.h \
	%D%/names_process.c \
	%D%/names_row.h \
	%D%/names_table.c \
	%D%/recognizer.c \
	%D%/recognizer.h \
	%D%/saved.c \
	%D%/saved.h \
	%D%/task.c \
	%D%/task.h \
	%D%/thread_switch.c \
	%D%/thread_switch.h \
	%D%/threads.c \
	%D%/threads.h \
	%D%/watcher.h \
	$(end)
