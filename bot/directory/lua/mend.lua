-- ARGV: how many changes and people there were when the directory was looked at, then commands that
-- mend it, each as the number of its parts, and these. Does nothing if it was changed since.
local changes = redis.call('HGET', meta, 'changes') or 'None'
if changes ~= ARGV[1] or redis.call('VCARD', vset) ~= tonumber(ARGV[2]) then return false end
carry_out(3)
revalued()
return 1
