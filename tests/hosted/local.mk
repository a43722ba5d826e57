# SPDX-License-Identifier: GPL-2.0-or-later
script_tests += \
	%D%/qemu.sh \
	%D%/run.sh \
	%D%/switches.sh \
	%D%/vm.sh \
	$(end)

# The hosted system under interrupts at every boundary; more of them with a number.
check_programs += %D%/interrupts
%C%_interrupts_SOURCES = %D%/interrupts.c
%C%_interrupts_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
%C%_interrupts_LDADD = libobjects.la
EXTRA_DIST += %D%/lib.sh
