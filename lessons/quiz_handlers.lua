-- SPDX-License-Identifier: GPL-2.0-or-later
-- Kinds of questions about handlers: which one runs, where, on which stack, and where it returns to.  See quiz.lua.

local TSS, DATA = 0x1500, 0x300000 -- offsets in a kernel half: src/worlds/layout.h

-- -- exceptions on the way to a handler ------------------------------------------------------------------

local firsts = {
  {which = 0, code = "\xf7\xf1", registers = {ecx = 0}, shows = {"ecx"}}, {which = 6, code = "\x0f\x0b", shows = {}},
  {which = 13, code = "\xfa", shows = {}}, {which = 14, code = "\x8b\x03", registers = {ebx = 0x1000}, shows = {"ebx"}},
}

local class_text = {
  [6] = "#UD is benign: if #NP comes on the way to its handler, #NP is simply the next one.",
  [0] = "#DE and #NP are both contributory: together they become a double fault, #DF.",
  [13] = "#GP and #NP are both contributory: together they become a double fault, #DF.",
  [14] = "#NP on the way to the handler of #PF makes a double fault, #DF.",
}

function ask.double_fault()
  local first = any_of(firsts)
  local s = quiz_trial_begin(3)
  quiz_trial_load(s, first.code, first.registers)
  local code = quiz_trial_code(s, first.shows)
  local absent = {first.which, math.random(2) == 1 and 11 or nil}
  if math.random(2) == 1 then absent[#absent + 1] = 8 end
  local missing, listed = {}, {}
  for _, vector in ipairs(absent) do
    missing[vector], listed[#listed + 1] = true, string.format("%d (%s)", vector, quiz_vectors[vector])
    s.lab:write(s.lab:reg("idtr.base") + 8 * vector + 5, "\x0e")
  end
  local e = quiz_trial_event(s)
  local halt = not e and s.lab:halt()
  if not e then
    s.lab:run()
    halt = s.lab:halt()
  end
  if not e and not (halt and halt.reason == "TRIPLE_FAULT") then error("quiz: neither a handler nor a triple fault") end
  local none = "none: the CPU shuts down (triple fault)"
  local function handler(vector) return "the handler of " .. quiz_vectors[vector] end
  local answer = e and handler(e.which) or none
  local way = {string.format("The instruction causes %s. Its gate is not present: that is #NP.",
                             quiz_vectors[first.which]), class_text[first.which]}
  if missing[11] and first.which == 6 then way[#way + 1] = "The gate of #NP is not present either: #NP again, and "
    .. "two of them make #DF." end
  if not e then way[#way + 1] = "The gate of #DF is not present either: the CPU has nowhere to go, and shuts down." end
  way[#way + 1] = "The machine says: " .. answer .. "."
  return quiz_choice{
    kind = "A handler that is not there", answer = answer, code = code, way = table.concat(way, "\n"),
    wrong = shuffled{
      {handler(first.which), "its gate is not present."},
      {handler(11), "#NP comes first; but what counts is whether its gate is present, and which exception it came "
        .. "on top of."},
      {handler(8), "#DF comes of two exceptions of which neither is benign, and only if its own gate is present."},
      {none, "that is only if the gate of #DF is not present when #DF comes."},
    },
    text = string.format("The CPU is in ring 3 and executes this instruction, which %s. In the IDT, these gates "
      .. "are marked not "
                         .. "present: %s; those of the other exceptions are there. Which handler runs?",
                         ({[0] = "divides by zero", [6] = "is no valid one", [13] = "ring 3 must not execute",
                           [14] = "reads a page that is not mapped"})[first.which], table.concat(listed, ", ")),
  }
end

-- -- where the handler runs ------------------------------------------------------------------------------

local entries = {
  {code = "\xf7\xf1", registers = {ecx = 0}}, {code = "\x0f\x0b"}, {code = "\x8b\x03", registers = {ebx = 0x1000}},
  {code = "\xcd\x80", name = "the interrupt 0x80"}, {code = "\xfa", ring = 3},
  {code = "\x8e\xd8", registers = {eax = 0x808}},
}

-- Execute something that leads to a handler, and stop at the handler's first instruction.
local function entry_trial()
  local entry = any_of(entries)
  local s = quiz_trial_begin(entry.ring or any_of{0, 3})
  quiz_trial_load(s, entry.code, entry.registers)
  s.before, s.code = s.lab:regs(), quiz_trial_code(s, {"esp"})
  s.event = quiz_trial_event(s)
  s.lab:step(1)
  s.after, s.esp0 = s.lab:regs(), s.lab:word(s.kernel + TSS + 4)
  s.name = entry.name or s.event.name
  s.words = (s.ring == 3 and 5 or 3) + (s.event.error_code and 1 or 0)
  return s
end

function ask.handler_stack()
  local s = entry_trial()
  local answer, words, top = s.after.esp, s.words, s.ring == 3 and s.esp0 or s.before.esp
  local pushed = (s.ring == 3 and "SS, ESP, " or "") .. "EFLAGS, CS, EIP"
    .. (s.event.error_code and ", the error code" or "")
  local wrong = {
    {top - 4 * (words + (s.event.error_code and -1 or 1)), s.event.error_code and "this exception pushes an error "
      .. "code, too."
       or "this one pushes no error code."},
    {top - 4 * (words + (s.ring == 3 and -2 or 2)), s.ring == 3 and "from ring 3, SS and ESP are pushed, too."
       or "in ring 0 the stack stays, so that SS and ESP are not pushed."},
    {(s.ring == 3 and s.before.esp or s.esp0) - 4 * words, s.ring == 3 and "from ring 3, the CPU takes the stack "
      .. "from the TSS."
       or "in ring 0 the CPU stays on its stack: ESP0 counts only when it comes from ring 3."},
    {top, "that is before the CPU has pushed anything."}, {top + 4 * words, "a stack grows downwards."},
  }
  return {
    kind = "The handler's stack", form = "address", answer = answer, wrong = quiz_wrong(answer, wrong), code = s.code,
    text = string.format("The CPU is in ring %d. ESP0 in the TSS is %s. This instruction leads to %s, through an "
      .. "interrupt gate to "
                         .. "ring 0. What does ESP hold at the first instruction of the "
                         .. "handler?", s.ring, hex(s.esp0), s.name),
    way = string.format("%s\nPushed are: %s. That is %d words.\n%s - %d = %s.",
                        s.ring == 3 and "From ring 3 to ring 0: the stack begins at ESP0." or "From ring 0 to "
                          .. "ring 0: the stack stays.",
                        pushed, words, hex(top), 4 * words, hex(answer)),
  }
end

function ask.return_address()
  local s = entry_trial()
  local at = s.after.esp + (s.event.error_code and 4 or 0)
  local answer, next = s.lab:word(at), s.instruction + s.bytes
  local wrong = {
    {s.instruction, "that instruction is done: an `int` returns behind itself."},
    {next, "the instruction was not executed: when the handler has mended the cause, it is to be tried again."},
    {s.after.eip, "that is the handler's own first instruction."}, {s.before.esp, "that is ESP."},
  }
  return {
    kind = "The return address", form = "address", answer = answer, wrong = quiz_wrong(answer, wrong), code = s.code,
    text = string.format("The CPU is in ring %d. This instruction, %d %s long, leads to %s, and the CPU enters "
      .. "the handler. Which "
                         .. "EIP has it pushed on the handler's stack?", s.ring, s.bytes,
                         s.bytes == 1 and "byte" or "bytes", s.name),
    way = string.format("%s\nThe word at %s, on the handler's stack, is %s.",
                        answer == next and "`int` is a trap: it returns to the next instruction."
                          or s.name .. " is a fault: it returns to the instruction that caused "
                            .. "it.", hex(at), hex(answer)),
  }
end

-- -- gates -----------------------------------------------------------------------------------------------

function ask.gate()
  local n = math.random(0x20, 0x7f)
  local s = quiz_trial_begin(any_of{0, 3})
  local page = s.kernel + DATA + 0x1000 * math.random(0, 0x80)
  local handler = page + math.random(0x10, 0xff0)
  s.world:map(page, 0x1000)
  s.world:gate(n, handler, 3, any_of{"interrupt", "trap"})
  quiz_trial_load(s, string.char(0xcd, n))
  local linear = s.lab:reg("idtr.base") + 8 * n
  local low, high = string.unpack("<I4I4", s.lab:mem(linear, 8))
  quiz_trial_event(s)
  s.lab:step(1)
  local answer, entered = s.lab:reg("eip"), low & 0xffff | high & 0xffff0000
  if answer ~= entered then error("quiz: the gate that was read is not the one that was used") end
  if math.random(2) == 1 then
    local base = linear - 8 * n
    return {
      kind = "A gate of the IDT", form = "address", answer = linear, text = string.format("IDTR's base is %s. The "
        .. "CPU executes "
        .. "`int $0x%02x`. At which linear address does it read the gate?", hex(base), n),
      wrong = quiz_wrong(linear, {{base + 4 * n, "a gate has 8 bytes, not 4."}, {base + n, "a gate has 8 bytes."},
                                  {base, "that is gate 0."}, {base + 8 * (n + 1), "gate 0 is the first: nothing "
                                    .. "stands in front of it."}}),
      way = string.format("A gate has 8 bytes: %s + 8 * 0x%02x = %s.\nThe gate that stands there leads to %s, and "
        .. "that is where the "
                          .. "machine went.", hex(base), n, hex(linear), hex(entered)),
    }
  end
  return {
    kind = "A gate of the IDT", form = "address", answer = answer,
    text = string.format("The CPU executes `int $0x%02x`. The gate's two words of 32 bits are, the lower address "
      .. "first, %s and %s. "
                         .. "At which address does the handler begin, in its segment?", n, hex(low), hex(high)),
    wrong = quiz_wrong(answer, {
      {(high & 0xffff) | (low & 0xffff0000), "the halves are the other way round: that is the selector, and the "
        .. "rights."},
      {(low & 0xffff) << 16 | high >> 16, "the upper half comes from the second word."},
      {low, "the upper half of the first word is the selector of the handler's code segment."},
      {high, "the lower half of the second word holds type, DPL and the present bit."},
    }),
    way = string.format("The lower half of the first word is the address's lower half, 0x%04x; the upper half of "
      .. "the second word "
                        .. "is its upper half, 0x%04x.\nThe machine goes to %s.", low & 0xffff, high >> 16,
                        hex(answer)),
  }
end

-- -- whose handler runs in the midst of a world switch? ---------------------------------------------------

local function mapped(lab, linear)
  return lab:walk(linear) and "is mapped" or "is not mapped"
end

function ask.whose_handler()
  local lab = worldswitch.lab{limit = 20000}
  local k1, k2 = quiz_kernel(), quiz_kernel()
  if k1 == k2 then return end
  local host = lab:world{name = "host", kernel_linear = k1}
  local vmm = lab:world{name = "vmm", kernel_linear = k2}
  lab:enter(host)
  local row = any_of(lab:storm(vmm, {nmi = true}))
  quiz_world_request({lab = lab}, vmm)
  local c = lab:run_to_crossing("world")
  if row.boundary == 0 or row.boundary >= c.instructions then return end
  lab:seek(c.begin + row.boundary)
  local next = lab:disasm(lab:reg("eip"))
  local idtr, esp = lab:reg("idtr.base"), lab:reg("esp")
  local own = idtr == c.before["idtr.base"]
  local texts = {host = "the handler of the host", vmm = "the handler of the vmm", none = "none: the CPU shuts "
    .. "down (triple fault)",
                 later = "none yet: the NMI waits, since the switch runs with interrupts off"}
  local answer = not row.sound and texts.none or own and texts.host or texts.vmm
  local way = string.format("IDTR's base is %s (%s's), and %s now.\nESP is %s, and that stack %s.\n%s", hex(idtr),
                            own and "the host" or "the vmm", mapped(lab, idtr), hex(esp), mapped(lab, esp - 4),
                            row.sound and "So the handler is found, and there is a stack for it: the switch goes "
                              .. "on afterwards."
                              or "A handler needs both an IDT and a stack that are mapped: so #DF follows, and "
                                .. "that has none either.")
  return quiz_choice{
    kind = "An NMI in the world switch", answer = answer, way = way,
    wrong = {
      {texts.host, "the host's IDT, or its stack, is not there any more at that point."},
      {texts.vmm, "the vmm's IDT and its stack are not both in use yet at that point."},
      {texts.none, "IDT and stack that are in use are both mapped at that point."},
      {texts.later, "`cli` keeps interrupts off, but not an NMI."},
    },
    text = string.format("The CPU is in the world switch from host (kernel half at %s) to vmm (kernel half at "
      .. "%s). Both worlds have "
                         .. "a handler for NMIs, which stands in the cross page. %d of %d instructions are done, "
                         .. "and `%s` is the next "
                         .. "one. Then an NMI comes. Whose IDT and stack take it: which handler "
                         .. "runs?", hex(k1), hex(k2), row.boundary,
                         c.instructions, next),
  }
end
