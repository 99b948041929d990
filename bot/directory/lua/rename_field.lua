-- ARGV: schema before, model, operation, schema after, the field's name before and after.
if not current(ARGV[1], ARGV[2]) then return false end
local old, new = ARGV[5], ARGV[6]
for _, name in ipairs(everybody()) do
  local attributes = redis.call('VGETATTR', vset, name)
  if attributes then
    redis.call('VSETATTR', vset, name, rename_field(attributes, old, new))
  end
end
if ranks(old) or ranks(new) then rank_everybody() end
for _, entry in ipairs(entries_of(old)) do
  local other = new .. entry:sub(#old + 1)
  redis.call('HSET', counts, other, redis.call('HGET', counts, entry))
  put(values, other)
  redis.call('HDEL', counts, entry)
  drop(values, entry)
end
revalued()
local number = record(cjson.decode(ARGV[3]), add_schema, ARGV[4])
redis.call('HSET', meta, 'schema', ARGV[4])
changed()
return number
