-- KEYS: as in embedded.lua. ARGV: the model by which everybody is to be embedded. What was embedded by
-- yet another goes.
if redis.call('HGET', meta, 'next_model') == ARGV[1] then return 0 end
redis.call('UNLINK', KEYS[#KEYS])
redis.call('HSET', meta, 'next_model', ARGV[1])
return 1
