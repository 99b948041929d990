-- Answers schema, model and format (false if new); how many elements, and indexed names.
local stored = redis.call('HMGET', meta, 'schema', 'model', 'format')
local sizes = {redis.call('VCARD', vset), redis.call('ZCARD', names)}
return {stored[1], stored[2], stored[3], sizes[1], sizes[2]}
