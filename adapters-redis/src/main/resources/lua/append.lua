-- Appends messages to inboxes.
--
-- KEYS   two per entry: the LIST of messages and the HASH of the state of one inbox; entries of a message one after another
--        then two per series of work: the STRING of its lease, and the STRING with a bit for each piece that is done
-- ARGV   1 the calling node
--        2 what the name of a node's signal channel begins with; in a cluster then a comma, and each dead node and a comma
--        3 an epoch for an inbox that needs one    4 how many entries a repeated append looks back
--        5 ms that the state outlives the list    6 the number of messages    7 the number of series of work
--        then one per series: the value of the lease
--        then five per message: its JSON; "<limit> <expiry in ms> <1 when repeated, or 0>"; its claim: empty for none, "done"
--        without keys, as in a cluster where those are at another server, or "<which series, from 1> <ms to remember that
--        it is done, 0 when it is not done then>"; the number of the piece; how many entries it has
-- reply  three per entry: position (-1 when a key is of another type; -2 when the lease of its claim is over; 0 when the
--        inbox is not numbered, or the claim is done and the message not there any more); epoch; and the sum of
--        1 when the caller is attached (2 when the user's oldest connection is on it, or no other node is attached),
--        4 when it was there already, 8 for each other node attached, 524288 for each message dropped
--
-- Atomic, so that numbering, pushing, trimming and telling the attached nodes cannot interleave with an append, an
-- attach or an acknowledgement of another node: what a node finds when it attaches and what it is told of afterwards
-- leave no gap.
--
-- What is done per entry decides what a channel costs: no number is passed to a command (Redis prints it as a floating
-- point number), and no write is made that changes nothing (each is repeated for the append-only file and replicas).

local call, pcall = redis.call, redis.pcall
local node, new_epoch = ARGV[1], ARGV[3]
local channels, gone = string.match(ARGV[2], '^([^,]*)(.*)$')
local look_back, outlive = tonumber(ARGV[4]), tonumber(ARGV[5])
local SLACK = 1000 -- ms that a list may live longer, so that its time is renewed once in that and not with each message
local CHUNK = 32
local AGAIN, OTHER, DROPPED = 4, 8, 524288

local arg = 8
local series = {}
local series_keys = #KEYS - 2 * tonumber(ARGV[7])
for i = 1, tonumber(ARGV[7]) do
  local lease, bits = KEYS[series_keys + 2 * i - 1], KEYS[series_keys + 2 * i]
  series[i] = { bits = bits, over = pcall('GET', lease) ~= ARGV[arg], claims = {}, remember = 0 }
  arg = arg + 1
end

local policies = {} -- by how they are written
local function policy_of(text)
  local limit, expiry, again = string.match(text, '^(%d+) (%d+) (%d)$')
  local policy = { limit = tonumber(limit), expiry = tonumber(expiry), again = again == '1' }
  policy.list_lives = string.format('%.0f', policy.expiry + SLACK)
  policy.state_lives = string.format('%.0f', policy.expiry + outlive)
  policies[text] = policy
  return policy
end

local messages = {}
for i = 1, tonumber(ARGV[6]) do
  local message = { json = ARGV[arg], policy = policies[ARGV[arg + 1]] or policy_of(ARGV[arg + 1]),
                    number = ARGV[arg + 3], entries = tonumber(ARGV[arg + 4]) }
  local claim = ARGV[arg + 2]
  if claim == 'done' then
    message.done = true
  elseif claim ~= '' then
    local which, remember = string.match(claim, '^(%d+) (%d+)$')
    local of = series[tonumber(which)]
    message.over = of.over
    message.remember = tonumber(remember)
    if not of.over then
      of.claims[#of.claims + 1] = message
    end
  end
  messages[i] = message
  arg = arg + 5
end

for _, of in ipairs(series) do
  if #of.claims > 0 then
    local question = { 'BITFIELD_RO', of.bits }
    for _, message in ipairs(of.claims) do
      local n = #question
      question[n + 1], question[n + 2], question[n + 3] = 'GET', 'u1', message.number
    end
    local bits = pcall(unpack(question))
    for i, message in ipairs(of.claims) do
      message.done = bits[i] == 1
    end
  end
end

-- A server knows of its own subscribers only: in a cluster the caller tells who is dead.
local function is_gone(other)
  if gone ~= '' then
    return string.find(gone, ',' .. other .. ',', 1, true) ~= nil
  end
  return call('PUBSUB', 'NUMSUB', channels .. other)[2] == 0
end

local function find(list, size, message)
  local begins = string.match(message.json, '^{"id":"[^"]*"')
  local stop = math.max(0, size - look_back)
  local to = size - 1
  while to >= stop do
    local from = math.max(stop, to - CHUNK + 1)
    local entries = call('LRANGE', list, from, to)
    for i = #entries, 1, -1 do
      if string.sub(entries[i], 1, #begins) == begins then
        return from + i - 1
      end
    end
    to = from - 1
  end
  return nil
end

-- What a field of the state is: the node that it registers, or false. The same few fields are in many inboxes.
local registered = setmetatable({}, { __index = function(known, name)
  local other = string.sub(name, 1, 2) == 'n:' and string.sub(name, 3)
  known[name] = other
  return other
end })

local reply = {}
local told = {}       -- per other node: what to tell it
local told_order = {} -- the nodes, in a fixed order
local shared = {}     -- entries of inboxes that the caller and other nodes are attached to
local key = 1

local function append(number, message)
  local policy, over, done = message.policy, message.over, message.done
  local looks = policy.again or done
  for _ = 1, message.entries do
    local list, state = KEYS[key], KEYS[key + 1]
    key = key + 2
    local at = #reply
    local position, epoch, sum = 0, '', 0

    local fields = over and {} or pcall('HGETALL', state)
    local failed = fields.err
    local here = 0
    local s, others, found, pushed
    if not (failed or over) then
      for i = 1, #fields, 2 do
        local name = fields[i]
        if name == 'e' then
          epoch = fields[i + 1]
        elseif name == 's' then
          s = fields[i + 1]
        else
          local other = registered[name]
          if other == node then
            here = 2
          elseif other then
            others = others or {}
            others[#others + 1] = other
          end
        end
      end
      if epoch == '' then
        s = nil
      end
      if looks then
        local size = pcall('LLEN', list)
        failed = type(size) == 'table' and size.err
        found = not failed and find(list, size, message)
        if found and s then
          position = tonumber(s) - size + 1 + found
        end
      end
    end
    if not (failed or found or done or over) then
      pushed = pcall('RPUSH', list, message.json) -- pushes nothing when it fails
      failed = type(pushed) == 'table' and pushed.err
    end

    if failed then
      if string.sub(failed, 1, 9) ~= 'WRONGTYPE' then
        return failed
      end
      position, epoch, here = -1, '', 0
    elseif over then
      position = -2
    elseif found or done then
      sum = AGAIN + OTHER * (others and #others or 0)
    else
      if s then
        position = call('HINCRBY', state, 's', '1')
      end
      if pushed > policy.limit then
        local dropped = pushed - policy.limit
        call('LTRIM', list, dropped, -1)
        if not s then
          s, position, epoch = pushed, pushed, new_epoch
          call('HSET', state, 'e', epoch, 's', s)
        end
        call('HINCRBY', state, 'd', dropped)
        sum = DROPPED * dropped
      end
      local left = pushed == 1 and -1 or call('PTTL', list)
      local renew = left < policy.expiry or left > policy.expiry + SLACK
      if renew then
        call('PEXPIRE', list, policy.list_lives)
      end
      if s and (renew or here == 0) then -- between two renewals of a list its state outlives it as before
        left = call('PTTL', state)
        if left < policy.expiry + outlive / 2 or left > policy.expiry + outlive then
          call('PEXPIRE', state, policy.state_lives)
        end
      end
      if others then
        local user = string.match(list, '([^:{}]+)}?:messages$')
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
          sum = sum + OTHER
        end
      end
    end
    if others and here > 0 then
      shared[#shared + 1] = { at = at, fields = fields }
    end
    reply[at + 1], reply[at + 2], reply[at + 3] = position, epoch, sum + here
  end
end

for number, message in ipairs(messages) do
  local failed = append(number, message)
  if failed then
    return redis.error_reply(failed)
  end
end

for _, of in ipairs(series) do
  local done, remember = { 'BITFIELD', of.bits }, 0
  for _, message in ipairs(of.claims) do
    if message.remember > 0 then
      remember = math.max(remember, message.remember)
      local n = #done
      done[n + 1], done[n + 2], done[n + 3], done[n + 4] = 'SET', 'u1', message.number, '1'
    end
  end
  if remember > 0 then
    pcall(unpack(done))
    pcall('PEXPIRE', of.bits, remember)
  end
end

-- A node whose channel has no subscriber is dead: what waited may have been shown.
local dead = {}
for _, other in ipairs(told_order) do
  if is_gone(other) then
    dead[other] = true
    for _, note in ipairs(told[other]) do
      if call('HDEL', note.state, 'n:' .. other, 'c:' .. other) > 0 then
        call('HSET', note.state, 'o', string.format('%.0f', note.position - 1))
      end
      reply[note.at + 3] = reply[note.at + 3] - OTHER
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
  if reply[entry.at + 3] % DROPPED >= OTHER and oldest(entry.fields) ~= node then
    reply[entry.at + 3] = reply[entry.at + 3] - 1
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
    call('PUBLISH', channels .. other, table.concat(parts))
  end
end
return reply
