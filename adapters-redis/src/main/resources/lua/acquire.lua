-- Grants a lease, unless another node holds it.
--
-- KEYS   1 the STRING of the lease: token, a space, its holder    2 the STRING that counts tokens
-- ARGV   1 the node that asks    2 how long to hold it, in ms
-- reply  one value: the token, or 0 while another node holds it
--
-- Atomic, so that no two nodes hold it, and tokens grow in the order of grants.

local value = redis.call('GET', KEYS[1])
if value and string.match(value, '^%d+ (.*)$') ~= ARGV[1] then
  return { 0 }
end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token .. ' ' .. ARGV[1], 'PX', ARGV[2])
return { token }
