# SPDX-License-Identifier: GPL-2.0-or-later
script_tests += \
	%D%/check_citations.sh \
	%D%/check_format.sh \
	%D%/check_guards.sh \
	%D%/check_headers.sh \
	%D%/check_lists.sh \
	%D%/check_manual.sh \
	%D%/check_names.sh \
	%D%/check_sizes.sh \
	$(end)
EXTRA_DIST += %D%/format.sh %D%/make_main %D%/no_check.sh %D%/leaks.supp %D%/citations.awk %D%/functions.awk %D%/guard.sh \
	%D%/pre-commit.sh %D%/same_runs.sh

# make installcheck, and with it distcheck: somebody who has only what was installed.
installcheck-local:
	CC='$(CC)' WS_LDFLAGS='$(WS_LDFLAGS)' bindir='$(DESTDIR)$(bindir)' libdir='$(DESTDIR)$(libdir)' \
	  top_srcdir='$(abs_top_srcdir)' $(SHELL) $(srcdir)/%D%/check_installed.sh
EXTRA_DIST += %D%/check_installed.sh

# Format all C.
format:
	@$(SHELL) $(srcdir)/%D%/format.sh
.PHONY: format
