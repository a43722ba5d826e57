#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Moodle's VPL (Virtual Programming Lab): what its jail server runs to evaluate; it makes vpl_execution.
#
# What to do: give it to the activity as the execution file vpl_evaluate.sh; the requested file is the lab's ("switch.s").
# The jail server has the program installed.  The grade is scaled to the activity's own maximum.
# What to change: LAB and FILE.
# Run here: by tests/cli/setups.sh.
cat > vpl_execution << 'end of vpl_execution'
#!/bin/sh
LAB=3
FILE=switch.s
: "${WORLDSWITCH:=worldswitch}" "${GRADE_OPTIONS=--unconfined}" # the jail confines, too
[ ! -e vpl_environment.sh ] || . ./vpl_environment.sh
"$WORLDSWITCH" grade "$FILE" --lesson "$LAB" --report records -o .graded $GRADE_OPTIONS || {
  echo 'Comment :=>>Nothing was graded: tell your teacher.'
  exit
}
"$WORLDSWITCH" grade --merge .graded --report vpl | sed '$d' # all but the grade, which is out of the lab's points
"$WORLDSWITCH" grade --merge .graded --report csv |
  awk -F , -v most="${VPL_GRADEMAX:-0}" 'NR == 2 { print "Grade :=>>" (most > 0 && $3 > 0 ? $2 * most / $3 : $2) }'
end of vpl_execution
chmod +x vpl_execution
