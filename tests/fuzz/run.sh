#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Build the image fuzzer with clang, and let it run for a while.
#
# usage: run.sh [SECONDS] (default 60); what it found stays in the folder "fuzz" below the current one

set -eu
seconds=${1:-60}
top=$(cd "$(dirname "$0")/../.." && pwd)
clang=${CLANG:-clang}
if ! command -v "$clang" > /dev/null; then
  echo "run.sh: no clang, whose libFuzzer this needs; install clang, or set CLANG" >&2
  exit 1
fi
mkdir -p fuzz/corpus
sources="$top/src/machine/image_plan.c $top/src/machine/image_elf.c $top/src/machine/elf_file.c
  $top/src/machine/symbols.c $top/src/machine/image_write.c $top/src/machine/file.c
  $top/src/base/buffer.c"
options="-std=c11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
  -I$top/include -I$top/src -I$top/tests"
# shellcheck disable=SC2086 # lists of words
"$clang" $options -o fuzz/seed_image "$top/tests/fuzz/seed_image.c" $sources -lelf
# shellcheck disable=SC2086
"$clang" $options -fsanitize=fuzzer -o fuzz/fuzz_image "$top/tests/fuzz/fuzz_image.c" $sources -lelf
./fuzz/seed_image fuzz/corpus/seed
exec ./fuzz/fuzz_image -max_total_time="$seconds" -max_len=20000 -artifact_prefix=fuzz/ fuzz/corpus
