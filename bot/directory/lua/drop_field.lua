-- ARGV: schema before, model, operation, schema after, and the field. Answers the operation's number;
-- 0 if somebody has a value of the field, and then it stays. Of a removal it is the last step.
if not current(ARGV[1], ARGV[2]) then return false end
local field = ARGV[5]
local all = everybody()
for _, name in ipairs(all) do
  local attributes = redis.call('VGETATTR', vset, name) or '{}'
  local _, from, stop = find_key(attributes, field)
  if from and attributes:sub(from, stop) ~= 'null' then return 0 end
end
for _, name in ipairs(all) do
  local attributes = redis.call('VGETATTR', vset, name)
  if attributes then redis.call('VSETATTR', vset, name, without(attributes, field)) end
end
local asked = cjson.decode(ARGV[3])
local number = record(asked, add_schema, ARGV[4])
if not asked.undoes then finish(number) end
redis.call('HSET', meta, 'schema', ARGV[4])
changed()
return number
