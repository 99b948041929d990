-- ARGV: schema ('' if none), then name, folded name, attributes before ('' if none) and after, of
-- people whom another program added, or removed.
if (redis.call('HGET', meta, 'schema') or '') ~= ARGV[1] then return false end
for i = 2, #ARGV, 4 do
  local name, folded, before, after = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if redis.call('VISMEMBER', vset, name) == 1 then
    index(put, name, folded)
    if (redis.call('VGETATTR', vset, name) or '') == before then
      redis.call('VSETATTR', vset, name, after)
    end
  else
    index(drop, name, folded)
  end
end
return 1
