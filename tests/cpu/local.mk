# SPDX-License-Identifier: GPL-2.0-or-later
cpu_tests = \
	%D%/check_code_cache.c \
	%D%/check_delivery.c \
	%D%/check_interrupt_return.c \
	%D%/check_kept.c \
	%D%/check_paging_cpu.c \
	%D%/check_reason.c \
	%D%/check_restored.c \
	%D%/check_task_switch.c \
	%D%/stage.h \
	%D%/task_stage.h \
	$(end)
unit_programs += tests/check_cpu
tests_check_cpu_SOURCES = $(cpu_tests)
nodist_tests_check_cpu_SOURCES = tests/main_cpu.c
tests_check_cpu_CFLAGS = $(unit_cflags)
tests_check_cpu_LDADD = $(unit_libs)
