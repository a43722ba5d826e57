-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Trap and emulate"
minutes = 100
points = 24
file = "emulate.s"
blank = {"find", "cli", "sti", "hlt", "in", "out", "operands", "from", "to", "lidt", "reflect", "answer"}

local PAGE, LIMIT = 4096, 20000
local IF, DF, RF_NT_TF, ARITHMETIC = 0x200, 0x400, 0x14100, 0x8d5 -- of EFLAGS; the third: what faults set and gates clear
local CODE, PLAN, DATA, TABLES = 0x200000, 0x2c0000, 0x300000, 0x1000 -- offsets in the kernel half
local GUEST_BYTES, NEXT, MAILBOX = 3 * PAGE, 0x40, 0xffc00800
local NONE, HALT, OUTPUT = 0, 1, 2                                -- requests
local frame_words = {"ES", "DS", "EDI", "ESI", "EBP", "UNUSED", "EBX", "EDX", "ECX", "EAX", "ERROR", "EIP", "CS", "EFLAGS", "ESP",
  "SS"}
local cpu_words = {"RING", "IF", "CR0", "CR1", "CR2", "CR3", "IDT_LIMIT", "IDT_BASE", "ESP0", "INPUT"}
local number_of_register = {[0] = "EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"}
local kept = {"ebx", "esi", "edi", "ebp"}

-- In this order. For each: its name, what it is worth, what it is about, and which parts must be right before.
local parts = {
  {"flags", 4, "cli, sti and hlt are done to the virtual CPU"}, {"ports", 4, "in and out reach the virtual port"},
  {"control", 4, "control registers are the virtual ones"}, {"lidt", 2, "lidt loads the virtual IDTR"},
  {"kernel", 4, "what the VMM does not know comes to the virtual machine's handler"},
  {"program", 3, "its programs may do nothing privileged"}, {"popf", 1, "who hears of popf?"},
  {"mixed", 2, "and all that in longer programs", {"flags", "ports", "control", "lidt", "kernel", "program"}},
}

-- Where the kernel half and the virtual machine's memory are, which port is the console, and whether the world has neighbours.
local scenarios = {
  {kernel_linear = 0xc0000000, others = 0, guest = 0x08048000, port = 0x3f8},
  {kernel_linear = 0xa0000000, others = 2, guest = 0x9fff8000, port = 0x2e8},
}

-- -- what the virtual machine executes -----------------------------------------------------------------

local any = math.random
local function word() return any(0x10000000, 0x7fffffff) end

-- `bits`, and any register but ESP.
local function operand(bits) return string.char(bits | any_of{0, 1, 2, 3, 5, 6, 7}) end
local function edx(value) return string.pack("<BI4", 0xba, value) end
local function garbage() return any(1, 0x7fff) << 16 end

local piece = {
  cli = "\xfa", sti = "\xfb", hlt = "\xf4",
  input = function(s) return edx(s.port | garbage()) .. "\xec" end,
  output = function(s) return edx(s.port | garbage()) .. "\xee" end,
  other_in = function(s) return edx(s.port ~ 1 << any(0, 15) | garbage()) .. "\xec" end,
  other_out = function(s) return edx(s.port ~ 1 << any(0, 15) | garbage()) .. "\xee" end,
  lidt = function(s) return "\x0f\x01\x1d" .. string.pack("<I4", any_of(s.pointers)) end,
  popf = "\x9c\x81\x24\x24\xff\xfd\xff\xff\x9d",          -- pushf; andl $~0x200, (%esp); popf
  -- What the VMM does not know.
  clts = "\x0f\x06", wbinvd = "\x0f\x09",
  from4 = function() return "\x0f\x20" .. operand(0xe0) end,
  to4 = function() return "\x0f\x22" .. operand(0xe0) end,
  lgdt = function(s) return "\x0f\x01\x15" .. string.pack("<I4", s.pointers[1]) end,
  int = function() return "\xcd" .. string.char(any(0xf0, 0xf8)) end,
  segment = function() return string.pack("<BI4", 0xb8, any(0x400, 0x7ff) << 3) .. "\x8e\xd8" end,
  in32 = function(s) return edx(s.port) .. "\xed" end,
}
for _, n in ipairs{0, 2, 3} do
  piece["from" .. n] = function() return "\x0f\x20" .. operand(0xc0 | n << 3) end
  piece["to" .. n] = function() return "\x0f\x22" .. operand(0xc0 | n << 3) end
end

-- Between them: instructions that need no VMM, so that registers and addresses differ.
local fillers = {"\x40", "\x4b", "\x8d\x7c\x37\x05", "\x87\xd9", "\x0f\xc8", "\x31\xf5", "\xf7\xd6",
  "\x01\xc1", "\xc1\xc8\x07", "\x90"}

local function emit(s, names)
  s.code = s.code .. string.rep("\xcc", any(0, 9))
  local at = s.guest + #s.code
  for _, name in ipairs(names) do
    for _ = 1, any(0, 3) do s.code = s.code .. any_of(fillers) end
    s.code = s.code .. (type(piece[name]) == "string" and piece[name] or piece[name](s))
  end
  s.code = s.code .. "\xcd" .. string.char(NEXT)
  return at
end

-- A program of the virtual machine: which parts it is about, in which ring it begins, and what it executes.
local function row(s, part, ring, names)
  local words = {emit(s, names), 2 | IF | any(0, 0xfff) & ARITHMETIC, s.guest + GUEST_BYTES - 4 * any(8, 0x80)}
  for _ = 1, 8 do words[#words + 1] = word() end
  for _, value in ipairs{ring, part == "popf" and 1 or any(0, 1), word(), word(), word(), word(), any(0x6f, 0x7ff),
      any_of(s.idts), s.guest + 2 * PAGE + 4 * any(0x40, 0x200), any(1, 0xff)} do
    words[#words + 1] = value
  end
  s.all[#s.all + 1] = {part = part, bytes = string.pack("<" .. string.rep("I4", #words), table.unpack(words))}
end

local function rows_make(s)
  row(s, "flags", 0, shuffled{"cli", "sti", "hlt", "cli"})
  row(s, "flags", 0, shuffled{"sti", "cli", "sti", "hlt"})
  row(s, "ports", 0, shuffled{"input", "output", "output", "other_in", "other_out"})
  row(s, "control", 0, shuffled{"from0", "from2", "from3", "to0", "to2", "to3", "from3", "from2"})
  row(s, "control", 0, shuffled{"to0", "from0", "to3", "from3", "to2", "from2"})
  row(s, "lidt", 0, {"lidt", "lidt"})
  for _, name in ipairs(shuffled{"clts", "from4", "to4", "lgdt", "int", "segment", "in32", "wbinvd"}) do
    row(s, "kernel", 0, {name})
  end
  for _, name in ipairs(shuffled{"cli", "sti", "hlt", "output", "from3", "lidt", "int"}) do row(s, "program", 3, {name}) end
  row(s, "mixed", 0, {"to3", "cli", "output", "lidt", "from2", "sti", "int"})
  row(s, "mixed", 0, {"lidt", "to2", "hlt", "input", "from2", "cli", "segment"})
  row(s, "mixed", 3, {"segment"})
  row(s, "popf", 0, {"popf"})
  s.popf = s.guest + string.find(s.code, piece.popf, 1, true) + #piece.popf - 2
end

-- Its IDTs: all gates are nonsense, but for gate 13. Only lidt leads to the last one, whose handler does more.
local function idts_make(s)
  s.data, s.idts, s.pointers = {}, {}, {}
  for i = 1, 3 do
    local at = i * 0x400 + 4 * any(0, 0x40)
    local handler = emit(s, i == 3 and {"from2", "sti", "cli", "output"} or {})
    for n = 0, 12 do s.data[at + 8 * n] = string.pack("<I4I4", word(), word()) end
    s.data[at + 104] = string.pack("<I2I2I2I2", handler & 0xffff, any(1, 0x1ff) << 3, 0x8e00, handler >> 16)
    s.idts[i] = s.guest + PAGE + at
    if i > 1 then
      s.pointers[i - 1] = s.guest + PAGE + 0x40 * i + any(0, 8)
      s.data[s.pointers[i - 1] - s.guest - PAGE] = string.pack("<I2I4", any(0x6f, 0x7ff), s.idts[i])
    end
  end
  table.remove(s.idts)
end

-- -- building -----------------------------------------------------------------------------------

local function lab_make(scenario)
  local lab = worldswitch.lab{memory = 2 << 20, limit = LIMIT}
  for i = 1, scenario.others do lab:world{name = "other" .. i} end
  local world = lab:world{name = "vmm", kernel_linear = scenario.kernel_linear}
  return lab, world, world:kernel_linear()
end

-- What stays the same if a part is left out.
local function scenario_make(scenario, submission)
  local s = {scenario = scenario, guest = scenario.guest, port = scenario.port, code = "", all = {}, keep = {}}
  local _, world, base = lab_make(scenario)
  idts_make(s)
  rows_make(s)
  s.first, s.plan, s.tables, s.vcpu = base + CODE, base + PLAN, base + TABLES, base + DATA + 4 * any(8, 0x200)
  local symbols = {
    vcpu = s.vcpu, VCPU_BYTES = 4 * #cpu_words, CONSOLE_PORT = s.port, MAILBOX_REQUEST = MAILBOX, MAILBOX_ARGUMENT = MAILBOX + 4,
    REQUEST_NONE = NONE, REQUEST_HALT = HALT, REQUEST_OUTPUT = OUTPUT, USER_CODE = world:selector("user-code"),
    USER_DATA = world:selector("user-data"), first_row = s.plan,
  }
  for i, name in ipairs(cpu_words) do symbols["VCPU_" .. name] = 4 * i - 4 end
  for i, name in ipairs(frame_words) do symbols["FRAME_" .. name] = 4 * i - 4 end
  for _, name in ipairs(kept) do
    s.keep[name] = word()
    symbols["KEPT_" .. string.upper(name)] = s.keep[name]
  end
  s.program = submission:link{at = s.first, with = {"harness.s"}, symbols = symbols}
  s.symbols = s.program.symbols
  return s
end

-- The laboratory, with those programs that need no part that has failed.
local function scenario_enter(s, failed)
  local lab, world, base = lab_make(s.scenario)
  s.lab, s.rows, s.planned = lab, {}, ""
  for _, one in ipairs(s.all) do
    if part_is_judged(parts, one.part, failed) then
      s.rows[#s.rows + 1] = one
      s.planned = s.planned .. one.bytes
    end
  end
  for _, map in ipairs{{s.first, (#s.program.bytes + PAGE - 1) // PAGE * PAGE, "w"}, {s.plan, 2 * PAGE, "w"},
      {base + DATA, PAGE, "w"}, {s.guest, GUEST_BYTES, "wu"}} do
    world:map(table.unpack(map))
  end
  world:write(s.first, s.program.bytes)
  world:write(s.plan, s.planned)
  world:write(s.guest, s.code)
  for at, bytes in pairs(s.data) do world:write(s.guest + PAGE + at, bytes) end
  world:write(MAILBOX + 4, string.pack("<I4", word()))
  world:gate(13, s.symbols.protection, 0, "interrupt")
  world:gate(NEXT, s.symbols.finished, 3, "interrupt")
  lab:symbols(s.program)
  world:set{eip = s.symbols.start, eflags = 2}
  lab:enter(world)
end

-- -- the state, and what is promised of it ----------------------------------------------------------------

local function bytes_read(s, at, size) return at and s.lab:mem(at, size) or string.rep("\0", size) end

local function words_read(s, at, names)
  local list, words = {}, table.pack(string.unpack(string.rep("I4", #names), bytes_read(s, at, 4 * #names)))
  for i, name in ipairs(names) do list[name] = words[i] end
  return list
end

local function state(s)
  return {
    mark = s.lab:mark(), regs = s.lab:regs(), frame = words_read(s, s.frame, frame_words), cpu = words_read(s, s.vcpu, cpu_words),
    mailbox = words_read(s, MAILBOX, {"REQUEST", "ARGUMENT"}), guest = bytes_read(s, s.guest, GUEST_BYTES),
    tables = bytes_read(s, s.tables, PAGE), harness = bytes_read(s, s.first, s.symbols.submission_text_begin - s.first),
  }
end

-- The part that an instruction belongs to, its length, and the names of its operands.
local function decode(bytes)
  local first, second, third = string.byte(bytes, 1, 3)
  local part = ({[0xfa] = "flags", [0xfb] = "flags", [0xf4] = "flags", [0xec] = "ports", [0xee] = "ports"})[first]
  if part then return part, 1 end
  if first ~= 0x0f then return "kernel" end
  local control = third >> 3 & 7
  if (second == 0x20 or second == 0x22) and (control == 0 or control == 2 or control == 3) then
    return "control", 3, "CR" .. control, number_of_register[third & 7]
  end
  if second == 1 and third == 0x1d then return "lidt", 7 end
  return "kernel"
end

local function promise(s, b)
  local w = {before = b, frame = {}, cpu = {}, mailbox = {REQUEST = NONE, ARGUMENT = b.mailbox.ARGUMENT}, stack = {}}
  for name, value in pairs(b.frame) do w.frame[name] = value end
  for name, value in pairs(b.cpu) do w.cpu[name] = value end
  local bytes, f, c = string.sub(b.guest, b.frame.EIP - s.guest + 1, b.frame.EIP - s.guest + 7), w.frame, w.cpu
  local first, second, third = string.byte(bytes, 1, 3)
  local part, length, control, other = decode(bytes)
  w.part, w.length, w.third = c.RING == 3 and "program" or part, length, third
  f.EIP = f.EIP + (length or 0)
  if c.RING == 3 or part == "kernel" then
    w.stack = {{"the error code", f.ERROR}, {"EIP", b.frame.EIP}, {"CS", f.CS & ~3 | c.RING}, {"EFLAGS", f.EFLAGS & ~IF | c.IF << 9}}
    if c.RING == 3 then w.stack[5], w.stack[6] = {"ESP", f.ESP}, {"SS", f.SS} end
    f.ESP = (c.RING == 3 and c.ESP0 or f.ESP) - 4 * #w.stack
    w.gate = c.IDT_BASE + 13 * 8
    w.low, w.high = string.unpack("<I4I4", b.guest, w.gate - s.guest + 1)
    f.EIP, c.RING, c.IF = w.low & 0xffff | w.high & 0xffff0000, 0, 0
  elseif first == 0xfa or first == 0xfb then
    c.IF = first & 1
  elseif first == 0xf4 then
    w.mailbox.REQUEST = HALT
  elseif first == 0xec then
    f.EAX = f.EAX & ~0xff | (f.EDX & 0xffff == s.port and c.INPUT or 0xff)
  elseif first == 0xee and f.EDX & 0xffff == s.port then
    w.mailbox.REQUEST, w.mailbox.ARGUMENT = OUTPUT, f.EAX & 0xff
  elseif part == "control" and second == 0x20 then
    f[other] = c[control]
  elseif part == "control" then
    c[control] = f[other]
  elseif part == "lidt" then
    c.IDT_LIMIT, c.IDT_BASE = string.unpack("<I2I4", b.guest, string.unpack("<I4", bytes, 4) - s.guest + 1)
  end
  return w
end

-- -- telling ------------------------------------------------------------------------------------
--
-- Each rule looks at one call of emulate(): what was promised, `w`, and what is there, `a`. It returns nil, or what is wrong,
-- and where that is: an address, or the name of a register.

local function around(s, w, a)
  local b = w.before
  if a.harness ~= b.harness or bytes_read(s, s.plan, #s.planned) ~= s.planned or a.tables ~= b.tables then
    return "The code around yours, its plan, or the real GDT, IDT or TSS was overwritten. Write to the frame, to vcpu, to the "
      .. "mailbox, to the virtual machine's stack and to your own data only."
  end
  for _, name in ipairs{"cr0", "cr2", "cr3", "cr4", "idtr.base", "idtr.limit", "gdtr.base", "tr", "ldtr"} do
    if a.regs[name] ~= b.regs[name] then
      return string.format("The real %s changed from %s to %s: that is the VMM's. What the virtual machine loads goes to vcpu.",
        string.upper(name), hex(b.regs[name]), hex(a.regs[name])), name
    end
  end
  if a.regs.eflags & IF ~= 0 then return "Interrupts are on in the VMM: IF must stay clear until the entry's iret.", "eflags" end
  if a.regs.eflags & DF ~= 0 then return "DF is set, and C relies on it being clear: cld.", "eflags" end
end

local function called(s, w, a)
  local esp, must = a.regs.esp, w.before.regs.esp
  if esp ~= must then
    return string.format("emulate() returned with ESP at %s, must be %s: pop as many words as you push.", hex(esp),
      hex(must)), "esp"
  end
  for _, name in ipairs{"ebx", "esi", "edi", "ebp", "cs", "ss", "ds", "es", "fs", "gs"} do
    local was = s.keep[name] or w.before.regs[name]
    if a.regs[name] ~= was then
      return string.format("%s is %s behind the call, was %s: it is the caller's.", string.upper(name), hex(a.regs[name]),
        hex(was)), name
    end
  end
end

-- The operands of a mov from or to a control register; of another instruction, "".
local function operands_text(w)
  return w.part == "control" and string.format(" The third byte is 0x%02x: control register %d, register %d.", w.third,
    w.third >> 3 & 7, w.third & 7) or ""
end

-- Nothing was done, or the wrong one of the two things that can be done.
local function way(s, w, a)
  local b, reflected, same = w.before, #w.stack > 0, a.guest == w.before.guest and a.mailbox.REQUEST == NONE
  local further, moved = a.frame.EIP - b.frame.EIP, a.frame.ESP ~= b.frame.ESP
  for name, value in pairs(b.frame) do same = same and a.frame[name] == value end
  for name, value in pairs(b.cpu) do same = same and a.cpu[name] == value end
  if same then
    return "emulate() changed nothing: the CPU executes the same instruction again, and #GP comes again, for ever. "
      .. (reflected and "The virtual machine must get this #GP: reflect." or "Do what it means, and add its length to FRAME_EIP.")
  end
  if reflected and further >= 0 and further < 8 and not moved then
    return (w.part == "kernel" and "The VMM does not know this instruction, and emulate() went over it."
      or "A program executed it, for VCPU_RING is 3, and emulate() did it. A program may do nothing privileged.")
      .. string.format(" The virtual machine's own handler must get the #GP, at %s.", hex(w.frame.EIP)), s.frame + 44
  end
  if not reflected and moved then
    return "The #GP was given to the virtual machine, and VCPU_RING is 0: its kernel may do this, so the VMM must do it. (CS in the "
      .. "frame says ring 3, always: ask VCPU_RING. Or was the instruction not found?)" .. operands_text(w), s.frame + 44
  end
end

-- What can be said of a word that is wrong: of what it is, must be, and was; nil or false: nothing.
local hints = {
  FRAME_EFLAGS = function(w, seen, must)
    return (seen ~ must) & IF ~= 0 and "The real IF must stay set, or no interrupt comes to the host while the virtual machine "
      .. "runs. Its own IF is VCPU_IF."
  end,
  FRAME_EAX = function(w, seen, must, was)
    if w.part ~= "ports" then return end
    if (seen ~ was) & ~0xff ~= 0 then return "`in` changes AL: the rest of EAX stays." end
    return string.format("DX is 0x%04x (bits 16 to 31 of EDX do not count): is that CONSOLE_PORT?", w.before.frame.EDX & 0xffff)
  end,
  FRAME_ESP = function(w, seen, must, was)
    if #w.stack == 6 and seen ~= was and was - seen < 64 then return "The program's stack is not for ring 0: take VCPU_ESP0." end
    if #w.stack == 4 and math.abs(w.cpu.ESP0 - seen) < 64 then
      return "It was in ring 0, so its stack stays. VCPU_ESP0 is for ring 3."
    end
    return #w.stack > 0 and string.format("It must point to the error code, the last of %d words.", #w.stack)
  end,
  FRAME_EIP = function(w, seen, must)
    if #w.stack == 0 then
      return seen == w.before.frame.EIP and "The same instruction would be executed again."
        or string.format("The instruction at %s has %d byte%s.", hex(w.before.frame.EIP), w.length, w.length == 1 and "" or "s")
    end
    return seen == w.low and "That is the gate's first word: the upper half of the offset is in the second."
      or seen == w.high and "That is the gate's second word: only its upper half belongs to the offset."
      or seen == must & 0xffff and "The upper half of the offset is missing: it is in the gate's last two bytes."
      or string.format("Gate 13 is at VCPU_IDT_BASE + 13 * 8, %s.", hex(w.gate))
  end,
  EFLAGS = function(w, seen, must)
    return (seen ~ must) & IF ~= 0 and string.format("VCPU_IF is %d, so bit 9 must be %d. The virtual machine must not see the real "
      .. "IF.", w.before.cpu.IF, must >> 9 & 1)
  end,
  CS = function(w, seen) return seen & 3 ~= w.before.cpu.RING and "It says ring 3, and its kernel believes to be in ring 0." end,
  EIP = function(w, seen, must) return seen > must and seen < must + 8 and "#GP is a fault: the instruction was not executed." end,
  ["the error code"] = function(w, seen) return seen == 0 and "FRAME_ERROR has what the CPU told." end,
  VCPU_IF = function(w, seen)
    return #w.stack > 0 and "Through an interrupt gate, interrupts go off." or seen == IF and "It is 0 or 1."
  end,
  VCPU_RING = function() return "Its handler runs in ring 0: else its next `cli` would be a program's." end,
  VCPU_IDT_LIMIT = function(w, seen, must) return seen & 0xffff == must and "The limit has two bytes: the base is behind them." end,
  VCPU_IDT_BASE = function(w, seen, must) return seen & 0xffff == must >> 16 and "The base begins two bytes behind the address." end,
  MAILBOX_ARGUMENT = function(w, seen, must) return seen & 0xff == must and "The character has one byte: the others must be 0." end,
  MAILBOX_REQUEST = function(w, seen)
    return seen == OUTPUT and string.format("DX is 0x%04x, not CONSOLE_PORT.", w.before.frame.EDX & 0xffff)
  end,
}

-- What a number is, if it stands elsewhere.
local function what_is(w, seen)
  for prefix, list in pairs{FRAME_ = w.before.frame, VCPU_ = w.before.cpu} do
    for name, value in pairs(list) do
      if value == seen and value > 3 then return string.format("That is %s%s.", prefix, name) end
    end
  end
end

local function compared(w, name, about, seen, must, was)
  if seen == must or string.find(name, "EFLAGS") and (seen ~ must) & ~RF_NT_TF == 0 then return end
  local said = hints[name] and hints[name](w, seen, must, was) or seen == was and "It was not written."
    or was == must and "It must stay as it was." or what_is(w, seen) or ""
  return string.format("%s%s is %s, must be %s. %s%s", name, about, hex(seen), hex(must), said, operands_text(w))
end

local function effects(s, w, a)
  local b, list = w.before, {}
  local function add(prefix, names, at, part)
    for i, name in ipairs(names) do
      if name ~= "EIP" and name ~= "UNUSED" then
        list[#list + 1] = {prefix .. name, "", a[part][name], w[part][name], b[part][name], at = at + 4 * i - 4}
      end
    end
  end
  add("FRAME_", frame_words, s.frame, "frame")
  for i, one in ipairs(w.stack) do
    local at = w.frame.ESP + 4 * i - 4
    list[#list + 1] = {one[1], " on the virtual machine's stack", string.unpack("<I4", a.guest, at - s.guest + 1), one[2],
      string.unpack("<I4", b.guest, at - s.guest + 1), at = at}
  end
  add("VCPU_", cpu_words, s.vcpu, "cpu")
  add("MAILBOX_", {"REQUEST", "ARGUMENT"}, MAILBOX, "mailbox")
  list[#list + 1] = {"FRAME_EIP", "", a.frame.EIP, w.frame.EIP, b.frame.EIP, at = s.frame + 44}
  for _, one in ipairs(list) do
    local text = compared(w, table.unpack(one))
    if text then return text, one.at end
  end
  local at, size = w.frame.ESP - s.guest, 4 * #w.stack
  local wanted = string.sub(b.guest, 1, at) .. string.sub(a.guest, at + 1, at + size) .. string.sub(b.guest, at + size + 1)
  for i = 1, a.guest == wanted and 0 or #wanted do
    if string.byte(a.guest, i) ~= string.byte(wanted, i) then
      local where = s.guest + i - 1
      return string.format("The virtual machine's memory at %s was written to.", hex(where)), where & ~3
    end
  end
end

-- -- one call of emulate() --------------------------------------------------------------------------

-- Stands at call_site. Returns nil, or what is wrong, and in which part.
local function call_judge(s)
  local lab = s.lab
  s.frame = lab:word(lab:reg("esp"))
  local w = promise(s, state(s))
  local b = w.before
  local about = string.format("The virtual machine executes \"%s\" at %s; VCPU_RING is %d, VCPU_IF %d. ",
    lab:disasm(b.frame.EIP), hex(b.frame.EIP), b.cpu.RING, b.cpu.IF)
  local at = lab:run_to_linear{s.symbols.returned, s.symbols.protection, s.symbols.finished}
  if at ~= s.symbols.returned then
    return about .. routine_lost(lab, s.program, "emulate()", b.mark, LIMIT, {s.guest, GUEST_BYTES}), w.part
  end
  local a = state(s)
  for _, rule in ipairs{around, called, way, effects} do
    local text, spot = rule(s, w, a)
    if text then return about .. text .. writer_find(lab, s.program, b.mark, a.mark, spot), w.part end
  end
end

-- Nobody calls emulate() here: the CPU executes popf alone. What was said of it?
local function popf_judge(s)
  local said = s.symbols.answer_popf
  if said == 3 then return end
  s.lab:run_to_linear(s.popf)
  s.lab:step(1)
  local seen = ({"popf raised no #GP: it was executed, and emulate() was not called.",
    "IOPL is 0, so ring 3 cannot change the real IF: behind popf, it is still set."})[said]
  seen = seen or "Write the number of one of the three answers."
  return string.format("answer_popf is %s. %s", said or "not there", seen), "popf"
end

-- -- the check ----------------------------------------------------------------------------------------

-- Returns nil, or what is wrong, and in which part.
local function scenario_judge(s)
  for _, one in ipairs(s.rows) do
    local text, part = nil, nil
    if one.part == "popf" then text, part = popf_judge(s) end
    while not text do
      local at = s.lab:run_to_linear{s.symbols.call_site, s.symbols.finished}
      if not at then return "The virtual machine does not go on.", one.part end
      if at == s.symbols.finished then break end
      text, part = call_judge(s)
    end
    if text then return text, part end
  end
end

function check(submission)
  check_parts(submission, parts, scenarios, {"emulate"}, scenario_make, scenario_enter, scenario_judge)
end

quiz = quiz_of{ask.vector, ask.gate, ask.handler_stack, ask.return_address}
