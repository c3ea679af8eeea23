-- Strings: patterns, concatenation, formatting, sorting.
local state = 77
local function random(n)
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state // 256 % n
end
local last
for round = 1, tonumber(arg[1]) do
  local words, counts = {}, {}
  for i = 1, 400 do
    local w = string.char(97 + random(26), 97 + random(26)) .. random(30)
    words[#words + 1] = w
    counts[w] = (counts[w] or 0) + 1
  end
  table.sort(words)
  local text = table.concat(words, " ")
  local n = 0
  for letter, digits in text:gmatch("(%a+)(%d+)") do
    n = n + #letter * tonumber(digits)
  end
  text = text:gsub("%d", {["1"] = "one", ["2"] = "two"}):upper():reverse()
  last = string.format("%d %d %s %5.2f", n, #text, text:sub(1, 12), n / 7)
end
print(last)
