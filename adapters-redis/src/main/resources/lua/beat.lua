-- Notes that a node of a cluster lives, and tells which others do.
--
-- KEYS   1 the ZSET of nodes by the time in ms, Redis' own, at which each was heard of last
-- ARGV   1 the calling node    2 for how long, in ms, a node that is not heard of counts as alive
-- reply  1 when the caller counted as alive until now, else 0, and every node that lives
--
-- Atomic, so that a node that others may have taken for dead learns of that.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local since = now - tonumber(ARGV[2])
local last = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', since))
local reply = redis.call('ZRANGE', KEYS[1], 0, -1)
table.insert(reply, 1, last and tonumber(last) >= since and 1 or 0)
return reply
