-- ARGV: schema before, model, operation, schema after, the field, and '1' if it is to stay where
-- somebody has a value. Answers the operation's number; 0 if it stays.
if not current(ARGV[1], ARGV[2]) then return false end
local field = ARGV[5]
local all, people = everybody(), {}
local after = {}
for _, name in ipairs(all) do
  local attributes = redis.call('VGETATTR', vset, name) or '{}'
  local start, from, stop = find_key(attributes, field, 1)
  if start then
    after[name] = cut_field(attributes, field)
    if attributes:sub(from, stop) ~= 'null' then
      if ARGV[6] == '1' then return 0 end
      for _, part in ipairs({name, attributes, after[name], ''}) do people[#people + 1] = part end
    end
  end
end
for name, attributes in pairs(after) do
  redis.call('VSETATTR', vset, name, attributes)
  if ranks(field) then rank(name, attributes) end
end
for _, entry in ipairs(entries_of(field)) do
  redis.call('HDEL', counts, entry)
  drop(values, entry)
end
local number = record(cjson.decode(ARGV[3]), people, ARGV[4])
redis.call('HSET', meta, 'schema', ARGV[4])
changed()
return number
