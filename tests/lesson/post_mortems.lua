-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Lab 13, solved by a student who has what `lesson start` and `why` give, and nothing else: so they must suffice.  And
-- the source that is handed out is what the kernels' bytes say.
--
-- Words: the folder of `lesson start`, with kernel-N.why beside each kernel.  Writes answers-solved.txt and
-- mended-N.elf there, and prints the causes.

local folder = ...
local KERNELS, PAGE, FILE_HEAD = 6, 4096, 4096

local function file_read(name)
  local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
  return file:read("a")
end

local function file_write(name, bytes)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(bytes)
end

local function map_read(name)
  local map = {}
  for value, symbol in string.gmatch(file_read(name), "(0x%x+)  (%S+)") do map[symbol] = tonumber(value) end
  return map
end

-- An instruction's text with values for names, and all numbers in one base.
local function numbers_alike(text, map)
  return (string.gsub(text, "[%w_]+", function(word)
    local value = map[word] or tonumber(word)
    return value and string.format("%d", value)
  end))
end

-- Rows of the source that are other instructions in the kernel: a list of texts.
local function source_compare(name, map)
  local machine, at, other = worldswitch.image(name, {bytes = file_read(name .. ".elf")}), 0, {}
  for line in string.gmatch(file_read("kernel.s"), "[^\n]+") do
    local label, text = string.match(line, "^([%w_]*):?%s+(%l.*)$")
    if text and not string.match(line, "^%s*#") then
      at = map[label] or at
      local is, bytes = machine:disasm(at)
      if numbers_alike(is, {}) ~= numbers_alike(text, map) then
        other[#other + 1] = string.format("%s, 0x%08x: %s; the source: %s", name, at, is, text)
      end
      at = at + bytes
    end
  end
  return other
end

-- `why` breaks its lines: one that goes on does so four columns deeper than it began, as no other line stands.
local function unbroken(text)
  local lines, depth = {}, 0
  for blanks, rest in string.gmatch(text, "( *)([^\n]*)\n") do
    if #blanks == depth + 4 then
      lines[#lines] = lines[#lines] .. " " .. rest
    else
      lines[#lines + 1], depth = blanks .. rest, #blanks
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- -- from what `why` says to the answers -----------------------------------------------------------------------

local function patch(at, value, bytes) return string.format("0x%08x=0x%0" .. 2 * bytes .. "x", at, value) end

-- The kernel's file with a patch: all of its memory lies behind the first page of the file.
local function patched(name, map, at, value, bytes)
  local file, offset = file_read(name .. ".elf"), at - (map.start & ~(PAGE - 1)) + FILE_HEAD
  return string.sub(file, 1, offset) .. string.pack("<I" .. bytes, value) .. string.sub(file, offset + bytes + 1)
end

local function gate(map) return map.idt + 8 * map.vector end
local function entry(map, page) return map.page_table + 4 * (map[page] >> 12) end

-- A pattern in `why`, words of the cause in the sheet, the patch; the pattern's capture is the place, if it has one.
local ways = {
  {"the PTE was last written at mark %d+ by (0x%x+)", "clears an entry", function(m) return m.old_count, 2, 4 end},
  {"last written at mark %d+ by (0x%x+): push", "grows into the IDT", function(m) return m.deep_words, 16, 4 end},
  {"last written at mark %d+ by (0x%x+): rep movsb", "too long for its buffer",
    function(m) return m.copy_bytes, m.bytes_copied, 4 end},
  {"but descriptor [^\n]* is 32%-bit TSS %(busy%)", "says \"busy\"",
    function(m) return m.gdt + m.tss_selector + 5, 0x89, 1 end},
  {"> 0x%x+  ljmp", "far jump names a data segment", function(m) return m.jump + 5, m.kernel_code, 2 end},
  {"but no LDT was loaded", "and then uses the LDT", function(m) return m.ldt_word, m.ldt_selector, 4 end},
  {"beyond FS's limit", "limit of a data segment", function(m) return m.ldt + (m.ldt_data & ~7), 0xff, 2 end},
  {"PDE 0 at 0x%x+ is 0x00000000", "CR3 gets", function(m) return m.root, m.directory, 4 end},
  {"the page may not be written", "makes read%-only", function(m) return entry(m, "log"), m.log | 3, 4 end},
  {"ring 3 may not use the page", "for the kernel alone", function(m) return entry(m, "user"), m.user | 7, 4 end},
  {"the divisor is 0", "divides by zero", function(m) return m.count, 7, 4 end},
  {"at IDT %+ 0x%x+ its P bit is 0", "\"not present\"", function(m) return gate(m) + 5, 0xee, 1 end},
  {"names a null selector", "has the null selector", function(m) return gate(m) + 2, m.kernel_code, 2 end},
  {"the gate of vector %d+ names selector", "selector of a data segment",
    function(m) return gate(m) + 2, m.kernel_code, 2 end},
  {"lies beyond IDTR's limit", "IDT's limit is too small", function(m) return m.idtr, 8 * m.vector + 7, 2 end},
  {"has DPL 0: ring 3 may not ask", "has DPL 0, and ring 3", function(m) return gate(m) + 5, 0xee, 1 end},
  {"error code 0x2 [^\n]*, cr2", "ESP0 is in a page", function(m) return m.tss + 4, m.stack_0 + PAGE, 4 end},
  {"could be entered: #TS", "SS0 is no stack", function(m) return m.tss + 8, m.kernel_data, 4 end},
  {"cr2 0x0000%x%x%x%x\n", "wrong offset", function(m) return gate(m) + 6, m.on_call >> 16, 2 end},
  {"the page table entry is not present", "was not mapped when",
    function(m) return entry(m, "handlers"), m.handlers | 3, 4 end},
  {"first fault: IRQ 0 %(vector 8%)", "send their interrupts", function(m) return m.irq_base, 0x20, 4 end},
  {"SS's selector 0x%x+ [^\n]* has RPL 0", "an SS whose RPL", function(m) return m.user_ss, m.user_data, 4 end},
  {"has DPL 3, but the return is to ring 0", "a CS whose RPL", function(m) return m.user_cs, m.user_code, 4 end},
  {"> 0x%x+  iret", "a word too many", function(m) return m.restore, 0x58, 1 end},
}

local sheet, answers = file_read("answers.txt"), {}
for i = 1, KERNELS do
  local name = "kernel-" .. i
  local map, why, solved = map_read(name .. ".map"), unbroken(file_read(name .. ".why")), nil
  for _, way in ipairs(ways) do
    local first, _, place = string.find(why, way[1])
    if first and not solved then
      solved = way
      local letter = string.match(sheet, "\n#  (%l)  [^\n]*" .. way[2])
      place = place or string.match(why, "at mark %d+, (0x%x+), ring")
      answers[#answers + 1] = string.format("cause-%d: %s\nwhere-%d: %s\nmend-%d: %s\n", i, letter, i, place, i,
                                            patch(way[3](map)))
      file_write(string.format("mended-%d.elf", i), patched(name, map, way[3](map)))
      print(way[2])
    end
  end
  assert(solved, name .. ": no way fits what `why` says")
  local other = source_compare(name, map)
  local code = solved[2] == "a word too many" or solved[2] == "far jump names a data segment"
  assert(#other == (code and 1 or 0), table.concat(other, "\n"))
end
file_write("answers-solved.txt", table.concat(answers))
