-- Takes entries of a stream for the one reader of its group: new ones, or those that were taken and never finished.
--
-- KEYS   1 the STRING of the lease    2 the STREAM
-- ARGV   1 what the lease holds as long as it is not over    2 the group    3 its consumer
--        4 the most entries    5 the most bytes, a few entries excepted    6 where a longer value is cut
--        7 'new', or 'unfinished'    8 of new ones: the entry that was taken last; of unfinished ones: where to begin
--        9 how long unfinished ones must have rested, in ms
--        then the names of the fields to reply
-- reply  nothing when the lease is over; else the entry that the group took last, where to go on ('' when nothing
--        unfinished is left), and per entry: id, how often it was begun, the name of a field that is there twice or nil,
--        and the value of each field or nil
--
-- Atomic, so that nobody whose lease is over takes an entry, which would change places with those that the holder takes.
-- For the same reason nothing new is taken when the group has taken more than the caller knows of: an answer was lost, and
-- what that brought is to be looked for first.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end

local stream, group, consumer = KEYS[2], ARGV[2], ARGV[3]
local count, bytes, longest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local isNew, from, rest = ARGV[7] == 'new', ARGV[8], tonumber(ARGV[9])
local STEP = 8
local OVERHEAD = 64
local index, names = {}, 0
for arg = 10, #ARGV do
  names = names + 1
  index[ARGV[arg]] = names
end
local reply = { '', '' }

local function lastTaken()
  for _, known in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local name, last
    for i = 1, #known, 2 do
      if known[i] == 'name' then
        name = known[i + 1]
      elseif known[i] == 'last-delivered-id' then
        last = known[i + 1]
      end
    end
    if name == group then
      return last
    end
  end
end

-- The group is made where it is missing: at the first start, and after somebody has removed it, or the stream.
local last = redis.call('EXISTS', stream) == 1 and lastTaken()
if not last then
  redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  last = '0-0'
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

if isNew then
  if last == from then
    while count > 0 and bytes > 0 do
      local step = math.min(count, STEP)
      local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', step, 'STREAMS', stream, '>')
      local entries = read and read[1][2] or {}
      for i = 1, #entries do
        add(entries[i], 1)
      end
      if #entries < step then
        break
      end
    end
    last = lastTaken()
  end
  reply[1] = last
  return reply
end

reply[1] = last
local pending = redis.call('XPENDING', stream, group, from, '+', count)
if #pending == count then
  reply[2] = '(' .. pending[#pending][1]
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
      reply[2] = '(' .. id
      break
    end
  end
end
return reply
