# SPDX-License-Identifier: GPL-2.0-or-later
front_sources += \
	%D%/ahead.c \
	%D%/capture.c \
	%D%/causes.c \
	%D%/causes.h \
	%D%/prompt.c \
	%D%/end.c \
	%D%/pushed.c \
	%D%/pushed.h \
	%D%/look.c \
	%D%/notes.c \
	%D%/panels.c \
	%D%/move.c \
	%D%/paths.c \
	%D%/paths.h \
	%D%/plain.c \
	%D%/plain.h \
	%D%/request.c \
	%D%/request.h \
	%D%/rescue.c \
	%D%/rescue.h \
	%D%/screen.c \
	%D%/screen.h \
	%D%/search.c \
	%D%/viewer.c \
	%D%/viewer.h \
	%D%/spaces.c \
	%D%/terminal.c \
	%D%/terminal.h \
	%D%/tui.c \
	%D%/type.c \
	%D%/typed.c \
	%D%/typed.h \
	%D%/tui.h \
	$(end)
