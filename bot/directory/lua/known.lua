-- ARGV: names of people who are not in fame. Answers how well each is known, as text ('' if nobody
-- knows); nothing if all of whom that is known are in fame.
local answer = {}
if redis.call('HEXISTS', meta, 'least_known') == 0 then return answer end
for i, name in ipairs(ARGV) do
  local known = fame_of(redis.call('VGETATTR', vset, name))
  answer[i] = known and ('%.17g'):format(known) or ''
end
return answer
