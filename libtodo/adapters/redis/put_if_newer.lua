-- Stores an item or a floor (codec.h) unless what is held is newer.
-- KEYS[1]: todo:{id}   ARGV[1]: the value   ARGV[2]: seconds to live
-- Returns 1 when stored, 2 when the very same value is held already (it keeps its time to live), 0 when held back.

-- The version of a value in two halves, since a Lua number holds 53 bits (and strings compare by the server's locale),
-- and whether it is a floor. Nothing for what is not a whole value of this format.
local function read(value)
  local kind = string.sub(value, 1, 3)
  if kind == 't2x' and #value == 11 then
    local high, low = struct.unpack('>I4I4', value, 4)
    return high, low, true
  end
  if kind ~= 't2i' or #value <= 84 then
    return nil
  end
  local title, description = struct.unpack('>I4I4', value, 77)
  local length = 84 + title + 1
  if string.byte(value, 20) % 4 >= 2 then
    length = length + description + 1
  end
  if #value ~= length then
    return nil
  end
  local high, low = struct.unpack('>I4I4', value, 4)
  return high, low, false
end

-- What is no string at all answers with an error table here, and is overwritten.
local held = redis.pcall('GET', KEYS[1])
if held == ARGV[1] then
  return 2
end
if type(held) == 'string' then
  local held_high, held_low, held_is_floor = read(held)
  if held_high then
    local high, low, is_floor = read(ARGV[1])
    if held_high > high or (held_high == high and held_low > low) then
      return 0
    end
    -- An item tells more than a floor of the same version.
    if held_high == high and held_low == low and is_floor and not held_is_floor then
      return 0
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
