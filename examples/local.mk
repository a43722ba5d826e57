# SPDX-License-Identifier: GPL-2.0-or-later
example_programs = \
	%D%/back_in_time \
	%D%/broken_switch \
	%D%/context_or_world \
	%D%/fault_in_each_world \
	%D%/hosted_system \
	%D%/own_switch \
	%D%/two_worlds \
	%D%/walk_page_table \
	%D%/when_did_it_change \
	%D%/without_an_instruction \
	$(end)
check_programs += $(example_programs)
%C%_back_in_time_SOURCES = %D%/back_in_time.c
%C%_broken_switch_SOURCES = %D%/broken_switch.c
%C%_context_or_world_SOURCES = %D%/context_or_world.c
%C%_fault_in_each_world_SOURCES = %D%/fault_in_each_world.c
%C%_hosted_system_SOURCES = %D%/hosted_system.c
%C%_own_switch_SOURCES = %D%/own_switch.c
%C%_two_worlds_SOURCES = %D%/two_worlds.c
%C%_walk_page_table_SOURCES = %D%/walk_page_table.c
%C%_when_did_it_change_SOURCES = %D%/when_did_it_change.c
%C%_without_an_instruction_SOURCES = %D%/without_an_instruction.c
EXTRA_DIST += $(patsubst %D%/%,%D%/expected/%.txt,$(example_programs))
