# find -exec, xargs with parallel children.
find dir -type f -name 'entry-00*' -exec basename {} \; | sort
find dir -type f -exec cat {} + | wc -c
find dir -maxdepth 1 -type d -execdir echo in {} \; | sort
find dir -name '*.c' -exec grep -q main {} \; -print; find dir -name '*.c' -exec false {} \; -print
find dir/many -type f -print0 | xargs -0 -n 7 -P 2 ls -1 | sort | md5sum
seq 40 | xargs -n 3 -P 4 bash -c 'echo $#: $*' _ | sort
printf 'a b\nc\n' | xargs -I {} echo "<{}>"; printf '1\n2\n3' | xargs -n1 bash -c 'exit $((1 - $0 % 2))'; echo $?
echo 1 | xargs bash -c 'exit 255'; echo $?; echo x | xargs no-such 2>/dev/null; echo $?; xargs bash -c 'kill -9 $$' </dev/null 2>/dev/null; echo $?
seq 2000 | xargs -s 1000 echo | wc -l; xargs -a sorted.txt -L 50 echo | wc -l
find dir -type f -size +10k -exec sh -c 'for f; do wc -c < "$f"; done' _ {} +
find . -name '*.txt' -newer empty | sort; ls dir/many | xargs -P 3 -n 10 printf '%s ' | wc -w
