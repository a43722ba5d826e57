-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Gates and stacks"
minutes = 90
points = 20
file = "gates.s"
blank = {"gate", "stack", "table", "divide", "protection", "page", "call", "save", "handle", "restore", "enter"}

local CODE, PLAN, STACKS = 0x200000, 0x280000, 0x2c0000 -- offsets in the kernel half
local TABLES, TSS, TABLES_BYTES = 0x1000, 0x500, 0x568
local IDT, SCRATCH, GATES, RESULTS, ROWS = 0x800, 0x1000, 0x1800, 0x1a00, 0x2000 -- offsets in the plan
local NOWHERE = 0x70000000                        -- nothing is mapped there
local IDT_BYTES, IDT_LIMIT, LIMIT = 2048, 0xf0 * 8 - 1, 20000
local IF, DF = 0x200, 0x400
local HLT = "\xf4"
local RF = 0x10000                                -- the CPU pushes it set for a fault, so that no breakpoint comes twice
local general = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"}
local callers = {"ebx", "esi", "edi", "ebp"}
local order = {"es", "ds", "edi", "esi", "ebp", false, "ebx", "edx", "ecx", "eax", "vector", "error code", "eip", "cs", "eflags",
               "esp", "ss"} -- the frame, four bytes each

local scenarios = {
  {kernel_linear = 0xc0000000, others = 0, user = 0x08048000, call_vector = 0x80},
  {kernel_linear = 0xa0000000, others = 1, user = 0x30001000, call_vector = 0x41},
}

-- In this order, and for each: what it is worth, what it is about, and what must be right before it can be judged.
local parts = {
  {"gate", 4, "gate_set() fills a gate"}, {"table", 2, "each vector has its gate", "gate"},
  {"stack", 2, "the TSS names the stack of ring 0"}, {"kernel", 5, "a trap in ring 0 comes in, and goes back"},
  {"enter", 3, "user_enter() begins ring 3"}, {"user", 4, "a trap in ring 3 comes in, and goes back", "kernel"},
}
-- What the parts need of gates.s.
local needed = {
  gate = {"gate_set"}, table = {"gate_table"}, stack = {"ring0_stack_set"}, enter = {"user_enter"},
  kernel = {"entry_divide", "entry_protection", "entry_page", "entry_call"},
}

-- -- the plan -----------------------------------------------------------------------------------

local function any(first, last) return math.random(first, last) end

local function vectors(s)
  return {
    {0, "entry_divide", 0}, {13, "entry_protection", 0}, {14, "entry_page", 0}, {s.scenario.call_vector, "entry_call", 3},
  }
end

-- What happens at the places in harness.s: which vector comes, with which error code in ring 0 and in ring 3, and what it is.
-- `int` goes on behind itself; what faults must be told to.
local function places(s)
  return {
    call = {s.scenario.call_vector, nil, nil, "int $CALL_VECTOR", goes_on = {kernel = true, user = true}},
    divide = {0, nil, nil, "a division by zero"},
    read = {14, 0, 4, "a read where nothing is mapped"},
    write = {14, 2, 6, "a write where nothing is mapped"},
    kernel = {14, nil, 7, "a write to the kernel's memory"},
    halt = {13, nil, 0, "hlt, which ring 3 may not execute"},
    int0 = {0, nil, nil, "int $0", goes_on = {kernel = true}}, -- in ring 3: #GP, see below
    int13 = {13, nil, 13 * 8 + 2, "int $13, which ring 3 may not use"},
    int14 = {13, nil, 14 * 8 + 2, "int $14, which ring 3 may not use"},
    beyond = {13, 0xf0 * 8 + 2, 0xf0 * 8 + 2, "int $0xf0, for which the IDT has no gate"},
  }
end

local sequence = {
  kernel = {"call", "divide", "beyond", "read", "int0", "write", "call", "beyond", "divide"},
  user = {"call", "divide", "halt", "read", "call", "int13", "write", "int14", "kernel", "beyond", "call"},
}

local function traps_make(s, ring)
  local list, known = {}, places(s)
  for _, site in ipairs(sequence[ring]) do
    local place = known[site]
    local row = {
      ring = ring, site = site, part = ring, vector = place[1], error_code = place[ring == "user" and 3 or 2] or 0,
      about = place[4], at = s.symbols[ring .. "_" .. site] + (ring == "user" and s.moved or 0),
      back = s.symbols[ring .. "_" .. site .. "_back"] + (ring == "user" and s.moved or 0), result = any(0x10000000, 0x7fffffff),
    }
    if ring == "user" and site == "int0" then row.vector, row.error_code = 13, 2 end
    local goes_on = place.goes_on and place.goes_on[ring]
    row.skip = goes_on and 0 or row.back - row.at
    row.eip = goes_on and row.back or row.at
    for _, name in ipairs(general) do row[name] = any(0x10000000, 0x7fffffff) end
    row.eflags = 2 | any(0, 1) | any(0, 1) << 6 | any(0, 1) << 7 | any(0, 1) << 11 | (#list == 0 and 0 or any(0, 1)) << 10
    row.cs = s.selector[ring .. "-code"]
    row.ss = s.selector[ring .. "-data"]
    local choice = ring == "user" and {row.ss, s.selector.fs, s.selector.gs}
      or {row.ss, s.selector["kernel-more"], s.selector["user-data"]}
    row.ds, row.es = choice[any(1, 3)], choice[any(1, 3)]
    row.esp = (ring == "user" and s.user_data + 0x800 or s.base + STACKS + 0x800) + 4 * any(0, 0x1c0)
    row.frame = ring == "user" and s.top - 68 or row.esp - 60
    list[#list + 1] = row
  end
  return list
end

local function rows_pack(s, list, done)
  local packed = {}
  for i, row in ipairs(list) do
    packed[i] = string.pack("<I4I4I4I4I4I4I4I4I4I4I4I4", row.at, row.eflags, row.ds, row.es, row.eax, row.ebx, row.ecx, row.edx,
                            row.esi, row.edi, row.ebp, row.esp)
  end
  packed[#packed + 1] = string.pack("<I4I4I4I4I4I4I4I4I4I4I4I4", done, 2, list.data, list.data, 0, 0, 0, 0, 0, 0, 0, list.esp)
  return table.concat(packed)
end

-- -- building -----------------------------------------------------------------------------------

local function gate_bytes(s, handler, dpl)
  return string.pack("<I2I2I1I1I2", handler & 0xffff, s.selector["kernel-code"], 0, 0x8e | dpl << 5, handler >> 16)
end

local function lab_make(scenario)
  local lab = worldswitch.lab{memory = 2 << 20, limit = LIMIT}
  for i = 1, scenario.others do lab:world{name = "other" .. i} end
  local world = lab:world{name = "host", kernel_linear = scenario.kernel_linear}
  return lab, world, world:kernel_linear()
end

-- What stays the same if a part is left out.
local function scenario_make(scenario, submission)
  local s = {scenario = scenario, selector = {}}
  local _, world, base = lab_make(scenario)
  for _, use in ipairs{"kernel-code", "kernel-data", "kernel-more", "user-code", "user-data", "fs", "gs"} do
    s.selector[use] = world:selector(use)
  end
  s.base, s.plan, s.tables = base, base + PLAN, base + TABLES
  s.user_data, s.top = scenario.user + 0x3000, base + STACKS + 0x2000 - 16 * any(0, 16)
  s.idt, s.scratch = s.plan + IDT, s.plan + SCRATCH
  s.program = submission:link{
    at = base + CODE, with = {"harness.s"},
    symbols = {
      KERNEL_CODE = s.selector["kernel-code"], KERNEL_DATA = s.selector["kernel-data"], USER_CODE = s.selector["user-code"],
      USER_DATA = s.selector["user-data"], tss = s.tables + TSS, TSS_ESP0 = 4, TSS_SS0 = 8, CALL_VECTOR = scenario.call_vector,
      NOWHERE = NOWHERE, TABLE_ROWS = 8, given = s.plan, idt = s.idt, first_gate = s.plan + GATES,
      first_result = s.plan + RESULTS, first_kernel = s.plan + ROWS, step_user = s.user_data,
    },
  }
  s.symbols = s.program.symbols
  s.moved = scenario.user - s.symbols.user_begin
  s.caller = {}
  for _, name in ipairs(callers) do s.caller[name] = any(0x10000000, 0x7fffffff) end
  s.gates = {}
  for i, dpl in ipairs{0, 3, any(1, 2), 0} do
    s.gates[i] = {vector = i == 1 and 0 or any(1, 0xef), handler = any(0x80000000, 0xffffffff), dpl = dpl, part = "gate"}
  end
  s.traps = {kernel = traps_make(s, "kernel"), user = traps_make(s, "user")}
  return s
end

local function lacks(s, part)
  for _, name in ipairs(needed[part] or {}) do
    local text = label_wrong(s.program, name)
    if text then return text end
  end
end

-- The program. What the harness supplies for a part that is left out is there only then: no submission can use it.
local function code_make(s, failed)
  local code, first = s.program.bytes, s.base + CODE
  for _, part in ipairs{"stack", "enter"} do
    local from, to = s.symbols[part .. "_supplied"] - first, s.symbols[part .. "_supplied_end"] - first
    if not failed[part] then code = string.sub(code, 1, from) .. string.rep(HLT, to - from) .. string.sub(code, to + 1) end
  end
  return code
end

-- The laboratory, without those parts that have failed.
local function scenario_enter(s, failed)
  local lab, world, base = lab_make(s.scenario)
  local symbols = s.symbols
  local code = code_make(s, failed)
  s.lab, s.number = lab, 0
  s.user_eip, s.user_esp = s.scenario.user, s.user_data + 0xf00 + 4 * any(0, 32)
  local function unless(part, value) return failed[part] and 0 or value or 0 end
  local given = string.pack("<I4I4I4I4I4I4I4I4I4I4I4I2I4", unless("gate", symbols.gate_set), unless("stack", symbols.ring0_stack_set),
    unless("gate", unless("table", symbols.gate_table)), unless("enter", symbols.user_enter), s.top, s.user_eip, s.user_esp,
    s.caller.ebx, s.caller.esi, s.caller.edi, s.caller.ebp, IDT_LIMIT, s.idt)
  local gates, idt, results = {}, {}, {}
  for i, gate in ipairs(failed.gate and {} or s.gates) do
    gates[i] = string.pack("<I4I4I4I4", s.scratch, gate.vector, gate.handler, gate.dpl)
  end
  for i = 0, IDT_BYTES // 8 - 1 do idt[i + 1] = gate_bytes(s, symbols.other, 0) end
  for _, row in ipairs(vectors(s)) do
    local right = gate_bytes(s, symbols[row[2]] or symbols.other, row[3])
    idt[row[1] + 1] = (failed.gate or failed.table) and right or string.pack("<I8", any(1, 0x7fffffff) << 16 | 0xf9)
  end
  local first = {
    kernel = failed.kernel and {} or s.traps.kernel, user = (failed.kernel or failed.user) and {} or s.traps.user,
  }
  for _, ring in ipairs{"kernel", "user"} do
    for _, row in ipairs(first[ring]) do results[#results + 1] = string.pack("<I4I4", row.skip, row.result) end
    first[ring].data, first[ring].esp = s.selector[ring .. "-data"], ring == "user" and s.user_esp or base + STACKS + 0x1000
  end
  s.run = first
  s.idt_before = table.concat(idt)
  s.scratch_before = string.rep("\xa5\x5a\xff", IDT_BYTES // 3 + 1):sub(1, IDT_BYTES)
  s.fixed = { -- what nobody may change
    {s.plan, given}, {s.plan + GATES, table.concat(gates) .. "\0\0\0\0"}, {s.plan + RESULTS, table.concat(results)},
    {s.plan + ROWS, rows_pack(s, first.kernel, symbols.kernel_done)},
  }
  world:map(s.plan, 0x3000, "w")
  world:map(base + STACKS, 0x2000, "w")
  world:map(base + CODE, (#s.program.bytes + 4095) // 4096 * 4096, "w")
  world:map(s.scenario.user, 0x1000, "u")
  world:map(s.user_data, 0x1000, "wu")
  world:write(base + CODE, code)
  for _, block in ipairs(s.fixed) do world:write(block[1], block[2]) end
  world:write(s.idt, s.idt_before)
  world:write(s.scratch, s.scratch_before)
  world:write(s.user_data, string.pack("<I4", s.user_data + 16))
  world:write(s.user_data + 16, rows_pack(s, first.user, symbols.user_done + s.moved))
  world:write(s.scenario.user, string.sub(code, symbols.user_begin - base - CODE + 1, symbols.user_end - base - CODE))
  local from = symbols.start - base - CODE
  s.fixed[#s.fixed + 1] = {symbols.start, string.sub(code, from + 1, symbols.step_gate - base - CODE)}
  lab:symbols(s.program)
  world:set{eip = symbols.start, eflags = 2}
  lab:enter(world)
end

-- -- telling -----------------------------------------------------------------------------------

-- "gates.s:24, "iret""; where the submission has no such line, the label of harness.s, or the address.
local function place(s, linear)
  local place = source_place(s.program, linear)
  if place then return place end
  if linear >= s.symbols.start and linear < s.symbols.submission_text_begin then
    return hex(linear) .. ", in the code around yours"
  end
  if linear >= s.base + CODE + #s.program.bytes and linear < s.plan then
    return "the end of " .. file .. ": nothing is behind it, so that a `jmp`, `ret` or `iret` is missing"
  end
  return hex(linear)
end

local function name_of(what)
  return (what == "error code" or what == "vector") and "the " .. what or string.upper(what)
end

-- -- what can be wrong ------------------------------------------------------------------------------

-- GDT, LDT and TSS. The CPU sets a descriptor's accessed bit, the lowest of byte 5, when it is loaded: here all have it.
local function tables_read(s)
  local bytes = s.lab:mem(s.tables, TABLES_BYTES)
  local descriptors = string.gsub(string.sub(bytes, 1, TSS), "(.....)(.)(..)", function(before, kind, after)
    return before .. string.char(string.byte(kind) | 1) .. after
  end)
  return descriptors .. string.sub(bytes, TSS + 1)
end

-- What surrounds the submission, and the GDT, LDT and TSS, which it has filled by then. If they changed, nothing else says
-- anything.
local function around(s)
  for _, block in ipairs(s.fixed) do
    if s.lab:mem(block[1], #block[2]) ~= block[2] then
      return "The code around your routines, or its plan, was overwritten. Write to the gate, to the TSS, to your own data and to "
        .. "the stack only."
    end
  end
  if s.idt_now and s.lab:mem(s.idt, IDT_BYTES) ~= s.idt_now then return "The IDT was changed. Only gate_set() does that." end
  if s.tables_now and tables_read(s) ~= s.tables_now then
    return "The page of tables was changed, with GDT, LDT and TSS. Only ring0_stack_set() writes to the TSS, and none to the others."
  end
end

local function caller_judge(s, regs, esp)
  if regs.esp ~= esp then
    local words = (regs.esp - esp) // 4
    return string.format("It returned with ESP at %s, must be %s: %d %s %s than pushed.", hex(regs.esp), hex(esp), math.abs(words),
      math.abs(words) == 1 and "word" or "words", words < 0 and "less popped" or "more popped")
  end
  for _, name in ipairs(callers) do
    if regs[name] ~= s.caller[name] then
      return string.format("%s is %s afterwards and was %s: it is the caller's.", string.upper(name), hex(regs[name]),
        hex(s.caller[name]))
    end
  end
  if regs.eflags & IF ~= 0 then return "IF is set: the caller has interrupts off." end
end

-- What is wrong with the 8 bytes of a gate.
local function gate_text(s, bytes, handler, dpl)
  local low, selector, zero, kind, high = string.unpack("<I2I2I1I1I2", bytes)
  local is = high << 16 | low
  local function say(what, ...) return string.format(what, ...) end
  if is ~= handler and is == handler >> 16 | (handler & 0xffff) << 16 then
    return say("The halves of the offset are swapped: it is %s, must be %s. Bytes 0 and 1 hold bits 0 to 15.", hex(is), hex(handler))
  end
  if low ~= handler & 0xffff then
    return say("Bytes 0 and 1 hold 0x%04x, must be 0x%04x: bits 0 to 15 of the handler's offset.", low, handler & 0xffff)
  end
  if selector ~= s.selector["kernel-code"] then
    return say("Bytes 2 and 3, the selector, hold 0x%04x, must be 0x%04x, KERNEL_CODE.%s", selector, s.selector["kernel-code"],
      selector == s.selector["kernel-data"] and " That is KERNEL_DATA: a handler is code." or "")
  end
  if high ~= handler >> 16 then
    return say("Bytes 6 and 7 hold 0x%04x, must be 0x%04x: bits 16 to 31 of the handler's offset.%s", high, handler >> 16,
      high == handler & 0xffff and " Shift it by 16 first." or "")
  end
  local must = 0x8e | dpl << 5
  if kind ~= must then
    local text = say("Byte 5 is 0x%02x, must be 0x%02x.", kind, must)
    if kind & 0x80 == 0 then return text .. " Bit 7 is clear: the gate is not present." end
    if kind == 0x8e | dpl or kind == 0x8e + dpl then return text .. " DPL goes to bits 5 and 6: shift it." end
    if kind & 0x1f == 0x0f then return text .. " 0x0f is a trap gate: it leaves interrupts on in the handler." end
    if kind == 0x8e | dpl << 4 or kind == 0x8e + (dpl << 4) or kind == 0x8e | dpl << 6 & 0xff then
      return text .. " DPL goes to bits 5 and 6: shift it by 5."
    end
    if kind & 0x1f ~= 0x0e then
      return say("%s Bits 0 to 4 are the type, 0x0e, and are 0x%02x.", text, kind & 0x1f)
    end
    return say("%s DPL, bits 5 and 6, is %d, must be %d.", text, kind >> 5 & 3, dpl)
  end
  if zero ~= 0 then return say("Byte 4 is 0x%02x, must be 0.", zero) end
end

-- Which gate of a table of gates changed that should not have? nil: none.
local function gate_changed(before, after, but)
  for i = 0, IDT_BYTES // 8 - 1 do
    if not but[i] and string.sub(before, i * 8 + 1, i * 8 + 8) ~= string.sub(after, i * 8 + 1, i * 8 + 8) then return i end
  end
end

local function gate_judge(s, gate, regs)
  local after = s.lab:mem(s.scratch, IDT_BYTES)
  local bytes = string.sub(after, gate.vector * 8 + 1, gate.vector * 8 + 8)
  local other = gate_changed(s.scratch_before, after, {[gate.vector] = true})
  local text = gate_text(s, bytes, gate.handler, gate.dpl)
  if other and text then
    return string.format("The gate of vector %d was written, not that of %d: each gate has 8 bytes, from idt on.", other, gate.vector)
  end
  if other then return string.format("The gate of vector %d was changed, too. Write 8 bytes only.", other) end
  if text and bytes == string.sub(s.scratch_before, gate.vector * 8 + 1, gate.vector * 8 + 8) then
    return "The gate was not written."
  end
  if text then return text end
  s.scratch_before = after
  return caller_judge(s, regs, s.esp - 16)
end

-- The table as it is, before gate_set() is called for its rows.
local function table_judge(s)
  local seen, linear, done = {}, s.symbols.gate_table
  for i = 0, 7 do
    local at = linear + i * 12
    local vector = s.lab:word(at)
    done = vector == 0xffffffff
    if done then break end
    if not vector or vector >= IDT_BYTES // 8 then
      return string.format("Row %d of gate_table has no vector: a row has three words, and -1 ends the table.", i + 1)
    end
    seen[vector] = {handler = s.lab:word(at + 4), dpl = s.lab:word(at + 8)}
  end
  for _, row in ipairs(vectors(s)) do
    local is, name = seen[row[1]], row[1] == s.scenario.call_vector and "CALL_VECTOR" or "vector " .. row[1]
    if not is then return string.format("gate_table has no row for %s.", name) end
    if is.handler ~= s.symbols[row[2]] then return string.format("The handler of %s must be %s.", name, row[2]) end
    if is.dpl ~= row[3] then
      return string.format("The DPL of %s is %d, must be %d: %s", name, is.dpl, row[3], row[3] == 3
        and "`int` in ring 3 must come in there. With DPL 0 it gives #GP." or is.dpl == 3
        and "a program in ring 3 could use `int` to pretend that exception. Exceptions do not ask DPL." or "it is 0 or 3.")
    end
  end
  if not done then return "gate_table has more than four rows, or no row of -1 at its end." end
end

local function idt_judge(s)
  local after, but = s.lab:mem(s.idt, IDT_BYTES), {}
  for _, row in ipairs(vectors(s)) do
    but[row[1]] = true
    local text = gate_text(s, string.sub(after, row[1] * 8 + 1, row[1] * 8 + 8), s.symbols[row[2]], row[3])
    if text then return string.format("The gate of vector %d: %s", row[1], text) end
  end
  local other = gate_changed(s.idt_before, after, but)
  if other then return string.format("The gate of vector %d was changed, too. The table has four rows, and a row of -1.", other) end
end

local function stack_judge(s, regs)
  local esp0, ss0 = s.lab:word(s.tables + TSS + 4), s.lab:word(s.tables + TSS + 8) & 0xffff
  if esp0 ~= s.top then
    return string.format("ESP0 is %s, must be %s. %s", hex(esp0), hex(s.top), esp0 == 0x0badbad0 and "It was not written."
      or esp0 == s.caller.ebx and "That was in EBX." or esp0 == s.selector["kernel-data"] and "That is KERNEL_DATA: it goes to SS0."
      or math.abs(esp0 - s.top) <= 16 and "It is top itself." or "The argument is at 4(%esp), and each push moves it.")
  end
  if ss0 ~= s.selector["kernel-data"] then
    return string.format("SS0 is 0x%04x, must be 0x%04x, KERNEL_DATA. %s", ss0, s.selector["kernel-data"], ss0 == 0
      and "It was not written: it is at TSS_SS0." or "A stack is data, of ring 0.")
  end
  local after = tables_read(s)
  for i = 1, #after do
    if string.byte(after, i) ~= string.byte(s.tables_before, i) and not (i > TSS + 4 and i <= TSS + 12) then
      return string.format("Byte %d of the %s changed. Only ESP0 and SS0 are yours.", i > TSS and i - 1 - TSS or i - 1, i > TSS
        and "TSS" or "page of tables, in GDT or LDT,")
    end
  end
  return caller_judge(s, regs, s.esp - 4)
end

-- -- traps ------------------------------------------------------------------------------------------------

-- What an iret that faults has found on the stack.
local function iret_text(s, esp, must, names)
  local below = must - esp
  if below == 4 or below == 8 then
    return string.format(" `iret` takes the %s for EIP: drop vector and error code before it, 8 bytes.",
      below == 4 and "error code" or "vector")
  end
  if below ~= 0 then
    return string.format(" EIP is at %s, and ESP is %s, %d bytes %s: pop as many words as you push.", hex(must), hex(esp),
      math.abs(below), below > 0 and "below" or "above")
  end
  return " The words that `iret` pops are not as they were."
end

local segment_instructions = "^%a*[:%s]*%a*%s*[%%%w]*,?%s*%%([de]s)$"

-- An exception came in the entry code, or on the way back. What was the first cause? nil: none did.
local function nested(s, row, from, to)
  s.lab:seek(from)
  local event = s.lab:run_to_event("vector")
  if event and event.before == row.at and not s.in_handler then
    s.lab:step(1)
    event = s.lab:run_to_event("vector")
    if event and event.before == row.at then
      return string.format("%s comes again, at the same instruction: handle(), which would change EIP in the frame, was not called.",
        event.name), s.lab:mark()
    end
  end
  if not event or to and event.mark >= to then return end
  local mark, line, text = s.lab:mark(), source_line(s.program, event.before)
  local said = string.format("It ends in %s at %s.", vector_name(event), place(s, event.before))
  local esp = s.lab:reg("esp")
  if line and string.find(text, "iret") then
    said = said .. iret_text(s, esp, row.frame + 48)
  elseif line and event.which == 13 and string.match(text, segment_instructions) then
    said = said .. " What it loads is no selector: pop in the other order than you push, and as much."
  elseif not line and event.before ~= row.at and not string.find(said, "missing") then
    said = said .. " That is no code of yours: is the stack at each `ret` and `iret` as it must be?"
  end
  s.lab:step(1)
  if event.which == 14 then
    local cr2 = s.lab:reg("cr2")
    said = string.format("%s It accesses %s.%s", said, hex(cr2), dollar_text(text, cr2) or "")
  end
  return said, mark
end

local function lost(s, row, from, how)
  if s.lab:reg("cr3") ~= s.was.cr3 then return "CR3 changed. Leave it as it is.", s.lab:mark() end
  local text, mark = nested(s, row, from)
  if text then return text, mark end
  local halt = s.lab:halt()
  if halt and halt.reason == "LIMIT" then return "It does not come back: it was executing after 20,000 instructions.", from end
  return string.format("It does not come back: %s, at %s.", halt and halt.text or how,
    place(s, halted_at(s.lab))), s.lab:mark()
end

-- Is this value another one's?
local function owner(row, value, but)
  for _, name in ipairs{"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "ds", "es"} do
    if name ~= but and row[name] == value then return string.format(" That is %s.", string.upper(name)) end
  end
  return ""
end

-- At handle(): is the frame as the comment draws it?
local function frame_judge(s, row, regs)
  local given = s.lab:word(regs.esp + 4)
  local words = {}
  for i = 1, row.ring == "user" and 17 or 15 do words[i] = s.lab:word(row.frame + (i - 1) * 4) end
  local must = {vector = row.vector, ["error code"] = row.error_code, eip = row.eip, cs = row.cs, esp = row.esp, ss = row.ss,
                es = row.es, ds = row.ds, eflags = row.eflags | (row.ring == "user" and IF or 0)}
  for _, name in ipairs(general) do must[name] = row[name] end
  local stub = row.vector == s.scenario.call_vector and "entry_call" or row.vector == 0 and "entry_divide" or row.vector == 13
    and "entry_protection" or "entry_page"
  for i = #words, 1, -1 do
    local name = order[i]
    local short = name == "ds" or name == "es" or name == "cs" or name == "ss"
    local is = words[i] and words[i] & (short and 0xffff or name == "eflags" and ~RF or -1)
    if name and is ~= must[name] then
      local text = string.format("%s is %s in the frame, at offset %d, must be %s.", name_of(name), is and hex(is) or "not there",
        i * 4 - 4, hex(must[name]))
      local pushed = row.vector == 13 or row.vector == 14
      if name == "vector" and is == row.eax then
        return string.format("%s That is EAX: a word is missing above it. For vector %d the CPU pushes %s in %s.", text, row.vector,
          pushed and "an error code: push the vector" or "no error code: push a 0, then the vector", stub)
      end
      if name == "error code" and is == row.vector and not pushed then
        return string.format("%s That is the vector: the CPU pushes no error code for vector %d, so %s pushes a 0 first.", text,
          row.vector, stub)
      elseif name == "error code" or name == "vector" and is == 0 then
        return string.format("%s For vector %d the CPU %s in %s.", text, row.vector, pushed
          and "pushes an error code itself: push the vector only" or "pushes no error code: push a 0, then the vector", stub)
      elseif name == "vector" then
        return string.format("%s %s pushes it.", text, stub)
      end
      local more = given and (row.frame - given) // 4 or 0
      if more > 0 and s.lab:word(given + 36) == row.eax and s.lab:word(given + 8) == row.edi then
        return string.format("%s The frame begins %d %s lower than it must: %s pushes too much, or goes on into the entry behind it. "
          .. "Each entry ends with `jmp entry_common`.", text, more, more == 1 and "word" or "words", stub)
      end
      return text .. owner(row, is, name)
    end
  end
  if given ~= row.frame then
    return string.format("handle() is given %s, must be given %s, where the frame begins: push that address last, right before the "
      .. "call.", given and hex(given) or "nothing", hex(row.frame))
  end
  for _, name in ipairs{"ds", "es"} do
    if regs[name] ~= s.selector["kernel-data"] then
      return string.format("%s is 0x%04x in handle(), must be 0x%04x, KERNEL_DATA.%s", string.upper(name), regs[name],
        s.selector["kernel-data"], regs[name] == row[name] and " It is what it was at the trap." or "")
    end
  end
  if regs.eflags & DF ~= 0 then return "DF is set in handle(), as it was at the trap. C relies on it being clear: cld." end
  if regs.eflags & IF ~= 0 then return "IF is set in handle(): the entry code must leave interrupts off." end
end

-- Behind the trap: is all as it was?
local function back_judge(s, row, regs)
  if regs.cs ~= row.cs then
    return string.format("CS is 0x%04x, must be 0x%04x: ring %d goes on in ring %d. Go back with `iret`.", regs.cs, row.cs,
      row.cs & 3, regs.cs & 3)
  end
  if regs.esp ~= row.esp then
    local words = (row.esp - regs.esp) // 4
    return string.format("ESP is %s, must be %s: %d %s %s.", hex(regs.esp), hex(row.esp), math.abs(words),
      math.abs(words) == 1 and "word was" or "words were", words > 0 and "left on the stack. `iret` pops EIP, CS and EFLAGS; `ret` "
      .. "pops EIP alone" or "popped that are not the trap's")
  end
  if regs.eax ~= row.result then
    return string.format("EAX is %s, must be %s: that is what handle() has put into the frame.%s", hex(regs.eax), hex(row.result),
      regs.eax == row.eax and " It is what it was at the trap: take it from the frame." or regs.eax == 0x5eed0001
      and " handle() lost it, as any C function may." or owner(row, regs.eax))
  end
  for _, name in ipairs(general) do
    if name ~= "eax" and regs[name] ~= row[name] then
      local lost = regs[name] == 0x5eed0002 or regs[name] == 0x5eed0003
      return string.format("%s is %s after the trap and was %s.%s", string.upper(name), hex(regs[name]), hex(row[name]),
        lost and " handle() lost it, as any C function may: take it from the frame." or owner(row, regs[name], name))
    end
  end
  for _, name in ipairs{"ds", "es"} do
    if regs[name] ~= row[name] then
      return string.format("%s is 0x%04x after the trap and was 0x%04x.%s", string.upper(name), regs[name], row[name],
        regs[name] == 0 and " The CPU clears a kernel segment on the way to ring 3: take it from the frame."
        or regs[name] == s.selector["kernel-data"] and " It is still KERNEL_DATA: take it from the frame."
        or owner(row, regs[name], name))
    end
  end
  local must = row.eflags | (row.ring == "user" and IF or 0)
  if regs.eflags & ~RF ~= must then
    return string.format("EFLAGS is %s after the trap and was %s. `iret` takes it from the stack.", hex(regs.eflags), hex(must))
  end
  for _, name in ipairs{"fs", "gs", "cr3", "cr0", "cr4", "gdtr.base", "idtr.base", "tr", "ldtr"} do
    if regs[name] ~= s.was[name] then return string.upper(name) .. " changed. Leave it as it is." end
  end
end

local function trap_judge(s, row)
  local from = s.lab:mark()
  s.in_handler = false
  if row.ring == "kernel" then
    s.lab:run_to_linear(row.at)
    s.above = s.lab:mem(row.esp, 64)
  end
  local stops = {s.symbols.handle, row.back, s.symbols.other}
  local at, how = s.lab:run_to_linear(stops)
  if at == s.symbols.handle then
    local mark, regs = s.lab:mark(), s.lab:regs()
    local text = around(s)
    if text then return text, mark end
    text = frame_judge(s, row, regs)
    if text then
      local inside, where = nested(s, row, from, mark)
      s.lab:seek(mark)
      return inside or text, inside and where or mark
    end
    s.in_handler = true
    at, how = s.lab:run_to_linear(stops)
    if at ~= row.back then return lost(s, row, mark, how) end
    text = around(s) or back_judge(s, row, s.lab:regs()) or row.ring == "kernel" and s.lab:mem(row.esp, 64) ~= s.above
      and "The stack of what was interrupted was written to, above EFLAGS. There are no SS and ESP if the trap came in ring 0."
    if text then return text, s.lab:mark() end
    return
  end
  if at == row.back then return "It came back, and handle() was not called.", s.lab:mark() end
  return lost(s, row, from, how)
end

local function described(s, row)
  return string.format("trap %d, %s in ring %d", s.number, row.about, row.ring == "user" and 3 or 0)
end

local function traps_judge(s, ring)
  for i, row in ipairs(s.run[ring]) do
    s.number = i
    local text, mark = trap_judge(s, row)
    if text then return string.format("In %s: %s", described(s, row), text), mark end
  end
end

-- -- entering ring 3 ------------------------------------------------------------------------------------------

local function enter_judge(s)
  local from = s.lab:mark()
  local data = s.selector["user-data"]
  local want = {{"EIP", s.user_eip}, {"CS", s.selector["user-code"]}, {"EFLAGS", 0x202}, {"ESP", s.user_esp}, {"SS", data}}
  local at, how = s.lab:run_to_linear{s.user_eip, s.symbols.other, s.symbols.handle}
  if at ~= s.user_eip then
    s.lab:seek(from)
    local event = s.lab:run_to_event("vector")
    local mark = s.lab:mark()
    if not event then
      local halt = s.lab:halt()
      return string.format("Ring 3 was not entered: %s.", halt and (halt.reason == "LIMIT"
        and "it was executing after 20,000 instructions" or halt.text .. ", at " .. place(s, halted_at(s.lab))) or how), mark
    end
    local text = string.format("It ends in %s at %s.", vector_name(event), place(s, event.before))
    local line, instruction = source_line(s.program, event.before)
    if not line then
      return string.format("%s EIP must be %s.%s", text, hex(s.user_eip), event.before == s.user_esp
        and " That is esp: EIP and ESP are swapped." or ""), mark
    end
    if event.which == 14 then
      s.lab:step(1)
      local cr2 = s.lab:reg("cr2")
      return string.format("%s It accesses %s.%s", text, hex(cr2), dollar_text(instruction, cr2) or ""), mark
    end
    if string.find(instruction, "^lret") then
      return text .. " `lret` pops EIP, CS, ESP and SS, and no EFLAGS: end with `iret`.", mark
    end
    if not string.find(instruction, "iret") then return text, mark end
    local esp = s.lab:reg("esp")
    for i, word in ipairs(want) do
      local is = s.lab:word(esp + i * 4 - 4)
      if is ~= word[2] then
        return string.format("%s `iret` pops EIP, CS, EFLAGS, ESP and SS. It finds %s for %s, must be %s.", text,
          is and hex(is) or "nothing", word[1], hex(word[2])), mark
      end
    end
    return text, mark
  end
  local regs = s.lab:regs()
  if regs.cs ~= want[2][2] then
    return string.format("CS is 0x%04x, must be 0x%04x, USER_CODE: that is ring %d. The ring is in the two lowest bits of the CS "
      .. "that `iret` pops.", regs.cs, want[2][2], regs.cs & 3), s.lab:mark()
  end
  if regs.ss ~= data or regs.esp ~= s.user_esp then
    return string.format("SS:ESP is 0x%04x:%s, must be 0x%04x:%s.%s", regs.ss, hex(regs.esp), data, hex(s.user_esp),
      regs.esp == s.user_eip and " That is eip." or ""), s.lab:mark()
  end
  for _, name in ipairs{"ds", "es"} do
    if regs[name] ~= data then
      return string.format("%s is 0x%04x, must be 0x%04x, USER_DATA.%s", string.upper(name), regs[name], data, regs[name] == 0
        and " The CPU clears a kernel segment on the way to ring 3: load it before `iret`." or ""), s.lab:mark()
    end
  end
  if regs.eflags ~= 0x202 then
    return string.format("EFLAGS is %s, must be 0x00000202.%s", hex(regs.eflags), regs.eflags & IF == 0
      and " IF is clear: no interrupt could ever take the CPU from this program." or regs.eflags & 0x3000 ~= 0
      and " IOPL is not 0: ring 3 could turn interrupts off." or ""), s.lab:mark()
  end
  return around(s), s.lab:mark()
end

-- -- the check ----------------------------------------------------------------------------------------

local function call_run(s, returned)
  local from = s.lab:mark()
  local at, how = s.lab:run_to_linear{returned, s.symbols.other}
  if at == returned then return end
  s.lab:seek(from)
  local event = s.lab:run_to_event("vector")
  if event then
    local mark, _, code = s.lab:mark(), source_line(s.program, event.before)
    s.lab:step(1)
    local cr2 = s.lab:reg("cr2")
    return string.format("It ends in %s at %s.%s", vector_name(event), place(s, event.before), event.which == 14
      and string.format(" It accesses %s.%s", hex(cr2), dollar_text(code, cr2) or "") or ""), mark
  end
  local halt = s.lab:halt()
  return string.format("It did not return: %s.", halt and (halt.reason == "LIMIT"
    and "it was executing after 20,000 instructions" or halt.text .. ", at " .. place(s, halted_at(s.lab))) or how), s.lab:mark()
end

-- Returns nil, or what is wrong, at which mark, in which part.
local function scenario_judge(s, failed)
  s.idt_now, s.tables_now = nil, nil
  for _, part in ipairs(parts) do
    local lack = lacks(s, part[1])
    if lack and not failed[part[1]] then
      return lack, s.lab:mark(), part[1]
    end
  end
  s.lab:run_to_linear(s.symbols.gate_next)
  s.esp, s.was = s.lab:reg("esp"), s.lab:regs()
  for _, gate in ipairs(failed.gate and {} or s.gates) do
    local text, mark = call_run(s, s.symbols.gate_returned)
    text = text or around(s) or gate_judge(s, gate, s.lab:regs())
    if text then
      return string.format("gate_set(idt, %d, %s, %d). %s", gate.vector, hex(gate.handler), gate.dpl, text), mark or s.lab:mark(),
        "gate"
    end
  end
  s.tables_before = tables_read(s)
  if not failed.stack then
    local text, mark = call_run(s, s.symbols.stack_returned)
    text = text or around(s) or stack_judge(s, s.lab:regs())
    if text then return string.format("ring0_stack_set(%s). %s", hex(s.top), text), mark or s.lab:mark(), "stack" end
  end
  local judged, text, mark = not failed.gate and not failed.table
  text = judged and table_judge(s)
  if not text then text, mark = call_run(s, s.symbols.gates_done) end
  text = text or around(s) or judged and idt_judge(s)
  if text then return text, mark or s.lab:mark(), "table" end
  s.lab:run_to_linear(s.symbols.kernel_next)
  s.idt_now, s.tables_now, s.was = s.lab:mem(s.idt, IDT_BYTES), tables_read(s), s.lab:regs()
  text, mark = traps_judge(s, "kernel")
  if text then return text, mark, "kernel" end
  s.lab:run_to_linear(s.symbols.kernel_done)
  text, mark = enter_judge(s)
  if text and not failed.enter then
    return string.format("user_enter(%s, %s). %s", hex(s.user_eip), hex(s.user_esp), text), mark, "enter"
  end
  text, mark = traps_judge(s, "user")
  if text then return text, mark, "user" end
end

function check(submission)
  source_read(submission)
  local failed = {}
  for number, scenario in ipairs(scenarios) do
    local s = scenario_make(scenario, submission)
    repeat
      scenario_enter(s, failed)
      local text, mark, part = scenario_judge(s, failed)
      if text then failed[part] = {lab = s.lab, mark = mark, text = string.format("Scenario %d. %s", number, text)} end
    until not text
  end
  for _, part in ipairs(parts) do
    local found, first = failed[part[1]], part[4] and failed[part[4]]
    if found then
      expect(part[3], part[2], false, found.text, found.lab, found.mark)
    else
      expect(part[3], part[2], not first, "Not judged: see above.")
    end
  end
end

quiz = quiz_of{ask.gate, ask.handler_stack, ask.vector, ask.return_address, ask.double_fault}
