-- ARGV: the token of the copy that is being made under these keys, its schema, how it stores vectors
-- (as VADD takes it: two parts), how many people follow; name, folded name, vector, attributes ('' if
-- none) of each; then commands that add the rest, each as the number of its parts, and these. Does
-- nothing if another copy was begun there.
if redis.call('HGET', meta, 'token') ~= ARGV[1] then return false end
local count = counter(ARGV[2])
local i = 6
for _ = 1, tonumber(ARGV[5]) do
  local name, folded, vector, attributes = unpack(ARGV, i, i + 3)
  redis.call('VADD', vset, 'FP32', vector, name, ARGV[3], 'M', ARGV[4])
  if attributes ~= '' then redis.call('VSETATTR', vset, name, attributes) end
  index(put, name, folded)
  count(occur, attributes)
  rank(name, attributes)
  i = i + 4
end
carry_out(i)
return 1
