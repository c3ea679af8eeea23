local function queens(n)
  local found, cols, up, down = 0, {}, {}, {}
  local function place(row)
    if row > n then found = found + 1 return end
    for c = 1, n do
      if not (cols[c] or up[row + c] or down[row - c + n]) then
        cols[c], up[row + c], down[row - c + n] = true, true, true
        place(row + 1)
        cols[c], up[row + c], down[row - c + n] = false, false, false
      end
    end
  end
  place(1)
  return found
end
print(queens(6), string.format("%.12g %s %x", math.pi * 1e10, ("ab"):rep(3), 0xdeadbeef))
print(("the quick brown fox"):gsub("%w+", string.upper))
print(1 // 3, -7 // 2, -7 % 3, 7.5 // 2, 2^53, 1e308 * 10, math.mininteger)
