-- Stores a todo unless what is held is newer, or the todo was removed.
-- KEYS[1]: todo:{id}   ARGV[1]: the value (codec.h)   ARGV[2]: seconds to live
-- Returns 1 when stored, 2 when the very same value is held already (it keeps its time to live), 0 when held back.
-- What is no string at all answers with an error table here, and is overwritten.
local held = redis.pcall('GET', KEYS[1])
if type(held) ~= 'string' then
  held = nil
end
if held == ARGV[1] then
  return 2
end
if held == 't1x' then
  return 0
end
-- Anything that is not a whole item of this format is overwritten. Versions are compared in halves, since a Lua
-- number holds 53 bits, and not as strings, whose order depends on the server's locale.
if held and #held > 68 and string.sub(held, 1, 3) == 't1i' then
  local flags, title, description = string.byte(held, 12), struct.unpack('>I4I4', held, 61)
  local length = 68 + title + 1
  if flags % 4 >= 2 then
    length = length + description + 1
  end
  if #held == length then
    local held_high, held_low = struct.unpack('>I4I4', held, 4)
    local high, low = struct.unpack('>I4I4', ARGV[1], 4)
    if held_high > high or (held_high == high and held_low > low) then
      return 0
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
