-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Quizzes, answered a second time, by a student who has nothing but the question: what is printed must suffice, and
-- lead to the answer that the machine gave.  Words: the folder of the labs, how many questions of each kind, a seed.

local folder, count, first = ...
for _, name in ipairs{"common", "quiz", "quiz_switches", "quiz_faults", "quiz_handlers"} do
  dofile(folder .. "/" .. name .. ".lua")
end

local function all_numbers(text)
  local list = {}
  for digits in string.gmatch(text, "0x%x+") do list[#list + 1] = tonumber(digits) end
  return list
end

local function find(text, pattern)
  return string.match(text, pattern) or error("the question does not say \"" .. pattern .. "\"")
end

local function value(text, pattern)
  return tonumber(find(text, pattern))
end

-- -- a little CPU: what the instructions in a question do ----------------------------------------------------

-- What is shown: lines of instructions, registers, and rows of memory.
local function shown_read(code)
  local s = {steps = {}, regs = {}, bytes = {}}
  for line in string.gmatch(code, "[^\n]+") do
    local number, text = string.match(line, "^ *(%d+)  (.+)$")
    local row, words = string.match(line, "^(0x%x+): (.+)$")
    if number then
      s.steps[#s.steps + 1] = text
    elseif row then
      for i, word in ipairs(all_numbers(words)) do
        for j = 0, 3 do s.bytes[tonumber(row) + 4 * (i - 1) + j] = word >> 8 * j & 0xff end
      end
    else
      for name, part, digits in string.gmatch(line, "(%u[%u%d]+)([^=]-) = (0x%x+)") do
        s.regs[string.lower(name) .. string.gsub(part, "'s ", ".")] = tonumber(digits)
      end
    end
  end
  return s
end

local function reg(s, name)
  return s.regs[name] or error(name .. " is not shown")
end

-- false: a value that the question does not tell, such as EFLAGS; no answer may come of it.
local function load(s, linear, bytes)
  local number = 0
  for i = 0, bytes - 1 do
    local byte = s.bytes[linear + i & 0xffffffff]
    if byte == nil then error(string.format("memory at 0x%08x is not shown", linear + i)) end
    number = byte and number and number | byte << 8 * i
  end
  return number
end

local function store(s, linear, bytes, number)
  for i = 0, bytes - 1 do s.bytes[linear + i & 0xffffffff] = number and number >> 8 * i & 0xff end
end

local function push(s, number)
  s.regs.esp = reg(s, "esp") - 4 & 0xffffffff
  store(s, s.regs.esp, 4, number)
end

local function pop(s)
  local number = load(s, reg(s, "esp"), 4)
  s.regs.esp = s.regs.esp + 4 & 0xffffffff
  return number
end

local segments = {cs = true, ss = true, ds = true, es = true, fs = true, gs = true}

-- An operand: a register's name, or a linear address.
local function operand(s, text)
  local name = string.match(text, "^%%(%w+)$")
  if name then return name end
  local offset, base = string.match(text, "^(-?%w*)%(%%(%w+)%)$")
  if base then return nil, reg(s, base) + (tonumber(offset) or 0) & 0xffffffff end
  return nil, tonumber(text)
end

local function get(s, text, bytes)
  if string.sub(text, 1, 1) == "$" then return tonumber(string.sub(text, 2)) end
  local name, linear = operand(s, text)
  return name and reg(s, name) or linear and load(s, linear, bytes or 4)
end

local function put(s, text, number)
  local name, linear = operand(s, text)
  if name then
    s.regs[name] = segments[name] and number and number & 0xffff or number
  else
    store(s, linear, 4, number)
  end
end

local function table_load(name)
  return function(s, from)
    local _, linear = operand(s, from)
    s.regs[name .. ".limit"], s.regs[name .. ".base"] = load(s, linear, 2), load(s, linear + 2, 4)
  end
end

local pushed = {"eax", "ecx", "edx", "ebx", false, "ebp", "esi", "edi"}

local execute = {
  mov = function(s, from, to) put(s, to, get(s, from)) end,
  lea = function(s, from, to) put(s, to, select(2, operand(s, from))) end,
  xchg = function(s, a, b)
    local x, y = get(s, a), get(s, b)
    put(s, a, y)
    put(s, b, x)
  end,
  add = function(s, from, to) put(s, to, get(s, to) + get(s, from) & 0xffffffff) end,
  push = function(s, from) push(s, s.regs[string.sub(from, 2)] or false) end,
  pop = function(s, to) put(s, to, pop(s)) end,
  pushfl = function(s) push(s, false) end,
  popfl = function(s) pop(s) end,
  pushal = function(s)
    for _, name in ipairs(pushed) do push(s, name and s.regs[name] or false) end
  end,
  popal = function(s)
    for i = 8, 1, -1 do
      local number = pop(s)
      if pushed[i] then s.regs[pushed[i]] = number end
    end
  end,
  lgdt = table_load("gdtr"), lidt = table_load("idtr"),
  lldt = function(s, from) s.regs.ldtr = get(s, from, 2) end,
  ltr = function(s, from) s.regs.tr = get(s, from, 2) end,
  lss = function(s, from)
    local _, linear = operand(s, from)
    s.regs.esp, s.regs.ss = load(s, linear, 4), load(s, linear + 4, 2)
  end,
  ret = function(s) s.regs.eip = pop(s) end,
  lret = function(s)
    s.regs.eip = pop(s)
    s.regs.cs = (pop(s) or 0) & 0xffff
  end,
}
for _, name in ipairs{"cli", "sgdt", "sidt", "sldt", "str", "andb"} do execute[name] = function() end end

local function simulate(q)
  local s = shown_read(q.code)
  for _, text in ipairs(s.steps) do
    local name, a, b = string.match(text, "^(%w+) ?([^,]*),? ?(.*)$")
    if not execute[name] then error("the test knows no \"" .. text .. "\"") end
    execute[name](s, a, b)
  end
  local register = string.gsub(find(q.text, "What does (.-) hold after"), "'s ", ".")
  return s.regs[string.lower(register)] or error(register .. " cannot be told")
end

-- -- pages ---------------------------------------------------------------------------------------------------

-- Who sees an address: the list in the question.
local function seen_by(q, linear, who)
  local host, mine = who ~= "vmm", nil
  for line in string.gmatch(q.code, "[^\n]+") do
    local owner, begin = string.match(line, "^ *(%a+) +(0x%x+)")
    local visible = owner == "all" or owner == who or (host and owner == "host")
    if visible and tonumber(begin) == linear then mine = owner end
  end
  return mine
end

local fates = {
  ["not any more after"] = function(before, after) return before and not after end,
  ["cannot be read before"] = function(before, after) return after and not before end,
  ["same physical"] = function(before, after) return before and before == after end,
  ["other physical"] = function(before, after) return before and after and before ~= after end,
}

local function pages(q)
  local from, to = string.match(q.text, "from process (%u) to process (%u)")
  if not from then from, to = find(q.text, "Process (%u) of the host"), "vmm" end
  local list, answer = {q.answer}, nil
  for _, row in ipairs(q.wrong) do list[#list + 1] = row[1] end
  for words, holds in pairs(fates) do
    if string.find(q.text, words, 1, true) then
      for _, text in ipairs(list) do
        local linear = tonumber(text)
        if holds(seen_by(q, linear, from), seen_by(q, linear, to)) then
          if answer then error("two answers are right: " .. answer .. " and " .. text) end
          answer = text
        end
      end
    end
  end
  return answer
end

local function walk(q)
  local n = all_numbers(q.text)
  if string.find(q.text, "CR3 is", 1, true) then return n[1] + (n[2] >> 22) * 4 end
  if string.find(q.text, "page-directory entry for", 1, true) then return (n[2] & ~0xfff) + (n[1] >> 12 & 1023) * 4 end
  return n[2] & ~0xfff | n[1] & 0xfff
end

local changed_by = { -- by a context switch; a world switch changes all of them
  CR3 = true, ESP = true, ["what is mapped in the user half"] = true, ["what is mapped in the kernel half"] = false,
  GDTR = false, IDTR = false, TR = false, LDTR = false,
}

local function keeps(q)
  local want = string.find(q.text, "these changes", 1, true) ~= nil
  for _, row in ipairs(q.wrong) do
    if changed_by[row[1]] == want then error("\"" .. row[1] .. "\" is right, too") end
  end
  return changed_by[q.answer] == want and q.answer
end

-- -- exceptions ----------------------------------------------------------------------------------------------

local NOTHING = "nothing: the next instruction is executed"
local names = {[0] = "#DE", [1] = "vector 0x01", [6] = "#UD", [13] = "#GP"}

local function outcome(name, code)
  return name .. (code and string.format(", error code 0x%04x", code) or ", no error code")
end

local function selector(q, ring)
  local register, number = find(q.code, "mov %%eax, %%(%w+)"), value(q.code, "EAX = (0x%x+)")
  local rpl, dpl = number & 3, tonumber(string.match(q.text, "DPL (%d)"))
  local good
  if number == 0 then
    good = register ~= "ss"
  elseif register == "ss" then
    good = string.find(q.text, "writable", 1, true) and dpl == ring and rpl == ring
  else
    good = dpl and dpl >= rpl and dpl >= ring
  end
  return good and NOTHING or outcome("#GP", number & 0xfffc)
end

local function vector(q)
  local ring, instruction = value(q.text, "in ring (%d)"), find(q.code, ": (%w+[^\n]*)")
  local n = tonumber(string.match(instruction, "^int $(%w+)") or string.match(instruction, "^int(1)$")
                     or string.match(instruction, "^into?$") and 4)
  if n then
    local dpl = tonumber(string.match(q.text, "DPL (%d)") or -1)
    if dpl >= ring then return outcome(names[n] or string.format("vector 0x%02x", n)) end
    return outcome("#GP", 8 * n + 2)
  end
  if string.find(instruction, "^div") then
    return value(q.code, "EDX = (0x%x+)") < value(q.code, "ECX = (0x%x+)") and NOTHING or outcome("#DE")
  end
  if string.find(q.text, "IOPL", 1, true) then
    local harmless = {smsw = true, str = true, sldt = true, pushfl = true, popfl = true}
    return harmless[find(instruction, "^%a+")] and NOTHING or outcome("#GP", 0)
  end
  if string.find(q.text, "CR4 is", 1, true) then
    local eax = value(q.code, "EAX = (0x%x+)")
    local bad = string.find(instruction, "cr4", 1, true) and eax >= 4096
      or string.find(instruction, "cr0", 1, true) and eax & 1 == 0
    return (ring == 3 or bad) and outcome("#GP", 0) or NOTHING
  end
  if string.find(instruction, "^l") then
    local eax = value(q.code, "EAX = (0x%x+)")
    local good = string.find(instruction, "^lldt") and string.find(q.text, "an LDT", 1, true)
    return good and NOTHING or outcome("#GP", eax)
  end
  return selector(q, ring)
end

local function page_fault(q)
  local ring, wp = value(q.text, "in ring (%d)"), value(q.text, "CR0.WP is (%d)")
  local pde, pte = value(q.text, "page%-directory entry is (0x%x+)"), value(q.text, "page%-table entry is (0x%x+)")
  local write, user = string.find(q.text, "writes to", 1, true), ring == 3
  local both = pde & pte
  local fault = both & 1 == 0 or user and both & 4 == 0 or write and both & 2 == 0 and (user or wp == 1)
  return fault and outcome("#PF", both & 1 | (write and 2 or 0) | (user and 4 or 0)) or NOTHING
end

local function page_cause(q)
  local code = value(q.text, "error code (0x%x+)")
  return string.format("ring %d %s a page that is %s", code & 4 == 4 and 3 or 0, code & 2 == 2 and "wrote to" or "read",
                       code & 1 == 1 and "there, but does not allow that" or "not there")
end

local function double_fault(q)
  local missing = {}
  for number in string.gmatch(find(q.text, "not present: (.-);"), "(%d+) %(") do missing[tonumber(number)] = true end
  local benign = string.find(q.code, "ud2", 1, true)
  if benign and not missing[11] then return "the handler of #NP" end
  return missing[8] and "none: the CPU shuts down (triple fault)" or "the handler of #DF"
end

local with_code = {["#GP"] = true, ["#PF"] = true}

local function handler_stack(q)
  local ring, name = value(q.text, "in ring (%d)"), find(q.text, "leads to (.-), through")
  local words = (ring == 3 and 5 or 3) + (with_code[name] and 1 or 0)
  return (ring == 3 and value(q.text, "ESP0 in the TSS is (0x%x+)") or value(q.code, "ESP = (0x%x+)")) - 4 * words
end

local function return_address(q)
  local at, bytes = value(q.code, "^(0x%x+):"), value(q.text, "(%d+) bytes? long")
  return string.find(q.code, ": int", 1, true) and at + bytes or at
end

local function gate(q)
  local n = all_numbers(q.text)
  if string.find(q.text, "IDTR's base", 1, true) then return n[1] + 8 * n[2] end
  return n[2] & 0xffff | n[3] & 0xffff0000
end

-- The switch writes CR3 with instruction 25, and IDTR with 33; only after 38 there is a stack again.
local function whose_handler(q)
  local done = value(q.text, "(%d+) of 45 instructions are done")
  return done < 25 and "the handler of the host" or done < 38 and "none: the CPU shuts down (triple fault)"
    or "the handler of the vmm"
end

-- The same worlds, and `nop` in the place of what the answer names: does the audit say the same?
local function missing(q)
  local step = worldswitch.cross().steps[value(q.answer, "^(%d+),")]
  local lab, worlds = worldswitch.lab{limit = 20000}, {}
  for name, cr2 in string.gmatch(find(q.code, "^(.-)GDTR"), "(%a+) +0x%x+ +(0x%x+)") do
    local gdt = value(string.match(q.code, "GDTR.*"), name .. " +(0x%x+)")
    worlds[#worlds + 1] = lab:world{name = name, cr2 = tonumber(cr2), kernel_linear = gdt - 0x1000}
  end
  lab:enter(worlds[1])
  lab:write(step.linear, string.rep("\x90", step.bytes))
  for _, to in ipairs{worlds[2], worlds[1]} do
    pcall(lab.run, lab, 300) -- a world that runs wipes what was saved of it
    pcall(lab.switch, lab, to)
  end
  local findings = lab:audit()
  for _, finding in ipairs(findings) do
    if string.find(q.text, (string.gsub(finding.text, "; no %w+ follows", "")), 1, true) then return q.answer end
  end
  local halt = lab:halt() -- that is no finding of a machine's own audit
  if halt and string.find(q.text, string.format("at %s", hex(halt.eip)), 1, true)
     and (halt.reason ~= "TRIPLE_FAULT" or string.find(q.text, "raises " .. halt.name, 1, true)) then
    return q.answer
  end
  return halt and halt.reason .. hex(halt.eip) or findings[1] and findings[1].text or "the audit finds nothing"
end

-- -- all of them -----------------------------------------------------------------------------------------------

local students = {
  registers_world = simulate, registers_context = simulate, stack = simulate, pages_world = pages,
  pages_context = pages, walk = walk, keeps = keeps, vector = vector, page_fault = page_fault, page_cause = page_cause,
  double_fault = double_fault, handler_stack = handler_stack, return_address = return_address, gate = gate,
  whose_handler = whose_handler, missing = missing,
}

local function question_tell(q)
  return string.format("%s\n%s\nthe machine says %s", q.text, q.code or "",
                       math.type(q.answer) == "integer" and hex(q.answer) or q.answer)
end

local asked, failed = 0, 0
for name, make in pairs(ask) do
  local student = students[name]
  local quiz = quiz_of{make}
  for seed = first, first + count - 1 do
    math.randomseed(tonumber(seed))
    local q = quiz(1, 0)
    local good, answer = pcall(student or error, q)
    asked = asked + 1
    if not good or answer ~= q.answer then
      failed = failed + 1
      if failed < 5 then
        print(string.format("%s, seed %d: a student finds %s\n%s", name, seed,
                            math.type(answer) == "integer" and hex(answer) or tostring(answer), question_tell(q)))
      end
    end
  end
end
print(string.format("%d questions of %d kinds", asked, asked // count))
expect("each question was answered as the machine does", 1, failed == 0, string.format("%d were not.", failed))
