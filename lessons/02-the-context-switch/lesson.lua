-- SPDX-License-Identifier: GPL-2.0-or-later
title = "The context switch"
minutes = 45
file = "answers.txt"

local found

-- The first context switch from A to B, and what the TSS says about ring 0's stack before and behind it.
local function switch()
  if found then return found end
  local machine = worldswitch.laboratory()
  machine:run()
  for _, c in ipairs(machine:crossings()) do
    if c.kind == "context" and c.from == "A" and c.to == "B" then
      found = c
      break
    end
  end
  local tss = found.before["gdtr.base"] + 0x500 -- the tables share a page: src/worlds/layout.h
  machine:seek(found.begin)
  found.esp0_before = machine:word(tss + 4)
  machine:seek(found.finish)
  found.esp0_after = machine:word(tss + 4)
  machine:seek(found.begin)
  found.return_address = machine:word(machine:reg("esp"))
  return found
end

-- "changes" or "stays", of a part of the state.
local function of(category)
  return function() return switch().changed[category] and "changes" or "stays" end
end

local look = "worldswitch compare --lab"

-- name, part, question, what is wrong about the other answer
local rows = {
  {"general", "general-registers", "the general registers",
   "each process has values of its own in EBX, ESI, EDI and EBP; the switch saves A's and loads B's."},
  {"stack", "stack", "ESP",
   "each process has a kernel stack of its own; that another one is loaded is the heart of the switch."},
  {"cr3", "cr3", "CR3",
   "each process has a page directory of its own, and CR3 says which one is used."},
  {"user-half", "user-space", "what is mapped in the user half, below the kernel's base",
   "the same addresses belong to A before, and to B after: that is what loading CR3 does."},
  {"kernel-half", "kernel-space", "what is mapped in the kernel half",
   "all page directories of one world share the kernel half; else the code of the switch would vanish under its own EIP."},
  {"gdtr", "gdtr", "GDTR", "one GDT serves all processes of a world; another one belongs to another world."},
  {"idtr", "idtr", "IDTR", "exceptions and interrupts go to the same kernel, whichever process runs."},
  {"tr", "tr", "TR", "there is one TSS, and it stays; one field in it is written instead."},
  {"cr0", "cr0", "CR0", "paging and protection are on in both processes: nothing in it is a process's own."},
}

questions = {}
for _, row in ipairs(rows) do
  local answer = of(row[2])
  questions[#questions + 1] = {
    name = row[1], points = 1, look = look,
    text = "Does this change? Write \"changes\" or \"stays\": " .. row[3] .. ".",
    answer = answer, words = {"changes", "stays"},
    wrong = function() return {{answer() == "stays" and "changes" or "stays", row[4]}} end,
  }
end
questions[#questions + 1] = {
  name = "esp0", points = 2, look = "worldswitch view --lab, panel of tables, at both ends of the switch",
  text = "Which value has ESP0, the ring-0 stack in the TSS, after the switch?",
  answer = function() return switch().esp0_after end,
  wrong = function()
    return {
      {switch().esp0_before, "that is A's kernel stack: with it, B's next system call would be served on A's stack."},
      {switch().after.esp, "that is ESP after the switch. ESP0 is where an empty stack begins: its top."},
    }
  end,
}
questions[#questions + 1] = {
  name = "return", points = 2, look = "worldswitch view --lab, key c three times, then s to the last instruction",
  text = "The switch was called in A, and its `ret` ends it. Which address does it return to?",
  answer = function() return switch().after.eip end,
  wrong = function()
    return {
      {switch().return_address, "that is where A called, and where A goes on when another process switches back to it. The "
       .. "stack is B's by then, and so is the return address. (B never ran: the kernel prepared its stack.)"},
      {switch().before.eip, "that is the first instruction of context_switch itself."},
    }
  end,
}

points = points_of(questions)

function sheet()
  return questions_sheet("Lab 2: predict the first context switch from A to B (worldswitch view --lab).", questions)
end

function check(submission)
  check_questions(questions, submission)
end

quiz = quiz_of{ask.registers_context, ask.pages_context, ask.keeps, ask.handler_stack, ask.walk}
