-- Notes that todos of a user changed (notes.h). It always writes, so that everybody hears of it, and never goes back.
-- KEYS[1]: todo:user:{id}   ARGV[1]: the note   ARGV[2]: seconds to live
-- Returns 1.

-- What is no string at all answers with an error table here, and is overwritten; so is a note of another run.
local held, note = redis.pcall('GET', KEYS[1]), ARGV[1]
if type(held) == 'string' and #held == 18 and string.sub(held, 1, 2) == 'u1'
  and string.sub(held, 11) == string.sub(note, 11) then
  -- The position in two halves, since a Lua number holds 53 bits.
  local held_high, held_low = struct.unpack('>I4I4', held, 3)
  local high, low = struct.unpack('>I4I4', note, 3)
  if held_high > high or (held_high == high and held_low > low) then
    -- What stands for no position at all keeps its time to live, or no later position would ever count.
    if held_high == 2147483647 then
      redis.call('SET', KEYS[1], held, 'PX', math.max(redis.call('PTTL', KEYS[1]), 1))
      return 1
    end
    note = held
  end
end
redis.call('SET', KEYS[1], note, 'EX', ARGV[2])
return 1
