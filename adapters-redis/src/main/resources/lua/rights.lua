-- Tells which commands the calling user may run, without running them.
--
-- KEYS   none
-- ARGV   for each command: the number of its words, and these
-- reply  for each command: 1 allowed, 0 refused, -1 when Redis does not know it; nothing at all from a Redis before 7.0
--
-- A script, because the rights to ask by ACL are an administrator's, and that to run scripts is needed anyway. Writes nothing.

local reply = {}
if not redis.acl_check_cmd then
  return reply
end
local at = 1
while at <= #ARGV do
  local last = at + tonumber(ARGV[at])
  local known, allowed = pcall(redis.acl_check_cmd, unpack(ARGV, at + 1, last))
  reply[#reply + 1] = not known and -1 or allowed and 1 or 0
  at = last + 1
end
return reply
