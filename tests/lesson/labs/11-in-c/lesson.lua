-- SPDX-License-Identifier: GPL-2.0-or-later
title = "The answer, in C"
minutes, points = 5, 1
file = "answer.c"

function check(submission)
  local lab = worldswitch.lab{limit = 10000}
  local world = lab:world{name = "host"}
  local at = world:kernel_linear() + 0x200000
  local program = submission:link{at = at, with = {"start.s"}, symbols = {ANSWER = 42}}
  world:map(at, 0x2000, "w")
  world:write(at, program.bytes)
  world:set{eip = at}
  lab:enter(world)
  lab:run()
  expect("EAX holds the answer", 1, lab:reg("eax") == 42, "EAX is " .. hex(lab:reg("eax")) .. ".", lab)
end
