# SPDX-License-Identifier: GPL-2.0-or-later
front_sources += \
	%D%/build.c \
	%D%/build.h \
	%D%/fold.c \
	%D%/fold.h \
	%D%/graded.c \
	%D%/graded.h \
	%D%/guest.c \
	%D%/guest.h \
	%D%/lesson.c \
	%D%/lesson.h \
	%D%/lessons.c \
	%D%/markdown.c \
	%D%/markdown.h \
	%D%/program.c \
	%D%/program.h \
	%D%/regions.c \
	%D%/report.c \
	%D%/report.h \
	%D%/script.h \
	%D%/sound.c \
	%D%/sound.h \
	%D%/state.c \
	%D%/state.h \
	%D%/tool.c \
	%D%/tool.h \
	%D%/writers.c \
	$(end)
lua_sources = \
	%D%/bind.c \
	%D%/bind.h \
	%D%/bind_close.c \
	%D%/bind_machine.c \
	%D%/bind_report.c \
	%D%/bind_submission.c \
	%D%/bind_table.c \
	%D%/bind_world.c \
	%D%/script.c \
	$(end)
without_lua_sources = %D%/without_lua.c
if HAVE_LUA
front_sources += $(lua_sources)
else
front_sources += $(without_lua_sources)
endif
EXTRA_DIST += $(lua_sources) $(without_lua_sources)
