# SPDX-License-Identifier: GPL-2.0-or-later
worldswitchincludedir = $(includedir)/worldswitch
worldswitchinclude_HEADERS = \
	%D%/ablation.h \
	%D%/audit.h \
	%D%/buffer.h \
	%D%/context.h \
	%D%/cross.h \
	%D%/crossing.h \
	%D%/disasm.h \
	%D%/event.h \
	%D%/exception.h \
	%D%/forward.h \
	%D%/fpu.h \
	%D%/halt.h \
	%D%/hosted.h \
	%D%/image.h \
	%D%/lab.h \
	%D%/lint.h \
	%D%/machine.h \
	%D%/paging.h \
	%D%/process.h \
	%D%/reason.h \
	%D%/registers.h \
	%D%/segment.h \
	%D%/session.h \
	%D%/state.h \
	%D%/status.h \
	%D%/storm.h \
	%D%/timeline.h \
	%D%/view.h \
	%D%/why.h \
	%D%/world.h \
	%D%/worldswitch.h \
	$(end)
