-- KEYS: a directory's, then in the same order those of a copy that is to take its place. ARGV: the
-- copy's token; how many people, operations and steps it has; and '1' if the directory may be there.
-- Answers 1; 0 if it is there and may not be; nothing if the copy is not whole.
local half = #KEYS / 2
local copy_meta = KEYS[half + 2]
if redis.call('HGET', copy_meta, 'token') ~= ARGV[1]
  or redis.call('VCARD', KEYS[half + 1]) ~= tonumber(ARGV[2])
  or redis.call('HLEN', KEYS[half + 9]) ~= tonumber(ARGV[3])
  or redis.call('XLEN', KEYS[half + 8]) ~= tonumber(ARGV[4]) then return false end
if ARGV[5] ~= '1' and is_there() then return 0 end
local function changes(key) return tonumber(redis.call('HGET', key, 'changes') or 0) end
local after = math.max(changes(meta), changes(copy_meta)) + 1  -- for who keeps what is made of it
for i = 1, half do
  redis.call('UNLINK', KEYS[i])
  if redis.call('EXISTS', KEYS[half + i]) == 1 then redis.call('RENAME', KEYS[half + i], KEYS[i]) end
end
redis.call('HDEL', meta, 'token')
redis.call('HSET', meta, 'changes', after)
return 1
