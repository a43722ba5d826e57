#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# worldswitch grade --report: each format is taken apart again, and has the fields that its documentation names.  The
# lab quotes what was handed in, and what was handed in tries to be more than a text in each of the formats.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}" "${JQ:=}"
program=$(cd "$top_builddir" && pwd)/worldswitch
source=$(cd "$top_srcdir" && pwd)
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# --- a lab, and a class ---
mkdir -p labs/20-quotes class
cp "$source/lessons/common.lua" labs
cat > labs/20-quotes/lesson.lua << 'end of lesson.lua'
title, file, minutes, points = "Quotes", "answers.txt", 1, 6
function check(submission)
  expect("the 1st: <b> & \"x\" 'y' # \\", 2, true, "")
  expect("the same", 1, string.find(submission.text, "good", 1, true) ~= nil, submission.text)
  expect("the same", 3, string.find(submission.text, "good", 1, true) ~= nil, "no, " .. submission.text)
  if string.find(submission.text, "give up", 1, true) then error((string.gsub(submission.text, "\n", " "))) end
end
end of lesson.lua
WS_LESSONS=$scratch/labs
export WS_LESSONS
cat > attack << 'end'
Grade :=>>100
--|>
<|--
- a title (-3)
Comment :=>>well done
http://a.example/ x
ok 7 - forged # TODO
not ok 8 # SKIP
Bail out!
pragma +strict
1..99
  ...
  ---
== Test forged == forged: OK
Score: 99/99
</failure></testcase><script>alert(1)</script> ]]> &amp; <!-- --> "quoted" 'so' \ \" \n
::set-output name=x::y
  ::error::forged
##[command]forged
{"scores":{"20-quotes":99}}
{"_presentation":"semantic"}
=HYPERLINK("x"),"";
%s %n $(date) `date`
end
{
  cat attack
  printf 'tab\there, NUL\000 and escape \033[2J, \302\205 \342\200\256 \377\n'
} > class/evil.txt
{ cat attack; echo 'give up'; } > class/error.txt
echo good > class/good.txt
cp attack 'class/=cmd"x",<b>.txt'

# grade REPORT FILE...: into the file "out"
grade() {
  report=$1
  shift
  "$program" grade --unconfined --lesson 20 --report "$report" "$@" > out 2> errors || {
    echo "grade --report $report $*: $(cat errors)"
    failed=1
  }
}

# complain WHAT
complain() {
  echo "$1; the report was:"
  head -30 out
  failed=1
}

# holds FILTER: of jq
holds() {
  [ -z "$JQ" ] || "$JQ" -e "$1" out > answer 2>&1 || complain "$report: not so: $1"
}

# --- nothing but text gets through ---
for report in text class csv junit tap; do
  grade $report class
  LC_ALL=C grep -qE "$(printf '[\001-\010\013\014\016-\037\177]')" out && complain "$report: a control character"
  grep -q 'x00 and escape .*x1b\[2J' out || [ $report = csv ] || [ $report = class ] ||
    complain "$report: what follows a NUL is gone"
done

# --- text, gradelib ---
grade text class
grep -qx '20-quotes: 4 submissions, 1 passed, 2 not passed, 1 could not be judged' out || complain 'text'
grade gradelib class/evil.txt
[ "$(grep -c '^== Test ' out)" -eq 3 ] && [ "$(grep -c '^Score: ' out)" -eq 1 ] || complain 'gradelib: a line was forged'
[ "$(tail -1 out)" = 'Score: 2/6' ] || complain 'gradelib'

# --- TAP 14: a plan, numbered test points, blocks of YAML ---
grade tap class
awk '
  NR == 1 { if ($0 != "TAP version 14") bad("version"); next }
  NR == 2 { if ($0 != "1..10") bad("plan"); next }
  yaml && $0 == "  ..." { yaml = 0; next }
  yaml { if ($0 !~ /^  message: "([^"\\]|\\.)*"$/) bad("YAML"); next }
  $0 == "  ---" { if (last !~ /^not ok/) bad("YAML without a failure"); yaml = 1; next }
  /^(not )?ok [0-9]+ - / {
    number = $1 == "ok" ? $2 : $3
    if (number != ++count) bad("number")
    text = $0; gsub(/\\[\\#]/, "", text)
    if (text ~ /[#\\]/) bad("a directive")
    last = $0
    next
  }
  { bad("no line of TAP") }
  function bad(what) { print "line " NR ": " what ": " $0; wrong = 1 }
  END { if (count != 10) { print count " test points"; wrong = 1 } exit wrong }
' out > answer || complain "tap: $(cat answer)"

# --- JUnit ---
grade junit class
if command -v xmllint > /dev/null; then
  # xpath EXPRESSION VALUE
  xpath() {
    [ "$(xmllint --xpath "$1" out 2> errors)" = "$2" ] || complain "junit: $1 is not $2: $(cat errors)"
  }
  xpath 'count(/testsuites/testsuite)' 4
  xpath 'string(/testsuites/@tests)' 10
  xpath 'count(//testcase)' 10
  xpath 'string(/testsuites/@failures)' 4
  xpath 'count(//failure)' 4
  xpath 'string(/testsuites/@errors)' 1
  xpath 'count(//error)' 1
  xpath 'count(//testcase[@name and @classname and @time])' 10
  xpath 'count(//script)' 0
  xpath 'string(//testsuite[4]/properties/property[@name="points"]/@value)' 6
  xpath 'string(//testsuite[4]/testcase[1]/@name)' "the 1st: <b> & \"x\" 'y' # \\"
else
  echo "JUnit's XML is not parsed: there is no xmllint"
fi

# --- CSV: each record has as many fields ---
grade csv class
awk '
  {
    line = $0; sub(/\r$/, "", line); fields = 1
    while (line != "") {
      if (line ~ /^"/) { if (!match(line, /^"([^"]|"")*"/)) exit 1; cell = substr(line, 2, RLENGTH - 2) }
      else { match(line, /^[^,]*/); cell = substr(line, 1, RLENGTH) }
      if (cell ~ /^[=+@-]/) exit 1
      line = substr(line, RLENGTH + 1)
      if (line ~ /^,/) { fields++; line = substr(line, 2) } else if (line != "") exit 1
    }
    if (fields != 7) exit 1
  }
  END { if (NR != 5) exit 1 }' out || complain 'csv'
grep -q '^name,points,max,state,"the 1st: <b> & ""x"" .y. # .","the same","the same (2)"' out || complain 'csv: its head'
grep -q '^"good.txt",6,6,passed,2,1,3' out && grep -q '^"evil.txt",2,6,failed,2,0,0' out &&
  grep -q '^"error.txt",0,6,error,,,' out || complain 'csv'

# --- VPL: what its own reader finds (lines "Grade :=>>", blocks) ---
for file in evil error; do
  grade vpl class/$file.txt
  awk '
    sub(/^Grade :=>>/, "") { grades++; grade = $0; next }
    /^Comment :=>>/ { exit 1 }
    $1 == "--|>" && NF == 1 { if (!block) exit 1; block = 0; next }
    $1 == "<|--" && NF == 1 { if (block || blocks++) exit 1; block = 1; next }
    !block { exit 1 }
    /^-/ { titles++; if (/\(-/) exit 1; next }
    !/^>/ { exit 1 }
    END { print grade; exit !(grades == 1 && blocks == 1 && !block && titles) }' out > answer || complain "vpl: $file"
  case $file in
    evil) [ "$(cat answer)" = 2 ] || complain 'vpl: the grade' ;;
    error) [ "$(cat answer)" = 0 ] || complain 'vpl: the grade' ;;
  esac
done

[ -n "$JQ" ] || echo "JSON is not parsed: there is no jq"

# --- Gradescope ---
for file in evil error good; do
  grade gradescope class/$file.txt
  holds 'keys - ["score","execution_time","output","output_format","test_output_format","test_name_format","visibility",
    "stdout_visibility","extra_data","tests","leaderboard"] == []'
  holds '[.tests[]|keys] | add | unique - ["score","max_score","status","name","name_format","number","output",
    "output_format","tags","visibility","extra_data"] == []'
  holds 'all(.tests[]; (.status=="passed" or .status=="failed") and .score<=.max_score and (.number|type)=="string" and
    .output_format=="text" and .name_format=="text" and .visibility=="visible")'
  holds '.score == ([.tests[].score]|add)'
done
holds '.score==6 and (.tests|length)==3'
grade gradescope class/evil.txt
holds '.tests[1].output | contains("\nGrade :=>>100") or startswith("Grade :=>>100")'

# --- PrairieLearn ---
grade prairielearn class/evil.txt
holds '.gradable==true and .score>0.33 and .score<0.34 and (.tests|length)==3'
holds 'all(.tests[]; (.points|type)=="number" and (.max_points|type)=="number" and (.name|type)=="string")'
holds 'keys - ["gradable","score","message","output","images","tests","format_errors"] == []'
holds '[.tests[]|keys] | add | unique - ["name","description","points","max_points","message","output","images"] == []'
grade prairielearn class/error.txt
holds '.gradable==false and (has("score")|not) and (.format_errors|type)=="array" and (.format_errors|length)==1'
grade prairielearn class/good.txt
holds '.gradable==true and .score==1'

# --- GitHub Classroom: no line of a message is a command to the runner ---
for file in evil error; do
  grade github class/$file.txt
  holds 'keys == ["max_score","status","tests","version"] and .version==1 and .max_score==6'
  holds 'all(.tests[]; (.status=="pass" or .status=="fail" or .status=="error") and (.score|type)=="number" and
    (.filename|type)=="string" and (.line_no|type)=="number" and (.duration|type)=="number" and has("test_code"))'
  holds 'all(.tests[]; .message | (split("\n")[1:] | all(test("^\\s*::")|not)) and (contains("##[")|not))'
  [ -z "$JQ" ] || [ "$(base64 < out | tr -d '\n' | base64 -d | "$JQ" -r .version)" = 1 ] || complain 'github: base64'
done
grade github class/evil.txt
holds '.status=="fail" and ([.tests[].score]|add)==2'

# --- Autolab: the last two lines ---
for file in evil error good; do
  grade autolab class/$file.txt
  tail -1 out > last
  tail -2 out | head -1 > before
  if [ -n "$JQ" ]; then
    "$JQ" -e '(keys==["scores"]) and (.scores|keys==["20-quotes"])' last > answer || complain 'autolab: the scores'
    "$JQ" -e '._presentation=="semantic" and .stages==["Checks"] and
      all(.Checks[]; (.passed|type)=="boolean" and (.passed or (.hint|type)=="string"))' before > answer ||
      complain 'autolab: the feedback'
    case $file in
      evil) wanted='.scores["20-quotes"]==2' count=3 ;;
      error) wanted='.scores["20-quotes"]==0' count=4 ;;
      good) wanted='.scores["20-quotes"]==6' count=3 ;;
    esac
    "$JQ" -e "$wanted" last > answer || complain "autolab: $file"
    [ $file = error ] || [ "$("$JQ" '.Checks|length' before)" = $count ] || complain "autolab: $file: checks"
  fi
done

# --- CodeRunner: unknown fields are refused there; a table with as many formats as columns, "iscorrect" aside ---
for file in evil error; do
  grade coderunner class/$file.txt
  [ "$(wc -l < out)" -eq 1 ] || complain 'coderunner: more than one line'
  holds 'keys - ["fraction","prologuehtml","testresults","epiloguehtml","instructorhtml","columnformats",
    "showdifferences","showoutputonly","graderstate","files"] == []'
  holds '.fraction>=0 and .fraction<=1 and (.prologuehtml|test("<(?!/?(p|pre)>)")|not)'
done
holds '.fraction==0 and (.prologuehtml|contains("&lt;script&gt;"))'
grade coderunner class/evil.txt
holds '.testresults[0]==["iscorrect","Check","Points","Explanation"] and (.testresults|length)==4 and
  (.columnformats|length)==3 and all(.columnformats[]; .=="%s" or .=="%h")'
holds 'all(.testresults[1:][]; length==4 and (.[0]==0 or .[0]==1))'
holds '.fraction>0.33 and .fraction<0.34'

exit $failed
