-- ARGV: schema, model, operation, how the history is to hold the people if all of them change (packed,
-- and their prints; '' if they are few), then name, folded name, attributes before ('' if nobody is to
-- be there), after ('' if nobody is to stay) and the vector ('' if it stays) of each. A person who is
-- not as before stays as he is. Answers the operation's number (0 if nothing changed), then
-- the name of each who stays, and what was found: the name of who has it, or attributes, or ''.
if not current(ARGV[1], ARGV[2]) then return false end
local count = counter(ARGV[1])
local answer, people = {0}, {}

local function refuse(name, found)
  answer[#answer + 1] = name
  answer[#answer + 1] = found or ''
end

for i = 6, #ARGV, 5 do
  local name, folded, before, after, vector = unpack(ARGV, i, i + 4)
  local stored = redis.call('VGETATTR', vset, name)
  if before == '' then
    local there = holder(name, folded)
    if there then
      refuse(name, there)
    else
      vadd(name, vector, after)
      index(put, name, folded)
      count(occur, after)
      rank(name, after)
      for _, part in ipairs({name, '', after, ''}) do people[#people + 1] = part end
    end
  elseif stored ~= before then
    refuse(name, stored)
  elseif after ~= before or vector ~= '' then
    local was = (after == '' or vector ~= '') and vector_of(name) or ''
    count(vanish, before)
    if after == '' then
      index(drop, name, folded)
      drop(fame, name)
      redis.call('VREM', vset, name)
    else
      count(occur, after)
      rank(name, after)
      if vector == '' then
        redis.call('VSETATTR', vset, name, after)
      else
        vadd(name, vector, after)
      end
    end
    for _, part in ipairs({name, before, after, was}) do people[#people + 1] = part end
  end
end
if #people > 0 then
  fill_fame()
  changed()
  local asked, packed, prints = cjson.decode(ARGV[3]), ARGV[4], ARGV[5]
  if packed ~= '' and #people / 4 == (#ARGV - 5) / 5 then
    answer[1] = record(asked, add_packed, people, packed, prints)
  else
    answer[1] = record(asked, add_people, people)
  end
end
return answer
