# Named pipes: writers and readers that wait for each other, several writers, ends.
mkfifo a b; stat -c %F a
cat a > copy & seq 1000 > a; wait; md5sum < copy
(read -r x < a; echo "server: $x"; echo answer > b) & echo request > a; cat b; wait
for n in 1 2 3 4; do (for i in $(seq 25); do echo $n; done) > a & done
sort < a | uniq -c; wait
exec 4<> a; echo kept >&4; read -r x <&4; echo "$x"; read -t 0.1 x <&4; echo $(($? > 128)); exec 4>&-
(trap '' PIPE; exec 5> b; read -r x < a; echo more >&5 2>/dev/null; echo "write $?" > result) &
read -r nothing < b & sleep 0.2; kill $! ; wait $! 2>/dev/null; sleep 0.1; echo go > a; wait; cat result
tee a < sorted.txt > /dev/null & wc -l < a; wait
mkfifo -m 600 c; stat -c %a c; rm a b c
