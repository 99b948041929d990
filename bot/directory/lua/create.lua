-- ARGV: schema, model, then name, folded name, vector, attributes of each person. A beginning is
-- no change, and is not in the history. Does nothing if the directory is there.
if is_there() then return false end
redis.call('HSET', meta, 'schema', ARGV[1], 'model', ARGV[2], 'format', format)
local count = counter(ARGV[1])
for i = 3, #ARGV, 4 do
  local name, folded, vector, attributes = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  vadd(name, vector, attributes)
  index(put, name, folded)
  count(occur, attributes)
  rank(name, attributes)
end
changed()
return 1
