# SPDX-License-Identifier: GPL-2.0-or-later
#
# The labs.  Under labs/, what a student gets: each text with what its commands print, and what is handed out, made of
# the solutions.  A lab is a row here, and in lab_starters unless it hands out answers to be filled in.
labs = \
	01-look-around \
	02-the-context-switch \
	03-write-a-context-switch \
	04-page-tables-by-hand \
	05-gates-and-stacks \
	06-the-world-switch \
	07-write-a-world-switch \
	08-what-is-missing \
	09-interrupts-across-worlds \
	10-trap-and-emulate \
	11-shadow-page-tables \
	12-binary-translation \
	13-post-mortems \
	14-measure-it \
	$(end)
lab_starters = \
	03-write-a-context-switch/starter/switch.s \
	04-page-tables-by-hand/starter/paging.s \
	05-gates-and-stacks/starter/gates.s \
	07-write-a-world-switch/starter/switch.s \
	09-interrupts-across-worlds/starter/forward.s \
	10-trap-and-emulate/starter/emulate.s \
	11-shadow-page-tables/starter/shadow.s \
	12-binary-translation/starter/translate.s \
	$(end)
# What checks need besides lesson.lua, and what starters are made of.
lab_files = \
	03-write-a-context-switch/harness.s \
	04-page-tables-by-hand/harness.s \
	05-gates-and-stacks/harness.s \
	07-write-a-world-switch/harness.s \
	09-interrupts-across-worlds/harness.s \
	10-trap-and-emulate/harness.s \
	11-shadow-page-tables/harness.s \
	12-binary-translation/harness.s \
	$(end)
lab_solutions = \
	01-look-around/solution/answers.txt \
	02-the-context-switch/solution/answers.txt \
	03-write-a-context-switch/solution/switch.s \
	04-page-tables-by-hand/solution/paging.s \
	05-gates-and-stacks/solution/gates.s \
	06-the-world-switch/solution/answers.txt \
	07-write-a-world-switch/solution/switch.s \
	08-what-is-missing/solution/answers.txt \
	09-interrupts-across-worlds/solution/forward.s \
	10-trap-and-emulate/solution/emulate.s \
	11-shadow-page-tables/solution/shadow.s \
	12-binary-translation/solution/translate.s \
	13-post-mortems/solution/answers.txt \
	14-measure-it/solution/answers.txt \
	$(end)

lab_texts = $(patsubst %,labs/%/lesson.md,$(filter-out $(end),$(labs)))
# What is run before each lesson.lua: src/lesson/lessons.c says in which order.
lab_shared = common.lua quiz.lua quiz_switches.lua quiz_faults.lua quiz_handlers.lua
lab_copies = $(patsubst %,labs/%,$(lab_shared)) labs/EXERCISES.md $(patsubst %,labs/%/lesson.lua,$(labs)) \
	$(patsubst %,labs/%,$(lab_files))
lab_made = $(patsubst %,labs/%,$(lab_starters))
EXTRA_DIST += %D%/API.md %D%/COMING-FROM.md %D%/EXERCISES.md %D%/INSTRUCTOR.md %D%/expand.sh %D%/fill.lua \
	$(patsubst %,%D%/%,$(lab_shared)) $(patsubst %,%D%/%/lesson.md,$(labs)) $(patsubst %,%D%/%/lesson.lua,$(labs)) \
	$(patsubst %,%D%/%,$(lab_files) $(lab_solutions))

if HAVE_LUA
labsdir = $(pkgdatadir)
nobase_nodist_labs_DATA = $(lab_texts) $(lab_copies) $(lab_made)
endif

labs/%.md: %D%/%.md worldswitch$(EXEEXT) %D%/expand.sh
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SHELL) $(srcdir)/%D%/expand.sh ./worldswitch < $< > $@.new && mv $@.new $@
labs/%.lua: %D%/%.lua
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $< $@
labs/%.s: %D%/%.s
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $< $@

# NN-name/starter/FILE, of NN-name/solution/FILE.
$(lab_made): labs/%: worldswitch$(EXEEXT)
	$(AM_V_GEN)rm -f $@ $(@D)/.worldswitch-lesson && $(MKDIR_P) $(@D) && WS_LESSONS=$(srcdir)/%D% \
	  ./worldswitch lesson start -q $(firstword $(subst /, ,$*)) $(@D) && rm -f $(@D)/.worldswitch-lesson

# The text of lab 12 runs what `lesson start 12` hands out, where a student has it.
labs/12-binary-translation/lesson.md: 12-binary-translation/popf.elf
12-binary-translation/popf.elf: labs/12-binary-translation/starter/translate.s
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp labs/12-binary-translation/starter/*.elf $(@D)
CLEANFILES += 12-binary-translation/*.elf labs/12-binary-translation/starter/*.elf

# Solutions are for instructors: make install-instructor puts them beside the labs.  In those to questions, fill.lua puts
# in what this machine says.
install-instructor: worldswitch$(EXEEXT)
	for file in $(lab_solutions); do \
	  $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/labs/$${file%/*}" && \
	  $(INSTALL_DATA) "$(srcdir)/%D%/$$file" "$(DESTDIR)$(pkgdatadir)/labs/$$file" || exit; \
	  if grep -q ': {[a-z]' "$(srcdir)/%D%/$$file"; then \
	    ./worldswitch lua $(srcdir)/%D%/fill.lua "$${file%%/*}" "$(srcdir)/%D%/$$file" \
	      > "$(DESTDIR)$(pkgdatadir)/labs/$$file" || exit; \
	  fi; \
	done
uninstall-local:
	for file in $(lab_solutions); do rm -f "$(DESTDIR)$(pkgdatadir)/labs/$$file"; done
.PHONY: install-instructor
CLEANFILES += $(lab_texts) $(lab_copies) $(lab_made)
