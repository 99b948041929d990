-- ARGV: schema before ('' if none), schema, model. Counts everybody's values and ranks everybody
-- anew.
if (redis.call('HGET', meta, 'schema') or '') ~= ARGV[1] then return false end
redis.call('HSET', meta, 'schema', ARGV[2], 'model', ARGV[3], 'format', format)
redis.call('DEL', values, counts, fame)
revalued()
local count = counter(ARGV[2])
for _, name in ipairs(everybody()) do
  local attributes = redis.call('VGETATTR', vset, name)
  count(occur, attributes)
  rank(name, attributes)
end
changed()
return 1
