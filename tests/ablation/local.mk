# SPDX-License-Identifier: GPL-2.0-or-later
ablation_tests = \
	%D%/check_ablation.c \
	%D%/check_context.c \
	%D%/check_storm.c \
	$(end)
unit_programs += tests/check_ablation
tests_check_ablation_SOURCES = $(ablation_tests)
nodist_tests_check_ablation_SOURCES = tests/main_ablation.c
tests_check_ablation_CFLAGS = $(unit_cflags)
tests_check_ablation_LDADD = $(unit_libs)
