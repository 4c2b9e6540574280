-- Empties an inbox; its numbering goes on.
--
-- KEYS   1 the LIST of messages    2 the HASH of its state
-- reply  one value: how many entries there were
--
-- Atomic, so that no entry is removed without being counted as done with.

local size = redis.call('LLEN', KEYS[1])
local s = redis.call('HGET', KEYS[2], 's')
redis.call('DEL', KEYS[1])
if s then
  redis.call('HSET', KEYS[2], 'a', s)
end
return { size }
