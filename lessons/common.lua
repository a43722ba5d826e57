-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the labs share.  It is run before each lesson.lua.

-- 0x0010f000
function hex(number)
  return string.format("0x%08x", number)
end

-- The number that a text means: 45, 0x2d; nil if it is none.
function number_of(text)
  return tonumber(text) and math.tointeger(tonumber(text))
end

-- -- the source that was handed in ---------------------------------------------------------------

local source_lines = {}

-- A check of assembler begins with this; then the next two know the lines.
function source_read(submission)
  source_lines = {}
  for line in string.gmatch(submission.text .. "\n", "(.-)\n") do source_lines[#source_lines + 1] = line end
end

-- The line of the submission whose code is at an address: its number, nil if there is none; its text without comment.
function source_line(program, linear)
  local number = program.lines[linear]
  local text = number and string.gsub(string.gsub(source_lines[number] or "", "#.*", ""), "%s+", " ") or ""
  return number, string.match(text, "^%s*(.*%S)") or ""
end

-- 'switch.s:24, "movl %ecx, %cr3"'; nil: the submission has no such line.
function source_place(program, linear)
  local number, text = source_line(program, linear)
  return number and string.format("%s:%d, \"%s\"", file, number, text)
end

-- What is wrong with a label that the submission must have; nil: nothing.  A name may also stand for a number, or for code
-- that the lab has put around the submission: then the lab would judge its own work.
function label_wrong(program, name)
  local linear = program.symbols[name]
  if not linear then return string.format("There is no %s: has its label gone, or its .globl?", name) end
  if linear < program.symbols.submission_text_begin or linear >= program.linear + #program.bytes then
    return string.format("%s is %s, and nothing of %s is there. Write the label `%s:` in front of your own code.", name,
                         hex(linear), file, name)
  end
end

-- -- questions ----------------------------------------------------------------------------------
--
-- A lab whose file is answers.txt has a table `questions` of
--
--   {name = "length", points = 2, text = "How many ...?", answer = 45 or a function,
--    wrong = {{18, "that is ..."}, ...} or a function, look = "worldswitch trace --lab"}
--
-- A number is right in any base; another answer is right in any case.  An answer may be a list: {"b", "a"} is right as
-- "B A", "b, a" and "BA", {26, 38} as "26 38" and "26-38".  `wrong` names mistakes: if an answer is one of them, its text
-- is the explanation.  `explain`, a function, is given the answer (a list: of words) and returns a text, or nil.
-- `accept`, a function, may take an answer that is another than the machine's.

local function value_of(what)
  if type(what) == "function" then return what() end
  return what
end

-- The words of a list; of letters without blanks between them, each letter.
local function words_of(given, value)
  local words, letters = {}, true
  for _, item in ipairs(value) do letters = letters and type(item) == "string" and #item == 1 end
  for word in string.gmatch(given, letters and "%w" or "[%w_]+") do words[#words + 1] = word end
  return words
end

local function equal(given, value)
  if type(value) == "number" then return number_of(given) == value end
  if type(value) == "string" then return string.lower(given) == string.lower(value) end
  local words = words_of(given, value)
  for i, item in ipairs(value) do
    if not words[i] or not equal(words[i], item) then return false end
  end
  return #words == #value
end

-- The sheet to fill in.
function questions_sheet(head, list)
  local lines = {"# " .. head, "# Write each answer behind its name.", ""}
  for _, question in ipairs(list) do
    for line in string.gmatch(question.text, "[^\n]+") do lines[#lines + 1] = "# " .. line end
    lines[#lines + 1] = question.name .. ":\n"
  end
  return table.concat(lines, "\n")
end

-- What the student has written: name -> answer.
local function answers_read(text)
  local answers, strange = {}, {}
  for line in string.gmatch(text, "[^\n]+") do
    line = string.gsub(line, "^%s*#.*", "")
    local name, answer = string.match(line, "^%s*([%w_-]+)%s*:%s*(.*)$")
    if name then
      answers[name] = string.match(answer, "^.*%S") or ""
    elseif string.match(line, "%S") then
      strange[#strange + 1] = line
    end
  end
  return answers, strange
end

local function explanation_of(question, given, value)
  if not given or given == "" then
    return string.format("No answer was given. Write it behind \"%s:\".", question.name)
  end
  if type(value) == "number" and not number_of(given) then
    return string.format("\"%s\" is no number. Write 45 or 0x2d.", given)
  end
  if type(value) == "table" then
    local words = words_of(given, value)
    if #words ~= #value then
      return string.format("\"%s\" has %d parts. The answer has %d.", given, #words, #value)
    end
    for i, item in ipairs(value) do
      if type(item) == "number" and not number_of(words[i]) then
        return string.format("\"%s\" is no number. Write 45 or 0x2d.", words[i])
      end
    end
  end
  for _, wrong in ipairs(value_of(question.wrong) or {}) do
    if equal(given, wrong[1]) then return string.format("You say %s: %s", given, wrong[2]) end
  end
  local text = question.explain and question.explain(type(value) == "table" and words_of(given, value) or given)
  if text then return string.format("You say %s: %s", given, text) end
  return string.format("You say %s, and the machine shows something else. To see it: %s", given, question.look)
end

function check_questions(list, submission)
  local answers, strange = answers_read(submission.text)
  local known = {}
  for _, question in ipairs(list) do
    local given, value = answers[question.name], value_of(question.answer)
    local right = given ~= nil and given ~= "" and (equal(given, value) or question.accept and question.accept(given))
    known[question.name] = true
    expect(question.name, question.points, right, right and "" or explanation_of(question, given, value))
  end
  for name in pairs(answers) do
    if not known[name] then strange[#strange + 1] = name .. ": ..." end
  end
  if #strange > 0 then
    expect("the form of the answers", 0, false,
           string.format("\"%s\" is no answer to any question. An answer has the form NAME: ANSWER.", strange[1]))
  end
end

function points_of(list)
  local sum = 0
  for _, question in ipairs(list) do sum = sum + question.points end
  return sum
end
