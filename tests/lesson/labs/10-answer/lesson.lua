-- SPDX-License-Identifier: GPL-2.0-or-later
title = "The answer"
minutes, points = 5, 3
file = "answer.s"
blank = {"answer"}

function check(submission)
  local lab = worldswitch.lab{limit = 10000}
  local world = lab:world{name = "host"}
  local at = world:kernel_linear() + 0x200000
  local program = submission:link{at = at, symbols = {ANSWER = 42}}
  world:map(at, 4096, "w")
  world:write(at, program.bytes)
  world:set{eip = program.symbols.answer or at}
  lab:enter(world)
  lab:run()
  local seen = lab:reg("eax")
  expect("EAX holds the answer", 3, seen == 42, "EAX is " .. hex(seen) .. ", must be " .. hex(42) .. ".", lab)
end
