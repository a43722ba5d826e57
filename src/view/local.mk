# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/code_page.c \
	%D%/code_page.h \
	%D%/common.c \
	%D%/explain.c \
	%D%/explain.h \
	%D%/internal.h \
	%D%/pieces.c \
	%D%/pieces.h \
	%D%/roles.c \
	%D%/rows.c \
	%D%/rows.h \
	%D%/sentence.c \
	%D%/sentence.h \
	%D%/stale.c \
	%D%/view_code.c \
	%D%/view_crossings.c \
	%D%/view_help.c \
	%D%/view_hosted.c \
	%D%/view_hosted_now.c \
	%D%/view_plain.c \
	%D%/view_loaded.c \
	%D%/view_registers.c \
	%D%/view_screen.c \
	%D%/view_serial.c \
	%D%/view_space.c \
	%D%/view_spaces.c \
	%D%/view_status.c \
	%D%/view_tables.c \
	%D%/view_text.c \
	%D%/view_walk.c \
	$(end)
