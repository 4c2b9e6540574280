-- Moves an entry of a stream to the dead letters, or only makes the letter.
--
-- KEYS   1 the STREAM    2 the STREAM of dead letters; without it, as in a cluster where it has another slot, the letter is
--        replied and nothing changed
-- ARGV   1 the group    2 the entry    3 the reason    4 about how many dead letters are kept
--        5 how many fields of the entry to keep    6 how many bytes of each
-- reply  1, or 0 when the entry is not pending any more or is not there; then the letter, if only that was asked for
--
-- Atomic, so that an entry is in one of the two streams, and is buried once.

local stream, group, id = KEYS[1], ARGV[1], ARGV[2]
local fields, bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
if #redis.call('XPENDING', stream, group, id, id, 1) == 0 then
  return { 0 }
end
local letter, cut = {}, false
local entry = redis.call('XRANGE', stream, id, id)[1]
if entry then
  local all = entry[2]
  for i = 1, #all do
    if i > fields * 2 then
      cut = true
      break
    end
    letter[i] = string.sub(all[i], 1, bytes)
    cut = cut or #all[i] > bytes
  end
  if cut then
    letter[#letter + 1] = 'cut'
    letter[#letter + 1] = '1'
  end
  letter[#letter + 1] = 'reason'
  letter[#letter + 1] = ARGV[3]
  letter[#letter + 1] = 'entry'
  letter[#letter + 1] = id
  if not KEYS[2] then
    table.insert(letter, 1, 1)
    return letter
  end
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(letter))
end
redis.call('XACK', stream, group, id)
redis.call('XDEL', stream, id)
return { entry and 1 or 0 }
