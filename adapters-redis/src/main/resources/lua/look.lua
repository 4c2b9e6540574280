-- Tells how far the node that published what is heard has come.
--
-- KEYS   1 the HASH of the record
-- ARGV   1 the channel of markers
-- reply  how many nodes listen to that channel, the time in ms, and what is recorded, if anything: marker, number, when
--
-- Atomic, so that the times belong together.

local record = redis.call('HMGET', KEYS[1], 'marker', 'number', 'at')
local time = redis.call('TIME')
local reply = { redis.call('PUBSUB', 'NUMSUB', ARGV[1])[2], time[1] * 1000 + math.floor(time[2] / 1000) }
if record[1] and record[2] and record[3] then
  reply[3], reply[4], reply[5] = record[1], tonumber(record[2]), tonumber(record[3])
end
return reply
