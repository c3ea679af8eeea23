# flock(1): exclusive, shared, without waiting, through children and descriptors.
add() { for n in $(seq 40); do flock lock bash -c 'read -r x < count; echo $((x + 1)) > count'; done; }
echo 0 > count; add & add & wait; cat count
exec 9> other; flock 9; (flock -n 9 && echo same description); flock -n other echo no; echo $?
flock -s -n other echo no; echo $?; flock -u 9; flock -n other echo free
flock -s 9; flock -s -n other echo shared; flock -x -n other echo no; echo $?; exec 9>&-
flock -E 55 -n other -c 'flock -E 55 -n other true; echo $?'; flock -w 0.2 other echo waited
flock other -c 'sleep 0.5' & sleep 0.2; flock -w 0.1 other echo no; echo $?; flock -w 5 other echo got it; wait
