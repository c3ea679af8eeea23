# Subshells, functions, exit statuses, exec, environment of children.
(exit 42); echo $?; ! false; echo $?; { (exit 3); }; echo $?
false || (exit 9) && echo no; echo $?
v=1; (v=2; echo $v); echo $v; export E=env; bash -c 'echo $E $SHLVL'; E=other bash -c 'echo $E'; echo $E
(cd dir; pwd | sed 's/.*\///'); pwd | grep -c '/dir$'
env -i A=1 B="2 3" env | sort; env -u E bash -c 'echo ${E-unset}'
(exec -a name bash -c 'echo $0'); (exec true); echo $?
/nowhere/x 2>/dev/null; echo $?; ./words.txt 2>/dev/null; echo $?; no-such-program 2>/dev/null; echo $?; ./dir 2>/dev/null; echo $?
printf '#!/bin/sh\necho "script $0 $*"; exit 6\n' > s; chmod +x s; ./s a 'b c'; echo $?
printf '#!/usr/bin/env -S bash -u\necho $0 $1\n' > t; chmod +x t; ./t x
printf '#!/nowhere/interpreter\n' > u; chmod +x u; ./u 2>/dev/null; echo $?
printf 'echo no first line $1\n' > w; chmod +x w; ./w yes
f() { local x=$1; ((x > 0)) && f $((x - 1)); return $((x + 10)); }; f 5; echo $?
ulimit -S -n 100; ulimit -n; (ulimit -n 20; ulimit -n; bash -c 'ulimit -n'); ulimit -n
umask 027; touch masked; mkdir maskdir; stat -c '%a %n' masked maskdir; umask -S
sh -c 'echo $0 $1 $#' zero one two; sh -c 'exit 300'; echo $?; echo 'exit 8' | sh; echo $?
times > /dev/null; echo $?; (sleep 0.1 & wait); echo $BASHPID $$ | awk '{print $1 == $2}'
bash -c 'ulimit -f 1; head -c 100000 /dev/zero > big' 2>/dev/null; stat -c %s big
set -- $(bash -c 'echo $PPID' | cat); [ $1 = $$ ]; echo $?
exec bash -c 'echo replaced; exit 11'
