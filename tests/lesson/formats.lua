-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Quizzes as courses read them: a quiz in GIFT, read as Moodle reads it, and the same quiz for text2qti, read as that
-- does, hold the same questions.  Words: the two files, and how many questions there are.

local gift_file, qti_file, count = ...

local function whole(name)
  local file = assert(io.open(name))
  local text = file:read("a")
  file:close()
  return text
end

local function check(condition, ...)
  return condition or error(string.format(...), 0)
end

-- -- GIFT ----------------------------------------------------------------------------------------------------
--
-- A blank line ends a question.  A backslash takes its meaning from ~ = # { } : and \, and \n is a line end.

local marks, back = {}, {}
for i, c in ipairs{"~", "=", "#", "{", "}", ":", "\\", "n"} do
  marks[c] = string.char(i)
  back[string.char(i)] = c == "n" and "\n" or c
end

local function hide(text)
  return (string.gsub(text, "\\(.)", function(c) return check(marks[c], "\"\\%s\" is no escape", c) end))
end

local function show(text)
  text = string.gsub(text, "[\1-\8]", back)
  return (string.match(text, "^%s*(.-)%s*$"))
end

-- "%0%value#feedback"
local function gift_answer(text, right)
  local weight, rest = string.match(text, "^%%(%d+)%%(.*)$")
  local value, feedback = string.match(rest or text, "^([^#]*)#?(.*)$")
  check(not string.find(feedback, "[#=~]"), "a bare mark in the feedback \"%s\"", feedback)
  if weight then right = weight == "100" end
  return {value = show(value), right = right, feedback = show(feedback)}
end

local function gift_question(block)
  local title, text, inside = string.match(hide(block), "^::([^:]+)::%[markdown%]([^{}]*){([^{}]*)}\n?$")
  check(title, "no question: %s", block)
  local answers, general = string.match(inside, "^(.*)####(.*)$")
  check(answers, "%s: no general feedback", title)
  local q = {text = show(text), way = show(general), answers = {}}
  local numeric, rest = string.match(answers, "^(#?)(.*)$")
  local choice = string.find(rest, "~", 1, true)
  q.type = numeric == "#" and "number" or choice and "choice" or "text"
  check(q.type ~= "text" or not string.find(rest, "->", 1, true), "%s: taken for pairs", title)
  rest = string.gsub(rest, "[~=]", "\30%0")
  for part in string.gmatch(rest, "\30([^\30]+)") do
    local kind = string.sub(part, 1, 1)
    local answer = gift_answer(string.match(string.sub(part, 2), "^%s*(.-)%s*$"), kind == "=")
    check(q.type == "choice" or kind == "=", "%s: a \"~\" in it", title)
    if numeric == "#" then answer.value = check(string.match(answer.value, "^(%d+):%d+$"), "%s: no number", title) end
    q.answers[#q.answers + 1] = answer
  end
  return q
end

local function gift_read(text)
  local list = {}
  text = string.gsub(text, "^//[^\n]*\n", "")
  for block in string.gmatch(text .. "\n", "%s*(.-\n)\n") do list[#list + 1] = gift_question(block) end
  return list
end

-- -- text2qti ------------------------------------------------------------------------------------------------
--
-- What a line is, its beginning says; lines below it that are indented as far go on with it, blank ones in between.

local beginnings = {
  {"^(%d+%.%s+)(%S.*)$", "question"}, {"^(%*%a%)%s+)(%S.*)$", "right"}, {"^(%a%)%s+)(%S.*)$", "wrong"},
  {"^(%*%s+)(%S.*)$", "short"}, {"^(%.%.%.%s+)(%S.*)$", "feedback"}, {"^(%-%s+)(%S.*)$", "mistakes"},
  {"^(=%s+)(%S.*)$", "number"}, {"^(Title:%s+)(%S.*)$", "title"}, {"^(Points:%s+)(%S.*)$", "points"},
  {"^(Quiz title:%s+)(%S.*)$", "quiz"},
}

local function qti_items(text)
  local items, item = {}, nil
  for line in string.gmatch(text, "([^\n]*)\n") do
    local found
    for _, row in ipairs(beginnings) do
      local before, rest = string.match(line, row[1])
      if before and not found then found = {kind = row[2], indent = #before, lines = {rest}} end
    end
    if item and (line == "" or string.sub(line, 1, item.indent) == string.rep(" ", item.indent)) then
      item.lines[#item.lines + 1] = string.sub(line, item.indent + 1)
    else
      item = check(found, "text2qti cannot read \"%s\"", line)
      items[#items + 1] = item
    end
  end
  return items
end

local function qti_plain(item)
  return (string.gsub(show(table.concat(item.lines, "\n")), "\\%$", "$"))
end

local function qti_read(text)
  local list, q, last = {}, nil, nil
  for _, item in ipairs(qti_items(text)) do
    local plain = qti_plain(item)
    if item.kind == "question" then
      q, last = {text = plain, answers = {}}, nil
      list[#list + 1] = q
      check(tonumber(string.match(text, "%d+")) and #list, "no number")
    elseif item.kind == "feedback" and last then
      last.feedback = plain
    elseif item.kind == "feedback" then
      q.way = plain
    elseif item.kind == "right" or item.kind == "wrong" or item.kind == "short" or item.kind == "number" then
      last = {value = string.match(plain, "^(%d+) %+%- %d+$") or plain, right = item.kind ~= "wrong"}
      q.type = item.kind == "number" and "number" or item.kind == "short" and "text" or "choice"
      q.answers[#q.answers + 1] = last
    end
  end
  return list
end

-- -- both ------------------------------------------------------------------------------------------------------

-- What of a question both formats hold.
local function same(q, gift)
  local out = {q.type, q.text, q.way}
  for _, a in ipairs(q.answers) do
    if a.right or q.type == "choice" then
      out[#out + 1] = string.format("%s %s %s", a.right, a.value, q.type == "choice" and a.feedback or "")
    end
  end
  local text = table.concat(out, "\n")
  return gift and text or string.gsub(text, "%->", "→")
end

local gift, qti = gift_read(whole(gift_file)), qti_read(whole(qti_file))
check(#gift == tonumber(count) and #qti == #gift, "%d questions in GIFT, %d for text2qti", #gift, #qti)
local seen = {}
for i, q in ipairs(gift) do
  check(not seen[q.text], "question %d is asked twice", i)
  seen[q.text] = true
  local right, values = 0, {}
  for _, a in ipairs(q.answers) do
    check(not values[a.value], "question %d: \"%s\" is there twice", i, a.value)
    check(a.value ~= "" and a.feedback ~= "", "question %d: no answer, or no feedback", i)
    values[a.value], right = true, right + (a.right and 1 or 0)
  end
  check(right == 1 or q.type == "text" and right >= 1, "question %d: %d answers are right", i, right)
  local a, b = same(q, true), same(qti[i], false)
  check(a == b, "question %d differs:\n%s\n--\n%s", i, a, b)
end
