#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every citation of Intel's manual has a number and a title, and both stand together in a row of
# doc/references.txt: a wrong number or a misquoted title cannot slip in unnoticed.

set -u
LC_ALL=C
export LC_ALL
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# shellcheck disable=SC2046 # no file of ours has blanks in its name
awk -f tests/tools/citations.awk $(find include src tests/guest lessons -type f \
  \( -name '*.[chS]' -o -name '*.txt' \) 2> /dev/null | sort) > "$scratch/citations"

sed -n 's/^\(SDM [^|]*[^| ]\) *| *\(.*\)$/\1|\2/p' doc/references.txt > "$scratch/table"

awk -F '|' '
  NR == FNR {
    if (($1, $2) in row) print "doc/references.txt: the row of \"" $1 " " $2 "\" stands there twice"
    if ($1 in title && $1 ~ /§/) print "doc/references.txt: \"" $1 "\" has two titles"
    row[$1, $2]; title[$1] = $2
    next
  }
  $2 == "bad" { print $1 ": a citation without number and title: " $3; next }
  ($2, $3) in row { next }
  $2 in title && $2 ~ /§/ { print $1 ": \"" $2 "\" is titled \"" title[$2] "\", not \"" $3 "\""; next }
  { print $1 ": \"" $2 " | " $3 "\" is not a row of doc/references.txt" }
' "$scratch/table" "$scratch/citations" > "$scratch/problems"

# The check must be able to fail: both citations of this text are found, and the bad one is.
printf '/* SDM 3A §6.5 "Exception\n * Classifications", §6.13 "Error Code"; SDM 3A 6.15. */\n' \
  > "$scratch/made.c"
found=$(cd "$scratch" && awk -f "$OLDPWD/tests/tools/citations.awk" made.c | cut -d '|' -f 2 | tr '\n' ' ')
[ "$found" = "SDM 3A §6.5 SDM 3A §6.13 bad " ] ||
  echo "citations.awk does not find citations any more: $found" >> "$scratch/problems"

echo "$(wc -l < "$scratch/citations") citations, $(wc -l < "$scratch/table") rows"
cat "$scratch/problems"
[ ! -s "$scratch/problems" ]
