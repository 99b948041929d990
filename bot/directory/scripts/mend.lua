-- ARGV: how many changes and people there were when the directory was looked at, then commands that
-- mend it, each as the number of its parts, and these. Does nothing if it was changed since.
local changes = redis.call('HGET', meta, 'changes') or 'None'
if changes ~= ARGV[1] or redis.call('VCARD', vset) ~= tonumber(ARGV[2]) then return false end
local i = 3
while i < #ARGV do
  local parts = tonumber(ARGV[i])
  redis.call(unpack(ARGV, i + 1, i + parts))
  i = i + 1 + parts
end
revalued()
return 1
