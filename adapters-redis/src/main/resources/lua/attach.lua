-- Registers a node as one with views of an inbox, and its connections of the user, and tells what waits.
--
-- KEYS   1 the LIST of messages    2 the HASH of its state
-- ARGV   1 the calling node
--        2 what the name of a node's signal channel begins with; in a cluster then a comma, and each dead node and a comma
--        3 an epoch for an inbox that needs one    4 the expiry in ms    5 ms that the state outlives the list
--        6 the user    7 the time in ms    8 how many connections the user may have on all nodes
--        9 the node's connections, oldest first: "<id>:<since> …", since being 0 for one that is new
-- reply  epoch, first position not acknowledged, last position, position shown through, dropped, not told of,
--        1 when the user's oldest connection is on the node, the node's connections that may stay in the same form
--
-- Atomic, so that every message is either counted in the reply or signalled to the node, and that of all nodes that
-- add a connection at a time one after the other counts.

local list, state, node = KEYS[1], KEYS[2], ARGV[1]
local channels, gone = string.match(ARGV[2], '^([^,]*)(.*)$')
local expiry, outlive = tonumber(ARGV[4]), tonumber(ARGV[5])
local user, now, limit = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
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
local dead = {}        -- fields of nodes that are
local is_dead = {}
local registrations = {} -- per node: its connections
for i = 1, #fields, 2 do
  local name, value = fields[i], fields[i + 1]
  if name == 'e' then epoch = value
  elseif name == 's' then s = tonumber(value)
  elseif name == 'a' then a = tonumber(value)
  elseif name == 'o' then o = tonumber(value)
  elseif name == 'd' then d = tonumber(value)
  elseif name == 'r' then r = tonumber(value)
  elseif string.sub(name, 1, 2) == 'c:' then registrations[string.sub(name, 3)] = value
  elseif string.sub(name, 1, 2) == 'n:' then
    local other = string.sub(name, 3)
    if other == node then
      registered = true
    elseif is_gone(other) then
      is_dead[other] = true
      dead[#dead + 1] = name
      dead[#dead + 1] = 'c:' .. other
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

-- All connections by age; a new one is newer than any.
local connections = {}
local newest = 0
local ages = {} -- of those that the node has registered already
for other, value in pairs(registrations) do
  for id, since in string.gmatch(value, '(%d+):(%d+)') do
    newest = math.max(newest, tonumber(since))
    if other == node then
      ages[id] = tonumber(since)
    elseif not is_dead[other] then
      connections[#connections + 1] = { node = other, id = id, since = tonumber(since) }
    end
  end
end
for id, since in string.gmatch(ARGV[9], '(%d+):(%d+)') do
  ages[id] = ages[id] or tonumber(since)
  newest = math.max(newest, ages[id])
end
for id in string.gmatch(ARGV[9], '(%d+):') do
  if ages[id] == 0 then
    newest = math.max(newest + 1, now)
    ages[id] = newest
  end
  connections[#connections + 1] = { node = node, id = id, since = ages[id] }
end
table.sort(connections, function(one, two)
  return one.since < two.since or (one.since == two.since and one.node < two.node)
end)

-- The oldest go where there are too many.
local stay = { [node] = {} } -- per node whose connections may have changed
local surplus = #connections - limit
for i = 1, surplus do
  local gone = connections[i]
  if gone.node ~= node then
    stay[gone.node] = {}
    redis.call('PUBLISH', channels .. gone.node, 'replaced ' .. user .. ' ' .. gone.id .. '\n')
  end
end
for i = math.max(0, surplus) + 1, #connections do
  local one = connections[i]
  local of_node = stay[one.node]
  if of_node then
    of_node[#of_node + 1] = one.id .. ':' .. string.format('%.0f', one.since)
  end
end
for of, ids in pairs(stay) do
  local value = table.concat(ids, ' ')
  if value == '' then
    redis.call('HDEL', state, 'c:' .. of)
  elseif value ~= registrations[of] then
    redis.call('HSET', state, 'c:' .. of, value)
  end
end
local oldest = connections[math.max(0, surplus) + 1]

redis.call('PEXPIRE', state, expiry + outlive)
local left = redis.call('PTTL', list)
if left == -1 or left > expiry then
  redis.call('PEXPIRE', list, expiry)
end
return { epoch, math.max(s - size + 1, a + 1), s, o, d, d - r, oldest and oldest.node == node and 1 or 0,
         table.concat(stay[node], ' ') }
