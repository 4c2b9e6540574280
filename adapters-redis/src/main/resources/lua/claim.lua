-- Tells whether numbered pieces of work may be done, and notes that they are; for a cluster, where that cannot be part of
-- the appends.
--
-- KEYS   two per piece: the STRING of the lease, and the STRING with a bit for each piece that is done
-- ARGV   three per piece: the value of the lease, the number, and ms to remember that it is done; 0 to ask only
-- reply  one per piece: 1 when it may be done, 2 when it is done, 0 when the lease is over
--
-- Atomic, so that nothing is noted for a node whose lease is over.

local reply = {}
for i = 1, #KEYS / 2 do
  local lease, bits = KEYS[2 * i - 1], KEYS[2 * i]
  local value, number, remember = ARGV[3 * i - 2], ARGV[3 * i - 1], tonumber(ARGV[3 * i])
  if redis.call('GET', lease) ~= value then
    reply[i] = 0
  elseif redis.call('BITFIELD_RO', bits, 'GET', 'u1', number)[1] == 1 then
    reply[i] = 2
  else
    reply[i] = 1
    if remember > 0 then
      redis.call('BITFIELD', bits, 'SET', 'u1', number, '1')
      redis.call('PEXPIRE', bits, remember)
    end
  end
end
return reply
