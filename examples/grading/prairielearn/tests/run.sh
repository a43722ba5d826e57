#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# PrairieLearn, in the grading container: grade what stands in /grade/student, and write /grade/results/results.json.
# What does not become a program is "not gradable", and costs no attempt.
#
# What to do: it is the question's tests/run.sh; info.json names it.
# What to change: nothing here; the lab stands in info.json.
# Run here: by tests/cli/setups.sh, in another folder.

set -u
: "${LAB:=3}" "${GRADE:=/grade}" "${WORLDSWITCH:=worldswitch}" "${GRADE_OPTIONS=}"
results=$GRADE/results/results.json
mkdir -p "$GRADE/results"

# shellcheck disable=SC2086 # GRADE_OPTIONS is a list of words
"$WORLDSWITCH" grade "$GRADE/student" --lesson "$LAB" --report prairielearn -o "$results" $GRADE_OPTIONS && exit
printf '{"gradable":false,"format_errors":["%s"]}\n' \
  'Nothing was graded: hand in exactly one file, with the name that the lab says. If you did, tell your instructor.' \
  > "$results"
