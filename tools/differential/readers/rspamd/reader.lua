-- What rspamd finds in a message; `rspamadm lua` runs it. In: a length of four octets and a message; out: a line of JSON.
local rspamd_task = require "rspamd_task"
local ucl = require "ucl"
local version = rspamd_version and rspamd_version('main') or 'unknown'

local ways = {
  ["get_from, mime"] = function(task)
    local out = {}
    for _, one in ipairs(task:get_from('mime') or {}) do out[#out + 1] = one.addr end
    return out
  end,
  ["util.parse_mail_address of every field"] = function(task)
    local util = require "rspamd_util"
    local out = {}
    for _, name in ipairs({ 'From', 'Sender', 'Resent-From', 'Resent-Sender' }) do
      for _, header in ipairs(task:get_header_full(name) or {}) do
        for _, text in ipairs({ header.value or '', header.decoded or '' }) do
          for _, one in ipairs(util.parse_mail_address(text, task:get_mempool(), 100) or {}) do out[#out + 1] = one.addr end
        end
      end
    end
    return out
  end,
}

local function name(how) return 'rspamd ' .. version .. ': ' .. how end
local configs = {}
for how in pairs(ways) do configs[name(how)] = { program = 'rspamd', version = version, how = how } end
local function say(value)
  io.stdout:write(ucl.to_format(value, 'json-compact'), '\n')
  io.stdout:flush()
end

say({ configs = configs })
while true do
  local length = io.stdin:read(4)
  if not length or #length < 4 then break end
  local a, b, c, d = length:byte(1, 4)
  local octets = io.stdin:read(((a * 256 + b) * 256 + c) * 256 + d)
  local loaded, task = rspamd_task.load_from_string(octets, rspamd_config)
  local said = {}
  if loaded and task then
    task:process_message()
    for how, read in pairs(ways) do
      local good, found = pcall(read, task)
      if good and #found > 0 then said[name(how)] = found end
    end
    task:destroy()
  end
  if next(said) then say(said) else io.stdout:write('{}\n') io.stdout:flush() end
end
