#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each example says what its file under examples/expected/ says. Where a number depends on how large a kernel has become,
# only the lines that do not are compared.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=$(dirname "$0")/../..}" "${top_builddir:=.}"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failed=0

# What of an example's output is the same on every build.
lasting() {
  case $1 in
  walk_page_table) grep '^==' ;;
  back_in_time) grep 'the state is' ;;
  broken_switch) sed 's/"ltr[lw] /"ltr /' ;; # versions of Capstone differ
  when_did_it_change) grep '^cr3 changed' ;;
  *) cat ;;
  esac
}

for source in "$top_srcdir"/examples/*.c; do
  name=$(basename "$source" .c)
  "$top_builddir/examples/$name" > "$scratch/all" 2> "$scratch/errors" || {
    echo "$name: status $?"
    cat "$scratch/errors"
    failed=1
  }
  lasting "$name" < "$scratch/all" > "$scratch/seen"
  if [ ! -s "$scratch/seen" ]; then
    echo "$name: prints nothing that could be compared"
    failed=1
  elif ! diff -u "$top_srcdir/examples/expected/$name.txt" "$scratch/seen"; then
    echo "$name: the output differs from examples/expected/$name.txt"
    failed=1
  fi
done
exit $failed
