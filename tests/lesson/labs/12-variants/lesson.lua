-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Variants"
minutes, points = 5, 2
file = "answers.txt"

local number = math.random(1000, 9999)
local lab = worldswitch.lab()
local host, vmm = lab:world{name = "host"}, lab:world{name = "vmm"}
lab:load(host)

sheet = "# For \"" .. student .. "\": the number that is not " .. number .. "\nanswer:\n"

function handouts()
  return {["two.elf"] = lab:image(), ["a.txt"] = "number " .. number .. "\n"}
end

-- Much is done from outside before the mistake: its recording has all of that.
function check(submission)
  lab:enter(host)
  lab:run(300)
  lab:switch(vmm)
  lab:run(300)
  lab:storm(host, {stop = true})
  lab:interrupt(0x20)
  lab:run(100)
  lab:switch(host)
  lab:write(host:context(), "outside")
  local given = number_of(string.match(submission.text, "answer:%s*(%S+)") or "")
  expect("answer", 2, given == number + 1, "It is " .. number + 1 .. ".", lab)
end
