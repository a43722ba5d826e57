# SPDX-License-Identifier: GPL-2.0-or-later
worlds_tests = \
	%D%/check_build.c \
	%D%/check_cross.c \
	%D%/check_hosted.c \
	%D%/check_laboratory.c \
	%D%/check_own_context.c \
	%D%/check_own_cross.c \
	%D%/check_refused.c \
	%D%/check_switch.c \
	%D%/check_translation.c \
	%D%/own_cross.h \
	%D%/two_worlds.h \
	$(end)
# World switches of other styles, for check_own_cross.c.
own_crosses = guest/%D%/cross_iret.bin guest/%D%/cross_jump.bin guest/%D%/cross_ret.bin
guest_sources += %D%/cross_iret.S %D%/cross_jump.S %D%/cross_ret.S %D%/cross_own.ld
guest_test_images += $(own_crosses)
$(own_crosses): guest/%.bin: guest/%.o %D%/cross_own.ld

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
