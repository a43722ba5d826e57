# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/bus.c \
	%D%/bus.h \
	%D%/debug_exit.c \
	%D%/debug_exit.h \
	%D%/eisa_nmi.c \
	%D%/eisa_nmi.h \
	%D%/fw_cfg.c \
	%D%/fw_cfg.h \
	%D%/kbc8042.c \
	%D%/kbc8042.h \
	%D%/key_codes.c \
	%D%/key_codes.h \
	%D%/line.h \
	%D%/pci.c \
	%D%/pci.h \
	%D%/pic8259.c \
	%D%/pic8259.h \
	%D%/power_ports.c \
	%D%/power_ports.h \
	%D%/system_ports.c \
	%D%/system_ports.h \
	%D%/uart16550.c \
	%D%/uart16550.h \
	%D%/vga_text.c \
	%D%/vga_text.h \
	$(end)
