# SPDX-License-Identifier: GPL-2.0-or-later
script_tests += \
	%D%/fail.sh \
	%D%/limit.sh \
	$(end)
EXTRA_DIST += %D%/fail_allocation.c
