-- Notes that an entry of a stream is begun once more, and tells whether its publication was made before.
--
-- KEYS   1 the STRING of the lease    2 the STREAM    3 the STRING that remembers the publication, if it has a name
-- ARGV   1 what the lease holds as long as it is not over    2 the group    3 its consumer    4 the entry
--        5 how often it is begun then
-- reply  nothing when the lease is over; else one value: what is remembered, or ''
--
-- Atomic, so that nobody whose lease is over begins anything.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
local known = KEYS[3] and redis.call('GET', KEYS[3])
redis.pcall('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, ARGV[4], 'RETRYCOUNT', ARGV[5], 'JUSTID')
return { known or '' }
