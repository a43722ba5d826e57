# SPDX-License-Identifier: GPL-2.0-or-later
lesson_tests = \
	%D%/check_alike.c \
	%D%/check_fold.c \
	%D%/check_graded.c \
	%D%/check_quiz.c \
	%D%/check_script.c \
	%D%/check_said.c \
	%D%/check_sound.c \
	%D%/check_texts.c \
	%D%/check_tool.c \
	$(end)
unit_programs += tests/check_lesson
tests_check_lesson_SOURCES = $(lesson_tests)
nodist_tests_check_lesson_SOURCES = tests/main_lesson.c
tests_check_lesson_CFLAGS = $(unit_cflags)
tests_check_lesson_LDADD = libfront.la $(unit_libs)

EXTRA_DIST += %D%/api.lua %D%/labs/10-answer/lesson.lua %D%/labs/10-answer/lesson.md \
	%D%/labs/10-answer/solution/answer.s %D%/labs/11-in-c/lesson.lua %D%/labs/11-in-c/lesson.md \
	%D%/formats.lua %D%/post_mortems.lua %D%/quiz.lua %D%/labs/13-questions/lesson.lua %D%/labs/13-questions/lesson.md \
	%D%/labs/12-variants/lesson.lua %D%/labs/12-variants/lesson.md \
	%D%/labs/14-once/lesson.lua %D%/labs/14-once/lesson.md \
	%D%/labs/11-in-c/start.s %D%/labs/11-in-c/solution/answer.c

# What labs.sh judges.
script_tests += %D%/exercises.sh %D%/guide.sh %D%/labs.sh %D%/measure.sh %D%/post_mortems.sh %D%/sheet.sh
EXTRA_DIST += $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/%D%/[0-9][0-9]/*))
