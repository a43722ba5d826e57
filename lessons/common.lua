-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the labs share.  It is run before each lesson.lua.

-- What does not depend on what is handed in, nor on the student, is made once, and kept under a name: also for the
-- processes that judge the other submissions of a class, if the lab's prepare() has made it. Neither math.random() nor
-- machines belong here, only what was found out.
once_made = once_made or {}
function once(name, make)
  if once_made[name] == nil then once_made[name] = make() end
  return once_made[name]
end

-- 0x0010f000
function hex(number)
  return string.format("0x%08x", number)
end

-- The number that a text means: 45, 0x2d; nil if it is none.
function number_of(text)
  return tonumber(text) and math.tointeger(tonumber(text))
end

-- "#PF"; of a vector that has no such name, "vector 0x55".  Of an event, or of a halt.
function vector_name(what)
  return what.name ~= "" and what.name or string.format("vector 0x%02x", what.which or what.vector)
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
    return string.format("%s is %s, and nothing of %s is there. Write `%s:` in front of your own code, in .text or "
      .. ".data.", name, hex(linear), file, name)
  end
end

-- Where the machine ended, if it stopped or left: the instruction by which it did.
function halted_at(lab)
  local halt = lab:halt()
  if halt and halt.mark > 0 then lab:seek(halt.mark - 1) end
  return lab:reg("eip")
end

-- " Without `$`, ...": the text of an instruction has a mere name or number for its first operand, and it accessed `linear`.
function dollar_text(text, linear)
  local name = string.match(text, "^%l+%s+(~?[%w_]+)%s*%f[,%z]")
  if name and (linear < 0x1000 or linear == number_of(name)) then
    return string.format(" Without `$`, %s is the address of a word in memory, not the number.", name)
  end
end

-- -- what the source did ------------------------------------------------------------------------

function any_of(list) return list[math.random(#list)] end

-- A new list with the same items.
function in_any_order(list)
  local result = {}
  for _, item in ipairs(list) do table.insert(result, math.random(#result + 1), item) end
  return result
end

-- The list itself, shuffled.
function shuffled(list)
  for i = #list, 2, -1 do
    local other = math.random(i)
    list[i], list[other] = list[other], list[i]
  end
  return list
end

-- Which instruction of the submission was the last one, between two marks, to change a word in memory (`what`: its address)
-- or a register (its name; "eflags": IF and DF alone)? " It was written at ..."; the machine stands in front of it. "": none
-- was; the machine stands at `finish`.
function writer_find(lab, program, from, finish, what)
  local last
  local function get()
    local value = type(what) == "string" and lab:reg(what) or what and lab:word(what)
    return what == "eflags" and value & 0x600 or value
  end
  if not what or finish - from > 2000 then return "" end
  lab:seek(from)
  local value = get()
  while lab:mark() < finish do
    local mark, eip = lab:mark(), lab:reg("eip")
    lab:step(1)
    local now = get()
    if now ~= value and program.lines[eip] then last = {mark, eip} end
    value = now
  end
  lab:seek(last and last[1] or finish)
  return last and string.format(" It was written at %s.", source_place(program, last[2])) or ""
end

-- A routine, "page_map()", was called at a mark, and did not come back: what was the first cause? `limit`: of the machine.
-- `others`: first address and length of what runs when the caller goes on. `about`, a function, may say what an address is
-- that is not mapped. The machine stands where it happened.
function routine_lost(lab, program, name, from, limit, others, about)
  local halt, cr3 = lab:halt(), lab:reg("cr3")
  local function place(linear) return source_place(program, linear) or hex(linear) end
  lab:seek(from)
  local esp = lab:reg("esp") - 4                  -- in front of the call
  if halt and halt.reason == "LIMIT" then
    return string.format("%s does not return: %d instructions were executed.", name, limit)
  elseif halt and cr3 ~= lab:reg("cr3") then
    local writer = writer_find(lab, program, from, halt.mark - 1, "cr3")
    return string.format("The real CR3 became %s, and all that was mapped is gone.%s", hex(cr3), writer)
  end
  local event = lab:run_to_event("vector")
  if not event then
    return string.format("%s never returned: %s, at %s.", name, halt and halt.text or "the machine stopped",
      place(halted_at(lab)))
  end
  local mark, line, code = lab:mark(), source_line(program, event.before)
  local text = string.format("%s ends in %s at %s.", name, vector_name(event), place(event.before))
  if event.before >= others[1] and event.before < others[1] + others[2] then
    return text .. " That code was entered, and the routine had not returned to its caller."
  elseif not line then
    lab:back(1)
    return string.format("%s It came there from %s. In front of the `ret`, ESP must be %s: pop as many words as you push.",
      text, place(lab:reg("eip")), hex(esp))
  elseif event.which == 14 then
    lab:step(1)
    local cr2 = lab:reg("cr2")
    text = string.format("%s It accesses %s.%s", text, hex(cr2), dollar_text(code, cr2) or about and about(cr2) or "")
    lab:seek(mark)
  end
  return text
end

-- -- checks in parts ------------------------------------------------------------------------------
--
-- A part is {name, points, what it is about, {the names of parts that must be right before it is judged}}. What a part needs
-- itself needs is not needed by it unless it says so.

function part_is_judged(parts, name, failed)
  local judged = not failed[name]
  for _, part in ipairs(parts) do
    for _, need in ipairs(part[1] == name and part[4] or {}) do judged = judged and not failed[need] end
  end
  return judged
end

-- Judge a submission that must have `labels`. make(scenario, submission) returns what stays the same in a scenario, with its
-- `program`; enter(s, failed) builds s.lab, without that for which part_is_judged() is false; judge(s) returns nil, or what is
-- wrong and in which part. Then the scenario begins again, without that part. The next one comes if nothing was wrong.
function check_parts(submission, parts, scenarios, labels, make, enter, judge)
  local failed, lack, some = {}, nil, false
  source_read(submission)
  for number, scenario in ipairs(scenarios) do
    local s = make(scenario, submission)
    for _, label in ipairs(labels) do lack = lack or label_wrong(s.program, label) end
    for _ = 1, some and 0 or lack and 0 or #parts do
      enter(s, failed)
      local text, part = judge(s)
      if not text then break end
      failed[part] = {lab = s.lab, mark = s.lab:mark(), text = string.format("Scenario %d. %s", number, text)}
      some = true
    end
    if lack or some then break end
  end
  for i, part in ipairs(parts) do
    local found = failed[part[1]]
    if found then
      expect(part[3], part[2], false, found.text, found.lab, found.mark)
    else
      local judged = not lack and part_is_judged(parts, part[1], failed)
      expect(part[3], part[2], judged, i == 1 and lack or "Not judged: see above.")
    end
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
-- `accept`, a function, may take an answer that is another than the machine's.  `words` are the answers that a question of
-- words can have: any other is told to be none of them, and is not called wrong.
--
-- A lab that has a variant for each student says so: `variants = true`.  Then the sheet carries the student's name, and
-- the check says so if it judges by another one's variant.

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
  local lines = {"# " .. head, "# Write each answer behind its name."}
  if variants and student ~= "" then lines[#lines + 1] = "# student: " .. student end
  lines[#lines + 1] = ""
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

-- "0010f000", as the screen shows a register: that is no number, or a decimal one.
local function is_bare_hexadecimal(text)
  return string.match(text, "^%x+$") and (#text == 8 or not number_of(text))
end

local function no_number_text(given)
  if is_bare_hexadecimal(given) then
    return string.format("\"%s\" is no number. If it is hexadecimal, write 0x%s.", given, given)
  end
  return string.format("\"%s\" is no number. Write 45 or 0x2d.", given)
end

-- "changes or stays"
local function listed(words)
  return table.concat(words, ", ", 1, #words - 1) .. " or " .. words[#words]
end

local function is_one_of(given, words)
  for _, word in ipairs(words) do
    if equal(given, word) then return true end
  end
  return false
end

local function explanation_of(question, given, value)
  if not given or given == "" then
    return string.format("No answer was given. Write it behind \"%s:\".", question.name)
  end
  if question.words and not is_one_of(given, question.words) then
    return string.format("\"%s\" is none of the answers. Write %s.", given, listed(question.words))
  end
  if type(value) == "number" and not number_of(given) then return no_number_text(given) end
  if type(value) == "table" then
    local words = words_of(given, value)
    if #words ~= #value then
      return string.format("\"%s\" has %d parts. The answer has %d.", given, #words, #value)
    end
    for i, item in ipairs(value) do
      if type(item) == "number" and not number_of(words[i]) then return no_number_text(words[i]) end
    end
  end
  for _, wrong in ipairs(value_of(question.wrong) or {}) do
    if equal(given, wrong[1]) then return string.format("You say %s: %s", given, wrong[2]) end
  end
  if type(value) == "number" and is_bare_hexadecimal(given) then
    return string.format("You say %s: that is read as a decimal number. If it is hexadecimal, write 0x%s.", given, given)
  end
  local text = question.explain and question.explain(type(value) == "table" and words_of(given, value) or given)
  if text then return string.format("You say %s: %s", given, text) end
  return string.format("You say %s, and the machine shows something else. To see it: %s", given, question.look)
end

-- Whose variant is a sheet of, if it is another's than the one by which it is judged?  nil: it is the same, or nothing is said.
local function stranger_of(text)
  local name = variants and string.match("\n" .. text, "\n#%s*student:%s*([^\r\n]*)")
  name = name and string.match(name, "^.*%S") or nil
  return name ~= student and name or nil
end

local function variant_text(name)
  return string.format("This file is of the variant of \"%s\", and is judged by %s.", name,
    student == "" and "the one of nobody: say --student, or grade with --students"
      or string.format("that of \"%s\"", student))
end

function check_questions(list, submission)
  local answers, strange = answers_read(submission.text)
  local rows, known, all = {}, {}, true
  for i, question in ipairs(list) do
    local given, value = answers[question.name], value_of(question.answer)
    local right = given ~= nil and given ~= "" and (equal(given, value) or question.accept and question.accept(given))
    rows[i], known[question.name], all = {given = given, value = value, right = right}, true, all and right
  end
  for name in pairs(answers) do
    if not known[name] then strange[#strange + 1] = name .. ": ..." end
  end
  -- If all answers are right, these two are remarks, and take nothing away.
  local function tell(name, text)
    if all then print(text) else expect(name, 0, false, text) end
  end
  local stranger = stranger_of(submission.text)
  if stranger then tell("the variant", variant_text(stranger)) end
  for i, question in ipairs(list) do
    local row = rows[i]
    local text = row.right and "" or stranger and "Not judged: see above." or explanation_of(question, row.given, row.value)
    expect(question.name, question.points, row.right, text)
  end
  if #strange > 0 then
    tell("the form of the answers", string.format("\"%s\" is no answer to any question. An answer has the form NAME: "
      .. "ANSWER.", strange[1]))
  end
end

function points_of(list)
  local sum = 0
  for _, question in ipairs(list) do sum = sum + question.points end
  return sum
end
