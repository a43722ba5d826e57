#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Virtual machines that are started and end, a hundred times, beside one that runs on: a process of the host does it, and
# counts the page frames that are free (keeper.c). The audit takes nothing of a dead one for a living one's.
#
# Some twenty starts are enough each time; all of them with WS_MORE=1, as CI asks, or WS_LONG=1.

. "${top_srcdir:-.}/tests/hosted/lib.sh"
disk=$(cd "$top_builddir" && pwd)/guest/tests/hosted/keeper.img

cat > wanted << 'END'
keeper: begins as process 1
keeper: beside two processes, 5 more have room
END
if more; then
  limit=0 ends=0 kills=40 own=25 often=10
  cat >> wanted << 'END'
keeper: 100 starts and ends
keeper: and it gave back its memory
keeper: exits
END
else
  limit=160000000 ends=6 kills=10 own=3 often=2
fi

"$program" run --ips 5000000 --disk "$disk" --snapshot --max-insns $limit > all
status "the run" $ends $?
said keeper all
verify "page frames are lost, or a call of the host goes wrong" diff -u wanted all.keeper
verify "not all sleepers are killed" test "$(grep -ac '^host: sleeper was killed$' all)" -eq 5
verify "VM 2 is killed too seldom" test "$(grep -ac '^host: vmx2 was killed$' all)" -ge $kills
verify "VM 2 did not end by itself each time it might" \
  test "$(grep -ac '^vmx2: the virtual machine shut down with status 16: ' all)" -ge $own
verify "VM 2 is never killed while it runs" awk -v often=$often '
  /^vm2: / { runs = 1 } /^vmx2: (begins|exits)/ { runs = 0 } /^host: vmx2 was killed/ { n += runs; runs = 0 }
  END { exit n < often }' all
verify "VM 1 does not go on beside it" awk -v often=$often '
  /^vm1: still spins/ { spins++ } /^host: vmx2 was killed/ { kills++; if (spins > before) n++; before = spins }
  END { exit n < often }' all
if more; then
  verify "VM 1 is not killed at last" sh -c 'tail -5 all | grep -q "^host: vmx1 was killed$"'
  verify "the host does not end" contains '^host: all processes have exited' all
fi

# So long that some have ended, and others have their frames: taken for the dead, these would have hundreds of findings.
"$program" audit --ips 5000000 --disk "$disk" --max-insns 30000000 > audit
status "the audit" 0 $?
verify "too little was audited" contains '^[0-9]{3,} world switches and .* 0 findings' audit

echo "$checks checks"
[ $checks -gt 8 ] && [ $failed -eq 0 ]
