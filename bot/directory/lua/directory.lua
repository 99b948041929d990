-- Everything that changes a directory, and the reads that need more than one command. Redis runs
-- each call as one transaction.
--
-- Python puts these constants before this text (see __init__.py):
--   FORMAT                   the version of the companion keys
--   FAME_FIELDS              number fields that say how well-known a person is, best first
--   BEST_KNOWN               how many people the fame index holds at least
--   OPEN_OPERATION_TIMEOUT   milliseconds until an unfinished operation counts as abandoned
--
-- KEYS are the keys of one directory; keys.py says what each holds. Some functions take more keys
-- after them. ARGV[1] is the name of a function in `library`, at the end, and what follows are its
-- arguments. The functions that take a list of people read it with `rows`.

local vset, meta, names, words, values, counts, fame, history, operations, marks, authors =
  unpack(KEYS)

-- Arguments

-- Iterate over ARGV from position *first* on, *width* arguments at a time.
local function rows(first, width)
  local i = first - width
  return function()
    i = i + width
    if i <= #ARGV then return unpack(ARGV, i, i + width - 1) end
  end
end

-- Run the commands in ARGV from position *i* on; each is written as its length and its parts.
local function run_commands(i)
  while i < #ARGV do
    local length = tonumber(ARGV[i])
    redis.call(unpack(ARGV, i + 1, i + length))
    i = i + 1 + length
  end
end

-- Redis

local function add_member(key, member) redis.call('ZADD', key, 0, member) end
local function remove_member(key, member) redis.call('ZREM', key, member) end

-- Return the members of a sorted set that begin with *prefix* and a NUL.
local function members_below(key, prefix)
  return redis.call('ZRANGE', key, '[' .. prefix .. '\0', '(' .. prefix .. '\1', 'BYLEX')
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The directory as a whole

-- Another program, or a deletion in the meantime, may leave some of the keys without a directory.
local function directory_exists()
  return redis.call('HEXISTS', meta, 'schema') == 1 or redis.call('EXISTS', vset) == 1
end

-- Whether *schema* and *model* are still the directory's. If not, the caller's change is not made.
local function is_current(schema, model)
  local stored = redis.call('HMGET', meta, 'schema', 'model')
  return stored[1] == schema and stored[2] == model
end

local function stored_schema() return redis.call('HGET', meta, 'schema') or '' end

-- Tell clients that what they derived from the directory is out of date.
local function count_change() redis.call('HINCRBY', meta, 'changes', 1) end

-- Tell clients that the set of values is a different one. A new version starts at the time, not at
-- 1: the directory may have been deleted and created again, or another program may have stored
-- something that isn't a number.
local function renew_values_version()
  local version = redis.pcall('HINCRBY', meta, 'values', 1)
  if type(version) ~= 'number' or version == 1 then redis.call('HSET', meta, 'values', now()) end
end

-- People in the vector set

local function person_exists(name) return redis.call('VISMEMBER', vset, name) == 1 end
local function get_attributes(name) return redis.call('VGETATTR', vset, name) end
local function set_attributes(name, json) redis.call('VSETATTR', vset, name, json) end

local function all_people()
  return redis.call('VRANDMEMBER', vset, redis.call('VCARD', vset) + 1) or {}
end

-- Return the set's quantization (as an option of VADD) and number of links: VADD must repeat them
-- if they are not the defaults.
local function vector_options()
  if redis.call('EXISTS', vset) == 0 then return 'Q8', 16 end
  local reply = redis.call('VINFO', vset)
  local info = {}
  for i = 1, #reply, 2 do info[reply[i].ok] = reply[i + 1] end
  local options = {f32 = 'NOQUANT', bin = 'BIN', int8 = 'Q8'}
  return options[info['quant-type'].ok], info['hnsw-m']
end

-- Add a person, or replace one. VREM comes first because Redis 8.2.3 writes a VADD of an existing
-- element neither to its append-only file nor to its replicas.
local function store_person(name, vector, attributes)
  local quantization, links = vector_options()
  redis.call('VREM', vset, name)
  redis.call(
    'VADD', vset, 'FP32', vector, name, 'SETATTR', attributes, quantization, 'M', links)
end

-- A person's vector as Redis stores it, for the history: quantization, length before it was
-- normalized, scale and bytes, separated by spaces. '' if there is no such person.
local function pack_vector(name)
  local raw = redis.call('VEMB', vset, name, 'RAW')
  if not raw then return '' end
  return table.concat({raw[1].ok or raw[1], raw[3], raw[4] or '', raw[2]}, ' ')
end

-- The index of names

-- Call *update* (add_member or remove_member) for each index entry of a name.
local function update_name(update, name, folded)
  update(names, folded .. '\0' .. name)
  for start in folded:gmatch(' ()') do
    update(words, folded:sub(start) .. '\0' .. name)
  end
end

local function index_name(name, folded) update_name(add_member, name, folded) end
local function unindex_name(name, folded) update_name(remove_member, name, folded) end

-- Return the person who has this name, ignoring case and accents; false if there is none. Drops
-- index entries of people whom another program removed.
local function find_namesake(name, folded)
  for _, member in ipairs(members_below(names, folded)) do
    local namesake = member:sub(#folded + 2)
    if person_exists(namesake) then return namesake end
    unindex_name(namesake, folded)
    remove_member(fame, namesake)
  end
  return person_exists(name) and name
end

-- The index of values

local function add_value(member)
  if redis.call('HINCRBY', counts, member, 1) == 1 then
    add_member(values, member)
    renew_values_version()
  end
end

local function remove_value(member)
  if tonumber(redis.call('HGET', counts, member) or 0) > 1 then
    redis.call('HINCRBY', counts, member, -1)
  else
    redis.call('HDEL', counts, member)
    remove_member(values, member)
    renew_values_version()
  end
end

-- Return a function that calls *update* (add_value or remove_value) for each text and tag in a
-- person's attributes, by the kinds in the JSON *schema*.
local function values_updater(schema)
  local kinds = cjson.decode(schema)
  return function(update, attributes)
    local is_json, fields = pcall(cjson.decode, attributes or '')
    if not is_json or type(fields) ~= 'table' then return end
    local typed = type(fields._typed) == 'table' and fields._typed or {}
    local function update_one(field, value, as_typed)
      if type(value) == 'string' then
        as_typed = type(as_typed) == 'string' and as_typed or value
        update(field .. '\0' .. value .. '\0' .. as_typed)
      end
    end
    for field, value in pairs(fields) do
      if kinds[field] == 'text' then
        update_one(field, value, typed[field])
      elseif kinds[field] == 'tags' and type(value) == 'table' then
        local typed_tags = type(typed[field]) == 'table' and typed[field] or {}
        for i, tag in ipairs(value) do update_one(field, tag, typed_tags[i]) end
      end
    end
  end
end

-- The index of the best-known people. It holds all people whose fame is known, or at least
-- BEST_KNOWN of them and at most three times as many. Then least_known is the lowest fame in it.

local function fame_of(attributes)
  local is_json, fields = pcall(cjson.decode, attributes or '')
  if not is_json or type(fields) ~= 'table' then return end
  for _, field in ipairs(FAME_FIELDS) do
    if type(fields[field]) == 'number' then return fields[field] end
  end
end

local function is_fame_field(name)
  for _, field in ipairs(FAME_FIELDS) do
    if field == name then return true end
  end
end

local function update_fame(name, attributes)
  local known = fame_of(attributes)
  local least = tonumber(redis.call('HGET', meta, 'least_known') or nil)
  if not known or least and known < least then return remove_member(fame, name) end
  redis.call('ZADD', fame, known, name)
  if redis.call('ZCARD', fame) > 3 * BEST_KNOWN then
    local rank = 2 * BEST_KNOWN - 1
    local last = redis.call('ZRANGE', fame, rank, rank, 'REV', 'WITHSCORES')
    redis.call('HSET', meta, 'least_known', last[2])
    redis.call('ZREMRANGEBYSCORE', fame, '-inf', '(' .. last[2])
  end
end

local function rebuild_fame()
  redis.call('DEL', fame)
  redis.call('HDEL', meta, 'least_known')
  for _, name in ipairs(all_people()) do update_fame(name, get_attributes(name)) end
end

-- Rebuild the index if too few are left in it, and there are others.
local function refill_fame()
  if redis.call('ZCARD', fame) < BEST_KNOWN and redis.call('HEXISTS', meta, 'least_known') == 1 then
    rebuild_fame()
  end
end

-- Fields in the JSON of people's attributes. Person.dump writes it: the schema's fields first and
-- in the schema's order, their texts without quotes and backslashes; then description, then
-- _typed. So the first `"field":` is the field's key, whatever the texts after it contain.

-- Return the position where the JSON value that begins at *i* ends.
local function value_end(text, i)
  local depth = 0
  while true do
    local found = text:find('[%[%]{},"]', i)
    local char = text:sub(found, found)
    if char == '"' then
      local is_escaped
      repeat
        found = text:find('["\\]', found + 1)
        is_escaped = text:sub(found, found) == '\\'
        if is_escaped then found = found + 1 end
      until not is_escaped
    elseif char == '{' or char == '[' then
      depth = depth + 1
    elseif depth == 0 then
      return found - 1
    elseif char ~= ',' then
      depth = depth - 1
    end
    i = found + 1
  end
end

-- Return where `"key":` begins, and where its value begins and ends; nothing if it isn't there.
local function find_key(text, key)
  local start, stop = text:find('"' .. key .. '":', 1, true)
  if start then return start, stop + 1, value_end(text, stop + 1) end
end

-- Return JSON attributes without a key, which must not be the only one.
local function remove_key(attributes, key)
  local start, _, stop = find_key(attributes, key)
  if not start then return attributes end
  if attributes:sub(stop + 1, stop + 1) == ',' then
    stop = stop + 1
  elseif attributes:sub(start - 1, start - 1) == ',' then
    start = start - 1
  end
  return attributes:sub(1, start - 1) .. attributes:sub(stop + 1)
end

-- Return JSON, or the beginning of it, with a key renamed.
local function rename_key(text, old, new)
  local start, value_start = find_key(text, old)
  if not start then return text end
  return text:sub(1, start - 1) .. '"' .. new .. '":' .. text:sub(value_start)
end

-- Return JSON attributes with a field renamed, also among the values as typed.
local function rename_in_attributes(attributes, old, new)
  local _, start, stop = find_key(attributes, '_typed')
  if not start then return rename_key(attributes, old, new) end
  return rename_key(attributes:sub(1, start - 1), old, new)
    .. rename_key(attributes:sub(start, stop), old, new)
    .. attributes:sub(stop + 1)
end

-- Return JSON attributes with *nulls* (`"field":null,`) inserted before *next_key*, or at the
-- beginning if it isn't there.
local function insert_nulls(attributes, nulls, next_key)
  local start = attributes:find('"' .. next_key .. '":', 1, true)
  if start then return attributes:sub(1, start - 1) .. nulls .. attributes:sub(start) end
  local rest = attributes:match('^%s*{%s*(.-)%s*$')
  if not rest then return attributes end
  return '{' .. (rest == '}' and nulls:sub(1, -2) or nulls) .. rest
end

-- The history. Each change of a directory adds an entry to the stream in the same transaction. An
-- operation is what someone asked for, and consists of one entry or more. It has a number, and a
-- header in `operations`: by (the author's mark), at (ms), what, note, count (people), first and
-- last (entry ids), schema and model (before it), open (more entries will follow), source
-- (identifies what an interrupted operation can be continued from), undoes, undone (the operation
-- that did), cut (its first entries are forgotten).

local function padded(number) return ('%012d'):format(number) end

local function load_header(number)
  local stored = redis.call('HGET', operations, number)
  return stored and cjson.decode(stored)
end

local function save_header(number, header)
  redis.call('HSET', operations, number, cjson.encode(header))
end

-- Return the mark by which the history refers to an author, so that the author's name can be
-- removed from it, and the changes kept.
local function author_mark(id, name)
  local mark = redis.call('HGET', authors, 'id:' .. id)
  if not mark then
    mark = tostring(redis.call('HINCRBY', meta, 'authors', 1))
    redis.call('HSET', authors, 'id:' .. id, mark)
  end
  redis.call('HSET', authors, 'author:' .. mark, id .. '\0' .. name)
  return mark
end

local function forget_author(mark)
  local stored = redis.call('HGET', authors, 'author:' .. mark)
  if stored then redis.call('HDEL', authors, 'id:' .. stored:match('^%Z*'), 'author:' .. mark) end
end

-- Set which operation undid the operation *number*; nil if that undo was undone.
local function set_undone(number, undone)
  local header = number and load_header(number)
  if header then
    header.undone = undone
    save_header(number, header)
  end
  return header
end

-- Begin an operation, or continue the one that *request* names by its number or source. Returns
-- its number.
local function begin_operation(request)
  local number = request.number
    or request.source and tonumber(redis.call('HGET', meta, 'open:' .. request.source) or nil)
  local existing = number and load_header(number)
  if existing and not existing.undone then return number end
  if existing then -- it was undone meanwhile, and takes no more entries
    existing.open = nil
    save_header(number, existing)
  end
  number = redis.call('HINCRBY', meta, 'operations', 1)
  local by = author_mark(request.by, request.name)
  save_header(number, {
    by = by, at = now(), what = request.what, note = request.note, count = 0, open = request.open,
    source = request.source, undoes = request.undoes, model = redis.call('HGET', meta, 'model'),
    schema = redis.call('HGET', meta, 'schema'),
  })
  add_member(marks, 'all\0' .. padded(number))
  add_member(marks, 'by\0' .. by .. '\0' .. padded(number))
  if request.source then redis.call('HSET', meta, 'open:' .. request.source, number) end
  local undone = set_undone(request.undoes, number)
  if undone then set_undone(undone.undoes, nil) end -- undoing an undo
  return number
end

local function finish_operation(number)
  local header = load_header(number)
  if not header then return end
  if header.source then redis.call('HDEL', meta, 'open:' .. header.source) end
  header.open = nil
  save_header(number, header)
end

local function person_mark(name, number) return 'who\0' .. name .. '\0' .. padded(number) end
local function packed_mark(id, number) return 'step\0' .. padded(number) .. '\0' .. id .. '\0' end

-- Remove an entry's marks. Returns how many people the entry changed.
local function remove_marks(id, fields)
  local number = fields[2]
  if fields[3] == 'schema' then
    remove_member(marks, 'schema\0' .. id)
    return 0
  end
  if fields[3] == 'packed' then
    local mark = packed_mark(id, number)
    redis.call('ZREMRANGEBYLEX', marks, '[' .. mark, '(' .. mark:sub(1, -2) .. '\1')
    for i = 7, #fields, 2 do
      if fields[i]:sub(1, 4) == 'gone' then
        remove_member(marks, person_mark(fields[i + 1], number))
      end
    end
    return tonumber(fields[6]) or 0
  end
  for i = 4, #fields, 8 do remove_member(marks, person_mark(fields[i], number)) end
  return math.ceil((#fields - 2) / 8)
end

-- Forget the oldest entry; with an operation's last entry the operation, and with an author's last
-- operation the author.
local function forget_entry(entry)
  local id, fields = entry[1], entry[2]
  local number = fields[2]
  redis.call('XDEL', history, id)
  redis.call('HINCRBY', meta, 'held', -remove_marks(id, fields))
  local header = load_header(number)
  if not header then return end
  if header.last == id then
    redis.call('HDEL', operations, number)
    if header.source then redis.call('HDEL', meta, 'open:' .. header.source) end
    remove_member(marks, 'all\0' .. padded(number))
    local by = 'by\0' .. header.by
    remove_member(marks, by .. '\0' .. padded(number))
    if redis.call('ZLEXCOUNT', marks, '[' .. by .. '\0', '(' .. by .. '\1') == 0 then
      forget_author(header.by)
    end
  elseif not header.cut then
    header.cut = true
    save_header(number, header)
  end
end

-- Whether an operation is open, or its undo is, and not abandoned.
local function is_in_progress(header)
  local function is_active(each)
    return each and each.open and each.last
      and tonumber(each.last:match('%d+')) > now() - OPEN_OPERATION_TIMEOUT
  end
  return is_active(header) or header.undone and is_active(load_header(header.undone))
end

-- Forget the oldest entries until the history is within the limits in *request*, which are
-- numbers of people and of milliseconds. Keeps all of the operation *number*, and of one that is
-- in progress.
local function trim_history(number, request)
  local oldest = now() - request.max_age
  for _ = 1, 200 do
    local entry = redis.call('XRANGE', history, '-', '+', 'COUNT', 1)[1]
    if not entry or tonumber(entry[2][2]) == number then return end
    local is_too_old = tonumber(entry[1]:match('%d+')) < oldest
    local is_full = tonumber(redis.call('HGET', meta, 'held') or 0) > request.max_people
    local header = load_header(entry[2][2])
    if not is_too_old and (not is_full or header and is_in_progress(header)) then return end
    forget_entry(entry)
  end
end

-- Add an entry that changed *people_count* people. Returns its id.
local function add_entry(number, people_count, fields)
  local header = load_header(number)
  header.last = redis.call('XADD', history, '*', 'operation', number, unpack(fields))
  header.first = header.first or header.last
  header.count = header.count + people_count
  redis.call('HINCRBY', meta, 'held', people_count)
  save_header(number, header)
  return header.last
end

-- Add people, a flat list of name, attributes before, attributes after and vector before of each:
-- up to 256 in an entry, because a command takes no more.
local function add_people(number, people)
  for i = 1, #people, 4 * 256 do
    local fields = {}
    for j = i, math.min(#people, i + 4 * 256 - 1) do
      fields[#fields + 1] = j - i -- some clients drop fields of the same name
      fields[#fields + 1] = people[j]
      if (j - i) % 4 == 0 then add_member(marks, person_mark(people[j], number)) end
    end
    add_entry(number, #fields / 8, fields)
  end
end

-- Add many people as one entry, with their names and attributes packed by Python. The entry's mark
-- contains *digests* of their names.
local function add_packed_people(number, people, packed, digests)
  local fields = {'packed', packed, 'people', #people / 4}
  local function add_field(name, value)
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  for i = 1, #people, 4 do
    local name, _, after, vector = unpack(people, i, i + 3)
    local position = (i - 1) / 4
    if after == '' then
      add_field('gone' .. position, name)
      add_member(marks, person_mark(name, number))
    end
    if vector ~= '' then add_field('was' .. position, vector) end
  end
  local id = add_entry(number, #people / 4, fields)
  add_member(marks, packed_mark(id, number) .. digests)
end

local function add_schema(number, schema)
  local before = redis.call('HGET', meta, 'schema')
  local id = add_entry(number, 0, {'schema', schema, 'before', before})
  add_member(marks, 'schema\0' .. id)
end

-- Record a change as an entry of the operation in the JSON *request*, by one of the three
-- functions above. Returns the operation's number.
local function record(request, add, ...)
  request = cjson.decode(request)
  local number = begin_operation(request)
  add(number, ...)
  trim_history(number, request)
  return number
end

local function record_schema(request, schema)
  local number = record(request, add_schema, schema)
  redis.call('HSET', meta, 'schema', schema)
  count_change()
  return number
end

-- The functions that Python calls. A change is given the schema and the model it was made for. If
-- these aren't the directory's any more, it does nothing and returns false; the caller then reads
-- them again.

local library = {}

-- Return schema, model and format (false if new), the number of people, and that of indexed names
-- (-1 if the index is of a wrong type).
function library.open()
  local stored = redis.call('HMGET', meta, 'schema', 'model', 'format')
  local indexed = redis.pcall('ZCARD', names)
  if type(indexed) == 'table' then indexed = -1 end
  return {stored[1], stored[2], stored[3], redis.call('VCARD', vset), indexed}
end

-- Create a directory with people: name, folded name, vector, attributes. It is not recorded in the
-- history. Returns false if there is a directory already.
function library.create(schema, model)
  if directory_exists() then return false end
  redis.call('HSET', meta, 'schema', schema, 'model', model, 'format', FORMAT)
  local update_values = values_updater(schema)
  for name, folded, vector, attributes in rows(4, 4) do
    store_person(name, vector, attributes)
    index_name(name, folded)
    update_values(add_value, attributes)
    update_fame(name, attributes)
  end
  count_change()
  return 1
end

-- Add, update and remove people: name, folded name, attributes before ('' to add), attributes
-- after ('' to remove), vector ('' to keep it). If all of them are changed, and *packed* isn't
-- '', the history stores *packed* and *digests*. A person whose attributes are not as before is
-- not changed. Returns the operation's number (0 if nothing changed), then for each person who
-- was not changed the name, and what was found: a namesake, the attributes, or ''.
function library.change(schema, model, request, packed, digests)
  if not is_current(schema, model) then return false end
  local update_values = values_updater(schema)
  local reply, people, row_count = {0}, {}, 0

  local function refuse(name, found)
    reply[#reply + 1] = name
    reply[#reply + 1] = found or ''
  end

  local function add_to_history(...)
    for _, part in ipairs({...}) do people[#people + 1] = part end
  end

  for name, folded, before, after, vector in rows(7, 5) do
    row_count = row_count + 1
    local stored = get_attributes(name)
    if before == '' then
      local namesake = find_namesake(name, folded)
      if namesake then
        refuse(name, namesake)
      else
        store_person(name, vector, after)
        index_name(name, folded)
        update_values(add_value, after)
        update_fame(name, after)
        add_to_history(name, '', after, '')
      end
    elseif stored ~= before then
      refuse(name, stored)
    elseif after ~= before or vector ~= '' then
      local vector_before = (after == '' or vector ~= '') and pack_vector(name) or ''
      update_values(remove_value, before)
      if after == '' then
        unindex_name(name, folded)
        remove_member(fame, name)
        redis.call('VREM', vset, name)
      else
        update_values(add_value, after)
        update_fame(name, after)
        if vector == '' then
          set_attributes(name, after)
        else
          store_person(name, vector, after)
        end
      end
      add_to_history(name, before, after, vector_before)
    end
  end
  if #people > 0 then
    refill_fame()
    count_change()
    if packed ~= '' and #people / 4 == row_count then
      reply[1] = record(request, add_packed_people, people, packed, digests)
    else
      reply[1] = record(request, add_people, people)
    end
  end
  return reply
end

-- Add fields to the schema and, as *nulls* (`"prize":null,`) before *next_key*, to everyone's
-- attributes: Redis excludes an element from any filter on a field that it lacks. Returns the
-- operation's number.
function library.define_fields(schema, model, request, new_schema, nulls, next_key)
  if not is_current(schema, model) then return false end
  for _, name in ipairs(all_people()) do
    set_attributes(name, insert_nulls(get_attributes(name) or '{}', nulls, next_key))
  end
  return record_schema(request, new_schema)
end

-- Rename a field. Returns the operation's number.
function library.rename_field(schema, model, request, new_schema, old, new)
  if not is_current(schema, model) then return false end
  for _, name in ipairs(all_people()) do
    local attributes = get_attributes(name)
    if attributes then set_attributes(name, rename_in_attributes(attributes, old, new)) end
  end
  if is_fame_field(old) or is_fame_field(new) then rebuild_fame() end
  for _, member in ipairs(members_below(values, old)) do
    local renamed = new .. member:sub(#old + 1)
    redis.call('HSET', counts, renamed, redis.call('HGET', counts, member))
    add_member(values, renamed)
    redis.call('HDEL', counts, member)
    remove_member(values, member)
  end
  renew_values_version()
  return record_schema(request, new_schema)
end

-- Remove a field that nobody has a value of; the last change of its operation, unless that is an
-- undo. Returns the operation's number; 0, and changes nothing, if someone has a value.
function library.remove_field(schema, model, request, new_schema, field)
  if not is_current(schema, model) then return false end
  local people = all_people()
  for _, name in ipairs(people) do
    local attributes = get_attributes(name) or '{}'
    local _, start, stop = find_key(attributes, field)
    if start and attributes:sub(start, stop) ~= 'null' then return 0 end
  end
  for _, name in ipairs(people) do
    local attributes = get_attributes(name)
    if attributes then set_attributes(name, remove_key(attributes, field)) end
  end
  local number = record_schema(request, new_schema)
  if not cjson.decode(request).undoes then finish_operation(number) end
  return number
end

-- Return the fame of each person in ARGV, as text ('' if unknown); an empty list if the index holds
-- everyone whose fame is known.
function library.get_fame()
  local reply = {}
  if redis.call('HEXISTS', meta, 'least_known') == 0 then return reply end
  for name in rows(2, 1) do
    local known = fame_of(get_attributes(name))
    reply[#reply + 1] = known and ('%.17g'):format(known) or ''
  end
  return reply
end

-- Return the numbers of the operations that changed a person, newest first. *digest* is that of
-- the name.
function library.find_operations(name, digest)
  -- Whether *digest* is among those at the end of a packed entry's mark.
  local function has_digest(mark)
    local start = (mark:find('\0', 19, true) or #mark) + 1 -- after the number and the entry id
    local found = mark:find(digest, start, true)
    while found and (found - start) % #digest > 0 do
      found = mark:find(digest, found + 1, true)
    end
    return found
  end

  local found = {}
  local prefix = 'who\0' .. name
  for _, mark in ipairs(members_below(marks, prefix)) do
    found[mark:sub(#prefix + 2)] = true
  end
  for _, mark in ipairs(members_below(marks, 'step')) do
    if has_digest(mark) then found[mark:sub(6, 17)] = true end
  end
  local numbers = {}
  for number in pairs(found) do numbers[#numbers + 1] = tonumber(number) end
  table.sort(numbers, function(a, b) return a > b end)
  return numbers
end

-- Mark an operation as finished. Returns 0 if it doesn't exist any more.
function library.finish_operation(number)
  if redis.call('HEXISTS', operations, number) == 0 then return 0 end
  finish_operation(tonumber(number))
  count_change() -- clients may have cached the history
  return 1
end

-- Remove an author's name from the history. Returns 0 if the author isn't in it.
function library.forget_author(id)
  local mark = redis.call('HGET', authors, 'id:' .. id)
  if not mark then return 0 end
  forget_author(mark)
  return 1
end

-- Take over people whom another program added or removed: name, folded name, attributes before (''
-- if none), attributes after. *schema* is the stored one, '' if none.
function library.adopt_people(schema)
  if stored_schema() ~= schema then return false end
  for name, folded, before, after in rows(3, 4) do
    if person_exists(name) then
      index_name(name, folded)
      if (get_attributes(name) or '') == before then set_attributes(name, after) end
    else
      unindex_name(name, folded)
    end
  end
  return 1
end

-- Complete the takeover that adopt_people began: store schema and model, and index everyone's
-- values and fame.
function library.finish_adoption(schema, new_schema, model)
  if stored_schema() ~= schema then return false end
  redis.call('HSET', meta, 'schema', new_schema, 'model', model, 'format', FORMAT)
  redis.call('DEL', values, counts)
  renew_values_version()
  local update_values = values_updater(new_schema)
  for _, name in ipairs(all_people()) do update_values(add_value, get_attributes(name)) end
  rebuild_fame()
  count_change()
  return 1
end

-- Run commands that repair the directory, unless it has changed since it was checked: *changes*
-- and *people* are the numbers at that time.
function library.repair(changes, people)
  local current = redis.call('HGET', meta, 'changes') or 'None'
  if current ~= changes or redis.call('VCARD', vset) ~= tonumber(people) then return false end
  run_commands(4)
  renew_values_version()
  return 1
end

-- Record in the history what another program changed: name, attributes before and after ('' if
-- absent). Skips people who have changed again. Returns the operation's number, 0 if none.
function library.record_foreign_changes(request)
  local people = {}
  for name, before, after in rows(3, 3) do
    if (get_attributes(name) or '') == after then
      for _, part in ipairs({name, before, after, ''}) do people[#people + 1] = part end
    end
  end
  if #people == 0 then return 0 end
  count_change()
  return record(request, add_people, people)
end

-- Mark a directory: the bot has left its server. Returns 1 if it was not marked yet; 0 also for a
-- set of another program that the bot never opened.
function library.mark_left()
  if redis.call('HEXISTS', meta, 'schema') == 0 then return 0 end
  return redis.call('HSETNX', meta, 'left', now())
end

-- Remove that mark. Returns 1 if there was one.
function library.unmark_left()
  return redis.call('HDEL', meta, 'left')
end

-- Delete a directory, and what is staged beside it (all KEYS), if the bot left its server at least
-- *age* milliseconds ago. Returns how many people it had, or false.
function library.delete_left(age)
  local left = tonumber(redis.call('HGET', meta, 'left') or nil)
  if not left or now() - left < tonumber(age) then return false end
  local people = redis.call('VCARD', vset)
  redis.call('UNLINK', unpack(KEYS))
  return people
end

-- Staged copies: a directory is restored under other keys, and then replaces the existing one. A
-- random token identifies a copy.

-- Begin a copy under KEYS, and drop an earlier one. Fields and values of meta follow the token.
function library.begin_copy(token)
  redis.call('UNLINK', unpack(KEYS))
  redis.call('HSET', meta, 'token', token, unpack(ARGV, 3))
  return 1
end

-- Add *people_count* people (name, folded name, vector, attributes, which may be '') to the copy
-- under KEYS, then run the commands that follow them. Returns false if another copy was begun.
function library.add_to_copy(token, schema, quantization, links, people_count)
  if redis.call('HGET', meta, 'token') ~= token then return false end
  local update_values = values_updater(schema)
  local first_command = 7 + 4 * tonumber(people_count)
  for i = 7, first_command - 1, 4 do
    local name, folded, vector, attributes = unpack(ARGV, i, i + 3)
    redis.call('VADD', vset, 'FP32', vector, name, quantization, 'M', links)
    if attributes ~= '' then set_attributes(name, attributes) end
    index_name(name, folded)
    update_values(add_value, attributes)
    update_fame(name, attributes)
  end
  run_commands(first_command)
  return 1
end

-- Delete the copy under KEYS. Returns 0 if another copy was begun.
function library.delete_copy(token)
  if redis.call('HGET', meta, 'token') ~= token then return 0 end
  return redis.call('UNLINK', unpack(KEYS))
end

-- Replace a directory by a copy. KEYS are the directory's, then those of the copy, which is
-- complete with these numbers of people, operations and history entries. Returns 1; 0 if there is a
-- directory and *may_replace* isn't '1'; false if the copy is incomplete.
function library.replace_by_copy(token, people, operation_count, entries, may_replace)
  local half = #KEYS / 2
  local copy_meta = KEYS[half + 2]
  if redis.call('HGET', copy_meta, 'token') ~= token
    or redis.call('VCARD', KEYS[half + 1]) ~= tonumber(people)
    or redis.call('HLEN', KEYS[half + 9]) ~= tonumber(operation_count)
    or redis.call('XLEN', KEYS[half + 8]) ~= tonumber(entries) then return false end
  if may_replace ~= '1' and directory_exists() then return 0 end
  local function changes_in(key) return tonumber(redis.call('HGET', key, 'changes') or 0) end
  local changes = math.max(changes_in(meta), changes_in(copy_meta)) + 1 -- unlike any that is cached
  for i = 1, half do
    local key, copy_key = KEYS[i], KEYS[half + i]
    redis.call('UNLINK', key)
    if redis.call('EXISTS', copy_key) == 1 then redis.call('RENAME', copy_key, key) end
  end
  redis.call('HDEL', meta, 'token')
  redis.call('HSET', meta, 'changes', changes)
  return 1
end

-- Re-embedding: a second set, the last of KEYS, is filled with the vectors of another model, and
-- then takes the place of the first.

-- Begin to re-embed everyone with *model*; drops what was begun with a different one.
function library.begin_reembedding(model)
  if redis.call('HGET', meta, 'next_model') == model then return 0 end
  redis.call('UNLINK', KEYS[#KEYS])
  redis.call('HSET', meta, 'next_model', model)
  return 1
end

-- Add people to the second set: name, attributes, vector ('' to keep the one there). Skips people
-- whose attributes have changed. Returns false if it is being filled by a different model.
function library.add_reembedded(model)
  local next_set = KEYS[#KEYS]
  if redis.call('HGET', meta, 'next_model') ~= model then return false end
  for name, attributes, vector in rows(3, 3) do
    if person_exists(name) and (get_attributes(name) or '') == attributes then
      if vector ~= '' then
        redis.call('VREM', next_set, name) -- see store_person
        redis.call('VADD', next_set, 'FP32', vector, name)
      end
      redis.call('VSETATTR', next_set, name, attributes)
    end
  end
  return 1
end

-- Replace the first set by the second if everyone is in it with the same attributes, and return an
-- empty list. If not, return up to *max_count* names of people who differ. Returns false if it is
-- being filled by a different model.
function library.finish_reembedding(model, max_count)
  local next_set = KEYS[#KEYS]
  if redis.call('HGET', meta, 'next_model') ~= model then return false end
  local different, people = {}, all_people()
  for _, name in ipairs(people) do
    if redis.call('VISMEMBER', next_set, name) == 0
      or redis.call('VGETATTR', next_set, name) ~= get_attributes(name) then
      different[#different + 1] = name
      if #different == tonumber(max_count) then return different end
    end
  end
  if #different > 0 then return different end
  local next_count = redis.call('VCARD', next_set)
  if next_count > #people then
    for _, name in ipairs(redis.call('VRANDMEMBER', next_set, next_count + 1)) do
      if not person_exists(name) then redis.call('VREM', next_set, name) end
    end
  end
  if #people > 0 then
    redis.call('UNLINK', vset)
    redis.call('RENAME', next_set, vset)
  end
  redis.call('HSET', meta, 'model', model)
  redis.call('HDEL', meta, 'next_model')
  count_change()
  return {}
end

return library[ARGV[1]](unpack(ARGV, 2, 7))
