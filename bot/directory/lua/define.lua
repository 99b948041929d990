-- ARGV: schema before, model, operation, schema after, the JSON of the new fields
-- (`"prize":null,`), and the key that is to follow them. Everybody gets them: Redis drops an
-- element from any filter on a field that it lacks.
if not current(ARGV[1], ARGV[2]) then return false end
for _, name in ipairs(everybody()) do
  local attributes = redis.call('VGETATTR', vset, name) or '{}'
  redis.call('VSETATTR', vset, name, insert_nulls(attributes, ARGV[5], ARGV[6]))
end
local number = record(cjson.decode(ARGV[3]), add_schema, ARGV[4])
redis.call('HSET', meta, 'schema', ARGV[4])
changed()
return number
