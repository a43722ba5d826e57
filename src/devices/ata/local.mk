# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/ata.c \
	%D%/ata.h \
	%D%/ata_command.c \
	%D%/ata_dma.c \
	%D%/ata_identify.c \
	%D%/ata_identify.h \
	%D%/ata_parts.h \
	%D%/ata_transfer.c \
	%D%/bus_master.c \
	%D%/bus_master.h \
	$(end)
