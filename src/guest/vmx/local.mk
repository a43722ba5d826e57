# SPDX-License-Identifier: GPL-2.0-or-later
guest_sources += \
	%D%/kernel.c \
	%D%/serve.c \
	%D%/vmx.c \
	%D%/vmx.h \
	$(end)
