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

-- Where `"key":` begins in text from a place on, and where its value begins and ends.
local function find_key(text, key, from)
  local start, stop = text:find('"' .. key .. '":', from, true)
  if start then return start, stop + 1, value_end(text, stop + 1) end
end

-- The text of an object without this key.
local function without(text, key, from)
  local start, _, stop = find_key(text, key, from)
  if not start then return text end
  if text:sub(stop + 1, stop + 1) == ',' then
    stop = stop + 1
  elseif text:sub(start - 1, start - 1) == ',' then
    start = start - 1
  end
  return text:sub(1, start - 1) .. text:sub(stop + 1)
end

-- The attributes with what is done to their fields done to the values as typed as well.
local function with_typed(attributes, change)
  local start, from, stop = find_key(attributes, '_typed', 1)
  if not start then return change(attributes) end
  local typed = change(attributes:sub(from, stop))
  local head, tail = attributes:sub(1, from - 1), attributes:sub(stop + 1)
  if typed == '{}' then
    head, typed = attributes:sub(1, start - 2), ''  -- with the comma before it
  end
  local first = change(head)
  return first .. typed .. tail
end

local function cut_field(attributes, field)
  return with_typed(attributes, function(text) return without(text, field, 1) end)
end

local function rename_field(attributes, old, new)
  return with_typed(attributes, function(text)
    local start, from = find_key(text, old, 1)
    if not start then return text end
    return text:sub(1, start - 1) .. '"' .. new .. '":' .. text:sub(from)
  end)
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
