-- Removes every message of an inbox; its numbering goes on.
-- KEYS   the list of messages, the state hash
-- Reply  how many messages it held
-- Atomic because what is removed must count as done, or views would take it for lost.
local length = redis.call('LLEN', KEYS[1])
redis.call('DEL', KEYS[1])
local last = redis.call('HGET', KEYS[2], 's')
if last then
  redis.call('HSET', KEYS[2], 'a', last)
end
return length
