-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Interrupts across worlds"
minutes = 75
points = 20
file = "forward.s"
blank = {"keep", "tell", "leave", "resume", "enter", "look", "raise", "table"}

local CROSS, CODE_BYTES, REQUEST, ARGUMENT = 0xffc00000, 0x400, 0xffc00800, 0xffc00804
local NONE, INTERRUPT, CONSOLE = 0, 1, 2                  -- requests
local FIRST, LAST, NEXT, MOVED = 0x20, 0xef, 0xf8, 0x100  -- vectors; MOVED: what a handler that was moved says
local RING0, RING3, DEVICE = 0, 3, 4                      -- kinds of the VMM's rows
local IDT, IDT_BYTES, STACK_TOP = 0x1800, 0x7e0, 0x100000 -- offsets in the kernel half; how much of the IDT all have
local IF, DF, ARITHMETIC, ID = 0x200, 0x400, 0xd5, 21     -- of EFLAGS; ID: which bit
local WINDOW, HOST_ROWS, LIMIT = 15, 100, 60000           -- instructions of `compute`; rows; instructions at most
local general = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"}
local rest = {"cs", "ss", "ds", "es", "fs", "gs", "ldtr", "tr", "gdtr.base", "gdtr.limit", "idtr.base", "idtr.limit",
  "cr0", "cr2", "cr3", "cr4"}

-- The way of an interrupt, and what each part of it is worth. The first part that is wrong is the one told.
local stages = {
  {"driver_run() enters the VMM", 2}, {"(i) the VMM's entry says which vector came", 3},
  {"(ii) and switches to the host at once", 3}, {"(iii), (iv) the host's handler sees that interrupt, once", 4},
  {"(v) the driver returns to its caller", 2}, {"what was interrupted goes on as if nothing had happened", 3},
  {"a request that is no interrupt is left to the VMX", 2}, {"and all that in every scenario", 1},
}
local ENTER, TELL, LEAVE, RAISE, RETURN, RESUME, LEFT = 1, 2, 3, 4, 5, 6, 7

-- Where the kernels and the program are; which worlds are made, and in which order, for selectors and contexts follow
-- from that; how many rows the VMM's plan has; how many vectors come together; whether a gate of the host moves.
local scenarios = {
  {host = 0xc0000000, vmm = 0xd0000000, at = 0xe0000000, worlds = {"host", "vmm"}, rows = 6, together = 1},
  {host = 0xa0000000, vmm = 0xffc00000, at = 0xffe80000, worlds = {"a", "b", "host", "vmm"}, rows = 7, together = 1,
    moved = true},
  {host = 0xd0000000, vmm = 0xb0000000, at = 0xe8000000, worlds = {"a", "vmm", "host"}, rows = 7, together = 3},
}

local s, lab -- the scenario that is judged, its laboratory

-- -- building -----------------------------------------------------------------------------------

local function any(list) return list[math.random(#list)] end
local function word() return math.random(0x10000000, 0x7fffffff) end

-- A vector that did not come yet.
local function vector_new(low, high)
  local vector
  repeat vector = math.random(low, high) until not s.used[vector] and vector ~= 0x80
  s.used[vector] = true
  return vector
end

-- A row: with which registers the VMM, or the virtual machine in ring 3, computes, and which vectors come where.
-- The first vectors are below 0x80, so that a mistake with the sign shows itself as such.
local function row_make(i)
  local kind = i % 3 == 0 and DEVICE or i == 1 and RING0 or i == 2 and RING3 or any{RING0, RING3}
  local row = {kind = kind, asks = {}, stack = s.vmm:kernel_linear() + STACK_TOP - 0x100 - 4 * math.random(0, 64)}
  local function selector(use) return s.vmm:selector(use) end
  local data = kind == RING3 and {"user-data", "fs", "gs"} or {"kernel-data", "kernel-more", "user-data"}
  row.frame = {2 | IF | math.random(0, 255) & ARITHMETIC | math.random(0, 1) << ID | math.random(0, 1) * DF,
    selector(kind == RING3 and "user-code" or "kernel-code"), s.user_stack - 4 * math.random(16, 256),
    selector("user-data")}
  row.segments = {any{selector("fs"), selector("gs"), 0}, any{selector("fs"), selector("gs"), 0}, selector(any(data)),
    selector(any(data))}
  row.general = {word(), word(), word(), word(), word(), word(), kind == DEVICE and vector_new(FIRST, LAST) or word()}
  for n = 1, kind == DEVICE and 0 or 2 do
    local ask = {at = (n - 1) * (WINDOW // 2) + math.random(0, WINDOW // 2 - 1)}
    for m = 1, i > 1 and n == 2 and s.together or 1 do
      ask[m] = i < 3 and vector_new(FIRST, 0x7f) or vector_new(i % 2 == 0 and 0x81 or FIRST, LAST)
    end
    table.sort(ask)
    row.asks[n] = ask
  end
  return row
end

local function plans_pack()
  local host = string.pack("<I4I4I4I4", s.host_data + 16, 0, 0, 0)
  local vmm = string.pack("<I4I4I4I4", s.vmm_data + 16, 0, 0, 0)
  for _ = 1, HOST_ROWS do
    host = host .. string.pack("<I4", s.host:kernel_linear() + STACK_TOP - 4 * math.random(16, 256))
    for _ = 1, 7 do host = host .. string.pack("<I4", word()) end
  end
  for _, row in ipairs(s.plan) do
    vmm = vmm .. string.pack("<I4I4", row.kind, row.stack)
    for _, list in ipairs{row.frame, row.segments, row.general, {0}} do
      for _, value in ipairs(list) do vmm = vmm .. string.pack("<I4", value) end
    end
  end
  return host, vmm
end

local function scenario_build(scenario, submission)
  s = {at = scenario.at, together = scenario.together, used = {}, plan = {}, idt = {}, user_stack = 0x08049000}
  lab = worldswitch.lab{limit = LIMIT}
  for _, name in ipairs(scenario.worlds) do s[name] = lab:world{name = name, kernel_linear = scenario[name]} end
  local host, vmm = s.host, s.vmm
  s.name = {[host:cr3()] = "host", [vmm:cr3()] = "vmm"}
  s.host_data, s.vmm_data = host:kernel_linear() + 0x280000, vmm:kernel_linear() + 0x240000
  s.context = {host = host:context(), vmm = vmm:context()}
  s.code = {host = host:selector("kernel-code"), vmm = vmm:selector("kernel-code")}
  s.program = submission:link{
    at = s.at, with = {"harness.s"},
    symbols = {
      CROSS = CROSS, HOST_CONTEXT = s.context.host, VMM_CONTEXT = s.context.vmm, HOST_CODE = s.code.host,
      VMM_CODE = s.code.vmm, MAILBOX_REQUEST = REQUEST, MAILBOX_ARGUMENT = ARGUMENT, REQUEST_NONE = NONE,
      REQUEST_INTERRUPT = INTERRUPT, REQUEST_CONSOLE = CONSOLE, FIRST_VECTOR = FIRST, LAST_VECTOR = LAST,
      ENTRY_BYTES = 16, MOVED = MOVED, VECTOR_NEXT = NEXT, KIND_RING0 = RING0, KIND_DEVICE = DEVICE,
      host_step = s.host_data, vmm_step = s.vmm_data,
    },
  }
  s.symbols, s.finish = s.program.symbols, s.at + #s.program.bytes
  s.lack = label_wrong(s.program, "driver_run") or label_wrong(s.program, "vmm_entries")
  if s.lack then return end
  s.harness = string.sub(s.program.bytes, 1, s.symbols.submission_text_begin - s.at)
  s.used[FIRST], s.used[LAST] = true, true
  for i = 1, scenario.rows do s.plan[i] = row_make(i) end
  local last = s.plan[scenario.rows]
  s.plan[4].asks[1] = {at = s.plan[4].asks[1].at, FIRST} -- the first row of each table, and the last one
  s.plan[5].asks[1] = {at = s.plan[5].asks[1].at, LAST}
  s.moving = scenario.moved and s.plan[1].asks[1][1] -- it comes before its handler moves, and behind
  if s.moving then last.asks[2] = {at = last.asks[2].at, s.moving} end
  local pages = (#s.program.bytes + 4095) // 4096 * 4096
  local host_plan, vmm_plan = plans_pack()
  for _, row in ipairs{{host, s.at, s.program.bytes, "w", pages}, {vmm, s.at, s.program.bytes, "wu", pages},
      {host, s.host_data, host_plan, "w", 4096}, {vmm, s.vmm_data, vmm_plan, "w", 4096},
      {vmm, s.user_stack - 4096, "", "wu", 4096}} do
    row[1]:map(row[2], row[5], row[4])
    row[1]:write(row[2], row[3])
  end
  for vector = FIRST, 0xf9 do host:gate(vector, s.symbols.host_entries + (vector - FIRST) * 16) end
  for vector = FIRST, LAST do vmm:gate(vector, s.symbols.vmm_entries + (vector - FIRST) * 16) end
  vmm:gate(NEXT, s.symbols.vmm_next, 3)
  host:write(ARGUMENT, string.pack("<I4", word())) -- so that it shows whether the word is written
  host:set{eip = s.symbols.host_start, eflags = 2}
  vmm:set{eip = s.symbols.vmm_start, eflags = 2}
  lab:symbols(s.program)
  lab:enter(host)
  s.cross = lab:mem(CROSS, CODE_BYTES)
end

-- -- telling ------------------------------------------------------------------------------------

-- "forward.s:24", and what stands in that line; where the submission has no such line, the address.
local function place(linear)
  local near, label = 0, nil
  local line, text = source_line(s.program, linear)
  if line then return string.format("%s:%d", file, line), text end
  for name, at in pairs(s.symbols) do
    if at >= s.at and at > near and at <= linear and linear < s.finish and name ~= "submission_text_begin" then
      near, label = at, name
    end
  end
  return hex(linear) .. (label and string.format(" (%s+0x%x)", label, linear - near) or "")
end

local function place_text(linear)
  local where, text = place(linear)
  return text and string.format("%s, \"%s\"", where, text) or where
end

local function ours(linear) return linear >= s.symbols.submission_text_begin and linear < s.finish end

-- " That is ...": what a number is, of what stands around; "": nothing that is known. `w` is the interrupt, see below.
local function what_is(w, value)
  local what = value == w.vector and "the vector" or value == INTERRUPT and "REQUEST_INTERRUPT"
  for _, world in ipairs{"host", "vmm"} do
    what = value == s.context[world] and string.upper(world) .. "_CONTEXT" or what
    what = value == s.code[world] and string.upper(world) .. "_CODE" or what
  end
  for _, name in ipairs{"eip", "cs", "eflags", "esp", "ss", table.unpack(general)} do
    what = w.before and w.before[name] == value and "the interrupted code's " .. string.upper(name) or what
  end
  return what and " That is " .. what .. "." or ""
end

local function sign_hint(w)
  return s.low and (w.vector or 0) >= 0x80 and " Vectors below 0x80 went well, and this one has bit 7 set. Is it "
    .. "taken for a sign (use movzbl or movl), or does the table end before it?" or ""
end

-- The check of this scenario ends here, with what is wrong.
local function fail(stage, text, mark)
  error({stage = stage, text = text, mark = mark or lab:mark()})
end

-- The first of these registers that is not as it was, what it is, what it was.
local function changed(names, now, before)
  for _, name in ipairs(names) do
    if now[name] ~= before[name] then return string.upper(name), hex(now[name]), hex(before[name]), now[name] end
  end
end

-- -- what cannot go on --------------------------------------------------------------------------
--
-- The machine came to none of the places where it is looked at. What was the first cause? From the last such place on,
-- look for an exception, and for a return in front of it that took no return address.

local function is_int(event) return lab:mem(event.linear, 2) == string.char(0xcd, event.which) end

local function exception_find()
  lab:seek(s.since)
  for _ = 1, 400 do
    local event = lab:run_to_event("vector")
    if not event or event.which < FIRST or is_int(event) and ours(event.linear) and s.name[lab:reg("cr3")] == "vmm" then
      return event
    end
  end
end

-- The first `ret` or `iret` of the submission that goes neither to the program nor to the cross page, or that faults.
local function return_find(until_mark, event)
  for _, kind in ipairs{"ret", "return"} do
    lab:seek(s.since)
    for _ = 1, 400 do
      local found = lab:run_to_event(kind)
      if not found or found.mark >= until_mark then break end
      local to = found.after
      if ours(found.linear) and (to < s.at or to >= s.finish) and (to < CROSS or to >= CROSS + CODE_BYTES) then
        return kind == "ret" and "ret" or "iret", found.linear
      end
    end
  end
  lab:seek(until_mark - (event and 0 or 1))
  local linear = event and event.linear or lab:reg("eip")
  if ours(linear) and lab:mem(linear, 1) == "\xcf" then return "iret", linear end
end

-- What such a return took. `home` is where ESP must be in front of it.
local function return_text(w, name, linear)
  local world, esp = s.name[lab:reg("cr3")], lab:reg("esp")
  if world == "host" and name == "iret" then
    return string.format("The `iret` at %s goes nowhere: driver_run() was called by `call`. It ends with `ret`.",
      place(linear))
  end
  local took, home = lab:word(esp) or 0, name == "ret" and s.called.esp - 4 or w.frame
  local text = string.format("The `%s` at %s took %s for its return address.%s", name, place(linear), hex(took),
                             what_is(w, took))
  local count = home and (home - esp) // 4 or 0
  if count == 0 or math.abs(count) > 64 or (world == "vmm") ~= (name == "iret") then return text end
  local one = math.abs(count) == 1
  text = string.format("%s %d %s too %s %s popped before it: ESP is %s, must be %s.", text, math.abs(count),
    one and "word" or "words", count > 0 and "few" or "many", one and "was" or "were", hex(esp), hex(home))
  if count == 1 and took == w.vector then return text .. " The vector is still there: drop it." end
  return text .. (count > 1 and count < 4 and " The two arguments of the cross page must be dropped, too." or "")
end

local function exception_text(event, world)
  if is_int(event) then
    return string.format("`int $0x%02x` was executed in the world \"%s\", at %s.%s", event.which, world,
      place(event.linear), event.which >= FIRST and " It goes through the VMM's IDT, and comes to your own entry "
      .. "again. Switch to the host first." or "")
  end
  local text = string.format("It ends in %s at %s, in the world \"%s\".", vector_name(event), place_text(event.linear), world)
  if event.linear < s.at or event.linear >= s.finish then
    lab:back(1)
    local from = lab:reg("eip")
    if not ours(from) and lab:mem(from, 2) == "\0\0" then
      return text .. " The CPU ran out of your code: does int_table end before the row of this vector?"
    end
    local bytes = string.pack("<I4", event.linear)
    return string.format("%s It came there from %s.%s", text, place_text(from), string.find(bytes, "^\xcd.\xc3")
      and " That is no address, but what a row of the table holds: call the row itself, with leal and call *%eax." or "")
  end
  if event.name ~= "#PF" then return text end
  lab:step(1)
  local _, code = source_line(s.program, event.linear)
  local cr2 = lab:reg("cr2")
  return string.format("%s Nothing is mapped at %s.%s", text, hex(cr2), dollar_text(code, cr2) or "")
end

local function lost(stage, w)
  local halt, event = lab:halt(), exception_find()
  local mark = lab:mark()
  local name, linear = return_find(mark, event)
  if name then fail(stage, return_text(w, name, linear)) end
  lab:seek(mark)
  local world, text = s.name[lab:reg("cr3")], nil
  if not world then
    text = string.format("CR3 is %s, nobody's page directory, at %s.", hex(lab:reg("cr3")), place_text(lab:reg("eip")))
  elseif event then
    text = exception_text(event, world)
  elseif halt and halt.reason == "LIMIT" then
    mark, text = s.since, string.format("It goes on for ever: %d instructions were executed.", LIMIT)
  else -- EIP is behind a hlt
    text = string.format("The machine stops: %s, at %s.", halt and halt.text or "nothing more comes",
                         place_text(halted_at(lab)))
  end
  fail(stage, text .. (world == "host" and sign_hint(w) or ""), mark)
end

-- -- going on -----------------------------------------------------------------------------------

-- What the submission must leave alone, in the world that runs now.
local function around(stage, world)
  local kernel = s[world]:kernel_linear()
  local idt = lab:mem(kernel + IDT, IDT_BYTES)
  s.idt[world] = s.idt[world] or idt
  if lab:mem(s.at, #s.harness) ~= s.harness then
    fail(stage, string.format("In the world \"%s\", the code around yours was overwritten. Write to stacks, to the "
      .. "mailbox and to your own data only.", world))
  end
  if lab:mem(CROSS, CODE_BYTES) ~= s.cross then fail(stage, "The code in the cross page was overwritten.") end
  if lab:reg("idtr.base") ~= kernel + IDT or idt ~= s.idt[world] then
    fail(stage, string.format("IDTR of the world \"%s\", or its IDT, was changed. Leave both alone.", world))
  end
end

-- Go on to the next place where the machine is looked at, or to `resume`. Returns its name, and the world that runs; if
-- there is none, that is wrong at this stage.
local function go(stage, w, resume)
  local y = s.symbols
  local name = {[CROSS] = "cross", [y.host_call] = "call", [y.host_common] = "handler", [y.host_returned] = "returned",
    [y.vmm_next] = "next"}
  local list = {CROSS, y.host_call, y.host_common, y.host_returned, y.vmm_next}
  if resume then list[6], name[resume] = resume, "resume" end
  s.since = lab:mark()
  local at = lab:run_to_linear(list)
  local world = s.name[lab:reg("cr3")]
  if not at or not world then lost(stage, w) end
  around(stage, world)
  return name[at], world
end

-- -- the call of the cross page --------------------------------------------------------------------

-- `world` is about to execute the cross page's first instruction, to go to `other`.
local function call_judge(stage, w, world, other)
  local esp, mine, theirs = lab:reg("esp"), s.context[world], s.context[other]
  local me, you = string.upper(world), string.upper(other)
  local seen = {}
  for i = 0, 3 do seen[i] = lab:word(esp + 4 * i) or 0 end
  if lab:reg("eflags") & IF ~= 0 then
    fail(stage, "Interrupts are on at the call of the cross page: the next interrupt would come in the midst of this "
      .. "one. They were off: leave them so.")
  elseif (seen[1] == mine or seen[1] == theirs) and (seen[2] == mine or seen[2] == theirs) then
    fail(stage, string.format("The cross page was called near: CS is not on the stack. Its last instruction is "
      .. "`lret`, which pops EIP and CS. Use lcall $%s_CODE, $CROSS.", me))
  elseif seen[0] == mine and seen[1] == theirs then
    fail(stage, "The cross page was not called, but jumped to: EIP and CS are not on the stack, and its `lret` needs "
      .. "them.")
  elseif seen[2] == theirs and seen[3] == mine then
    fail(stage, string.format("From and to are swapped: the call says from %s_CONTEXT to %s_CONTEXT, and it is the "
      .. "%s that is left. `from` must be on top, so it is pushed last.", you, me, world == "vmm" and "VMM" or "host"))
  end
  for _, row in ipairs{{"from", seen[2], mine, me}, {"to", seen[3], theirs, you}} do
    if row[2] ~= row[3] then
      fail(stage, string.format("The argument `%s` is %s, must be %s_CONTEXT, %s.%s", row[1], hex(row[2]), row[4],
        hex(row[3]), row[2] == lab:word(row[3]) and " That is what memory holds there: write $, the number."
        or what_is(w, row[2])))
    end
  end
  if lab:reg("cs") & 0xffff ~= s.code[world] then
    fail(stage, string.format("CS is 0x%02x in the cross page, must be %s_CODE, 0x%02x.%s In this world it went well by chance.",
      lab:reg("cs"), me, s.code[world], lab:reg("cs") == s.code[other] and " That is " .. you .. "_CODE." or ""))
  end
  if seen[1] & 0xffff ~= s.code[world] then
    fail(stage, string.format("Where the far return finds CS stands %s, must be %s_CODE, 0x%02x.", hex(seen[1]), me,
      s.code[world]))
  end
end

-- -- the way of an interrupt ------------------------------------------------------------------------
--
-- Each function goes on to the next place, and judges what is there. `w` is the interrupt: its vector, the others that
-- wait, the registers before it, where the CPU has put its frame.

-- The harness calls driver_run(), and that must call the cross page.
local function enter_judge(w)
  if go(RETURN, w) ~= "call" then fail(RETURN, "driver_run() did not go back to its caller.") end
  s.called = lab:regs()
  s.called_stack = lab:mem(s.called.esp, 64)
  local at, world = go(ENTER, w)
  if at == "returned" then fail(ENTER, "driver_run() returned, and the VMM was never entered. Call the cross page.") end
  if at ~= "cross" or world ~= "host" then fail(RAISE, "driver_run() raised a vector before it entered the VMM.") end
  call_judge(ENTER, w, "host", "vmm")
end

-- (i) What is in the mailbox when the VMM calls the cross page?
local function tell_judge(w)
  local request, argument = lab:word(REQUEST), lab:word(ARGUMENT)
  for _, other in ipairs(w.others) do
    if argument == other then
      fail(LEAVE, string.format("Vector 0x%02x came while the VMM's entry was at work for 0x%02x, and took its place "
        .. "in the mailbox. Interrupts must stay off until the iret.", other, w.vector))
    end
  end
  if argument ~= w.vector then
    fail(TELL, string.format("MAILBOX_ARGUMENT is %s, must be 0x%02x, the vector that came.", hex(argument), w.vector)
      .. (request == w.vector and " The vector is in MAILBOX_REQUEST."
      or argument == w.argument and " It was not written before the switch. (A word of your own does not do: the "
      .. "host has another copy of it.)"
      or argument == w.argument & ~0xff | w.vector and " Only its lowest byte was written: write all four."
      or argument == 0xffffff00 | w.vector and " It was extended with its sign: bit 7 of a vector is no sign."
      or what_is(w, argument) .. " The vector is at (%esp) at the entry; each push moves it by 4."))
  elseif request ~= INTERRUPT then
    fail(TELL, string.format("MAILBOX_REQUEST is %d, must be REQUEST_INTERRUPT: so the driver cannot know what the VMM "
      .. "wants.", request))
  end
end

-- (ii) The VMM's entry calls the cross page.
local function leave_judge(w)
  local at, world = go(LEAVE, w, w.before.eip)
  if at == "resume" then
    fail(LEAVE, "The VMM's entry returned to what was interrupted, and the host was never entered: the interrupt is "
      .. "lost. It belongs to the host.")
  end
  if at ~= "cross" or world ~= "vmm" then
    fail(LEAVE, string.format("The VMM's entry went to %s instead of the cross page.", place(lab:reg("eip"))))
  end
  tell_judge(w)
  call_judge(LEAVE, w, "vmm", "host")
end

local function vector_text(w, raised)
  local text = string.format("Vector 0x%02x was raised, and 0x%02x came.", raised, w.vector)
  if raised == s.last then
    return text .. " That is the one of the interrupt before: read MAILBOX_ARGUMENT each time."
  end
  if raised == w.vector + FIRST then return text .. " The table's first row is for FIRST_VECTOR: subtract it." end
  local sign = sign_hint(w)
  return text .. (sign ~= "" and sign or " Take it from MAILBOX_ARGUMENT; see which row of your table it is.")
end

-- The host's handler was entered, and has pushed its vector. Is it as if the interrupt had come in the driver?
local function handler_judge(w, world)
  local raised, eip, cs, eflags = string.unpack("<I4I4I4I4", lab:mem(lab:reg("esp"), 16) or string.rep("\0", 16))
  if world ~= "host" then fail(RAISE, "The host's handler ran in the VMM's address space.") end
  if raised == s.moved then
    fail(RAISE, string.format("The handler that ran for vector 0x%02x is not the one in the host's IDT: the host has "
      .. "set another one meanwhile. Have the CPU look: `int`.", raised))
  end
  raised = raised == MOVED and s.moved or raised
  if raised ~= w.vector then fail(RAISE, vector_text(w, raised)) end
  if cs & 0xffff ~= s.code.host or eflags & 2 == 0 or eflags >> 22 ~= 0 then
    fail(RAISE, string.format("The handler's frame is none that an interrupt makes: it says CS %s, must be "
      .. "HOST_CODE, 0x%02x, and EFLAGS %s.", hex(cs), s.code.host, hex(eflags)))
  end
  if (eflags | lab:reg("eflags")) & IF ~= 0 then
    fail(RAISE, "Interrupts are on in the handler, or in its frame: they must stay off until driver_run() has "
      .. "returned.")
  end
  if not ours(eip) and eip ~= s.symbols.host_returned and (eip > s.called.esp or eip < s.called.esp - 4096) then
    fail(RAISE, string.format("The handler would return to %s, and that is not in the driver.", hex(eip)))
  end
end

-- Where the starter's table must have the row of this vector, is there one?
local function row_hint(w)
  local at = s.symbols.int_table and s.symbols.int_table + 4 * (w.vector - FIRST)
  if not at or lab:mem(at, 2) == string.char(0xcd, w.vector) then return "" end
  return string.format(" At int_table + 4 * (vector - FIRST_VECTOR) stands no `int $0x%02x`: does each row have 4 bytes?", w.vector)
end

-- (iii), (iv) The driver raises that vector.
local function raise_judge(w)
  local at, world = go(RAISE, w)
  local mark = lab:mark()
  if at == "handler" then return handler_judge(w, world) end
  local text = string.format("vector 0x%02x was not raised: the host does not know of the interrupt.", w.vector)
  if at == "returned" and go(RAISE, w) == "call" and go(RAISE, w) == "handler" then
    text = text .. " It is raised at the next call, before the VMM is entered. Look into the mailbox behind the switch."
  elseif sign_hint(w) == "" then
    text = text .. row_hint(w)
  end
  fail(RAISE, string.format("The driver %s, and %s%s", at == "returned" and "returned" or "entered the VMM again", text,
    sign_hint(w)), mark)
end

-- What driver_run() promises to its caller.
local function returned_judge()
  local now = lab:regs()
  local name, is, was = changed({"esp", "ebx", "esi", "edi", "ebp", table.unpack(rest)}, now, s.called)
  if name then
    fail(RETURN, string.format("%s is %s behind the call of driver_run(), must be %s, as before it.", name, is, was))
  end
  if lab:mem(now.esp, #s.called_stack) ~= s.called_stack then
    fail(RETURN, "The stack of driver_run()'s caller was written to, above the return address.")
  end
  if now.eflags & IF ~= 0 then fail(RETURN, "IF is set when driver_run() returns: interrupts must stay off.") end
  if now.eflags & DF ~= 0 then fail(RETURN, "DF is set when driver_run() returns, and C relies on it being clear.") end
end

-- The host gets another handler for a vector that is still to come.
local function handler_move()
  local idt, handler = s.host:kernel_linear() + IDT, s.symbols.host_moved
  lab:write(idt + 8 * s.moving, string.pack("<I2", handler & 0xffff))
  lab:write(idt + 8 * s.moving + 6, string.pack("<I2", handler >> 16))
  s.moved, s.moving, s.idt.host = s.moving, nil, lab:mem(idt, IDT_BYTES)
end

-- (v) The driver returns.
local function return_judge(w)
  local at = go(RETURN, w)
  if at == "handler" then
    local again = lab:word(lab:reg("esp"))
    fail(RAISE, again == w.vector and string.format("Vector 0x%02x was raised twice, and came once.", w.vector)
      or string.format("Vector 0x%02x was raised, too: only 0x%02x came.", again, w.vector))
  end
  if at ~= "returned" then
    fail(RETURN, "The driver entered the VMM again, and did not return: so the VMX never runs, and the host cannot "
      .. "give the CPU to another process.")
  end
  returned_judge()
  if s.moving then handler_move() end
end

-- Go on to where the next interrupt, which waits, comes: that must be where this one came. The machine shall stand in
-- front of its delivery.
local function next_interrupt(w)
  s.since = lab:mark()
  local event = lab:run_to_event("vector", w.others[1])
  if not event then lost(RESUME, w) end
  lab:back(1)
  lab:step(1)
  if ours(event.linear) then
    fail(RESUME, string.format("Interrupts are on at %s: there the next one came, 0x%02x, before the iret of this one.",
      place_text(event.linear), event.which))
  end
  return event.linear == w.before.eip and "resume"
end

-- What was interrupted goes on, with all that it had.
local function resume_judge(w)
  local at = w.others[1] and next_interrupt(w) or not w.others[1] and go(RESUME, w, w.before.eip)
  if at == "cross" then
    fail(LEAVE, "The VMM's entry called the cross page once more, and did not return by `iret`.")
  end
  if at ~= "resume" then
    fail(RESUME, string.format("What was interrupted did not go on at %s, where it was.", hex(w.before.eip)))
  end
  local now = lab:regs()
  if now.esp == w.frame + 4 then
    fail(RESUME, "CS and EFLAGS are still on the stack, and interrupts are off: return with `iret`, not with `ret`.")
  end
  local name, is, was, value = changed({"esp", table.unpack(general)}, now, w.before)
  if not name then name, is, was = changed({"eflags", table.unpack(rest)}, now, w.before) end
  if name then
    local what = value and what_is(w, value) or ""
    fail(RESUME, string.format("%s is %s, was %s when the interrupt came.%s %s", name, is, was, what,
      string.match(what, "code's E[^I]") and "Pop in the other order than you push."
      or "Keep it at the entry, and restore it in front of the iret."))
  end
  if lab:mem(w.before.esp, #w.stack) ~= w.stack then
    fail(RESUME, "The interrupted code's stack was written to, above ESP.")
  end
  if lab:word(REQUEST) ~= NONE then
    fail(RESUME, string.format("MAILBOX_REQUEST is still %d: when the VMM switches to the host for another reason, "
      .. "the driver raises vector 0x%02x once more. Whoever reads the request puts REQUEST_NONE there.",
      lab:word(REQUEST), w.vector))
  end
end

-- `vectors` come at once, here. The lowest goes first, and the others wait until the iret.
local function interrupts_judge(vectors)
  for _, vector in ipairs(vectors) do lab:interrupt(vector) end
  for n, vector in ipairs(vectors) do
    local before = lab:regs()
    local w = {vector = vector, others = {table.unpack(vectors, n + 1)}, before = before, argument = lab:word(ARGUMENT)}
    w.frame = before.cs & 3 == 3 and s.vmm:kernel_linear() + STACK_TOP - 20 or before.esp - 12
    w.stack = lab:mem(before.esp, 64)
    s.where = string.format("Vector 0x%02x came at %s, in ring %d of the VMM's world. ", vector, hex(before.eip),
      before.cs & 3)
    for _, judge in ipairs{leave_judge, raise_judge, return_judge, enter_judge, resume_judge} do judge(w) end
    s.last, s.low, s.where = vector, s.low or vector < 0x80, nil
  end
end

-- The VMM wants a device: no interrupt came.
local function device_judge(row)
  local w, argument = {others = {}}, row.general[7]
  if go(RESUME, w) ~= "cross" then fail(RESUME, "The VMM cannot go on.") end
  s.where = string.format("The VMM asked for a device: its request is %d, its argument 0x%02x. ", CONSOLE, argument)
  local at = go(LEFT, w)
  if at == "handler" then
    fail(LEFT, string.format("The driver raised vector 0x%02x. Only REQUEST_INTERRUPT means that an interrupt came.",
      lab:word(lab:reg("esp"))))
  end
  if at ~= "returned" then fail(LEFT, "The driver did not return to the VMX, which would serve it.") end
  if lab:word(REQUEST) ~= CONSOLE or lab:word(ARGUMENT) ~= argument then
    fail(LEFT, string.format("When driver_run() returns, the mailbox holds %d and 0x%02x: the VMX finds no request, "
      .. "and the VM waits for ever.", lab:word(REQUEST), lab:word(ARGUMENT)))
  end
  returned_judge()
  enter_judge(w)
  s.where = nil
end

-- -- the check ----------------------------------------------------------------------------------------

local function row_judge(row)
  local at = 0
  if row.kind == DEVICE then device_judge(row) elseif not lab:run_to_linear(s.symbols.compute) then lost(RESUME, {}) end
  for _, ask in ipairs(row.asks) do
    lab:step(ask.at - at)
    at = ask.at
    interrupts_judge(ask)
  end
  if go(RESUME, {}) ~= "next" then fail(RESUME, "What was interrupted went elsewhere later on.") end
end

local function scenario_judge(scenario, submission)
  scenario_build(scenario, submission)
  if s.lack then error{stage = ENTER, text = s.lack} end
  enter_judge({})
  if go(ENTER, {}) ~= "next" then fail(ENTER, "The VMM was not entered.") end
  for _, row in ipairs(s.plan) do row_judge(row) end
end

function check(submission)
  source_read(submission)
  local good, found, number = true, {stage = #stages + 1}, 0
  while good and number < #scenarios do
    number = number + 1
    good, found = pcall(scenario_judge, scenarios[number], submission)
    if not good and type(found) ~= "table" then error(found, 0) end
  end
  for i, stage in ipairs(stages) do
    if not good and i == found.stage then
      local text = string.format("Scenario %d. %s%s", number, s.where or "", found.text)
      expect(stage[1], stage[2], false, text, found.mark and lab, found.mark)
    else
      expect(stage[1], stage[2], good or i < found.stage, "Not judged: see above.")
    end
  end
end

quiz = quiz_of{ask.whose_handler, ask.vector, ask.gate, ask.handler_stack, ask.return_address}
