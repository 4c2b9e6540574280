-- Reads consecutive entries of an inbox.
--
-- KEYS   1 the LIST of messages    2 the HASH of its state
-- ARGV   1 the epoch that the position belongs to, or '' to read from the head, numbered or not
--        2 the position of the first entry    3 the most entries    4 the most bytes, one entry excepted
--        5 how many entries to look at together
-- reply  nothing when the epoch is another; else epoch, position of the first entry, last position, dropped, size of
--        the inbox, and the entries
--
-- Atomic, so that entries and positions belong together.

local list, epoch = KEYS[1], ARGV[1]
local count, bytes, chunk = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local size = redis.call('LLEN', list)
local known = redis.call('HMGET', KEYS[2], 'e', 's', 'd')
local e, s, d = known[1] or '', tonumber(known[2] or size), tonumber(known[3] or 0)
if epoch ~= '' and epoch ~= e then
  return {}
end
local head = s - size + 1
local index = 0
if epoch ~= '' then
  index = math.max(0, tonumber(ARGV[2]) - head)
end
local reply = { e, head + index, s, d, size }
local left = count
while left > 0 and index < size do
  local entries = redis.call('LRANGE', list, index, index + math.min(chunk, left) - 1)
  if #entries == 0 then
    break
  end
  for i = 1, #entries do
    bytes = bytes - #entries[i]
    if bytes < 0 and #reply > 5 then
      return reply
    end
    reply[#reply + 1] = entries[i]
  end
  index = index + #entries
  left = left - #entries
end
return reply
