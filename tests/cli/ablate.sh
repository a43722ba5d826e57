#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ablate as a person, a script and a campaign on many machines use it.

set -u
: "${top_builddir:=.}" "${JQ:=}" "${PARALLEL_PROGRAM:=}"
. "$(dirname "$0")/../tools/guard.sh"
worldswitch=$(cd "$top_builddir" && pwd)/worldswitch
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

fail() {
  echo "$*"
  status=1
}

# expect STATUS WHAT COMMAND...: what it exits with; standard output and error go to files.
expect() {
  wanted=$1 what=$2
  shift 2
  "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null
  got=$?
  [ $got -eq "$wanted" ] || fail "$what: status $got, not $wanted: $(cat "$scratch/err")"
}

says() {
  grep -q -- "$2" "$scratch/$1" || fail "\"$2\" is not in $1: $(head -3 "$scratch/$1")"
}

# --- everything, in parts and in one piece -------------------------------------------------------
expect 0 "removals" "$worldswitch" ablate
says out '^remove: 45 tried, 45 detected, 0 known to be harmless, 0 not detected$'
says out 'without instruction 35: ltr on a busy TSS: #GP. It shows at mark .* instruction 37 raises #GP(0x0070)'

says out '^what was noticed:$'
says out '^  undisturbed  '
[ -z "$(sed -n 's/.*detected: //p' "$scratch/out" | grep -E '(^|, )(,|$)')" ] || fail "a name is empty"
expect 0 "one removal" "$worldswitch" ablate 25
says out '^remove: 1 tried, 1 detected'
says out '^  25  remove  '
expect 0 "one instruction, in all ways" "$worldswitch" ablate 45 --pairs --bits -q
says out '^bit: 8 tried, '
for bad in 0 46 25x "25 26"; do
  # shellcheck disable=SC2086 # two words
  expect 2 "$bad" "$worldswitch" ablate $bad
done

# Each bit of the code is one of 968 trials, and so one part of them must do; all of them, when somebody asks for it.
if long; then
  expect 0 "all bits" "$worldswitch" ablate -q --bits
  says out '^bit: 968 tried, 935 detected, 33 known to be harmless, 0 not detected$'
fi
expect 0 "some bits" "$worldswitch" ablate -q --bits --shard 5/16
says out '^bit: 6[0-9] tried, [0-9]* detected, [1-9] known to be harmless, 0 not detected$'

# Interrupts and NMIs at each boundary are two thirds of the trials.
if more; then
  storm=--storm totals=4 cases=273 in_a_part=91
else
  storm='' totals=2 cases=89 in_a_part=30
fi
for part in 1 2 3; do
  # shellcheck disable=SC2086 # one word or none
  expect 0 "part $part" "$worldswitch" ablate --pairs $storm --format jsonl \
    --shard $part/3 --jobs $part -o "$scratch/part$part"
done
expect 0 "merge" "$worldswitch" ablate --merge "$scratch/part2" "$scratch/part3" "$scratch/part1" \
  --format jsonl
if more; then
  mv "$scratch/out" "$scratch/merged"
  expect 0 "all, as lines" "$worldswitch" ablate --pairs $storm --format jsonl
  cmp "$scratch/out" "$scratch/merged" || fail "three parts are not the whole"
fi
expect 0 "merge to text" "$worldswitch" ablate --merge -q "$scratch"/part?
[ "$(wc -l < "$scratch/out")" -eq $totals ] || fail "-q says more than totals: $(cat "$scratch/out")"
says out '^swap: 44 tried, 28 detected, 16 known to be harmless, 0 not detected$'
if more; then
  says out '^interrupt: 92 tried, 92 pass, 0 known to fail, 0 fail unexpectedly$'
  says out '^nmi: 92 tried, 66 pass, 26 known to fail, 0 fail unexpectedly$'
fi
expect 0 "csv" "$worldswitch" ablate --merge --format csv "$scratch"/part?
[ "$(grep -c ',yes,' "$scratch/out")" -eq $cases ] || fail "csv has not $cases good rows"

# --- what is missing, and what does not belong ---------------------------------------------------
expect 2 "a part is missing" "$worldswitch" ablate --merge -q "$scratch/part1" "$scratch/part3"
says err "part 2/3 is missing: $in_a_part cases"
head -c 5000 "$scratch/part2" > "$scratch/cut"
expect 2 "a part is cut off" "$worldswitch" ablate --merge -q "$scratch/part1" "$scratch/cut" "$scratch/part3"
says err 'part 2/3 is not whole'
"$worldswitch" ablate --format jsonl > "$scratch/other"
for part in 1 2; do
  expect 0 "half $part" "$worldswitch" ablate --format jsonl --shard $part/2 -o "$scratch/half$part"
done
expect 0 "merge of halves" "$worldswitch" ablate --merge "$scratch/half2" "$scratch/half1" --format jsonl
cmp "$scratch/out" "$scratch/other" || fail "two halves are not the whole"
expect 2 "other options" "$worldswitch" ablate --merge "$scratch/part1" "$scratch/other"
says err 'other:1: a part made with other options'
sed 's/"fingerprint":"[0-9a-f]*"/"fingerprint":"1"/' "$scratch/part2" > "$scratch/alien"
expect 2 "another program" "$worldswitch" ablate --merge "$scratch/part1" "$scratch/alien"
says err 'made with another switch or another program'
sed 's/"detected":true/"detected":false/' "$scratch/part1" > "$scratch/liar"
expect 2 "contradiction" "$worldswitch" ablate --merge "$scratch/part1" "$scratch/liar"
says err 'with another result'
sed 's/"expected":true/"expected":false/' "$scratch/other" > "$scratch/wanting"
expect 12 "not detected" "$worldswitch" ablate --merge -q "$scratch/wanting"
for bad in /dev/null "$0" "$scratch/none"; do
  expect 2 "$bad" "$worldswitch" ablate --merge "$bad"
done
sed 1d "$scratch/part1" > "$scratch/headless"
expect 2 "headless" "$worldswitch" ablate --merge "$scratch/headless"
expect 2 "nothing to merge" "$worldswitch" ablate --merge
expect 2 "an image" "$worldswitch" ablate image.elf
for shard in 0/3 4/3 1 1/ /3 1/3x -1/3 ''; do
  expect 2 "shard $shard" "$worldswitch" ablate --shard "$shard"
done

# --- the fields that scripts rely on -------------------------------------------------------------
if [ -n "$JQ" ]; then
  "$JQ" -e -s '[.[]|select(.type=="ablation")]
    | length==45 and all(.[]; .detected and (.by|length>0) and .at>.cause and (.text|length>0)
        and .distance==.at-.cause and (.instruction as $n | .explanation|startswith("without instruction \($n): ")))' \
    "$scratch/other" > /dev/null || fail "the records lack something"
else
  echo "the records' fields are not checked: no jq"
fi

# --- GNU parallel, as the README shows it --------------------------------------------------------
if [ -n "$PARALLEL_PROGRAM" ]; then
  (cd "$scratch" && "$PARALLEL_PROGRAM" --will-cite -j2 \
    "$worldswitch" ablate --pairs --jobs 1 --shard '{}/4' --format jsonl -o 'shard-{}.jsonl' \
    ::: 1 2 3 4 2> "$scratch/err") || fail "parallel: $(cat "$scratch/err")"
  expect 0 "merge what parallel made" "$worldswitch" ablate --merge -q "$scratch"/shard-?.jsonl
  says out '^swap: 44 tried, 28 detected, 16 known to be harmless, 0 not detected$'
else
  echo "GNU parallel is not tried: it is not installed"
fi
exit $status
