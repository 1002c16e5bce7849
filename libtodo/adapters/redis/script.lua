-- Everything that the library writes to Redis for one user (docs/internals/cache.md). One script, so that a change, the
-- records it made and what is known of the user's sequence are never seen apart.
--
-- KEYS[1]     the user key, todo:user:{USER}
-- KEYS[2...]  records, todo:{USER}:ID
-- ARGV[1]     what happens:
--   open      somebody is about to read the database and found no user key: begins a life
--   renew     Redis missed a change: begins another life, so that no record is believed
--   close     it is unknown whether a change came about, or the user is gone: nothing is stored until this key ends
--   change    a change took the numbers first to last: stores its records
--   fill      what was read from the database as of `last`: stores it, unless Redis has heard of a later change
-- ARGV[2]     the run of the server, 8 bytes: what another run left behind counts as nothing
-- ARGV[3]     8 random bytes, the name of a life that may begin
-- ARGV[4]     seconds to live of a record
-- ARGV[5..7]  epoch, first and last, 8 bytes each, the highest byte first
-- ARGV[8]     of a fill: the life that the reader found before it read the database
-- ARGV[9...]  a record for each of KEYS[2...]; empty: there is none any more
-- Returns the user key's value, and 1 if the records were stored.

local happened, run, nonce, ttl = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local epoch, first, last = struct.unpack('>I8I8I8', ARGV[5] .. ARGV[6] .. ARGV[7])
local user_key = KEYS[1]
local CLOSED = string.rep('\0', 8)
local HEAD, RANGE = 42, 16
local BEHIND_MAX = 64 -- how many changes may wait for one that is missing

-- What is no user key of this format and run is nil.
local function read()
  local value = redis.pcall('GET', user_key)
  if type(value) ~= 'string' or #value < HEAD or (#value - HEAD) % RANGE ~= 0
    or string.sub(value, 1, 2) ~= 'u1' or string.sub(value, 3, 10) ~= run then
    return nil
  end
  local user = {life = string.sub(value, 11, 18), pending = {}}
  user.epoch, user.told, user.latest = struct.unpack('>I8I8I8', value, 19)
  for at = HEAD + 1, #value, RANGE do
    local from, to = struct.unpack('>I8I8', value, at)
    user.pending[#user.pending + 1] = {from, to}
  end
  return user
end

-- It outlives each record: twice their time, and a fill renews it in time. A closed one keeps its end.
local function write(user, milliseconds)
  local value = 'u1' .. run .. user.life .. struct.pack('>I8I8I8', user.epoch, user.told, user.latest)
  for _, range in ipairs(user.pending) do
    value = value .. struct.pack('>I8I8', range[1], range[2])
  end
  redis.call('SET', user_key, value, 'PX', milliseconds or 2000 * ttl)
  return value
end

-- A life begins without records, so nothing of it can be old: all changes up to `number` may count as told.
local function begin(life, in_epoch, number)
  return {life = life, epoch = in_epoch, told = number, latest = number, pending = {}}
end

-- Notes that Redis was told of the changes from `from` to `to`.
local function tell(user, from, to)
  local ranges, placed = {}, false
  for _, range in ipairs(user.pending) do
    if range[2] + 1 < from then
      ranges[#ranges + 1] = range
    elseif to + 1 < range[1] then
      if not placed then
        ranges[#ranges + 1] = {from, to}
        placed = true
      end
      ranges[#ranges + 1] = range
    else
      from, to = math.min(from, range[1]), math.max(to, range[2])
    end
  end
  if not placed then
    ranges[#ranges + 1] = {from, to}
  end
  while ranges[1] and ranges[1][1] <= user.told + 1 do
    user.told = math.max(user.told, ranges[1][2])
    table.remove(ranges, 1)
  end
  user.pending = ranges
end

-- Stores the records as ones of the life; without one, takes them out.
local function store(life)
  for i = 2, #KEYS do
    local record = ARGV[7 + i]
    if life and record ~= '' then
      redis.call('SET', KEYS[i], string.sub(record, 1, 2) .. life .. string.sub(record, 11), 'EX', ttl)
    else
      redis.call('DEL', KEYS[i])
    end
  end
end

local user = read()

if happened == 'open' then
  return {user and redis.call('GET', user_key) or write(begin(nonce, 0, 0)), 0}
elseif happened == 'renew' then
  if not user or user.life ~= CLOSED then
    user = begin(nonce, 0, 0)
  end
  return {write(user, user.life == CLOSED and math.max(redis.call('PTTL', user_key), 1) or nil), 0}
elseif happened == 'close' then
  return {write(begin(CLOSED, 0, 0), 1000 * ttl), 0}
elseif happened == 'fill' then
  if not user or user.life ~= ARGV[8] or user.life == CLOSED or epoch < user.epoch
    or (epoch == user.epoch and last < user.latest) then
    return {user and redis.call('GET', user_key) or '', 0}
  end
  local value
  if epoch > user.epoch then
    user = begin(user.epoch == 0 and user.life or nonce, epoch, last)
    value = write(user)
  elseif last > user.latest then
    user.latest = last
    value = write(user)
  elseif redis.call('PTTL', user_key) < 1000 * ttl then
    redis.call('PEXPIRE', user_key, 2000 * ttl)
  end
  store(user.life)
  return {value or redis.call('GET', user_key), 1}
end

-- A change. It always writes the user key, so that every process hears of it.
if user and user.life == CLOSED then
  store(nil)
  return {write(user, math.max(redis.call('PTTL', user_key), 1)), 0}
end
if user and epoch < user.epoch then
  store(nil)
  return {write(user), 0}
end
if not user or epoch > user.epoch then
  user = begin(user and user.epoch == 0 and user.life or nonce, epoch, last)
elseif first == 0 then
  user = begin(nonce, epoch, math.max(last, user.latest))
else
  tell(user, first, last)
  user.latest = math.max(user.latest, last)
  -- The missing one will not come any more: its process died, or knew no cache.
  if user.latest - user.told > BEHIND_MAX then
    user = begin(nonce, epoch, user.latest)
  end
end
-- A record that a later change may have made old is not stored, and what is there may be older than this change.
local stored = last >= user.latest
store(stored and user.life or nil)
return {write(user), stored and 1 or 0}
