-- Tables, closures, metatables, integer and float arithmetic.
local Point = {}
Point.__index = Point
Point.__add = function(a, b) return Point.new(a.x + b.x, a.y + b.y) end
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:norm() return self.x * self.x + self.y * self.y end

local function queens(n)
  local count, cols, up, down = 0, {}, {}, {}
  local function place(row)
    if row > n then count = count + 1 return end
    for c = 1, n do
      if not cols[c] and not up[row + c] and not down[row - c] then
        cols[c], up[row + c], down[row - c] = true, true, true
        place(row + 1)
        cols[c], up[row + c], down[row - c] = nil, nil, nil
      end
    end
  end
  place(1)
  return count
end

local total, sum = 0, Point.new(0, 0)
for round = 1, tonumber(arg[1]) do
  for i = 1, 1500 do
    sum = sum + Point.new(i / 3, round % 7)
    total = total + sum:norm() % 11
  end
  total = total + queens(6)
end
print(string.format("%.6f %.6f", total, sum.x))
