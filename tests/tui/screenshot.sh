#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The screens that README.md shows are those of the program: the same keys are pressed, and the screens compared.  What
# a compiler decides, numbers and addresses, may differ.  WS_GOLDEN_UPDATE=1 writes the screens anew.
set -u
: "${top_srcdir:=$(dirname "$0")/../..}" "${top_builddir:=.}"
program=${WORLDSWITCH_PROGRAM:-$top_builddir/worldswitch}
page=$top_srcdir/README.md picture=$top_srcdir/doc/view.svg
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
LC_ALL=C.UTF-8
export LC_ALL

fail() {
  echo "FAIL: $*"
  exit 1
}

# what a compiler leaves alone: no numbers, no hexadecimal, no blanks that align them
bare() { sed -E 's/[0-9a-f]*[0-9][0-9a-f]*|\b[a-f]{4,8}\b/N/g; s/[ *]+/ /g; s/^ //; s/ $//; s/N( N)*/N/g'; }

# screen KEYS FILE
screen() { "$program" view --lab --script "$1" --dump "$2" || fail "the keys \"$1\" end with status $?"; }

keys=$(sed -n 's/^\$ build\/worldswitch view --lab --script \(.*\)$/\1/p' "$page" | tr -d "'")
[ -n "$keys" ] || fail "README.md shows no screen"
screen "$keys" "$scratch/now.txt"
screen "$keys" "$scratch/now.svg"

if [ -n "${WS_GOLDEN_UPDATE-}" ]; then
  awk -v screen="$scratch/now.txt" '
    /^```$/ { shown = 0 }
    !shown { print }
    /^\$ build\/worldswitch view --lab --script / {
      shown = 1
      while ((getline line < screen) > 0)
        print line
    }' "$page" >"$scratch/page" && cat "$scratch/page" >"$page"
  cat "$scratch/now.svg" >"$picture"
  exit 0
fi

sed -n '/^\$ build\/worldswitch view --lab --script /,/^```$/p' "$page" | sed '1d;$d' | bare >"$scratch/shown"
bare <"$scratch/now.txt" >"$scratch/bare"
[ "$(wc -l <"$scratch/shown")" -eq 24 ] || fail "README.md does not show a whole screen"
diff "$scratch/shown" "$scratch/bare" || fail "README.md shows another screen than the program"

# the picture: its texts, without where they stand
texts() { sed -n 's/^<text [^>]*>\(.*\)<\/text>$/\1/p' "$1" | bare | sed '/^N\{0,1\}$/d'; }
texts "$picture" >"$scratch/shown"
texts "$scratch/now.svg" >"$scratch/bare"
grep -q "cross" "$scratch/shown" || fail "doc/view.svg has no text"
diff "$scratch/shown" "$scratch/bare" || fail "doc/view.svg is another screen than the program's"
