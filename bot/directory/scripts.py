"""The changes to a directory, as Lua that Redis runs as one transaction each.

KEYS are the directory's keys, on one cluster slot:
1 vset   the vector set; an element is a person's name as displayed
2 meta   hash: schema (JSON: field to kind, in order), model, format (FORMAT), changes (how many
         there were, so that what is made of a directory can be kept until the next one)
3 names  sorted set, scores 0: folded name NUL name, to find and browse by the whole name
4 words  sorted set, scores 0: from each later word of the folded name on NUL name, to complete
5 values sorted set, scores 0: field NUL folded value NUL value as typed, of texts and tags
6 counts hash: for each entry of values, how many people have it
7 fame   sorted set: who is known how well (the first of FAME that they have), to complete

A change carries the schema it was made for and does nothing (false) if that is not the
directory's any more; its sender reads the new one and tries again.
"""

import json

from bot.directory.connection import Argument, Redis
from bot.person import FAME, Kind, Schema

FORMAT = "3"
"""Of the companion keys; a directory with another one is taken over like a foreign set."""

_COMMON = (
    rf"""
local format = '{FORMAT}'
local measures = {{{", ".join(map(repr, FAME))}}}
"""
    + r"""
local vset, meta, names, words, values, counts, fame = unpack(KEYS)

local function put(key, entry) redis.call('ZADD', key, 0, entry) end
local function drop(key, entry) redis.call('ZREM', key, entry) end
local function changed() redis.call('HINCRBY', meta, 'changes', 1) end

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
  if redis.call('HINCRBY', counts, entry, 1) == 1 then put(values, entry) end
end

local function vanish(entry)
  if tonumber(redis.call('HGET', counts, entry) or 0) > 1 then
    redis.call('HINCRBY', counts, entry, -1)
  else
    redis.call('HDEL', counts, entry)
    drop(values, entry)
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

local function rank(name, attributes)
  drop(fame, name)
  local fine, read = pcall(cjson.decode, attributes or '')
  if not fine or type(read) ~= 'table' then return end
  for _, field in ipairs(measures) do
    if type(read[field]) == 'number' then return redis.call('ZADD', fame, read[field], name) end
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

local function vadd(name, vector, attributes)
  redis.call('VADD', vset, 'FP32', vector, name, 'SETATTR', attributes, form())
end

local function add(first)
  local count = counter(ARGV[1])
  local refused = {}
  for i = first, #ARGV, 4 do
    local name, folded, vector, attributes = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    local there = holder(name, folded)
    if there then
      refused[#refused + 1] = name
      refused[#refused + 1] = there
    else
      vadd(name, vector, attributes)
      index(put, name, folded)
      count(occur, attributes)
      rank(name, attributes)
    end
  end
  changed()
  return refused
end

local function everybody()
  return redis.call('VRANDMEMBER', vset, redis.call('VCARD', vset) + 1) or {}
end

local function current(schema, model)
  local stored = redis.call('HMGET', meta, 'schema', 'model')
  return stored[1] == schema and stored[2] == model
end
"""
)

OPEN = (
    _COMMON
    + r"""
local stored = redis.call('HMGET', meta, 'schema', 'model', 'format')
local sizes = {redis.call('VCARD', vset), redis.call('ZCARD', names)}
return {stored[1], stored[2], stored[3], sizes[1], sizes[2]}
"""
)
"""Answers schema, model and format (false if new); how many elements, and indexed names."""

CREATE = (
    _COMMON
    + r"""
if redis.call('EXISTS', meta, vset) > 0 then return false end
redis.call('HSET', meta, 'schema', ARGV[1], 'model', ARGV[2], 'format', format)
return add(3)
"""
)
"""ARGV: schema, model, then name, folded name, vector, attributes of each person."""

ADD = (
    _COMMON
    + r"""
if not current(ARGV[1], ARGV[2]) then return false end
return add(3)
"""
)
"""ARGV: schema, model, then name, folded name, vector, attributes of each person. Answers
the names that were there already, each followed by the name of who has it and keeps it."""

UPDATE = (
    _COMMON
    + r"""
if not current(ARGV[1], ARGV[2]) then return false end
local name, before, after, vector = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local stored = redis.call('VGETATTR', vset, name)
if stored == after and not vector then return 1 end
if stored ~= before then return false end
local count = counter(ARGV[1])
count(vanish, before)
count(occur, after)
rank(name, after)
changed()
if vector then
  vadd(name, vector, after)
else
  redis.call('VSETATTR', vset, name, after)
end
return 1
"""
)
"""ARGV: schema, model, name, attributes before, attributes after, and the vector if it changes."""

REMOVE = (
    _COMMON
    + r"""
index(drop, ARGV[1], ARGV[2])
drop(fame, ARGV[1])
changed()
local schema = redis.call('HGET', meta, 'schema')
if schema then counter(schema)(vanish, redis.call('VGETATTR', vset, ARGV[1])) end
return redis.call('VREM', vset, ARGV[1])
"""
)
"""ARGV: name, folded name. Answers 1, or 0 if nobody was there."""

DEFINE = (
    _COMMON
    + r"""
if redis.call('HGET', meta, 'schema') ~= ARGV[1] then return false end
for _, name in ipairs(everybody()) do
  local attributes = redis.call('VGETATTR', vset, name) or '{}'
  local rest = attributes:match('^%s*{%s*(.-)%s*$')
  if rest then
    local comma = rest == '}' and '' or ','
    redis.call('VSETATTR', vset, name, '{' .. ARGV[3] .. comma .. rest)
  end
end
redis.call('HSET', meta, 'schema', ARGV[2])
changed()
return 1
"""
)
"""ARGV: schema before, schema after, and the JSON of the new fields (``"prize":null``), which
everybody gets: Redis drops an element from any filter on a field that it lacks."""

ADOPT = (
    _COMMON
    + r"""
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
"""
)
"""ARGV: schema ('' if none), then name, folded name, attributes before ('' if none) and after, of
people whom another program added, or removed."""

ADOPTED = (
    _COMMON
    + r"""
if (redis.call('HGET', meta, 'schema') or '') ~= ARGV[1] then return false end
redis.call('HSET', meta, 'schema', ARGV[2], 'model', ARGV[3], 'format', format)
redis.call('DEL', values, counts, fame)
local count = counter(ARGV[2])
for _, name in ipairs(everybody()) do
  local attributes = redis.call('VGETATTR', vset, name)
  count(occur, attributes)
  rank(name, attributes)
end
changed()
return 1
"""
)
"""ARGV: schema before ('' if none), schema, model. Counts everybody's values and
ranks everybody anew."""


def dump_schema(schema: Schema) -> str:
    """A schema as the scripts store and compare it."""
    return json.dumps(dict(schema))


def load_schema(stored: str) -> Schema:
    """A schema from what was stored."""
    return {name: Kind(kind) for name, kind in json.loads(stored).items()}


async def run(redis: Redis, script: str, keys: tuple[str, ...], *arguments: Argument) -> object:
    """Run one of the scripts above; in one round trip, also on a cluster."""
    return await redis.execute("EVAL", script, len(keys), *keys, *arguments)
