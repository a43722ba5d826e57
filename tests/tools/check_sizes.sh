#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The limits on size that HACKING.md names, measured: functions of 60 lines at most and 15 in
# the median, files of 600 lines at most, examples of 60. Lines: 100 columns are aimed at, 120 are
# the limit.

set -u
LC_ALL=C
export LC_ALL
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1
tools=tests/tools
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

find include src tests examples \( -name '*.[chS]' -o -name '*.ld' \) 2> /dev/null | sort > "$scratch/files"
grep '\.[ch]$' "$scratch/files" > "$scratch/c-files"

# shellcheck disable=SC2046 # no file of ours has blanks in its name
{
  awk 'FNR > 600 && !told[FILENAME]++ { print FILENAME ": more than 600 lines: split it by idea" }
       { line = $0; gsub(/[\200-\277]/, "", line) }    # count characters, not bytes
       length(line) > 120 { print FILENAME ":" FNR ": more than 120 columns" }
       /[ \t]$/ { print FILENAME ":" FNR ": blanks at the end of the line" }
       FNR == 1 && !/SPDX-License-Identifier: GPL-2.0-or-later/ {
           print FILENAME ":1: no SPDX line" }
       FILENAME ~ /^examples\// && FNR == 61 { print FILENAME ": an example of more than 60 lines" }
  ' $(cat "$scratch/files")
  awk -f "$tools/functions.awk" $(cat "$scratch/c-files") > "$scratch/functions"
  awk '$4 > 60 { print $1 ":" $2 ": function \"" $3 "\" has " $4 " lines, of at most 60" }' \
    "$scratch/functions"
  sort -n -k 4 "$scratch/functions" | awk '
    { length_of[NR] = $4 }
    END {
        if (NR == 0) { print "no function found: this check does not work"; exit }
        median = length_of[int((NR + 1) / 2)]
        print NR " functions, median " median " lines" > "/dev/stderr"
        if (median > 15) print "the median function has " median " lines, of at most 15"
    }'
} > "$scratch/problems"

# The limits must be able to fail: a made-up function of 61 lines has to be found.
{ echo 'static int too_long(void)'; echo '{'; yes '    x();' | head -58; echo '}'; } > "$scratch/made.c"
[ "$(awk -f "$tools/functions.awk" "$scratch/made.c")" = "$scratch/made.c 1 too_long 61" ] ||
  echo "functions.awk does not measure functions any more" >> "$scratch/problems"

cat "$scratch/problems"
[ ! -s "$scratch/problems" ]
