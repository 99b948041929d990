-- KEYS: as in embedded.lua. ARGV: the other model; how many names to answer with. If everybody is in
-- its set just as they are here, that set takes the place of this one. Else answers who is not.
-- Does nothing if it is another model's turn.
local following = KEYS[#KEYS]
if redis.call('HGET', meta, 'next_model') ~= ARGV[1] then return false end
local different, people = {}, everybody()
for _, name in ipairs(people) do
  if redis.call('VISMEMBER', following, name) == 0
    or redis.call('VGETATTR', following, name) ~= redis.call('VGETATTR', vset, name) then
    different[#different + 1] = name
    if #different == tonumber(ARGV[2]) then return different end
  end
end
if #different > 0 then return different end
if redis.call('VCARD', following) > #people then
  for _, name in ipairs(redis.call('VRANDMEMBER', following, redis.call('VCARD', following) + 1)) do
    if redis.call('VISMEMBER', vset, name) == 0 then redis.call('VREM', following, name) end
  end
end
if #people > 0 then
  redis.call('UNLINK', vset)
  redis.call('RENAME', following, vset)
end
redis.call('HSET', meta, 'model', ARGV[1])
redis.call('HDEL', meta, 'next_model')
changed()
return {}
