-- ARGV: an author's id. The changes stay, the name goes. Answers whether there was one.
local mark = redis.call('HGET', authors, 'id:' .. ARGV[1])
if not mark then return 0 end
redis.call('HDEL', authors, 'id:' .. ARGV[1], 'author:' .. mark)
return 1
