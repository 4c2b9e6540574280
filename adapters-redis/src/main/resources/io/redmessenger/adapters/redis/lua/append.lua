-- Appends messages to inboxes.
-- KEYS   for each message, for each of its users: the list of messages, the state hash
-- ARGV   caller's node, limit of an inbox, ms that a list lives, ms that a state lives, how many entries a repeated append
--        looks back, number of messages; then for each message: its entry, what the entry begins with if it may have been
--        stored already (else empty), number of its users
-- Reply  for each message, for each of its users six values: position (-1: a key holds something else), epoch, dropped,
--        attached here (0 or 1), other nodes attached, stored already (0 or 1)
-- Atomic because position, entry and notification must agree, or a view would skip or repeat a message.
local node, limit, listTtl, stateTtl, lookBack = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local reply, key, arg = {}, 1, 7

local function find(list, prefix)
  local tail = redis.call('LRANGE', list, -lookBack, -1)
  for i = #tail, 1, -1 do
    if string.sub(tail[i], 1, #prefix) == prefix then
      return #tail - i -- entries behind it
    end
  end
end

local function append(list, state, entry, prefix, others)
  local fields = redis.pcall('HGETALL', state)
  if fields.err then
    return { -1, '', 0, 0, 0, 0 }
  end
  local epoch, last, here, elsewhere = '', 0, 0, {}
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if name == 'e' then
      epoch = value
    elseif name == 's' then
      last = tonumber(value)
    elseif string.sub(name, 1, 2) == 'n:' then
      if name == 'n:' .. node then
        here = 1
      else
        elsewhere[#elsewhere + 1] = string.sub(name, 3)
      end
    end
  end
  local length = redis.pcall('LLEN', list)
  if type(length) == 'table' then
    return { -1, '', 0, 0, 0, 0 }
  end
  if prefix ~= '' then
    local behind = find(list, prefix)
    if behind then
      return { last - behind, epoch, 0, here, #elsewhere, 1 }
    end
  end
  local dropped = redis.call('RPUSH', list, entry) - limit
  if dropped > 0 then
    redis.call('LTRIM', list, dropped, -1)
    redis.call('HINCRBY', state, 'd', dropped)
  else
    dropped = 0
  end
  redis.call('PEXPIRE', list, listTtl)
  if epoch ~= '' then
    last = redis.call('HINCRBY', state, 's', 1)
  end
  if #fields > 0 or dropped > 0 then
    redis.call('PEXPIRE', state, stateTtl)
  end
  local result = { last, epoch, dropped, here, #elsewhere, 0 }
  for _, other in ipairs(elsewhere) do
    local told = others[other]
    if not told then
      told = { text = {}, states = {}, results = {} }
      others[other] = told
    end
    told.text[#told.text + 1] = epoch .. ' ' .. last .. ' ' .. list .. '\n'
    told.states[#told.states + 1] = state
    told.results[#told.results + 1] = result
  end
  return result
end

for _ = 1, tonumber(ARGV[6]) do
  local entry, prefix, users, others, results = ARGV[arg], ARGV[arg + 1], tonumber(ARGV[arg + 2]), {}, {}
  arg = arg + 3
  for u = 1, users do
    results[u] = append(KEYS[key], KEYS[key + 1], entry, prefix, others)
    key = key + 2
  end
  for other, told in pairs(others) do
    if redis.call('PUBLISH', 'rm:node:' .. other, table.concat(told.text) .. '\n' .. entry) == 0 then
      -- nobody listens: that node is dead, and may have shown all that waited
      for i, state in ipairs(told.states) do
        local result = told.results[i]
        result[5] = result[5] - 1
        redis.call('HDEL', state, 'n:' .. other)
        redis.call('HSET', state, 'o', result[1] - 1)
      end
    end
  end
  for u = 1, users do
    for i = 1, 6 do
      reply[#reply + 1] = results[u][i]
    end
  end
end
return reply
