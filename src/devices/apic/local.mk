# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/io_apic.c \
	%D%/io_apic.h \
	%D%/local_apic.c \
	%D%/local_apic.h \
	%D%/local_apic_registers.c \
	%D%/local_apic_timer.c \
	%D%/message.h \
	$(end)
