# SPDX-License-Identifier: GPL-2.0-or-later
base_tests = \
	%D%/check_buffer.c \
	%D%/check_printable.c \
	%D%/check_wrap.c \
	%D%/check_zeros.c \
	$(end)
unit_programs += tests/check_base
tests_check_base_SOURCES = $(base_tests)
nodist_tests_check_base_SOURCES = tests/main_base.c
tests_check_base_CFLAGS = $(unit_cflags)
tests_check_base_LDADD = $(unit_libs)
