-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Write a context switch"
minutes = 90
points = 20
file = "switch.s"
blank = {"save", "stacks", "ring0", "space", "restore"}

local PROCESSES, STEPS, PROCESS_BYTES, PLAN_BYTES = 3, 9, 16, 28
local ESP, ESP0, CR3 = 0, 4, 8                    -- offsets in a process
local TABLES, TSS, IDT = 0x1000, 0x500, 0x800
local CODE, DATA = 0x200000, 0x300000             -- offsets in the kernel half
local DONE_BYTES = 4                              -- cli, hlt, jmp: the end of the code in harness.s
local kept = {"ebx", "esi", "edi", "ebp"}
local flags = {cf = 0x001, tf = 0x100, ["if"] = 0x200, df = 0x400, system = 0x47000}

-- Where the kernel half begins, and whether the world has a neighbour: so no address is the same in all scenarios.
local scenarios = {
  {kernel_linear = 0xc0000000, others = 0},
  {kernel_linear = 0xd0000000, others = 1},
  {kernel_linear = 0xa0000000, others = 2},
  {kernel_linear = 0xc0000000, others = 1},
}

-- -- building -----------------------------------------------------------------------------------

-- A plan in which each process is left and entered, the first three steps by all of them.
local function plan_make()
  local order = {0, 1, 2, 0}
  while #order <= STEPS do
    local last, next = order[#order]
    repeat next = math.random(0, PROCESSES - 1) until next ~= last
    order[#order + 1] = next
  end
  local plan = {}
  for i = 1, STEPS do
    plan[i] = {from = order[i], to = order[i + 1], depth = 4 * math.random(0, 16)}
    for _, name in ipairs(kept) do plan[i][name] = math.random(0x10000000, 0x7fffffff) end
  end
  return plan
end

local function scenario_build(scenario, submission)
  local lab = worldswitch.lab{limit = 20000}
  local world = lab:world{name = "host", kernel_linear = scenario.kernel_linear}
  for i = 1, scenario.others do lab:world{name = "other" .. i} end
  local base = world:kernel_linear()
  local s = {
    lab = lab, base = base, world_cr3 = world:cr3(), tss = base + TABLES + TSS, process = {}, plan = plan_make(),
    table = base + DATA, plan_linear = base + DATA + 0x100,
  }
  local blocks = ""
  for i = 0, PROCESSES - 1 do
    local process = lab:process{name = string.sub("ABC", i + 1, i + 1), world = world}
    local stack = process:kernel_stack()
    s.process[i] = {name = process:name(), cr3 = process:cr3(), esp0 = stack, linear = s.table + i * PROCESS_BYTES}
    blocks = blocks .. string.pack("<I4I4I4I4", 0, stack, process:cr3(), 0)
  end
  local rows = ""
  for _, step in ipairs(s.plan) do
    rows = rows .. string.pack("<I4I4I4I4I4I4I4", s.process[step.from].linear, s.process[step.to].linear, step.ebx,
                               step.esi, step.edi, step.ebp, step.depth)
  end
  s.program = submission:link{
    at = base + CODE, with = {"harness.s"},
    symbols = {
      PROCESS_ESP = ESP, PROCESS_ESP0 = ESP0, PROCESS_CR3 = CR3, PROCESS_BYTES = PROCESS_BYTES, TSS_ESP0 = 4,
      tss = s.tss, first_process = s.table, first_plan = s.plan_linear,
    },
  }
  local pages = (#s.program.bytes + 4095) // 4096 * 4096
  world:map(base + CODE, pages, "w")
  world:write(base + CODE, s.program.bytes)
  world:map(base + DATA, 4096, "w")
  world:write(s.table, blocks)
  s.rows = rows .. string.rep("\0", PLAN_BYTES)
  world:write(s.plan_linear, s.rows)
  lab:symbols(s.program)
  world:set{eip = s.program.symbols.start, eflags = 2}
  s.symbols = s.program.symbols
  lab:enter(world)
  return s
end

-- -- telling -----------------------------------------------------------------------------------

-- "switch.s:24, movl %ecx, %cr3"; where the submission has no such line, the address.
local function place(s, linear)
  local place = source_place(s.program, linear)
  if place then return place end
  for name, at in pairs(s.symbols) do
    if at == linear and at >= s.base then return name end
  end
  return hex(linear)
end

-- Whose value is that? "A's EBX"; nil: nobody's.
local function owner(s, value, saved)
  for i = 0, PROCESSES - 1 do
    for _, name in ipairs(kept) do
      if saved[i] and saved[i].registers[name] == value then
        return string.format("%s's %s", s.process[i].name, string.upper(name))
      end
    end
  end
end

local function on_stack_of(s, esp)
  for i = 0, PROCESSES - 1 do
    if esp <= s.process[i].esp0 and esp > s.process[i].esp0 - 4096 then return s.process[i].name end
  end
end

-- -- what can be wrong ------------------------------------------------------------------------------
--
-- Each rule looks at one switch: `w` holds from, to (processes), before (at the call), after (at the arrival), saved (what
-- each process had when it was left). It returns what is wrong, or nil. The first rule broken is the one told: what
-- follows from it is not.

local function swapped(s, w)
  local was, is = w.before.to_esp, s.lab:word(w.to.linear + ESP)
  if is ~= was and on_stack_of(s, is) == w.from.name then
    return string.format("From and to are swapped: ESP, which is on %s's stack, was saved in %s. At the entry, `from` is at "
      .. "4(%%esp) and `to` is at 8(%%esp).", w.from.name, w.to.name)
  end
end

local function not_saved(s, w)
  local is = s.lab:word(w.from.linear + ESP)
  if on_stack_of(s, is) ~= w.from.name then
    if is == w.before.from_esp then
      return string.format("ESP was not saved: PROCESS_ESP of %s is still %s. When %s is entered again, it must be found "
        .. "there.", w.from.name, hex(is), w.from.name)
    end
    return string.format("PROCESS_ESP of %s is %s, and that is %s. Save ESP before you load another one.", w.from.name,
      hex(is), on_stack_of(s, is) and "on " .. on_stack_of(s, is) .. "'s stack" or "on nobody's stack")
  end
  if is > w.before.esp and is == w.before.from_esp then
    return string.format("ESP was not saved: PROCESS_ESP of %s is still %s, as before this switch.", w.from.name, hex(is))
  end
  if is > w.before.esp then
    return string.format("PROCESS_ESP of %s is %s, above what %s needs of its stack. Save ESP after the last push.",
      w.from.name, hex(is), w.from.name)
  end
end

local function stack(s, w)
  local name = on_stack_of(s, w.after.esp)
  if w.must.first and name == w.to.name and w.must.esp - w.after.esp < 256 then return end -- it has no past
  if w.after.esp == w.must.esp then return end
  if name == w.from.name then
    return string.format("ESP is %s: that is still %s's stack. Load ESP from PROCESS_ESP of `to`.", hex(w.after.esp), name)
  end
  local words = (w.after.esp - w.must.esp) // 4
  if name == w.to.name then
    return string.format("ESP is %s, must be %s: %s was given back with %d %s %s than it had. Pop as many words as were "
      .. "pushed.", hex(w.after.esp), hex(w.must.esp), w.to.name, math.abs(words), math.abs(words) == 1 and "word" or "words",
      words > 0 and "less" or "more")
  end
  return string.format("ESP is %s, must be %s, on %s's stack.", hex(w.after.esp), hex(w.must.esp), w.to.name)
end

-- With a page directory that is none, nothing else can be judged.
local function space_lost(s, cr3)
  for i = 0, PROCESSES - 1 do
    if s.process[i].cr3 == cr3 then return end
  end
  if cr3 ~= s.world_cr3 then
    return string.format("CR3 is %s. That is nobody's page directory. Load it from PROCESS_CR3 of `to`.", hex(cr3))
  end
end

local function space(s, w)
  if w.after.cr3 == w.to.cr3 then return end
  for i = 0, PROCESSES - 1 do
    if s.process[i].cr3 == w.after.cr3 then
      return string.format("CR3 is %s: %s runs in %s's address space. Load CR3 from PROCESS_CR3 of `to`.", hex(w.after.cr3),
        w.to.name, s.process[i].name)
    end
  end
  return string.format("CR3 is %s, must be %s, the page directory of %s.", hex(w.after.cr3), hex(w.to.cr3), w.to.name)
end

local function ring0(s, w)
  local is = s.lab:word(s.tss + 4)
  if is == w.to.esp0 then return end
  if is == w.from.esp0 then
    return string.format("ESP0 in the TSS is still %s, the top of %s's kernel stack. The next interrupt in ring 3 of %s would "
      .. "come to %s's stack. Write PROCESS_ESP0 of `to` to tss + TSS_ESP0.", hex(is), w.from.name, w.to.name, w.from.name)
  end
  if is == s.lab:word(w.to.linear + ESP) or on_stack_of(s, is) == w.to.name then
    return string.format("ESP0 in the TSS is %s, in the midst of %s's kernel stack. It must be the top, %s: PROCESS_ESP0, not "
      .. "ESP.", hex(is), w.to.name, hex(w.to.esp0))
  end
  return string.format("ESP0 in the TSS is %s, must be %s, the top of %s's kernel stack.", hex(is), hex(w.to.esp0),
    w.to.name)
end

local function registers(s, w)
  if not w.must.registers then return end -- it never ran: it expects nothing
  for _, name in ipairs(kept) do
    local is, must = w.after[name], w.must.registers[name]
    if is ~= must then
      local whose = owner(s, is, w.saved)
      local text = string.format("%s is %s, must be %s, as %s had it when it was left.", string.upper(name), hex(is),
        hex(must), w.to.name)
      if whose == w.to.name .. "'s " .. string.upper(name) then return text end
      if whose and string.sub(whose, 1, 1) == w.to.name then
        return text .. " It is " .. whose .. ": pop in the other order than you push."
      end
      if whose and string.sub(whose, 1, 1) == w.from.name then
        return text .. " It is " .. whose .. ": it was never restored, or not from the stack of `to`."
      end
      return text .. " Keep it on the stack of `from`, and take it from that of `to`."
    end
  end
end

local function rest(s, w)
  for _, name in ipairs{"cs", "ss", "ds", "es", "fs", "gs", "ldtr", "tr", "cr0", "cr4", "gdtr.base", "gdtr.limit", "idtr.base",
    "idtr.limit"} do
    if w.after[name] ~= w.before.all[name] then
      return string.format("%s changed from %s to %s. All processes of a world share it: leave it alone.",
        string.upper(name), hex(w.before.all[name]), hex(w.after[name]))
    end
  end
  if w.after.eflags & flags["if"] ~= 0 then
    return "IF is set: interrupts came on in the switch. The caller has them off, and turns them on itself."
  end
  if w.after.eflags & flags.df ~= 0 then return "DF is set, and C relies on it being clear." end
  if w.after.eflags & flags.system ~= w.before.all.eflags & flags.system then
    return string.format("EFLAGS changed from %s to %s: leave NT, IOPL and AC alone.", hex(w.before.all.eflags),
      hex(w.after.eflags))
  end
end

local function blocks(s, w)
  for i = 0, PROCESSES - 1 do
    local p = s.process[i]
    if s.lab:word(p.linear + CR3) ~= p.cr3 then
      return string.format("PROCESS_CR3 of %s was overwritten with %s. The switch reads it, and never writes it.", p.name,
        hex(s.lab:word(p.linear + CR3)))
    end
    if s.lab:word(p.linear + ESP0) ~= p.esp0 then
      return string.format("PROCESS_ESP0 of %s was overwritten with %s. The switch reads it, and never writes it.", p.name,
        hex(s.lab:word(p.linear + ESP0)))
    end
  end
end

-- GDT and LDT, and the TSS without ESP0.
local function tables_read(s)
  local linear = s.base + TABLES
  return s.lab:mem(linear, 0x504) .. s.lab:mem(linear + 0x508, 96), s.lab:mem(linear + IDT, 0x800)
end

-- The code around the switch, up to the jump at its end, and its plan. If they changed, nothing else says anything.
local function around(s)
  local first = s.symbols.start
  local code = string.sub(s.program.bytes, first - s.base - CODE + 1, s.symbols.done + DONE_BYTES - s.base - CODE)
  if s.lab:mem(first, #code) ~= code then
    return "The code around the switch was overwritten. Write to your own data, to stacks, and to the TSS only."
  end
  if s.lab:mem(s.plan_linear, #s.rows) ~= s.rows then
    return "The plan of the switches was overwritten. Write to your own data, to stacks, and to the TSS only."
  end
end

-- At the call: the registers must be those of the plan, or else this code was not what ran before it.
local function call_judge(s, step)
  for _, name in ipairs(kept) do
    local is, must = s.lab:reg(name), step[name]
    if is ~= must then
      return string.format("%s is %s in front of the call, and the code around the switch loads %s: it did not run.",
        string.upper(name), hex(is), hex(must))
    end
  end
end

local function tables(s, w)
  local is, idt = tables_read(s)
  if idt ~= w.before.idt then return "The IDT changed. It is the world's." end
  if is == w.before.tables then return end
  for i = 1, #is do
    if string.byte(is, i) ~= string.byte(w.before.tables, i) then
      local at = i <= 0x504 and i - 1 or i + 3
      if at >= TSS then
        return string.format("The TSS changed at offset %d. Only ESP0 is the process's, at offset 4 (TSS_ESP0).", at - TSS)
      end
      return string.format("The page of tables changed at %s, in the GDT or LDT. They are the world's.",
        hex(s.base + TABLES + at))
    end
  end
end

-- In this order, and for each: what it is worth, and what it is about.
local rules = {
  {around, 0}, {function(s, w) return space_lost(s, w.after.cr3) end, 0}, {swapped, 0}, {not_saved, 0},
  {stack, 4, "`to` goes on, on its own stack"}, {blocks, 0}, {space, 4, "the address space of `to` is there"},
  {ring0, 4, "the TSS names the ring-0 stack of `to`"}, {registers, 4, "`to` has its registers back"},
  {rest, 2, "nothing else changes"}, {tables, 0},
}

local STACK_RULE = 5 -- what is told of a switch that does not arrive

-- -- one switch -----------------------------------------------------------------------------------

local function state_before(s, step)
  local all = s.lab:regs()
  local r = {all = all, esp = all.esp, registers = {}, mark = s.lab:mark()}
  for _, name in ipairs(kept) do r.registers[name] = all[name] end
  r.from_esp = s.lab:word(s.process[step.from].linear + ESP)
  r.to_esp = s.lab:word(s.process[step.to].linear + ESP)
  r.tables, r.idt = tables_read(s)
  return r
end

-- Are the four registers still the ones with which the switch was called?
local function untouched(s, w)
  for _, name in ipairs(kept) do
    if s.lab:reg(name) ~= w.before.registers[name] then return false end
  end
  return true
end

-- The last `ret` took another word than the return address: so many too few were popped, or too many.
local function popped_text(s, w, linear, popped)
  local whose = owner(s, linear, w.saved)
  local text = string.format(" The `ret` took %s for its address%s: %d %s popped before it.", hex(linear),
    whose and ", and that is " .. whose or "", math.abs(popped),
    (math.abs(popped) == 1 and "word too " or "words too ") .. (popped > 0 and "few" or "many")
    .. (math.abs(popped) == 1 and " was" or " were"))
  if popped > 0 and untouched(s, w) then
    return text .. " And the registers are still " .. w.from.name .. "'s: they were pushed on the stack of `to`. Push them before "
      .. "ESP is loaded."
  end
  if popped < 0 and w.before.to_esp == w.must.esp - 4 then
    return string.format("%s ESP of %s had been saved before its registers were pushed. Save ESP after the last push.", text,
      w.to.name)
  end
  return text .. (w.must.first and " (context_new keeps four words on a new stack.)" or "")
end

-- What ESP was loaded with when it left from's stack, if that is not what PROCESS_ESP of to held.
local function loaded_text(s, w)
  local mark = s.lab:mark()
  s.lab:seek(w.before.mark)
  local esp
  repeat
    s.lab:step(1)
    esp = s.lab:reg("esp")
  until s.lab:mark() >= mark or on_stack_of(s, esp) ~= w.from.name
  s.lab:seek(mark)
  if esp == w.before.to_esp or on_stack_of(s, esp) == w.from.name then return end
  if esp == w.to.esp0 then
    return string.format("ESP was loaded with %s, the top of %s's stack: that is PROCESS_ESP0. Load it from PROCESS_ESP.",
      hex(esp), w.to.name)
  end
  return string.format("ESP was loaded with %s, and PROCESS_ESP of %s is %s. At the entry, `from` is at 4(%%esp) and `to` is at "
    .. "8(%%esp); each push moves both by 4.", hex(esp), w.to.name, hex(w.before.to_esp))
end

-- As blocks(), when CR3 may be lost: a few steps before, it was not.
local function blocks_before(s, w)
  local mark = s.lab:mark()
  while space_lost(s, s.lab:reg("cr3")) and s.lab:mark() > w.before.mark do s.lab:back(1) end
  local text = blocks(s, w)
  s.lab:seek(mark)
  return text
end

-- Why an exception came.
local function fault_text(s, w, event)
  local linear, esp = event.before, s.lab:reg("esp")
  local popped = (w.must.esp - esp) // 4
  local ours = s.program.lines[linear] ~= nil
  local _, code = source_line(s.program, linear)
  if string.match(code, "^iret") then
    return " `iret` pops three words, and the call pushed one: end with `ret`."
  end
  if not on_stack_of(s, esp) then return string.format(" ESP is %s, on nobody's stack.", hex(esp)) end
  if on_stack_of(s, esp) ~= w.to.name then
    s.lab:step(1)
    return event.name == "#PF" and string.format(" Nothing is mapped at %s. At the entry, `from` is at 4(%%esp) and `to` is at "
      .. "8(%%esp); each push moves both by 4.", hex(s.lab:reg("cr2"))) or ""
  end
  if not ours and popped ~= 0 and math.abs(popped) < 16 then return popped_text(s, w, linear, popped) end
  if ours and esp == w.to.esp0 then
    return string.format(" ESP is %s, the top of %s's stack, and nothing is left on it: more words were popped than "
      .. "pushed, or than context_new puts there.", hex(esp), w.to.name)
  end
  if event.name ~= "#PF" then return "" end
  s.lab:step(1)
  local at = s.lab:reg("cr2")
  if w.must.first and at >= w.to.esp0 and at < w.to.esp0 + 64 then
    return string.format(" That is above %s's stack: more words are taken from it than context_new puts there. It fits four "
      .. "saved registers: change it, too.", w.to.name)
  end
  return string.format(" Nothing is mapped at %s.%s", hex(at), dollar_text(code, at) or "")
end

-- The machine came neither back nor to the beginning of a process. What was the first cause?
local function lost(s, w, how)
  s.lab:seek(w.before.mark)
  local event = s.lab:run_to_event("vector")
  local mark, halt = s.lab:mark(), s.lab:halt()
  local said = s.lab:reg("cr0") & 0x80000000 == 0 and "Paging is off: CR0.PG is clear." or blocks_before(s, w)
    or space_lost(s, s.lab:reg("cr3")) or swapped(s, w) or loaded_text(s, w)
  if event then
    return string.format("The switch ends in %s at %s.%s", vector_name(event), place(s, event.before),
      said and " " .. said or fault_text(s, w, event)), mark
  end
  if halt and halt.reason == "LIMIT" then
    return "The switch did not return: it was executing after 20,000 instructions.", w.before.mark
  end
  return string.format("The switch never returned: %s, at %s.%s", halt and halt.text or how,
    place(s, halted_at(s.lab)),
    said and " " .. said or ""), mark
end

-- Run one switch of the plan. Returns nil, or what is wrong, at which mark, and by which rule.
local function switch_judge(s, step, saved)
  local from, to = s.process[step.from], s.process[step.to]
  if s.lab:reg("eip") ~= s.symbols.call_site and s.lab:run_to_linear(s.symbols.call_site) == nil then
    return "The switch came back, and what it came back to cannot go on: the stack was written to.", s.lab:mark(), STACK_RULE
  end
  local text = around(s) or call_judge(s, step)
  if text then return text, s.lab:mark(), 1 end
  local w = {from = from, to = to, before = state_before(s, step), saved = saved}
  local first = saved[step.to] == nil
  saved[step.from] = {registers = w.before.registers, esp = w.before.esp}
  w.must = first and {esp = to.esp0, first = true} or saved[step.to]
  s.lab:step(1)
  local at, how = s.lab:run_to_linear{s.symbols.returned, s.symbols.body}
  if not at then
    local text, mark = lost(s, w, how)
    return text, mark, STACK_RULE
  end
  w.after = s.lab:regs()
  for i, rule in ipairs(rules) do
    local text = rule[1](s, w)
    if text then return text, s.lab:mark(), i end
  end
  if (at == s.symbols.body) ~= first then
    return string.format("%s was to go on %s, and did not: the return address is not its own.", to.name,
      first and "at its beginning" or "behind its call"), s.lab:mark(), STACK_RULE
  end
end

-- -- the check ----------------------------------------------------------------------------------------

local function scenario_judge(scenario, submission)
  local s, saved = scenario_build(scenario, submission), {}
  local lack = label_wrong(s.program, "context_switch") or label_wrong(s.program, "context_new")
  if lack then return s, lack, s.lab:mark(), 1, 0 end
  if s.lab:run_to_linear(s.symbols.call_site) == nil then
    local halt = s.lab:halt()
    return s, string.format("context_new() did not come back: %s. Only change it if you keep another number of words.",
      halt and halt.text or "the run ended"), s.lab:mark(), 1, 0
  end
  for i, step in ipairs(s.plan) do
    local text, mark, rule = switch_judge(s, step, saved)
    if text then return s, text, mark, rule, i end
  end
end

function check(submission)
  source_read(submission)
  local worst, found = #rules + 1
  for number, scenario in ipairs(scenarios) do
    local s, text, mark, rule, step = scenario_judge(scenario, submission)
    if text and rule < worst then
      worst, found = rule, {s = s, mark = mark, text = text, where = step and step > 0 and string.format(
        "Scenario %d, switch %d, from %s to %s. ", number, step, s.process[s.plan[step].from].name,
        s.process[s.plan[step].to].name) or ""}
    end
  end
  local told = false
  local reached = worst
  for i, rule in ipairs(rules) do
    if rule[3] then
      local good = i < reached
      local explanation = "Not judged: see above."
      if not good and not told then explanation, told = found.where .. found.text, true end
      if good or explanation == "Not judged: see above." then
        expect(rule[3], rule[2], good, explanation)
      else
        expect(rule[3], rule[2], good, explanation, found.s.lab, found.mark)
      end
    end
  end
  expect("and all that in every scenario", 2, not found, told and "Not judged: see above."
         or found and found.where .. found.text or "", not told and found and found.s.lab or nil, found and found.mark)
end

quiz = quiz_of{ask.stack, ask.registers_context, ask.handler_stack, ask.return_address, ask.pages_context}
