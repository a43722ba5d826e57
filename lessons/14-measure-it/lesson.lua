-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Measure it"
minutes = 120
file = "answers.txt"
variants = true

-- What differs from student to student: a character of the VM's first line, and a speed for a what-if.
local nth = math.random(8, 24)
local faster = math.random(4, 12) * 4

local CONSOLE, DATA, COMMAND, WRITE = 0x3f8, 0x1f0, 0x1f7, 0x30
local DISK, PROTECTION = 46, 13
local SOFTWARE = "vm: a software interrupt"
local WORDS, SWITCH, OTHER_SWITCH = 256, 45, 29

-- -- what is measured ----------------------------------------------------------------------------

-- The files on the disk that the hosted system is delivered with; its kernel holds a copy of that disk.
local function files_of(hosted)
  local from, to = hosted:symbol("initial_disk"), hosted:symbol("initial_disk_end")
  local disk, files = hosted:phys(from - 0xc0000000, to - from), {}
  for row = 0, 15 do
    local name, first, _, bytes = string.unpack("<c16I4I4I4", disk, 513 + 32 * row)
    files[string.match(name, "^[^\0]*")] = string.sub(disk, first * 512 + 1, first * 512 + bytes)
  end
  return files
end

function handouts()
  local files = files_of(worldswitch.hosted{limit = 1, audit = false})
  return {["vm.elf"] = files["vm.elf"], ["vm.disk"] = files["vm1.disk"]}
end

-- The first of a list for which a condition holds; which one it is.
local function first(list, condition)
  for i, element in ipairs(list) do
    if condition(element) then return element, i end
  end
end

-- The first event behind a mark that has these fields.
local function event(list, behind, fields)
  return first(list, function(e)
    if e.mark <= behind then return false end
    for name, value in pairs(fields) do
      if e[name] ~= value then return false end
    end
    return true
  end)
end

-- The VM's kernel on a PC of its own.
local function bare_run(files)
  local machine = worldswitch.image("vm.elf", {bytes = files["vm.elf"], disk = files["vm1.disk"], audit = false})
  machine:note("io", "vector")
  machine:run()
  local list, bare = machine:noted(), {out = {}}
  for _, e in ipairs(list) do
    if e.kind == "io" and e.which == CONSOLE then bare.out[#bare.out + 1] = e.mark end
  end
  bare.total = machine:mark()
  bare.lines = string.find(machine:serial(), SOFTWARE, 1, true) - 1
  bare.command = event(list, 0, {kind = "io", which = COMMAND, after = WRITE})
  bare.word = event(list, bare.command.mark, {kind = "io", which = DATA})
  bare.disk = event(list, bare.command.mark, {kind = "vector", which = DISK})
  return bare
end

-- The hosted system, and that kernel alone: what is noted of their runs.
local function runs()
  return once("runs", function()
    local machine = worldswitch.hosted{audit = false}
    local bare = bare_run(files_of(machine))
    machine:note("vector", "return")
    machine:run()
    return {bare = bare, list = machine:noted(), crossings = machine:crossings(), paths = machine:paths(),
            total = machine:mark()}
  end)
end

-- From one mark to another: how many world switches, and how many instructions in each world outside of them.
local function spent(crossings, from, to, world)
  local result, since = {switches = 0, host = 0, vmm = 0}, from
  for _, c in ipairs(crossings) do
    if c.kind == "world" and c.begin >= from and c.begin < to then
      result[world] = result[world] + c.begin - since
      result.switches, since, world = result.switches + 1, c.finish, c.to
    end
  end
  result[world] = result[world] + to - since
  return result
end

local found

-- What the questions ask for.
local function measured()
  if found then return found end
  local list, crossings, bare = runs().list, runs().crossings, runs().bare
  local m = {bare = bare, total = runs().total, context = 0, world = 0, thread = 0, forwarded = {}, requests = {}}
  for _, c in ipairs(crossings) do m[c.kind] = m[c.kind] + 1 end
  for _, path in ipairs(runs().paths) do
    if path.path == "request" then
      m.requests[#m.requests + 1] = path
    else
      m.forwarded[path.vector] = (m.forwarded[path.vector] or 0) + 1
    end
  end
  m.share = spent(crossings, 0, m.total, "host")

  -- One character.
  m.character, m.next = m.requests[nth], m.requests[nth + 1]
  m.begin = m.character.steps[1].at
  m.back = event(list, m.character.at, {kind = "return", world = "vmm"}).mark
  m.character_switches = spent(crossings, m.begin, m.back, "vmm").switches

  -- What the VM asks for between two lines, and the `in` before the character.
  local before, line = m.requests[bare.lines].at, m.requests[bare.lines + 1].steps[1].at
  m.traps = 0
  for _, e in ipairs(list) do
    local trap = e.kind == "vector" and e.world == "vmm"
    if trap and e.which == PROTECTION and e.mark < m.begin then m.status = e.mark end
    if trap and e.mark > before and e.mark < line then m.traps = m.traps + 1 end
  end
  m.int, m.int_switches = line - before, spent(crossings, before, line, "vmm").switches

  -- The disk write: the request before which the VMM moves a sector's words.
  local write = first(m.requests, function(path) return path.steps[2].at - path.steps[1].at > WORDS * WORDS end)
  local out = write.steps[1].at
  local done = event(list, write.at, {kind = "return", world = "vmm"}).mark
  m.write, m.words, m.write_path = done - out, write.steps[2].at - out, write.at - out
  m.written = spent(crossings, out, done, "vmm")
  found = m
  return m
end

-- -- the variant: tables before CR3 --------------------------------------------------------------

-- Have the laboratory's cross page load tables up to the instruction with a number before CR3; how the run ends.
local function tables_early(last)
  local machine = worldswitch.laboratory{audit = false}
  local boot = machine:run_to_crossing("world")
  machine:seek(boot.begin)
  local begins, bytes, number = {}, "", {}
  for n = 1, SWITCH do
    begins[n] = machine:reg("eip")
    machine:step(1)
  end
  begins[SWITCH + 1] = begins[SWITCH] + 1
  local function move(from, to)
    for n = from, to do
      number[begins[1] + #bytes] = n
      bytes = bytes .. machine:mem(begins[n], begins[n + 1] - begins[n])
    end
  end
  move(1, 23)
  move(32, last)
  move(24, 31)
  move(last + 1, SWITCH)
  machine:write(begins[1], bytes)
  machine:run()
  local halt = machine:halt()
  return halt.reason == "EXIT", number[halt.eip]
end

local function early()
  return once("early", function()
    local tried = {good = 0}
    for last = 32, 37 do
      local good, number = tables_early(last)
      if good then tried.good = last - 31 else tried.fault = number end
    end
    return tried
  end)
end

function prepare()
  runs()
  early()
end

-- -- the variant: another address for the cross page ----------------------------------------------

-- What is wrong about putting a second cross page there, in the laboratory; nil: nothing.
local function taken(address)
  if not address or address % 4096 ~= 0 then return "a page begins at a multiple of 0x1000: three zeros at the end." end
  if address < 0xc0000000 then
    return "below 0xc0000000 each process of the host has page tables of its own, and any of them may map that address "
      .. "tomorrow. Take an address in the kernel half."
  end
  local machine = worldswitch.laboratory{audit = false}
  machine:run()
  local switch = first(machine:crossings(), function(c) return c.from == "host" and c.to == "vmm" end)
  for _, look in ipairs{{switch.begin, "host"}, {switch.finish, "vmm"}} do
    machine:seek(look[1])
    if machine:mem(address, 1) then
      return string.format("in the world \"%s\", %s is mapped: something else is there.", look[2], hex(address))
    end
  end
end

-- -- the questions -------------------------------------------------------------------------------

local function portion(part, whole, of) return part * of // whole end

-- A letter of the choice is right; each other one has its explanation.
local function choice(question, right, explanations)
  question.answer, question.words, question.wrong = right, {"a", "b", "c", "d"}, {}
  for letter, text in pairs(explanations) do
    question.wrong[#question.wrong + 1] = {letter, text}
  end
  return question
end

local trace = "worldswitch trace --vms 1 --format jsonl"
local bare_trace = "worldswitch trace --format jsonl --disk vm.disk vm.elf"
local early_look = "the script early.lua in the lab's text"

questions = {
  {
    name = "context-switches", points = 1, look = trace .. ", the records with \"kind\":\"context\"",
    text = "-- The whole run of the hosted system --\nHow many context switches does it make?",
    answer = function() return measured().context end,
    wrong = function()
      local m = measured()
      return {
        {m.world, "these are the world switches."},
        {m.context + m.world, "these are the crossings of both kinds together."},
        {m.context + m.world + m.thread, "these are the crossings of all kinds together."},
      }
    end,
  },
  {
    name = "world-switches", points = 1, look = trace .. ", the records with \"kind\":\"world\"",
    text = "How many world switches does it make, those in both directions counted?",
    answer = function() return measured().world end,
    wrong = function()
      local m = measured()
      return {
        {m.world // 2, "that is one direction only: each switch to the VMM has one back to the host."},
        {m.context + m.world, "these are the crossings of both kinds together."},
        {m.context, "these are the context switches."},
        {m.context + m.world + m.thread, "these are the crossings of all kinds together."},
      }
    end,
  },
  {
    name = "switch-share", points = 2, look = trace .. ": add up \"instructions\" of the world switches; the last "
      .. "\"at\" is the run's length",
    text = "Of each 10,000 instructions of the run, how many belong to a world switch? Round down.",
    answer = function() return portion(measured().world * SWITCH, measured().total, 10000) end,
    wrong = function()
      local m = measured()
      return {
        {portion(m.world, m.total, 10000), "you counted the switches; each of them executes 45 instructions."},
        {portion(m.world * SWITCH, m.total, 1000), "that is of each 1,000."},
        {portion(m.world * SWITCH, m.total, 100), "that is of each 100."},
        {portion(m.world * SWITCH // 2, m.total, 10000), "that is one direction only."},
        {portion(m.context * 17 + m.world * SWITCH, m.total, 10000), "the context switches do not belong to it."},
      }
    end,
  },
  {
    name = "vmm-share", points = 2, look = trace .. ": from the \"end\" of each switch to the VMM to the next "
      .. "world switch's \"begin\"",
    text = "Of each 100 instructions of the run, how many are executed in the VMM's world (by the VMM or the VM),\n"
      .. "from the end of a switch to it to the beginning of the switch back? Round down.",
    answer = function() return portion(measured().share.vmm, measured().total, 100) end,
    wrong = function() return {{portion(measured().share.host, measured().total, 100), "that is the host's "
      .. "share."}} end,
  },
  {
    name = "forwarded", points = 1, look = trace .. ", the records with \"path\":\"interrupt\"",
    text = "How many interrupts came while the VMM's world ran, and were forwarded to the host in the steps i to v?",
    answer = function()
      local sum = 0
      for _, count in pairs(measured().forwarded) do sum = sum + count end
      return sum
    end,
    wrong = function()
      local list = {{#measured().requests, "these are the requests, steps 1 to 6."}}
      for vector = 0, 255 do
        local count = measured().forwarded[vector]
        list[#list + 1] = count and {count, string.format("these are those with vector %d only.", vector)}
      end
      return list
    end,
  },
  {
    name = "character", points = 1, look = trace .. ", the records with \"path\":\"request\", and in them step 1",
    text = string.format("-- One character on the VM's console --\nThe VM's first requests are the characters of "
      .. "its first "
      .. "line, one each.\nAt which mark does the VM trap for the `out` of character number %d? The first one has "
      .. "the number 1.", nth),
    answer = function() return measured().begin end,
    wrong = function()
      local m = measured()
      return {
        {m.requests[nth + 1].steps[1].at, string.format("that is number %d: you counted from 0.", nth + 1)},
        {m.requests[nth - 1].steps[1].at, string.format("that is number %d.", nth - 1)},
        {m.character.at, "that is the end of the path, the switch back. Step 1 is its beginning."},
        {m.character.steps[2].at, "that is step 2, the world switch. The VMM runs from step 1 to there."},
        {m.status, "that is the `in` which asks whether the port is free. It traps, too, but the VMM answers it "
          .. "alone."},
      }
    end,
  },
  {
    name = "character-cost", points = 2, look = trace .. ": the first \"return\" in the world \"vmm\" behind the "
      .. "path's \"at\"",
    text = "How many instructions does that `out` cost, from its trap to the `iret` with which the VMM goes back "
      .. "to the VM?\n"
      .. "Subtract the two \"at\".",
    answer = function() return measured().back - measured().begin end,
    wrong = function()
      local m = measured()
      return {
        {m.character.at - m.begin, "that ends at the switch back. The VMM still has to return to the VM: look for "
          .. "the \"return\"."},
        {m.character.at - m.character.steps[2].at, "that is from switch to switch: the VMM's part before and "
          .. "behind is missing."},
        {m.back - m.begin + 1, "one too many: subtract the two \"at\", no more."},
        {m.back - m.status, "that begins at the `in` which asks whether the port is free."},
      }
    end,
  },
  {
    name = "character-switches", points = 1, look = trace .. ", the crossings between these two marks",
    text = "How many world switches are there between these two marks?",
    answer = function() return measured().character_switches end,
    wrong = {{1, "that is the way to the host. There is a way back."},
             {4, "the `in` before it traps, but needs no world switch: the VMM answers it alone."}},
  },
  {
    name = "character-factor", points = 2, look = bare_trace .. ", the records with "
      .. "\"port\":1016, and the same in the VM",
    text = string.format("From the `out` of character %d to that of character %d: how many times as many "
      .. "instructions as on a bare\n"
      .. "PC are executed when the kernel runs in the VM? Round down to a whole number.", nth, nth + 1),
    answer = function()
      local m = measured()
      return (m.next.steps[1].at - m.begin) // (m.bare.out[nth + 1] - m.bare.out[nth])
    end,
    wrong = function()
      local m = measured()
      local apart = m.bare.out[nth + 1] - m.bare.out[nth]
      return {
        {apart, "that is how many instructions it takes on the bare PC; divide by it."},
        {m.next.steps[1].at - m.begin, "that is how many instructions it takes in the VM; divide it by the bare PC's."},
        {(m.back - m.begin) // apart, "that counts one `out` of the VM; between the two characters the `in` "
          .. "traps, too."},
      }
    end,
  },
  {
    name = "int-traps", points = 2, look = trace .. ", the records with \"kind\":\"vector\" and \"world\":\"vmm\" "
      .. "between these two marks",
    text = "-- A software interrupt inside the VM --\nThe VM's kernel executes `int $0x30` once: behind the last "
      .. "character of one line, and before the first\ncharacter of the line \"" .. SOFTWARE .. "\". On the bare PC "
      .. "one vector comes in between, 48.\nIn the VM: how many vectors come in the world \"vmm\" from the end of the "
      .. "path of the one character (its \"at\") to\nstep 1 of the path of the other one? Step 1 itself does not "
      .. "count.",
    answer = function() return measured().traps end,
    wrong = function()
      return {
        {measured().traps + 1, "one too many: the last of them is step 1 itself, the `out` of the next character."},
        {1, "that is what the bare PC has. In the VM, each question to the VMM is a trap."},
        {measured().int, "these are the instructions between the two marks."},
      }
    end,
  },
  {
    name = "int-switches", points = 1, look = trace .. ", the crossings between these two marks",
    text = "How many world switches are there between these two marks?",
    answer = function() return measured().int_switches end,
    wrong = {{2, "the VMM can do all of this alone: the VM's IDT and its code are the VM's memory, and no device is "
      .. "needed. The host never hears of it."},
             {1, "a way to the host without a way back? The VMM delivers this interrupt itself."}},
  },
  {
    name = "write-bare", points = 1, look = bare_trace .. ", the first record with \"port\":496 "
      .. "behind the command 48 to port 503",
    text = "-- A disk write --\nThe kernel writes the command 0x30 to port 0x1f7, sends 256 words to port 0x1f0 with "
      .. "one `rep outsw`, and sleeps until\nthe disk's interrupt, vector 46. On the bare PC: from the first of these "
      .. "words to the next vector 46, subtract the\ntwo \"at\".",
    answer = function() return measured().bare.disk.mark - measured().bare.word.mark end,
    wrong = function()
      local b = measured().bare
      return {
        {b.disk.mark - b.word.mark + 1, "one too many: subtract the two \"at\", no more."},
        {b.disk.mark - b.command.mark, "that begins at the command. Begin at the first word."},
        {WORDS, "these are the words. The disk's interrupt comes some instructions behind the last one."},
      }
    end,
  },
  {
    name = "write-vm", points = 2, look = trace .. ": step 1 of the long request, and the first \"return\" in the "
      .. "world \"vmm\" behind its path's \"at\"",
    text = "In the VM: from the trap for the `rep outsw` (step 1 of its path) to the `iret` with which the VMM goes "
      .. "back to the\nVM. That `iret` goes to the handler of vector 46 already. Subtract the two \"at\".",
    answer = function() return measured().write end,
    wrong = function()
      local m = measured()
      return {
        {m.write + 1, "one too many: subtract the two \"at\", no more."},
        {m.written.host, "that is the host's part."},
        {m.words, "that is what the VMM does with the 256 words."},
        {m.write_path, "that ends at the switch back. The VMM still has to return to the VM: look for the \"return\"."},
      }
    end,
  },
  {
    name = "write-switches", points = 1, look = trace .. ", the crossings between these two marks",
    text = "How many world switches are there between these two marks?",
    answer = function() return measured().written.switches end,
    wrong = {{2 * WORDS, "that would be two for each word. The VMM collects the words of a sector, and asks once."},
             {WORDS, "that would be one for each word. The VMM collects the words of a sector, and asks once."},
             {1, "that is the way to the host. There is a way back."}},
  },
  {
    name = "write-vmm", points = 2, look = "the marks of the two switches, which say how many instructions the "
      .. "host takes",
    text = "Of each 100 instructions between these two marks, how many are executed in the VMM's world? Round "
      .. "down. (The world\n"
      .. "switches belong to neither world.)",
    answer = function() return portion(measured().written.vmm, measured().write, 100) end,
    wrong = function()
      local m = measured()
      return {{portion(m.written.host, m.write, 100), "that is the host's share. The way through the host is not "
        .. "what costs."}}
    end,
  },
  {
    name = "what-if-switch", points = 2, look = "your answer to write-switches",
    text = "What if a world switch took 29 instructions (as another published switcher needs), not 45? How many "
      .. "instructions would\n"
      .. "this disk write save?",
    answer = function() return (SWITCH - OTHER_SWITCH) * measured().written.switches end,
    wrong = function()
      local m = measured()
      return {
        {SWITCH - OTHER_SWITCH, "that is what one switch saves."},
        {OTHER_SWITCH * m.written.switches, "that is what the switches would take; how much less is it than now?"},
        {(SWITCH - OTHER_SWITCH) * m.world, "that is what the whole run would save."},
      }
    end,
  },
  {
    name = "what-if-words", points = 2,
    look = "step 1 and step 2 of the write's path: in between, the VMM moves the 256 words",
    text = string.format("What if the VMM moved a word of `rep outsw` in %d instructions? Between step 1 and step 2 of "
      .. "the write's path it\n"
      .. "would execute 256 times %d, not what it executes now. How fast would this disk write be, in per cent of "
      .. "today's speed?\n"
      .. "250 means two and a half times as fast. Round down.", faster, faster),
    answer = function()
      local m = measured()
      return portion(m.write, m.write - m.words + WORDS * faster, 100)
    end,
    wrong = function()
      local m = measured()
      return {
        {portion(m.words, WORDS * faster, 100), "so much faster is the part with the words alone. The rest of the "
          .. "write stays as slow as it is: that is Amdahl's law."},
        {portion(m.write, WORDS * faster, 100), "you left out what the rest of the write takes."},
        {portion(m.write, m.write - m.words, 100), "that is the limit, if moving a word took no instruction at all."},
        {m.write // (m.write - m.words + WORDS * faster), "so many times as fast; in per cent it is 100 times that."},
      }
    end,
  },
  {
    name = "early-good", points = 1, look = early_look,
    text = "-- Variant: tables before CR3 --\nThe instructions 32 to 37 load GDTR, IDTR, LDTR and TR. If the "
      .. "first n of them stand before the CR3 "
      .. "write, the\nlaboratory still runs to its end. What is the largest n?",
    answer = function() return early().good end,
    wrong = {{0, "`lgdt` and `lidt` only fill registers. The CPU does not look into the tables until something "
      .. "needs a descriptor."},
             {6, "try it: with all six of them the run ends early."}},
  },
  {
    name = "early-fault", points = 2, look = early_look,
    text = "If all six stand before the CR3 write, which of them is the first that fails? Its number, 32 to 37.",
    answer = function() return early().fault end,
    wrong = {{32, "`lgdt` only puts an address and a limit into GDTR. The CPU reads the table when it needs a "
      .. "descriptor."},
             {33, "`lidt` only puts an address and a limit into IDTR. The CPU reads the table when a vector comes."},
             {34, "it reads the context in the cross page, which is mapped in both worlds."},
             {36, "`lldt` would fail, too. But one instruction before it touches the entered world's GDT already."},
             {37, "`ltr` would fail, too. But an instruction before it touches the entered world's GDT already."}},
  },
  choice({
    name = "early-condition", points = 2, look = "Intel's manual, volume 3A, section 2.4 \"Memory-Management "
      .. "Registers\"",
    text = "What must hold so that all six may stand before the CR3 write?\n"
      .. "  a  The entered world's GDT, LDT and TSS are at the same physical addresses before and after it.\n"
      .. "  b  The entered world's GDT is mapped at the same linear address, and to the same frames, in the left "
      .. "world, too.\n"
      .. "  c  Interrupts are off.\n"
      .. "  d  Both worlds have the same value in CR4.PGE.",
  }, "b", {
    a = "they are always: physical memory does not change. But GDTR holds a linear address, and which frame that "
      .. "means, CR3 says.",
    c = "that is needed, and it holds in both orders. It is not enough: `lldt` and `ltr` read the GDT without any "
      .. "interrupt.",
    d = "CR4.PGE decides which translations the CPU keeps over a CR3 write. It maps nothing.",
  }),
  choice({
    name = "early-reason", points = 1, look = "Intel's manual, volume 2A, \"LTR\"; and the lab's text",
    text = "lguest maps its guest's GDT, IDT and TSS in the host and in the guest at the same linear address; in "
      .. "the guest, their\n"
      .. "page is read-only. Why must its `ltr` stand before the CR3 write?\n"
      .. "  a  Because CR3 cannot be written while TR holds a TSS of the host.\n"
      .. "  b  Because `ltr` sets the busy bit in the GDT, and behind the CR3 write it could not write there.\n"
      .. "  c  Because TR holds a physical address.\n"
      .. "  d  Because `ltr` is privileged, and the guest's ring is 1.",
  }, "b", {
    a = "the CPU has no such rule: our switch does just that.",
    c = "TR holds a selector, and in its hidden part the TSS's linear address.",
    d = "writing CR3 does not change the ring: the switcher is in ring 0 until it returns to the guest.",
  }),
  choice({
    name = "taken", points = 2, look = "worldswitch trace --lab --instructions: where is the instruction behind the "
      .. "CR3 write, before it and after it?",
    text = "-- Variant: the address is taken --\nThe host uses the linear address 0xffc00000 itself. Which of "
      .. "these does NOT work?\n"
      .. "  a  The host maps the cross page where it has room; the driver tells the VMM, which maps it at that "
      .. "address, too.\n"
      .. "  b  With interrupts off, the driver changes the host's page table entry for 0xffc00000 before the "
      .. "switch, and\n"
      .. "     restores it after the way back.\n"
      .. "  c  The host maps the same frame at an address of its own, the VMM keeps 0xffc00000, and the 45 "
      .. "instructions stay.\n"
      .. "  d  A third page directory maps the code at both addresses; the switch loads it first, jumps from one "
      .. "address to the\n"
      .. "     other, and loads the entered world's directory then.",
  }, "c", {
    a = "this works. VMware's published driver goes this way: it notes for the VMM at which linear address the host "
      .. "has mapped the page.",
    b = "this works, as long as nothing touches that address in between: no interrupt, no NMI, and no other CPU "
      .. "with these page tables.",
    d = "this works, and VirtualBox does it so: it calls the third directory the intermediate context.",
  }),
  {
    name = "free", points = 2, look = "worldswitch compare --lab: what is mapped in the host and in the VMM",
    text = "Name a linear address at which the laboratory could have a second cross page: a page in the kernel half,\n"
      .. "from 0xc0000000 on, which neither the host nor the VMM uses. (There is more than one right answer.)",
  },
}

points = points_of(questions)

function sheet()
  return questions_sheet("Lab 14: measure it. Use worldswitch trace --vms 1 --format jsonl, and the VM's kernel vm.elf "
    .. "with its disk vm.disk.",
                         questions)
end

function check(submission)
  local free = questions[#questions]
  local given = string.match("\n" .. submission.text, "\n%s*free%s*:%s*(%S+)")
  local reason = given and number_of(given) and taken(number_of(given))
  free.answer = not reason and given and number_of(given) or -1
  free.wrong = {{given or "", reason or ""}}
  check_questions(questions, submission)
end
