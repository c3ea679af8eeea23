{ n += NF; s[length($1)]++ }
END { print n, NR; for (i = 1; i < 12; i++) printf "%d:%d ", i, s[i] }
