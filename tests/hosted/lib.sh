# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the hosted system's tests share: a scratch folder to work in, and counted checks.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${JQ:=}" "${QEMU:=}"
. "$(dirname "$0")/../tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
hosted=$(cd "$top_builddir" && pwd)/guest/hosted
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
checks=0
failed=0

# verify TEXT COMMAND...: the command succeeds, or TEXT says what is wrong
verify() {
  text=$1
  shift
  checks=$((checks + 1))
  "$@" > verify.out 2>&1 || {
    echo "$text"
    head -20 verify.out
    failed=1
  }
}

# status TEXT WANTED GOT
status() {
  checks=$((checks + 1))
  [ "$2" -eq "$3" ] || {
    echo "$1: status $3, wanted $2"
    failed=1
  }
}

# contains REGEX FILE
contains() {
  grep -aqE -- "$1" "$2" || {
    cat "$2"
    false
  }
}

# said NAME FILE: the lines of one speaker, whoever spoke in between; without what a VMM's translator has done, which
# depends on when interrupts come
said() {
  grep -a "^$1: " "$2" | grep -avE '^vmx[0-9]?: (its kernel in|[0-9]+ jumps were) ' > "$2.$1"
}

# extract NAME DISK: a file on a disk of the hosted system, on standard output
extract() {
  od -A n -v -t u4 -j 512 -N 512 -w32 "$2" > directory
  row=0
  while read -r _ _ _ _ first _ bytes _; do
    name=$(dd if="$2" bs=1 skip=$((512 + 32 * row)) count=16 2> errors | tr -d '\000')
    row=$((row + 1))
    [ "$name" = "$1" ] || continue
    dd if="$2" bs=512 skip="$first" 2> errors | head -c "$bytes"
    return
  done < directory
  echo "there is no file \"$1\" on the disk" >&2
  return 1
}
