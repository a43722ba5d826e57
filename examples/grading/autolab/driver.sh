#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Autolab, for each submission: print the report, Autolab's feedback, and the scores, which must be the last line.
#
# What to do: see autograde-Makefile.  What to change: LAB and FILE, there.
# Run here: by tests/cli/setups.sh.

set -u
: "${LAB:=3}" "${FILE:=switch.s}" "${WORLDSWITCH:=worldswitch}"
# The virtual machine or container holds one submission, and is thrown away.
: "${GRADE_OPTIONS=--unconfined}"

# shellcheck disable=SC2086 # GRADE_OPTIONS is a list of words
"$WORLDSWITCH" grade "$FILE" --lesson "$LAB" --report autolab $GRADE_OPTIONS && exit
echo 'Nothing was graded. Tell your instructor what stands above.'
echo '{"scores":{}}'
