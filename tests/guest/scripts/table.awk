NR > 1 { s += $3; m[$2]++ }
END {
    printf "%.4f %d\n", s, NR
    for (i = 0; i < 8; i++) print sin(i), exp(i), log(i + 1), int(i / 3), substr("abcdef", i, 2)
}
