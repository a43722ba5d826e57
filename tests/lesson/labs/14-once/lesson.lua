-- SPDX-License-Identifier: GPL-2.0-or-later
-- Made once for a class: in the process that grades it, no check is running, and there is no `judging` yet.
title = "Once"
minutes, points = 5, 2
file = "answers.txt"

local number = math.random(1000, 9999)
sheet = "answer: " .. number .. "\n"

local function found()
  return once("found", function() return {mark = worldswitch.laboratory():mark(), early = not judging} end)
end

prepare = found

function check(submission)
  judging = true
  expect("early", 1, found().early, "It was made again.")
  expect("variant", 1, string.find(submission.text, "answer: " .. number, 1, true), "It is " .. number .. ".")
end
