-- KEYS: a directory's, and of all that may be beside it. ARGV: ms. Deletes all of a directory that was
-- marked so long ago by leave.lua. Answers how many people it had; false if it stays.
local left = tonumber(redis.call('HGET', meta, 'left') or nil)
if not left or now() - left < tonumber(ARGV[1]) then return false end
local people = redis.call('VCARD', vset)
redis.call('UNLINK', unpack(KEYS))
return people
