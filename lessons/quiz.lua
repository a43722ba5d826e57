-- SPDX-License-Identifier: GPL-2.0-or-later
-- Questions without end, for `worldswitch lesson quiz`.  It is run before each lesson.lua, behind common.lua.
--
-- A lab that has a quiz says which kinds of questions it asks:
--
--   quiz = quiz_of{ask.registers_world, ask.pages_world, ask.walk}
--
-- Each kind is a function that builds a machine with random worlds, runs it, and reads the answer off it: nothing here
-- knows an answer.  It returns {kind=, text=, code=, form=, answer=, wrong={{value, feedback}, ...}, way=}; or nil, if
-- what chance has built is not worth a question, and then it is called again.

ask = {}
QUIZ_WRONG = 3 -- wrong answers of a choice

-- -- tools that the kinds share --------------------------------------------------------------------------

-- The function that a lab calls `quiz`.  The kinds take turns, so that each quiz has the same mixture.
function quiz_of(kinds)
  return function(number, attempt)
    local kind = kinds[(number - 1 + attempt // 4) % #kinds + 1]
    for _ = 1, 200 do
      local question = kind()
      if question then return question end
    end
    error("quiz: a kind finds no question")
  end
end

-- A list without the answer, and without anything twice; values are compared as a grader does.
function quiz_wrong(answer, list, most)
  local out, seen = {}, {[tostring(answer)] = true}
  for _, row in ipairs(list) do
    local key = tostring(row[1])
    if row[1] and not seen[key] and #out < (most or 7) then
      seen[key] = true
      out[#out + 1] = row
    end
  end
  return out
end

-- A choice: nil if there are not enough wrong answers.
function quiz_choice(question)
  question.form = "choice"
  question.wrong = quiz_wrong(question.answer, question.wrong, QUIZ_WRONG)
  if #question.wrong >= QUIZ_WRONG then return question end
end

-- Where a kernel half may begin, below the cross page: another place each time it is called.
function quiz_kernel()
  return 0x80000000 + 0x400000 * math.random(0, 0x1f0)
end

-- A page in the user half that none of `used` is; it is one from now on.
function quiz_user_page(used)
  while true do
    local linear = 0x00400000 + 0x1000 * math.random(0, 0x7f000)
    if not used[linear] then
      used[linear] = true
      return linear
    end
  end
end

function quiz_number()
  return math.random(0x10000000, 0x7fffffff)
end

-- General registers with numbers that can be told apart.
function quiz_registers()
  local r = {}
  for _, name in ipairs{"eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"} do r[name] = quiz_number() end
  return r
end

-- -- a system of worlds, and one switch in it ------------------------------------------------------------

local REQUEST_WORLD, REQUEST_PROCESS, WORLD_VECTOR, CONTEXT_VECTOR = 60, 64, 0xe0, 0xe1 -- src/worlds/layout.h
local IDLE = "\xeb\xfe" -- jmp to itself

-- Ask the running kernel for a switch, as ws_world_switch() does, but so that the run can be visited afterwards.
local function request(s, field, value, vector)
  s.lab:write(s.lab:symbol("host.resident") + field, string.pack("<I4", value))
  s.lab:interrupt(vector)
end

function quiz_world_request(s, world)
  request(s, REQUEST_WORLD, world:context(), WORLD_VECTOR)
end

function quiz_process_request(s, p)
  request(s, REQUEST_PROCESS, p.process:kernel_stack() - 0x1000, CONTEXT_VECTOR)
end

local function process_make(s, name)
  local p = {name = name, process = s.lab:process{name = name, world = s.host}, pages = {}}
  p.code = quiz_user_page(s.used)
  p.process:map(p.code, 0x1000, "u")
  p.process:write(p.code, IDLE)
  local registers = quiz_registers()
  registers.eip = p.code
  p.process:set(registers)
  p.pages[1] = {linear = p.code, what = "code of " .. name}
  return p
end

-- A page of data, mapped in both of two, or in one of them.
local function pages_share(s)
  local function put(where, linear, what)
    where.process:map(linear, 0x1000, "wu")
    where.pages[#where.pages + 1] = {linear = linear, what = what}
  end
  local common = quiz_user_page(s.used)
  for _, p in ipairs{s.a, s.b} do put(p, common, "data of " .. p.name) end
  for _, p in ipairs{s.a, s.b} do put(p, quiz_user_page(s.used), "data of " .. p.name) end
end

-- Two worlds, host and vmm, and two processes of the host.  s.crossing is the switch that is looked at, a world switch
-- or a context switch; the machine can be visited at each of its marks.
function quiz_system(kind)
  local s = {lab = worldswitch.lab{limit = 20000}, used = {}}
  local k1, k2 = quiz_kernel(), quiz_kernel()
  if k1 == k2 then k2 = 0xffc00000 end
  s.host = s.lab:world{name = "host", kernel_linear = k1, cr2 = quiz_number()}
  s.vmm = s.lab:world{name = "vmm", kernel_linear = math.random(3) == 1 and 0xffc00000 or k2, cr2 = quiz_number()}
  s.a, s.b = process_make(s, "A"), process_make(s, "B")
  pages_share(s)
  s.vmm:set(quiz_registers())
  s.lab:load(s.host)
  s.lab:run_to_crossing("world")
  s.lab:run(400)
  s.runs = any_of{s.a, s.b}
  local other = s.runs == s.a and s.b or s.a
  for _, p in ipairs{other, s.runs} do -- so that both have registers to come back to
    quiz_process_request(s, p)
    s.lab:run_to_linear(p.code)
  end
  if kind == "world" then quiz_world_request(s, s.vmm) else quiz_process_request(s, other) end
  s.crossing = s.lab:run_to_crossing(kind)
  s.from, s.to, s.kind = s.crossing.from, s.crossing.to, kind .. " switch"
  return s
end
