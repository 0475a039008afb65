// The one script that several processes count limits with: it runs in Redis as a whole, by the clock of Redis.
import { redisScript } from '../../state/redis.ts';

/**
 * The last key holds the generation: a name that whoever finds none gives to all that is counted here. A process that knows
 * another one than what stands there is answered 2 and that, and nothing is done: what it counted has been forgotten.
 * Each operation begins with the generation that the process knows, and one to write where there is none.
 *
 * `take`: takes from every key, or from none. A key and six arguments for each:
 * - `r` rate: cost, emission, tolerance, ago, ahead, owed (microseconds): what the process knows of the key, which was `ahead`
 *   so long `ago`, and what it has let through since by itself
 * - `d` daily: cost, quota, process, used by it, the day of that, four beginnings of days (seconds, with commas)
 * - `c` concurrency: the most, place, lease (microseconds), 0, 0, 0
 * Answers 1 and the time, or 0 and for each key that lacks something its number, the wait (microseconds) and what remains.
 *
 * `peek`: the same keys and arguments, and what is used of each. `renew`: keys with place and lease, for those who are
 * still there. `beat`: one key with process and lease; answers how many processes there are.
 *
 * Numbers are written out: as text, Lua would round them to 14 digits.
 */
export const jointScript = redisScript(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local op = ARGV[1]
local generation = redis.call('SET', table.remove(KEYS), ARGV[3], 'NX', 'GET') or ARGV[3]
if op ~= 'peek' and generation ~= ARGV[2] then return { 2, generation } end

local function whole(number) return string.format('%.0f', number) end

local function hold(key, place, lease)
  redis.call('ZADD', key, whole(now + lease), place)
  redis.call('PEXPIRE', key, whole(math.ceil(lease / 500)))
end

if op == 'beat' then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now))
  hold(KEYS[1], ARGV[4], tonumber(ARGV[5]))
  return redis.call('ZCARD', KEYS[1])
end

if op == 'renew' then
  -- One that something else stands in keeps no other one from being renewed.
  for i, key in ipairs(KEYS) do pcall(hold, key, ARGV[2 + 2 * i], tonumber(ARGV[3 + 2 * i])) end
  return #KEYS
end

local function argument(i, n) return ARGV[3 + (i - 1) * 7 + n] end
local function number(i, n) return tonumber(argument(i, n)) end

local function today(i)
  local current, following
  for first in string.gmatch(argument(i, 7), '%d+') do
    local start = tonumber(first) * 1000000
    if current == nil or start <= now then current = start elseif following == nil then following = start end
  end
  return current, following or current + 86400000000
end

local function keep(key, tat)
  redis.call('SET', key, whole(tat), 'PX', whole(math.max(1, math.ceil((tat - now) / 1000))))
end

local function note(i, key, start, following, own)
  if redis.call('HGET', key, 'day') ~= whole(start) then
    redis.call('DEL', key)
    redis.call('HSET', key, 'day', whole(start))
  end
  redis.call('HSET', key, 'of ' .. argument(i, 4), whole(own))
  redis.call('EXPIREAT', key, whole(following / 1000000 + 3600))
end

local found, lacking = {}, {}
for i, key in ipairs(KEYS) do
  local kind = argument(i, 1)
  if kind == 'r' then
    local cost, emission, tolerance = number(i, 2), number(i, 3), number(i, 4)
    local ago, ahead, owed = number(i, 5), number(i, 6), number(i, 7)
    -- Further ahead than this is a key whose clock was ahead of this one.
    local latest = now + 2 * tolerance
    local tat = math.min(tonumber(redis.call('GET', key) or 0), latest)
    tat = math.min(math.max(tat, now - ago + ahead) + owed, latest)
    -- Whatever becomes of this call, the others are to know.
    if op == 'take' and ahead + owed > 0 and tat > now then keep(key, tat) end
    tat = math.max(tat, now)
    found[i] = tat
    local wait = tat + cost * emission - tolerance - now
    if op == 'take' and wait > 0 then
      lacking[#lacking + 1] = i
      lacking[#lacking + 1] = wait
      lacking[#lacking + 1] = math.max(0, math.floor((tolerance - (tat - now)) / emission))
    end
  elseif kind == 'd' then
    local start, following = today(i)
    local used, own = 0, 0
    if redis.call('HGET', key, 'day') == whole(start) then
      local fields = redis.call('HGETALL', key)
      for at = 1, #fields, 2 do
        if fields[at] == 'of ' .. argument(i, 4) then own = tonumber(fields[at + 1])
        elseif fields[at] ~= 'day' then used = used + tonumber(fields[at + 1]) end
      end
    end
    if op == 'take' and number(i, 6) * 1000000 == start and own < number(i, 5) then
      own = number(i, 5)
      note(i, key, start, following, own)
    end
    found[i] = { start = start, following = following, own = own, used = used + own }
    if op == 'take' and used + own + number(i, 2) > number(i, 3) then
      lacking[#lacking + 1] = i
      lacking[#lacking + 1] = following - now
      lacking[#lacking + 1] = math.max(0, number(i, 3) - used - own)
    end
  else
    redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now))
    found[i] = redis.call('ZCARD', key)
    if op == 'take' and found[i] >= number(i, 2) then
      lacking[#lacking + 1] = i
      lacking[#lacking + 1] = 0
      lacking[#lacking + 1] = 0
    end
  end
end

if op == 'peek' then
  local used = {}
  for i = 1, #KEYS do
    local kind = argument(i, 1)
    if kind == 'r' then used[i] = math.ceil((found[i] - now) / number(i, 3))
    elseif kind == 'd' then used[i] = found[i].used
    else used[i] = found[i] end
  end
  return used
end

if #lacking > 0 then
  table.insert(lacking, 1, 0)
  return lacking
end

for i, key in ipairs(KEYS) do
  local kind = argument(i, 1)
  if kind == 'r' then
    keep(key, found[i] + number(i, 2) * number(i, 3))
  elseif kind == 'd' then
    local day = found[i]
    note(i, key, day.start, day.following, day.own + number(i, 2))
  else
    hold(key, argument(i, 3), number(i, 4))
  end
end
return { 1 }
`);
