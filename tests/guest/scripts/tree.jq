[.list[] | select(.n % 7 == 0) | {n, w: (.w | ascii_upcase), r: (.x * 100 | floor)}]
| ., length, (map(.r) | add), (.[1] | keys)
