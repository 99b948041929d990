-- Marks a directory as that of a server that the bot is not in. Answers 1 if it was not marked yet;
-- a set of another program's, which the bot never opened, is none.
if redis.call('HEXISTS', meta, 'schema') == 0 then return 0 end
return redis.call('HSETNX', meta, 'left', now())
