# SPDX-License-Identifier: GPL-2.0-or-later
view_tests = \
	%D%/check_explain.c \
	%D%/check_golden.c \
	%D%/check_rows.c \
	%D%/check_words.c \
	%D%/fixture.h \
	$(end)
unit_programs += tests/check_view
tests_check_view_SOURCES = $(view_tests)
nodist_tests_check_view_SOURCES = tests/main_view.c
tests_check_view_CFLAGS = $(unit_cflags)
tests_check_view_LDADD = $(unit_libs)
EXTRA_DIST += %D%/golden
