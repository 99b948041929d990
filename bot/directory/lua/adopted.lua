-- ARGV: schema before ('' if none), schema, model. Counts everybody's values and ranks everybody
-- anew.
if (redis.call('HGET', meta, 'schema') or '') ~= ARGV[1] then return false end
redis.call('HSET', meta, 'schema', ARGV[2], 'model', ARGV[3], 'format', format)
redis.call('DEL', values, counts)
revalued()
local count = counter(ARGV[2])
for _, name in ipairs(everybody()) do
  count(occur, redis.call('VGETATTR', vset, name))
end
rank_everybody()
changed()
return 1
