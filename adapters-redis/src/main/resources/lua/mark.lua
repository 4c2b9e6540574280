-- Publishes a marker, and records how far the node that publishes what is heard has come.
--
-- KEYS   1 the STRING of the lease    2 the HASH of the record
-- ARGV   1 what the lease holds as long as it is not over    2 the channel of markers    3 the marker, or '-' for none
--        4, 5 the name of the last publication through which all is stored: its marker, and its number behind that
--        6 the length of a gap that this node has found, in ms; 0 for none
-- reply  one value: 1, or 0 when the lease is over
--
-- Atomic, so that a node whose lease is over records nothing, and all nodes learn of what is recorded.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return { 0 }
end
local time = redis.call('TIME')
local at = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[2], 'marker', ARGV[4], 'number', ARGV[5], 'at', at)
if ARGV[6] ~= '0' then
  redis.call('HSET', KEYS[2], 'gap_at', at, 'gap_ms', ARGV[6])
  redis.call('HINCRBY', KEYS[2], 'gaps', 1)
end
redis.call('PUBLISH', ARGV[2], ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
return { 1 }
