# SPDX-License-Identifier: GPL-2.0-or-later
worlds_tests = \
	%D%/check_build.c \
	%D%/check_cross.c \
	%D%/check_hosted.c \
	%D%/check_laboratory.c \
	%D%/check_refused.c \
	%D%/check_switch.c \
	%D%/two_worlds.h \
	$(end)
unit_programs += tests/check_worlds
tests_check_worlds_SOURCES = $(worlds_tests)
nodist_tests_check_worlds_SOURCES = tests/main_worlds.c
tests_check_worlds_CFLAGS = $(unit_cflags)
tests_check_worlds_LDADD = $(unit_libs)

script_tests += \
	%D%/lab_peer.sh \
	%D%/lab_serial.sh \
	$(end)

# What lab_peer.sh runs.
script_programs += tests/lab_report
tests_lab_report_SOURCES = %D%/lab_report.c
tests_lab_report_LDADD = libobjects.la
