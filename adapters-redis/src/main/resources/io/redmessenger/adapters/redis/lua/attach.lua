-- Registers a node as one with views of an inbox, and tells what waits.
-- KEYS   the list of messages, the state hash
-- ARGV   the node, ms that a state lives, an epoch to begin with if the inbox has none
-- Reply  epoch, position of the first message not acknowledged, of the newest, of the newest that may have been shown,
--        messages dropped so far, how many of those the user was not told of
-- Atomic so that nothing is appended between what is told here and the first notification.
local list, state, node = KEYS[1], KEYS[2], ARGV[1]
local length = redis.call('LLEN', list)
local fields, f = redis.call('HGETALL', state), {}
for i = 1, #fields, 2 do
  f[fields[i]] = fields[i + 1]
end
if not f.e or tonumber(f.s) < length then
  f.e, f.s, f.a, f.o = ARGV[3], length, nil, nil
  redis.call('HDEL', state, 'a', 'o')
  redis.call('HSET', state, 'e', f.e, 's', f.s)
end
local last = tonumber(f.s)
local shown = tonumber(f.o or 0)
for name in pairs(f) do
  if string.sub(name, 1, 2) == 'n:' and name ~= 'n:' .. node then
    if redis.call('PUBSUB', 'NUMSUB', 'rm:node:' .. string.sub(name, 3))[2] == 0 then
      shown = last -- nobody listens: that node is dead, and may have shown all that waits
      redis.call('HDEL', state, name)
    end
  end
end
local first = math.max(last - length + 1, tonumber(f.a or 0) + 1)
local mark = math.min(tonumber(f['n:' .. node] or first - 1), first - 1)
redis.call('HSET', state, 'n:' .. node, mark, 'o', shown)
redis.call('PEXPIRE', state, ARGV[2])
local dropped = tonumber(f.d or 0)
return { f.e, first, last, shown, dropped, dropped - tonumber(f.r or 0) }
