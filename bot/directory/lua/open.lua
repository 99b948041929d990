-- Answers schema, model and format (false if new); how many elements, and indexed names (-1 if that
-- index is none).
local stored = redis.call('HMGET', meta, 'schema', 'model', 'format')
local indexed = redis.pcall('ZCARD', names)
if type(indexed) == 'table' then indexed = -1 end
return {stored[1], stored[2], stored[3], redis.call('VCARD', vset), indexed}
