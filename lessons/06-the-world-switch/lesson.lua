-- SPDX-License-Identifier: GPL-2.0-or-later
title = "The world switch"
minutes = 60
file = "answers.txt"
variants = true

local steps = worldswitch.cross().steps
local CROSS, PAGE = 0xffc00000, 0x1000

-- -- the machine ---------------------------------------------------------------------------------

-- The laboratory's run, once, as far as it is needed: the first context switch from A to B, the first world switch from
-- the host to the VMM, and the first one back.
local machine, context, forth, back
local function run()
  if machine then return end
  machine = worldswitch.laboratory()
  while not back do
    local c = machine:run_to_crossing("any")
    if c.from == "A" and c.to == "B" then context = c end
    if c.from == "host" and c.to == "vmm" then forth = c end
    if c.from == "vmm" and c.to == "host" then back = c end
  end
end

-- Go to where the instruction with a number is about to begin.
local function at(which, number)
  run()
  local crossing = which == "back" and back or forth
  machine:seek(crossing.begin + number - 1)
  return machine
end

-- The first number, of those from `first` on, in front of which a condition holds; and the last one.
local function first_where(which, first, condition)
  for number = first, #steps do
    if condition(at(which, number), number) then return number end
  end
end
local function last_where(which, condition)
  for number = #steps, 1, -1 do
    if condition(at(which, number), number) then return number end
  end
end

-- Does it read or write the stack: a push, a pop, something at ESP?
local function uses_stack(number)
  local text = steps[number].text
  return string.match(text, "^push") or string.match(text, "^pop") or string.match(text, "^lret")
    or string.match(text, "%(%%esp%)")
end

-- Where the operand in memory is of the instruction that is about to begin; nil: it has none.
local function operand(m, number)
  local offset, register = string.match(steps[number].text, "(%w*)%(%%(e%w+)%)")
  return register and m:reg(register) + (tonumber(offset) or 0)
end

-- Let the laboratory do its first switch to the VMM without that instruction, which ends in a triple fault.  Which
-- vector could not be delivered, and by which number was it raised?
local function without(number)
  run()
  local step, other = steps[number], worldswitch.laboratory{limit = forth.finish + 1000}
  other:run_to(forth.begin)
  other:write(step.linear, string.rep("\x90", step.bytes))
  other:run()
  for _, s in ipairs(steps) do
    if s.linear == other:halt().eip then return other:halt().vector, s.number end
  end
end

-- -- what differs from student to student -----------------------------------------------------------

-- The parts of the switch, in the order of execution; and their letters.
local phases = {}
for _, step in ipairs(steps) do
  if phases[#phases] ~= step.phase then phases[#phases + 1] = step.phase end
end
local phase_of, letter_of, phase_lines = {}, {}, {}
for i, phase in ipairs(in_any_order(phases)) do
  local letter = string.char(64 + i)
  phase_of[letter], letter_of[phase] = phase, letter
  phase_lines[i] = string.format("    %s  %s", letter, phase)
end
local order = {}
for i, phase in ipairs(phases) do order[i] = letter_of[phase] end

-- Why the part with that number comes before all that follow.
local before_because = {
  "EFLAGS must be saved while IF still is the left world's own, and no interrupt may come from then on.",
  "the switch needs EAX, ECX and EDX for itself, so what they hold must be on the stack by then.",
  "from says where to save to. Both arguments are on the left world's stack, and it will be gone.",
  "what is loaded later overwrites the left world's CR3, CR0, GDTR and the rest. They must be safe by then.",
  "the entered world's tables and stack are mapped in its own address space only. CR3 comes first.",
  "the left world's global pages go when CR4 is written. Another switch may do this later; this one does it at once.",
  "SS is a selector, and the CPU looks it up in the GDT. GDTR must be the entered world's by then.",
  "to pop, the CPU needs ESP: it must point into the entered world's stack by then.",
  "the far return reads EIP and CS. They are on the stack behind everything that is popped.",
}

local function phases_explain(given)
  local seen = {}
  for i, letter in ipairs(given) do
    letter = string.upper(letter)
    if not phase_of[letter] then return string.format("there is no part %s.", letter) end
    if seen[letter] then return string.format("%s is there twice. Write each letter once.", letter) end
    seen[letter] = i
  end
  for i, phase in ipairs(phases) do
    local letter = string.upper(given[i])
    if letter ~= letter_of[phase] then
      return string.format("in place %d you have %s, \"%s\". But %s, \"%s\", comes before it: %s", i, letter,
                           phase_of[letter], letter_of[phase], phase, before_because[i])
    end
  end
end

-- What is kept where, while the left world is away.  Which instruction saves it, how it is called.
local kept = in_any_order{
  {1, "EFLAGS"}, {3, "EBX"}, {7, "GS"}, {11, "IDTR"}, {15, "CR0"}, {23, "ESP"},
}
local function places()
  local list = {}
  for i, row in ipairs(kept) do list[i] = uses_stack(row[1]) and "stack" or "page" end
  return list
end

local function places_explain(given)
  local right = places()
  for i, row in ipairs(kept) do
    local word = string.lower(given[i])
    if word ~= "stack" and word ~= "page" then
      return string.format("\"%s\" is neither \"stack\" nor \"page\".", given[i])
    end
    if word ~= right[i] then
      local why = "it is pushed, as everything is that can be popped again."
      if row[2] == "ESP" then
        why = "it cannot be kept on the stack: who enters the world again needs ESP to find that stack."
      elseif right[i] == "page" then
        why = "it must be loaded while no stack can be reached, so it is kept in the page that is always mapped."
      end
      return string.format("%s goes to the %s. Look at number %d, `%s`: %s", row[2], right[i], row[1],
                           steps[row[1]].text, why)
    end
  end
end

local function names_of(list)
  local names = {}
  for i, row in ipairs(list) do names[i] = row[2] end
  return table.concat(names, ", ")
end

-- Instructions that are asked for by what happens without them.
local asked = in_any_order{2, 11, 12, 13, 21, 22, 27, 29, 31, 33, 36, 37}

-- -- explanations -----------------------------------------------------------------------------------

-- What an instruction does that was named wrongly.
local function number_explain(given)
  local step = steps[number_of(given)]
  if not step then return "the numbers go from 1 to 45." end
  return string.format("number %d is `%s`: %s. Without it: %s.", step.number, step.text, step.why, step.without)
end

local function number_rows(rows)
  return function()
    local list = {}
    for number, text in pairs(rows) do list[#list + 1] = {number, text} end
    return list
  end
end

local trace = "worldswitch trace --lab --instructions"

-- -- the questions ------------------------------------------------------------------------------------

questions = {
  {
    name = "phases", points = 3, look = "worldswitch view --lab, key w twice, then s: the line above the explanation",
    text = "In which order does the world switch go through its parts? Write the ten letters.\n"
      .. table.concat(phase_lines, "\n"),
    answer = order, explain = phases_explain,
  },
  {
    name = "vanish", points = 1, look = trace .. ", or panel 3 of the visualizer",
    text = "Which number, from 1 to 45, has the instruction after which the left world's kernel is not mapped any\n"
      .. "more?",
    answer = function()
      run()
      local kernel = forth.before["gdtr.base"]
      return first_where("forth", 2, function(m) return m:mem(kernel, 1) == nil end) - 1
    end,
    wrong = number_rows{
      [2] = "`cli` keeps interrupts away. It changes nothing about what is mapped.",
      [23] = "from there on all of the left world is saved. It is mapped still: saving takes nothing away.",
      [24] = "it only fetches the new value into ECX. The CPU goes on with the old page directory.",
      [26] = "that is the first instruction that is executed without the left world. Which one has taken it away?",
      [27] = "CR4 drops what the TLB remembers. Which pages are mapped is said by CR3.",
      [32] = "`lgdt` only changes where the CPU looks for descriptors. The pages were gone before.",
      [38] = "`lss` takes another stack. The old one was gone long before.",
      [45] = "the far return only changes EIP and CS. The address space changed long before.",
    }, explain = number_explain,
  },
  {
    name = "last-left", points = 1, look = trace .. ": look for push, pop and (%esp)",
    text = "Which number has the last instruction that reads or writes the left world's stack?",
    answer = function()
      return last_where("forth", function(m, number)
        return uses_stack(number) and m:mem(forth.before.esp, 1) ~= nil
      end)
    end,
    wrong = number_rows{
      [7] = "that is the last push. Two instructions behind it still read the stack.",
      [8] = "it fetches from. The other argument is still there to be fetched.",
      [22] = "it stores SS, the selector, into the cross page. The stack is not touched.",
      [23] = "it stores ESP itself, the address, into the cross page. The stack is not touched.",
      [25] = "it takes the stack away, and does not read or write it.",
      [38] = "it reads the new SS and ESP from the cross page, not from a stack.",
    }, explain = number_explain,
  },
  {
    name = "no-stack", points = 2, look = trace .. ", or panel 3 of the visualizer: is the page of ESP mapped?",
    text = "There is a time in which a push or a pop would be a page fault: in front of each of these instructions,\n"
      .. "ESP is an address that is not mapped. Which numbers have the first and the last of them? Write two numbers.",
    answer = function()
      local function unmapped(m) return m:mem(m:reg("esp"), 4) == nil end
      return {first_where("forth", 1, unmapped), last_where("forth", unmapped)}
    end,
    wrong = {
      {{25, 38}, "in front of 25, CR3 is still the left world's, and so ESP is still mapped."},
      {{25, 37}, "in front of 25 the left world is still mapped; in front of 38 ESP still is the left world's."},
      {{26, 37}, "in front of 38, ESP is still the left world's: `lss` has not been executed yet."},
      {{26, 39}, "in front of 39, `lss` is over, and ESP is the entered world's: that pop works."},
      {{25, 39}, "in front of 25 the left world is still mapped; in front of 39, ESP is the entered world's already."},
      {{10, 38}, "from 10 on the stack is not used, but it could be: it is mapped until CR3 is written."},
      {{10, 37}, "from 10 on the stack is not used, but it could be: it is mapped until CR3 is written."},
      {{24, 38}, "24 only loads ECX. As long as CR3 is the left world's, its stack is mapped."},
      {{26, 45}, "from 39 on everything is popped from the entered world's stack: ESP is good again there."},
    },
    explain = function(given)
      if (number_of(given[1]) or 0) > (number_of(given[2]) or 0) then return "write the smaller number first." end
      return "the first one follows the instruction that changes CR3; the last one is the one that loads ESP."
    end,
  },
  {
    name = "outside", points = 2, look = trace .. ": what has a register in parentheses reads or writes memory",
    text = "After the write to CR3, which number has the first instruction with an operand in memory outside the\n"
      .. "cross page? (The operand is what stands in parentheses, or what is pushed or popped.)",
    answer = function()
      run()
      return first_where("forth", forth.cr3_mark - forth.begin + 2, function(m, number)
        local linear = operand(m, number) or uses_stack(number) and m:reg("esp")
        return linear and (linear < CROSS or linear >= CROSS + PAGE)
      end)
    end,
    wrong = number_rows{
      [26] = "EDX is to: its context, in the cross page.",
      [32] = "`lgdt` reads six bytes from the context, which is in the cross page. It does not read the GDT.",
      [33] = "`lidt` reads six bytes from the context, which is in the cross page. It does not read the IDT.",
      [34] = "it reads the descriptor's address from the context. The descriptor itself comes with the next one.",
      [36] = "`lldt` does read the GDT, but an instruction in front of it has written there.",
      [37] = "`ltr` does read the GDT, but an instruction in front of it has written there.",
      [38] = "its operand is the context, in the cross page. And 35 was outside before.",
      [39] = "that is the first one that uses a stack. Another one touched the entered world's GDT before.",
    }, explain = number_explain,
  },
  {
    name = "gdtr", points = 1, look = "worldswitch view --lab, key w twice, then s to number 32: gdt, in panel 2",
    text = "The first switch from host to VMM stands in front of number 32. CR3 is the VMM's already. Which base\n"
      .. "has GDTR?",
    answer = function() return at("forth", 32):reg("gdtr.base") end,
    wrong = function()
      run()
      return {
        {forth.after["gdtr.base"], "that is the VMM's. GDTR is a register of its own: CR3 does not change it; `lgdt` "
         .. "does."},
        {0, "nothing clears it: it holds what it held, although nothing is mapped there."},
        {forth.before["idtr.base"], "that is IDTR."},
        {forth.before["gdtr.limit"], "that is GDTR's limit."},
      }
    end,
  },
  {
    name = "no-lgdt", points = 2, look = "worldswitch ablate, row 32",
    text = "Number 32, `lgdt`, is taken out. Which exception comes first, and at which number of the switch? Write\n"
      .. "two numbers: the vector and the number of the instruction.",
    answer = function() return {without(32)} end,
    wrong = {
      {{14, 32}, "32 itself is not executed: what is the first instruction that looks up a selector in the GDT?"},
      {{14, 35}, "35 goes to the entered world's GDT by a linear address of the context. It does not need GDTR."},
      {{14, 33}, "`lidt` does not need the GDT: it reads the context."},
      {{14, 37}, "`ltr` reads the GDT, but another instruction does so before it."},
      {{13, 36}, "the instruction is right. But the CPU cannot even read the descriptor: its page is not mapped."},
      {{11, 36}, "\"not present\" is a bit of a descriptor. The CPU cannot even read the descriptor here."},
      {{8, 36}, "that vector comes second: it says that the handler of the first one could not be entered."},
      {{13, 39}, "FS and GS are looked up in the LDT. LDTR comes before."},
      {{36, 14}, "write the vector first, then the number of the instruction."},
    },
    explain = function()
      return "which instruction behind 32 is the first that looks up a selector? What is mapped at GDTR's base then?"
    end,
  },
  {
    name = "busy", points = 2, look = "worldswitch view --lab, key w three times, then s to 36: the line \"changed\"",
    text = "In the first switch from VMM to host, number 35 writes one byte: the one with the type of the host's TSS\n"
      .. "descriptor. Which value has that byte after it?",
    answer = function()
      local linear = at("back", 35):reg("ecx") + 5
      return string.byte(at("back", 36):mem(linear, 1))
    end,
    wrong = {
      {0x8b, "that is the byte before, with the busy bit (2) set. `ltr` would be #GP with it, and sets it itself."},
      {0x09, "that is the type alone. The bit that says \"present\" is in this byte, too."},
      {0x0b, "that is the type alone, and it still says \"busy\"."},
      {0xfd, "that is the mask in the instruction. `and` keeps of the old byte what the mask has."},
      {0x02, "that is the busy bit. It is cleared, and the rest stays."},
      {0x00, "only the busy bit is cleared: the mask is 0xfd."},
    },
  },
  {
    name = "interrupts", points = 1, look = trace .. ", or the visualizer: IF below the registers",
    text = "In the first switch from VMM to host, which number has the instruction that turns interrupts on again?",
    answer = function()
      return first_where("back", 3, function(m) return m:reg("eflags") & 0x200 ~= 0 end) - 1
    end,
    wrong = number_rows{
      [1] = "it saves EFLAGS, with the left world's IF, and changes nothing.",
      [2] = "`cli` turns interrupts off.",
      [33] = "`lidt` makes the host's handlers known. IF is still off, and must be: there is no stack yet.",
      [38] = "`lss` holds interrupts back for one instruction. IF is off anyway.",
      [43] = "`popal` has the eight general registers. EFLAGS is no one of them.",
      [45] = "`lret` pops EIP and CS. An `iret` would pop EFLAGS, too; this switch has another instruction for it.",
    }, explain = number_explain,
  },
  {
    name = "where", points = 2, look = trace .. ", numbers 1 to 23",
    text = "Where is each of these kept while its world does not run: on the world's own \"stack\", or in the cross\n"
      .. "\"page\"? Write six words, in this order: " .. names_of(kept) .. ".",
    answer = places, explain = places_explain,
  },
  {
    name = "parts", points = 1, look = "worldswitch compare --lab, the first table",
    text = "`worldswitch compare --lab` has a row for each part of the state. How many parts stay in a context switch\n"
      .. "from A to B, and change in a world switch?",
    answer = function()
      run()
      local count = 0
      for part in pairs(forth.changed) do count = count + (context.changed[part] and 0 or 1) end
      return count
    end,
    wrong = {
      {14, "so many change in a world switch. Leave out those that change in the context switch, too."},
      {4, "so many change in both."},
      {11, "the row \"instructions\" is no part of the state."},
      {0, "a world switch changes the GDT, for example. Does a context switch?"},
    },
  },
  {
    name = "from", points = 1, look = "worldswitch view --lab, key w three times, then s to number 10: EAX",
    text = "The same 45 instructions serve both directions. In the first switch from VMM to host, which value has EAX\n"
      .. "in front of number 10?",
    answer = function() return at("back", 10):reg("eax") end,
    wrong = function()
      return {
        {at("back", 10):reg("edx"), "that is EDX, to: the host's context. Here the VMM leaves."},
        {at("back", 1):reg("eax"), "that is what the VMM had in EAX. It was pushed, and number 8 has loaded from."},
        {at("back", 1):reg("eip"), "that is the address of the switch."},
      }
    end,
  },
  {
    name = "return", points = 2, look = "worldswitch view --lab, key w three times, then f",
    text = "The first switch from VMM to host ends with `lret`. To which address does it go?",
    answer = function() run() return back.after.eip end,
    wrong = function()
      run()
      local caller = string.unpack("<I4", at("back", 1):mem(back.before.esp, 4))
      return {
        {caller, "that is where the VMM has called, and where the VMM goes on next time. The stack is the host's "
         .. "by then, and so is the return address."},
        {forth.before.eip, "that is the first instruction of the switch."},
        {forth.after.eip, "that is where the VMM was entered, in the other direction."},
        {steps[45].linear, "that is the address of the `lret` itself."},
        {caller - 7, "that is the VMM's call itself."},
      }
    end,
  },
}
for i = 1, 3 do
  questions[#questions + 1] = {
    name = "why-" .. i, points = 1, look = "worldswitch ablate: it takes out one after the other",
    text = "Which number has the instruction of which this is true? Without it ...\n    ... "
      .. steps[asked[i]].without .. ".",
    answer = asked[i], explain = number_explain,
  }
end

points = points_of(questions)

function sheet()
  return questions_sheet("Lab 6: the world switch. Use the laboratory: worldswitch view --lab", questions)
end

function check(submission)
  check_questions(questions, submission)
end

quiz = quiz_of{ask.registers_world, ask.whose_handler, ask.pages_world, ask.keeps}
