-- SPDX-License-Identifier: GPL-2.0-or-later
-- Kinds of questions about switches: what their instructions do, which pages vanish, what stays.  See quiz.lua.

local ROW = 16                        -- bytes of memory that are shown in a line
local TABLES, FREE = 0x1000, 0x200000 -- offsets in a kernel half: src/worlds/layout.h

-- -- what do these instructions do? ----------------------------------------------------------------------

local general = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}
local asked = {
  "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "cs", "ss", "ds", "es", "fs", "gs", "ldtr", "tr",
  "cr0", "cr2", "cr3", "cr4", "gdtr.base", "gdtr.limit", "idtr.base", "idtr.limit",
}
local widths = {lgdt = 6, lidt = 6, lss = 6, lldt = 2, ltr = 2}
local popped = {pop = 4, popfl = 4, popf = 4, popal = 32, popa = 32, ret = 4, lret = 8}
local implied = {pushfl = {"esp"}, pushal = {"esp"}, pushl = {"esp"}, push = {"esp"}, pop = {"esp"}, popal = {"esp"},
                 popfl = {"esp"}, ret = {"esp"}, lret = {"esp"}, sgdt = {"gdtr.base"}, sidt = {"idtr.base"},
                 sldt = {"ldtr"}, str = {"tr"}}

local function shown(name)
  local table_name, part = string.match(name, "^(%w+)%.(%w+)$")
  if table_name then return string.format("%s's %s", string.upper(table_name), part) end
  return string.upper(name)
end

-- Where and how much an instruction reads, from its text; nil: nothing.
local function read_of(text, regs)
  local name, operands = string.match(text, "^(%w+)%s*(.*)$")
  if popped[name] then return regs.esp, popped[name] end
  local source = string.match(operands, "^(.-%b())") or string.match(operands, "^([^,]+)")
  if not source or string.match(name, "^s[lgit]") or name == "lea" then return end -- these read nothing
  local offset, base = string.match(source, "^(-?%w*)%(%%(%w+)%)$")
  if base then return regs[base] + (number_of(offset) or 0) & 0xffffffff, widths[name] or 4 end
  if string.match(source, "^0x%x+$") then return number_of(source), widths[name] or 4 end
end

-- The rows of memory that lie around what is read: as they were before the first instruction, since what the others
-- write is there to be followed; but if CR3 was loaded in between, as the new address space shows them.
local function rows_take(s, rows, linear, bytes, begin)
  local mark, cr3 = s.lab:mark(), s.lab:reg("cr3")
  local now = {}
  for row = linear // ROW * ROW - ROW, linear + bytes - 1, ROW do
    if not rows[row] and row >> 12 == linear >> 12 then now[row] = s.lab:mem(row, ROW) end
  end
  s.lab:seek(begin)
  local same = s.lab:reg("cr3") == cr3
  for row, content in pairs(now) do rows[row] = same and s.lab:mem(row, ROW) or content end
  s.lab:seek(mark)
end

local function rows_text(rows)
  local lines = {}
  for linear, row in pairs(rows) do
    local words = {}
    for i = 1, #row, 4 do words[#words + 1] = hex(string.unpack("<I4", row, i)) end
    lines[#lines + 1] = string.format("%s: %s", hex(linear), table.concat(words, " "))
  end
  return lines
end

-- The registers that the instructions name, or need without naming them, as they are before the first.
local function registers_text(steps)
  local named, out = {}, {}
  for _, step in ipairs(steps) do
    for name in string.gmatch(step.text, "%%(%w+)") do named[name] = true end
    for _, name in ipairs(implied[string.match(step.text, "^%w+")] or {}) do named[name] = true end
  end
  for _, name in ipairs(asked) do
    if named[name] then out[#out + 1] = string.format("%s = %s", shown(name), hex(steps[1].before[name])) end
  end
  local lines = {}
  for i = 1, #out, 3 do lines[#lines + 1] = table.concat(out, "   ", i, math.min(i + 2, #out)) end
  return lines
end

-- "ECX = 0x0011c000", for what an instruction changed.
local function changes_text(step)
  local out = {}
  if step.stored then out[1] = string.format("the word at %s = %s", hex(step.stores), hex(step.stored)) end
  for _, name in ipairs(asked) do
    if name ~= "eip" and step.before[name] ~= step.after[name] then
      out[#out + 1] = string.format("%s = %s", shown(name), hex(step.after[name]))
    end
  end
  if #out > 0 then return table.concat(out, ", ") end
  return "no register changes"
end

-- Where an instruction writes a word, if its text says so.
local function store_of(text, regs)
  local offset, base = string.match(text, "^%w+ %%%w+, (-?%w*)%(%%(%w+)%)$")
  if string.match(text, "^push") then return regs.esp - 4 end
  if base then return regs[base] + (number_of(offset) or 0) & 0xffffffff end
end

-- Execute `count` instructions from here: each with its text, and the registers before and after it.
local function steps_take(s, count, first)
  local steps, rows, written, begin = {}, {}, {}, s.lab:mark()
  for i = 1, count do
    local regs = s.lab:regs()
    local text = s.lab:disasm(regs.eip)
    local linear, bytes = read_of(text, regs)
    if linear and not written[linear] then rows_take(s, rows, linear, bytes, begin) end
    local stores = store_of(text, regs)
    if stores then written[stores] = true end
    s.lab:step(1)
    steps[i] = {number = first + i - 1, text = text, before = regs, after = s.lab:regs(), stores = stores,
                stored = stores and not string.match(text, "pushal") and s.lab:word(stores)}
  end
  return steps, rows
end

local function steps_text(steps, rows)
  local lines = {}
  for _, step in ipairs(steps) do lines[#lines + 1] = string.format("%2d  %s", step.number, step.text) end
  lines[#lines + 1] = ""
  for _, line in ipairs(registers_text(steps)) do lines[#lines + 1] = line end
  local memory = rows_text(rows)
  if #memory > 0 then lines[#lines + 1] = "" end
  for _, line in ipairs(memory) do lines[#lines + 1] = line end
  return table.concat(lines, "\n")
end

-- Which register is asked for: one that the instructions change; the more telling ones first.
local function register_choose(steps)
  local changed, telling = {}, {}
  local first, last = steps[1].before, steps[#steps].after
  for _, name in ipairs(asked) do
    local plain = name == "eip" and not string.match(steps[#steps].text, "^l?ret")
    if first[name] ~= last[name] and not plain then
      changed[#changed + 1] = name
      if name ~= "ecx" then telling[#telling + 1] = name end
    end
  end
  if #telling > 0 then return any_of(telling) end
  if #changed > 0 then return any_of(changed) end
end

local function register_wrong(steps, name, answer)
  local list = {
    {steps[1].before[name], "that is what " .. shown(name) .. " held before the first of them."},
    {steps[#steps].before[name], "that is before the last of them: it is executed, too."},
  }
  for i = 1, #steps - 1 do
    list[#list + 1] = {steps[i].after[name], string.format("that is after instruction %d; the later ones change "
      .. "it again.",
                                                           steps[i].number)}
  end
  for _, other in ipairs(asked) do
    if other ~= name and other ~= "eip" and steps[#steps].after[other] ~= steps[1].before[other] then
      list[#list + 1] = {steps[#steps].after[other], "that is what " .. shown(other) .. " holds then."}
    end
  end
  if name == "esp" then
    list[#list + 1] = {answer + 4 & 0xffffffff, "that is one word too high: count the words that are pushed and "
      .. "popped."}
    list[#list + 1] = {answer - 4 & 0xffffffff, "that is one word too low: count the words that are pushed and popped."}
  end
  return quiz_wrong(answer, list, 5)
end

-- `whys`: what is said of each instruction, by its number; may be absent.
local function steps_question(steps, rows, kind, text, whys)
  local name = register_choose(steps)
  if not name then return end
  local answer, way = steps[#steps].after[name], {}
  if answer == 0 then return end
  for _, step in ipairs(steps) do
    local why = whys and whys[step.number]
    way[#way + 1] = string.format("%d, %s: %s.%s", step.number, step.text, changes_text(step),
                                  why and string.format(" (%s)", why) or "")
  end
  way[#way + 1] = string.format("So %s is %s.", shown(name), hex(answer))
  return {
    kind = kind, form = "address", answer = answer, wrong = register_wrong(steps, name, answer),
    code = steps_text(steps, rows), way = table.concat(way, "\n"),
    text = string.format("%s Before the first of them, registers and memory are as shown (numbers are "
      .. "hexadecimal, memory is in "
                         .. "words of 32 bits). What does %s hold after the last of them?", text, shown(name)),
  }
end

local COUNT = 5

function ask.registers_world()
  local s = quiz_system("world")
  local whys = {}
  for _, step in ipairs(worldswitch.cross().steps) do whys[step.number] = step.why end
  local first = math.random(1, s.crossing.instructions - COUNT + 1)
  s.lab:seek(s.crossing.begin + first - 1)
  local steps, rows = steps_take(s, COUNT, first)
  return steps_question(steps, rows, "In the world switch",
                        string.format("The CPU is in the world switch from %s to %s. These are its instructions "
                          .. "%d to %d, of %d.",
                                      s.from, s.to, first, first + COUNT - 1, s.crossing.instructions), whys)
end

function ask.registers_context()
  local s = quiz_system("context")
  local first = math.random(1, s.crossing.instructions - COUNT + 1)
  s.lab:seek(s.crossing.begin + first - 1)
  local steps, rows = steps_take(s, COUNT, first)
  return steps_question(steps, rows, "In the context switch",
                        string.format("The CPU is in the context switch from process %s to process %s. These are its "
                                      .. "instructions %d to %d, of %d.", s.from, s.to, first, first + COUNT - 1,
                                      s.crossing.instructions))
end

-- -- a little code with a stack --------------------------------------------------------------------------

local free = {0, 1, 2, 3, 5, 6, 7} -- numbers of the general registers, ESP aside

-- One instruction as bytes, and how many words it leaves on the stack.
local forms = {
  function(r) return string.char(0x50 + r), 1 end,                                       -- push
  function(r) return string.char(0x50 + r), 1 end,
  function(r) return string.char(0x58 + r), -1 end,                                      -- pop
  function(r, q) return string.char(0x89, 0xc0 | q << 3 | r), 0 end,                     -- mov
  function(r, q) return string.char(0x87, 0xc0 | q << 3 | r), 0 end,                     -- xchg
  function(r) return string.char(0x8b, 0x44 | r << 3, 0x24, 4 * math.random(0, 2)), 0 end, -- mov n(%esp), r
  function(r) return string.char(0x89, 0x44 | r << 3, 0x24, 4 * math.random(0, 2)), 0 end, -- mov r, n(%esp)
  function(r) return string.char(0x8d, 0x44 | r << 3, 0x24, 4 * math.random(1, 3)), 0 end, -- lea n(%esp), r
  function() return string.char(0x83, 0xc4, 4), -1 end,                                  -- add $4, %esp
}

local function program_make(count)
  local code, depth, moves = "", 0, 0
  for _ = 1, count do
    local r, q = any_of(free), any_of(free)
    local bytes, words = any_of(forms)(r, q)
    if r == q then bytes, words = string.char(0x50 + r), 1 end
    if depth + words < -2 then bytes, words = string.char(0x50 + r), 1 end
    code, depth, moves = code .. bytes, depth + words, moves + math.abs(words)
  end
  return code, moves
end

-- A few instructions that push, pop and move; the stack has random words on it.
function ask.stack()
  local lab = worldswitch.lab{limit = 10000}
  local world = lab:world{name = "host", kernel_linear = quiz_kernel()}
  local at = world:kernel_linear() + FREE + 0x1000 * math.random(0, 0x40)
  local esp = at + 0x1000 + 0x100 * math.random(4, 12)
  local code, moves = program_make(6)
  if moves < 3 then return end
  world:map(at, 0x2000, "w")
  world:write(at, code)
  for i = 0, 7 do world:write(esp + 4 * i, string.pack("<I4", quiz_number())) end
  local registers = quiz_registers()
  registers.eip, registers.esp = at, esp
  world:set(registers)
  lab:enter(world)
  local steps, rows = steps_take({lab = lab}, 6, 1)
  return steps_question(steps, rows, "The stack", "The CPU executes these instructions in ring 0.")
end

-- -- the address space over a switch ---------------------------------------------------------------------

-- How a page fares over the switch: its name among the fates, and the physical addresses.
local function fate_of(s, linear)
  s.lab:seek(s.crossing.begin)
  local before = s.lab:walk(linear)
  s.lab:seek(s.crossing.finish)
  local after = s.lab:walk(linear)
  local fate = before and after and (before.phys == after.phys and "stays" or "other") or before and "vanishes"
    or after and "appears" or "never"
  return fate, before and before.phys, after and after.phys
end

local fates = {
  vanishes = "it is mapped before the switch, and not after it.",
  appears = "it is mapped after the switch, and not before it.",
  stays = "it is mapped before and after, and leads to the same memory.",
  other = "it is mapped before and after, but leads to other memory.",
  never = "it is mapped neither before nor after.",
}

local fate_questions = {
  vanishes = "can be read before the switch, and not any more after it",
  appears = "cannot be read before the switch, and can be after it",
  stays = "leads to the same physical memory before the switch and after it",
  other = "can be read before the switch and after it, but leads to other physical memory then",
}

local function fate_text(before, after)
  return string.format("before: %s; after: %s", before and "physical " .. hex(before) or "not mapped",
                       after and "physical " .. hex(after) or "not mapped")
end

-- What is mapped where: lines for the question, and the pages that may be asked about.
local function map_of(s)
  local lines, pages = {}, {}
  local function put(who, linear, what)
    lines[#lines + 1] = string.format("%-6s %s to %s  %s", who, hex(linear), hex(linear + 0xfff), what)
    pages[#pages + 1] = linear
  end
  put("host", s.host:kernel_linear() + TABLES, "GDT, LDT, TSS, IDT (kernel half)")
  for _, p in ipairs{s.a, s.b} do
    for _, page in ipairs(p.pages) do put(" " .. p.name, page.linear, page.what) end
  end
  put("vmm", s.vmm:kernel_linear() + TABLES, "GDT, LDT, TSS, IDT (kernel half)")
  put("all", 0xffc00000, "the cross page")
  pages[#pages + 1] = quiz_user_page(s.used)
  return lines, pages
end

local function fate_choose(rows)
  local present = {}
  for _, row in ipairs(rows) do present[row.fate] = true end
  local list = {}
  for fate in pairs(fate_questions) do
    if present[fate] then list[#list + 1] = fate end
  end
  return any_of(list)
end

-- Which page vanishes, appears, stays, or gets other memory behind it?
local function pages_question(s)
  local lines, pages = map_of(s)
  local rows, taken = {}, {}
  for _, linear in ipairs(pages) do
    local fate, before, after = fate_of(s, linear)
    if not taken[linear] then rows[#rows + 1] = {linear = linear, fate = fate, before = before, after = after} end
    taken[linear] = true
  end
  local fate = fate_choose(rows)
  local right, wrong, way = nil, {}, {}
  for _, row in ipairs(shuffled(rows)) do
    local other = row.fate ~= fate
    if other and #wrong < QUIZ_WRONG then
      wrong[#wrong + 1] = {hex(row.linear), fates[row.fate]}
      way[#way + 1] = string.format("%s: %s.", hex(row.linear), fate_text(row.before, row.after))
    elseif not other and not right then
      right = hex(row.linear)
      table.insert(way, 1, string.format("%s: %s: %s", right, fate_text(row.before, row.after), fates[fate]))
    end
  end
  local cr3 = string.format("CR3 goes from %s to %s.", hex(s.crossing.before.cr3), hex(s.crossing.after.cr3))
  local who = s.kind == "world switch" and string.format("Process %s of the host runs, and the CPU makes a world "
    .. "switch to the "
    .. "vmm.", s.runs.name) or string.format("The CPU makes a context switch from process %s to process %s, both "
    .. "of the host.",
    s.from, s.to)
  return quiz_choice{
    kind = "Pages over a " .. s.kind, answer = right, wrong = wrong, code = table.concat(lines, "\n"),
    text = string.format("The list says who maps which page; a process also sees its world's kernel half. %s "
      .. "Which address %s?",
                         who, fate_questions[fate]),
    way = cr3 .. "\n" .. table.concat(way, "\n"),
  }
end

function ask.pages_world() return pages_question(quiz_system("world")) end
function ask.pages_context() return pages_question(quiz_system("context")) end

-- -- a walk through the page tables ----------------------------------------------------------------------

-- Each asks for one step of the walk: what is given, what is asked, the answer, and what goes wrong.
local walks = {
  function(linear, cr3, w)
    return string.format("CR3 is %s. At which physical address does the CPU read the page-directory entry for the "
      .. "linear "
                         .. "address %s?", hex(cr3), hex(linear)), w.pde_phys, {
      {cr3 + (linear >> 22), "an entry has 4 bytes: multiply the index by 4."},
      {cr3 + (linear >> 20), "only bits 22 to 31 are the index: shift by 22, then multiply by 4."},
      {cr3 + (linear >> 12 & 1023) * 4, "that takes bits 12 to 21, which are the index into the page table."},
      {cr3, "that is the directory's first entry, for the linear address 0."},
    }, string.format("Bits 22 to 31 of %s are the index: %d. An entry has 4 bytes: %s + 4 * %d = %s.", hex(linear),
                     linear >> 22, hex(cr3), linear >> 22, hex(w.pde_phys))
  end,
  function(linear, _, w)
    local base = w.pde & 0xfffff000
    return string.format("The page-directory entry for the linear address %s is %s. At which physical address "
      .. "does the CPU read "
                         .. "the page-table entry?", hex(linear), hex(w.pde)), w.pte_phys, {
      {base + (linear >> 22) * 4, "that takes bits 22 to 31, which are the index into the page directory."},
      {w.pde + (linear >> 12 & 1023) * 4, "the lowest 12 bits of the entry are flags: they are no part of the "
        .. "address."},
      {base + (linear >> 12 & 1023), "an entry has 4 bytes: multiply the index by 4."},
      {base, "that is the first entry of the page table."},
    }, string.format("The entry's upper 20 bits say where the page table is: %s. Bits 12 to 21 of the linear "
      .. "address are the "
                     .. "index: %d. %s + 4 * %d = %s.", hex(base), linear >> 12 & 1023, hex(base), linear >> 12 & 1023,
                     hex(w.pte_phys))
  end,
  function(linear, _, w)
    local frame = w.pte & 0xfffff000
    return string.format("The page-table entry for the linear address %s is %s. Which physical address does the "
      .. "linear one lead "
                         .. "to?", hex(linear), hex(w.pte)), w.phys, {
      {frame, "that is where the page begins; the lowest 12 bits of the linear address lead on from there."},
      {w.pte + (linear & 0xfff), "the lowest 12 bits of the entry are flags: they are no part of the address."},
      {w.pde and (w.pde & 0xfffff000) + (linear & 0xfff), "that is in the page table itself."},
      {linear, "that is the linear address: the page is mapped elsewhere."},
    }, string.format("The entry's upper 20 bits say where the page is: %s. The lowest 12 bits of the linear "
      .. "address are the "
                     .. "offset in it: 0x%03x. Together: %s.", hex(frame), linear & 0xfff, hex(w.phys))
  end,
}

function ask.walk()
  local s = quiz_system("context")
  local _, pages = map_of(s)
  local linear = any_of(pages) + 4 * math.random(1, 1023)
  s.lab:seek(any_of{s.crossing.begin, s.crossing.finish})
  local w = s.lab:walk(linear)
  if not w then return end
  local text, answer, wrong, way = any_of(walks)(linear, s.lab:reg("cr3"), w)
  return {kind = "A walk through page tables", form = "address", text = "Paging is on, with pages of 4 KiB and "
    .. "without PAE. " .. text,
          answer = answer, wrong = quiz_wrong(answer, wrong), way = way}
end

-- -- what changes and what stays -------------------------------------------------------------------------

local parts = {
  {"cr3", "CR3", "each process, and each world, has a page directory of its own: CR3 says which is used."},
  {"user-space", "what is mapped in the user half", "it belongs to the process: CR3 changes, and with it the user "
    .. "half."},
  {"stack", "ESP", "each process has a kernel stack of its own, and each world has its own stacks."},
  {"kernel-space", "what is mapped in the kernel half", "all processes of one world share it; another world has "
    .. "another."},
  {"gdtr", "GDTR", "all processes of a world share its GDT; another world has another."},
  {"idtr", "IDTR", "all processes of a world share its handlers; another world has its own."},
  {"tr", "TR", "a world has one TSS; only the field ESP0 in it is a process's own."},
  {"ldtr", "LDTR", "the LDT belongs to the world, not to a process."},
}

-- What makes a part the answer, and how that is asked.
local keeps = {
  {"Which of these stays the same in a context switch from process %s to process %s?",
   function(context) return not context end},
  {"Which of these changes in a context switch from process %s to process %s?",
   function(context) return context end},
  {"Which of these does the context switch from process %s to process %s leave alone, while a world switch to the "
    .. "vmm changes it?",
   function(context, world) return world and not context end},
}

function ask.keeps()
  local c, w = quiz_system("context"), quiz_system("world")
  local row = any_of(keeps)
  local right, wrong, way = nil, {}, {}
  for _, part in ipairs(shuffled{table.unpack(parts)}) do
    local context, world = c.crossing.changed[part[1]] or false, w.crossing.changed[part[1]] or false
    local said = string.format("%s: the context switch %s it, the world switch %s it: %s", part[2],
                               context and "changes" or "keeps", world and "changes" or "keeps", part[3])
    if row[2](context, world) then
      if not right then right, way[#way + 1] = part[2], said end
    elseif #wrong < QUIZ_WRONG then
      wrong[#wrong + 1] = {part[2], part[3]}
      way[#way + 1] = said
    end
  end
  return quiz_choice{
    kind = "What stays, what changes", answer = right, wrong = wrong, way = table.concat(way, "\n"),
    text = string.format("The host's kernel half begins at %s, and the vmm's at %s. " .. row[1],
                         hex(c.host:kernel_linear()), hex(c.vmm:kernel_linear()), c.from, c.to),
  }
end

-- -- which instruction is missing? -----------------------------------------------------------------------

-- What both worlds have, as a table of two lines for four registers.
local function worlds_text(host, vmm, registers)
  local lines = {"       ", "host   ", "vmm    "}
  for _, name in ipairs(registers) do
    lines[1] = lines[1] .. string.format("%-12s", shown(name))
    for i, world in ipairs{host, vmm} do lines[i + 1] = lines[i + 1] .. hex(world:regs()[name]) .. "  " end
  end
  for i = 1, 3 do lines[i] = string.match(lines[i], "^(.-)%s*$") end
  return table.concat(lines, "\n")
end

function ask.missing()
  local lab = worldswitch.lab{limit = 20000}
  local k1, k2 = quiz_kernel(), quiz_kernel()
  if k1 == k2 then return end
  local host = lab:world{name = "host", kernel_linear = k1, cr2 = quiz_number()}
  local vmm = lab:world{name = "vmm", kernel_linear = k2, cr2 = quiz_number()}
  lab:enter(host)
  local rows, times = lab:ablate(vmm, "remove"), {}
  for _, row in ipairs(rows) do -- what is said must lead to one instruction, and not name it
    row.said = row.finding and string.gsub(row.finding.text, "; no %w+ follows", "")
    if row.said then times[row.said] = (times[row.said] or 0) + 1 end
  end
  local row = any_of(rows)
  if not row.said or times[row.said] > 1 or #row.said > 300 then return end
  local function name(r) return string.format("%d, `%s`", r.number, r.text) end
  local wrong = {}
  for _, other in ipairs(shuffled(rows)) do
    if other.said and other.said ~= row.said and #wrong < QUIZ_WRONG then
      wrong[#wrong + 1] = {name(other), "without that one, the audit says: " .. other.said .. "."}
    end
  end
  local step = worldswitch.cross().steps[row.number]
  return quiz_choice{
    kind = "What is missing?", answer = name(row), wrong = wrong,
    code = worlds_text(host, vmm, {"cr0", "cr2", "cr3", "cr4"}) .. "\n\n"
      .. worlds_text(host, vmm, {"gdtr.base", "idtr.base", "ldtr", "tr"}),
    text = "One instruction was taken out of the world switch, and `nop` stands there instead. After a switch "
      .. "from host to "
      .. "vmm, and back if the CPU got so far, the audit says: " .. row.said .. ". The list is what each world is "
      .. "to have. "
      .. "Which instruction is missing?",
    way = string.format("Instruction %d is there for this: %s.\nWithout it: %s.", row.number, step.why, step.without),
  }
end
