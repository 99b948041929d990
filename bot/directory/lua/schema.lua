-- Fields in people's attributes, which are JSON as Person.dump writes it: the schema's fields first
-- and in its order, their texts without quotes or backslashes; then description; then _typed. So
-- the first `"field":` is that field's key, whatever stands in the texts after it.

local function value_end(text, at)
  local depth = 0
  while true do
    local place = text:find('[%[%]{},"]', at)
    local mark = text:sub(place, place)
    if mark == '"' then
      repeat
        place = text:find('["\\]', place + 1)
        local escape = text:sub(place, place) == '\\'
        if escape then place = place + 1 end
      until not escape
    elseif mark == '{' or mark == '[' then
      depth = depth + 1
    elseif depth == 0 then
      return place - 1
    elseif mark ~= ',' then
      depth = depth - 1
    end
    at = place + 1
  end
end

-- Where `"key":` begins in text, and where its value begins and ends.
local function find_key(text, key)
  local start, stop = text:find("\"" .. key .. "\":", 1, true)
  if start then return start, stop + 1, value_end(text, stop + 1) end
end

-- The attributes without this key, which is not the only one.
local function without(text, key)
  local start, _, stop = find_key(text, key)
  if not start then return text end
  if text:sub(stop + 1, stop + 1) == ',' then
    stop = stop + 1
  elseif text:sub(start - 1, start - 1) == ',' then
    start = start - 1
  end
  return text:sub(1, start - 1) .. text:sub(stop + 1)
end

-- The text of an object, or of its beginning, with a key called otherwise.
local function renamed(text, old, new)
  local start, from = find_key(text, old)
  if not start then return text end
  return text:sub(1, start - 1) .. '"' .. new .. '":' .. text:sub(from)
end

-- The attributes with a field called otherwise, also among the values as typed.
local function rename_field(attributes, old, new)
  local _, from, stop = find_key(attributes, '_typed')
  if not from then return renamed(attributes, old, new) end
  local typed = renamed(attributes:sub(from, stop), old, new)
  return renamed(attributes:sub(1, from - 1), old, new) .. typed .. attributes:sub(stop + 1)
end

-- With `"field":null,` before the key that is to follow it.
local function insert_nulls(attributes, nulls, following)
  local start = attributes:find('"' .. following .. '":', 1, true)
  if start then return attributes:sub(1, start - 1) .. nulls .. attributes:sub(start) end
  local rest = attributes:match('^%s*{%s*(.-)%s*$')
  if not rest then return attributes end
  return '{' .. (rest == '}' and nulls:sub(1, -2) or nulls) .. rest
end

-- The entries of values that are a field's.
local function entries_of(field)
  return redis.call('ZRANGE', values, '[' .. field .. '\0', '(' .. field .. '\1', 'BYLEX')
end

local function ranks(field)
  for _, measure in ipairs(measures) do
    if measure == field then return true end
  end
end
