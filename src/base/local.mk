# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/buffer.c \
	%D%/printable.c \
	%D%/printable.h \
	%D%/reader.c \
	%D%/reader.h \
	%D%/status.c \
	$(end)
