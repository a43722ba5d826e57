# SPDX-License-Identifier: GPL-2.0-or-later
front_sources += \
	%D%/commands.h \
	%D%/complain.c \
	%D%/complain.h \
	%D%/fault.c \
	%D%/fault.h \
	%D%/feed.c \
	%D%/feed.h \
	%D%/json.c \
	%D%/json.h \
	%D%/late.c \
	%D%/late.h \
	%D%/load.c \
	%D%/load.h \
	%D%/options.c \
	%D%/options.h \
	%D%/output.c \
	%D%/output.h \
	%D%/parts.c \
	%D%/parts.h \
	%D%/place.c \
	%D%/place.h \
	%D%/progress.c \
	%D%/progress.h \
	%D%/record.c \
	%D%/record.h \
	%D%/record_write.c \
	%D%/system.c \
	%D%/system.h \
	%D%/vm_disk.c \
	%D%/vm_disk.h \
	%D%/whole_file.c \
	%D%/whole_file.h \
	%D%/workers.c \
	%D%/workers.h \
	$(end)
