# SPDX-License-Identifier: GPL-2.0-or-later
timeline_tests = \
	%D%/check_branch.c \
	%D%/check_bounds.c \
	%D%/check_breaks.c \
	%D%/check_change.c \
	%D%/check_checkpoint.c \
	%D%/check_jumps.c \
	%D%/check_replay.c \
	%D%/check_session.c \
	%D%/check_state.c \
	%D%/check_timeline.c \
	%D%/check_why_fit.c \
	%D%/checkpointed.h \
	$(end)
unit_programs += tests/check_timeline
tests_check_timeline_SOURCES = $(timeline_tests)
nodist_tests_check_timeline_SOURCES = tests/main_timeline.c
tests_check_timeline_CFLAGS = $(unit_cflags)
tests_check_timeline_LDADD = $(unit_libs)
