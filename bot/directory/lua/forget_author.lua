-- ARGV: an author's id. Answers whether there was one.
local mark = redis.call('HGET', authors, 'id:' .. ARGV[1])
if not mark then return 0 end
forget_author(mark)
return 1
