-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Shadow page tables"
minutes = 120
points = 26
file = "shadow.s"
blank = {"word", "walk", "traced", "true", "bits", "fill", "trace", "flush"}

local PAGE, FRAME, LIMIT = 4096, 0xfffff000, 1000000
local P, W, U, A, D = 1, 2, 4, 0x20, 0x40
local FREE = A | D | 0xe00                              -- bits of a shadow entry that may have any value
local ERROR_W, ERROR_U = 2, 4
local CODE, PLAN, DATA, POOL, TABLES = 0x200000, 0x2c0000, 0x2d0000, 0x300000, 0x1000 -- offsets in the kernel half
local SLOTS, FRAMES, BACK = 4, 12, 0x40
local POOL_PAGES = 1 + SLOTS + FRAMES                   -- the directory, the shadow tables, guest-physical memory
local HIDDEN, TRUE, TRACED = 0, 1, 2
local READ, WRITE, LOAD = 1, 2, 3
local results = {[0] = "FAULT_HIDDEN", "FAULT_TRUE", "FAULT_TRACED"}
local kept = {"ebx", "esi", "edi", "ebp"}

-- In this order; for each: its name, what it is worth, what it is about, and what must be right before it is judged.
local parts = {
  {"fill", 5, "a hidden fault is filled in", {}}, {"true", 5, "a true fault is the virtual machine's", {"fill"}},
  {"dirty", 4, "A and D are kept, and R/W waits for D", {"fill"}},
  {"protect", 3, "page tables are traced", {"fill", "dirty"}},
  {"trace", 4, "a page table is written, and what came of it goes", {"fill", "true", "dirty", "protect"}},
  {"flush", 2, "a new CR3: everything goes", {"fill"}},
  {"directory", 2, "and so it does if the directory is written", {"fill", "true", "dirty", "protect", "trace", "flush"}},
  {"mixed", 1, "and all that in any order", {"fill", "true", "dirty", "protect", "trace", "directory", "flush"}},
}

-- Where the kernel half begins, where the virtual machine executes, and whether the world has neighbours.
local scenarios = {
  {kernel_linear = 0xc0000000, others = 0, user = 0x08048000},
  {kernel_linear = 0xa0000000, others = 2, user = 0x10001000},
}

local any = math.random
local function absent() return any(1, 0x7fffffff) << 1 & 0xffffffff end
local function word_at(bytes, at) return (string.unpack("<I4", bytes, at + 1)) end

-- -- the virtual machine's tables, and what it accesses --------------------------------------------------

-- s.words[frame] holds the words of guest-physical memory.
local function memory_make(s)
  local free, taken = {}, {}
  s.words, s.frame = {}, {}
  for i = 0, FRAMES - 1 do free[i + 1], s.words[i] = i, {} end
  shuffled(free)
  for i, name in ipairs{"D", "E", "T1", "T2", "T4", "N", "a", "b", "c", "d", "e", "f"} do s.frame[name] = free[i] end
  function s.entry(name, flags) return s.frame[name] << 12 | P | flags | any(0, 7) << 9 end
  function s.put(name, index, value) s.words[s.frame[name]][index] = value end
  -- A page of a slot whose number in the page table no other has: "T1" may be the page table of more than one slot.
  function s.page(name, slot, value)
    local index
    repeat index = any(1, 1022) until not (taken[index - 1] or taken[index] or taken[index + 1])
    taken[index] = true
    s.put(name, index, value)
    s.put(name, index + 1, absent())
    return s.first + slot << 22 | index << 12
  end
  s.put("D", s.first, s.entry("T1", W | U))
  s.put("D", s.first + 1, s.entry("T2", W))
  s.put("D", s.first + 2, s.frame.a << 12 | W | U)      -- it was a page table once
  s.put("D", s.first + 3, s.entry("T1", U))             -- the same page table, read-only
  s.put("E", s.first, s.entry("T4", W | U))
  s.put("E", s.first + 1, s.entry("T1", W | U))
  s.put("E", s.first + 3, s.entry("E", W))              -- itself
end

local function index_of(linear) return linear >> 12 & 1023 end

local function rows_make(s)
  local phase
  local function row(what, linear, ring, value)
    s.all[#s.all + 1] = {what = what, linear = linear, ring = ring or 0, value = value or any(1, 0x3fffffff) << 1, phase = phase}
  end
  local function read(linear, ring) row(READ, linear | any(0, 1023) << 2, ring) end
  local function write(linear, ring) row(WRITE, linear | any(0, 1023) << 2, ring) end
  local function change(linear, index, value) row(WRITE, linear & FRAME | index << 2, 1, value) end
  local function page(name, flags, slot) return s.page(slot == 1 and "T2" or "T1", slot or 0, s.entry(name, flags)) end
  local function other(linear, slot) return linear & 0x3fffff | s.first + slot << 22 end
  local data = {"a", "b", "c", "d", "e", "f"}

  phase = "fill"
  local plain, kernel, twice = page("a", W | U), page("b", W), page("c", W | U)
  for _, one in ipairs(shuffled{{plain, 3}, {kernel, 1}, {page("d", U | D), 3}, {page("e", W | U, 1), 1},
      {page("f", W | U | A | D), 1}, {page("b", W | U), 1}}) do
    read(one[1], one[2])
  end
  read(twice, 3)
  read(other(twice, 3), 3)

  phase = "true"
  local gone, sealed, unseen = s.page("T1", 0, absent()), page("d", U | A), page("d", U)
  for _, one in ipairs(shuffled{{read, gone, 3}, {write, gone, 1}, {read, s.first + 2 << 22 | any(0, 1023) << 12, 3},
      {write, unseen, 3}, {write, unseen, 1}, {read, page("c", W), 3}, {read, page("a", W | U, 1), 3}, {write, other(page("a", W | U), 3), 1},
      {write, s.page("T2", 1, absent()), 3}}) do
    one[1](one[2], one[3])
  end
  read(sealed, 3)
  write(sealed, 3)

  phase = "dirty"
  local later = page("e", W | U | A)
  write(page("f", W | U), 3)
  read(later, 3)
  write(later, 1)
  read(later, 3)
  write(page("a", W), 1)
  write(page("b", W | U, 1), 1)
  read(page("b", W | U), 3)

  phase = "trace"
  local tables, open, victim, fresh = page("T1", W), page("T1", W | A | D), page("c", W | U | A | D), s.page("T1", 0, absent())
  local more = page("T2", W | U, 1)
  for _, linear in ipairs{tables, victim, other(victim, 3), more} do read(linear, 1) end
  change(tables, index_of(victim), s.entry(any_of(data), W | U | A))
  read(other(victim, 3), 3)
  read(victim, 3)
  change(open, index_of(victim), s.entry(any_of(data), U))
  write(victim, 3)
  read(other(victim, 3), 1)
  change(tables, index_of(fresh), s.entry(any_of(data), W | U))
  write(fresh, 3)
  local second = page("d", W, 1)
  write(second, 1)
  change(more, index_of(second), absent())
  read(second, 1)

  phase = "flush"
  local here = s.page("T4", 0, s.entry("b", W | U | A | D))
  s.put("T4", index_of(plain), s.entry("f", W | U))
  read(plain, 3)
  read(twice, 3)
  row(LOAD, s.frame.E << 12)
  read(plain, 3)
  read(here, 3)
  read(other(twice, 1), 1)
  row(LOAD, s.frame.D << 12)
  read(twice, 3)

  phase = "directory"
  local directory, new = page("D", W | A | D), page("N", W)
  local i = any(2, 1000)
  change(new, i, s.entry("e", W | U))
  read(kernel, 1)
  change(directory, s.first + 2, s.entry("N", W | U))
  write(s.first + 2 << 22 | i << 12, 3)
  change(new, i, s.entry("f", U))
  read(s.first + 2 << 22 | i << 12, 3)
  change(directory, s.first + 2, absent())
  read(s.first + 2 << 22 | i << 12, 3)

  phase = "mixed"
  row(LOAD, s.frame.E << 12)
  local self, list = s.first + 3 << 22, {here, other(plain, 1), other(kernel, 1), s.page("T4", 0, s.entry("f", U))}
  for _ = 1, 2 do
    for _, linear in ipairs(shuffled(list)) do (any(0, 1) == 1 and read or write)(linear, any_of{1, 3}) end
    change(self | s.first << 12, index_of(here), s.entry(any_of(data), any_of{W, U, W | U, 0}))
    change(self | s.first + 1 << 12, index_of(plain), s.entry(any_of(data), any_of{W, U, W | U, 0}))
  end
  write(list[2], 1)
  change(self | s.first + 3 << 12, s.first + 1, s.entry("T1", U))
  write(list[2], 1)
  read(list[2], 3)
  row(LOAD, s.frame.D << 12)
  read(victim, 1)
end

-- -- building -----------------------------------------------------------------------------------

-- A laboratory with all pages but those of the code.
local function lab_make(scenario)
  local lab = worldswitch.lab{memory = 2 << 20, limit = LIMIT}
  for i = 1, scenario.others do lab:world{name = "other" .. i} end
  local world = lab:world{name = "vmm", kernel_linear = scenario.kernel_linear}
  local base = world:kernel_linear()
  world:map(base + PLAN, PAGE, "w")
  world:map(base + DATA, PAGE, "w")
  world:map(base + POOL, POOL_PAGES * PAGE, "w")
  world:map(scenario.user, PAGE, "u")
  return lab, world, base
end

-- Frames are given out in order. So a laboratory with the same pages tells where they will be, before there is code.
local function frames_find(s, scenario)
  local lab, world, base = lab_make(scenario)
  local function entry(phys) return word_at(lab:phys(phys, 4), 0) end
  lab:load(world)
  local pde = entry(world:cr3() + (base + POOL >> 22) * 4)
  s.pool_phys, s.directory = entry((pde & FRAME) + index_of(base + POOL) * 4) & FRAME, {}
  for i = 0, 1023 do s.directory[i] = entry(world:cr3() + i * 4) end
  repeat
    s.first = any(8, 1000)
    local used = 0
    for i = 0, SLOTS - 1 do used = used | s.directory[s.first + i] end
  until used == 0
  s.map, s.number_of = {}, {}
  for i = 0, FRAMES - 1 do s.map[i] = i end
  local order = {}
  for i = 0, FRAMES - 1 do order[i + 1] = i end
  for i, page in ipairs(shuffled(order)) do
    s.map[i - 1] = s.pool_phys + (1 + SLOTS + page) * PAGE
    s.number_of[page] = i - 1
  end
end

local function pool_bytes(s)
  local pages = {}
  for i = 0, SLOTS - 1 do s.directory[s.first + i] = s.pool_phys + (1 + i) * PAGE | P | W | U end
  for page = 0, POOL_PAGES - 1 do
    local words, list = page == 0 and s.directory or page > SLOTS and s.words[s.number_of[page - 1 - SLOTS]] or {}, {}
    for i = 0, 1023 do list[i + 1] = words[i] and string.pack("<I4", words[i]) or "\0\0\0\0" end
    pages[#pages + 1] = table.concat(list)
  end
  return table.concat(pages)
end

-- What stays the same if a part is left out.
local function scenario_make(scenario, submission)
  local s = {scenario = scenario, all = {}, keep = {}}
  frames_find(s, scenario)
  memory_make(s)
  rows_make(s)
  s.pool = pool_bytes(s)
  local _, world, base = lab_make(scenario)
  s.at, s.plan, s.tables, s.vcpu, s.frame_map = base + CODE, base + PLAN, base + TABLES, base + DATA + 0x800, base + DATA
  s.to_linear = base + POOL - s.pool_phys & 0xffffffff
  local symbols = {
    PAGE_PRESENT = P, PAGE_WRITE = W, PAGE_USER = U, PAGE_ACCESSED = A, PAGE_DIRTY = D, ERROR_PRESENT = P, ERROR_WRITE = ERROR_W,
    ERROR_USER = ERROR_U, FAULT_HIDDEN = HIDDEN, FAULT_TRUE = TRUE, FAULT_TRACED = TRACED, PHYS_TO_LINEAR = s.to_linear,
    SLOT_FIRST = s.first, SLOTS = SLOTS, SHADOW_ENTRIES = SLOTS * 1024, SHADOW_FIRST = base + POOL + PAGE,
    shadow = base + POOL + PAGE - s.first * PAGE & 0xffffffff, frame_map = s.frame_map, vcpu = s.vcpu, VCPU_CR3 = 0, VCPU_CR2 = 4,
    VCPU_ERROR = 8, DIRECTORY_PHYS = s.pool_phys, USER_CODE = world:selector("user-code"), USER_DATA = world:selector("user-data"),
    first_touch = scenario.user, first_row = s.plan, BACK = BACK,
  }
  for _, name in ipairs(kept) do
    s.keep[name] = any(0x10000000, 0x7fffffff)
    symbols["KEPT_" .. string.upper(name)] = s.keep[name]
  end
  s.program = submission:link{at = s.at, with = {"harness.s"}, symbols = symbols}
  s.symbols = s.program.symbols
  return s
end

-- The laboratory, with the rows of those parts that can be judged.
local function scenario_enter(s, failed)
  local lab, world, base = lab_make(s.scenario)
  local y, map = s.symbols, ""
  s.lab, s.rows, s.planned = lab, {}, ""
  for _, one in ipairs(s.all) do
    if part_is_judged(parts, one.phase, failed) then
      s.rows[#s.rows + 1] = one
      s.planned = s.planned .. string.pack("<I4I4I4I4", one.what, one.linear, one.value & 0xffffffff, one.ring)
    end
  end
  for i = 0, FRAMES - 1 do map = map .. string.pack("<I4", s.map[i]) end
  world:map(s.at, (#s.program.bytes + PAGE - 1) // PAGE * PAGE, "w")
  world:write(s.at, s.program.bytes)
  world:write(s.plan, s.planned)
  world:write(s.frame_map, map)
  world:write(s.vcpu, string.pack("<I4I4I4", s.frame.D << 12, any(1, 0x7fffffff), any(8, 0x7fffffff)))
  world:write(base + POOL, s.pool)
  world:write(s.scenario.user, string.sub(s.program.bytes, y.user_begin - s.at + 1, y.user_end - s.at))
  world:gate(14, y.page_fault, 0, "interrupt")
  world:gate(BACK, y.accessed, 3, "interrupt")
  lab:symbols(s.program)
  world:set{eip = y.start, eflags = 2}
  lab:enter(world)
end

-- -- the state, and what is promised of it ----------------------------------------------------------------

local function bytes_read(s, at, size) return at and s.lab:mem(at, size) or string.rep("\0", size) end

-- `arguments`: where they are on the stack. Above them is the frame of the fault, with which the virtual machine goes on.
local function state(s, arguments)
  local vcpu, pool = bytes_read(s, s.vcpu, 12), s.lab:phys(s.pool_phys, POOL_PAGES * PAGE)
  return {
    mark = s.lab:mark(), regs = s.lab:regs(), pool = pool, cr3 = word_at(vcpu, 0), cr2 = word_at(vcpu, 4), code = word_at(vcpu, 8),
    rest = bytes_read(s, s.at, s.symbols.step - s.at) .. bytes_read(s, s.plan, #s.planned) .. bytes_read(s, s.tables, PAGE)
      .. bytes_read(s, s.frame_map, 4 * FRAMES) .. string.sub(pool, 1, PAGE)
      .. bytes_read(s, arguments + 8, 64),
  }
end

-- Offsets in the pool: of a guest-physical address; of the shadow entry of a linear one.
local function guest_at(s, guest) return (s.map[guest >> 12] or s.map[0]) - s.pool_phys + (guest & 0xfff) end
local function shadow_at(s, linear) return PAGE + ((linear >> 12) - (s.first << 10)) * 4 end

-- The virtual machine's two entries: where they are in the pool, and what they hold.
local function look(s, state, linear)
  local e = {pde_guest = state.cr3 + (linear >> 22) * 4}
  e.pde_at = guest_at(s, e.pde_guest)
  e.pde = word_at(state.pool, e.pde_at)
  e.both = e.pde & P
  if e.both == 0 then return e end
  e.pte_guest = (e.pde & FRAME) + index_of(linear) * 4
  e.pte_at = guest_at(s, e.pte_guest)
  e.pte = word_at(state.pool, e.pte_at)
  e.both, e.frame = e.pde & e.pte, e.pte >> 12
  return e
end

-- Which tables in use does a frame hold? nil: none; a name; the slots for which it is the page table.
local function use_of(s, state, frame)
  local slots, name = {}, state.cr3 >> 12 == frame and "the page directory" or nil
  for slot = 0, SLOTS - 1 do
    local pde = word_at(state.pool, guest_at(s, state.cr3 + (s.first + slot) * 4))
    if pde & P ~= 0 and pde >> 12 == frame then
      slots[#slots + 1] = slot
      name = name or string.format("the page table of the directory's entry %d", s.first + slot)
    end
  end
  return name, slots
end

local function word_name(s, at)
  local page, index = at // PAGE - 1 - SLOTS, at % PAGE // 4
  local frame = s.number_of[page]
  for name, number in pairs(s.frame) do
    if number == frame then
      return string.format("Entry %d of %s", index, (name == "D" or name == "E") and "a page directory"
        or string.find(name, "^[TN]") and "a page table" or "a page of data")
    end
  end
  return string.format("Word %d of guest-physical frame %d", index, frame)
end

local function entries_text(e)
  local text = string.format("The virtual machine's entry in the directory, at guest-physical %s, is %s", hex(e.pde_guest),
    hex(e.pde))
  return e.pte and string.format("%s; in the page table, at %s, it is %s.", text, hex(e.pte_guest), hex(e.pte)) or text .. "."
end

-- What an address is that the VMM cannot use.
local function address_text(s, linear)
  if linear < FRAMES * PAGE then
    return " That is a guest-physical address, or near one: guest_word knows where the VMM sees it."
  end
  if linear >= s.pool_phys and linear < s.pool_phys + POOL_PAGES * PAGE then
    return " That is a physical address. The VMM sees it at PHYS_TO_LINEAR + that."
  end
  return linear >> 22 >= s.first and linear >> 22 < s.first + SLOTS
    and " That is a linear address of the virtual machine. The VMM walks its tables instead." or ""
end

local function never() return false end
local function always() return true end

-- -- what can be wrong ------------------------------------------------------------------------------
--
-- Each rule looks at one call: `w` holds what was asked, and the state before; `a` is what is there. It returns nil, or
-- what is wrong, and where that is: an address, or the name of a register.

local function around(s, w, a)
  local r, b = a.regs, w.before
  if a.rest ~= b.rest then
    return "The code around yours, its stack or plan, frame_map, the shadow directory, or the GDT, IDT or TSS was overwritten. "
      .. "Write to the virtual machine's tables, to the shadow entries, to vcpu and to your own data only."
  end
  if r.esp ~= b.regs.esp then
    return string.format("It returned with ESP at %s, must be %s: pop as many words as you push.", hex(r.esp),
      hex(b.regs.esp)), "esp"
  end
  for _, name in ipairs{"ebx", "esi", "edi", "ebp", "cr3", "cr0", "cr4", "ds", "es", "ss", "fs", "gs", "idtr.base", "gdtr.base",
      "tr"} do
    local was = s.keep[name] or b.regs[name]
    if r[name] ~= was then
      return string.format("%s is %s behind the call, was %s.", string.upper(name), hex(r[name]), hex(was)), name
    end
  end
  if r.eflags & 0x200 ~= 0 then return "Interrupts are on: they must stay off.", "eflags" end
  if r.eflags & 0x400 ~= 0 then return "DF is set, and C relies on it being clear: cld.", "eflags" end
  if a.cr3 ~= b.cr3 then return "VCPU_CR3 changed. The virtual machine loads it, nobody else.", s.vcpu end
end

local function result(s, w, a)
  local seen, e = a.regs.eax, w.e
  if w.name ~= "shadow_fault()" or seen == w.result then return end
  local text = string.format("It returns %s, must return %s.", results[seen] or hex(seen), results[w.result])
  if w.result == TRACED or seen == TRACED then
    return string.format("%s The page is guest-physical frame %s: it holds %s.", text, e.frame and hex(e.frame << 12) or "(none)",
      w.use or "no tables in use")
  end
  return string.format("%s %s They %s a %s in ring %d.", text, entries_text(e), w.result == TRUE and "do not allow" or "allow",
    w.error & ERROR_W ~= 0 and "write" or "read", w.error & ERROR_U ~= 0 and 3 or 0)
end

local function told(s, w, a)
  local b, true_fault = w.before, w.result == TRUE
  local cr2, code = true_fault and w.linear or b.cr2, true_fault and w.e.both & P | w.error & (ERROR_W | ERROR_U) or b.code
  if a.cr2 ~= cr2 then
    return string.format("VCPU_CR2 is %s, must be %s.%s", hex(a.cr2), hex(cr2), true_fault and ""
      or " The virtual machine must not see that anything happened."), s.vcpu + 4
  end
  if a.code == code then return end
  local text = string.format("VCPU_ERROR is 0x%x, must be 0x%x.", a.code, code)
  if true_fault and (a.code ~ code) == P then
    text = string.format("%s ERROR_PRESENT tells of the virtual machine's tables: P is %s there. The CPU has looked at the "
      .. "shadow.", text, code & P ~= 0 and "set in both entries" or "not set in both")
  end
  return text, s.vcpu + 8
end

-- What the virtual machine's memory must be: `w.words` holds what changes, by its offset in the pool.
local function memory(s, w, a)
  local b, list = w.before.pool, {}
  for at, must in pairs(w.words) do
    local seen, was = word_at(a.pool, at), word_at(b, at)
    if seen ~= must then
      local text = string.format("%s is %s, must be %s.", word_name(s, at), hex(seen), hex(must))
      local bit = seen ~ must
      text = w.name == "shadow_trace()" and seen == was and text .. " The virtual machine's write did not happen."
        or bit & ~(A | D) ~= 0 and text or string.format("%s %s must %s.%s", text, bit & A ~= 0 and "A" or "D",
          bit & must & (A | D) ~= 0 and "be set" or "stay clear", bit & D ~= 0 and must & D == 0 and " It was no write." or "")
      return text, s.to_linear + s.pool_phys + at & 0xffffffff
    end
  end
  for page = 1 + SLOTS, POOL_PAGES - 1 do
    local first = page * PAGE
    if string.sub(b, first + 1, first + PAGE) ~= string.sub(a.pool, first + 1, first + PAGE) then
      for at = first, first + PAGE - 4, 4 do
        local seen, was = word_at(a.pool, at), word_at(b, at)
        if seen ~= was and not w.words[at] and not (w.result == TRUE and seen == was | A) then
          return string.format("%s changed from %s to %s, and must stay.", word_name(s, at), hex(was), hex(seen)),
            s.to_linear + s.pool_phys + at & 0xffffffff
        end
      end
    end
  end
end

-- The shadow entry that shadow_fault() fills in: with FAULT_TRACED, if it likes.
local function filled(s, w, a)
  local at, e = shadow_at(s, w.linear), w.e
  if w.result == TRUE or w.result == TRACED and word_at(a.pool, at) == word_at(w.before.pool, at) then return end
  local seen, must = word_at(a.pool, at), s.map[e.frame] | P | e.both & U
  local write, may = w.error & ERROR_W ~= 0, not w.use and e.both & W ~= 0
  local spot = s.to_linear + s.pool_phys + at & 0xffffffff
  if may and (write or seen & W ~= 0 and e.pte & D ~= 0) then must = must | W end
  if (seen ~ must) & ~FREE == 0 then return end
  local text = string.format("The shadow entry is %s, must be %s.", hex(seen), hex(must))
  local function because(said) return text .. " " .. said, spot end
  if seen == word_at(w.before.pool, at) then return because("It was not written.") end
  if seen & FRAME ~= must & FRAME then
    return because(seen & FRAME == e.frame << 12 and "It names the guest-physical address: ask frame_map."
      or seen & FRAME == must + s.to_linear & FRAME and "It names the linear address at which the VMM sees the page."
      or seen & FRAME == s.map[e.pde >> 12] and "It names the page table, and not the page." or "It names another page.")
  end
  if (seen ~ must) & P ~= 0 then return because("P must be set.") end
  if (seen ~ must) & U ~= 0 then return because("U/S must be set if it is in both. " .. entries_text(e)) end
  if (seen ~ must) & W == 0 then return because("Only P, R/W and U/S come from the virtual machine's entries.") end
  if seen & W == 0 then return because("R/W must be set, or the write faults again, for ever.") end
  return because(w.use and string.format("The page holds %s: if R/W is set, nobody sees when it changes.", w.use)
    or e.both & W == 0 and "R/W must be set in both. " .. entries_text(e)
    or "D is clear in the virtual machine's entry: R/W must wait for the first write, or nobody sets D.")
end

-- The offset of the next word, from `at` on, that is not 0 in one of two strings of the same length; nil: there is none.
local function next_word(one, other, at)
  local first, second = string.find(one, "[^\0]", at + 1), string.find(other, "[^\0]", at + 1)
  local found = first and second and math.min(first, second) or first or second
  return found and (found - 1) & ~3
end

-- All other shadow entries: w.dropped says which must go, w.may which may change.
local function others(s, w, a)
  local b, size = w.before.pool, (1 + SLOTS) * PAGE
  local old, new = string.sub(b, 1, size), string.sub(a.pool, 1, size)
  local at = old == new and w.dropped == never and size or next_word(old, new, PAGE)
  while at and at < size do
    local seen, was, linear = word_at(new, at), word_at(old, at), (at - PAGE) // 4 + (s.first << 10) << 12
    local text
    if w.dropped(linear) and seen & P ~= 0 then
      text = " still. " .. w.why(linear)
    elseif (seen ~ was) & ~FREE ~= 0 and not w.dropped(linear) and not w.may(linear) then
      text = string.format(", was %s, and must stay.", hex(was))
    elseif seen & (P | W) == P | W then
      local use = use_of(s, a, s.number_of[((seen & FRAME) - s.pool_phys) // PAGE - 1 - SLOTS])
      text = use and string.format(": it allows writes to %s.", use)
    end
    if text then
      return string.format("The shadow entry of %s is %s%s", hex(linear), hex(seen), text),
        s.to_linear + s.pool_phys + at & 0xffffffff
    end
    at = next_word(old, new, at + 4)
  end
end

-- -- one call ---------------------------------------------------------------------------------------

local function fault_make(s, w)
  local b = w.before
  w.e = look(s, b, w.linear)
  local asked, e = P | w.error & (ERROR_W | ERROR_U), w.e
  w.use = e.frame and use_of(s, b, e.frame)
  w.result = e.both & asked ~= asked and TRUE or w.use and w.error & ERROR_W ~= 0 and TRACED or HIDDEN
  w.words, w.dropped = {}, never
  w.may = function(linear) return w.result ~= TRUE and linear == w.linear & FRAME end
  if w.result == TRUE then return end
  w.words[e.pde_at] = e.pde | A
  w.words[e.pte_at] = (w.words[e.pte_at] or e.pte) | A | (w.error & ERROR_W ~= 0 and D or 0)
end

local function trace_make(s, w)
  local e = look(s, w.before, w.linear)
  local use, slots = use_of(s, w.before, e.frame)
  local index, whole = (w.linear & 0xfff) // 4, w.before.cr3 >> 12 == e.frame
  w.words = {[guest_at(s, (e.frame << 12) + (w.linear & 0xfff))] = w.error}
  w.may = whole and always or never
  w.dropped = function(linear)
    if whole and linear >> 22 == index then return true end
    for _, slot in ipairs(slots) do
      if linear >> 22 == s.first + slot and index_of(linear) == index then return true end
    end
    return false
  end
  w.why = function(linear)
    if whole then return "The directory's entry from which it came has changed." end
    return string.format("It came from entry %d of %s, which has changed.%s", index, use_of(s, w.before, e.frame), #slots > 1
      and " More than one entry of the directory names this page table." or "")
  end
end

local function flush_make(s, w)
  w.words, w.dropped, w.may = {}, always, always
  w.why = function() return "The virtual machine has other tables now." end
end

local calls = {
  {"shadow_fault()", "fault", fault_make, "The virtual machine accesses %s, error code %d. "},
  {"shadow_trace()", "trace", trace_make, "The virtual machine writes to %s, in its tables, the value 0x%x. "},
  {"shadow_flush()", "flush", flush_make, "The virtual machine has loaded CR3. "},
}

-- Stands at a site. Returns nil, or what is wrong, and in which part.
local function call_judge(s, one, row)
  local lab, y = s.lab, s.symbols
  local esp = lab:reg("esp")
  local b = state(s, esp)
  local w = {name = one[1], before = b, linear = lab:word(esp) or 0, error = lab:word(esp + 4) or 0}
  one[3](s, w)
  local part = one[2] == "flush" and "flush" or row.phase
  if part == "trace" and one[2] == "fault" and w.use then part = "protect" end
  local about = string.format(one[4], hex(w.linear), w.error)
  local at = lab:run_to_linear{y[one[2] .. "_returned"], y.page_fault, y.accessed}
  if at ~= y[one[2] .. "_returned"] then
    local function is(cr2) return address_text(s, cr2) end
    return about .. routine_lost(lab, s.program, one[1], b.mark, LIMIT, {s.scenario.user, PAGE}, is), part
  end
  local a = state(s, esp)
  for _, rule in ipairs{around, result, told, memory, filled, others} do
    if one[2] == "fault" or rule ~= result and rule ~= filled then
      local text, spot = rule(s, w, a)
      if text then return about .. text .. writer_find(lab, s.program, b.mark, a.mark, spot), part end
    end
  end
  s.last = one[1]
end

-- The CPU went on with a translation that was dropped.
local function stale_judge(s)
  local stale = s.lab:noted()[1]
  if not stale then return end
  s.lab:seek(stale.mark)
  return string.format("%s made the shadow entry of %s another one, and the CPU may still use the old one, as it does here. "
    .. "Have it forget: invlpg, or a load of CR3, behind the change.", s.last or "Your code", hex(stale.which & FRAME))
end

-- -- the check ----------------------------------------------------------------------------------------

-- Returns nil, or what is wrong, and in which part.
local function scenario_judge(s)
  local lab, y = s.lab, s.symbols
  s.last = nil
  lab:note("stale-translation")
  local sites = {[y.fault_site] = calls[1], [y.trace_site] = calls[2], [y.flush_site] = calls[3]}
  for _, row in ipairs(s.rows) do
    local at
    repeat
      at = lab:run_to_linear{y.fault_site, y.trace_site, y.flush_site, y.accessed}
      local text = stale_judge(s)
      if text then return text, s.last == "shadow_flush()" and "flush" or row.phase end
      if not at then return "The virtual machine does not go on.", row.phase end
      if sites[at] then
        local said, part = call_judge(s, sites[at], row)
        if said then return said, part end
      end
    until at == y.accessed
  end
end

function check(submission)
  check_parts(submission, parts, scenarios, {"shadow_fault", "shadow_trace", "shadow_flush"}, scenario_make, scenario_enter,
    scenario_judge)
end

quiz = quiz_of{ask.walk, ask.page_fault, ask.page_cause}
