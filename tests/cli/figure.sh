#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The figures of the hosted system: their shape, and that the marks in them are those of the events that they name, as
# the trace of an equal run has them.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${JQ:=}"
program=$(cd "$top_builddir" && pwd)/worldswitch
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
checks=0
failed=0

# holds TEXT COMMAND...
holds() {
  text=$1
  shift
  checks=$((checks + 1))
  "$@" > said 2>&1 || {
    echo "$text"
    head -20 said
    failed=1
  }
}

# leaves STATUS ARGUMENT...: figure exits so; out and err are what it says
leaves() {
  wanted=$1
  shift
  "$program" figure "$@" > out 2> err
  got=$?
  checks=$((checks + 1))
  [ $got -eq "$wanted" ] || {
    echo "figure $*: status $got, wanted $wanted: $(head -3 err)"
    failed=1
  }
}

# -- figure 7-10 ----------------------------------------------------------------------------------------------------
# A run that is cut off is as good as a whole one, and shorter: it has forwarded some interrupts, and served many requests.
leaves 0 7-10 --vms 1 --max-insns 7000000 -o hosted
holds "with -o, it writes to standard output, too" test ! -s out
holds "the ASCII figure is none" sh -c '! LC_ALL=C grep -q "[^ -~]" hosted'
for box in 'VMX  ' 'VMX driver' 'host OS  ' 'fs  ' 'scsi  ' 'int handler' 'VMM  ' 'virtual machine'; do
  holds "no box says \"$box\"" grep -q "| *$box" hosted
done
sed -n '1,/^the last/p' hosted > picture
for step in i ii iii iv v 1 2 3 5 6; do
  holds "the picture has no ($step)" grep -q "($step)" picture
  holds "there is no step $step" grep -qE "^  $step +[0-9]+  " hosted
done
sed -n 's/^  \([iv1-6]*\)  *\([0-9][0-9]*\)  .*/\1 \2/p' hosted > marks
holds "the steps' marks do not rise" awk '
  $1 == "i" || $1 == "1" { before = 0 } $2 <= before { exit 1 } { before = $2; n++ } END { exit n < 10 }' marks
if (LC_ALL=C.UTF-8 && export LC_ALL && "$program" figure 7-10 --vms 1 --max-insns 7000000 -q) > boxes 2> err; then
  holds "no UTF-8 boxes where the locale has them" grep -q '│ VMX driver' boxes
fi

if [ -n "$JQ" ]; then
  "$program" trace --vms 1 --max-insns 7000000 --format jsonl -q > trace
  # Of each step the record that there must be at its mark; step iv is behind the int.
  while read -r step mark; do
    case $step in
    i) want='.kind=="vector" and .origin=="external" and .world=="vmm"' ;;
    1) want='.kind=="vector" and .origin=="exception" and .world=="vmm"' ;;
    ii | 2) want='.kind=="world" and .from=="vmm" and .to=="host"' ;;
    iii) want='.kind=="vector" and .origin=="software" and .world=="host" and .vector<48' ;;
    iv) mark=$((mark - 1)) want='.kind=="vector" and .origin=="software" and (.handler_symbol|test("^vector_"))' ;;
    v | 3) want='.kind=="return" and .ring==3 and .world=="host"' ;;
    4 | 5) want='.kind=="vector" and .origin=="software" and .vector==128' ;;
    6) want='.kind=="world" and .from=="host" and .to=="vmm"' ;;
    esac
    grep -aE "\"(at|begin)\":$mark," trace > records
    holds "step $step: there is no such event at mark $mark" "$JQ" -e -s "any(.[]; $want)" records
  done < marks
  # The trace has the same paths, each where it ends.
  for kind in interrupt request; do
    "$JQ" -s -r "map(select(.kind==\"path\" and .path==\"$kind\")) | length, last.steps[].at" trace > told
    sed -n "s/^the last $kind.*(of \([0-9]*\);.*/\1/p" hosted > drawn
    sed -n "/^the last $kind/,/^\$/s/^  [iv1-6]*  *\([0-9][0-9]*\)  .*/\1/p" hosted >> drawn
    holds "no $kind was drawn" test "$(wc -l < drawn)" -ge 6
    holds "the trace tells of another $kind" cmp told drawn
  done
  holds "the trace is not in the order of marks" "$JQ" -e -s \
    'map(select(.type!="finding") | if .type=="crossing" then .end-1 else .at end) | . == sort' trace
  # All that the trace tells to have been forwarded was recognized: one may be under way at the end.
  "$JQ" -r 'select(.kind=="vector" and .origin=="software" and .world=="host" and .vector<48) | 1' trace | wc -l > raised
  sed -n 's/^the last interrupt.*(of \([0-9]*\);.*/\1/p' hosted | paste - raised > counts
  holds "interrupts recognized, and vectors raised: $(cat counts)" awk '{ exit !($1 > 5 && $2 - $1 <= 1 && $2 >= $1) }' counts
fi

# -- figure 7-11 ----------------------------------------------------------------------------------------------------
leaves 0 7-11 --vms 1
holds "no context switch" grep -q '^the last context switch from "A" to "B"' out
holds "a line is longer than 80 columns" sh -c '! grep -q ".\{81\}" out'
sed -n '/^the last world switch from "vmm" to "host"/,$p' out > world
holds "host and VMM do not stand side by side" grep -qE '^  linear +host: vmx, now +vmm$' world
holds "not exactly the cross page is in both" grep -qE '^   = the same in both: 1 page$' world
holds "the cross page is not at ffc00000" grep -qE '^ ffc00000-ffc00fff  . cross page rw +1 page . = . cross page rw' world
holds "the host's kernel did not appear" grep -qE '^ c0000000-[0-9a-f]{8}  . kernel     rw +[0-9]+ pages. \+ . +.$' world
holds "the VMM did not vanish" grep -qE '^ ffc01000-[0-9a-f]{8}  . {26}. - . kernel     rw +[0-9]+ pages' world
holds "nobody says what vanished" grep -qE '^   - vanished: [0-9]+ pages of vmm$' world
holds "nobody says what appeared" grep -qE '^   \+ appeared: [0-9]+ pages of host: vmx$' world
holds "the handlers are the same in both" grep -q '^ others: != handlers' world
leaves 0 7-11 --lab
holds "the laboratory's worlds are not drawn" grep -qE '^  linear +host.* +vmm' out

# -- what there is not ----------------------------------------------------------------------------------------------
leaves 12 7-10 --lab
holds "no reason" grep -q 'forwarded no interrupt' err
holds "a figure of nothing" test ! -s out
echo kept > file
leaves 12 7-11 --lab --max-insns 100 -q -o file
holds "a file was replaced by nothing" grep -q kept file
holds "something is left behind" sh -c '[ "$(echo file*)" = file ]'
leaves 12 7-11 --max-insns 5000 -q
holds "no reason" grep -q 'made no world switch' err
leaves 2 7-12
leaves 2
leaves 2 7-10 one.elf two.elf
leaves 10 7-10 --max-insns 5000 -o no/such/folder/file

echo "$checks checks"
exit $failed
