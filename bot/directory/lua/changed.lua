-- ARGV: a name, and its print. Answers the numbers of the operations that changed this person, the
-- latest first.
local name, print = ARGV[1], ARGV[2]

local function holds(mark)
  local first = (mark:find('\0', 19, true) or #mark) + 1  -- behind the operation and the step
  local at = mark:find(print, first, true)
  while at and (at - first) % #print > 0 do at = mark:find(print, at + 1, true) end
  return at
end

local found = {}
local own = 'who\0' .. name
for _, mark in ipairs(redis.call('ZRANGE', marks, '[' .. own .. '\0', '(' .. own .. '\1', 'BYLEX')) do
  found[mark:sub(#own + 2)] = true
end
for _, mark in ipairs(redis.call('ZRANGE', marks, '[step\0', '(step\1', 'BYLEX')) do
  if holds(mark) then found[mark:sub(6, 17)] = true end
end
local numbers = {}
for number in pairs(found) do numbers[#numbers + 1] = tonumber(number) end
table.sort(numbers, function(one, other) return one > other end)
return numbers
