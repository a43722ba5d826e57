# SPDX-License-Identifier: GPL-2.0-or-later
#
# Print "FILE|REFERENCE|TITLE" for each citation of Intel's manual in the files given:
#
#     SDM 3A §6.12.1 "Exception- or Interrupt-Handler Procedures", §6.13 "Error Code"
#
# is two citations; the second takes over the volume. The instruction pages of volume 2 have no
# numbers: SDM 2B "LTR—Load Task Register". A citation may run over the lines of a comment. One
# without number and title is printed as "FILE|bad|its beginning".

function scan(file, text,    volume, at, rest) {
    gsub(/\\"/, "\"", text)
    gsub(/[ \t]+/, " ", text)
    while ((at = match(text, /SDM [0-9]/)) > 0) {
        text = substr(text, at)
        if (match(text, /^SDM 2[A-D] "[^"]+"/)) {
            text = one(file, "", substr(text, 5))
            continue
        }
        if (!match(text, /^SDM [1-4][A-D]? §([A-F]|[0-9]+)(\.[0-9]+)* "[^"]+"/)) {
            print file "|bad|" substr(text, 1, 60)
            text = substr(text, 5)
            continue
        }
        volume = substr(text, 5)
        sub(/ .*/, "", volume)
        text = one(file, volume, substr(text, index(text, "§")))
        while (match(text, /^[,;]?( and)?[,;]? §([A-F]|[0-9]+)(\.[0-9]+)* "[^"]+"/))
            text = one(file, volume, substr(text, index(text, "§")))
    }
}

# Print the citation at the start of text, which begins with its section (or, without one, with the
# volume); return what follows.
function one(file, volume, text,    section, title) {
    section = text
    sub(/ .*/, "", section)
    text = substr(text, index(text, "\"") + 1)
    title = substr(text, 1, index(text, "\"") - 1)
    print file "|SDM " (volume == "" ? "" : volume " ") section "|" title
    return substr(text, index(text, "\"") + 1)
}

FNR == 1 && NR > 1 { scan(previous, all); all = "" }
{
    previous = FILENAME
    line = $0
    sub(/^[ \t]*(\/?\*|\/\/|#)?[ \t]*/, "", line)
    all = all " " line
}
END { if (NR > 0) scan(previous, all) }
