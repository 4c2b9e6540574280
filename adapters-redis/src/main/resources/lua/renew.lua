-- Prolongs a lease, or gives it back, when it is still held.
--
-- KEYS   1 the STRING of the lease
-- ARGV   1 what it holds as long as the lease is not over    2 how long to hold it from now on, in ms; 0 gives it back
-- reply  one value: 1 when it was still held, else 0
--
-- Atomic, so that the lease of another node is never touched.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return { 0 }
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return { 1 }
