#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a multiboot guest is handed over (memory, map, command line, modules) is what QEMU's loader hands over, the
# loader's name aside.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${QEMU:=}"
. "$(dirname "$0")/../tools/guard.sh"
if [ -z "$QEMU" ]; then
  echo "no qemu-system-i386 here: nothing is compared with QEMU"
  exit 77
fi
program=$(cd "$top_builddir" && pwd)/worldswitch
guest=$(cd "$top_builddir" && pwd)/guest/tests/machine/boot_report.elf
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
cp "$guest" boot.elf
printf 'hello' > small
head -c 9000 "$guest" > large
failed=0
compared=0

# equal NAME OUR-ARGUMENTS -- QEMU-ARGUMENTS
equal() {
  name=$1 ours=
  shift
  while [ "$1" != -- ]; do
    ours="$ours '$1'"
    shift
  done
  shift
  eval "'$program' run --max-insns 100000000 $ours boot.elf" > ours 2> errors < /dev/null
  [ $? -eq 33 ] || {
    echo "$name: status other than 33"
    cat errors
    failed=1
  }
  qemu -kernel boot.elf -serial stdio "$@" < /dev/null > theirs 2> errors
  grep -av '^loader ' ours > ours.kept
  grep -av '^loader ' theirs > theirs.kept
  compared=$((compared + $(wc -l < theirs.kept)))
  diff -u theirs.kept ours.kept || {
    echo "$name: QEMU's loader (-) hands over something else than ours (+)" >&2
    failed=1
  }
  grep -aq '^loader "worldswitch"$' ours || {
    echo "$name: the loader has no name" >&2
    failed=1
  }
}

equal plain --memory 16M -- -m 16
equal 'more memory' --memory 100M -- -m 100
equal 'command line' --memory 16M --append 'one two=3  "four"' -- -m 16 -append 'one two=3  "four"'
equal 'one module' --memory 16M --module small -- -m 16 -initrd small
equal 'modules' --memory 32M --append x --module 'small=small first one' --module large --module 'small=small -x' \
  -- -m 32 -append x -initrd 'small first one,large,small -x'
echo "$compared lines compared"
[ "$compared" -gt 40 ] && [ $failed -eq 0 ]
