# SPDX-License-Identifier: GPL-2.0-or-later
run_tests = \
	%D%/check_block_mode.c \
	%D%/check_code_limit.c \
	%D%/check_hook_point.c \
	%D%/check_short_run.c \
	$(end)
unit_programs += tests/check_run
tests_check_run_SOURCES = $(run_tests)
nodist_tests_check_run_SOURCES = tests/main_run.c
tests_check_run_CFLAGS = $(unit_cflags)
tests_check_run_LDADD = $(unit_libs)
