-- ARGV: the token of the copy that was being made under these keys. Does nothing if another one was
-- begun there.
if redis.call('HGET', meta, 'token') ~= ARGV[1] then return 0 end
return redis.call('UNLINK', unpack(KEYS))
