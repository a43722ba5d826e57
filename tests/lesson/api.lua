-- SPDX-License-Identifier: GPL-2.0-or-later
-- All that lessons/API.md lists, used once.

local function same(what, is, must)
  assert(is == must, string.format("%s: %s, must be %s", what, tostring(is), tostring(must)))
end

local function refused(what, pattern, ...)
  local good, why = pcall(...)
  assert(not good and string.find(why, pattern, 1, true), what .. ": " .. tostring(why))
end

-- A laboratory of two worlds; the first has two processes, and code of its own.
local lab = worldswitch.lab{memory = 4 << 20, limit = 1000000}
local host = lab:world{name = "host"}
local vmm = lab:world{name = "vmm", kernel_linear = 0xffc00000}
local a, b = lab:process{name = "A", world = host}, lab:process{name = "B", world = host}
same("name", host:name() .. a:name(), "hostA")
same("kernel", vmm:kernel_linear(), 0xffc00000)
assert(host:context() ~= vmm:context() and host:cr3() ~= a:cr3() and a:cr3() ~= b:cr3())
assert(a:kernel_stack() ~= b:kernel_stack())
assert(host:selector("kernel-code") ~= host:selector("user-code"))
refused("selector", "invalid option", host.selector, host, "none")
local page = host:kernel_linear() + 0x200000
host:map(page, 4096, "w")
refused("twice", "taken already", host.map, host, page, 4096)
refused("rights", "rights are made of", host.map, host, page + 4096, 4096, "x")
host:write(page, "\xfb\xf4\xeb\xfc") -- sti; hlt; jmp back
host:gate(0x40, page, 0, "trap")
a:map(0x08048000, 4096, "w")
a:write(0x08048000, "hello")
b:set{eax = 0x1234}
same("first", b:regs().eax, 0x1234)
host:set{ebx = 77}
same("first", host:regs().ebx, 77)
refused("register", "no register \"rbx\"", host.set, host, {rbx = 1})

lab:symbols{linear = page, bytes = "\xfb\xf4\xeb\xfc", symbols = {idle = page, again = page + 2, behind = page + 4,
  constant = 7, cross = page, ["ws.world.none"] = page, ws_names = page, submission_text_begin = page}}
same("a place", lab:symbol("idle"), page)
same("another place", lab:symbol("again"), page + 2)
for _, name in ipairs{"behind", "constant", "ws.world.none", "ws_names", "submission_text_begin"} do
  same(name, lab:symbol(name), nil)
end
same("the laboratory's name", lab:symbol("cross"), 0xffc00000)
refused("no program", "what submission:link{} returned", lab.symbols, lab, {linear = page})

lab:enter(host)
refused("symbols", "lab:symbols", lab.symbols, lab, {linear = page, bytes = "x", symbols = {late = page}})
same("where", lab:where(), "host")
refused("again", "lab:world", lab.world, lab, {name = "late"})
same("ebx", lab:reg("ebx"), 77)
lab:context_switch(a)
same("process", select(2, lab:where()), "A")
same("memory", lab:mem(0x08048000, 5), "hello")
same("word", lab:word(0x08048000), string.unpack("<I4", "hell"))
same("nothing", lab:mem(0x30000000, 4), nil)
same("no word", lab:word(0x30000000), nil)
lab:switch(vmm)
same("where", lab:where(), "vmm")
lab:switch(host)
local crossings = lab:crossings()
same("crossings", #crossings, 4)
same("kind", crossings[1].kind, "world")
same("from", crossings[1].from, "boot")
assert(crossings[2].kind == "context" and crossings[2].to == "A" and crossings[2].changed["user-space"])
assert(crossings[3].changed.gdtr and not crossings[3].kept.gdtr)
same("length", crossings[3].instructions, 45)
assert(crossings[3].before.cr3 ~= crossings[3].after.cr3 and crossings[3].finish > crossings[3].cr3_mark)
same("findings", #lab:audit(), 0)

-- Forward, and back.
local mark, hash = lab:mark(), lab:hash()
lab:step(20)
same("step", lab:mark(), mark + 20)
same("back", lab:back(20), "there")
same("the same state", lab:hash(), hash)
same("the start", lab:back(1), "start")
lab:run_to(mark + 10)
refused("run_to", "seek() goes back", lab.run_to, lab, mark)
same("seek", lab:seek(mark), "there")
same("registers", lab:regs().eip, lab:reg("eip"))
local ahead = lab:reg("eip")
lab:step(3)
local target = lab:reg("eip")
lab:back(3)
same("linear", lab:run_to_linear{target, 0x10}, target)
same("linear", lab:mark(), mark + 3)
lab:seek(mark)
same("linear", lab:run_to_linear(target), target)
lab:seek(mark)
same("twice the same", lab:run_to_linear{target, target}, target)
same("nowhere", lab:run_to_linear(0x10), nil)
lab:seek(mark)
same("still", lab:reg("eip"), ahead)
lab:write(0x08048000, "HELLO")
same("written", lab:mem(0x08048000, 5), "HELLO")
lab:interrupt(0xe1)
assert(lab:symbol("host.context_switch") and not lab:symbol("nobody"))
refused("limit", "out of its range", lab.mem, lab, 0, 1 << 30)
refused("unmapped", "not mapped", lab.write, lab, 0x30000000, "x")

assert(lab:walk(0x08048000).phys and not lab:walk(0x30000000))
same("instruction", lab:disasm(page), "sti")
same("its length", select(2, lab:disasm(page)), 1)
same("no instruction", lab:disasm(0x30000000), nil)
assert(#lab:image() > 4096)

-- A switch of one's own: the built-in one without an instruction, by a format that says what the built-in one does.
local cross = worldswitch.cross()
same("steps", #cross.steps, 45)
same("step", cross.steps[45].text, "lret")
assert(cross.steps[2].phase == "interrupts off" and cross.steps[2].why and cross.steps[2].without)
local function two(code, slots)
  local two = worldswitch.lab()
  two:set_cross{code = code, slots = slots}
  local one, other = two:world{name = "one"}, two:world{name = "other"}
  one:request_gate("trap")
  two:enter(one)
  two:run(300)
  return two, one, other
end
local sound, one, other = two(cross.bytes)
local storm = sound:storm(other)
same("boundaries", #storm, 46)
for _, verdict in ipairs(storm) do assert(verdict.sound and verdict.served == 1 and verdict.boundaries == 46) end
local all = sound:ablate(other, "remove")
same("instructions", #all, 45)
for _, verdict in ipairs(all) do assert(verdict.noticed, verdict.text) end
assert(#sound:ablate(other, "swap") > 0)
same("back", sound:where(), "one")
same("crossings", #sound:crossings(), 1)
sound:switch(other)
same("crossings", #sound:crossings(), 2)
local step = cross.steps[31]
same("the one for CR2", string.match(step.text, "%%cr2"), "%cr2")
local at = step.linear - 0xffc00000
local broken
broken, one, other = two(string.sub(cross.bytes, 1, at) .. string.rep("\x90", step.bytes)
                         .. string.sub(cross.bytes, at + step.bytes + 1))
storm = broken:storm(other, {stop = true, nmi = true})
assert(#storm < 46 and not storm[#storm].sound and storm[#storm].finding.text)

-- One that does not come to its end.
local endless = worldswitch.lab{limit = 5000}
endless:set_cross{code = string.sub(cross.bytes, 1, cross.steps[25].linear - 0xffc00000) .. "\xeb\xfe"}
one, other = endless:world{name = "one"}, endless:world{name = "other"}
same("enter", endless:enter(one), nil)
same("enter", endless:halt().reason, "LIMIT")
refused("slots", "a slot cannot hold", two, cross.bytes, {{what = "xmm0", place = "stack"}})
refused("place", "\"context\" or \"stack\"", two, cross.bytes, {{what = "cr3", place = "here"}})
refused("late", "set_cross", sound.set_cross, sound, {code = cross.bytes})
refused("code", "give it the code", sound.set_cross, sound, {})

-- What is built in.
local built = worldswitch.laboratory()
same("first", built:run_to_crossing("world").to, "host")
same("its end", built:run(), "end")
same("its end", built:halt().reason, "EXIT")
same("value", built:halt().value, 0)
same("findings", #built:audit(), 0)
local hosted = worldswitch.hosted{limit = 5000000}
local crossing = hosted:run_to_crossing("world")
same("into the vmm", crossing.to, "vmm")
same("there", hosted:mark(), crossing.finish)
hosted:seek(crossing.begin)
same("again", hosted:run_to_crossing("world").finish, crossing.finish)
local before = hosted:mark()
local event = hosted:run_to_event("vector", 14)
assert(event.kind == "vector" and event.which == 14 and event.name == "#PF" and event.mark == hosted:mark())
assert(event.error_code and event.mark >= before)
same("the end", hosted:run(), "end")
same("limit", hosted:halt().reason, "LIMIT")
same("no more", hosted:run_to_crossing("context"), nil)
assert(#hosted:phys(0x100000, 16) == 16 and string.find(hosted:serial(), "host: ", 1, true))

-- What any machine may be told, the hosted system may be told, too.
same("kept", worldswitch.hosted{tlb = "keep", limit = 1000, audit = false}:run(), "end")
assert(not pcall(worldswitch.hosted, {tlb = "odd"}) and not pcall(worldswitch.lab, {vms = 2}))

-- Several virtual machines.
local two = worldswitch.hosted{vms = 2, limit = 8000000, audit = false}
two:run()
assert(string.find(two:serial(), "vmx1, vmx2 begin", 1, true) and not string.find(hosted:serial(), "vmx2", 1, true))
assert(not pcall(worldswitch.hosted, {vms = 5}))

-- What is noted is noted once, however often it is executed.
local measured = worldswitch.hosted{audit = false}
refused("kind", "invalid option", measured.note, measured, "miracle")
measured:note("vector", "return")
measured:run(5200000)
local noted, paths = #measured:noted(), measured:paths()
assert(noted > 100 and measured:noted()[1].kind == "vector" and measured:noted()[noted].mark < 5200000)
local path
for _, each in ipairs(paths) do
  if each.path == "request" then path = each end
end
same("path", path.path .. path.from .. path.to .. path.process, "requestvmmhostvmx")
assert(path.steps[1].step == "1" and path.steps[1].world == "vmm" and path.steps[1].at < path.at)
measured:seek(5100000)
measured:run(100000)
same("noted again", #measured:noted(), noted)
same("paths again", #measured:paths(), #paths)
refused("audit", "{audit = false}", measured.audit, measured)
local quick = worldswitch.lab{audit = false}
local first, second = quick:world{name = "host"}, quick:world{name = "vmm"}
quick:enter(first)
refused("storm", "{audit = false}", quick.storm, quick, second)
refused("ablate", "{audit = false}", quick.ablate, quick, second, "remove")
same("no paths", #worldswitch.laboratory():paths(), 0)

-- An image and a disk without a file.
local from, to = hosted:symbol("initial_disk"), hosted:symbol("initial_disk_end")
local files, disk = {}, hosted:phys(from - 0xc0000000, to - from)
for row = 0, 15 do
  local name, first, _, bytes = string.unpack("<c16I4I4I4", disk, 513 + 32 * row)
  files[string.match(name, "^[^\0]*")] = string.sub(disk, first * 512 + 1, first * 512 + bytes)
end
local bare = worldswitch.image("vm.elf", {bytes = files["vm.elf"], disk = files["vm1.disk"], limit = 1000000})
bare:run()
same("bare", bare:halt().reason, "EXIT")
assert(string.find(bare:serial(), "vm: sector 1: written by the virtual machine", 1, true))
refused("bytes", "not a text", worldswitch.image, "none", {bytes = true})
refused("bytes", "none", worldswitch.image, "none", {bytes = "no image"})

-- What is left to the collector goes in any order.
lab, host, vmm, a, b, hosted = nil, nil, nil, nil, nil, nil
collectgarbage()
local late = worldswitch.lab():world{name = "alone"} -- keeps its laboratory
collectgarbage()
same("kept", late:name(), "alone")
same("print", type(print), "function")
