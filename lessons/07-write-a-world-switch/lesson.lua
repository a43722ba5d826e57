-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Write a world switch"
minutes = 120
points = 30
file = "switch.s"
blank = {"push", "arguments", "tables", "control", "leave", "enter", "task", "pop"}

local CROSS, MAILBOX, HARNESS = 0xffc00000, 0x800, 0x2000
local CODE, ROW_BYTES, STEPS, SCENARIOS = 0x200000, 80, 7, 20
local CODE_MOST, CONTEXTS, CONTEXT_MOST, FRAME_MOST, ROWS = 0x600, 5, 240, 512, 64 -- what fits into the page, and the table
local NAMES = {"host", "vmm", "guest"}

-- What the rows of `format` may name, by number; frame and tss_descriptor are what lab:set_cross{} calls so.
local WHAT = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "eflags", "cs", "ss", "ds", "es", "fs", "gs",
  "gdtr.base", "gdtr.limit", "idtr.base", "idtr.limit", "ldtr", "tr", "cr0", "cr2", "cr3", "cr4", "frame", "tss_descriptor"}
local IN_CONTEXT, ON_STACK, END = 0x10000, 0x20000, 0xffffffff

local general = {"eax", "ecx", "edx", "ebx", "esi", "edi", "ebp"}
local segments = {"ds", "es", "fs", "gs"}
-- Bits that a world may have or not, with nothing else about it changed: CR0.TS, NE, WP; CR4.TSD, DE; the arithmetic
-- flags, IF, DF.
local CR0_BITS, CR4_BITS, FLAG_BITS = 0x10028, 0x00c, 0xed5

-- -- the format ---------------------------------------------------------------------------------

local function symbols()
  local list = {IN_CONTEXT = IN_CONTEXT, ON_STACK = ON_STACK, END = END}
  for number, what in ipairs(WHAT) do list[string.upper(string.gsub(what, "%.", "_"))] = number end
  return list
end

-- What is wrong with the code's size, or with the first two numbers of the table; nil: nothing.
local function sizes_text(format)
  if #format.code > CODE_MOST then
    return string.format("The code has %d bytes; %d are free in the page.", #format.code, CODE_MOST)
  end
  local room = math.min((MAILBOX - #format.code) // (CONTEXTS * 4) * 4, CONTEXT_MOST)
  for _, row in ipairs{{"first", format.context_bytes, "how long a context is", 4, room},
                       {"second", format.frame_bytes, "how many bytes the switch pops", 0, FRAME_MOST}} do
    local is = row[2]
    if is < row[4] or is % 4 ~= 0 or is > row[5] then
      return string.format("The %s number of `format`, %s, is %d. It must be a multiple of 4, from %d to %d.", row[1], row[3],
        is, row[4], row[5])
    end
  end
end

-- What lab:set_cross{} wants; or nil, and what is wrong with the table.
local function format_read(program)
  local lack = label_wrong(program, "format") or label_wrong(program, "cross")
  if lack then return nil, lack end
  local at = program.symbols.format - program.linear + 1
  local function word()
    at = at + 4
    return at <= #program.bytes + 1 and string.unpack("<I4", program.bytes, at - 4) or END
  end
  local format = {code = string.sub(program.bytes, HARNESS + 1), entry = program.symbols.cross - CROSS, slots = {},
    context_bytes = word(), frame_bytes = word(), wipe = 0, wipe_bytes = 0, given = {}}
  local text = sizes_text(format)
  if text then return nil, text end
  for number = 1, ROWS do
    local what = word()
    if what == END and number == 1 then return nil, "`format` has no rows: it says for no register where it is kept." end
    if what == END then return format end
    local where, bytes = word(), word()
    local offset = where & 0xffff
    local room = where & IN_CONTEXT ~= 0 and format.context_bytes or format.frame_bytes
    if not WHAT[what] or (where ~= IN_CONTEXT + offset and where ~= ON_STACK + offset) or (bytes ~= 2 and bytes ~= 4) then
      return nil, string.format("Row %d of `format` is not of the form: what, IN_CONTEXT or ON_STACK + offset, 2 or 4. Each "
        .. "row has three numbers.", number)
    end
    if offset + bytes > room then
      return nil, string.format("Row %d of `format`, %s, ends at offset %d, and there are only %d bytes: the first two "
        .. "numbers of `format` say how many.", number, string.upper(WHAT[what]), offset + bytes, room)
    end
    format.slots[number] = {what = WHAT[what], place = where & IN_CONTEXT ~= 0 and "context" or "stack", offset = offset,
      bytes = bytes}
    format.given[WHAT[what]] = true
    if WHAT[what] == "tss_descriptor" then format.fixed = offset // 4 end
  end
  return nil, string.format("`format` has no row END behind its first %d rows.", ROWS)
end

-- -- building -----------------------------------------------------------------------------------

local function some_bits(mask) return math.random(0, 0xffffffff) & mask end

-- Where the kernel halves begin: no two scenarios in a row are alike; in some, two worlds share an address.
local function bases_make(number)
  local all = {0x80000000, 0x90000000, 0xa0000000, 0xb0000000, 0xc0000000, 0xd0000000, 0xffc00000}
  local bases = {}
  for i = 1, 3 do bases[i] = all[math.random(#all)] end
  if number % 5 == 0 then bases[2] = bases[1] end
  return bases
end

-- A row for each switch: the world that is left executes it.
local function row_make(s, from, to)
  local world, r = from.world, {from = from, to = to}
  r.cr0, r.cr4 = from.first.cr0 ~ some_bits(CR0_BITS), from.first.cr4 ~ some_bits(CR4_BITS)
  r.cr2, r.eflags, r.depth = some_bits(0xfffff000), some_bits(FLAG_BITS) | 2, 4 * math.random(0, 8)
  local data = {world:selector("kernel-data"), world:selector("kernel-more"), world:selector("fs"), world:selector("gs")}
  for _, name in ipairs(segments) do r[name] = data[math.random(#data)] end
  for _, name in ipairs(general) do r[name] = math.random(0x10000000, 0x7fffffff) end
  local words = {to.context, from.context, CROSS + s.format.entry, world:selector("kernel-code"), r.depth, r.cr0, r.cr2, r.cr4}
  for _, name in ipairs(segments) do words[#words + 1] = r[name] end
  words[#words + 1] = r.eflags
  for _, name in ipairs(general) do words[#words + 1] = r[name] end
  from.rows = from.rows .. string.pack("<" .. string.rep("I4", #words), table.unpack(words))
  return r
end

local function world_make(s, name, base)
  local lab = s.lab
  local world = lab:world{name = name, kernel_linear = base, cr2 = some_bits(0xfffff000)}
  local at = world:kernel_linear() + CODE
  local code = string.sub(s.program.bytes, 1, HARNESS)
  local w = {name = name, world = world, cr3 = world:cr3(), context = world:context(), at = at, rows = "", code = code,
    next = at + s.program.symbols.next - s.program.linear, call_site = at + s.program.symbols.call_site - s.program.linear,
    returned = at + s.program.symbols.returned - s.program.linear, data = at + s.program.symbols.data - s.program.linear}
  world:map(at, HARNESS, "w")
  local first = {eip = w.next, eflags = some_bits(FLAG_BITS & ~0x200) | 2}
  for _, register in ipairs(general) do first[register] = math.random(0x10000000, 0x7fffffff) end
  world:set(first)
  w.first = world:regs()
  return w
end

local function cross_set(lab, format)
  local options = {}
  for name, value in pairs(format) do
    if name ~= "fixed" and name ~= "given" then options[name] = value end
  end
  lab:set_cross(options)
end

local function scenario_build(number, program, format)
  local lab = worldswitch.lab{limit = 200000}
  local s = {number = number, lab = lab, program = program, format = format, worlds = {}, steps = {}}
  -- Contexts stand in front of the mailbox or behind it: so they are at another address each time.
  local first = (#format.code + 3) // 4 * 4
  local room = MAILBOX - 5 * format.context_bytes - first
  format.contexts = number % 3 == 2 and 0x810 + 4 * math.random(0, 63) or first + 4 * math.random(0, math.max(room, 0) // 4)
  cross_set(lab, format)
  local bases = bases_make(number)
  for i = 1, number % 3 do lab:world{name = "other" .. i} end -- other selectors, other contexts for the three
  for i, base in ipairs(bases) do s.worlds[i] = world_make(s, NAMES[i], base) end
  local order = {1, 2, 1, 3, 2, 3, 1, 2}
  for i = 1, STEPS do s.steps[i] = row_make(s, s.worlds[order[i]], s.worlds[order[i + 1]]) end
  for _, w in ipairs(s.worlds) do
    w.rows = w.rows .. string.rep("\0", ROW_BYTES)
    local head = string.pack("<I4I4I4I4", w.context, format.context_bytes // 4, format.fixed or 0xffff, w.data + 16)
    w.world:write(w.at, string.sub(w.code, 1, HARNESS // 2) .. head .. w.rows)
  end
  lab:symbols{linear = CROSS, bytes = format.code, symbols = program.symbols} -- the page: it is where it was linked for
  lab:load(s.worlds[1].world)
  return s
end

-- -- telling -----------------------------------------------------------------------------------

-- "switch.s:24, movl %ecx, %cr3"; where the submission has no such line, the address.
local function place(s, linear)
  local place = source_place(s.program, linear)
  if place then return place end
  for _, w in ipairs(s.worlds) do
    if linear >= w.at and linear < w.at + HARNESS then return hex(linear) .. ", in the code that called the switch" end
  end
  return hex(linear)
end

local function owner(s, name, value)
  for _, w in ipairs(s.worlds) do
    local state = w.saved or w.first
    if state[name] == value then return w.name end
  end
end

-- -- what can be wrong ------------------------------------------------------------------------------
--
-- Each rule looks at the state behind one switch: `w` has from, to (worlds), before (at its first instruction), after
-- (at its arrival), must (what to had when it was left, or is to begin with). It returns what is wrong, or nil. The
-- first rule broken is the one told: what follows from it is not.

local function whose(s, w, name, is)
  local row = name == "esp" and not s.format.given.esp and "frame" or name
  if not w.to.saved and s.format.given[row] == nil and row ~= "cs" then
    return string.format(" `format` has no row for %s, and %s never ran.", string.upper(row), w.to.name)
  end
  if is == w.before[name] then return string.format(" That is %s's: it was not loaded, or not saved as %s's.", w.from.name, w.to.name) end
  if is == 0 then return string.format(" That is what stands in a context while its world runs: it was not saved when %s was left.", w.to.name) end
  local other = owner(s, name, is)
  return other and " That is " .. other .. "'s." or ""
end

local function value(name, what)
  return function(s, w)
    local is, must = w.after[name], w.must[name]
    if is == must then return end
    return string.format("%s is %s, must be %s, as %s %s.%s", string.upper(name), hex(is), hex(must), w.to.name,
      w.to.saved and "had it when it was left" or "is to begin with", whose(s, w, name, is)
      .. (what and " " .. what or ""))
  end
end

-- By its physical address: CR3 may be anything.
local function page_read(s)
  s.page = s.page or s.lab:walk(CROSS).phys
  return s.lab:phys(s.page, 4096)
end

-- The first offset in a piece of the page that is not what it was at the call; nil if there is none.
local function change_find(s, w, linear, bytes)
  local from = linear - CROSS + 1
  local is, was = page_read(s):sub(from, from + bytes - 1), w.page:sub(from, from + bytes - 1)
  if is == was then return end
  local at = 1
  while is:byte(at) == was:byte(at) do at = at + 1 end
  return at - 1
end

local function context_changed(s, w, context) return change_find(s, w, context, s.format.context_bytes) end

local function swapped(s, w)
  if context_changed(s, w, w.to.context) and not context_changed(s, w, w.from.context) then
    return string.format("%s is left, and its state was saved in the context of %s: from and to are swapped. At the first "
      .. "instruction, from is at 8(%%esp) and to is at 12(%%esp); each push moves them by 4, and `pushal` by 32.", w.from.name,
      w.to.name)
  end
end

local function space(s, w)
  if w.after.cr3 == w.to.cr3 then return end
  return string.format("CR3 is %s, must be %s.%s", hex(w.after.cr3), hex(w.to.cr3), whose(s, w, "cr3", w.after.cr3))
end

local function stack(s, w)
  local is, must = w.after.esp, w.must.esp
  if is == must then return end
  local words = (is - must) // 4
  s.lab:back(1)
  local _, last = source_line(s.program, s.lab:reg("eip"))
  s.lab:step(1)
  if words == -1 and string.find(last, "^ret") then
    return "`ret` takes EIP from the stack, and the far call pushed CS as well: end with `lret`."
  end
  if (is - must) % 4 == 0 and math.abs(words) <= 32 then
    return string.format("ESP is %s, must be %s: %d %s too %s taken from %s's stack. What the switch pushes, it must pop, "
      .. "and `lret` takes the caller's EIP and CS; the two arguments stay.", hex(is), hex(must), math.abs(words),
      math.abs(words) == 1 and "word" or "words", (words > 0 and "many " or "few ") .. (math.abs(words) == 1 and "was" or "were"),
      w.to.name)
  end
  return string.format("ESP is %s, must be %s.%s", hex(is), hex(must), whose(s, w, "esp", is))
end

-- Several that come from the stack: if one has what belongs to another, the order was wrong.
local function popped(names)
  return function(s, w)
    for _, name in ipairs(names) do
      local is, must = w.after[name], w.must[name]
      if is ~= must then
        local text = string.format("%s is %s, must be %s, as %s %s.", string.upper(name), hex(is), hex(must), w.to.name,
          w.to.saved and "had it when it was left" or "is to begin with")
        for _, other in ipairs(names) do
          if other ~= name and w.must[other] == is then
            return text .. string.format(" It is %s's %s: pop in the other order than you push.", w.to.name,
              string.upper(other))
          end
        end
        if is >= CROSS and is < CROSS + 4096 and w.to.saved then
          return text .. " That is an address in the cross page: it was overwritten before it was kept, or after it came back."
        end
        return text .. whose(s, w, name, is)
      end
    end
  end
end

local function eflags(s, w)
  local is, must = w.after.eflags, w.must.eflags
  if is == must then return end
  if (is ~ must) & 0x200 ~= 0 then
    return string.format("IF is %s, and %s %s. Save EFLAGS before `cli`, and restore it right before the far return.",
      is & 0x200 == 0 and "clear" or "set", w.to.name, w.to.saved and "was left with it "
      .. (must & 0x200 == 0 and "clear" or "set") or "is to begin with it clear")
  end
  return string.format("EFLAGS is %s, must be %s, as %s %s.%s", hex(is), hex(must), w.to.name,
    w.to.saved and "had it when it was left" or "is to begin with", whose(s, w, "eflags", is))
end

-- The page: who does not take part must find its context as it was, and the mailbox is nobody's scratch paper.
local function page(s, w)
  for _, other in ipairs(s.worlds) do
    local offset = other ~= w.from and other ~= w.to and context_changed(s, w, other.context)
    if offset then
      return string.format("The context of %s changed at offset %d, and %s took no part in this switch.", other.name, offset,
        other.name)
    end
  end
  if change_find(s, w, CROSS + MAILBOX, 16) then return "The mailbox, at offset 0x800 of the page, was overwritten." end
end

-- The code that calls the switch, and its plan.
local function around(s, w)
  local row = (w.to.done or 0) * ROW_BYTES
  if s.lab:mem(w.to.at, HARNESS // 2) ~= string.sub(w.to.code, 1, HARNESS // 2) then
    return "The code that calls the switch was overwritten. Write to contexts, to stacks, and to data of your own in the page."
  end
  if s.lab:mem(w.to.data + 16, #w.to.rows) ~= w.to.rows then
    return "The plan of the switches was overwritten. Write to contexts, to stacks, and to data of your own in the page."
  end
end

-- What the audit of the library has found besides.
local function audit(s, w)
  local list = s.lab:audit()
  for i = (s.found or 0) + 1, #list do
    local text = string.gsub(list[i].text, "^%l", string.upper) .. "."
    if string.find(text, "^Interrupts") then
      s.loud, s.loud_mark = s.loud or text, s.loud_mark or list[i].mark
    else
      s.found = i
      return text
    end
  end
  s.found = #list
end

-- In this order, and for each: what it is worth, and what it is about. A rule without points belongs to the next that has.
local LDTR = "Load LDTR from the context of `to`, after GDTR: it is looked up there."
local rules = {
  {around, 0}, {swapped, 0}, {space, 4, "the entered world's address space is there"}, {stack, 4, "it has its stack"},
  {value("ss"), 0},
  {value("gdtr.base"), 0}, {value("gdtr.limit"), 0}, {value("idtr.base"), 0}, {value("idtr.limit"), 0}, {value("ldtr", LDTR), 0},
  {value("tr"), 5, "it has its tables and its task"},
  {value("cr0"), 0}, {value("cr4"), 0}, {value("cr2"), 4, "it has its control registers"},
  {value("cs"), 0}, {popped(segments), 3, "it has its segment registers"},
  {popped(general), 4, "it has its general registers"}, {eflags, 2, "it has its flags"},
  {page, 0}, {audit, 2, "and nothing else is changed"},
}
local AROUND_RULE, SPACE_RULE, STACK_RULE, QUIET_RULE = 1, 3, 4, #rules + 1

-- -- a switch that does not arrive ---------------------------------------------------------------

-- What of to is not there yet, though its page tables are? In the order in which one thing needs another. Only what loads a
-- selector asks that.
local selector_loads = {"^ll?dt", "^ltr", "^l[defgs]s", "^popl? +%%[d-gs]s", "^popw? +%%[d-gs]s", "^mov[wl]? .*%%[d-gs]s$", "ret"}
local function missing(s, w, now, text)
  local loads = now.cr3 ~= w.to.cr3
  for _, pattern in ipairs(selector_loads) do loads = loads or string.find(text, pattern) end
  if not loads then return end
  if now.cr3 ~= w.to.cr3 and now.cr3 ~= w.before.cr3 then return " " .. space(s, {after = now, to = w.to, before = w.before}) end
  if now.cr3 == w.before.cr3 then
    return (now["gdtr.base"] ~= w.before["gdtr.base"] or string.find(text, "^l[defgs]s") or string.find(text, "^lldt")
      or string.find(text, "^ltr")) and string.format(" CR3 is still %s's: %s's tables and stack are not mapped yet.",
      w.from.name, w.to.name) or nil
  end
  for _, name in ipairs{"gdtr.base", "gdtr.limit", "ldtr"} do
    if now[name] ~= w.must[name] then
      return string.format(" %s is %s there, and %s's is %s.%s", string.upper(string.match(name, "^%a+")), hex(now[name]),
        w.to.name, hex(w.must[name]), whose(s, w, name, now[name]))
    end
  end
end

-- An instruction that uses the stack: is ESP there?
local function stack_lost(s, w, now, text)
  if not (string.find(text, "^push") or string.find(text, "^pop") or string.find(text, "ret") or string.find(text, "^call")
    or string.find(text, "%%esp%)")) then return end
  local esp, frame = now.esp, w.must.esp - s.format.frame_bytes
  if esp >= frame - 64 and esp <= w.must.esp + 64 and now.cr3 == w.to.cr3 then return end
  if esp <= w.before.esp and esp > w.before.esp - 256 then
    return now.cr3 == w.to.cr3 and string.format(" ESP is %s: that is still %s's stack, which is not mapped any more. Between CR3 and "
      .. "ESP, only this page may be touched.", hex(esp), w.from.name)
  end
  return string.format(" ESP is %s, not on %s's stack.%s", hex(esp), w.to.name, whose(s, w, "esp", esp))
end

-- An operand in memory: where does its register point to?
local function operand_lost(s, w, now, text)
  local name = string.match(text, "%(%%(e%a%a)%)")
  if not name or name == "esp" then return end
  local at = now[name]
  if at >= CROSS and at < CROSS + 4096 then return end
  local gdt = at - w.must["gdtr.base"]
  if now.cr3 == w.before.cr3 and gdt >= 0 and gdt <= w.must["gdtr.limit"] then
    return string.format(" %s is %s, in %s's GDT, and %s's page tables are not loaded yet: CR3 is %s's.", string.upper(name),
      hex(at), w.to.name, w.to.name, w.from.name)
  end
  if at == 0 and string.find(text, "^[%a;]*%s*%a+ .*5%(") then
    return string.format(" %s is 0: no address of a TSS's descriptor. %s", string.upper(name), s.format.given.tss_descriptor
      and "Take it from the context of the world that is entered." or "`format` has no row for TSS_DESCRIPTOR.")
  end
  return string.format(" %s is %s, and no context is there. At the first instruction, from is at 8(%%esp) and to is at "
    .. "12(%%esp); each push moves them by 4, and `pushal` by 32.", string.upper(name), hex(at))
end

-- Why `ltr` is refused: the descriptor says it.
local function ltr_lost(s, w)
  local kind = s.lab:mem(w.must["gdtr.base"] + w.must.tr + 5, 1)
  kind = kind and string.byte(kind) or 0
  if kind & 0x80 == 0 then return " The TSS's descriptor is not present: clear bit 1 of its byte 5, and nothing else." end
  if kind & 2 ~= 0 then
    return " `ltr` refuses a TSS that is busy: clear the busy bit, bit 1 of byte 5 of its descriptor, in the entered world's "
      .. "GDT, when its page tables are loaded."
  end
  return string.format(" The selector in %s's context is not the one that TR had, %s: was TR saved?", w.to.name, hex(w.must.tr))
end

local function lret_lost(s, w, now)
  local words = (w.must.esp - 8 - now.esp) // 4
  if words == 0 or math.abs(words) > 64 then return "" end
  return string.format(" `lret` wants EIP and CS at ESP, and they are %d %s %s: what was pushed and what was popped do not "
    .. "match.", math.abs(words), math.abs(words) == 1 and "word" or "words", words > 0 and "further up" or "further down")
end

-- By the instruction that could not be executed.
local causes = {
  {"^ltr", ltr_lost},
  {"^lss", function(s, w) return " What it loads into SS is no data selector of " .. w.to.name .. ": was SS saved in the context?" end},
  {"^mov[wl]? .*%%ss", function(s, w) return " What it loads into SS is no data selector of " .. w.to.name .. "." end},
  {"^iret", function()
    return " `iret` takes EFLAGS, too, behind EIP and CS: put it there, or end with `lret`."
  end},
  {"^l?ret", lret_lost},
  {"^popl? +%%[d-g]s", function(s, w)
    return " What it takes from the stack is no selector of " .. w.to.name .. ": pop in the other order than you push, and save "
      .. "ESP behind the last push." .. (w.to.saved and "" or " (" .. w.to.name .. " never ran: its stack is made from `format`. "
      .. "Does that say what you push?)")
  end},
}

-- Why an instruction could not be executed.
local function fault_text(s, w, linear)
  local _, text = source_line(s.program, linear)
  local now = s.lab:regs()
  local said = stack_lost(s, w, now, text) or operand_lost(s, w, now, text) or missing(s, w, now, text)
  if said then return said end
  local register = string.match(text, "^movl? +%%(e%a%a), *%%cr[04]$")
  if register then
    local name = string.match(text, "%%(cr[04])$")
    return string.format(" It loads %s with %s, must be %s.%s", string.upper(name), hex(now[register]), hex(w.must[name]),
      whose(s, w, name, now[register]))
  end
  if string.find(text, "%%esp%)") and now.cr3 == w.before.cr3 then
    return " That is above the stack. At the first instruction, from is at 8(%esp) and to is at 12(%esp); each push moves them "
      .. "by 4, and `pushal` by 32."
  end
  for _, cause in ipairs(causes) do
    if string.find(text, cause[1]) then return cause[2](s, w, now) end
  end
  return ""
end

-- The switch did not come to where it was to come. What was the first cause? Also: at which mark, by which rule. `back` is
-- the mark at which it came back to its caller, if it did.
local function lost(s, w, back)
  local halt = s.lab:halt()
  if halt and halt.reason == "LIMIT" then
    return "The switch does not come to its end: it was still being executed at the limit of instructions.", w.mark, STACK_RULE
  end
  s.lab:seek(w.mark - 1) -- in front of the call: the first instruction may be the one that fails
  local event = s.lab:run_to_event("vector")
  local mark, linear, what = s.lab:mark(), s.lab:reg("eip")
  if back and not (event and event.mark < back) then
    return string.format("The switch came back to %s, which was to be left, and %s is not there.", w.from.name, w.to.name),
      back, SPACE_RULE
  end
  halt = s.lab:halt()
  if event then
    linear, what = event.before, vector_name(event) .. " at " .. place(s, event.before)
  elseif halt and halt.reason == "TRIPLE_FAULT" then
    s.lab:seek(halt.mark - 1)
    mark, linear = halt.mark - 1, s.lab:reg("eip")
    what = string.format("%s at %s, and no handler is there: triple fault", vector_name(halt), place(s, linear))
  elseif halt and halt.reason == "STOPPED" then
    return string.format("The switch never returned: %s, at %s.", halt.text, place(s, linear - 1)), mark, STACK_RULE
  else
    s.lab:seek(halt.mark - 1)
    return string.format("The switch never returned: %s, at %s.%s", halt.text, place(s, s.lab:reg("eip")),
      string.find(halt.text, "protected mode") and " Was CR0 of " .. w.to.name .. " saved?" or ""), halt.mark - 1, STACK_RULE
  end
  local rule = s.lab:reg("cr3") == w.to.cr3 and STACK_RULE or SPACE_RULE
  return string.format("The switch ends in %s.%s", what, swapped(s, w) and " " .. swapped(s, w) or fault_text(s, w, linear)), mark, rule
end

-- -- one switch -----------------------------------------------------------------------------------

-- At the call: the registers must be those of the plan, or else this code was not what ran before it.
local function call_judge(s, row)
  for _, name in ipairs(general) do
    if s.lab:reg(name) ~= row[name] then
      return string.format("%s is %s in front of the call, and the code around the switch loads %s: it did not run.",
        string.upper(name), hex(s.lab:reg(name)), hex(row[name]))
    end
  end
end

-- Interrupts may come on when the segment registers are to's: a handler keeps them, and loads them again.
-- Back once, and from there forward, since each way back costs more than many steps.
local function early_judge(s, w)
  if s.loud or w.must.eflags & 0x200 == 0 then return end
  local mark, steps, from, first, regs = s.lab:mark(), 2
  repeat
    steps = steps * 4
    from, first = math.max(mark - steps, w.mark), nil
    s.lab:seek(from)
    for now = from, mark do
      if s.lab:reg("eflags") & 0x200 == 0 then
        first = nil
      elseif not first then
        first, regs = now, s.lab:regs()
      end
      if now < mark then s.lab:step(1) end
    end
  until first > from or from == w.mark
  for _, name in ipairs(segments) do
    if regs[name] ~= w.must[name] then
      s.loud_mark = first
      s.loud = string.format("Interrupts come on at %s, and %s is %s there, must be %s. A handler of %s keeps it, and cannot load it "
        .. "again.", place(s, regs.eip), string.upper(name), hex(regs[name]), hex(w.must[name]), w.to.name)
      break
    end
  end
end

-- Run one switch. Returns nil, or what is wrong, at which mark, and by which rule.
local function switch_judge(s, row)
  local w = {from = {name = "boot", context = CROSS + s.format.contexts}, to = s.worlds[1]}
  if row then
    w.from, w.to = row.from, row.to
    if s.lab:reg("eip") ~= w.from.call_site and not s.lab:run_to_linear(w.from.call_site) then
      return "The switch came back, and what it came back to cannot go on: memory or registers are wrong.", s.lab:mark(), STACK_RULE
    end
    local text = call_judge(s, row)
    if text then return text, s.lab:mark(), AROUND_RULE end
    w.from.saved = s.lab:regs()
  end
  if not s.lab:run_to_linear(CROSS + s.format.entry) then
    return "The call of the switch did not come to its first instruction.", s.lab:mark(), STACK_RULE
  end
  w.before, w.mark, w.page = s.lab:regs(), s.lab:mark(), page_read(s)
  w.must = w.to.saved or w.to.first
  local home = w.to.saved and w.to.returned or w.to.next
  local back = s.lab:word(w.before.esp)
  local at = s.lab:run_to_linear{home, w.to.call_site, back}
  if at ~= home then
    return lost(s, w, at == back and s.lab:mark())
  end
  w.after = s.lab:regs()
  for i, rule in ipairs(rules) do
    local text = rule[1](s, w)
    if text then return text, s.lab:mark(), i end
  end
  early_judge(s, w)
end

-- -- the check ----------------------------------------------------------------------------------------

local function scenario_judge(s)
  local text, mark, rule = switch_judge(s)
  if text then return text, mark, rule, "from boot to host, which is entered for the first time" end
  for i, row in ipairs(s.steps) do
    text, mark, rule = switch_judge(s, row)
    if text then
      return text, mark, rule, string.format("switch %d, from %s to %s", i, row.from.name, row.to.name)
    end
  end
  if s.loud then return s.loud, s.loud_mark, QUIET_RULE, "at mark " .. s.loud_mark end
end

-- An interrupt at each boundary between two instructions. Returns the laboratory, what is wrong, and the mark.
local function storm(program, format, way)
  local lab = worldswitch.lab{limit = 10000000}
  format.contexts = (#format.code + 3) // 4 * 4
  cross_set(lab, format)
  local one, two = lab:world{name = "host"}, lab:world{name = "vmm"}
  one:request_gate("trap")
  two:request_gate("trap")
  lab:symbols{linear = CROSS, bytes = format.code, symbols = program.symbols} -- the page: it is where it was linked for
  if not lab:enter(one) then return lab, "host was never entered.", lab:mark() end
  lab:run(300)
  local from, to = one, two
  if way == 2 then
    if not lab:switch(two) then return lab, "vmm was never entered.", lab:mark() end
    lab:run(300)
    from, to = two, one
  end
  local s, verdicts = {program = program, worlds = {}}, lab:storm(to, {stop = true})
  local last = verdicts and verdicts[#verdicts]
  if last and last.sound then return end
  if not last then return lab, "Called with interrupts on, the switch does not come to its end.", lab:mark() end
  local where = string.format("An interrupt before %s: ", place(s, last.linear))
  return lab, where .. (last.finding and last.finding.text or last.served == 0 and "it is never served"
    or last.served > 1 and "it is served " .. last.served .. " times" or last.status) .. ".", lab:mark()
end

local function judge_all(submission)
  local program = submission:link{at = CROSS - HARNESS, with = {"harness.s"}, symbols = symbols()}
  local format, why = format_read(program)
  if not format then return {text = why, rule = 1} end
  local worst = {rule = QUIET_RULE + 1}
  for number = 1, SCENARIOS do
    local s = scenario_build(number, program, format)
    local text, mark, rule, where = scenario_judge(s)
    if text and rule < worst.rule then
      worst = {text = string.format("Scenario %d, %s. %s", number, where, text), rule = rule, lab = s.lab, mark = mark}
    end
  end
  for way = 1, 2 do
    if worst.rule <= QUIET_RULE then break end
    local lab, text, mark = storm(program, format, way)
    if text then worst = {text = text, rule = QUIET_RULE, lab = lab, mark = mark} end
  end
  return worst
end

function check(submission)
  source_read(submission)
  local worst, told = judge_all(submission), false
  local function tell(name, most, good)
    if good then return expect(name, most, true, "") end
    if told then return expect(name, most, false, "Not judged: see above.") end
    told = true
    expect(name, most, false, worst.text, worst.lab, worst.mark)
  end
  for i, rule in ipairs(rules) do
    if rule[3] then tell(rule[3], rule[2], worst.rule > i) end
  end
  tell("no interrupt is served in between", 2, worst.rule > QUIET_RULE)
end

quiz = quiz_of{ask.registers_world, ask.missing, ask.pages_world, ask.whose_handler}
