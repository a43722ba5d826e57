-- SPDX-License-Identifier: GPL-2.0-or-later
-- worldswitch lua fill.lua LAB FILE...: print answers to a lab's questions, with what this machine says put in.
--
-- Marks and counts depend on the compiler that has made the guests. So the solution of such a lab, and the answers that
-- the tests hand in, have names in braces:
--
--   {length}     the right answer to the question "length"
--   {length!2}   the second of the wrong answers that the lab has an explanation for
--   {length+1}   a number beside the right one
--   {length:x}   the right answer in hexadecimal; {length:X}: in capital letters
--
-- A line "--- FILE" comes in front of each file, if there are more than one. The variant is the one that everybody has.

local folder = string.match(arg[0], "^(.*)/") or "."
local lab = table.remove(arg, 1)

-- As in a lab's check, see src/lesson/lua/bind_close.c: SplitMix64, which counts from 1.
local state = 1
function math.random(least, most)
  state = state + 0x9e3779b97f4a7c15
  local mixed = (state ~ state >> 30) * 0xbf58476d1ce4e5b9
  mixed = (mixed ~ mixed >> 27) * 0x94d049bb133111eb
  mixed = mixed ~ mixed >> 31
  if not most then least, most = 1, least end
  local span = most - least + 1 -- of an unsigned number: its upper half first
  return least + ((mixed >> 1) % span * 2 + (mixed & 1)) % span
end

student = ""
for _, name in ipairs{"common", "quiz", "quiz_switches", "quiz_faults", "quiz_handlers"} do
  dofile(folder .. "/" .. name .. ".lua")
end
dofile(folder .. "/" .. lab .. "/lesson.lua")

local function value(what)
  return type(what) == "function" and what() or what
end

local function question_of(name)
  for _, question in ipairs(questions) do
    if question.name == name then return question end
  end
  error("lab " .. lab .. " has no question \"" .. name .. "\"")
end

local function filled(text)
  local name, kind, number = string.match(text, "^([%w-]+)([!+:]?)(%w*)$")
  local question = question_of(name)
  if kind == "!" then return value(question.wrong)[tonumber(number)][1] end
  local right = value(question.answer)
  if kind == "+" then return right + tonumber(number) end
  return kind == ":" and string.format("0x%08" .. number, right) or right
end

for _, path in ipairs(arg) do
  if #arg > 1 then print("--- " .. path) end
  for line in io.lines(path) do
    print((string.gsub(line, "{([%w!+:-]+)}", filled)))
  end
end
