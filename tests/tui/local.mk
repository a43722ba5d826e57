# SPDX-License-Identifier: GPL-2.0-or-later
tui_tests = \
	%D%/check_branch.c \
	%D%/check_breaks.c \
	%D%/check_colourless.c \
	%D%/check_command.c \
	%D%/check_hosted.c \
	%D%/check_jump.c \
	%D%/check_manual.c \
	%D%/check_mouse.c \
	%D%/check_newcomer.c \
	%D%/check_random_keys.c \
	%D%/check_theme.c \
	%D%/check_tour.c \
	%D%/check_true.c \
	%D%/check_true_panels.c \
	%D%/screen_text.h \
	%D%/true.h \
	%D%/check_viewer.c \
	$(end)
unit_programs += tests/check_tui
tests_check_tui_SOURCES = $(tui_tests)
nodist_tests_check_tui_SOURCES = tests/main_tui.c
tests_check_tui_CFLAGS = $(unit_cflags)
tests_check_tui_LDADD = libfront.la $(unit_libs)

script_tests += \
	%D%/branch.sh \
	%D%/command.sh \
	%D%/everywhere.sh \
	%D%/hosted.sh \
	%D%/keys.sh \
	%D%/leave.sh \
	%D%/plain.sh \
	%D%/record.sh \
	%D%/screenshot.sh \
	%D%/size.sh \
	%D%/stop.sh \
	%D%/terminal.sh \
	%D%/tour.sh \
	$(end)
EXTRA_DIST += %D%/lib.sh
