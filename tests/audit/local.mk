# SPDX-License-Identifier: GPL-2.0-or-later
audit_tests = \
	%D%/audited.h \
	%D%/check_audit.c \
	%D%/check_audit_fpu.c \
	%D%/check_audit_own.c \
	%D%/own_bench.h \
	$(end)
unit_programs += tests/check_audit
tests_check_audit_SOURCES = $(audit_tests)
nodist_tests_check_audit_SOURCES = tests/main_audit.c
tests_check_audit_CFLAGS = $(unit_cflags)
tests_check_audit_LDADD = $(unit_libs)
