-- Counts what of KEYS is this library's (record.h); with ARGV[1] = 'flush' it also takes it out. Without its user key no
-- record is believed, and a fill that names the life that has ended is refused. A closed user key stays.
-- Returns the number of records, of user keys, and the bytes of memory of both, which are 0 where that may not be asked.

local flush = ARGV[1] == 'flush'
local records, users, bytes = 0, 0, 0

local function is_closed(key)
  local value = redis.pcall('GET', key)
  return type(value) == 'string' and string.sub(value, 11, 18) == string.rep('\0', 8)
end

for _, key in ipairs(KEYS) do
  local is_record = string.match(key, '^todo:{[%x-]+}:[%x-]+$')
  local is_user = string.match(key, '^todo:user:{[%x-]+}$')
  if (is_record or is_user) and redis.call('PTTL', key) ~= -2 then
    local used = redis.pcall('MEMORY', 'USAGE', key)
    if type(used) == 'number' then
      bytes = bytes + used
    end
    if is_record then
      records = records + 1
    else
      users = users + 1
    end
    if flush and not (is_user and is_closed(key)) then
      redis.call('DEL', key)
    end
  end
end
return {records, users, bytes}
