-- Records how far a node's views of inboxes have come, and removes what nobody needs any more.
-- KEYS   for each user: the list of messages, the state hash
-- ARGV   the node; then for each user: epoch, position done (0: none), what the entry there begins with, position through
--        which all views of the node have offered, messages dropped that the user was told of
-- Reply  for each user: 1, or 0 when this does not fit the inbox and nothing was done, or -1 when a key holds something else
-- Atomic because a position means a message only as long as nothing is renumbered in between.
local node, reply = ARGV[1], {}

local function acknowledge(list, state, epoch, done, prefix, offered, told)
  local fields = redis.pcall('HGETALL', state)
  local length = redis.pcall('LLEN', list)
  if fields.err or type(length) == 'table' then
    return -1
  end
  local f, trim = {}, nil
  for i = 1, #fields, 2 do
    f[fields[i]] = fields[i + 1]
  end
  if f.e ~= epoch or not f['n:' .. node] or done > tonumber(f.s) then
    return 0
  end
  local head = tonumber(f.s) - length + 1
  if done >= head then
    local entry = redis.call('LINDEX', list, done - head)
    if string.sub(entry, 1, 7) == '{"id":"' and string.sub(entry, 1, #prefix) ~= prefix then
      return 0
    end
  end
  trim = math.max(done, tonumber(f.a or 0))
  redis.call('HSET', state, 'a', trim, 'n:' .. node, offered, 'r', math.max(told, tonumber(f.r or 0)))
  f['n:' .. node] = offered
  for name, mark in pairs(f) do
    if string.sub(name, 1, 2) == 'n:' then
      trim = math.min(trim, tonumber(mark))
    end
  end
  if trim >= head then
    redis.call('LTRIM', list, trim - head + 1, -1)
  end
  return 1
end

for i = 1, #KEYS / 2 do
  local a = 5 * i - 3
  reply[i] = acknowledge(
    KEYS[2 * i - 1], KEYS[2 * i], ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 2], tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]))
end
return reply
