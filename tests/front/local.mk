# SPDX-License-Identifier: GPL-2.0-or-later
front_tests = \
	%D%/check_options.c \
	%D%/check_output.c \
	%D%/check_record.c \
	$(end)
unit_programs += tests/check_front
tests_check_front_SOURCES = $(front_tests)
nodist_tests_check_front_SOURCES = tests/main_front.c
tests_check_front_CFLAGS = $(unit_cflags)
tests_check_front_LDADD = libfront.la $(unit_libs)
