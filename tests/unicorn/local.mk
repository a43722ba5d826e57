# SPDX-License-Identifier: GPL-2.0-or-later
unicorn_tests = \
	%D%/check_block_table.c \
	%D%/check_defuse.c \
	%D%/check_engine.c \
	%D%/check_hook.c \
	$(end)
unit_programs += tests/check_unicorn
tests_check_unicorn_SOURCES = $(unicorn_tests)
nodist_tests_check_unicorn_SOURCES = tests/main_unicorn.c
tests_check_unicorn_CFLAGS = $(unit_cflags)
tests_check_unicorn_LDADD = $(unit_libs)
