-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Look around"
minutes = 45
file = "answers.txt"

-- The laboratory's whole run, once.
local machine, crossings
local function run()
  if machine then return end
  machine = worldswitch.laboratory()
  machine:run()
  crossings = machine:crossings()
end

-- The n-th crossing of a kind from one world or process to another.
local function crossing(from, to)
  run()
  for _, c in ipairs(crossings) do
    if c.from == from and c.to == to then return c end
  end
end

local function page_fault(world)
  run()
  machine:seek(0)
  while true do
    local event = machine:run_to_event("vector", 14)
    if not event or machine:where() == world then
      machine:step(1)
      return event, machine:reg("cr2")
    end
  end
end

questions = {
  {
    name = "length", points = 2, look = "worldswitch trace --lab, the lines \"world switch\"",
    text = "How many instructions does a world switch execute, from its first to its far return, both included?",
    answer = function() return crossing("host", "vmm").instructions end,
    wrong = function()
      return {
        {crossing("A", "B").instructions, "that is the length of a context switch. Look for a switch from host to vmm."},
        {crossing("host", "vmm").instructions - 1, "the last instruction, the far return, belongs to the switch, too."},
      }
    end,
  },
  {
    name = "first", points = 2, look = "worldswitch trace --lab, and there the first switch from host to vmm",
    text = "At which mark does the first world switch from the host to the VMM begin?",
    answer = function() return crossing("host", "vmm").begin end,
    wrong = function()
      return {
        {crossing("boot", "host").begin, "that is how the boot world enters the host; the VMM comes later."},
        {crossing("host", "vmm").finish, "that is the mark behind its end, the first one in the VMM."},
        {crossing("vmm", "host").begin, "that is the way back, from the VMM to the host."},
        {crossing("host", "A").begin, "that is a context switch: A is a process of the host, not another world."},
      }
    end,
  },
  {
    name = "cr3-vmm", points = 2, look = "worldswitch view --lab, key w twice, then f; panel 2 has the registers",
    text = "Which value has CR3 in the VMM?",
    answer = function() return crossing("host", "vmm").after.cr3 end,
    wrong = function()
      return {
        {crossing("host", "vmm").before.cr3, "that is what CR3 was before the switch: process B's page directory."},
        {crossing("boot", "host").after.cr3, "that is the host's own page directory."},
        {crossing("host", "A").after.cr3, "that is process A's page directory, in the host."},
      }
    end,
  },
  {
    name = "number", points = 2, look = "worldswitch view --lab, key w, then s until CR3 changes: the number is in the code panel",
    text = "Which number, from 1 to 45, has the instruction of the world switch that writes CR3?",
    answer = function()
      local c = crossing("host", "vmm")
      return c.cr3_mark - c.begin + 1
    end,
    wrong = function()
      local c = crossing("host", "vmm")
      return {
        {c.cr3_mark - c.begin, "so many are executed before it; the numbers begin with 1."},
        {c.cr3_mark - c.begin + 2, "that is the next one: it finds CR3 changed already."},
        {c.cr3_mark, "that is its mark; count from the switch's first instruction, which has the number 1."},
      }
    end,
  },
  {
    name = "ring", points = 1, look = "worldswitch view --lab, key c three times, then f: the top line names the ring",
    text = "The first context switch from A to B has just ended. In which ring, 0 to 3, is the CPU?",
    answer = function() return crossing("A", "B").after.cs & 3 end,
    wrong = {{3, "B runs in ring 3 later, when its kernel has returned. A context switch happens inside the kernel."}},
  },
  {
    name = "catcher", points = 1, look = "worldswitch run --lab: each world says what it caught",
    text = "The VMM touches an address that is not mapped in its world. Which world's handler runs: host or vmm?",
    answer = "vmm", words = {"host", "vmm"},
    wrong = {{"host", "the exception goes through the IDT that is loaded, and that is the VMM's by then."}},
  },
  {
    name = "cr2", points = 2, look = "worldswitch run --lab, the line of the VMM that says #PF",
    text = "Which address was that? (CR2 holds it.)",
    answer = function() return select(2, page_fault("vmm")) end,
    wrong = function()
      return {
        {select(2, page_fault("host")), "that is what the host touched afterwards, and what its own handler caught."},
        {page_fault("vmm").linear, "that is the address of the instruction that touched it."},
      }
    end,
  },
}

points = points_of(questions)

function sheet()
  return questions_sheet("Lab 1: look around. Use the laboratory: worldswitch view --lab", questions)
end

function check(submission)
  check_questions(questions, submission)
end

quiz = quiz_of{ask.registers_world, ask.pages_world, ask.keeps, ask.pages_context}
