-- ARGV: schema before, model, operation, schema after, the field's name before and after.
if not current(ARGV[1], ARGV[2]) then return false end
local old, new = ARGV[5], ARGV[6]
for _, name in ipairs(everybody()) do
  local attributes = redis.call('VGETATTR', vset, name)
  if attributes then
    local renamed = rename_field(attributes, old, new)
    redis.call('VSETATTR', vset, name, renamed)
    if ranks(old) or ranks(new) then rank(name, renamed) end
  end
end
for _, entry in ipairs(entries_of(old)) do
  local other = new .. entry:sub(#old + 1)
  redis.call('HSET', counts, other, redis.call('HGET', counts, entry))
  put(values, other)
  redis.call('HDEL', counts, entry)
  drop(values, entry)
end
revalued()
local number = record(cjson.decode(ARGV[3]), {}, ARGV[4])
redis.call('HSET', meta, 'schema', ARGV[4])
changed()
return number
