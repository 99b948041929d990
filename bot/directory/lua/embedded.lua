-- KEYS: the directory's, then the set in which everybody is embedded by another model. ARGV: that
-- model, then name, attributes and vector ('' if the one there stays) of each person. Whoever has
-- other attributes by now is left for later. Does nothing if it is another model's turn.
local following = KEYS[#KEYS]
if redis.call('HGET', meta, 'next_model') ~= ARGV[1] then return false end
for i = 2, #ARGV, 3 do
  local name, attributes, vector = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local there = redis.call('VISMEMBER', vset, name) == 1
  if there and (redis.call('VGETATTR', vset, name) or '') == attributes then
    if vector ~= '' then
      redis.call('VREM', following, name)  -- see vadd
      redis.call('VADD', following, 'FP32', vector, name)
    end
    redis.call('VSETATTR', following, name, attributes)
  end
end
return 1
