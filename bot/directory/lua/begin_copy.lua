-- ARGV: a token, then fields and values of meta. Begins a copy under these keys, in the place of what
-- an earlier one left there.
redis.call('UNLINK', unpack(KEYS))
redis.call('HSET', meta, 'token', unpack(ARGV))
return 1
