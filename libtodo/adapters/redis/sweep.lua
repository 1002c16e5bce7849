-- Counts what of KEYS is this library's (codec.h); with ARGV[1] = 'flush' it also takes the items out. A floor of its version
-- takes an item's place for the time that it had left, so that the older state that somebody is just reading stays out.
-- ARGV[2]: seconds to live of what has no end.
-- Returns the number of items, of floors, and the bytes of memory of both, which are 0 where that may not be asked.

local flush = ARGV[1] == 'flush'
local items, floors, bytes = 0, 0, 0

local function take_out(key, value)
  if type(value) ~= 'string' or string.sub(value, 1, 3) ~= 't2i' or #value <= 84 then
    redis.call('DEL', key)
    return
  end
  local left = redis.call('PTTL', key)
  if left <= 0 then
    left = 1000 * ARGV[2]
  end
  redis.call('SET', key, 't2x' .. string.sub(value, 4, 11), 'PX', left)
end

for _, key in ipairs(KEYS) do
  -- What is no string answers with an error table here: no item, but in the place of one.
  local value = redis.pcall('GET', key)
  local used = redis.pcall('MEMORY', 'USAGE', key)
  if type(used) == 'number' then
    bytes = bytes + used
  end
  if type(value) == 'string' and #value == 11 and string.sub(value, 1, 3) == 't2x' then
    floors = floors + 1
  elseif value then
    items = items + 1
    if flush then
      take_out(key, value)
    end
  end
end
return {items, floors, bytes}
