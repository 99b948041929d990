-- What is kept of each change: a step in the stream, in the transaction that makes the change. An
-- operation is what somebody asked for, of one step or many; it has a number, and a header:
-- by (an author's mark), at (ms), what, note, count (people), first and last (its steps), schema
-- and model (before it), open (more steps will come), source (what it goes on from if it was
-- interrupted), undoes, undone (the operation that did), cut (its beginning is forgotten).

local function padded(number) return ('%012d'):format(number) end

local function header_of(number)
  local stored = redis.call('HGET', operations, number)
  return stored and cjson.decode(stored)
end

local function keep_header(number, header)
  redis.call('HSET', operations, number, cjson.encode(header))
end

-- The mark that stands for an author in the history, so that the name can go and the changes stay.
local function mark_of(id, name)
  local mark = redis.call('HGET', authors, 'id:' .. id)
  if not mark then
    mark = tostring(redis.call('HINCRBY', meta, 'authors', 1))
    redis.call('HSET', authors, 'id:' .. id, mark)
  end
  redis.call('HSET', authors, 'author:' .. mark, id .. '\0' .. name)
  return mark
end

-- Take an author's name out; the changes stay, under the mark.
local function forget_author(mark)
  local stored = redis.call('HGET', authors, 'author:' .. mark)
  if stored then redis.call('HDEL', authors, 'id:' .. stored:match('^%Z*'), 'author:' .. mark) end
end

local function begin(asked)
  local number = asked.number
    or asked.source and tonumber(redis.call('HGET', meta, 'open:' .. asked.source) or nil)
  local there = number and header_of(number)
  if there and not there.undone then return number end
  if there then  -- what was undone takes no more steps
    there.open = nil
    keep_header(number, there)
  end
  number = redis.call('HINCRBY', meta, 'operations', 1)
  local by = mark_of(asked.by, asked.name)
  keep_header(number, {
    by = by, at = now(), what = asked.what, note = asked.note, count = 0, open = asked.open,
    source = asked.source, undoes = asked.undoes, model = redis.call('HGET', meta, 'model'),
    schema = redis.call('HGET', meta, 'schema'),
  })
  put(marks, 'all\0' .. padded(number))
  put(marks, 'by\0' .. by .. '\0' .. padded(number))
  if asked.source then redis.call('HSET', meta, 'open:' .. asked.source, number) end
  local undone = asked.undoes and header_of(asked.undoes)
  if undone then
    undone.undone = number
    keep_header(asked.undoes, undone)
    local before = undone.undoes and header_of(undone.undoes)  -- an undo undone is in force again
    if before then
      before.undone = nil
      keep_header(undone.undoes, before)
    end
  end
  return number
end

local function finish(number)
  local header = header_of(number)
  if not header then return end
  if header.source then redis.call('HDEL', meta, 'open:' .. header.source) end
  header.open = nil
  keep_header(number, header)
end

local function mark_of_person(name, number) return 'who\0' .. name .. '\0' .. padded(number) end
local function mark_of_all(id, number) return 'step\0' .. padded(number) .. '\0' .. id .. '\0' end

-- Take a step's marks away. Answers how many people it changed.
local function unmark(id, fields)
  local number = fields[2]
  if fields[3] == 'schema' then
    drop(marks, 'schema\0' .. id)
    return 0
  end
  if fields[3] == 'packed' then
    local mark = mark_of_all(id, number)
    redis.call('ZREMRANGEBYLEX', marks, '[' .. mark, '(' .. mark:sub(1, -2) .. '\1')
    for i = 7, #fields, 2 do
      if fields[i]:sub(1, 4) == 'gone' then drop(marks, mark_of_person(fields[i + 1], number)) end
    end
    return tonumber(fields[6]) or 0
  end
  for i = 4, #fields, 8 do drop(marks, mark_of_person(fields[i], number)) end
  return math.ceil((#fields - 2) / 8)
end

-- Forget the oldest step, its operation when that was its last, and its author likewise.
local function forget(step)
  local id, fields = step[1], step[2]
  local number = fields[2]
  redis.call('XDEL', history, id)
  redis.call('HINCRBY', meta, 'held', -unmark(id, fields))
  local header = header_of(number)
  if not header then return end
  if header.last == id then
    redis.call('HDEL', operations, number)
    if header.source then redis.call('HDEL', meta, 'open:' .. header.source) end
    drop(marks, 'all\0' .. padded(number))
    local by = 'by\0' .. header.by
    drop(marks, by .. '\0' .. padded(number))
    if redis.call('ZLEXCOUNT', marks, '[' .. by .. '\0', '(' .. by .. '\1') == 0 then
      forget_author(header.by)
    end
  elseif not header.cut then
    header.cut = true
    keep_header(number, header)
  end
end

-- Whether more steps of an operation will come, or it is being taken back. What was interrupted long
-- ago, and never gone on with, is not.
local function under_way(header)
  local function going_on(each)
    return each and each.open and each.last and tonumber(each.last:match('%d+')) > now() - patience
  end
  return going_on(header) or header.undone and going_on(header_of(header.undone))
end

-- Keep to the bounds: so many changed people, and so long; but all of this operation, and of one
-- that is under way.
local function bound(number, asked)
  local oldest = now() - asked.age
  for _ = 1, 200 do
    local step = redis.call('XRANGE', history, '-', '+', 'COUNT', 1)[1]
    if not step or tonumber(step[2][2]) == number then return end
    local aged = tonumber(step[1]:match('%d+')) < oldest
    local full = tonumber(redis.call('HGET', meta, 'held') or 0) > asked.most
    local header = header_of(step[2][2])
    if not aged and (not full or header and under_way(header)) then return end
    forget(step)
  end
end

-- Add a step of so many people; answers its id.
local function add_step(number, people, fields)
  local header = header_of(number)
  header.last = redis.call('XADD', history, '*', 'operation', number, unpack(fields))
  header.first = header.first or header.last
  header.count = header.count + people
  redis.call('HINCRBY', meta, 'held', people)
  keep_header(number, header)
  return header.last
end

-- Steps of people, each their four parts, counted.
local function add_people(number, people)
  for i = 1, #people, 4 * 256 do  -- as much as a command takes
    local fields = {}
    for j = i, math.min(#people, i + 4 * 256 - 1) do
      fields[#fields + 1] = j - i  -- a client may want distinct names
      fields[#fields + 1] = people[j]
      if (j - i) % 4 == 0 then put(marks, mark_of_person(people[j], number)) end
    end
    add_step(number, #fields / 8, fields)
  end
end

-- A step of many people, who are packed; their prints mark it.
local function add_packed(number, people, packed, prints)
  local fields = {'packed', packed, 'people', #people / 4}
  local function add(what, place, value)
    fields[#fields + 1] = what .. place
    fields[#fields + 1] = value
  end
  for i = 1, #people, 4 do
    local name, _, after, was = unpack(people, i, i + 3)
    if after == '' then
      add('gone', (i - 1) / 4, name)
      put(marks, mark_of_person(name, number))
    end
    if was ~= '' then add('was', (i - 1) / 4, was) end
  end
  put(marks, mark_of_all(add_step(number, #people / 4, fields), number) .. prints)
end

local function add_schema(number, schema)
  local before = redis.call('HGET', meta, 'schema')
  put(marks, 'schema\0' .. add_step(number, 0, {'schema', schema, 'before', before}))
end

-- Keep what an operation does in a step: what is to be added, by one of the functions above.
local function record(asked, add, ...)
  local number = begin(asked)
  add(number, ...)
  bound(number, asked)
  return number
end
