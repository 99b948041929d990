-- The vector set and its indexes. Before this stand the keys, and what is set beside them.

local function put(key, entry) redis.call('ZADD', key, 0, entry) end
local function drop(key, entry) redis.call('ZREM', key, entry) end
local function changed() redis.call('HINCRBY', meta, 'changes', 1) end

-- Not so is one of which another program, or a deletion meanwhile, left parts alone.
local function is_there()
  return redis.call('HEXISTS', meta, 'schema') == 1 or redis.call('EXISTS', vset) == 1
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- For who holds the values: there are others. Counted from a time on, so that a directory that is
-- made anew, or whose count another program spoilt, does not count as the old one did.
local function revalued()
  local count = redis.pcall('HINCRBY', meta, 'values', 1)
  if type(count) ~= 'number' or count == 1 then redis.call('HSET', meta, 'values', now()) end
end

local function index(change, name, folded)
  change(names, folded .. '\0' .. name)
  for start in folded:gmatch(' ()') do
    change(words, folded:sub(start) .. '\0' .. name)
  end
end

-- Who has this name, case and accents aside. Entries of people whom another program removed go.
local function holder(name, folded)
  local from, to = '[' .. folded .. '\0', '(' .. folded .. '\1'
  for _, entry in ipairs(redis.call('ZRANGE', names, from, to, 'BYLEX')) do
    local twin = entry:sub(#folded + 2)
    if redis.call('VISMEMBER', vset, twin) == 1 then return twin end
    index(drop, twin, folded)
    drop(fame, twin)
  end
  return redis.call('VISMEMBER', vset, name) == 1 and name
end

local function occur(entry)
  if redis.call('HINCRBY', counts, entry, 1) == 1 then
    put(values, entry)
    revalued()
  end
end

local function vanish(entry)
  if tonumber(redis.call('HGET', counts, entry) or 0) > 1 then
    redis.call('HINCRBY', counts, entry, -1)
  else
    redis.call('HDEL', counts, entry)
    drop(values, entry)
    revalued()
  end
end

-- The function that counts the texts and tags in somebody's attributes, for a schema's JSON.
local function counter(schema)
  local kinds = cjson.decode(schema)
  return function(change, attributes)
    local fine, read = pcall(cjson.decode, attributes or '')
    if not fine or type(read) ~= 'table' then return end
    local typed = type(read._typed) == 'table' and read._typed or {}
    local function each(field, value, shown)
      if type(value) == 'string' then
        shown = type(shown) == 'string' and shown or value
        change(field .. '\0' .. value .. '\0' .. shown)
      end
    end
    for field, value in pairs(read) do
      if kinds[field] == 'text' then
        each(field, value, typed[field])
      elseif kinds[field] == 'tags' and type(value) == 'table' then
        local shown = type(typed[field]) == 'table' and typed[field] or {}
        for i, tag in ipairs(value) do each(field, tag, shown[i]) end
      end
    end
  end
end

local function fame_of(attributes)
  local fine, read = pcall(cjson.decode, attributes or '')
  if not fine or type(read) ~= 'table' then return end
  for _, field in ipairs(measures) do
    if type(read[field]) == 'number' then return read[field] end
  end
end

local function rank(name, attributes)
  local known = fame_of(attributes)
  local least = tonumber(redis.call('HGET', meta, 'least_known') or nil)
  if not known or least and known < least then return drop(fame, name) end
  redis.call('ZADD', fame, known, name)
  if redis.call('ZCARD', fame) > 3 * best_known then
    local place = 2 * best_known - 1
    local last = redis.call('ZRANGE', fame, place, place, 'REV', 'WITHSCORES')
    redis.call('HSET', meta, 'least_known', last[2])
    redis.call('ZREMRANGEBYSCORE', fame, '-inf', '(' .. last[2])
  end
end

-- How the set stores vectors, which Redis wants repeated where it is not the default.
local function form()
  if redis.call('EXISTS', vset) == 0 then return 'Q8', 'M', 16 end
  local info = redis.call('VINFO', vset)
  local read = {}
  for i = 1, #info, 2 do read[info[i].ok] = info[i + 1] end
  local forms = {f32 = 'NOQUANT', bin = 'BIN', int8 = 'Q8'}
  return forms[read['quant-type'].ok], 'M', read['hnsw-m']
end

-- Redis 8.2.3 writes a VADD of an element that is there neither to its append-only file nor to its
-- replicas; so it must not be there.
local function vadd(name, vector, attributes)
  local kind, _, links = form()
  redis.call('VREM', vset, name)
  redis.call('VADD', vset, 'FP32', vector, name, 'SETATTR', attributes, kind, 'M', links)
end

-- The vector as Redis keeps it: its kind, its length before it was made 1, what scales it, bytes.
local function vector_of(name)
  local raw = redis.call('VEMB', vset, name, 'RAW')
  if not raw then return '' end
  return table.concat({raw[1].ok or raw[1], raw[3], raw[4] or '', raw[2]}, ' ')
end

local function everybody()
  return redis.call('VRANDMEMBER', vset, redis.call('VCARD', vset) + 1) or {}
end

local function rank_everybody()
  redis.call('DEL', fame)
  redis.call('HDEL', meta, 'least_known')
  for _, name in ipairs(everybody()) do rank(name, redis.call('VGETATTR', vset, name)) end
end

-- Look for others if too few are left of the best known.
local function fill_fame()
  if redis.call('ZCARD', fame) < best_known and redis.call('HEXISTS', meta, 'least_known') == 1 then
    rank_everybody()
  end
end

-- The commands in ARGV from a place on, each as the number of its parts, and these.
local function carry_out(i)
  while i < #ARGV do
    local parts = tonumber(ARGV[i])
    redis.call(unpack(ARGV, i + 1, i + parts))
    i = i + 1 + parts
  end
end

local function current(schema, model)
  local stored = redis.call('HMGET', meta, 'schema', 'model')
  return stored[1] == schema and stored[2] == model
end
