#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Build the fuzzers with clang's libFuzzer and sanitizers, and let them run.
#
# usage: run.sh [SECONDS]     half of the time images, half of it guests (default 60)
#        run.sh proof         100,000 mutated images and 20,000 random guests, however long it takes; the last line is
#                             the result
#
# The images begin with a sound one, the guests with what tests/fuzz/seeds has. Guests are random code, page tables,
# descriptors, port accesses and interrupts (random_guest.c), each run at once and in pieces, which must agree. What
# is found stays in the folder "fuzz" below the current one.

set -eu
what=${1:-60}
top=$(cd "$(dirname "$0")/../.." && pwd)
clang=${CLANG:-clang}
if ! command -v "$clang" > /dev/null; then
  echo "run.sh: no clang, whose libFuzzer this needs; install clang, or set CLANG" >&2
  exit 1
fi
mkdir -p fuzz/images fuzz/guests
options="-std=c11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
  -I$top/include -I$top/src -I$top/tests"
libraries="$(pkg-config --cflags --libs unicorn capstone) -lelf"
guests="$top/tests/fuzz/fuzz_guest.c $top/tests/fuzz/random_guest.c $top/tests/fuzz/random_code.c
  $top/tests/fuzz/ways.c"
rooms="base x86 unicorn cpu run devices machine image" # the machine, what it stands on, and the files to load

# Every source file of the rooms is found, not listed: a list would not hear of a new file, or of a new folder.
# shellcheck disable=SC2086 # lists of words
build() {
  rm -rf fuzz/objects
  mkdir -p fuzz/objects
  for room in $rooms; do
    find "$top/src/$room" -name '*.[cS]'
  done | while read -r file; do
    object=$(echo "${file#"$top/src/"}" | tr / -)
    "$clang" $options -fsanitize=fuzzer-no-link -c -o "fuzz/objects/$object.o" "$file" || exit 1
  done
  set -- fuzz/objects/*.o $libraries
  "$clang" $options -o fuzz/seed_image "$top/tests/fuzz/seed_image.c" "$@"
  "$clang" $options -fsanitize=fuzzer -o fuzz/fuzz_image "$top/tests/fuzz/fuzz_image.c" "$@"
  "$clang" $options -fsanitize=fuzzer -DFUZZ_LIBFUZZER -o fuzz/fuzz_guest $guests "$@"
  "$clang" $options -o fuzz/random_guest $guests "$@"
}

LSAN_OPTIONS=suppressions=$top/tests/tools/leaks.supp:print_suppressions=0
export LSAN_OPTIONS
build
./fuzz/seed_image fuzz/images/seed
if [ "$what" = proof ]; then
  ./fuzz/fuzz_image -runs=100000 -max_len=20000 -artifact_prefix=fuzz/ fuzz/images
  instructions=0 programs=0
  while [ "$programs" -lt 20000 ]; do
    ./fuzz/random_guest --seed $((1000000 + programs)) --programs 200 > fuzz/report || { cat fuzz/report; exit 1; }
    instructions=$((instructions + $(sed -n 's/^[0-9]* programs, \([0-9]*\) instructions.*/\1/p' fuzz/report)))
    programs=$((programs + 200))
  done
  echo "100000 mutated images and $programs random guests, $instructions instructions: no crash, no hang, no sanitizer" \
    "report, no difference"
  exit 0
fi
half=$(((what + 1) / 2))
./fuzz/fuzz_image -max_total_time=$half -max_len=20000 -artifact_prefix=fuzz/ fuzz/images
./fuzz/fuzz_guest -max_total_time=$half -max_len=4096 -len_control=0 -artifact_prefix=fuzz/ fuzz/guests "$top/tests/fuzz/seeds"
