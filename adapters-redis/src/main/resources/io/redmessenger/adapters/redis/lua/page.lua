-- Reads consecutive messages of an inbox.
-- KEYS   the list of messages, the state hash
-- ARGV   epoch, position of the first message wanted, the most messages, the most bytes (one message is read even if larger)
-- Reply  nothing when the epoch is another; else position of the first entry, of the newest message, messages dropped so
--        far, then the entries
-- Atomic because the position of an entry follows from the list's length and the newest position.
local list, state, wanted, budget = KEYS[1], KEYS[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local length = redis.call('LLEN', list)
local f = redis.call('HMGET', state, 'e', 's', 'd')
if f[1] ~= ARGV[1] then
  return false
end
local head = tonumber(f[2]) - length + 1
local from = math.max(tonumber(ARGV[2]) - head, 0)
local reply, bytes, index = { head + from, tonumber(f[2]), tonumber(f[3] or 0) }, 0, from
while #reply - 3 < wanted and index < length and bytes < budget do
  local entries = redis.call('LRANGE', list, index, index + math.min(32, wanted - (#reply - 3)) - 1)
  for _, entry in ipairs(entries) do
    if bytes > 0 and bytes + #entry > budget then
      return reply
    end
    bytes = bytes + #entry
    reply[#reply + 1] = entry
  end
  index = index + #entries
end
return reply
