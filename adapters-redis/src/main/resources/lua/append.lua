-- Appends messages to inboxes.
--
-- KEYS   two per entry: the LIST of messages and the HASH of the state of one inbox
--        then two per claim: the STRING of its lease, and the STRING with a bit for each piece of work that is done
-- ARGV   1 the calling node
--        2 what the name of a node's signal channel begins with; in a cluster then a comma, and each dead node and a comma
--        3 an epoch for an inbox that needs one    4 how many entries a repeated append looks back
--        5 ms that the state outlives the list    6 the number of messages
--        then six per message: its JSON, what its JSON begins with, the limit, the expiry in ms, 1 when repeated, its claim
--        (empty for none): "<number> <ms to remember that it is done, 0 when it is not done then> <value of the lease>",
--        or "done" without keys, as in a cluster where those are at another server
--        then two per entry: the number of its message, its user
-- reply  six per entry: position (-1 when a key is of another type; -2 when the lease of its claim is over; 0 when the
--        inbox is not numbered, or the claim is done and the message not there any more), epoch,
--        dropped, 1 when the caller is attached (2 when the user's oldest connection is on it, or no other node
--        is attached), number of other nodes attached, 1 when it was there already
--
-- Atomic, so that numbering, pushing, trimming and telling the attached nodes cannot interleave with an append, an
-- attach or an acknowledgement of another node: what a node finds when it attaches and what it is told of afterwards
-- leave no gap.

local node, new_epoch = ARGV[1], ARGV[3]
local channels, gone = string.match(ARGV[2], '^([^,]*)(.*)$')
local look_back, outlive = tonumber(ARGV[4]), tonumber(ARGV[5])
local CHUNK = 32
local messages, claims = {}, {}
local arg = 7
for i = 1, tonumber(ARGV[6]) do
  messages[i] = { json = ARGV[arg], begins = ARGV[arg + 1], limit = tonumber(ARGV[arg + 2]),
                  expiry = tonumber(ARGV[arg + 3]), again = ARGV[arg + 4] == '1' }
  if ARGV[arg + 5] == 'done' then
    messages[i].done = true
  elseif ARGV[arg + 5] ~= '' then
    messages[i].claim = ARGV[arg + 5]
    claims[#claims + 1] = messages[i]
  end
  arg = arg + 6
end

local entries_end = #KEYS - 2 * #claims
for i, message in ipairs(claims) do
  local number, remember, value = string.match(message.claim, '^(%d+) (%d+) (.*)$')
  message.over = redis.pcall('GET', KEYS[entries_end + 2 * i - 1]) ~= value
  message.done = not message.over and redis.pcall('GETBIT', KEYS[entries_end + 2 * i], number) == 1
  message.number, message.remember = number, tonumber(remember)
end

-- A server knows of its own subscribers only: in a cluster the caller tells who is dead.
local function is_gone(other)
  if gone ~= '' then
    return string.find(gone, ',' .. other .. ',', 1, true) ~= nil
  end
  return redis.call('PUBSUB', 'NUMSUB', channels .. other)[2] == 0
end

local function find(list, size, begins)
  local stop = math.max(0, size - look_back)
  local to = size - 1
  while to >= stop do
    local from = math.max(stop, to - CHUNK + 1)
    local entries = redis.call('LRANGE', list, from, to)
    for i = #entries, 1, -1 do
      if string.sub(entries[i], 1, #begins) == begins then
        return from + i - 1
      end
    end
    to = from - 1
  end
  return nil
end

local reply = {}
local told = {}       -- per other node: what to tell it
local told_order = {} -- the nodes, in a fixed order
local shared = {}     -- entries of inboxes that the caller and other nodes are attached to

for key = 1, entries_end, 2 do
  local list, state = KEYS[key], KEYS[key + 1]
  local number, user = tonumber(ARGV[arg]), ARGV[arg + 1]
  arg = arg + 2
  local message = messages[number]
  local at = #reply
  local position, epoch, dropped, here, elsewhere, repeated = 0, '', 0, 0, 0, 0

  local fields = message.over and {} or redis.pcall('HGETALL', state)
  local failed = fields.err
  local s, others, found, pushed
  if not (failed or message.over) then
    for i = 1, #fields, 2 do
      local name = fields[i]
      if name == 'e' then
        epoch = fields[i + 1]
      elseif name == 's' then
        s = tonumber(fields[i + 1])
      elseif string.sub(name, 1, 2) == 'n:' then
        local other = string.sub(name, 3)
        if other == node then
          here = 2
        else
          others = others or {}
          others[#others + 1] = other
        end
      end
    end
    if epoch == '' then
      s = nil
    end
    if message.again or message.done then
      local size = redis.pcall('LLEN', list)
      failed = type(size) == 'table' and size.err
      found = not failed and find(list, size, message.begins)
      if found and s then
        position = s - size + 1 + found
      end
    end
  end
  if not (failed or found or message.done or message.over) then
    pushed = redis.pcall('RPUSH', list, message.json) -- pushes nothing when it fails
    failed = type(pushed) == 'table' and pushed.err
  end

  if failed then
    if string.sub(failed, 1, 9) ~= 'WRONGTYPE' then
      return redis.error_reply(failed)
    end
    position, epoch, here = -1, '', 0
  elseif message.over then
    position = -2
  elseif found or message.done then
    repeated = 1
    elsewhere = others and #others or 0
  else
    if s then
      position = redis.call('HINCRBY', state, 's', 1)
    end
    if pushed > message.limit then
      dropped = pushed - message.limit
      redis.call('LTRIM', list, dropped, -1)
      if not s then
        s, position, epoch = pushed, pushed, new_epoch
        redis.call('HSET', state, 'e', epoch, 's', s)
      end
      redis.call('HINCRBY', state, 'd', dropped)
    end
    redis.call('PEXPIRE', list, message.expiry)
    if s then
      redis.call('PEXPIRE', state, message.expiry + outlive)
    end
    if others then
      local note = { number = number, user = user, epoch = epoch, position = position, state = state, at = at,
                     fields = fields }
      for i = 1, #others do
        local other = others[i]
        local notes = told[other]
        if not notes then
          notes = {}
          told[other] = notes
          told_order[#told_order + 1] = other
        end
        notes[#notes + 1] = note
        elsewhere = elsewhere + 1
      end
    end
  end
  if others and here > 0 then
    shared[#shared + 1] = { at = at, fields = fields }
  end
  reply[at + 1], reply[at + 2], reply[at + 3] = position, epoch, dropped
  reply[at + 4], reply[at + 5], reply[at + 6] = here, elsewhere, repeated
end

for i, message in ipairs(claims) do
  if message.remember > 0 and not message.over then
    redis.pcall('SETBIT', KEYS[entries_end + 2 * i], message.number, 1)
    redis.pcall('PEXPIRE', KEYS[entries_end + 2 * i], message.remember)
  end
end

-- A node whose channel has no subscriber is dead: what waited may have been shown.
local dead = {}
for _, other in ipairs(told_order) do
  if is_gone(other) then
    dead[other] = true
    for _, note in ipairs(told[other]) do
      if redis.call('HDEL', note.state, 'n:' .. other, 'c:' .. other) > 0 then
        redis.call('HSET', note.state, 'o', string.format('%.0f', note.position - 1))
      end
      reply[note.at + 5] = reply[note.at + 5] - 1
    end
  end
end

-- The node that has the user's oldest connection, of those that live.
local function oldest(fields)
  local found, least
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 2) == 'c:' then
      local of = string.sub(fields[i], 3)
      local since = tonumber(string.match(fields[i + 1], ':(%d+)'))
      if since and not dead[of] and (not found or since < least or (since == least and of < found)) then
        found, least = of, since
      end
    end
  end
  return found
end

for _, entry in ipairs(shared) do
  if reply[entry.at + 5] > 0 and oldest(entry.fields) ~= node then
    reply[entry.at + 4] = 1
  end
end

-- One signal per node: for each message in turn "<users>\n", for each user "<user> <epoch> <position>\n", with a
-- fourth word "silent" unless the user's oldest connection is on the node, "<bytes of JSON>\n" and the JSON.
for _, other in ipairs(told_order) do
  if not dead[other] then
    local notes = told[other]
    local parts = {}
    local i = 1
    while i <= #notes do
      local number = notes[i].number
      local last = i
      while notes[last + 1] and notes[last + 1].number == number do
        last = last + 1
      end
      parts[#parts + 1] = (last - i + 1) .. '\n'
      for n = i, last do
        parts[#parts + 1] = notes[n].user .. ' ' .. notes[n].epoch .. ' '
          .. string.format('%.0f', notes[n].position)
          .. (oldest(notes[n].fields) == other and '\n' or ' silent\n')
      end
      parts[#parts + 1] = #messages[number].json .. '\n'
      parts[#parts + 1] = messages[number].json
      i = last + 1
    end
    redis.call('PUBLISH', channels .. other, table.concat(parts))
  end
end
return reply
