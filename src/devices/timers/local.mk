# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/calendar.c \
	%D%/calendar.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/cmos_rtc.c \
	%D%/cmos_rtc.h \
	%D%/pit8254.c \
	%D%/pit8254.h \
	%D%/pit_counter.c \
	%D%/pit_counter.h \
	$(end)
