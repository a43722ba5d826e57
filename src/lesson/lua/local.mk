# SPDX-License-Identifier: GPL-2.0-or-later
front_sources += %D%/script.h
lua_sources = \
	%D%/bind.c \
	%D%/bind.h \
	%D%/bind_close.c \
	%D%/bind_cross.c \
	%D%/bind_lesson.c \
	%D%/bind_machine.c \
	%D%/bind_quiz.c \
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
