# xz with threads, and other compressors in parallel.
for n in 1 2 3 4 5 6; do cat words.txt noise.bin zeros.bin; done > big
xz -T2 --block-size=200KiB -k -c big | tee big.xz | sha256sum; xz -dc big.xz | cmp - big && echo same
xz -T4 -0 --block-size=100KiB -c big | xz -T2 -dc | cmp - big && echo same; xz -lv big.xz | grep -c CRC64
xz -T2 -kc big > 1 & gzip -nkc big > 2 & bzip2 -kc big > 3 & wait; sha256sum 1 2 3; rm 1 2 3 big big.xz
