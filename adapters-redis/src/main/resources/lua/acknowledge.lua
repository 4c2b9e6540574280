-- Records how far a node's views of some inboxes have come, removes what nobody needs any more, and ends the
-- registration of a node that has no view left, and of its connections.
--
-- KEYS   two per entry: the LIST of messages and the HASH of the state of one inbox
-- ARGV   1 the calling node
--        then six per entry: epoch, position that is done with (-1 for none), what the message there begins with,
--        position offered through, dropped messages told of, position shown through when leaving (-1 to stay)
-- reply  one per entry: 1 done, 0 it does not fit the inbox, -1 a key is of another type
--
-- Atomic, so that nothing is removed by the number of a message that is not there any more, and nothing that another
-- node's view has yet to read.

local node = ARGV[1]
local own = 'n:' .. node
local own_connections = 'c:' .. node
local reply = {}
local arg = 2

-- As text, since Redis would print a number as one with a floating point. The same few are wanted for many inboxes.
local texts = setmetatable({}, { __index = function(known, number)
  local text = string.format('%.0f', number)
  known[number] = text
  return text
end })

-- What a field of the state is: whether it registers a node other than the caller.
local registers_other = setmetatable({}, { __index = function(known, name)
  local other = string.sub(name, 1, 2) == 'n:'
  known[name] = other
  return other
end })

local function acknowledge(list, state, epoch, mark_text, begins, offered_text, told, shown)
  local mark, offered = tonumber(mark_text), tonumber(offered_text)
  local size = redis.pcall('LLEN', list)
  local fields = redis.pcall('HGETALL', state)
  local failed = (type(size) == 'table' and size.err) or fields.err
  if failed then
    if string.sub(failed, 1, 9) == 'WRONGTYPE' then
      return -1
    end
    redis.call('LLEN', list) -- raises what has just failed
    redis.call('HGETALL', state)
  end

  local leaving = shown >= 0
  local e, s = '', 0
  local a, o, d, r = 0, 0, 0, 0
  local registered = false
  local attached = 0
  local needed -- the lowest position that some other node has offered through
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if name == 'e' then e = value
    elseif name == 's' then s = tonumber(value)
    elseif name == 'a' then a = tonumber(value)
    elseif name == 'o' then o = tonumber(value)
    elseif name == 'd' then d = tonumber(value)
    elseif name == 'r' then r = tonumber(value)
    elseif name == own then registered = true
    elseif registers_other[name] then
      attached = attached + 1
      local position = tonumber(value)
      if not needed or position < needed then
        needed = position
      end
    end
  end

  local head = s - size + 1
  local fits = #fields > 0 and e == epoch and mark <= s and offered <= s
  if fits and mark >= head then
    local entry = redis.call('LINDEX', list, texts[mark - head])
    if entry and string.sub(entry, 1, 7) == '{"id":"' and string.sub(entry, 1, #begins) ~= begins then
      fits = false
    end
  end

  if leaving and registered then
    redis.call('HDEL', state, own, own_connections)
  end
  if fits then
    local changed = {}
    if mark > a then
      a = mark
      changed[#changed + 1] = 'a'
      changed[#changed + 1] = mark_text
    end
    if math.min(told, d) > r then
      r = math.min(told, d)
      changed[#changed + 1] = 'r'
      changed[#changed + 1] = texts[r]
    end
    if leaving and math.min(shown, s) > o then
      changed[#changed + 1] = 'o'
      changed[#changed + 1] = texts[math.min(shown, s)]
    end
    if registered and not leaving then
      changed[#changed + 1] = own
      changed[#changed + 1] = offered_text
      if not needed or offered < needed then
        needed = offered
      end
    end
    local through = needed and math.min(a, needed) or a
    if size > 0 and through >= head then
      redis.call('LTRIM', list, texts[through - head + 1], '-1') -- first: a full Redis allows it, and what follows it
      size = math.max(0, s - through)
    end
    if #changed > 0 then
      redis.call('HSET', state, unpack(changed))
    end
  end
  if leaving and attached == 0 and size == 0 and d <= r then
    redis.call('DEL', state)
  end
  return fits and 1 or 0
end

for key = 1, #KEYS, 2 do
  reply[#reply + 1] = acknowledge(KEYS[key], KEYS[key + 1], ARGV[arg], ARGV[arg + 1], ARGV[arg + 2],
    ARGV[arg + 3], tonumber(ARGV[arg + 4]), tonumber(ARGV[arg + 5]))
  arg = arg + 6
end
return reply
