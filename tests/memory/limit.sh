#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Under a limit of address space, as batch systems and classrooms set it, the program does what it does without one, or
# it ends with status 10 and one line.  Unicorn would end it with status 1, which a guest has that left with 0.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99

if "$program" version | grep -q 'sanitizers yes'; then
  echo "a sanitizer takes terabytes of address space: skipped"
  exit 77
fi

failed=0
refused=0
finished=0

# try KIBIBYTES ARGUMENT...
try() {
  limit=$1
  shift
  (
    ulimit -v "$limit" 2> /dev/null || exit 77
    exec "$program" "$@"
  ) > out 2> err < /dev/null
  status=$?
  if [ $status -eq 77 ] || [ $status -eq 127 ]; then
    return # no limit can be set, or the loader itself has no room
  elif [ $status -eq "$right_status" ] && cmp -s out right; then
    finished=$((finished + 1))
  elif [ $status -eq 10 ] && [ "$(wc -l < err)" -eq 1 ] && grep -q '^worldswitch: .*memory' err; then
    refused=$((refused + 1))
  else
    echo "worldswitch $* with $limit KiB: status $status, $(head -2 err)"
    failed=1
  fi
}

# all ARGUMENT...: from too little for an engine to what used to be too little
all() {
  "$program" "$@" > right 2> /dev/null < /dev/null
  right_status=$?
  for mebibytes in 40 50 60 70 80 90 100 110 120 130 150 170 200 300 500 1000; do
    try $((mebibytes * 1024)) "$@"
  done
}

all run --lab -q
all trace --lab -q --format csv
all ablate --shard 1/45 --jobs 1 -q
all run -q --max-insns 2000000
echo "$finished runs were right, $refused were refused"
if [ $finished -eq 0 ] || [ $refused -eq 0 ]; then
  echo "no limit could be set, or none was small or large enough: skipped"
  [ $failed -ne 0 ] || exit 77
fi
exit $failed
