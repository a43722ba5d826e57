# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hold what one guest program said somewhere against what it should say, case by case.
#
#   awk -f compare.awk -v program=NAME -v mode=MODE -v version=VERSION cases.txt NAME.golden OUTPUT
#
# VERSION is QEMU's, such as 7.2: a row says in which it differs, and there it must. Without one QEMU's was never tried:
# every row's reason counts, and a difference without one is told and is no failure.
# -v reasons=0: the table's reasons are another emulator's; everything must agree.
# MODE list: only the table against the golden file, both ways (no OUTPUT).
#      skip: the same, and all cases of the program count as skipped.
#      compare: OUTPUT as well.
#      update: print the program's rows anew, with the reasons that there are.
# The last line is "count AGREE DIFFER SKIPPED FAILED UNTRIED"; those before it say what is wrong.

BEGIN { if (reasons == "") reasons = 1; FS = " [|] "; result = ": (#[0-9]+( |$)|nothing, in ring [0-9])" }

# The case that a line belongs to is what stands before its result.  An indented line goes on with the one before.
function case_of(line,    at) {
  if (line ~ /^  /)
    return present
  if (line ~ /^status [0-9]+/)
    return "the end"
  if (match(line, result)) {
    at = RSTART
    while (match(substr(line, at + 1), result))
      at += RSTART
    return substr(line, 1, at - 1)
  }
  if (index(line, ":") > 1)
    return substr(line, 1, index(line, ":") - 1)
  if (match(line, /,? +[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]/) && RSTART > 1)
    return substr(line, 1, RSTART - 1)
  return line
}

function complain(text) { print program ": " text; failed++ }

# Does a reason for these versions count here?
function counts_here(versions) {
  return reasons && (versions == "*" || version == "" || index(" " versions " ", " " version " "))
}

FNR == 1 { file++; present = "" }
file == 1 && $1 == program {
  if ($2 in row)
    complain("\"" $2 "\" stands twice in the table")
  row[$2] = 1; versions[$2] = $3; peer_does[$2] = $4; manual[$2] = $5
  if (NF > 2 && ($3 !~ /^([*]|[0-9]+\.[0-9]+( [0-9]+\.[0-9]+)*)$/ || $4 == "" || $5 == ""))
    complain("\"" $2 "\" needs versions, what QEMU does there, and a citation")
}
file == 1 { next }
$0 == "" { next }
{
  sub(/\r$/, "")
  present = case_of($0)
  if (present == "the end")
    sub(/:.*/, "")
}
file == 2 {
  if (!(present in expected))
    name[++names] = present
  expected[present] = expected[present] $0 "\n"
}
file == 3 {
  if (!(present in expected) && !(present in seen))
    complain("says \"" $0 "\", and should not")
  seen[present] = seen[present] $0 "\n"
}

function print_row(key) {
  print program " | " key (peer_does[key] != "" ? " | " versions[key] " | " peer_does[key] " | " manual[key] : "")
}

END {
  if (mode == "update") {
    for (i = 1; i <= names; i++)
      print_row(name[i])
    exit
  }
  for (i = 1; i <= names; i++)
    if (!(name[i] in row))
      complain("the table has no row for \"" name[i] "\"")
  for (key in row)
    if (!(key in expected))
      complain("the program has no case \"" key "\"")
  for (i = 1; i <= names; i++) {
    key = name[i]
    if (mode != "compare")
      skipped += mode == "skip"
    else if (seen[key] == expected[key]) {
      agree++
      if (reasons && version != "" && peer_does[key] != "" && counts_here(versions[key]))
        complain("\"" key "\" does not differ here, and the table says: " peer_does[key])
    } else if (peer_does[key] != "" && counts_here(versions[key]))
      differ++
    else {
      if (reasons && version == "") {
        print program ": \"" key "\", in a version that was never tried"
        untried++
      } else
        complain("\"" key "\"")
      printf "  expected: %s  but seen: %s", expected[key], seen[key] == "" ? "nothing\n" : seen[key]
    }
  }
  print "count", agree + 0, differ + 0, skipped + 0, failed + 0, untried + 0
}
