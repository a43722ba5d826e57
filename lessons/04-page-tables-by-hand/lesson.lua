-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Page tables by hand"
minutes = 90
points = 20
file = "paging.s"
blank = {"entry", "table", "map", "protect", "unmap", "explain"}

local PAGE, FRAME, ROW_BYTES, LIMIT = 4096, 0xfffff000, 40, 20000
local P, W, U = 1, 2, 4
local USED = 0x60                                 -- A and D: the CPU may set them at any time
local CODE, PLAN, POOL = 0x200000, 0x2c0000, 0x300000 -- offsets in the kernel half
local POOL_PAGES, TABLES, BACK = 19, 0x1000, 0x40
local FREE_FRAMES = 2
local kept = {"ebx", "esi", "edi", "ebp"}
local READ, WRITE, USER = 0, 1, 2                 -- an access; ERROR_WRITE is 2, ERROR_USER is 4
local reasons = {[0] = "FAULT_NONE", "FAULT_NO_TABLE", "FAULT_NO_PAGE", "FAULT_NOT_USER", "FAULT_READ_ONLY"}
local NONE, NO_TABLE, NO_PAGE, NOT_USER, READ_ONLY = 0, 1, 2, 3, 4

-- Where the kernel half begins, where ring 3 executes, and whether the world has neighbours: so no address is the same in
-- all scenarios.
local scenarios = {
  {kernel_linear = 0xc0000000, others = 0, user = 0x08048000},
  {kernel_linear = 0xa0000000, others = 2, user = 0x10001000},
}

-- -- the plan -----------------------------------------------------------------------------------
--
-- The check is in parts, one a routine. Each has its own addresses, so that it can be left out when it has failed.

local function call(routine, directory, linear, third, fourth)
  return {routine = routine, directory = directory, linear = linear, third = third or 0, fourth = fourth or 0}
end

local function access(linear, how, asked) return {linear = linear, how = how, asked = asked} end

local function any(first, last) return math.random(first, last) end

-- Some value whose bit P is clear: what a kernel may keep in an entry that maps nothing.
local function absent() return any(1, 0x7fffffff) << 1 & 0xffffffff end

local makers = {}

function makers.entry(s)
  local at, none, garbage = s.slot(), s.slot(), s.slot()
  local linear, there = s.page_in(at), s.page_in(at)
  s.table_put("D", at, W | U | any(0, 7) << 9)
  s.put("D", garbage, absent())
  s.entry_put("D", linear, s.data() | W)
  s.entry_put("D", there, s.data() | P | W)
  s.table_put("E", none, W | U)
  return {
    call("page_entry", "D", there), call("page_entry", "D", linear), call("page_entry", "D", s.page_in(at)),
    call("page_entry", "D", none << 22 | any(0, 0x3fffff)),
    call("page_entry", "D", garbage << 22 | any(0, 0x3fffff)), call("page_entry", "E", s.page_in(none) | any(1, 0xfff)),
    call("page_entry", "E", linear), call("page_entry", "D", at << 22 | 0x3ff000), call("page_entry", "D", at << 22),
  }
end

function makers.map(s)
  local at, new, other, last, strict = s.slot(), s.slot(), s.slot(), s.slot(), s.slot()
  local a, b, c, d = s.page_in(at), s.page_in(at), s.page_in(new), s.page_in(new)
  s.table_put("D", at, W | U | any(0, 7) << 9)
  s.table_put("E", strict, 0) -- the rights in the directory are not page_map's to change
  s.put("D", new, absent())
  s.entry_put("D", b, absent() & ~P)
  s.entry_put("D", s.page_in(at), s.data() | P | W)
  return {
    call("page_map", "D", a, s.data(), W), access(a, WRITE),
    call("page_map", "D", b, s.data(), W | U), access(b, WRITE | USER),
    call("page_map", "D", c, s.data(), U), access(c, READ | USER),
    call("page_map", "D", d, s.data(), 0), access(d, READ), access(d, READ | USER),
    call("page_map", "E", s.page_in(strict), s.data(), W | U), call("page_map", "E", s.page_in(other), s.data(), W),
    call("page_map", "D", s.page_in(last), s.data(), W), access(c, READ | USER),
  }
end

function makers.protect(s)
  local at, none, there = s.slot(), s.slot(), s.slot()
  local a, b, gone, c, fixed = s.page_in(at), s.page_in(at), s.page_in(at), s.page_in(there), s.page_in(at)
  s.table_put("D", at, W | U)
  s.table_put("E", there, W | U)
  s.entry_put("D", fixed, s.data() | P | U)
  s.entry_put("D", a, s.data() | P | W | any(0, 7) << 9)
  s.entry_put("D", b, s.data() | P | W | U)
  s.entry_put("D", gone, absent() | W)
  s.entry_put("E", c, s.data() | P | W | U)
  return {
    access(a, WRITE), access(b, WRITE | USER),
    call("page_protect", "D", a), access(a, READ), access(a, WRITE),
    call("page_protect", "D", b), access(b, READ | USER), access(b, WRITE | USER),
    call("page_protect", "E", c), call("page_protect", "D", fixed), access(fixed, READ | USER), access(fixed, WRITE),
    call("page_protect", "D", gone), call("page_protect", "D", s.page_in(none)),
  }
end

function makers.unmap(s)
  local at, none, there = s.slot(), s.slot(), s.slot()
  local a, b, gone, c = s.page_in(at), s.page_in(at), s.page_in(at), s.page_in(there)
  s.table_put("D", at, W | U)
  s.table_put("E", there, W | U)
  s.entry_put("D", a, s.data() | P | W)
  s.entry_put("D", b, s.data() | P | W | U | any(1, 7) << 9)
  s.entry_put("D", gone, absent() | 0x1000)
  s.entry_put("E", c, s.data() | P | U)
  return {
    access(a, WRITE), access(b, READ | USER),
    call("page_unmap", "D", a), access(a, READ),
    call("page_unmap", "D", b), access(b, READ | USER),
    call("page_unmap", "E", c), call("page_unmap", "D", gone), call("page_unmap", "D", s.page_in(none)),
  }
end

function makers.explain(s)
  local at, none, strict, fixed = s.slot(), s.slot(), s.slot(), s.slot()
  local kernel, plain, user, gone, all = s.page_in(at), s.page_in(at), s.page_in(at), s.page_in(at), s.page_in(at)
  local hidden, sealed = s.page_in(strict), s.page_in(fixed)
  s.table_put("D", at, W | U)
  s.table_put("E", strict, W)
  s.table_put("E", fixed, U)
  s.entry_put("D", kernel, s.data() | P | W)
  s.entry_put("D", plain, s.data() | P)
  s.entry_put("D", user, s.data() | P | U)
  s.entry_put("D", gone, absent() | W | U)
  s.entry_put("D", all, s.data() | P | W | U)
  s.entry_put("E", hidden, s.data() | P | W | U)
  s.entry_put("E", sealed, s.data() | P | W | U)
  return {
    access(s.page_in(none), READ, true), access(gone, READ, true), access(gone, WRITE | USER, true),
    access(kernel, READ | USER, true), access(plain, WRITE, true), access(user, WRITE | USER, true),
    access(plain, WRITE | USER, true),
    call("fault_explain", "E", hidden, 5), call("fault_explain", "E", sealed, 7), call("fault_explain", "E", hidden, 3),
    call("fault_explain", "E", sealed | 0x123, 3), call("fault_explain", "D", all, 7), call("fault_explain", "D", plain, 0),
    call("fault_explain", "E", gone, 7), call("fault_explain", "D", kernel, 2),
  }
end

-- In this order, and for each: what it is worth, and what it is about.
local parts = {
  {"entry", 4, "page_entry() finds the entry"}, {"map", 5, "page_map() maps the page, and nothing else"},
  {"protect", 4, "page_protect() makes it read-only at once"}, {"unmap", 4, "page_unmap() takes it away at once"},
  {"explain", 3, "fault_explain() knows why"},
}

-- -- building -----------------------------------------------------------------------------------

-- A laboratory with all pages but those of the code.
local function lab_make(scenario, tlb)
  local lab = worldswitch.lab{memory = 2 << 20, limit = LIMIT, tlb = tlb}
  for i = 1, scenario.others do lab:world{name = "other" .. i} end
  local world = lab:world{name = "host", kernel_linear = scenario.kernel_linear}
  local base = world:kernel_linear()
  world:map(base + PLAN, 2 * PAGE, "w")
  world:map(base + POOL, POOL_PAGES * PAGE, "w")
  world:map(scenario.user, PAGE, "u")
  return lab, world, base
end

local function phys_word(lab, phys) return string.unpack("<I4", lab:phys(phys, 4)) end

-- Frames are given out in order. So a laboratory with the same pages tells where they will be, before there is code.
local function frames_find(scenario)
  local lab, world, base = lab_make(scenario)
  lab:load(world)
  local function frame_of(linear)
    local pde = phys_word(lab, world:cr3() + (linear >> 22) * 4)
    return phys_word(lab, (pde & FRAME) + (linear >> 12 & 1023) * 4) & FRAME
  end
  local first = frame_of(base + POOL)
  assert(frame_of(base + POOL + (POOL_PAGES - 1) * PAGE) == first + (POOL_PAGES - 1) * PAGE)
  local directory = {}
  for i = 0, 1023 do directory[i] = phys_word(lab, world:cr3() + i * 4) end
  return first, directory
end

-- What is in the pool: directories, page tables, free frames, frames to be mapped. s.words[page] holds the words.
local function pool_make(s, directory)
  local free, slots, taken, data = {}, {}, {}, {}
  for i = 0, POOL_PAGES - 1 do free[#free + 1] = i end
  shuffled(free)
  s.words, s.about, s.free_frames = {}, {}, {}
  local function page_take(about)
    local page = table.remove(free)
    s.words[page], s.about[page] = {}, about
    return page
  end
  local function phys_of(page) return s.pool_phys + page * PAGE end
  s.page = {D = page_take("the directory"), E = page_take("the other directory")}
  for i = 0, 1023 do s.words[s.page.D][i] = directory[i] end
  for i = 1, FREE_FRAMES do
    local page = page_take("a free frame")
    for word = 0, 1023 do s.words[page][word] = 0xa5000007 + page * 0x10000 end
    s.free_frames[i] = phys_of(page)
  end
  for i = 1, 4 do
    local page = page_take("a frame for pages")
    for word = 0, 1023 do s.words[page][word] = 0x5a000000 + page * 0x10000 + word end
    data[i] = phys_of(page)
  end
  for i = 1, 1022 do
    if directory[i] == 0 then slots[#slots + 1] = i end
  end
  shuffled(slots)
  local round = {}
  function s.data()
    if #round == 0 then for i = 1, #data do round[i] = data[i] end end
    return table.remove(round)
  end
  function s.slot() -- once from the lower half of all addresses, once from the upper
    s.upper = not s.upper
    for i, slot in ipairs(slots) do
      if (slot >= 512) == s.upper then return table.remove(slots, i) end
    end
  end
  function s.page_in(slot)
    local index
    repeat
      index = any(1, 1022)
      local page = slot << 10 | index
    until not (taken[page - 1] or taken[page] or taken[page + 1])
    taken[slot << 10 | index] = true
    return slot << 22 | index << 12
  end
  function s.put(name, index, value) s.words[s.page[name]][index] = value end
  function s.table_put(name, slot, flags)
    s.put(name, slot, phys_of(page_take("the page table")) | P | flags)
  end
  -- An entry, and two neighbours, which must stay.
  function s.entry_put(name, linear, value)
    local words = s.words[s.words[s.page[name]][linear >> 22] - s.pool_phys >> 12]
    local index = linear >> 12 & 1023
    words[index] = value
    words[index + 1] = words[index + 1] or data[1] | P | W | U
    words[index - 1] = words[index - 1] or data[2] | P
  end
end

local function pool_bytes(s)
  local pages = {}
  for page = 0, POOL_PAGES - 1 do
    local words = {}
    for i = 0, 1023 do words[i + 1] = string.pack("<I4", s.words[page] and s.words[page][i] or 0) end
    pages[#pages + 1] = table.concat(words)
  end
  return table.concat(pages)
end

local function row_bytes(s, row)
  local words = {2, s.symbols.fault_explain or 0, row.linear, any(1, 0x7fffffff), row.how, row.asked and 1 or 0}
  if row.routine then
    words = {1, s.symbols[row.routine] or 0, s.directory[row.directory], row.linear, row.third, row.fourth}
  end
  local first = string.pack("<I4I4I4I4I4I4", table.unpack(words))
  for _, name in ipairs(kept) do
    row[name] = any(0x10000000, 0x7fffffff)
    first = first .. string.pack("<I4", row[name])
  end
  return first
end

-- What stays the same if a part is left out.
local function scenario_make(scenario, submission)
  local s = {scenario = scenario, all = {}}
  local directory
  s.pool_phys, directory = frames_find(scenario)
  pool_make(s, directory)
  for _, part in ipairs(parts) do
    for _, row in ipairs(makers[part[1]](s)) do
      row.part = part[1]
      s.all[#s.all + 1] = row
    end
  end
  local _, world, base = lab_make(scenario)
  s.base, s.pool, s.rows_linear, s.tables = base, base + POOL, base + PLAN + 0x100, base + TABLES
  s.to_linear = s.pool - s.pool_phys & 0xffffffff
  s.directory = {D = s.pool + s.page.D * PAGE, E = s.pool + s.page.E * PAGE}
  s.spoiled = {any(0x10000000, 0x6fffffff), any(0x10000000, 0x6fffffff)}
  s.program = submission:link{
    at = base + CODE, with = {"harness.s"},
    symbols = {
      PAGE_PRESENT = P, PAGE_WRITE = W, PAGE_USER = U, ERROR_WRITE = 2, ERROR_USER = 4, PHYS_TO_LINEAR = s.to_linear,
      FAULT_NONE = NONE, FAULT_NO_TABLE = NO_TABLE, FAULT_NO_PAGE = NO_PAGE, FAULT_NOT_USER = NOT_USER,
      FAULT_READ_ONLY = READ_ONLY, DIRECTORY_PHYS = s.pool_phys + s.page.D * PAGE, directory = s.directory.D,
      tss = s.tables + 0x500, USER_CODE = world:selector("user-code"), USER_DATA = world:selector("user-data"), BACK = BACK,
      first_touch = scenario.user, first_row = s.rows_linear, first_frame = base + PLAN, SPOILED_ECX = s.spoiled[1],
      SPOILED_EDX = s.spoiled[2],
    },
  }
  s.symbols = s.program.symbols
  s.uses_sar = string.find(submission.text, "%f[%a]sar")
  return s
end

-- The laboratory, with the rows of those parts that have not failed.  tlb: "keep" or "coherent".
local function scenario_enter(s, failed, tlb)
  local lab, world = lab_make(s.scenario, tlb)
  local rows = {}
  s.lab, s.tlb, s.plan, s.new_tables, s.last_change = lab, tlb, {}, {}, nil
  for _, row in ipairs(s.all) do
    if not failed[row.part] then
      s.plan[#s.plan + 1], rows[#rows + 1] = row, row_bytes(s, row)
    end
  end
  s.rows = table.concat(rows) .. string.rep("\0", ROW_BYTES)
  world:map(s.base + CODE, (#s.program.bytes + PAGE - 1) // PAGE * PAGE, "w")
  world:write(s.base + CODE, s.program.bytes)
  world:write(s.pool, pool_bytes(s))
  world:write(s.base + PLAN, string.pack("<I4I4I4", s.free_frames[1], s.free_frames[2], 0))
  world:write(s.rows_linear, s.rows)
  local first = s.base + CODE - 1
  local user = string.sub(s.program.bytes, s.symbols.user_begin - first, s.symbols.user_end - first - 1)
  world:write(s.scenario.user, user)
  world:gate(14, s.symbols.page_fault, 0, "interrupt")
  world:gate(BACK, s.symbols.back, 3, "interrupt")
  lab:symbols(s.program)
  world:set{eip = s.symbols.start, eflags = 2}
  lab:enter(world)
end

-- -- the page tables as they are ------------------------------------------------------------------

local function pool_word(s, pool, phys)
  local at = phys - s.pool_phys
  if at < 0 or at + 4 > #pool then return 0 end
  return (string.unpack("<I4", pool, at + 1))
end

local function look(s, pool, directory, linear)
  local e = {pde_phys = s.pool_phys + s.page[directory] * PAGE + (linear >> 22) * 4}
  e.pde = pool_word(s, pool, e.pde_phys)
  if e.pde & P == 0 then return e end
  e.pte_phys = (e.pde & FRAME) + (linear >> 12 & 1023) * 4
  e.pte = pool_word(s, pool, e.pte_phys)
  return e
end

local function reason(e, error_code)
  if e.pde & P == 0 then return NO_TABLE end
  if e.pte & P == 0 then return NO_PAGE end
  if error_code & 4 ~= 0 and e.pde & e.pte & U == 0 then return NOT_USER end
  if error_code & 2 ~= 0 and e.pde & e.pte & W == 0 then return READ_ONLY end
  return NONE
end

-- What a routine must return, which words it must change, and which page must be zero but for these.
local promise = {}

function promise.page_entry(s, row, e) return e.pte_phys and e.pte_phys + s.to_linear & 0xffffffff or 0, {} end

function promise.page_map(s, row, e, frame)
  local pte = row.third | row.fourth | P
  if e.pte_phys then return 1, {{e.pte_phys, pte}} end
  if frame == 0 then return 0, {} end
  return 1, {{e.pde_phys, frame | P | W | U}, {frame + (row.linear >> 12 & 1023) * 4, pte}}, frame
end

function promise.page_protect(s, row, e)
  if reason(e, 0) ~= NONE then return nil, {} end
  return nil, {{e.pte_phys, e.pte & ~W}}
end

function promise.page_unmap(s, row, e)
  if reason(e, 0) ~= NONE then return 0, {} end
  return e.pte & FRAME, {{e.pte_phys, 0}}
end

function promise.fault_explain(s, row, e) return reason(e, row.third), {} end

-- -- telling -----------------------------------------------------------------------------------

-- "paging.s:24, movl %ecx, %cr3"; where the submission has no such line, the address.
local function place(s, linear)
  return source_place(s.program, linear) or hex(linear)
end

local function described(row)
  local name = row.directory == "E" and "other" or "directory"
  if row.routine == "page_map" then
    return string.format("page_map(%s, %s, %s, %d)", name, hex(row.linear), hex(row.third), row.fourth)
  elseif row.routine == "fault_explain" then
    return string.format("fault_explain(%s, %s, %d)", name, hex(row.linear), row.third)
  elseif row.routine then
    return string.format("%s(%s, %s)", row.routine, name, hex(row.linear))
  end
  return string.format("A %s in ring %d at %s", row.how & WRITE ~= 0 and "write" or "read", row.how & USER ~= 0 and 3 or 0,
                       hex(row.linear))
end

local function word_name(s, phys)
  local page, index = phys - s.pool_phys >> 12, (phys & 0xfff) // 4
  local about = s.new_tables[page] and "the new page table" or s.about[page] or "a page"
  return string.format(string.find(about, "frame") and "word %d of %s" or "entry %d of %s", index, about)
end

local bits = {{P, "P"}, {W, "R/W"}, {U, "U/S"}}

-- What is wrong with an entry: the word at `phys` must be `must`, was `old`, and is `seen`.
local function entry_text(s, row, phys, must, old, seen, changed)
  local text = string.format("%s is %s, must be %s.", word_name(s, phys), hex(seen), hex(must))
  local allowed = ~USED & 0xffffffff
  if (seen ~ old) & allowed == 0 then
    for _, other in ipairs(changed) do
      if (other.seen ~ must) & allowed == 0 and other.phys ~= phys then
        return string.format("%s It went to %s instead: which entry it is say bits %s of the linear address.", text,
          word_name(s, other.phys), phys >> 12 == s.directory.D >> 12 and "22 to 31" or "12 to 21")
      end
    end
    if must == 0 then return text .. " The entry was not cleared." end
    if row.routine == "page_protect" then return text .. " R/W must be clear: the page can still be written." end
    return text .. " The entry was not written."
  end
  if must & FRAME ~= 0 and (must & FRAME) + s.to_linear & 0xffffffff == seen & FRAME then
    return text .. " That is the frame's linear address. Entries hold physical ones: the CPU does not translate them."
  end
  if row.routine == "page_protect" and seen == old & W then
    return text .. " That is R/W alone: all but R/W was cleared. Clear R/W, with ~PAGE_WRITE."
  end
  if row.routine == "page_protect" and old & W == 0 and seen ~= old then
    return text .. " It was read-only already: the routine must not toggle or subtract R/W."
  end
  if must == 0 then return text .. " Write 0: an entry that maps nothing." end
  if seen & FRAME ~= must & FRAME then
    for i, name in ipairs{"ECX", "EDX"} do
      if seen & FRAME == s.spoiled[i] & FRAME then
        return string.format("%s That was in %s, and frame_alloc() may lose it, as every C function.", text, name)
      end
    end
    if row.routine == "page_map" and (seen & FRAME | old & FRAME) == seen & FRAME and old & FRAME ~= 0 then
      return text .. " Bits of what the entry held before are still in it: write all of it."
    end
    local flags = must & ~FRAME
    if seen == (must & FRAME) >> 12 | flags or seen == (must & FRAME) << 12 & FRAME | flags then
      return text .. " That is the frame's address, shifted. In an entry, bits 12 to 31 stand where they stand in the address."
    end
    if seen & FRAME == row.linear & FRAME then return text .. " That is the linear address: the page's frame is phys." end
    if seen == 0 then return text .. " It was cleared. Does the routine end with `ret`, or run on into the next one?" end
    return text .. " It names another frame."
  end
  for _, bit in ipairs(bits) do
    if (seen ~ must) & bit[1] ~= 0 then
      return string.format("%s %s must be %s.", text, bit[2], must & bit[1] ~= 0 and "set" or "clear")
    end
  end
  return text .. " Other bits of it changed."
end

-- Which words changed.
local function changes(s, before, after)
  local list = {}
  if before == after then return list end
  for page = 0, POOL_PAGES - 1 do
    local at = page * PAGE
    if string.sub(before, at + 1, at + PAGE) ~= string.sub(after, at + 1, at + PAGE) then
      for offset = at, at + PAGE - 4, 4 do
        local old, seen = string.unpack("<I4", before, offset + 1), string.unpack("<I4", after, offset + 1)
        if (old ~ seen) & ~USED ~= 0 then list[#list + 1] = {phys = s.pool_phys + offset, old = old, seen = seen} end
      end
    end
  end
  return list
end

-- -- what can be wrong ------------------------------------------------------------------------------
--
-- Each rule looks at one call: `w` holds row, before and after, e (the entries before it), eax, words, cleared (what was
-- promised). It returns what is wrong, or nil. The first rule broken is the one told.

local function around(s, w)
  local first = s.symbols.start
  local code = string.sub(s.program.bytes, first - s.base - CODE + 1, s.symbols.step - s.base - CODE)
  if s.lab:mem(first, #code) ~= code or s.lab:mem(s.rows_linear, #s.rows) ~= s.rows
     or s.lab:word(s.symbols.step) ~= w.step or s.lab:mem(s.tables, PAGE) ~= w.before.tables then
    return "The code around your routine, its plan, or the GDT, IDT or TSS was overwritten. Write to page tables, to your own "
      .. "data and to the stack only."
  end
end

local function space(s, w)
  local now = s.lab:regs()
  for _, name in ipairs{"cr3", "cr0", "cr4"} do
    local was, is = w.before.regs[name], now[name]
    if is ~= was then
      return string.format("%s is %s and was %s. %s", string.upper(name), hex(is), hex(was), name == "cr3"
        and "To flush, load CR3 with what it has. `directory` need not be the one in CR3." or "Leave it as it was.")
    end
  end
end

local function stack(s, w)
  local words = (w.after.regs.esp - w.before.regs.esp) // 4
  if w.after.regs.esp ~= w.before.regs.esp then
    return string.format("It returned with ESP at %s, must be %s: %d %s %s than pushed.", hex(w.after.regs.esp),
      hex(w.before.regs.esp), math.abs(words), math.abs(words) == 1 and "word" or "words",
      words < 0 and "less popped" or "more popped")
  end
end

local function frames(s, w)
  local taken = (w.after.next_frame - w.before.next_frame) // 4
  local must = w.cleared and 1 or 0
  if taken > must then
    return string.format("frame_alloc() was asked for %d %s, must be %d: %s", taken, taken == 1 and "frame" or "frames", must,
      w.e.pte_phys and "there is a page table already." or "only a page table needs a frame.")
  end
  if taken < must then
    return "frame_alloc() was not called, and there is no page table: P of the directory's entry is clear."
  end
end

local function memory(s, w)
  local list, expected = changes(s, w.before.pool, w.after.pool), {}
  for _, must in ipairs(w.words) do
    local old, seen = pool_word(s, w.before.pool, must[1]), pool_word(s, w.after.pool, must[1])
    expected[must[1]] = true
    if (seen ~ must[2]) & ~USED ~= 0 then return entry_text(s, w.row, must[1], must[2], old, seen, list) end
  end
  if w.cleared then
    for phys = w.cleared, w.cleared + PAGE - 4, 4 do
      local seen = pool_word(s, w.after.pool, phys)
      if not expected[phys] and seen ~= 0 then
        return string.format("The new page table was not zeroed: its entry %d is %s. What was in the frame maps pages now, "
          .. "which nobody has asked for.", (phys - w.cleared) // 4, hex(seen))
      end
    end
  end
  for _, change in ipairs(list) do
    if not expected[change.phys] and change.phys & FRAME ~= w.cleared then
      local text = string.format("%s changed from %s to %s, and must stay.", word_name(s, change.phys), hex(change.old),
        hex(change.seen))
      if w.row.routine == "page_map" and w.eax == 0 then return text .. " There was no free frame: nothing may change." end
      if w.cleared and change.seen == 0 and change.phys >= w.cleared then
        return text .. " It stands behind the new page table: the zeros go too far. A page table is 4096 bytes, 1024 words."
      end
      if w.e.pte_phys == change.phys and w.e.pte & P == 0 then return text .. " P is clear: nothing is mapped there." end
      if change.phys == w.e.pde_phys then return text .. " It has the rights of 4 MiB: change the page's own entry." end
      return text
    end
  end
end

-- What EAX says instead.
local result_texts = {}

function result_texts.page_entry(s, w, seen, must)
  local pde = w.e.pde
  if must == 0 then
    if seen == pde then return " That is the directory's entry: its bit P is clear." end
    return " The directory's entry has its bit P clear: there is no page table, whatever is in the other bits."
  end
  local other = look(s, w.before.pool, w.row.directory == "D" and "E" or "D", w.row.linear)
  local index, page = w.row.linear >> 12 & 1023, (must & FRAME)
  if other.pte_phys and seen == other.pte_phys + s.to_linear & 0xffffffff or seen == 0 and w.row.directory == "E" then
    return " Look into the directory that is given, not into the one of CR3."
  end
  local known = {
    [must - s.to_linear & 0xffffffff] = " That is a physical address. Add PHYS_TO_LINEAR.",
    [must + (pde & 0xfff) & 0xffffffff] = " The flags of the directory's entry are in it: clear bits 0 to 11.",
    [must | pde & 0xfff] = " The flags of the directory's entry are in it: clear bits 0 to 11.",
    [page + index & 0xffffffff] = " Each entry has 4 bytes: four times the index.",
    [page + (w.row.linear >> 12) * 4 & 0xffffffff] = " The index has ten bits, 12 to 21 of the linear address: clear the "
      .. "others.",
    [w.e.pte] = " That is what the entry holds. Return where it is.",
    [s.directory[w.row.directory]] = " That is the directory itself, as it was given.",
    [0] = w.e.pte and w.e.pte & P == 0 and s.found_entry and " The page's entry has its bit P clear. Return where it is, present "
      .. "or not." or string.format(" There is a page table: entry %d of the directory, %d bytes behind its beginning, has its bit "
      .. "P (bit 0) set.%s", w.row.linear >> 22, (w.row.linear >> 22) * 4,
      s.uses_sar and " Shift with `shr`: `sar` is for signed numbers." or ""),
    [s.directory[w.row.directory] + (w.row.linear >> 22) * 4] = " That is the directory's entry. The page table's is wanted.",
    [page] = " That is the page table's first entry. Bits 12 to 21 of the linear address say which it is.",
  }
  if known[seen] then return known[seen] end
  if seen & FRAME == page then
    return string.format(" That is entry %d of the page table, must be %d: bits 12 to 21 of the linear address.",
      (seen & 0xfff) // 4, index)
  end
  if seen & 0xfff == must & 0xfff and (seen - s.to_linear) & FRAME & ~pde == 0 then
    return string.format(" The directory's entry is %s: keep all of its bits 12 to 31.", hex(pde))
  end
  if seen & FRAME == page + PAGE & FRAME and seen & 0xfff == 0 then
    return " The index has ten bits, 12 to 21 of the linear address: `and` with 1023."
  end
  if s.pool <= seen and seen < s.pool + POOL_PAGES * PAGE then
    return " That is in another page. Which entry of the directory it is say bits 22 to 31 of the linear address."
  end
  return " It is in no page table."
end

function result_texts.page_map(s, w, seen, must)
  return must == 1 and " The page is mapped: return 1." or " There was no free frame: return 0."
end

function result_texts.page_unmap(s, w, seen, must)
  if must == 0 then return " Nothing was mapped there." end
  if seen & FRAME == must then return " The flags are still in it: clear bits 0 to 11." end
  return " Return the physical address of the frame, from the entry as it was."
end

function result_texts.fault_explain(s, w, seen, must)
  local both = string.format(" The directory's entry is %s.", hex(w.e.pde))
  if w.e.pte then
    both = string.format(" The entries are %s in the directory, %s in the page table.", hex(w.e.pde), hex(w.e.pte))
  end
  if must == NOT_USER and w.e.pte & U ~= 0 or must == READ_ONLY and w.e.pte & W ~= 0 then
    return both .. " Both must give the right."
  end
  if seen == READ_ONLY and must == NONE and w.row.third & 2 == 0 then return both .. " The access was no write." end
  if seen == NOT_USER and w.row.third & 4 == 0 then return both .. " The access came from ring 0." end
  if seen == READ_ONLY and must == NOT_USER then return both .. " FAULT_NOT_USER stands first in the list." end
  if must == NONE then return both .. " They allow this access, whatever bit 0 of the error code says." end
  return both
end

local function result(s, w)
  local must, seen = w.eax, w.after.regs.eax
  if not must or seen == must then return end
  local show = w.row.routine == "fault_explain" and function(n) return reasons[n] or hex(n) end
    or w.row.routine == "page_map" and function(n) return n < 10 and tostring(n) or hex(n) end or hex
  return string.format("It returns %s, must return %s.%s", show(seen), show(must),
                       result_texts[w.row.routine](s, w, seen, must))
end

local function registers(s, w)
  for _, name in ipairs(kept) do
    local was, is = w.before.regs[name], w.after.regs[name]
    if is ~= was then
      return string.format("%s is %s afterwards and was %s: it is the caller's. Keep it on the stack, or use another register.",
        string.upper(name), hex(is), hex(was))
    end
  end
  for _, name in ipairs{"cs", "ss", "ds", "es", "fs", "gs", "ldtr", "tr", "gdtr.base", "idtr.base"} do
    if w.after.regs[name] ~= w.before.regs[name] then return string.upper(name) .. " changed. Leave it as it was." end
  end
  if w.after.regs.eflags & 0x200 ~= 0 then return "IF is set: the caller has interrupts off." end
  if w.after.regs.eflags & 0x400 ~= 0 then return "DF is set, and C relies on it being clear: cld." end
end

-- The machine takes each invlpg for one of all pages, as a CPU may; this one was about another page.
local function flush(s, w)
  if w.row.directory ~= "D" or #w.words == 0 or w.row.routine == "page_map" or #w.flushed == 0 then return end
  for _, one in ipairs(w.flushed) do
    if not one.linear or one.linear & FRAME == w.row.linear & FRAME then return end
  end
  s.lab:seek(w.before.mark)
  local event = s.lab:run_to_event("control-register")
  local loaded = event and event.mark < w.after.mark
  s.lab:seek(w.after.mark)
  if loaded then return end
  return string.format("The `invlpg` of %s:%d invalidates the page of %s, and %s changed. Its operand is at the address that it "
    .. "invalidates: `invlpg (%%ecx)` with the address in ECX.", file, w.flushed[1].line, hex(w.flushed[1].linear),
    hex(w.row.linear))
end

local rules = {around, space, stack, frames, memory, result, registers, flush}

-- -- one row of the plan ------------------------------------------------------------------------------
--
-- The machine stops once a row, behind the call or the access: there it is as it will be in front of the next one.

local function state(s)
  return {
    regs = s.lab:regs(), pool = s.lab:phys(s.pool_phys, POOL_PAGES * PAGE), tables = s.lab:mem(s.tables, PAGE),
    next_frame = s.lab:word(s.symbols.next_frame), faults = s.lab:word(s.symbols.faults), mark = s.lab:mark(),
  }
end

-- Why did the routine touch this address?
local function touched_text(s, w, cr2, code)
  local wrong = w.cleared and w.words[1]
  local dollar = dollar_text(code, cr2)
  if dollar then return dollar end
  if wrong then
    local seen = phys_word(s.lab, wrong[1])
    local old = pool_word(s, w.before.pool, wrong[1])
    if (seen ~= old or cr2 < PAGE) and (seen ~ wrong[2]) & ~USED ~= 0 then
      return " " .. entry_text(s, w.row, wrong[1], wrong[2], old, seen, {})
    end
  end
  if w.row.routine == "page_map" and w.eax == 0 then
    return " There is no free frame: frame_alloc() returned 0. Return 0."
  end
  if cr2 >= s.pool_phys and cr2 < s.pool_phys + POOL_PAGES * PAGE then
    return " That is the physical address of a page table, or near it. The kernel sees it at PHYS_TO_LINEAR + that."
  end
  for i, name in ipairs{"ECX", "EDX"} do
    if math.abs(cr2 - s.spoiled[i]) < PAGE
      or s.lab:reg(string.lower(name)) == s.spoiled[i] and string.find(code, string.lower(name), 1, true) then
      return string.format(" That comes from what was in %s, and frame_alloc() may lose it, as every C function.", name)
    end
  end
  if cr2 < PAGE then return " Is there an entry at all? page_entry() returns 0 if there is no page table." end
  return ""
end

local function is_astray(s, linear)
  return linear < s.base + CODE or linear >= s.base + CODE + #s.program.bytes
end

-- The routine did not come back. What was the first cause?
local function lost(s, w, how)
  s.lab:seek(w.before.mark)
  s.lab:run_to_linear(w.row.site or s.symbols.call_site)
  w.before.mark = s.lab:mark()
  local event = s.lab:run_to_event("vector")
  local mark, halt = s.lab:mark(), s.lab:halt()
  local said = space(s, w)
  if said then return "It did not return. " .. said, mark end
  if event then
    local text = string.format("It ends in %s at %s.", vector_name(event), place(s, event.before))
    if is_astray(s, event.before) then
      text = text .. " That is no code: a `ret` took another word for its address. Where it goes is on top of the stack: pop "
        .. "as many words as you push."
    end
    s.lab:step(1)
    if event.which == 14 then
      local cr2 = s.lab:reg("cr2")
      if not is_astray(s, event.before) then
        local _, code = source_line(s.program, event.before)
        text = string.format("%s It accesses %s.%s", text, hex(cr2), touched_text(s, w, cr2, code))
      end
    end
    return text, mark
  end
  if halt and halt.reason == "LIMIT" then
    return "It did not return: it was executing after 20,000 instructions.", w.before.mark
  end
  return string.format("It never returned: %s, at %s.", halt and halt.text or how,
    place(s, halted_at(s.lab))), mark
end

-- Where the instruction at `linear` has its operand: its bytes are 0f 01, and a ModRM byte. SDM 2A, section 2.1
local function operand(s, linear)
  local code, r = s.lab:mem(linear, 16), s.lab:regs()
  local order = {[0] = "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}
  local at = string.find(code, "\x0f\x01", 1, true)
  if not at then return end
  local modrm, sib = string.byte(code, at + 2, at + 3)
  local mod, rm, sum = modrm >> 6, modrm & 7, 0
  at = at + 3
  if rm == 4 then
    local base, index = sib & 7, sib >> 3 & 7
    at = at + 1
    if index ~= 4 then sum = r[order[index]] << (sib >> 6) end
    rm = base
  end
  if mod == 0 and rm == 5 then mod = 2 else sum = sum + r[order[rm]] end
  if mod == 1 then sum = sum + string.unpack("<i1", code, at) end
  if mod == 2 then sum = sum + string.unpack("<i4", code, at) end
  return sum & 0xffffffff
end

-- Run to the end of a call; w.flushed holds what each invlpg on the way was about.
local function call_run(s, w)
  local stops = {s.symbols.returned, s.symbols.explained, s.symbols.page_fault}
  local is_invlpg = {}
  w.flushed = {}
  if w.row.routine ~= "page_entry" then stops[#stops + 1] = s.symbols.page_entry end
  for linear, line in pairs(s.program.lines) do
    local _, text = source_line(s.program, linear)
    if string.find(text, "invlpg") then
      stops[#stops + 1], is_invlpg[linear] = linear, line
    end
  end
  local at, how
  repeat
    if is_invlpg[at] then w.flushed[#w.flushed + 1] = {linear = operand(s, at), line = is_invlpg[at]} end
    if at and at == s.symbols.page_entry and at ~= s.symbols[w.row.routine] and not w.asked then
      local esp = s.lab:reg("esp")
      w.asked = {s.lab:word(esp + 4) or 0, s.lab:word(esp + 8) or 0}
    end
    at, how = s.lab:run_to_linear(stops)
  until not is_invlpg[at] and (at ~= s.symbols.page_entry or at == s.symbols[w.row.routine]) or #w.flushed > 4
  return at, how
end

-- If page_entry() was called with other arguments, that is why.
local function asked_text(s, w)
  if not w.asked or w.asked[1] == s.directory[w.row.directory] and w.asked[2] == w.row.linear then return "" end
  return string.format(" page_entry() was called with (%s, %s), must be (%s, %s): each push moves the arguments by 4.",
    hex(w.asked[1]), hex(w.asked[2]), hex(s.directory[w.row.directory]), hex(w.row.linear))
end

local function call_judge(s, row)
  local w = {row = row, before = s.now, step = row.site and s.step or s.step + ROW_BYTES}
  for _, name in ipairs(kept) do w.before.regs[name] = row[name] end
  w.before.regs.esp = s.esp - 16
  w.e = look(s, w.before.pool, row.directory, row.linear)
  w.eax, w.words, w.cleared = promise[row.routine](s, row, w.e, s.lab:word(w.before.next_frame))
  local lack = label_wrong(s.program, row.routine)
  if lack then return lack, w.before.mark end
  local at, how = call_run(s, w)
  if not at or at == s.symbols.page_fault then
    local text, mark = lost(s, w, how)
    return text .. asked_text(s, w), mark
  end
  w.after = state(s)
  s.now, s.step = w.after, w.step
  for _, rule in ipairs(rules) do
    local text = rule(s, w)
    if text then return text .. asked_text(s, w), s.lab:mark() end
  end
  s.found_entry = s.found_entry or row.routine == "page_entry" and w.eax ~= 0
  s.last_flushed = row.routine ~= "page_entry" and w.flushed or s.last_flushed
  if w.cleared then s.new_tables[w.cleared - s.pool_phys >> 12] = true end
end

-- A translation that was changed is used, and the CPU may still have the old one.
local function stale_text(s, row)
  local last = s.last_change
  for _, one in ipairs(s.last_flushed or {}) do
    if one.linear and one.linear & FRAME == s.stale.which & FRAME then
      return string.format("%s did not flush at the right time: the `invlpg` of %s:%d comes before the entry is changed, and the "
        .. "CPU may read the old one again in between. Change the entry first, then invalidate it.", last, file, one.line)
    end
  end
  local text = string.format("%s did not flush: the CPU may still have the old translation of %s, as %s finds. After the entry "
    .. "has been changed, invalidate it.", last, hex(s.stale.which), string.lower(described(row)))
  return text
end

local function access_judge(s, row)
  local before = s.now
  local error_code = (row.how & WRITE) << 1 | (row.how & USER) << 1
  local must = reason(look(s, before.pool, "D", row.linear), error_code)
  local at, how = s.lab:run_to_linear{s.symbols.accessed, s.symbols.explain_site}
  if s.stale and s.stale.mark >= before.mark and s.stale.mark < s.lab:mark() then
    return stale_text(s, row), s.stale.mark, true
  end
  if not at then return "The run ended there: " .. (s.lab:halt() and s.lab:halt().text or how), s.lab:mark() end
  s.now, s.step = state(s), s.step + ROW_BYTES
  if (s.now.faults ~= before.faults) ~= (must ~= NONE) then
    return must ~= NONE and "It must fault, and did not." or "It faults, and must not.", before.mark
  end
  if at == s.symbols.explain_site then
    local asked = {routine = "fault_explain", directory = "D", linear = row.linear, site = at,
                   third = s.lab:word(s.lab:reg("esp") + 8)}
    for _, name in ipairs(kept) do asked[name] = row[name] end
    return call_judge(s, asked)
  end
end

-- -- the check ----------------------------------------------------------------------------------------

-- Returns nil, or what is wrong, at which mark, in which row, and whether it is an old translation that may be used.
local function scenario_judge(s)
  local begin = s.lab:mark()
  s.stale = s.tlb == "coherent" and s.lab:run_to_event("stale-translation")
  s.lab:seek(begin)
  s.lab:run_to_linear(s.symbols.next)
  s.now, s.esp, s.step = state(s), s.lab:reg("esp"), s.rows_linear
  for _, row in ipairs(s.plan) do
    local text, mark, stale
    if row.routine then
      text, mark = call_judge(s, row)
      s.last_change = described(row)
    else
      text, mark, stale = access_judge(s, row)
    end
    if text then return text, mark, row, stale end
  end
end

-- The same on a machine that keeps translations for as long as it may: does the old one make a difference?  Then that
-- run is the one to be looked at.
local function scenario_keep(s, failed, text, mark)
  local lab = s.lab
  scenario_enter(s, failed, "keep")
  local then_text, then_mark = scenario_judge(s)
  if not then_text then
    s.lab = lab
    return text, mark
  end
  return text .. " This CPU keeps it (--tlb keep). " .. then_text, then_mark
end

function check(submission)
  source_read(submission)
  local failed = {}
  for number, scenario in ipairs(scenarios) do
    local s = scenario_make(scenario, submission)
    repeat
      scenario_enter(s, failed, "coherent")
      local text, mark, row, stale = scenario_judge(s)
      if stale then text, mark = scenario_keep(s, failed, text, mark) end
      if text then
        failed[row.part] = {lab = s.lab, mark = mark,
                            text = string.format("Scenario %d, %s. %s", number, described(row),
                                                 string.gsub(string.gsub(". " .. text, "%. entry", ". Entry"), "%. word", ". Word"):sub(3))}
      end
    until not text or failed.entry
    if failed.entry then break end
  end
  for _, part in ipairs(parts) do
    local found = failed[part[1]]
    if found and (part[1] == "entry" or not failed.entry) then
      expect(part[3], part[2], false, found.text, found.lab, found.mark)
    else
      expect(part[3], part[2], not failed.entry, "Not judged: page_entry() comes first.")
    end
  end
end

quiz = quiz_of{ask.walk, ask.page_fault, ask.page_cause, ask.pages_context}
