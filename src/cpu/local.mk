# SPDX-License-Identifier: GPL-2.0-or-later
library_sources += \
	%D%/code_cache.c \
	%D%/code_cache.h \
	%D%/cpu.c \
	%D%/cpu.h \
	%D%/debug.c \
	%D%/debug.h \
	%D%/delivery.c \
	%D%/delivery.h \
	%D%/execute.c \
	%D%/fault.c \
	%D%/fault.h \
	%D%/fault_chain.c \
	%D%/fault_chain.h \
	%D%/frames.c \
	%D%/frames.h \
	%D%/in_progress.c \
	%D%/interrupt.c \
	%D%/interrupt_return.c \
	%D%/memory.c \
	%D%/ports.c \
	%D%/segment_checks.c \
	%D%/selectors.c \
	%D%/selectors.h \
	%D%/segment_checks.h \
	%D%/slow_checks.c \
	%D%/slow_checks.h \
	%D%/stale.c \
	%D%/stale.h \
	%D%/task_switch.c \
	%D%/tlb.c \
	%D%/tlb.h \
	%D%/why.c \
	%D%/why.h \
	%D%/why_selector.c \
	$(end)
