#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# examples/grading: those set-ups that need nothing but a shell are run, as their graders would, and the others parsed.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}" "${JQ:=}" "${PARALLEL_PROGRAM:=}"
WORLDSWITCH=$(cd "$top_builddir" && pwd)/worldswitch
source=$(cd "$top_srcdir" && pwd)
setups=$source/examples/grading
WS_LESSONS=$source/lessons
GRADE_OPTIONS=--unconfined
export WORLDSWITCH WS_LESSONS GRADE_OPTIONS
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0
solution=$source/lessons/03-write-a-context-switch/solution/switch.s
lab=03-write-a-context-switch

if "$WORLDSWITCH" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# complain WHAT
complain() {
  echo "$1"
  failed=1
}

# holds FILE FILTER: of jq
holds() {
  [ -z "$JQ" ] || "$JQ" -e "$2" "$1" > answer 2>&1 || complain "$1: not so: $2; it is: $(head -c 2000 "$1")"
}

# --- all of them ---
find "$setups" -name '*.sh' -o -name run_autograder > scripts
while read -r script; do
  sh -n "$script" || complain "$script: no shell script"
  [ -x "$script" ] || complain "$script: cannot be run"
done < scripts
if command -v shellcheck > /dev/null; then
  xargs shellcheck < scripts || failed=1
fi
find "$setups" -type f ! -name local.mk ! -name README.md > files
while read -r file; do
  grep -q 'What to change:' "$file" || complain "$file: does not say what to change"
  grep -qi 'run here\|not built here\|page. What' "$file" || complain "$file: does not say whether it was run"
done < files
if [ -n "$JQ" ]; then
  "$JQ" -e '.externalGradingOptions.entrypoint' "$setups/prairielearn/info.json" > answer || complain 'info.json'
  grep -v '^ *//' "$setups/container/devcontainer.json" > devcontainer.json
  holds devcontainer.json '.image=="worldswitch"'
fi

# --- Gradescope ---
mkdir -p gradescope/submission
cp "$solution" gradescope/submission
AUTOGRADER=$scratch/gradescope "$setups/gradescope/run_autograder" || complain 'run_autograder'
holds gradescope/results/results.json '.score==20 and (.tests|length)>0'
printf 'switch: ret\n' > gradescope/submission/switch.s
AUTOGRADER=$scratch/gradescope "$setups/gradescope/run_autograder" || complain 'run_autograder'
holds gradescope/results/results.json '.score<20 and (.tests|length)>0'
rm gradescope/submission/switch.s
AUTOGRADER=$scratch/gradescope "$setups/gradescope/run_autograder" 2> answer || complain 'run_autograder'
holds gradescope/results/results.json '.score==0 and (.output|test("Nothing was graded"))'

# --- PrairieLearn ---
mkdir -p prairielearn/student
cp "$solution" prairielearn/student
GRADE=$scratch/prairielearn "$setups/prairielearn/tests/run.sh" || complain 'run.sh'
holds prairielearn/results/results.json '.gradable and .score==1'
printf 'switch: mov %%nothing\n' > prairielearn/student/switch.s
GRADE=$scratch/prairielearn "$setups/prairielearn/tests/run.sh" || complain 'run.sh'
holds prairielearn/results/results.json '.gradable==false and (.format_errors[0]|test("does not become a program"))'
rm prairielearn/student/switch.s
GRADE=$scratch/prairielearn "$setups/prairielearn/tests/run.sh" 2> answer || complain 'run.sh'
holds prairielearn/results/results.json '.gradable==false and (.format_errors[0]|test("Nothing was graded"))'

# --- GitHub Classroom: the lines of the step ---
mkdir github
cp "$solution" github
sed -n '/run here, too: the reporter/,/run here, too: the end/s/^          //p' "$setups/github/classroom.yml" |
  sed 's/^worldswitch /"$WORLDSWITCH" /' > github/step.sh
[ "$(wc -l < github/step.sh)" -eq 4 ] || complain 'classroom.yml: its step'
(cd github && FILE=switch.s LAB=3 GITHUB_OUTPUT=output sh -e step.sh) || complain 'classroom.yml'
sed 's/^result=//' github/output | base64 -d > github/decoded || complain 'classroom.yml: base64'
holds github/decoded '.status=="pass" and .max_score==20 and ([.tests[].score]|add)==20'

# --- Autolab ---
mkdir autolab
cp "$solution" autolab
tar -cf autolab/autograde.tar -C "$setups/autolab" driver.sh
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C autolab -f "$setups/autolab/autograde-Makefile" > said || complain 'autograde-Makefile'
tail -1 said > last
holds last ".scores[\"$lab\"]==20"
rm autolab/switch.s
(cd autolab && sh driver.sh 2> answer | tail -1) > last
holds last '.scores=={}'

# --- CodeRunner ---
if command -v python3 > /dev/null && python3 -c pass 2> /dev/null; then
  mkdir coderunner
  # As Twig's e('py') does: a backslash before backslashes and quotation marks.
  sed 's/[\\"]/\\&/g' "$solution" > coderunner/escaped
  awk 'FNR == NR { text = text (NR > 1 ? "\n" : "") $0; next }
    (at = index($0, "{{ STUDENT_ANSWER")) { print substr($0, 1, at - 1) text "\"\"\""; next } { print }' \
    coderunner/escaped "$setups/coderunner/template.py" > coderunner/program.py
  (cd coderunner && python3 program.py) > said || complain 'template.py'
  holds said '.fraction==1 and .testresults[0][0]=="iscorrect"'
else
  echo "the template for CodeRunner is not run: there is no Python"
fi

# --- VPL ---
mkdir vpl
cp "$solution" vpl
echo 'export VPL_GRADEMAX=10' > vpl/vpl_environment.sh
(cd vpl && "$setups/vpl/vpl_evaluate.sh" && ./vpl_execution) > said || complain 'vpl_evaluate.sh'
[ "$(tail -1 said)" = 'Grade :=>>10' ] && [ "$(grep -c '^Grade' said)" -eq 1 ] && grep -qx -e '--|>' said ||
  complain "vpl_evaluate.sh: $(cat said)"

# --- in parts ---
mkdir class
cp "$source"/tests/lesson/03/right-*.s class
cp "$source"/tests/lesson/03/wrong-no-*.s class
"$WORLDSWITCH" grade class --lesson 3 --report class $GRADE_OPTIONS -o whole.txt
"$WORLDSWITCH" grade class --lesson 3 --report csv $GRADE_OPTIONS -o whole.csv
for task in 3 1 2; do
  SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_TASK_COUNT=3 "$setups/cluster/slurm.sh" class 3 || complain 'slurm.sh'
done
"$WORLDSWITCH" grade --merge parts-here/* --report class -o class.txt
cmp whole.txt class.txt || complain 'slurm.sh: the parts are not the whole'
rm -r parts-here class.txt
if [ -n "$PARALLEL_PROGRAM" ]; then
  "$setups/cluster/parallel.sh" class 3 4 > said 2>&1 || complain "parallel.sh: $(cat said)"
  cmp whole.txt class.txt && cmp whole.csv marks.csv || complain 'parallel.sh: the parts are not the whole'
else
  echo "GNU parallel is not tried: it is not installed"
fi
exit $failed
