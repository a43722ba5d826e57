-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Binary translation"
minutes = 120
points = 24
file = "translate.s"
blank = {"question", "cli", "sti", "pushf", "popf", "ret", "copy", "jmp", "jcc", "call", "target"}

local CALL_OUT, SILENT, IF, HLT = 0x81, 0xffffffff, 0x200, "\xf4"
local FLAGS = 0x200cd5                            -- the guest's other flags: CF, PF, AF, ZF, SF, DF, OF, ID
local CODE, PLAN, STACK, TABLES, TSS = 0x200000, 0x280000, 0x2c1000, 0x1000, 0x1500 -- offsets in the kernel half
local CACHE_BYTES, UNIT_BYTES, LIMIT = 0x8000, 512, 400000
local DATA_BYTES, STACK_BYTES, COUNTER = 0x100, 0x200, 0x80 -- what a program has; where its data has a loop's counter
local general = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}
local privileged = {"cr0", "cr3", "cr4", "gdtr.base", "gdtr.limit", "idtr.base", "idtr.limit", "ldtr", "tr", "cs", "ss", "ds",
  "es", "fs", "gs"}
local flag_names = {{1, "CF"}, {4, "PF"}, {0x10, "AF"}, {0x40, "ZF"}, {0x80, "SF"}, {0x400, "DF"}, {0x800, "OF"},
  {1 << 21, "ID"}}
local kept = {ebx = 0x5eed0003, ebp = 0x5eed0005, esi = 0x5eed0006, edi = 0x5eed0007}

-- In this order; what it is worth, what it is about.  Without "copy", no other guest runs; "all" needs all guests.
local parts = {
  {"traps", 2, "trap_vectors says what traps in ring 3"}, {"copy", 4, "most instructions are copied, and jmp ends a unit"},
  {"jcc", 3, "a conditional jump has two ways out"}, {"call", 3, "call and ret"},
  {"cli", 3, "cli and sti change the guest's IF, and nothing else"}, {"pushf", 4, "pushf shows the guest's IF"},
  {"popf", 4, "popf takes the guest's IF, and all other flags"}, {"all", 1, "and all that together"},
}

-- Where all is, and the guest's IF when a program begins.
local scenarios = {
  {kernel = 0xc0000000, user = 0x08048000, guest = 0x00400000, interrupts = 0},
  {kernel = 0xa0000000, user = 0x30000000, guest = 0x7ff00000, interrupts = IF},
}

local s, lab, bare -- the scenario; its laboratory, with the translator; the one in which the guest runs as it is

-- -- the guest's programs -------------------------------------------------------------------------------
--
-- A maker returns the name of a program's end, and chunks, which are put into memory in any order. A chunk is a list of
-- instructions, of labels {name}, of jumps {first byte, name}, and of gaps; a number stands for so many copies. Blocks
-- follow one another: 1, 2, ...

local function any(first, last) return math.random(first, last) end
local function pick(list) return list[any(1, #list)] end
local function long(number) return string.pack("<I4", number) end
local function word() return any(0x10000000, 0x7fffffff) end
local function register(base) return (base or 0) | pick{0, 1, 2, 3, 5, 6, 7} end -- not ESP
local function flags_any() return any(0, FLAGS) & FLAGS | any(0, 1) << 21 | any(0, 1) * IF | 2 end

-- Four bytes; one of them may look like an instruction that is not copied.
local function number() return pick{"\xfa", "\xfb", "\x9c", "\x9d", "\xe9", "\xc3", "\x11"} .. string.sub(long(word()), 2) end

local copies = {
  function() return string.char(register(0xb8)) .. number() end, -- mov
  function() return string.char(0x81, register(0xc0 | any(0, 7) << 3)) .. number() end, -- add, or, ...
  function() return string.char(any(0, 7) << 3 | 1, register(0xc0 | register() << 3)) end,
  function() return string.char(pick{0x85, 0x87, 0x89}, register(0xc0 | register() << 3)) end, -- test, xchg, mov
  function() return pick{"\x01\xfa", "\x29\xfb", "\x89\xeb", "\x01\xf8", "\x31\xc3"} end,
  function() return string.char(0xc1, register(0xc0 | pick{0, 1, 4, 5, 7} << 3), any(1, 31)) end, -- shifts
  function() return string.char(register(pick{0x40, 0x48})) end, -- inc, dec
  function(p) return string.char(pick{0x89, 0x8b}, 5 | register() << 3) .. long(p.data + 4 * any(0, 31)) end, -- mov
  function() return pick{"\xf5", "\xf8", "\xf9", "\xfc", "\xfd", "\x9e", "\x9f", "\x0f\xc9", "\x0f\xca"} end,
  function() return string.char(0x8b, 0x44 | register() << 3, 0x24, 0xfc) end, -- mov -4(%esp), ...
  function(p) return "\xbf" .. long(p.data + 4 * any(34, 60)), "\xab" end, -- mov; stosl
  function() return string.char(register(0x50)), string.char(register(0x58)) end, -- push, pop
}
local others = {["\xfa"] = "cli", ["\xfb"] = "sti", ["\x9c"] = "pushf", ["\x9d"] = "popf", ["\xc3"] = "ret", ["\xe8"] = "call",
  ["\xe9"] = "jmp", ["\xeb"] = "jmp"}
local ends = {jmp = true, jcc = true, call = true, ret = true}

-- Which kind of instruction is not copied; nil: it is.
local function kind_of(bytes)
  return others[string.sub(bytes, 1, 1)] or string.byte(bytes) & 0xf0 == 0x70 and "jcc" or nil
end

local makers = {}

function makers.copy()
  return 5, {{1}, any(2, 4), {0xeb, 2}, {gap = any(3, 40)}, {2}, any(2, 4), {0xe9, 3}},
    {{4}, any(2, 4), {0xe9, 5}, {gap = any(3, 40)}, {3}, any(2, 4), {0xeb, 4}}
end

local function joined(a, b) return table.move(b, 1, #b, #a + 1, a) end

-- Block i, which jumps or goes on: the flags that an instruction makes decide. It jumps forward, or back.
local function fork(i, flags, opcode, ...)
  local away, here = {{i + 10}, 1, {0xe9, i + 1}}, {{i}, any(1, 3), ...}
  joined(here, {flags, {opcode, i + 10}, any(1, 2), {0xe9, i + 1}})
  return i % 2 == 0 and joined(away, here) or joined(here, away)
end

function makers.jcc()
  return 5, fork(1, "\xf9", 0x72), fork(2, "\xf8", 0x73), fork(3, "\xf9", 0x73), -- stc, jc; clc, jnc; stc, jnc
    fork(4, "\x85\xc0", pick{0x74, 0x75, 0x78, 0x79, 0x7c, 0x7f}) -- test
end

function makers.call()
  return 3, {{1}, 2, {0xe8, "f"}, any(1, 3), {0xe9, 2}}, {{"f"}, any(1, 3), "\xc3"}, {{2}, 1, {0xe8, "g"}, 1, {0xe9, 3}},
    {{"g"}, 1, {0xe8, "f"}, 1, "\xc3"}
end

-- Behind what is not copied stands a `mov`, every other time: that hides no flag.
function makers.cli()
  local function block(i, ...) return {{i}, any(1, 2), "\x85\xdb", ...} end -- test
  return 6, block(1, "\xfa", copies[1](), {0xe9, 2}), block(2, "\xfb", 1, "\xfa", 1, {0xe9, 3}),
    block(3, "\xfb", copies[1](), {0xe9, 4}), block(4, "\xfa", 2, "\xfb", 1, {0xe9, 5}),
    block(5, "\xfa", "\xfb", 1, "\xfa", 1, {0xe9, 6})
end

function makers.pushf()
  local function block(i, last)
    return {{i}, any(1, 3), pick{"\x39\xd8", "\x85\xc0", "\xf9"}, "\x9c", copies[1](), last, {0xe9, i + 1}} -- cmp, test, stc
  end
  return 5, block(1, 0), block(2, string.char(register(0x58))), block(3, 2), block(4, string.char(register(0x58)))
end

function makers.popf()
  local function block(i, interrupts)
    local flags, last = long(flags_any() & ~IF | interrupts), i % 2 == 0 and copies[1]() or any(1, 2)
    return {{i}, any(1, 3), "\x68" .. flags, i > 2 and 1 or 0, "\x9d", last, {0xe9, i + 1}} -- push; popf
  end
  return 5, block(1, IF), block(2, 0), block(3, IF), block(4, 0)
end

-- What kernels do: a critical section, a loop, flags that come from elsewhere and decide.
function makers.all(p)
  return 5, {{1}, 2, "\xfb", {0xe8, "f"}, "\x9c", 1, {0xe8, "f"}, 1, "\x9d", {0xe9, 2}},
    {{"f"}, "\x9c", "\xfa", 3, "\x9d", any(1, 2), "\xc3"},
    {{2}, 2, "\x9c", "\x9d", 1, "\xff\x0d" .. long(p.data + COUNTER), {0x75, 2}, "\xfa", 1, {0xe9, 3}},
    fork(3, "\x9d", pick{0x72, 0x74, 0x78, 0x7c}, "\x68" .. long(flags_any())),
    fork(4, "\x9d", pick{0x73, 0x75, 0x79, 0x7d}, "\x9c", "\x68" .. long(flags_any()))
end

-- Put a program into memory, from `at` on, and fill in where its jumps go. Returns it, and the address behind.
local function program_make(i, at)
  local p = {part = parts[i][1], data = s.data + i * DATA_BYTES, stack = s.stack + i * STACK_BYTES, regs = {}, stops = {}}
  local list, label, jumps, finish = {makers[p.part](p)}, {}, {}, nil
  finish = table.remove(list, 1)
  list[#list + 1] = {{finish}, "\xeb\xfe", {gap = 60}} -- bare, the next program is brought here
  local function put(bytes) s.code[at], at = bytes, at + #bytes end
  for left = #list, 1, -1 do
    for _, what in ipairs(table.remove(list, any(1, left))) do
      for _ = 1, math.type(what) and what or 0 do
        for _, bytes in ipairs{pick(copies)(p)} do put(bytes) end
      end
      if type(what) == "string" then
        put(what)
      elseif not math.type(what) and what.gap then
        at = at + what.gap
      elseif not math.type(what) and what[2] then
        jumps[at], at = what, at + ((what[1] == 0xe8 or what[1] == 0xe9) and 5 or 2)
        p.stops[#p.stops + 1] = at
      elseif not math.type(what) then
        label[what[1]], p.stops[#p.stops + 1] = at, at
      end
    end
    at = at + any(3, 30)
  end
  for from, jump in pairs(jumps) do
    local form = (jump[1] == 0xe8 or jump[1] == 0xe9) and "<i4" or "<i1"
    s.code[from] = string.char(jump[1]) .. string.pack(form, label[jump[2]] - from - 1 - string.packsize(form))
  end
  for n, name in ipairs(general) do p.regs[n] = name == "esp" and p.stack + STACK_BYTES // 2 + 4 * any(0, 15) or word() end
  p.regs[9] = flags_any() & ~IF | s.scenario.interrupts
  p.start, p.finish = label[1], label[finish]
  return p, at
end

-- Bare, this brings the registers with which a program begins: mov $..., %esp; push; popf; mov, eight times; jmp.
local function begin_code(p, at)
  if not p then return HLT end
  local out = "\xbc" .. long(s.stack + 0x80) .. "\x68" .. long(p.regs[9]) .. "\x9d"
  for n = 1, 8 do out = out .. string.char(0xb7 + n) .. long(p.regs[n]) end
  return out .. "\xe9" .. string.pack("<i4", p.start - at - #out - 5)
end

-- -- building -------------------------------------------------------------------------------------------

-- A laboratory with the guest's memory. Its code may be read by ring 0, and in ring 3 by nobody.
local function lab_make(name, data_rights)
  local made = worldswitch.lab{memory = 2 << 20, limit = LIMIT, audit = false}
  local world = made:world{name = name, kernel_linear = s.scenario.kernel}
  world:map(s.scenario.guest, 0x3000)
  world:map(s.data, 0x2000, data_rights)
  world:map(s.stack, 0x2000, data_rights)
  for linear, bytes in pairs(s.code) do world:write(linear, bytes) end
  for _, p in pairs(s.programs) do world:write(p.data + COUNTER, long(3)) end
  return made, world
end

local function bare_make()
  local world, code = nil, s.scenario.guest
  bare, world = lab_make("bare", "w")
  world:write(code, begin_code(s.programs[2], code))
  for i, p in pairs(s.programs) do world:write(p.finish, begin_code(s.programs[i + 1], p.finish)) end
  world:set{eip = code, esp = s.stack + 0x80, eflags = 2}
  bare:enter(world)
  return world:selector("user-code"), world:selector("user-data")
end

local function scenario_make(scenario, submission)
  local base, user, at = scenario.kernel, scenario.user, scenario.guest + any(0x80, 0x100)
  s = {scenario = scenario, programs = {}, code = {}, base = base, virtual_if = user + 4 * any(0, 15),
    next_eip = user + 0x40 + 4 * any(0, 15), data = user + 0x1000, stack = user + 0x3000, cache = user + 0x8000}
  for i = 2, #parts do s.programs[i], at = program_make(i, at) end
  s.user_code, s.user_data = bare_make()
  s.program = submission:link{
    at = base + CODE, with = {"harness.s"},
    symbols = {
      VIRTUAL_IF = s.virtual_if, NEXT_EIP = s.next_eip, SCRATCH = user + 0x80, CALL_OUT = CALL_OUT, SILENT = SILENT,
      CACHE = s.cache, RING0_TOP = base + STACK, USER_CODE = s.user_code, USER_DATA = s.user_data, tss = base + TSS,
      plan = base + PLAN, KEPT_EBX = kept.ebx, KEPT_ESI = kept.esi, KEPT_EDI = kept.edi, KEPT_EBP = kept.ebp,
      SPOILED_ECX = word(), SPOILED_EDX = word(),
    },
  }
  s.symbols, s.finish, s.begin = s.program.symbols, base + CODE + #s.program.bytes, s.program.symbols.submission_text_begin
  s.alone = { -- what translate() must leave alone
    {"the code around yours", base + CODE, s.begin - base - CODE}, {"GDT, LDT, TSS or IDT", base + TABLES, 0x1000},
    {"the plan", base + PLAN, 0x1000}, {"the guest's code", scenario.guest, 0x3000}, {"the guest's data", s.data, 0x2000},
    {"the guest's stack", s.stack, 0x2000}, {"VIRTUAL_IF or NEXT_EIP", user, 0x80}, {"an older unit", s.cache, 0},
  }
end

-- The laboratory with the translator. Only these guests run in it.
local function vmm_make(list)
  local plan, world = "", nil
  lab, world = lab_make("vmm", "wu")
  for _, i in ipairs(list) do
    local p = s.programs[i]
    for _, value in ipairs(p.regs) do plan = plan .. long(value) end
    plan = plan .. long(p.start) .. long(p.finish) .. long(s.scenario.interrupts)
  end
  for _, row in ipairs{{s.scenario.user, "", "wu", 0x1000}, {s.cache, string.rep(HLT, CACHE_BYTES), "wu", CACHE_BYTES},
      {s.base + CODE, s.program.bytes, "w", (#s.program.bytes + 4095) // 4096 * 4096}, {s.base + PLAN, plan, "w", 0x1000},
      {s.base + STACK - 0x1000, "", "w", 0x1000}} do
    world:map(row[1], row[4], row[3])
    world:write(row[1], row[2])
  end
  for vector = 0, 31 do world:gate(vector, s.symbols.faulted) end
  world:gate(CALL_OUT, s.symbols.called_out, 3)
  world:set{eip = s.symbols.start, esp = s.base + STACK, eflags = 2}
  lab:symbols(s.program)
  lab:enter(world)
  s.units, s.place, s.highest, s.since = {}, s.cache, s.cache, lab:mark()
end

-- -- telling --------------------------------------------------------------------------------------------

local function fail(text, mark) error{text = text, mark = mark or lab:mark()} end

local function in_cache(linear) return linear >= s.cache and linear < s.cache + CACHE_BYTES end

-- 'translate.s:24, "stosb"'; of other code, the address.
local function place(linear)
  return source_place(s.program, linear) or hex(linear) .. (in_cache(linear) and ", in the cache" or
    linear >= s.base + CODE and linear < s.begin and ", in the code around yours" or "")
end

-- Which line of the submission has put the byte at `linear` into the unit? nil: it cannot be told.
local function writer_of(unit, linear)
  local low, high = unit.from, unit.to
  lab:seek(high)
  local value = lab:mem(linear, 1)
  while value ~= HLT and high - low > 1 do
    lab:seek((low + high) // 2)
    if lab:mem(linear, 1) == value then high = (low + high) // 2 else low = (low + high) // 2 end
  end
  lab:seek(low)
  return source_place(s.program, lab:reg("eip"))
end

-- Where the submission has these bytes, a text that it copies; nil: nowhere.
local function text_of(bytes)
  local at = #bytes > 2 and string.find(s.program.bytes, bytes, s.begin - s.base - CODE, true)
  return at and source_place(s.program, s.base + CODE + at - 1)
end

-- What the unit has from one instruction to another, and of which line of the submission that was made.
local function emitted_text(c)
  if c.from > c.to then return " The unit has nothing for it." end
  local texts, bytes, first = {}, "", c.emitted[c.from]
  for i = c.from, c.to do
    texts[#texts + 1], bytes = i - c.from < 8 and c.emitted[i].text or nil, bytes .. c.emitted[i].bytes
  end
  local source = text_of(string.sub(bytes, 1, 12)) or #first.bytes > 4 and text_of(first.bytes)
    or writer_of(c.unit, first.linear)
  return string.format(" The unit has for it, at %s: %s%s.%s", hex(first.linear), table.concat(texts, "; "),
    c.to - c.from > 7 and "; ..." or "", source and string.format(" That is of %s.", source) or "")
end

-- -- bare, and translated -------------------------------------------------------------------------------

-- The guest's state, on either machine; in the translator's, ESP and EFLAGS may be in the frame of an interrupt.
local function state_of(p, machine, frame)
  local regs, eflags, esp = machine:regs(), nil, nil
  eflags, esp = regs.eflags, regs.esp
  if frame then eflags, esp = string.unpack("<I4I4", machine:mem(frame + 8, 8)) end
  return {regs = regs, esp = esp, flags = eflags & FLAGS, data = machine:mem(p.data, DATA_BYTES),
    interrupts = machine == bare and eflags & IF or lab:word(s.virtual_if), stack = machine:mem(p.stack, STACK_BYTES)}
end

-- The first word in which two pieces of memory differ, from an offset up to another: what it is, what it must be, where.
local function word_differs(is, must, first, last)
  for at = first, last - 4, 4 do
    local a, b = string.unpack("<I4", is, at + 1), string.unpack("<I4", must, at + 1)
    if a ~= b then return a, b, at end
  end
end

-- What is the first thing that is other than bare? nil: nothing.
local function difference(p, is, must)
  local top = must.esp - p.stack
  local function found(what, a, b, more) return {what = what, is = a, must = b, about = more or what} end
  if is.esp ~= must.esp then return found("ESP", is.esp, must.esp) end
  if is.interrupts ~= must.interrupts then return found("VIRTUAL_IF", is.interrupts, must.interrupts) end
  local a, b, at = word_differs(is.stack, must.stack, top, STACK_BYTES)
  if at then return found(string.format("the word at %d(%%esp)", at - top), a, b, at == top and "top") end
  for _, name in ipairs(general) do
    if name ~= "esp" and is.regs[name] ~= must.regs[name] then
      return found(string.upper(name), is.regs[name], must.regs[name], "register")
    end
  end
  if is.flags ~= must.flags then return found("EFLAGS", is.flags, must.flags) end
  a, b, at = word_differs(is.stack, must.stack, 0, top)
  if at then return found(string.format("the word at %d(%%esp), below the stack,", at - top), a, b, "below") end
  a, b, at = word_differs(is.data, must.data, 0, DATA_BYTES)
  if at then return found("the guest's word at " .. hex(p.data + at), a, b) end
end

-- The instructions of a block, which begins at a mark of `bare`, each with the state in front of it.
local function path_of(p, mark)
  local path = {}
  bare:seek(mark)
  repeat
    local eip = bare:reg("eip")
    path[#path + 1] = {eip = eip, bytes = s.code[eip], kind = kind_of(s.code[eip]), state = state_of(p, bare),
      text = bare:disasm(eip)}
    bare:step(1)
  until ends[path[#path].kind]
  path.next, path.state = bare:reg("eip"), state_of(p, bare)
  return path
end

local function emitted_of(unit)
  local list, linear = {}, unit.place
  while linear < unit.finish do
    local text, bytes = lab:disasm(linear)
    bytes = math.min(math.max(bytes or 1, 1), unit.finish - linear)
    list[#list + 1] = {linear = linear, bytes = lab:mem(linear, bytes), text = text or "?"}
    linear = linear + bytes
  end
  return list
end

-- Which instructions of the guest does the unit do otherwise? Run it again, and look in front of each copy. Returns which
-- of the path (first, last), which of the unit (from, to), a mark, and what differs there. If nothing does, these are all up
-- to the end, and the mark is in front of them.
local function culprit_find(p, unit, begin, bare_begin)
  local path = path_of(p, bare_begin)
  lab:seek(begin)
  lab:run_to_linear(unit.place)
  local c = {unit = unit, path = path, emitted = emitted_of(unit), first = 1, last = #path, from = 1, mark = lab:mark()}
  c.to = #c.emitted
  for k, step in ipairs(path) do
    local r = c.from
    while not step.kind and c.emitted[r] and c.emitted[r].bytes ~= step.bytes do r = r + 1 end
    if not step.kind and not c.emitted[r] then
      c.missing, c.first, c.last = step, k, k
      break
    elseif not step.kind then
      local linear = c.emitted[r].linear
      local at = lab:reg("eip") == linear and linear or lab:run_to_linear{linear, s.symbols.called_out, s.symbols.faulted}
      c.difference = at == linear and difference(p, state_of(p, lab), step.state)
      if at ~= linear or c.difference then
        c.last, c.to, c.mark = math.max(k - 1, c.first), r - 1, c.difference and lab:mark() or c.mark
        break
      end
      c.first, c.from, c.mark = k + 1, r + 1, lab:mark() + 1
    end
  end
  local names = {}
  for k = c.first, c.last do names[#names + 1] = "`" .. path[k].text .. "`" end
  local one = c.emitted[c.from]
  c.kind, c.name = path[c.first].kind, string.format("%s at %s", table.concat(names, " and "), hex(path[c.first].eip))
  c.as_it_is = one and one.bytes == path[c.first].bytes and (c.from == c.to or c.kind ~= "pushf" and c.kind ~= "popf")
  return c
end
-- -- what it means ----------------------------------------------------------------------------------------

local copied = {
  cli = "It was copied as it is, and ring 3 may not execute it.",
  pushf = "It was copied as it is. In ring 3 it runs, silently, and pushes the real IF, which is 1.",
  popf = "It was copied as it is. In ring 3 it runs, silently, and leaves IF alone: no trap tells the VMM what the guest "
    .. "wants.",
  jmp = "It was copied as it is: its displacement counts from where the copy is. Call out, with the guest's EIP.",
  ret = "It was copied as it is: it goes to the guest's own code, which must not be executed. Call out.",
}
copied.sti, copied.jcc, copied.call = copied.cli, copied.jmp, copied.jmp

local function flags_text(is, must)
  local list = {}
  for _, row in ipairs(flag_names) do
    local a, b = is & row[1] ~= 0 and 1 or 0, must & row[1] ~= 0 and 1 or 0
    if a ~= b then list[#list + 1] = string.format("%s is %d, must be %d", row[2], a, b) end
  end
  return table.concat(list, "; ")
end

-- Why may that be?
local function hint(kind, d)
  local about, moves = d.about, kind == "call" or kind == "ret" or kind == "pushf" or kind == "popf"
  if about == "VIRTUAL_IF" then
    return d.is ~= 0 and d.is ~= IF and "It is 0x200 or 0: bit 9 alone, and no other flag."
      or kind == "popf" and "The word on the stack says so, in bit 9."
      or (kind == "cli" or kind == "sti") and "cli writes 0, sti writes 0x200." or "Only cli, sti and popf change it."
  elseif about == "top" and kind == "pushf" then
    return d.is & ~d.must == IF and "Bit 9, IF, is the real one: the guest's is in VIRTUAL_IF, and is 0."
      or d.is ~ d.must == IF and "Bit 9, IF, is lost: the guest's is in VIRTUAL_IF, and is 1."
      or flags_text(d.is, d.must) .. ". Push the flags first, before an instruction changes them."
  elseif about == "top" and kind == "call" then
    return in_cache(d.is) and "That is the place in the cache: the guest must never see it. Push the guest's own."
      or "The return address is that of the instruction behind the guest's `call`."
  elseif about == "ESP" then
    return moves and "The guest's instruction moves ESP by 4, and so must the unit." or "It must not move ESP."
  elseif about == "register" then
    return "Registers are the guest's: put one that you need into SCRATCH first, and take it back from there."
  elseif about == "EFLAGS" then
    return kind == "popf" and "All flags but IF come from the guest's stack: let the real `popfl` be the last that changes "
      .. "them." or "No flag may change: `mov`, `lea`, `push`, `pop` and `not` change none; `and`, `or`, `add`, `test` do."
  elseif about == "below" then
    return "Bare, nobody writes there, and the guest may read what it has popped. Put what you need into SCRATCH."
  end
  return "Only the guest's own instructions write to its memory."
end

-- The unit names another EIP than the one where the guest goes on bare. Why?
local function next_hint(path, next)
  local last, must = path[#path], path.next
  local behind = last.eip + #last.bytes
  return in_cache(next) and " That is a place in the cache: name the guest's own."
    or last.kind == "jcc" and must ~= behind and next == behind and " The jump is taken, and that is where it would go on "
      .. "if it were not."
    or last.kind == "jcc" and must == behind and s.code[next] and " The jump is not taken: the guest goes on behind it."
    or math.abs(next - must) == 256 and " The displacement has a sign: extend it with movsbl."
    or must - next == #last.bytes and " The displacement counts from the instruction behind the jump, not from the jump "
      .. "itself."
    or must - next == behind and " That is the displacement alone: add the EIP of the instruction behind the jump."
    or next == path[1].eip and " That is where this unit begins: was NEXT_EIP written?" or ""
end

-- `next`: the EIP that the unit named; nil, and `lost` says how it ended, at a mark.
local function unit_fail(p, unit, begin, bare_begin, next, lost, mark)
  local state, seen = next and state_of(p, lab, lab:reg("esp")), next and lab:mark() - 1 or mark
  local c = culprit_find(p, unit, begin, bare_begin)
  local d, text = c.difference, nil
  local why = c.as_it_is and copied[c.kind]
  if c.missing then
    text = string.format("`%s` at %s has no copy in the unit: it must stand there as it is, all %d bytes.%s", c.missing.text,
      hex(c.missing.eip), #c.missing.bytes, string.find(c.missing.bytes, "[\xfa\xfb\x9c\x9d\xc3\xe8\xe9\xeb\x70-\x7f]", 2)
      and " (A byte within it that looks like cli, or the like, is none.)" or "")
  elseif not d and lost then
    text = string.format("%s: %s%s", c.name, lost, why and " " .. why or "")
  elseif not d and next ~= c.path.next then
    text = string.format("%s: NEXT_EIP is %s at the call-out, must be %s.%s", c.name, hex(next), hex(c.path.next),
      next_hint(c.path, next))
  else
    d = d or difference(p, state, c.path.state)
    local seen = d and (d.what == "EFLAGS" and flags_text(d.is, d.must)
      or string.format("%s is %s, must be %s", d.what, hex(d.is), hex(d.must)))
    text = d and string.format("Behind %s, %s, as bare. %s", c.name, seen, why or hint(c.kind, d))
      or string.format("The unit goes astray behind %s.", c.name)
  end
  fail(text .. emitted_text(c), not c.missing and not c.difference and seen or c.mark)
end

-- -- translate() ------------------------------------------------------------------------------------------

-- On to the next place where the machine is looked at; nil: it comes to none.
local function go_on()
  local y = s.symbols
  s.since = lab:mark()
  return lab:run_to_linear{y.translate_site, y.translated, y.called_out, y.faulted}
end

-- What translate() must leave alone, as it is now.
local function around()
  local regs, list = lab:regs(), {}
  s.alone[#s.alone][3] = s.place - s.cache
  for i, row in ipairs(s.alone) do
    local walk = lab:walk(row[2]) or {}
    list[i] = {row[1], string.format("%x %x ", (walk.pde or 0) | 0x60, (walk.pte or 0) | 0x60)
      .. (lab:mem(row[2], row[3]) or "")} -- 0x60: A and D, which the CPU sets
  end
  for _, name in ipairs(privileged) do list[#list + 1] = {string.upper(name), regs[name]} end
  return list
end

-- The exception by which the machine came to `faulted`, in words; it stands in front of it then. nil: none did.
local function fault_text()
  lab:seek(s.since)
  local event = lab:run_to_event("vector")
  while event and event.which == CALL_OUT do event = lab:run_to_event("vector") end
  if not event then return end
  local text, mark, _, code = string.format("%s comes at %s.", vector_name(event), place(event.linear)), lab:mark(),
    source_line(s.program, event.linear)
  if event.name ~= "#PF" then return text, event.linear end
  lab:step(1)
  local cr2, ecx = lab:reg("cr2"), lab:reg("ecx")
  lab:seek(mark)
  return string.format("%s It accesses %s.%s%s", text, hex(cr2), dollar_text(code, cr2) or "", string.find(code, "rep")
    and ecx > CACHE_BYTES and " ECX counts far too much: insn_length() loses ECX and EDX."
    or cr2 & ~0xfff == s.cache + CACHE_BYTES and " That is the end of the cache: does the unit come to an end?"
    or cr2 & ~0x3fff == s.scenario.guest and " That is the guest's code: it may be read only." or ""), event.linear
end

-- Was insn_length() asked about an address where no instruction is, or about one again and again?
local function asked_text(site)
  local y, times, last = s.symbols, 0, nil
  lab:seek(site)
  for _ = 1, 99 do
    if lab:run_to_linear{y.insn_length, y.translated, y.faulted} ~= y.insn_length then return end
    local linear = lab:word(lab:reg("esp") + 4) or 0
    times, last = linear == last and times + 1 or 1, linear
    if times == 9 then
      local text = "insn_length() is called for %s again and again: go on to the next instruction."
      return string.format(text, hex(linear)), lab:mark()
    elseif not s.code[linear] then
      local text = string.format("insn_length() was called for %s, where no instruction of the guest begins.", hex(linear))
      for eip, bytes in pairs(s.code) do
        if eip + #bytes == linear and ends[kind_of(bytes)] then
          text = string.format("%s In front of it is a %s: with that, the unit must end.", text, kind_of(bytes))
        elseif linear > eip and linear < eip + #bytes then
          text = string.format("%s The one at %s has %d bytes.", text, hex(eip), #bytes)
        end
      end
      return text, lab:mark()
    end
  end
end

local function translate_lost(at, site)
  local halt, text, mark = lab:halt(), asked_text(site)
  if text then fail(text, mark) end
  s.since = site
  text = at == s.symbols.faulted and fault_text()
  if text then fail("translate() does not return: " .. text) end
  lab:seek(site)
  if at and lab:run_to_linear(at) then fail("translate() does not return: it went to " .. place(at) .. ".") end
  lab:run_to(halt and halt.mark or site)
  text = halt and halt.reason ~= "LIMIT" and halt.text or "it goes on for ever"
  fail(string.format("translate() does not return: %s, at %s.", text, place(halted_at(lab))), site)
end

-- translate() is called, for a new unit. Returns it.
local function translate_judge(eip)
  local site, before, esp = lab:mark(), around(), lab:reg("esp")
  local at = go_on()
  if at ~= s.symbols.translated then translate_lost(at, site) end
  local regs = lab:regs()
  for i, row in ipairs(around()) do
    if row[2] ~= before[i][2] then
      fail(string.format("translate() has changed %s. It writes to its unit, to its stack and to its own data only.", row[1]))
    end
  end
  if regs.esp ~= esp then
    fail(string.format("translate() returns with ESP at %s, must be %s: pop as many words as you push.", hex(regs.esp),
      hex(esp)))
  end
  for name, value in pairs(kept) do
    if regs[name] ~= value then
      fail(string.format("translate() returns with another %s: it is the caller's.", string.upper(name)))
    end
  end
  if regs.eflags & (IF | 0x400) ~= 0 then fail("translate() returns with IF or DF set: both must be clear.") end
  if regs.eax == s.place then
    local text, mark = asked_text(site)
    fail(text or string.format("The unit of %s is empty: translate() returns the address at which it begins.", hex(eip)),
      mark)
  elseif regs.eax < s.place or regs.eax > s.place + UNIT_BYTES then
    fail(string.format("translate() returns %s, and the unit begins at %s: return the address behind its last byte. It may "
      .. "have %d bytes.", hex(regs.eax), hex(s.place), UNIT_BYTES))
  end
  s.units[eip] = {place = s.place, finish = regs.eax, from = site, to = lab:mark()}
  s.place, s.highest = regs.eax + 15 & ~15, regs.eax
  return s.units[eip]
end

-- -- units --------------------------------------------------------------------------------------------------

-- How did a unit end that did not call out? And at which mark? nil: none.
local function lost_text(unit, at)
  if at ~= s.symbols.faulted then return at and "ring 3 came to " .. place(at) .. "." or "the unit goes on for ever." end
  local text, linear = fault_text()
  if linear == unit.finish then text = "the unit has no end, the CPU ran out of it. Call out." end
  return text or "it ends.", lab:mark()
end

-- Did `int $CALL_OUT` of a unit lead here?
local function call_out_judge()
  local esp = lab:reg("esp")
  local eip, cs = string.unpack("<I4I4", lab:mem(esp, 8) or string.rep("\0", 8))
  if esp ~= s.base + STACK - 20 or cs ~= s.user_code or not in_cache(eip)
      or lab:mem(eip - 2, 2) ~= "\xcd" .. string.char(CALL_OUT) then
    fail("The call-out does not come from a unit.")
  elseif eip > s.highest then
    fail(string.format("The call-out is at %s, and translate() has returned %s: return the address behind the unit's last "
      .. "byte.", hex(eip - 2), hex(s.highest)))
  end
end

-- The unit of p.eip is about to run, or to be made; `bare` stands there, too. Both go on, and must be the same then.
local function unit_judge(p)
  local y, bare_begin = s.symbols, bare:mark()
  local at, begin, unit = go_on(), s.since, s.units[p.eip]
  if at == y.translate_site and not unit then
    unit, begin = translate_judge(p.eip), lab:mark()
    at = go_on()
  end
  if not unit then fail("No unit was run.") end
  if at ~= y.called_out then unit_fail(p, unit, begin, bare_begin, nil, lost_text(unit, at)) end
  call_out_judge()
  local next = lab:word(s.next_eip)
  local state, stops = state_of(p, lab, lab:reg("esp")), joined({next}, p.stops)
  for _ = 1, 12 do -- a unit may go on over several blocks, or end earlier
    local there = bare:run_to_linear(stops)
    if there == next and not difference(p, state, state_of(p, bare)) then
      p.eip = next
      return
    end
    if not there or there == p.finish then break end
  end
  unit_fail(p, unit, begin, bare_begin, next)
end

-- -- what traps in ring 3 -----------------------------------------------------------------------------------

-- Code for ring 3; its last instruction is the one in question.
local probes = {{"cli", "\xfa"}, {"sti", "\xfb"}, {"pushf", "\x9c"}, {"popf", "\x6a\x03\x9d"}} -- push $3: CF set, IF clear

-- A small laboratory, and where that instruction is: behind it, ring 3 goes to the kernel by `int`, and that is the end.
local function probe_make(code)
  local made = worldswitch.lab{memory = 2 << 20, limit = 10000, audit = false}
  local world = made:world{name = "vmm"}
  local user, kernel, begin = 0x08400000, world:kernel_linear() + CODE, ""
  for _, value in ipairs{world:selector("user-data"), user + 0x1800, IF | 2, world:selector("user-code"), user} do
    begin = begin .. "\x68" .. long(value) -- push
  end
  world:map(user, 0x2000, "wu")
  world:write(user, code .. "\xcd" .. string.char(CALL_OUT))
  world:map(kernel, 0x1000, "w")
  world:write(kernel, begin .. "\xcf\xfa\xf4") -- iret, into ring 3; cli, hlt
  world:gate(CALL_OUT, kernel + #begin + 1, 3)
  world:set{eip = kernel}
  return made, world, user + #code - 1
end

function handouts()
  local files = {}
  for _, probe in ipairs(probes) do
    local made, world = probe_make(probe[2])
    made:load(world)
    files[probe[1] .. ".elf"] = made:image()
  end
  return files
end

local function traps_judge(program)
  local lack, at = label_wrong(program, "trap_vectors"), program.symbols.trap_vectors
  if lack then return lack end
  for i, probe in ipairs(probes) do
    local made, world, linear = probe_make(probe[2])
    made:enter(world)
    local event = made:run_to_event("vector")
    local is = event.linear == linear and event.which or SILENT
    local said = string.unpack("<I4", program.bytes .. string.rep("\0", 16), at - program.linear + 4 * i - 3)
    if said > 255 and said ~= SILENT then return probe[1] .. ": the row holds no vector. Four rows are needed." end
    if said ~= is then
      local row = said == SILENT and "SILENT" or said
      return string.format("%s: the row says %s. In ring 3, %s To see it: worldswitch trace %s.elf", probe[1], row,
        is == SILENT and "no vector comes: the CPU goes on with the next instruction. A VMM that waits for a trap never "
        .. "hears of it." or said == SILENT and "a vector comes." or "another one comes.", probe[1])
    end
  end
end

-- -- the check ------------------------------------------------------------------------------------------------

-- From a program on, those whose part has not failed before. If one fails, the others run in a new laboratory.
local function scenario_judge(failed, number, first)
  local rest = {}
  for i = first, #parts do
    if not failed[parts[i][1]] and (parts[i][1] ~= "all" or not failed.any) then rest[#rest + 1] = i end
  end
  if failed.copy or #rest == 0 then return end
  vmm_make(rest)
  for _, i in ipairs(rest) do
    local p = s.programs[i]
    bare:run_to_linear(p.start)
    p.eip = p.start
    local good, found = pcall(function()
      while p.eip ~= p.finish do unit_judge(p) end
    end)
    if not good and type(found) ~= "table" then error(found, 0) end
    if not good then
      failed[p.part] = {lab = lab, mark = found.mark, text = string.format("Scenario %d. %s", number, found.text)}
      failed.any = true
      return scenario_judge(failed, number, i + 1)
    end
  end
end

function check(submission)
  source_read(submission)
  local failed = {}
  for number, scenario in ipairs(scenarios) do
    scenario_make(scenario, submission)
    local traps, lack = number == 1 and traps_judge(s.program), label_wrong(s.program, "translate")
    failed.traps, failed.copy = traps and {text = traps} or failed.traps, lack and {text = lack} or failed.copy
    scenario_judge(failed, number, 2)
  end
  for _, part in ipairs(parts) do
    local name, found = part[1], failed[part[1]]
    local late = failed.copy and name ~= "copy" and name ~= "traps" or name == "all" and failed.any and not found
    found = found or {text = late and "Not judged: see above." or nil}
    expect(part[3], part[2], not found.text, found.text, found.lab, found.mark)
  end
end
