# SPDX-License-Identifier: GPL-2.0-or-later
devices_tests = \
	%D%/check_apic.c \
	%D%/check_ata.c \
	%D%/check_bus.c \
	%D%/check_clock.c \
	%D%/check_eisa_nmi.c \
	%D%/check_kbc8042.c \
	%D%/check_pic8259.c \
	%D%/check_pit8254.c \
	%D%/check_power_ports.c \
	%D%/check_rtc.c \
	%D%/check_uart16550.c \
	$(end)
unit_programs += tests/check_devices
tests_check_devices_SOURCES = $(devices_tests)
nodist_tests_check_devices_SOURCES = tests/main_devices.c
tests_check_devices_CFLAGS = $(unit_cflags)
tests_check_devices_LDADD = $(unit_libs)
