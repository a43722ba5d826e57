# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/console.c \
	%D%/kernel.c \
	%D%/serve.c \
	%D%/vmx.c \
	%D%/vmx.h \
	$(end)
