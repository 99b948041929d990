-- ARGV: the number of an operation of which no more steps will come. Does nothing
-- if it is gone, as with the whole directory.
if redis.call('HEXISTS', operations, ARGV[1]) == 0 then return 0 end
finish(tonumber(ARGV[1]))
changed()  -- for whoever reads the history as a whole
return 1
