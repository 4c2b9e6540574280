-- Takes entries of a stream for the one reader of its group: new ones, or those that were taken and never finished.
--
-- KEYS   1 the STRING of the lease    2 the STREAM
-- ARGV   1 what the lease holds as long as it is not over    2 the group    3 its consumer
--        4 the most entries    5 the most bytes, a few entries excepted    6 where a longer value is cut
--        7 where to begin among those never finished, or '' to take new ones    8 how long those must have rested, in ms
--        then the names of the fields to reply
-- reply  nothing when the lease is over; else where to go on ('' when nothing unfinished is left; for new ones the last
--        entry taken), and per entry: id, how often it was begun, the name of a field that is there twice or nil, and
--        the value of each field or nil
--
-- Atomic, so that nobody whose lease is over takes an entry, which would change places with those that the holder takes.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end

local stream, group, consumer = KEYS[2], ARGV[2], ARGV[3]
local count, bytes, longest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local from, rest = ARGV[7], tonumber(ARGV[8])
local STEP = 8
local OVERHEAD = 64
local index, names = {}, 0
for arg = 9, #ARGV do
  names = names + 1
  index[ARGV[arg]] = names
end
local reply = { '' }

-- The group is made where it is missing: at the first start, and after somebody has removed it, or the stream.
local function orCreate(command, ...)
  local result = redis.pcall(command, ...)
  if type(result) == 'table' and result.err and string.find(result.err, 'NOGROUP', 1, true) then
    redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
    result = redis.pcall(command, ...)
  end
  if type(result) == 'table' and result.err then
    return nil, redis.error_reply(result.err)
  end
  return result
end

local function add(entry, begun)
  local at = #reply
  reply[at + 1], reply[at + 2], reply[at + 3] = entry[1], begun, false
  for i = 1, names do
    reply[at + 3 + i] = false
  end
  local fields = entry[2]
  for i = 1, #fields, 2 do
    local number = index[fields[i]]
    if number then
      local value = fields[i + 1]
      if #value > longest then
        value = string.sub(value, 1, longest + 1)
      end
      if reply[at + 3 + number] then
        reply[at + 3] = fields[i]
      end
      reply[at + 3 + number] = value
      bytes = bytes - #value
    end
  end
  bytes = bytes - OVERHEAD
  count = count - 1
end

if from == '' then
  while count > 0 and bytes > 0 do
    local step = math.min(count, STEP)
    local read, failure = orCreate('XREADGROUP', 'GROUP', group, consumer, 'COUNT', step, 'STREAMS', stream, '>')
    if failure then
      return failure
    end
    local entries = read and read[1][2] or {}
    for i = 1, #entries do
      add(entries[i], 1)
    end
    if #entries < step then
      break
    end
  end
  for _, known in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local ours = false
    for i = 1, #known, 2 do
      if known[i] == 'name' then
        ours = known[i + 1] == group
      elseif known[i] == 'last-delivered-id' and ours then
        reply[1] = known[i + 1]
      end
    end
  end
  return reply
end

local pending, failure = orCreate('XPENDING', stream, group, from, '+', count)
if failure then
  return failure
end
if #pending == count then
  reply[1] = '(' .. pending[#pending][1]
end
for i = 1, #pending do
  local id, idle, begun = pending[i][1], pending[i][3], pending[i][4]
  if idle >= rest then
    local claimed = redis.call('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', begun)
    if claimed[1] then
      add(claimed[1], begun)
    else
      redis.call('XACK', stream, group, id) -- somebody has deleted it
    end
    if bytes <= 0 then
      reply[1] = '(' .. id
      break
    end
  end
end
return reply
