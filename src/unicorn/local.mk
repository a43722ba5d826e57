# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/announce.c \
	%D%/block_table.c \
	%D%/block_table.h \
	%D%/context.c \
	%D%/context.h \
	%D%/context_layout.c \
	%D%/context_layout.h \
	%D%/defuse.c \
	%D%/defuse.h \
	%D%/engine.c \
	%D%/engine.h \
	%D%/hook.S \
	%D%/jump.c \
	%D%/jump.h \
	%D%/load.c \
	%D%/parts.h \
	%D%/record.c \
	%D%/record.h \
	%D%/room.c \
	%D%/room.h \
	%D%/state.c \
	%D%/state_pointer.c \
	%D%/state_pointer.h \
	$(end)
