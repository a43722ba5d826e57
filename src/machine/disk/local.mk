# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/disk.c \
	%D%/disk.h \
	%D%/disk_attach.c \
	%D%/disk_save.c \
	%D%/disk_save.h \
	$(end)
