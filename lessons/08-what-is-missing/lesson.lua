-- SPDX-License-Identifier: GPL-2.0-or-later
title = "What is missing?"
minutes = 90
file = "answers.txt"
variants = true

local SWITCHES, TURNS, LIMIT = 10, 3, 4000
local CROSS = 0xffc00000
local CODE, DATA = 0x200000, 0x201000             -- offsets in a world's kernel half
local USER = 0x08048000
local HANDLER, VECTOR, COM1, EXIT = 0x800, 0x30, 0x3f8, 0xf4
local WIPED = 40                                  -- bytes of a context: all but the address of the TSS's descriptor
local IF = 0x200

local cross = worldswitch.cross()
local steps = cross.steps

-- -- what differs from student to student --------------------------------------------------------

-- From these numbers the missing ones are drawn, so many of each row.  1 and 4 to 7 are no part of it: without any of
-- them, the boot world fails to find its arguments in one and the same way.
local rows = {
  {1, {2, 3, 8, 9}},                                                        -- the beginning
  {4, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},            -- saving
  {3, {24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38}},        -- loading
  {2, {39, 40, 41, 42, 43, 44, 45}},                                        -- from the stack, and into the world
}

local missing = {}
for _, row in ipairs(rows) do
  local drawn = in_any_order(row[2])
  for i = 1, row[1] do missing[#missing + 1] = drawn[i] end
end
missing = in_any_order(missing)

-- Where the code begins in the cross page; what the two worlds hold.
local entry = 16 * math.random(1, 12)
local worlds = {{name = "host", kernel_linear = 0xa0000000 + 0x10000000 * math.random(0, 3)}, {name = "vmm"}}
for _, w in ipairs(worlds) do
  w.cr2 = 0x40000000 + 0x1000 * math.random(0x1000, 0xffff)
  w.set = {}
  for _, name in ipairs{"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"} do
    w.set[name] = 0x10000000 + 0x100 * math.random(0, 0x5fffff)
  end
end

-- -- building --------------------------------------------------------------------------------------

-- The switch without an instruction: what follows it moves up.  0: with all of them.
local function code_without(number)
  local last, step = steps[#steps], steps[number]
  local code = string.sub(cross.bytes, 1, last.linear - CROSS + last.bytes)
  if step then
    local at = step.linear - CROSS
    code = string.sub(code, 1, at) .. string.sub(code, at + step.bytes + 1)
  end
  return string.rep("\xcc", entry) .. code .. string.rep("\xcc", 16)
end

-- What both worlds execute; the assembler's text stands beside it.
local function program(w, peer)
  local texts = {w.name .. ": turn 1\n", w.name .. ": its handler\n", w.name .. ": done\n"}
  local at, data = w.world:kernel_linear() + CODE, w.world:kernel_linear() + DATA
  local function text_at(i) return data + 0x40 * (i - 1) end
  local turns = text_at(4)
  local function say(i)
    return string.pack("<BI4BI4BI4BB", 0xbe, text_at(i),                    -- mov $text, %esi
                       0xb9, #texts[i],                                     -- mov $bytes, %ecx
                       0xba, COM1, 0xf3, 0x6e)                              -- mov $COM1, %edx; rep outsb
  end
  local loop = "\x60\xfc"                                                   -- pushal; cld
    .. string.pack("<BI4BI4", 0xbf, w.world:context(), 0xb9, WIPED // 4)    -- mov $context, %edi; mov $words, %ecx
    .. "\x31\xc0\xf3\xab" .. say(1)                                         -- xor %eax, %eax; rep stosl
    .. string.pack("<BBI4", 0xfe, 0x05, text_at(1) + #texts[1] - 2)         -- incb the text's digit
    .. string.pack("BB", 0xcd, VECTOR) .. "\x61"                            -- int $VECTOR; popal
    .. string.pack("<BI4BI4", 0x68, peer.world:context(), 0x68, w.world:context()) -- push $to; push $from
    .. string.pack("<BI4I2", 0x9a, CROSS + entry, w.world:selector("kernel-code")) -- lcall $cs, $cross
    .. "\x83\xc4\x08"                                                       -- add $8, %esp
    .. string.pack("<BBI4", 0xff, 0x0d, turns)                              -- decl turns
  loop = loop .. string.pack("Bb", 0x75, -#loop - 2)                        -- jnz loop
  local code = loop .. say(3)
    .. string.pack("<BI4", 0xba, EXIT) .. "\xb0\x00\xee\xf4"                -- mov $EXIT, %edx; mov $0, %al; out; hlt
  w.world:map(at, 4096, "w")
  w.world:map(data, 4096, "w")
  w.world:map(USER, 4096, "wu")                                             -- so that its user half is its own, too
  w.world:write(at, code)
  w.world:write(at + HANDLER, "\x60\xfc" .. say(2) .. "\x61\xcf")           -- pushal; cld; ...; popal; iret
  for i, text in ipairs(texts) do w.world:write(text_at(i), text) end
  w.world:write(turns, string.pack("<I4", TURNS))
  w.world:gate(VECTOR, at + HANDLER)
  w.set.eip, w.set.eflags = at, w.world:regs().eflags | IF
  w.world:set(w.set)
end

local function lab_build(number)
  local lab = worldswitch.lab{limit = LIMIT, memory = 2 << 20}
  lab:set_cross{code = code_without(number), entry = entry}
  for _, w in ipairs(worlds) do
    w.world = lab:world{name = w.name, kernel_linear = w.kernel_linear, cr2 = w.cr2}
  end
  program(worlds[1], worlds[2])
  program(worlds[2], worlds[1])
  lab:load(worlds[1].world)
  return lab
end

-- -- symptoms ----------------------------------------------------------------------------------------

-- Run it to the end.  At which marks does a switch begin?
local function run(lab)
  local marks = {}
  while lab:run_to_linear(CROSS + entry) do
    marks[#marks + 1] = lab:mark()
    lab:step(1)
  end
  return marks
end

-- Which switch of the run goes on at a mark, or has just ended there; from where to where.
local function switch_at(marks, mark)
  local n = 0
  while marks[n + 1] and marks[n + 1] < mark do n = n + 1 end
  return n, n == 1 and "boot to host" or n % 2 == 0 and "host to vmm" or "vmm to host"
end

-- What cannot be right in front of an `lret`: all that it does not load must be the entered world's by then.
local function strange_registers(lab, name)
  local list, must = {}, nil
  for _, w in ipairs(worlds) do must = w.name == name and w.world:regs() or must end
  for _, register in ipairs{"ds", "es", "fs", "gs", "edi", "eflags"} do
    local is = lab:reg(register)
    if is ~= must[register] then
      list[#list + 1] = string.format("%s is 0x%x, must be 0x%x", register, is, must[register])
    end
  end
  return "in front of it, " .. (#list > 0 and table.concat(list, "; ") or "all registers but CS are right")
end

-- The first thing that went wrong: a list of lines.
local function findings_read(lab, marks)
  local all, first = lab:audit(), nil
  for _, f in ipairs(all) do
    if f.rule == "undisturbed" or f.rule == "ends" then first = first or f end
  end
  first = first or all[1]
  if not first then return {"no finding"} end
  local n, way = switch_at(marks, first.mark)
  local lines = {string.format("in switch %d, %s:", n, way)}
  if first.rule == "undisturbed" or first.rule == "ends" then
    lab:seek(first.mark)
    if not lab:mem(lab:reg("eip"), 1) then
      first.text = string.format("the next instruction, at %s, cannot be fetched: nothing is mapped there; and no "
        .. "handler can be entered", hex(lab:reg("eip")))
    end
    lines[2] = string.format("mark %d, %s: %s", first.mark, first.rule, first.text)
    if string.match(first.text, "lret") then
      lines[3] = strange_registers(lab, string.match(way, "%w+$"))
    else
      lines[3] = string.format("there, ecx is %s, cr0 %s, cr3 %s, cr4 %s", hex(lab:reg("ecx")), hex(lab:reg("cr0")),
                               hex(lab:reg("cr3")), hex(lab:reg("cr4")))
    end
    return lines, n
  end
  for _, f in ipairs(all) do
    if #lines < 3 and switch_at(marks, f.mark) == n then
      lines[#lines + 1] = string.format("mark %d, %s: %s", f.mark, f.rule, f.text)
    end
  end
  return lines, n
end

-- Run the switch without that instruction; the results are kept.
local symptoms = {}
local function symptom(number)
  if symptoms[number] then return symptoms[number] end
  local lab = lab_build(number)
  local marks = run(lab)
  local halt, said = lab:halt(), lab:serial()
  local s = {
    halt = halt.text, ends = string.format("%s, at mark %d", halt.text, halt.mark),
    last = string.match(said, "([^\n]*)\n$") or "nothing",
  }
  s.findings, s.switch = findings_read(lab, marks)
  s.text = string.gsub(table.concat(s.findings, "; "), ":; ", ": ")
  symptoms[number] = s
  return s
end

-- -- explaining ---------------------------------------------------------------------------------------

-- What an instruction is about: register, and which part of its way.
local about = {}
local function about_set(part, registers)
  for number, register in pairs(registers) do about[number] = {part = part, register = register} end
end
about_set("saved", {
  [10] = "GDTR", [11] = "IDTR", [12] = "LDTR", [13] = "TR", [14] = "CR0", [15] = "CR0", [16] = "CR4", [17] = "CR4",
  [18] = "CR3", [19] = "CR3", [20] = "CR2", [21] = "CR2", [22] = "SS", [23] = "ESP", [4] = "DS", [5] = "ES",
  [6] = "FS", [7] = "GS", [3] = "EAX", [1] = "EFLAGS",
})
about_set("loaded", {
  [24] = "CR3", [25] = "CR3", [26] = "CR4", [27] = "CR4", [28] = "CR0", [29] = "CR0", [30] = "CR2", [31] = "CR2",
  [32] = "GDTR", [33] = "IDTR", [34] = "TR", [35] = "TR", [36] = "LDTR", [37] = "TR", [38] = "ESP", [39] = "GS",
  [40] = "FS", [41] = "ES", [42] = "DS", [43] = "EAX", [44] = "EFLAGS",
})

-- Which part of the answer is right, and what follows from that; "" if nothing is.
local function mistake_text(given, right)
  local g, r = about[given], about[right]
  if not g or not r then return "" end
  if g.register == r.register and g.part ~= r.part then
    return "The register is right, the side is not. What is not saved is missed when its world comes back; what is not "
      .. "loaded is missed whenever a world is entered, from switch 1 on. "
  end
  if g.register == r.register and string.match(g.register, "^CR") then
    return "The register is right, and its side, too. But it goes through ECX, in two instructions. Without the first "
      .. "one, what ECX held before arrives; without the second one, nothing does. "
  end
  if g.register == r.register then
    return "The register is right, and its side, too. But more than one instruction has to do with it there. "
  end
  if g.part == r.part then return string.format("The side is right: something is not %s. ", g.part) end
  return "The register is another one, and the side, too. "
end

local function explain(i, given)
  local number = number_of(given)
  local step = steps[number]
  if not step then return "the instructions have the numbers 1 to 45." end
  local shown, other = symptom(missing[i]), symptom(number)
  local text = string.format("number %d is `%s`. %s", number, step.text, mistake_text(number, missing[i]))
  if other.switch ~= shown.switch then
    return string.format("%sWithout it, the first thing goes wrong elsewhere: %s. Here, it does in switch %d.", text,
                         other.text, shown.switch)
  end
  if other.halt ~= shown.halt then
    text = string.format("%sWithout it, the run ends otherwise: %s. Here: %s. ", text, other.halt, shown.halt)
  end
  return string.format("%sWithout it: %s. But here: %s.", text, other.text, shown.text)
end

questions = {}
for i, number in ipairs(missing) do
  questions[i] = {
    name = "switch-" .. i, points = 2, look = string.format("worldswitch trace --all switch-%d.elf", i),
    answer = number,
    text = "",
    explain = function(given) return explain(i, given) end,
    -- What looks the same from outside is as right.
    accept = function(given)
      local n = number_of(given)
      return steps[n] and symptom(n).text == symptom(number).text and symptom(n).ends == symptom(number).ends
    end,
  }
end

points = points_of(questions)

-- -- the sheet ------------------------------------------------------------------------------------------

-- Lines of at most 110 characters.
local function wrapped(text, indent)
  local lines, line = {}, ""
  for word in string.gmatch(text, "%S+") do
    if #line + #word > 110 then lines[#lines + 1], line = line, "" end
    line = line == "" and (#lines > 0 and indent .. word or word) or line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

-- What each world has, the boot world, too: whose value is it that one sees?
local function worlds_table()
  local lab = lab_build(0)
  lab:run_to_crossing("world")
  local boot = lab:crossings()[1].before
  local columns = {boot, worlds[1].world:regs(), worlds[2].world:regs()}
  local lines = {"What the worlds have:", string.format("  %-11s %-10s  %-10s  %-10s", "", "boot", "host", "vmm")}
  for _, name in ipairs{"cr0", "cr2", "cr3", "cr4", "gdtr.base", "idtr.base", "ldtr", "tr", "cs", "ds", "es", "fs",
    "gs", "ecx", "edi", "eflags"} do
    local line = string.format("  %-11s", name)
    for _, regs in ipairs(columns) do line = line .. string.format(" 0x%08x ", regs[name]) end
    lines[#lines + 1] = string.match(line, "^.*%S")
  end
  return table.concat(lines, "\n")
end

function sheet()
  local lines = {}
  for line in string.gmatch(worlds_table(), "[^\n]+") do lines[#lines + 1] = "# " .. line end
  for i, number in ipairs(missing) do
    local s = symptom(number)
    questions[i].text = string.format("-- switch-%d.elf: the last line that it prints is \"%s\"\n%s", i, s.last,
                                      wrapped("how it ends: " .. s.ends, "    "))
    for _, line in ipairs(s.findings) do questions[i].text = questions[i].text .. "\n" .. wrapped(line, "    ") end
  end
  local head = "Lab 8: which number, 1 to 45, is missing in each switch?\n" .. table.concat(lines, "\n")
  return questions_sheet(head, questions)
end

function handouts()
  local files = {}
  for i, number in ipairs(missing) do files[string.format("switch-%d.elf", i)] = lab_build(number):image() end
  return files
end

function check(submission)
  check_questions(questions, submission)
end

quiz = quiz_of{ask.missing, ask.registers_world, ask.whose_handler}
