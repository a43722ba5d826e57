# SPDX-License-Identifier: GPL-2.0-or-later
x86_tests = \
	%D%/check_decode.c \
	%D%/check_disasm.c \
	%D%/check_idt.c \
	%D%/check_operands.c \
	%D%/check_page_map.c \
	%D%/check_page_walk.c \
	%D%/check_registers.c \
	%D%/check_segment.c \
	$(end)
unit_programs += tests/check_x86
tests_check_x86_SOURCES = $(x86_tests)
nodist_tests_check_x86_SOURCES = tests/main_x86.c
tests_check_x86_CFLAGS = $(unit_cflags)
tests_check_x86_LDADD = $(unit_libs)
