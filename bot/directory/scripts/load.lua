-- ARGV: the token of the copy that is being made under these keys, its schema, how it stores
-- vectors (as VADD takes it: two parts), then name, folded name, vector, attributes ('' if none).
-- Does nothing if another copy was begun there.
if redis.call('HGET', meta, 'token') ~= ARGV[1] then return false end
local count = counter(ARGV[2])
for i = 5, #ARGV, 4 do
  local name, folded, vector, attributes = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  redis.call('VADD', vset, 'FP32', vector, name, ARGV[3], 'M', ARGV[4])
  if attributes ~= '' then redis.call('VSETATTR', vset, name, attributes) end
  index(put, name, folded)
  count(occur, attributes)
  rank(name, attributes)
end
return 1
