#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# GNU parallel: grade a class in parts, on this machine or on several, and join them.
#
#     sh parallel.sh handed-in 3 8
#
# grades the folder handed-in of lab 3 in 8 parts; the reports are class.txt and marks.csv.
# What to change: for several machines that share this folder, add --sshlogin HOST,HOST and --workdir . to parallel.
# On one machine alone, "worldswitch grade --jobs" does the same.
# Run here: by tests/cli/setups.sh.

set -eu
folder=$1 lab=$2 parts=$3
: "${WORLDSWITCH:=worldswitch}" "${PARALLEL_PROGRAM:=parallel}" "${GRADE_OPTIONS=}"
rm -rf parts # those of another class
mkdir parts

# shellcheck disable=SC2086 # GRADE_OPTIONS is a list of words
seq "$parts" | "$PARALLEL_PROGRAM" "$WORLDSWITCH" grade "$folder" --lesson "$lab" --report records \
  --shard "{}/$parts" -o "parts/{}" --jobs 1 $GRADE_OPTIONS
"$WORLDSWITCH" grade --merge parts/* --report class -o class.txt
"$WORLDSWITCH" grade --merge parts/* --report csv -o marks.csv
