-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Questions: *odd* ones"
minutes, points = 1, 1
file = "answers.txt"
sheet = "# Nothing is asked here.\nnothing:\n"

-- With everything in them that a format could take for its own.
local rows = {
  function(n)
    return {
      kind = "A choice: #1", form = "choice",
      text = "Which {of} these ~ is = to #" .. n .. "?\n- a line like a list\n\nAnd `movl $1, %eax`: $x$ \\ <b> & a_b_c",
      code = "movl $1, (%eax) # {~=}", answer = "#GP: {right} = " .. n,
      way = "1. first -> second\n  2) then: 50 % * 2",
      wrong = {{"=" .. n, "that is ~ not it: #"}, {"// no comment", "no -> match"}, {"%50% of it", "a\nb"}},
    }
  end,
  function(n)
    return {kind = "Number", form = "number", text = "How many are " .. n .. "?", answer = n, tolerance = 2,
            wrong = {{n + 10, "ten too many"}, {n + 20, "twenty: = too many"}}, way = "Count."}
  end,
  function(n)
    return {kind = "Address", form = "address", text = "Where is " .. n .. "?", answer = n,
            wrong = {{0xc0000000 + n, "no"}}, way = "Look."}
  end,
  function(n)
    return {kind = "Text", form = "text", text = "Who is " .. n .. "?", answer = "%50% T " .. n, way = "Ask: #" .. n}
  end,
}

function quiz(number)
  return rows[(number - 1) % #rows + 1](math.random(100, 1000000))
end

function check()
  expect("nothing", 1, false, "There is nothing to check.")
end
