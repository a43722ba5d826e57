#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hosted system's switches, as the trace tells them: each world switch is 45 instructions and passes the audit, and
# each interrupt that came while the VMM's world was there reaches the host's handler once.

. "${top_srcdir:-.}/tests/hosted/lib.sh"
if [ -z "$JQ" ]; then
  echo "no jq here: the hosted system's switches were not looked at"
  exit 77
fi

"$program" trace --vms 1 --format jsonl > trace
status "the run" 0 $?
grep -a '"type":"crossing"' trace > crossings
grep -aE '"type":"crossing"|"kind":"vector"' trace > path

verify "the audit finds something" sh -c '! grep -a "\"type\":\"finding\"" trace'
"$JQ" -r 'select(.kind=="world") | "\(.from) \(.to) \(.instructions)"' crossings | sort | uniq -c > worlds
verify "there are other world switches than between host and VMM, 45 instructions each" sh -c '
  awk "{ print \$2, \$3, \$4 }" worlds > pairs; printf "host vmm 45\nvmm host 45\n" | diff - pairs'
verify "the worlds do not take turns" awk '
  NR > 1 && $1 == before { exit 1 } { before = $1; n = $1 } END { exit n < 500 }' worlds
verify "a category stays in a world switch, flags that are equal by chance aside" "$JQ" -e -s \
  'map(select(.kind=="world"))[100:] | all(.kept - ["flags"] == []) and any(.kept == [])' crossings
"$JQ" -r 'select(.kind=="context") | .from, .to' crossings | sort -u > processes
verify "context switches are between others than A, B, vmx and idle" sh -c 'printf "A\nB\nidle\nvmx\n" | diff - processes'
verify "a context switch touches more than a process" "$JQ" -e -s '
  map(select(.kind=="context")) | length > 20 and all(.changed | index("kernel-space","gdtr","idtr","tr","cr4") == null)' crossings

# (i) an interrupt in the VMM's world, (ii) the next thing is a world switch, (iii)(iv) the next one is that vector,
# raised by software in the host.
"$JQ" -r 'if .type=="crossing" then "crossing \(.from) \(.to)"
  elif .origin=="external" and .world=="vmm" then "came \(.vector)"
  elif .origin=="software" and .world=="host" and .vector < 48 then "raised \(.vector)" else empty end' path |
  awk '/^crossing (host vmm|vmm host)$/ || !/^crossing/' > steps
verify "an interrupt of the VMM's world does not reach the host's handler in the five steps" awk '
  waits && $0 != waits { print NR ": \"" $0 "\" instead of \"" waits "\""; exit 1 }
  waits == "crossing vmm host" { waits = raised; raised = ""; next }
  waits { waits = ""; reached++; next }
  $1 == "came" { waits = "crossing vmm host"; raised = "raised " $2; next }
  $1 == "raised" { print NR ": \"" $0 "\" out of nothing"; exit 1 }
  END { print reached; exit reached < 10 || waits != "" }' steps
verify "no disk interrupt came while the VM computed" grep -q '^came 46$' steps
verify "no timer interrupt came while the VM computed" grep -q '^came 32$' steps

echo "$checks checks, $(wc -l < crossings) crossings"
[ $checks -ge 9 ] && [ $failed -eq 0 ]
