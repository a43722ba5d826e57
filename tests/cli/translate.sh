#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the VMM has translated: the same as the VMX tells at the end, each copy a copy, and a reason for all else.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${JQ:=}"
. "$(dirname "$0")/../tools/guard.sh"
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

# leaves STATUS ARGUMENT...: translate exits so; out and err are what it says
leaves() {
  wanted=$1
  shift
  "$program" translate "$@" > out 2> err
  got=$?
  checks=$((checks + 1))
  [ $got -eq "$wanted" ] || {
    echo "translate $*: status $got, wanted $wanted: $(head -3 err)"
    failed=1
  }
}

# -- as text --------------------------------------------------------------------------------------------------------
"$program" run --vms 1 -q > run 2> /dev/null
units=$(sed -n 's/^vmx: its kernel in \([0-9]*\) units:.*/\1/p' run)
dropped=$(sed -n 's/^vmx: .* \([0-9]*\) units were dropped$/\1/p' run)
leaves 0 --vms 1 -q
holds "other units than the VMX told" grep -qE "^vmm at mark [0-9]+: $units units, $dropped of them dropped;" out
holds "not each unit is shown" test "$(grep -c '^unit [0-9]* of vmm, for 0x' out)" = "$units"
holds "some code is none" sh -c '! grep -q "(bad)" out'
holds "no port" grep -q '^      the port is one of a virtual chip$' out
holds "nothing leads to the lookup" grep -qE '^ +[0-9a-f]{5}  jmp 0  \(lookup\)$' out
holds "no jump is chained" grep -qE 'jmp 0x[0-9a-f]+  \(unit [0-9]+\)$' out

# -- as records -----------------------------------------------------------------------------------------------------
leaves 0 --vms 1 -q --format csv --max-insns 12000000
holds "no table" grep -qE '^vmm,[0-9]+,0x[0-9a-f]{8},"out %al, %dx",callout,"the port is one of a virtual chip","hlt"$' out
if [ -n "$JQ" ]; then
  leaves 0 --vms 2 -q --format jsonl --max-insns 24000000
  holds "not both VMMs" "$JQ" -e -s 'map(.world) | unique == ["vmm1","vmm2"]' out
  holds "not all are units" "$JQ" -e -s "all(.[]; .type == \"unit\")" out
  holds "a copy is another instruction" "$JQ" -e -s '
    [.[].pieces[] | select(.kind == "copy" and (has("why") | not))] |
    length > 500 and all(.[]; (.translated | length) == 1 and .text == .translated[0].text)' out
  holds "no reason for what is no copy" "$JQ" -e -s '
    all(.[].pieces[]; has("why") or .kind == "copy")' out
  holds "a call-out is no hlt" "$JQ" -e -s '
    [.[].pieces[] | select(.kind == "callout")] | length > 50 and all(.[]; [.translated[].text] - ["nop"] == ["hlt"])' out
  holds "a jump is chained to a unit that there is not" "$JQ" -e -s '
    group_by(.world) | all(.[]; (map(.unit) | max) as $most |
      all(.[].pieces[].translated[] | select((.to // "") | startswith("unit ")); (.to[5:] | tonumber) <= $most))' out
  holds "a live unit has no code" "$JQ" -e -s 'all(.[]; has("dropped_for") != (.pieces | length > 0))' out
fi

# -- at a mark, at an instruction -----------------------------------------------------------------------------------
mark=$("$program" trace --vms 1 -q --max-insns 9000000 | sed -n 's/^ *\([0-9]*\).*world .*host.*vmm.*/\1/p' | tail -n 1)
leaves 0 "$((mark + 60))" --vms 1 -q
holds "not the VMM that runs at the mark $((mark + 60))" grep -q "^vmm at mark $((mark + 60)): " out
eip=$(sed -n 's/^unit 9 of vmm, for \(0x[0-9a-f]*\).*/\1/p' out)
leaves 0 "$((mark + 60))" --vms 1 -q --eip "$eip"
holds "the unit for that EIP is not there" grep -q "^unit 9 of vmm, for $eip" out
holds "all units are there" sh -c '! grep -q "^unit 1 " out'

# -- the host's own kernel in the VM, which has what misbehaves without a fault -----------------------------------------
if more; then
  leaves 0 --vm host -q --max-insns 60000000
  holds "no pushf" grep -qE '^  [0-9a-f]{8}  pushfl +[0-9a-f]{5}  pushfl$' out
  holds "no reason for it" grep -q '^      it would push the real IF and IOPL, without a fault' out
fi

# -- what there is not ----------------------------------------------------------------------------------------------
leaves 12 100000 -q
holds "no reason" grep -q 'no VMM with a binary translator was seen up to mark 100000' err
leaves 12 --lab -q
leaves 12 --vms 1 -q --eip 0x12345678 --max-insns 12000000
holds "no reason" grep -q 'no unit has the instruction at 0x12345678' err
leaves 2 1 one.elf two.elf
leaves 2 --eip nowhere

echo "$checks checks"
exit $failed
