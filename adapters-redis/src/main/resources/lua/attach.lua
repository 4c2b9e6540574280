-- Registers a node as one with views of an inbox, and tells what waits.
--
-- KEYS   1 the LIST of messages    2 the HASH of its state
-- ARGV   1 the calling node
--        2 what the name of a node's signal channel begins with; in a cluster then a comma, and each dead node and a comma
--        3 an epoch for an inbox that needs one    4 the expiry in ms    5 ms that the state outlives the list
-- reply  epoch, first position not acknowledged, last position, position shown through, dropped, not told of
--
-- Atomic, so that every message is either counted in the reply or signalled to the node.

local list, state, node = KEYS[1], KEYS[2], ARGV[1]
local channels, gone = string.match(ARGV[2], '^([^,]*)(.*)$')
local expiry, outlive = tonumber(ARGV[4]), tonumber(ARGV[5])
local size = redis.call('LLEN', list)
local fields = redis.call('HGETALL', state)

-- A server knows of its own subscribers only: in a cluster the caller tells who is dead.
local function is_gone(other)
  if gone ~= '' then
    return string.find(gone, ',' .. other .. ',', 1, true) ~= nil
  end
  return redis.call('PUBSUB', 'NUMSUB', channels .. other)[2] == 0
end

local epoch, s = false, false
local a, o, d, r = 0, 0, 0, 0
local registered = false
local dead = {}
for i = 1, #fields, 2 do
  local name, value = fields[i], fields[i + 1]
  if name == 'e' then epoch = value
  elseif name == 's' then s = tonumber(value)
  elseif name == 'a' then a = tonumber(value)
  elseif name == 'o' then o = tonumber(value)
  elseif name == 'd' then d = tonumber(value)
  elseif name == 'r' then r = tonumber(value)
  elseif string.sub(name, 1, 2) == 'n:' then
    local other = string.sub(name, 3)
    if other == node then
      registered = true
    elseif is_gone(other) then
      dead[#dead + 1] = name
    end
  end
end

if not (epoch and s) then
  epoch, s = ARGV[3], size
  redis.call('HSET', state, 'e', epoch, 's', s)
end
if #dead > 0 then
  redis.call('HDEL', state, unpack(dead))
  o = s
  redis.call('HSET', state, 'o', string.format('%.0f', o))
end
if not registered then
  redis.call('HSET', state, 'n:' .. node, string.format('%.0f', s))
end
redis.call('PEXPIRE', state, expiry + outlive)
local left = redis.call('PTTL', list)
if left == -1 or left > expiry then
  redis.call('PEXPIRE', list, expiry)
end
return { epoch, math.max(s - size + 1, a + 1), s, o, d, d - r }
