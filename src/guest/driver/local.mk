# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/device.c \
	%D%/driver.h \
	%D%/journey.c \
	%D%/switch.S \
	%D%/vmm_world.c \
	%D%/window.c \
	$(end)
