-- Takes the mark away that leave.lua made. Answers 1 if there was one.
return redis.call('HDEL', meta, 'left')
