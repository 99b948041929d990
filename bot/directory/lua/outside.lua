-- ARGV: operation, then name, attributes before and after ('' for nobody) of people whom another
-- program changed. Puts into the history those who are still so.
local people = {}
for i = 2, #ARGV, 3 do
  local name, before, after = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if (redis.call('VGETATTR', vset, name) or '') == after then
    for _, part in ipairs({name, before, after, ''}) do people[#people + 1] = part end
  end
end
if #people == 0 then return 0 end
changed()
return record(cjson.decode(ARGV[1]), add_people, people)
