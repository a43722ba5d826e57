-- SPDX-License-Identifier: GPL-2.0-or-later
-- Kinds of questions about exceptions: which one comes, and with which error code.  See quiz.lua.
--
-- Each builds a small world in which one instruction is executed, and reads off what the CPU did.

local NOP, AFTER = "\x90", "\x0f\x0b" -- in front of the instruction, to stand there; behind it, to see it done
local FREE, DATA = 0x200000, 0x300000 -- offsets in a kernel half
local WP = 1 << 16                    -- in CR0

quiz_vectors = {
  [0] = "#DE", [6] = "#UD", [8] = "#DF", [10] = "#TS", [11] = "#NP", [12] = "#SS", [13] = "#GP", [14] = "#PF",
}
local nothing = "nothing: the next instruction is executed"

local function vector_text(which)
  return quiz_vectors[which] or string.format("vector 0x%02x", which)
end

-- "#GP, error code 0x0018"; without a vector: that nothing comes.
local function outcome(which, code)
  if not which then return nothing end
  return vector_text(which) .. (code and string.format(", error code 0x%04x", code) or ", no error code")
end

-- -- one instruction, executed ---------------------------------------------------------------------------

function quiz_trial_begin(ring, cr0)
  local s = {lab = worldswitch.lab{limit = 20000}, used = {}, ring = ring}
  s.world = s.lab:world{name = "host", kernel_linear = quiz_kernel(), cr0 = cr0}
  s.kernel = s.world:kernel_linear()
  if ring == 3 then s.process = s.lab:process{name = "A", world = s.world} end
  return s
end

-- Put the instruction into memory, and run until it is the next one.
function quiz_trial_load(s, code, registers)
  local page = s.ring == 0 and s.kernel + FREE + 0x2000 * math.random(0, 0x40) or quiz_user_page(s.used)
  local stack = s.ring == 0 and page + 0x1000 or quiz_user_page(s.used)
  local owner = s.process or s.world
  owner:map(page, 0x1000, s.ring == 0 and "w" or "u")
  owner:map(stack, 0x1000, s.ring == 0 and "w" or "wu")
  local nop = page + math.random(0, 0xe00)
  owner:write(nop, NOP .. code .. AFTER)
  s.instruction, s.bytes = nop + 1, #code
  local all = quiz_registers()
  for name, value in pairs(registers or {}) do all[name] = value end
  all.eip, all.esp = nop, stack + 4 * math.random(0x100, 0x3e0)
  owner:set(all)
  if s.ring == 0 then
    s.lab:enter(s.world)
    return
  end
  s.lab:load(s.world)
  s.lab:run_to_crossing("world")
  quiz_process_request(s, s)
  s.lab:run_to_linear(nop)
end

-- What the instruction brought: the event, or nil.
function quiz_trial_event(s)
  local before = s.lab:mark()
  local event, how = s.lab:run_to_event("vector")
  if event and event.before == s.instruction then return event, how end
  s.lab:seek(before + 1)
  return nil, how
end

local function registers_line(s, list)
  local out = {}
  for _, name in ipairs(list) do out[#out + 1] = string.format("%s = %s", string.upper(name), hex(s.lab:reg(name))) end
  return table.concat(out, "   ")
end

function quiz_trial_code(s, list)
  local line = string.format("%s: %s", hex(s.instruction), (s.lab:disasm(s.instruction)))
  return #list > 0 and line .. "\n\n" .. registers_line(s, list) or line
end

-- -- which vector, with which error code? ----------------------------------------------------------------
--
-- A case returns: ring; code; registers; which of them are shown; facts (a function of the trial); why (of the event or
-- nil); wrong (of the trial).  Cases have no answers: the machine does.

local function case_int()
  local n = any_of{0x80, 0x80, 0xe0, 0xe1, math.random(0x20, 0x7f), math.random(0x81, 0xdf), math.random(0xe2, 0xff),
                      any_of{0, 1, 4, 5, 6, 7, 9, 13}}
  local rights
  return {
    ring = any_of{0, 3, 3}, code = string.char(0xcd, n), shows = {},
    facts = function(s)
      rights = string.byte(s.lab:mem(s.lab:reg("idtr.base") + 8 * n, 8), 6)
      if rights & 0x80 == 0 then return string.format("Gate 0x%02x of the IDT is empty: all its bytes are 0.", n) end
      return string.format("Gate 0x%02x of the IDT is a present interrupt or trap gate with DPL "
        .. "%d.", n, rights >> 5 & 3)
    end,
    why = function(e)
      if not e.error_code then return "The gate is there, and its DPL is not below CPL: the handler of that "
        .. "vector runs." end
      return string.format("%s The error code names the gate: 8 * 0x%02x, and bit 1 says that the IDT is meant.",
                           rights & 0x80 == 0 and "The gate is empty: no handler can be "
                             .. "found." or "The gate's DPL is below CPL.", n)
    end,
    wrong = {
      {outcome(13, 8 * n), "bit 1 of the error code is missing: it says that the IDT is meant."},
      {outcome(13, 8 * n + 2), "that would be if the gate were empty, or its DPL below CPL."},
      {outcome(n), "that is if the gate is there and its DPL allows the call from this ring."},
      {outcome(11, 8 * n + 2), "#NP comes for a gate of a right type that is marked not present; an empty one has "
        .. "no type."},
      {outcome(13, 0), "the error code names the gate."},
    },
  }
end

-- Why a segment register, "SS" or another one, refuses a selector.
local function refusal(register, selector, what, dpl, ring)
  if selector == 0 then return "SS cannot be null" end
  if not dpl then return "its index is behind the GDT's limit" end
  if register == "SS" then
    if not string.match(what, "writable") then return "SS needs a writable data segment" end
    return "SS needs an RPL and a DPL that are equal to CPL"
  end
  if what == "a TSS" then return "a segment register needs a data segment, or readable code" end
  return string.format("its DPL %d is below CPL %d or RPL %d", dpl, ring, selector & 3)
end

local function case_selector()
  local register = any_of{{"DS", 0xd8}, {"ES", 0xc0}, {"FS", 0xe0}, {"GS", 0xe8}, {"SS", 0xd0}}
  local use = any_of{{"kernel-data", "a writable data segment with DPL 0"}, {"user-data", "a writable data "
    .. "segment with DPL 3"},
                        {"kernel-code", "a readable code segment with DPL 0"}, {"tss", "a TSS"},
                        {"user-code", "a readable code segment with DPL 3"}, {nil, "behind the limit of the "
                          .. "GDT"}, {"null"}}
  local c = {ring = any_of{0, 3}, code = string.char(0x8e, register[2]), shows = {"eax"}, registers = {}}
  local selector
  c.prepare = function(s)
    selector = use[1] == "null" and 0 or use[1] and s.world:selector(use[1]) & 0xfffc | any_of{0, 3} or
      0x800 + 8 * math.random(0, 0xff) + any_of{0, 3}
    c.registers.eax = selector
    c.wrong = {
      {outcome(13, selector), "the lowest two bits of an error code are not the selector's RPL: they are 0 here."},
      {outcome(13, selector & 0xfffc), "that would be if this segment register could not hold such a selector in "
        .. "this ring."},
      {nothing, "that would be if this segment register could hold such a selector in this ring."},
      {outcome(11, selector & 0xfffc), "#NP comes if the descriptor's bit \"present\" is 0."},
      {outcome(12, selector & 0xfffc), "#SS comes if SS gets a segment that is not present."},
      {outcome(13, 0), "the error code names the selector, unless that is null."},
    }
  end
  c.facts = function()
    return string.format("The selector in AX has RPL %d%s.", selector & 3, selector == 0 and ", and index 0: it "
      .. "is null" or
                         ", and its index leads to " .. (use[1] and "a descriptor of the GDT: "
                           .. "" or "a place ") .. use[2])
  end
  c.why = function(e)
    if not e then return register[1] .. " can hold this selector in this ring." end
    local dpl = use[2] and (number_of(string.match(use[2], "DPL (%d)") or "") or use[1] and 0)
    return string.format("%s cannot hold it: %s. The error code is the selector without its RPL.", register[1],
                         refusal(register[1], selector, use[2], dpl, c.ring))
  end
  return c
end

local privileged = {
  "\xfa", "\xf4", "\x0f\x20\xd8", "\x0f\x22\xd8", "\x0f\x06", "\xe4\x60",    -- cli, hlt, mov from and to CR3, clts, in
  "\x0f\x01\xe0", "\x0f\x00\xc8", "\x0f\x00\xc0", "\x9c", "\x9d",             -- smsw, str, sldt, pushf, popf
}

local function case_privileged()
  return {
    ring = 3, code = any_of(privileged), shows = {},
    facts = function() return "IOPL is 0, and the TSS allows no ports." end,
    why = function(e)
      return e and "Ring 3 must not do this: #GP, and the error code 0 names no selector." or
        "Ring 3 may do this, so that no monitor sees it: neither an exception, nor what ring 0 would get of it."
    end,
    wrong = {
      {nothing, "the instruction is privileged."}, {outcome(13, 0), "the instruction is not privileged."},
      {outcome(6), "#UD comes for what is no instruction at all."},
      {outcome(13, 3), "the error code of #GP names a selector, and not the ring; here there is none."},
      {outcome(14, 5), "no page is touched that ring 3 must not touch."},
    },
  }
end

local function case_divide()
  local ecx = any_of{0, math.random(2, 200), math.random(2, 200)}
  local edx = any_of{0, math.random(1, 400)}
  return {
    ring = any_of{0, 3}, code = "\xf7\xf1", shows = {"edx", "eax", "ecx"},
    registers = {eax = math.random(1000, 99999), edx = edx, ecx = ecx},
    facts = function() return "`div` divides EDX:EAX by its operand; the quotient goes to EAX, the remainder to "
      .. "EDX." end,
    why = function(e)
      if not e then return "The divisor is larger than EDX, so the quotient has at most 32 bits." end
      return "The divisor is 0, or the quotient has more than 32 bits (the divisor is not larger than EDX): #DE "
        .. "in both cases."
    end,
    wrong = {
      {outcome(0), "the quotient fits: ECX is larger than EDX."},
      {nothing, "there is no quotient that fits into EAX: ECX is not larger than EDX."},
      {outcome(13, 0), "#GP is about protection, not about numbers."},
      {outcome(4), "vector 4, #OF, comes from `into` only."},
      {outcome(6), "the instruction is a valid one."},
    },
  }
end

local function case_control()
  local ring = any_of{0, 0, 3}
  local row = any_of{
    {"\x0f\x22\xe0", "CR4", 0x1000 * math.random(0x100, 0x200)},
    {"\x0f\x22\xe0", "CR4", any_of{0x10, 0x90, 0x18, 0x98}},
    {"\x0f\x22\xc0", "CR0", 0x80000010 | any_of{0, WP}}, {"\x0f\x22\xc0", "CR0", 0x80000011 | any_of{0, WP}},
  }
  return {
    ring = ring, code = row[1], shows = {"eax"}, registers = {eax = row[3]},
    facts = function(s)
      return string.format("CR0 is %s, and CR4 is %s. In CR4, bits 12 and above are reserved on this "
        .. "CPU.", hex(s.lab:reg("cr0")),
                           hex(s.lab:reg("cr4")))
    end,
    why = function(e)
      if not e then return row[2] .. " may hold that value." end
      return (ring == 3 and "Only ring 0 may write a control register" or row[2] == "CR4" and "A reserved bit of "
        .. "CR4 is 1"
              or "Bit 31, PG, is 1, and bit 0, PE, is 0: there is no paging without "
                .. "protection") .. ": #GP, with error code 0."
    end,
    wrong = {
      {outcome(13, 0), "ring 0 may write this register, and no bit is a reserved one."},
      {nothing, "look at the ring, at the reserved bits, and at PG without PE."},
      {outcome(6), "the register is there: the instruction is a valid one."},
      {outcome(14, 0), "no memory is touched."}, {outcome(13, 4), "the error code of #GP names a selector; here "
        .. "there is none."},
    },
  }
end

local function case_task()
  local ldt = math.random(2) == 1
  local uses = ldt and {"ldt", "kernel-data", "tss"} or {"tss", "kernel-data", "ldt"}
  local use = any_of(uses)
  local c = {ring = 0, code = ldt and "\x0f\x00\xd0" or "\x0f\x00\xd8", shows = {"eax"}, registers = {}}
  c.prepare = function(s)
    local selector = s.world:selector(use)
    c.registers.eax = selector
    c.wrong = {
      {nothing, "the descriptor is of the wrong type, or its TSS is busy."},
      {outcome(13, selector), "the descriptor is of the right type."},
      {outcome(10, selector), "#TS comes when a task switch, or a stack from a TSS, goes wrong; not here."},
      {outcome(11, selector), "#NP comes if the descriptor's bit \"present\" is 0; it is 1."},
      {outcome(13, 0), "the error code names the selector."},
    }
  end
  c.facts = function(s)
    return string.format("AX has the selector of a present descriptor in the GDT: %s. TR is %s.",
                         ({ldt = "an LDT", tss = "a TSS", ["kernel-data"] = "a data segment"})[use],
                         hex(s.lab:reg("tr")))
  end
  c.why = function(e)
    if not e then return "The descriptor is of the type that the instruction wants." end
    return (use == uses[1] and "The descriptor is that of the TSS in use, which is marked busy." or
            "The descriptor is of another type than the instruction wants.") .. " The error code is the selector."
  end
  return c
end

local cases = {case_int, case_int, case_selector, case_selector, case_privileged, case_divide, case_control, case_task}

function ask.vector()
  local c = any_of(cases)()
  local s = quiz_trial_begin(c.ring)
  if c.prepare then c.prepare(s) end
  quiz_trial_load(s, c.code, c.registers)
  local code, facts = quiz_trial_code(s, c.shows), c.facts(s)
  local e = quiz_trial_event(s)
  local answer = outcome(e and e.which, e and e.error_code)
  return quiz_choice{
    kind = "Which vector, which error code?", answer = answer, code = code, wrong = shuffled(c.wrong),
    text = string.format("The CPU is in ring %d and executes this instruction. %s What comes of it?", c.ring, facts),
    way = string.format("%s\nThe machine says: %s.", c.why(e), answer),
  }
end

-- -- page faults -----------------------------------------------------------------------------------------

local accesses = {
  {name = "reads", past = "read", code = "\x8b\x03"},
  {name = "writes to", past = "wrote to", code = "\x89\x03"},
  {name = "jumps to", past = "jumped to", code = "\xff\xe3", jumps = true},
}

-- One access to a page with random rights.  s.rights is nil if nothing is mapped there.
local function page_trial()
  local access = any_of(accesses)
  local s = quiz_trial_begin(any_of{0, 3}, 0x80000011 | any_of{0, WP})
  local user_half = s.ring == 3 and math.random(3) > 1
  local page = user_half and (quiz_user_page(s.used) & 0xffc00000) + 0x1000 * math.random(0, 1000)
    or s.kernel + DATA + 0x1000 * math.random(0, 0x60)
  s.used[page], s.used[page + 0x1000] = true, true
  s.rights = any_of{"", "w", "u", "wu", nil}
  if math.random(4) == 1 then s.rights = nil end
  local owner = user_half and s.process or s.world
  owner:map(page, 0x1000, s.rights or "w")
  owner:write(page, string.rep(AFTER, 0x800))
  s.access, s.cr2 = access, page + 2 * math.random(0, 0x7b0)
  if not s.rights then s.cr2 = s.cr2 + 0x1000 end
  quiz_trial_load(s, access.code, {ebx = s.cr2})
  local w = s.lab:walk(page)
  s.pde = w.pde
  s.pte = string.unpack("<I4", s.lab:phys(w.pte_phys + (s.rights and 0 or 4), 4))
  s.cr0 = s.lab:reg("cr0")
  s.code = quiz_trial_code(s, access.code == "\x89\x03" and {"eax", "ebx"} or {"ebx"})
  local event = s.lab:run_to_event("vector")
  if event and event.which == 14 then
    s.event = event
    s.lab:step(1)
    if s.lab:reg("cr2") ~= s.cr2 then error("quiz: another page fault than the one that was built") end
  end
  return s
end

local function bits_text(value)
  return string.format("P=%d, R/W=%d, U/S=%d", value & 1, value >> 1 & 1, value >> 2 & 1)
end

local function page_why(s)
  local out = {string.format("The page-directory entry has %s, and the page-table entry has %s.", bits_text(s.pde),
                             bits_text(s.pte))}
  if s.event then
    local code = s.event.error_code
    out[#out + 1] = string.format("Bit 0 of the error code: the page is %sthere, so %d.", code & 1 == 1 and ""
                                  or "not ", code & 1)
    out[#out + 1] = string.format("Bit 1: the access is %s write, so %d.", code & 2 == 2 and "a" or "no", code >> 1 & 1)
    out[#out + 1] = string.format("Bit 2: the access comes from ring %d, so %d.", s.ring, code >> 2 & 1)
  else
    out[#out + 1] = string.format("Ring %d may do this: %s.", s.ring, s.ring == 3 and "both entries allow it to "
      .. "ring 3" or
                                  s.access.code == "\x89\x03" and s.cr0 & WP == 0 and "without CR0.WP, ring 0 "
                                    .. "writes everywhere" or
                                  "ring 0 may use supervisor pages and user pages")
  end
  return table.concat(out, "\n")
end

-- What the access itself puts into an error code: was it a write, and did it come from ring 3?
local function bits_of(s)
  return (s.access.past == "wrote to" and 2 or 0) | (s.ring == 3 and 4 or 0)
end

function ask.page_fault()
  local s = page_trial()
  if not s.event and math.random(3) > 1 then return end -- most accesses are allowed
  local code = s.event and s.event.error_code or s.pte & 1 | bits_of(s)
  local answer = outcome(s.event and 14, code)
  local wrong = shuffled{
    {outcome(14, code ~ 1), "bit 0 says whether the page is there (1), or not (0)."},
    {outcome(14, code ~ 2), "bit 1 says whether the access is a write."},
    {outcome(14, code ~ 4), "bit 2 says whether the access comes from ring 3."},
    {outcome(14, code | 16), "bit 4 tells of instruction fetches only where pages can forbid them, which needs PAE."},
  }
  table.insert(wrong, 1, s.event and {nothing, "a bit of the entries, or an entry that is 0, forbids this access."}
                 or {outcome(14, code), "each of the two entries allows this access to this ring."})
  return quiz_choice{
    kind = "A page fault, or none", answer = answer, wrong = wrong, code = s.code, way = page_why(s),
    text = string.format("The CPU is in ring %d; CR0.WP is %d, and PAE is off. The instruction %s the linear "
      .. "address %s. Its "
                         .. "page-directory entry is %s, and its page-table entry is %s. What comes of it?", s.ring,
                         s.cr0 & WP ~= 0 and 1 or 0, s.access.name, hex(s.cr2), hex(s.pde), hex(s.pte)),
  }
end

-- What an error code of #PF tells, in words.
local function cause_text(code)
  return string.format("ring %s %s a page that is %s", code & 4 ~= 0 and "3" or "0",
                       code & 2 ~= 0 and "wrote to" or "read",
                       code & 1 ~= 0 and "there, but does not allow that" or "not there")
end

function ask.page_cause()
  local s = page_trial()
  if not s.event or s.access.jumps then return end
  local did = bits_of(s) | (s.rights and 1 or 0)
  local wrong = {
    {cause_text(did ~ 1), "bit 0 is 1 if the page is there, and 0 if it is not."},
    {cause_text(did ~ 2), "bit 1 is 1 for a write, and 0 for a read."},
    {cause_text(did ~ 4), "bit 2 is 1 if the access came from ring 3."},
    {cause_text(did ~ 7), "that is each bit read the other way round."},
  }
  return quiz_choice{
    kind = "What caused this page fault?", answer = cause_text(did), wrong = shuffled(wrong), way = page_why(s),
    text = string.format("A handler of #PF finds the error code 0x%04x on its stack, and %s in CR2. What has happened?",
                         s.event.error_code, hex(s.cr2)),
  }
end
