-- The state at nine marks of a guest's run, which ends at LAST or before: by running ("free"), one instruction at a time
-- ("stepped"), or by a timeline in another order ("sought").
local path, how, last = ...
local MARKS = 8
last = tonumber(last)

local function each(guest, visit)
  for at = 0, MARKS do visit(at, last * at // MARKS) end
end

local hash = {}
local guest = worldswitch.image(path, {limit = last})
if how == "free" then
  each(guest, function(at, mark)
    if mark > guest:mark() then guest:run(mark - guest:mark()) end
    hash[at] = guest:hash()
  end)
elseif how == "stepped" then
  each(guest, function(at, mark)
    while guest:mark() < mark and not guest:halt() do guest:run(1) end
    hash[at] = guest:hash()
  end)
else
  guest:run()
  each(guest, function(at)
    local other = (at * 5 + 3) % (MARKS + 1)
    guest:seek(last * other // MARKS)
    hash[other] = guest:hash()
  end)
end
for at = 0, MARKS do print(at, string.format("%016x", hash[at])) end
