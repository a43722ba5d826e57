# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/buffer.c \
	%D%/grow.c \
	%D%/grow.h \
	%D%/printable.c \
	%D%/printable.h \
	%D%/reader.c \
	%D%/reader.h \
	%D%/status.c \
	%D%/wrap.c \
	%D%/wrap.h \
	%D%/zeros.c \
	%D%/zeros.h \
	$(end)
