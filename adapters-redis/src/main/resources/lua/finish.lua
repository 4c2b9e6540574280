-- Removes entries of a stream that are done with, and remembers those publications that have a name.
--
-- KEYS   1 the STREAM    then per entry with something to remember the STRING to remember it in
-- ARGV   1 the group    2 how long to remember, in ms
--        then two per entry: its id, what to remember of it or ''
-- reply  one value: how many were there
--
-- Atomic, so that a publication that has a name is remembered exactly when its entry is gone. Needs no lease: what is
-- done is done, whoever did it.

local named = 1
for arg = 4, #ARGV, 2 do
  if ARGV[arg] ~= '' then
    named = named + 1
    redis.call('SET', KEYS[named], ARGV[arg], 'PX', ARGV[2])
  end
end
local removed = 0
for arg = 3, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[arg])
  removed = removed + redis.call('XDEL', KEYS[1], ARGV[arg])
end
return { removed }
