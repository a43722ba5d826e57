-- SPDX-License-Identifier: GPL-2.0-or-later
title = "Post-mortems"
minutes = 90
file = "answers.txt"

local KERNELS, LIMIT, MEMORY = 6, 20000, 2 << 20
local PAGE, P, W, U = 4096, 1, 2, 4
local PG_WP_PE = 0x80010001                       -- CR0: paging, write protection, protected mode
local TICK, DOUBLE, PROTECTION = 0x20, 8, 13      -- vectors
local TEXTS = {                                   -- what the sound kernel prints
  {"copied", "copied into the buffer\n"}, {"paged", "paging is on\n"}, {"called", "a call\n"},
  {"ticked", "a tick\n"}, {"ended", "the end\n"},
}
local ORDER = {"paged", "copied", "called", "ticked", "called", "ended"}
local ROOM, BUFFER = 64, 32                       -- words of the stack of ring 0 until paging; bytes of the buffer

-- -- the kernel ----------------------------------------------------------------------------------------
--
-- The source that students get, and its bytes behind the bar.  {name} is a symbol or a number of the kernel: four
-- bytes, little endian; {1:name}, {2:name}: so many; {.name}, {~name}: the distance to it, one byte, four bytes.
-- A test, post_mortems.sh, disassembles the bytes and compares them with the text.

local source = [[
## start: GDT, IDT, task register, LDT
start:      mov ${stack_top}, %esp          | bc {stack_top}
            lgdt {gdtr}                     | 0f 01 15 {gdtr}
jump:       ljmp ${kernel_code}, ${loaded}  | ea {loaded} {2:jump_selector}
loaded:     mov ${kernel_data}, %eax        | b8 {kernel_data}
            mov %eax, %ss                   | 8e d0
            mov ${user_data}, %eax          | b8 {user_data}
            mov %eax, %ds                   | 8e d8
            mov %eax, %es                   | 8e c0
            lidt {idtr}                     | 0f 01 1d {idtr}
            mov ${tss_selector}, %eax       | b8 {tss_selector}
            ltr %ax                         | 0f 00 d8
            lldt {ldt_word}                 | 0f 00 15 {ldt_word}
            mov ${ldt_data}, %eax           | b8 {ldt_data}
            mov %eax, %fs                   | 8e e0
            mov %fs:0x40, %eax              | 64 a1 40 00 00 00
## paging
            mov {root}, %eax                | a1 {root}
            mov %eax, %cr3                  | 0f 22 d8
            mov {cr0_value}, %eax           | a1 {cr0_value}
            mov %eax, %cr0                  | 0f 22 c0
            jmp {paged}                     | eb {.paged}
paged:      mov ${text_paged}, %esi         | be {text_paged}
            mov ${bytes_paged}, %ecx        | b9 {bytes_paged}
            call {say}                      | e8 {~say}
## the pages old_1 and old_2 were needed until now: clear their entries in the page table
            mov {old_first}, %edi           | 8b 3d {old_first}
            mov {old_count}, %ecx           | 8b 0d {old_count}
clear:      movl $0, (%edi)                 | c7 07 00 00 00 00
            add $4, %edi                    | 83 c7 04
            dec %ecx                        | 49
            jne {clear}                     | 75 {.clear}
            mov %cr3, %eax                  | 0f 20 d8
            mov %eax, %cr3                  | 0f 22 d8
## note in the log that paging is on; an average; a text into the buffer
            movl $1, {log}                  | c7 05 {log} 01 00 00 00
            mov {total}, %eax               | a1 {total}
            xor %edx, %edx                  | 31 d2
            divl {count}                    | f7 35 {count}
            mov ${text_copied}, %esi        | be {text_copied}
            mov ${buffer_text}, %edi        | bf {buffer_text}
            mov {copy_bytes}, %ecx          | 8b 0d {copy_bytes}
            cld                             | fc
copy:       rep movsb (%esi), %es:(%edi)    | f3 a4
            mov ${buffer_text}, %esi        | be {buffer_text}
            mov ${bytes_copied}, %ecx       | b9 {bytes_copied}
            call {say}                      | e8 {~say}
## put words on the stack, take them away again
            mov %esp, %ebp                  | 89 e5
            mov {deep_words}, %ecx          | 8b 0d {deep_words}
deep:       push %ecx                       | 51
            dec %ecx                        | 49
            jne {deep}                      | 75 {.deep}
            mov %ebp, %esp                  | 89 ec
## the kernel calls itself
            xor %eax, %eax                  | 31 c0
            int ${vector}                   | cd {1:vector}
## the interrupt controllers: vectors from irq_base on, only IRQ 0 is let through
            mov $0x11, %al                  | b0 11
            out %al, $0x20                  | e6 20
            out %al, $0xa0                  | e6 a0
            mov {irq_base}, %al             | a0 {irq_base}
            out %al, $0x21                  | e6 21
            add $8, %al                     | 04 08
            out %al, $0xa1                  | e6 a1
            mov $4, %al                     | b0 04
            out %al, $0x21                  | e6 21
            mov $2, %al                     | b0 02
            out %al, $0xa1                  | e6 a1
            mov $1, %al                     | b0 01
            out %al, $0x21                  | e6 21
            out %al, $0xa1                  | e6 a1
            mov $0xff, %al                  | b0 ff
            out %al, $0xa1                  | e6 a1
            mov $0xfe, %al                  | b0 fe
            out %al, $0x21                  | e6 21
## the timer: one tick; wait for it
            mov $0x30, %al                  | b0 30
            out %al, $0x43                  | e6 43
            mov $0, %al                     | b0 00
            out %al, $0x40                  | e6 40
            mov $1, %al                     | b0 01
            out %al, $0x40                  | e6 40
            sti                             | fb
            hlt                             | f4
            cli                             | fa
## into ring 3
            push {user_ss}                  | ff 35 {user_ss}
            push {user_esp}                 | ff 35 {user_esp}
            push {user_flags}               | ff 35 {user_flags}
            push {user_cs}                  | ff 35 {user_cs}
            push {user_eip}                 | ff 35 {user_eip}
enter:      iret                            | cf
## print ECX bytes from ESI on
say:        mov $0x3f8, %edx                | ba f8 03 00 00
            rep outsb (%esi), %dx           | f3 6e
            ret                             | c3
@handlers
## the handler of the call's vector: EAX = 0 prints a line, else the kernel has come to its end
on_call:    push %eax                       | 50
            test %eax, %eax                 | 85 c0
            jne {leave}                     | 75 {.leave}
            mov ${text_called}, %esi        | be {text_called}
            mov ${bytes_called}, %ecx       | b9 {bytes_called}
            call {say}                      | e8 {~say}
restore:    pop %eax                        | {1:restore_opcode}
            iret                            | cf
leave:      mov ${text_ended}, %esi         | be {text_ended}
            mov ${bytes_ended}, %ecx        | b9 {bytes_ended}
            call {say}                      | e8 {~say}
            mov $0xf4, %edx                 | ba f4 00 00 00
            mov $0, %al                     | b0 00
            out %al, %dx                    | ee
            hlt                             | f4
## the handler of the timer's interrupt: no more of them; end of interrupt
on_tick:    push %eax                       | 50
            mov $0xff, %al                  | b0 ff
            out %al, $0x21                  | e6 21
            mov $0x20, %al                  | b0 20
            out %al, $0x20                  | e6 20
            mov ${text_ticked}, %esi        | be {text_ticked}
            mov ${bytes_ticked}, %ecx       | b9 {bytes_ticked}
            call {say}                      | e8 {~say}
            pop %eax                        | 58
            iret                            | cf
@user
## ring 3: two calls
user_start: xor %eax, %eax                  | 31 c0
            int ${vector}                   | cd {1:vector}
            mov $1, %eax                    | b8 01 00 00 00
            int ${vector}                   | cd {1:vector}
            jmp {user_start}                | eb {.user_start}
]]

-- The rows of the source: page, label, text, template of the bytes.
local function source_rows()
  local rows, page = {}, "code"
  for line in string.gmatch(source, "[^\n]+") do
    local label, text, bytes = string.match(line, "^([%w_]*):?%s+(.-)%s*|%s*(.*)$")
    page = string.match(line, "^@(.*)") or page
    if text then rows[#rows + 1] = {page = page, label = label, text = text, bytes = bytes} end
  end
  return rows
end

local rows = source_rows()

-- The bytes of one row at an address; how many there are depends on neither symbols nor parts.
local function row_bytes(row, at, symbols, parts)
  local bytes = {}
  for item in string.gmatch(row.bytes, "%S+") do
    local how, name = string.match(item, "^{([12.~]?):?([%w_]+)}$")
    local value = name and (symbols[name] or parts[name] or 0)
    if not name then
      bytes[#bytes + 1] = string.char(tonumber(item, 16))
    elseif how == "." then
      bytes[#bytes + 1] = string.pack("b", symbols[name] and value - (at + #table.concat(bytes) + 1) or 0)
    elseif how == "~" then
      bytes[#bytes + 1] = string.pack("<I4", value - (at + #table.concat(bytes) + 4) & 0xffffffff)
    else
      bytes[#bytes + 1] = string.pack("<I" .. (how == "" and 4 or how), value)
    end
  end
  return table.concat(bytes)
end

-- -- one kernel ------------------------------------------------------------------------------------------

-- What a kernel is made with: addresses and numbers of its own.  `symbols`: names for the source, and for the tools.
local function kernel_draw()
  local k = {base = 0x100000 + PAGE * math.random(0, 63), pages = {}, symbols = {}}
  local at, s = k.base, k.symbols
  local blocks = in_any_order{ -- a block is pages that must lie behind each other
    {"old_1", "old_2", "handlers"}, {"buffer", "gdt"}, {"idt_page", "stack"}, {"guard", "stack_0"}, {"tss"},
    {"directory"}, {"page_table"}, {"data"}, {"log"}, {"user"}, {"user_stack"},
  }
  table.insert(blocks, 1, {"code"})
  for _, block in ipairs(blocks) do
    for _, name in ipairs(block) do
      k.pages[#k.pages + 1], s[name] = name, at
      at = at + PAGE
    end
  end
  k.finish = at
  s.vector = math.random(0x30, 0x3f)
  s.idt = s.stack - 8 * (s.vector + 1)
  s.stack_top = s.stack + 4 * ROOM
  s.buffer_text = s.gdt - BUFFER
  s.kernel_code = 8
  for i, name in ipairs(in_any_order{"kernel_data", "user_code", "user_data", "tss_selector", "ldt_selector"}) do
    s[name] = 8 + 8 * i
  end
  s.user_code, s.user_data, s.ldt_data = s.user_code | 3, s.user_data | 3, 8 * math.random(0, 2) + 4
  s.ldt = s.gdt + 0x80
  local words = s.data + 0x100
  for _, name in ipairs(in_any_order{"root", "cr0_value", "old_first", "old_count", "total", "count", "copy_bytes",
    "deep_words", "irq_base", "user_ss", "user_esp", "user_flags", "user_cs", "user_eip", "ldt_word"}) do
    s[name], words = words, words + 4
  end
  s.gdtr, s.idtr, words = words, words + 8, words + 16
  for _, text in ipairs(TEXTS) do
    s["text_" .. text[1]], s["bytes_" .. text[1]], words = words, #text[2], words + #text[2]
  end
  k.code_at = {
    code = s.code + 12, handlers = s.handlers + 16 * math.random(0, 32), user = s.user + 16 * math.random(0, 32),
  }
  for pass = 1, 2 do -- labels, then bytes
    local next_at = {}
    for _, row in ipairs(rows) do
      local here = next_at[row.page] or k.code_at[row.page]
      if row.label ~= "" then s[row.label] = here end
      next_at[row.page] = here + #row_bytes(row, here, s, {})
    end
  end
  k.named = {}
  for name, value in pairs(s) do
    if value >= k.base and value < k.finish then k.named[#k.named + 1] = {name, value} end
  end
  return k
end

-- The numbers that can be wrong.
local function parts_of(k)
  local s = k.symbols
  return {
    root = s.directory, cr0_value = PG_WP_PE, old_first = s.page_table + 4 * (s.old_1 >> 12), old_count = 2,
    total = math.random(100, 999), count = math.random(3, 9), copy_bytes = #TEXTS[1][2],
    deep_words = math.random(16, ROOM - 20), irq_base = TICK, ldt_word = s.ldt_selector,
    user_ss = s.user_data, user_esp = s.user_stack + PAGE, user_flags = 2, user_cs = s.user_code,
    user_eip = s.user_start,
    esp0 = s.stack_0 + PAGE, ss0 = s.kernel_data, tss_rights = 0x89, ldt_limit = 0xff,
    idt_limit = 8 * (s.vector + 1) - 1, gate_rights = 0xee, gate_selector = s.kernel_code, gate_handler = s.on_call,
    jump_selector = s.kernel_code, restore_opcode = 0x58,
    log_rights = P | W, user_rights = P | W | U, handlers_entry = s.handlers | P | W,
  }
end

local function descriptor(base, limit, rights, flags)
  return string.pack("<I2I2I1I1I1I1", limit & 0xffff, base & 0xffff, base >> 16 & 0xff, rights, flags | limit >> 16,
                     base >> 24)
end

local function gate(handler, selector, rights)
  return string.pack("<I2I2I1I1I2", handler & 0xffff, selector, 0, rights, handler >> 16)
end

-- All of its memory, from k.base on.
local function memory_of(k, parts)
  local s, memory = k.symbols, {}
  local function put(at, bytes) memory[#memory + 1] = {at, bytes} end
  local function word(at, value, bytes) put(at, string.pack("<I" .. (bytes or 4), value)) end
  put(s.code, string.pack("<I4I4I4", 0x1badb002, 0, -0x1badb002 & 0xffffffff))
  local next_at = {}
  for _, row in ipairs(rows) do
    local at = next_at[row.page] or k.code_at[row.page]
    local bytes = row_bytes(row, at, s, parts)
    put(at, bytes)
    next_at[row.page] = at + #bytes
  end
  for name, value in pairs(parts) do
    if s[name] and s[name] >= s.data and s[name] < s.data + PAGE then word(s[name], value) end
  end
  put(s.gdtr, string.pack("<I2I4", 0x40 - 1, s.gdt))
  put(s.idtr, string.pack("<I2I4", parts.idt_limit, s.idt))
  for _, text in ipairs(TEXTS) do put(s["text_" .. text[1]], text[2]) end
  put(s.gdt + s.kernel_code, descriptor(0, 0xfffff, 0x9a, 0xc0))
  put(s.gdt + s.kernel_data, descriptor(0, 0xfffff, 0x92, 0xc0))
  put(s.gdt + (s.user_code & ~7), descriptor(0, 0xfffff, 0xfa, 0xc0))
  put(s.gdt + (s.user_data & ~7), descriptor(0, 0xfffff, 0xf2, 0xc0))
  put(s.gdt + s.tss_selector, descriptor(s.tss, 103, parts.tss_rights, 0))
  put(s.gdt + s.ldt_selector, descriptor(s.ldt, 0x1f, 0x82, 0))
  put(s.ldt + (s.ldt_data & ~7), descriptor(s.data, parts.ldt_limit, 0x92, 0x40))
  put(s.idt + 8 * s.vector, gate(parts.gate_handler, parts.gate_selector, parts.gate_rights))
  put(s.idt + 8 * TICK, gate(s.on_tick, s.kernel_code, 0x8e))
  put(s.tss + 4, string.pack("<I4I4", parts.esp0, parts.ss0))
  word(s.tss + 102, 104, 2)
  word(s.directory, s.page_table | P | W | U)
  for _, name in ipairs(k.pages) do
    local rights = ({log = parts.log_rights, user = parts.user_rights, user_stack = P | W | U, guard = false})[name]
    if rights == nil then rights = P | W end
    local entry = name == "handlers" and parts.handlers_entry or rights and s[name] | rights or 0
    word(s.page_table + 4 * (s[name] >> 12), entry)
  end
  table.sort(memory, function(a, b) return a[1] < b[1] end)
  local pieces, at = {}, k.base
  for _, row in ipairs(memory) do
    pieces[#pieces + 1] = string.rep("\0", row[1] - at)
    pieces[#pieces + 1] = row[2]
    at = row[1] + #row[2]
  end
  pieces[#pieces + 1] = string.rep("\0", k.finish - at)
  return table.concat(pieces)
end

-- An ELF file of it, with symbols.
local function elf_of(k, memory)
  local names, entries, at = {"\0"}, {string.rep("\0", 16)}, 1
  for _, row in ipairs(k.named) do
    entries[#entries + 1] = string.pack("<I4I4I4I1I1I2", at, row[2], 0, 0x10, 0, 0xfff1) -- global, absolute
    names[#names + 1] = row[1] .. "\0"
    at = at + #row[1] + 1
  end
  local symbols, strings, sections = table.concat(entries), table.concat(names), "\0.symtab\0.strtab\0"
  local offset = PAGE + #memory
  local function section(name, type, place, bytes, link, info, entry_bytes)
    return string.pack("<I4I4I4I4I4I4I4I4I4I4", name, type, 0, 0, place, bytes, link, info, 1, entry_bytes)
  end
  local head = "\x7fELF" .. string.pack("<I1I1I1I1I8I2I2I4I4I4I4I4I2I2I2I2I2I2", 1, 1, 1, 0, 0, 2, 3, 1,
    k.symbols.start, 52, offset + #symbols + #strings + #sections, 0, 52, 32, 1, 40, 4, 3)
    .. string.pack("<I4I4I4I4I4I4I4I4", 1, PAGE, k.base, k.base, #memory, #memory, 7, 1)
  return head .. string.rep("\0", PAGE - #head) .. memory .. symbols .. strings .. sections
    .. section(0, 0, 0, 0, 0, 0, 0) .. section(1, 2, offset, #symbols, 2, 1, 16)
    .. section(9, 3, offset + #symbols, #strings, 0, 0, 0)
    .. section(9, 3, offset + #symbols + #strings, #sections, 0, 0, 0)
end

-- -- ways to die -----------------------------------------------------------------------------------------
--
-- Rows: name, group, text, what makes one of the parts wrong.  Of each of six groups, one is drawn.  With a label at
-- the end, a word is right at first, and the instruction at the label makes it wrong.

local causes = {
  -- the start
  {"ltr", 1, "The TSS's descriptor says \"busy\" before the kernel loads the task register.",
    function(p) p.tss_rights = 0x8b end},
  {"jump", 1, "A far jump names a data segment.", function(p, s) p.jump_selector = s.kernel_data end},
  {"lldt", 1, "The kernel loads the LDTR with the null selector, and then uses the LDT.",
    function(p) p.ldt_word = 0 end},
  {"limit", 1, "The limit of a data segment is too small for what the kernel reads in it.",
    function(p) p.ldt_limit = 4 * math.random(3, 15) - 1 end},
  -- paging, and arithmetic
  {"root", 2, "CR3 gets the address of something that is no page directory.", function(p, s) p.root = s.page_table end},
  {"write", 2, "The kernel writes to a page that its page table makes read-only.", function(p) p.log_rights = P end},
  {"supervisor", 2, "Ring 3 executes a page whose entry in the page table is for the kernel alone.",
    function(p) p.user_rights = P | W end},
  {"divide", 2, "The kernel divides by zero.", function(p) p.count = 0 end},
  -- gates
  {"present", 3, "The gate of a software interrupt is marked \"not present\".", function(p) p.gate_rights = 0x6e end},
  {"null", 3, "The gate of a software interrupt has the null selector.", function(p) p.gate_selector = 0 end},
  {"data", 3, "The gate of a software interrupt has the selector of a data segment.",
    function(p, s) p.gate_selector = s.kernel_data end},
  {"idtr", 3, "The IDT's limit is too small: a gate lies beyond it.",
    function(p, s) p.idt_limit = 8 * s.vector - 1 end},
  {"dpl", 3, "The gate of a software interrupt has DPL 0, and ring 3 uses it.", function(p) p.gate_rights = 0x8e end},
  -- handlers
  {"unmapped", 4, "The page of a handler was not mapped when the kernel began.", function(p) p.handlers_entry = 0 end},
  {"offset", 4, "A gate has the wrong offset: it leads to where no handler is.",
    function(p) p.gate_handler = p.gate_handler & 0xffff end},
  {"word", 4, "A handler leaves a word too many on its stack, and goes back with it.",
    function(p) p.restore_opcode = 0x90 end},
  {"vectors", 4, "The interrupt controllers send their interrupts with vectors that belong to the CPU's exceptions.",
    function(p) p.irq_base = DOUBLE end},
  -- from ring 0 to ring 3 and back
  {"esp0", 5, "The TSS's ESP0 is in a page that is not mapped.", function(p, s) p.esp0 = s.stack_0 end},
  {"ss0", 5, "The TSS's SS0 is no stack segment for ring 0.", function(p, s) p.ss0 = s.user_data end},
  {"rpl_ss", 5, "The kernel returns to ring 3 with an SS whose RPL is not 3.",
    function(p) p.user_ss = p.user_ss & ~3 end},
  {"rpl_cs", 5, "The kernel returns to ring 3 with a CS whose RPL is not 3.",
    function(p) p.user_cs = p.user_cs & ~3 end},
  -- words that the kernel itself makes wrong
  {"cleared", 6, "The kernel clears an entry of the page table that it still needs.",
    function(p) p.old_count = 3 end, "clear"},
  {"stack", 6, "The stack grows into the IDT.", function(p) p.deep_words = ROOM + math.random(1, 2) end, "deep"},
  {"copied", 6, "A text that the kernel copies is too long for its buffer, and goes on into the GDT.",
    function(p) p.copy_bytes = BUFFER + math.random(16, 24) end, "copy"},
  -- never the first
  {"df", 0, "The IDT has no gate for #DF, vector 8, so that the double fault cannot be handled."},
  {"gp", 0, "The IDT has no gate for #GP, vector 13, so that the fault cannot be handled."},
}

-- The variant: one cause of each group, and a kernel for each.
local kernels, letters = {}, {}
for group = 1, KERNELS do
  local some = {}
  for _, cause in ipairs(causes) do
    if cause[2] == group then some[#some + 1] = cause end
  end
  kernels[group] = {cause = some[math.random(#some)]}
end
kernels = in_any_order(kernels)
causes = in_any_order(causes)
for i, cause in ipairs(causes) do
  letters[i] = {letter = string.char(96 + i), cause = cause}
  cause.letter = letters[i].letter
end

-- A kernel's memory with one cause in it.
local function memory_with(k, cause)
  local parts = {}
  for name, value in pairs(k.parts) do parts[name] = value end
  if cause and cause[4] then cause[4](parts, k.symbols) end
  return memory_of(k, parts)
end

for i = 1, KERNELS do
  local kernel, k = kernels[i], kernel_draw()
  k.parts = parts_of(k)
  kernel.k, kernel.name = k, string.format("kernel-%d", i)
  kernel.sound, kernel.memory = memory_with(k), memory_with(k, kernel.cause)
end

-- -- running, and what is seen ---------------------------------------------------------------------------

local function said_by_sound()
  local texts, all = {}, ""
  for _, text in ipairs(TEXTS) do texts[text[1]] = text[2] end
  for _, name in ipairs(ORDER) do all = all .. texts[name] end
  return all
end

local said_sound = said_by_sound()

-- "on_call+5"
local function place(k, linear)
  local best
  for _, row in ipairs(k.named) do
    if row[2] <= linear and (not best or row[2] > best[2]) then best = row end
  end
  if not best or linear >= k.finish then return hex(linear) end
  local offset = linear - best[2]
  return string.format("%s (%s%s)", hex(linear), best[1], offset > 0 and string.format("+0x%x", offset) or "")
end

local function machine_open(k, memory)
  return worldswitch.image("kernel", {bytes = elf_of(k, memory), memory = MEMORY, limit = LIMIT, audit = false})
end

-- Run a kernel with this memory to its end: what came of it.
local function run(k, memory)
  local m = machine_open(k, memory)
  m:note("fault-chain")
  local seen = {machine = m, reached = m:run_to_linear(k.symbols.user_start)}
  seen.ring = seen.reached and m:reg("cs") & 3
  m:run()
  local halt = m:halt()
  seen.said, seen.eip, seen.mark = m:serial(), halt.eip, halt.mark
  seen.ended = halt.reason == "EXIT"
  seen.last = string.match(seen.said, "([^\n]*)\n$") or "nothing"
  seen.text = halt.text
  local chain = m:noted()
  for i, event in ipairs(chain) do
    if event.name ~= "" then
      seen.fault = event
      seen.text = string.format("%s%s%s at %s", i > 1 and string.format("vector 0x%02x, and on the way to its handler ",
                                chain[1].which) or "", event.name,
                                event.error_code and string.format(", error code 0x%x,", event.error_code) or "",
                                place(k, event.before))
      break
    end
  end
  return seen
end

local function seen_of(kernel)
  kernel.seen = kernel.seen or run(kernel.k, kernel.memory)
  return kernel.seen
end

-- -- the cause --------------------------------------------------------------------------------------------

local function cause_explain(kernel, given)
  local said
  for _, row in ipairs(letters) do
    if row.letter == string.lower(given) then said = row.cause end
  end
  if not said then return string.format("the causes have the letters a to %s.", letters[#letters].letter) end
  if said[1] == "df" and kernel.cause[1] == "vectors" then
    return "the CPU did look for the gate of vector 8, but here vector 8 did not come from a fault. Who asked for it? "
      .. "Look at the line \"first fault\" of `why`."
  end
  if said[2] == 0 then
    return "that is true of each of these kernels, and no cause: the double fault is what became of the first fault, "
      .. "and the triple fault of that. Look at the line \"first fault\" of `why`, and at the first \"met\"."
  end
  local here, there = seen_of(kernel), run(kernel.k, memory_with(kernel.k, said))
  local text = string.format("\"%s\" With that, this kernel would end so: %s; last line \"%s\". But here: %s; last "
    .. "line \"%s\".", said[3], there.text, there.last, here.text, here.last)
  if there.text == here.text and kernel.cause[5] then
    return text .. " The fault looks the same. But when the kernel began, that word was right: who wrote it last?"
  end
  if there.text == here.text and said[5] then
    return text .. " The fault looks the same. But no instruction wrote that word: it was so when the kernel began."
  end
  if there.text == here.text then
    return text .. " The fault looks the same: read which rule was broken, and which bits decided."
  end
  return text
end

-- -- where ------------------------------------------------------------------------------------------------

local function where_of(kernel)
  return kernel.cause[5] and kernel.k.symbols[kernel.cause[5]] or seen_of(kernel).fault.before
end

local function where_explain(kernel, given)
  local number, seen, s = number_of(given), seen_of(kernel), kernel.k.symbols
  if kernel.cause[5] and number == seen.fault.before then
    return "there the CPU met the wrong word. But the kernel itself made that word wrong, earlier: give the "
      .. "instruction that wrote it. `why` says who wrote an entry last."
  end
  if number == seen.machine:reg("cr2") and number ~= 0 then
    return "that is CR2, the address that was accessed. Give the EIP at the first fault."
  end
  if number >= s.idt and number < s.stack then
    return "that is in the IDT, where no instruction is. The gates that the CPU did not find came into it after the "
      .. "first fault."
  end
  if kernel.cause[1] == "vectors" and number == seen.fault.before - 1 then
    return "that is the `hlt`. The interrupt came behind it: the EIP that the CPU would push is that of the next "
      .. "instruction."
  end
  if number < kernel.k.base or number >= kernel.k.finish then
    return "nothing of this kernel is there. Give an address, not a mark: EIP, as `why` has it in the line behind "
      .. "\"first fault\"."
  end
  local came = machine_open(kernel.k, kernel.memory)
  if came:run_to_linear(number) then
    return string.format("the CPU came to %s at mark %d, and executed it without a fault. Go on from there.",
                         place(kernel.k, number), came:mark())
  end
  return string.format("the CPU never comes to %s: the kernel dies before.", place(kernel.k, number))
end

-- -- the mend ---------------------------------------------------------------------------------------------

local PATCH = "^%s*(%w+)%s*=%s*0[xX](%x+)%s*$"

-- Address and bytes of a patch; nil and what is wrong with its form.
local function patch_read(k, given)
  local address, digits = string.match(given, PATCH)
  address = address and number_of(address)
  if not address then return nil, "it must have the form ADDRESS=VALUE, such as 0x00123456=0x89." end
  if #digits ~= 2 and #digits ~= 4 and #digits ~= 8 then
    return nil, string.format("VALUE has %d digits. Write 2 for one byte, 4 for two, 8 for four: 0x89, 0x0089, "
      .. "0x00000089.", #digits)
  end
  local bytes = string.pack("<I" .. #digits // 2, tonumber(digits, 16))
  if address < k.symbols.start or address + #bytes > k.finish then -- in front of it is what the boot loader reads
    return nil, string.format("%s is not in the kernel's memory, %s to %s.", hex(address), hex(k.symbols.start),
                              hex(k.finish - 1))
  end
  return address, bytes
end

-- Is all code what the source says?
local function code_is_sound(kernel, memory)
  local k, next_at = kernel.k, {}
  for _, row in ipairs(rows) do
    local at = next_at[row.page] or k.code_at[row.page]
    local bytes = row_bytes(row, at, k.symbols, k.parts)
    if string.sub(memory, at - k.base + 1, at - k.base + #bytes) ~= bytes then
      return false, at, (string.gsub(row.text, "[{}]", ""))
    end
    next_at[row.page] = at + #bytes
  end
  return true
end

-- The empty gates that the chain of faults ends with: no patch there helps.
local FOLLOW_UPS = {[DOUBLE] = "#DF", [10] = "#TS", [11] = "#NP", [PROTECTION] = "#GP", [14] = "#PF"}

local function follow_up(kernel, address)
  local name = FOLLOW_UPS[(address - kernel.k.symbols.idt) // 8]
  if name == "#DF" and kernel.cause[1] == "vectors" then
    return "That is in the gate of #DF. No fault asked for it, but a device: its interrupt has the wrong vector. "
  end
  return name and string.format("That is in the gate of %s. That this gate is empty came into it after the first "
    .. "fault; mend that. ", name) or ""
end

-- nil: with this patch the kernel lives.  Else what is wrong.
local function mend_judge(kernel, given)
  local k = kernel.k
  local address, bytes = patch_read(k, given)
  if not address then return bytes end
  local at = address - k.base
  if string.sub(kernel.memory, at + 1, at + #bytes) == bytes then
    return string.format("%s holds that already. If it is wrong later on, another word makes it so.", place(k, address))
  end
  local memory = string.sub(kernel.memory, 1, at) .. bytes .. string.sub(kernel.memory, at + #bytes + 1)
  local sound, wrong_at, text = code_is_sound(kernel, memory)
  if not sound and (wrong_at <= address + #bytes - 1 and address < wrong_at + 16) then
    return string.format("with this patch the code at %s is not `%s`. The code must be that of kernel.s.",
                         place(k, wrong_at), text)
  end
  local seen, before = run(k, memory), seen_of(kernel)
  local head = follow_up(kernel, address)
  if not seen.ended then
    if seen.text == before.text then
      return string.format("%sWhen %s is changed so, it still dies of the same: %s.", head, place(k, address),
                           seen.text)
    end
    return string.format("%sWhen %s is changed so, it ends otherwise: %s; last line \"%s\".", head, place(k, address),
                         seen.text, seen.last)
  end
  if seen.said ~= said_sound then
    return string.format("it comes to its end, but it prints \"%s\" and must print \"%s\".",
                         (string.gsub(seen.said, "\n", "; ")), (string.gsub(said_sound, "\n", "; ")))
  end
  if seen.machine:reg("cr0") & PG_WP_PE ~= PG_WP_PE then
    return "it comes to its end, but without paging or without write protection. CR0 must stay as kernel.s has it: "
      .. "take the cause away, not the protection."
  end
  if seen.ring ~= 3 then
    return "it comes to its end, but user_start runs in ring 0. It must run in ring 3: take the cause away, not the "
      .. "protection."
  end
  return not sound and string.format("the code at %s is not yet `%s`.", place(k, wrong_at), text) or nil
end

local function mend_problem(kernel, given)
  kernel.judged = kernel.judged or {}
  if kernel.judged[given] == nil then kernel.judged[given] = mend_judge(kernel, given) or false end
  return kernel.judged[given]
end

-- One patch that works: what differs from the sound kernel.
local function mend_of(kernel)
  local first, last
  for i = 1, #kernel.memory do
    if string.byte(kernel.memory, i) ~= string.byte(kernel.sound, i) then first, last = first or i, i end
  end
  local bytes = last - first + 1
  bytes = bytes == 3 and 4 or bytes
  return string.format("%s=0x%0" .. 2 * bytes .. "x", hex(kernel.k.base + first - 1),
                       (string.unpack("<I" .. bytes, kernel.sound, first)))
end

-- -- questions -------------------------------------------------------------------------------------------

questions = {}
for i, kernel in ipairs(kernels) do
  local look = string.format("worldswitch why %s.elf", kernel.name)
  local function question(name, points, answer, explain, accept)
    questions[#questions + 1] = {
      name = name .. "-" .. i, points = points, look = look, answer = answer, text = "", accept = accept,
      explain = function(given) return explain(kernel, given) end,
    }
  end
  question("cause", 1, kernel.cause.letter, cause_explain)
  question("where", 1, function() return where_of(kernel) end, where_explain)
  question("mend", 2, function() return mend_of(kernel) end, mend_problem,
           function(given) return not mend_problem(kernel, given) end)
end

points = points_of(questions)

function sheet()
  local lines = {
    "Lab 13: of what did each kernel die?", "#", "# cause: a letter.",
    "# where: EIP at the first fault. But if the kernel itself wrote over the descriptor, the gate or the entry that",
    "#        the CPU met, give the address of the instruction that did.",
    "# mend:  ADDRESS=VALUE, which makes the kernel live. VALUE has 2 digits for one byte, 4 for two, 8 for four:",
    "#        0x00123456=0x89, 0x00123456=0x0089, 0x00123456=0x00000089.", "#", "# The causes:",
  }
  for _, row in ipairs(letters) do lines[#lines + 1] = string.format("#  %s  %s", row.letter, row.cause[3]) end
  for i, kernel in ipairs(kernels) do
    questions[3 * i - 2].text = string.format("-- %s.elf: the last line that it prints is \"%s\"", kernel.name,
                                              seen_of(kernel).last)
  end
  return questions_sheet(table.concat(lines, "\n"), questions)
end

-- -- handouts --------------------------------------------------------------------------------------------

-- What a sound kernel has in its memory besides code.
local layout = [[

# -- data: four bytes each --
#
# root          the address of directory: its entry 0 leads to page_table, with P, W and U
# cr0_value     0x80010001: paging (PG), write protection (WP), protected mode (PE)
# old_first     the address of the entry for old_1 in page_table; old_count: 2, the pages old_1 and old_2
# total, count  total / count is the average
# copy_bytes    how long the text for the buffer is; at buffer_text is room for 32 bytes, up to the end of its page
# deep_words    how many words go on the stack; from stack_top down to the beginning of its page is room for 64
# irq_base      0x20: the vector of IRQ 0; the second controller's vectors begin 8 behind it
# user_ss, user_esp, user_flags, user_cs, user_eip     what iret takes to go to user_start in ring 3
# ldt_word      ldt_selector
# gdtr, idtr    limit (2 bytes) and base (4 bytes) of GDT and IDT
#
# -- tables --
#
# gdt           kernel_code 0x9a, kernel_data 0x92, user_code 0xfa, user_data 0xf2: flat (the numbers are the bytes
#               with P, DPL and type; the CPU sets the lowest bit when it uses a segment); tss_selector 0x89 and
#               ldt_selector 0x82
# ldt           one segment, ldt_data: 256 bytes from the beginning of the page data
# idt           vector 0x20: an interrupt gate to on_tick, kernel_code, DPL 0 (0x8e); the call's vector, the last one:
#               an interrupt gate to on_call, kernel_code, DPL 3 (0xee). All other gates are empty.
# tss           at offset 4 ESP0: the end of the page stack_0; at offset 8 SS0: kernel_data
# page_table    linear and physical addresses are equal. Entries: P and W; user and user_stack: P, W and U; guard, in
#               front of stack_0, is not mapped, so that no handler runs over the end of that stack unseen.
]]

local function source_text()
  local lines = {"# The kernel, as it was meant. Addresses and numbers of each: kernel-1.map to kernel-6.map.", ""}
  for line in string.gmatch(source, "[^\n]+") do
    line = string.gsub(string.gsub(string.gsub(line, "%s*|.*", ""), "[{}]", ""), "^##", "        #")
    line = string.gsub(line, "^@(.*)", "\n# -- the page %1 --")
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n") .. "\n" .. layout
end

local function map_text(k)
  local lines, list = {}, {}
  for name, value in pairs(k.symbols) do list[#list + 1] = {value, name} end
  table.sort(list, function(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end)
  for _, row in ipairs(list) do lines[#lines + 1] = string.format("0x%08x  %s", row[1], row[2]) end
  return table.concat(lines, "\n") .. "\n"
end

function handouts()
  local files = {["kernel.s"] = source_text()}
  for _, kernel in ipairs(kernels) do
    files[kernel.name .. ".elf"] = elf_of(kernel.k, kernel.memory)
    files[kernel.name .. ".map"] = map_text(kernel.k)
  end
  return files
end

function check(submission)
  check_questions(questions, submission)
end
