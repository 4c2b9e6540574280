-- Ends a node's registration with an inbox, after recording how far its views have come.
-- KEYS   the list of messages, the state hash
-- ARGV   the node, epoch, position done (0: none), what the entry there begins with, messages dropped that the user was told
--        of, position through which messages may have been shown
-- Reply  1
-- Atomic because the state may vanish only while nobody is attached and nothing waits.
local list, state, epoch, done, prefix = KEYS[1], KEYS[2], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local length = redis.call('LLEN', list)
redis.call('HDEL', state, 'n:' .. ARGV[1])
local fields, f, trim, attached = redis.call('HGETALL', state), {}, nil, false
for i = 1, #fields, 2 do
  f[fields[i]] = fields[i + 1]
end
if f.e and f.e == epoch and done <= tonumber(f.s) then
  local head = tonumber(f.s) - length + 1
  local entry = done >= head and redis.call('LINDEX', list, done - head)
  if not entry or string.sub(entry, 1, 7) ~= '{"id":"' or string.sub(entry, 1, #prefix) == prefix then
    trim = math.max(done, tonumber(f.a or 0))
    f.r = math.max(tonumber(ARGV[5]), tonumber(f.r or 0))
    redis.call('HSET', state, 'a', trim, 'r', f.r, 'o', math.max(tonumber(ARGV[6]), tonumber(f.o or 0)))
  end
end
for name, mark in pairs(f) do
  if string.sub(name, 1, 2) == 'n:' then
    attached = true
    trim = trim and math.min(trim, tonumber(mark))
  end
end
if trim then
  local head = tonumber(f.s) - length + 1
  if trim >= head then
    redis.call('LTRIM', list, trim - head + 1, -1)
    length = length - (trim - head + 1)
  end
end
if not attached and length == 0 and tonumber(f.d or 0) <= tonumber(f.r or 0) then
  redis.call('DEL', state)
end
return 1
