# timeout, nohup, setsid, nice, env, kill by name and group.
timeout 0.2 sleep 5; echo $?; timeout 5 true; echo $?; timeout --preserve-status 0.2 sleep 5; echo $?
timeout -s KILL 0.2 sleep 5; echo $?; timeout -s INT 0.2 sleep 5; echo $?
timeout 0.3 bash -c 'sleep 10 | sleep 11'; echo $?
nohup bash -c 'echo out; kill -HUP $$; echo survived' > out 2>/dev/null; cat out
setsid -w bash -c 'set -- $(cat /proc/$$/stat); [ $1 = $6 ] && echo leads a session'; echo $?
setsid -w bash -c 'exit 5'; echo $?
nice -n 5 nice; nice -n 7 bash -c 'nice; nice -n 3 nice'
bash -c 'exec -a marked-name sleep 20' & p=$!; sleep 0.3
cat /proc/$p/comm; tr '\0' ' ' < /proc/$p/cmdline; echo; kill $p; wait $p; echo $?
setsid bash -c 'sleep 20 & sleep 21 & echo $$ > leader; wait' & sleep 0.4
kill -TERM -- -$(cat leader); wait $!; sleep 0.3; kill -0 $(cat leader) 2>/dev/null; echo $?; rm leader
kill -l 9 15 34 64 | tr '\n' ' '; kill -l TERM; kill -l 137
sleep 10 & kill -s QUIT $!; wait $!; echo $?
stdbuf -oL bash -c 'echo line; echo buffered' | cat; prlimit --nofile=64:64 bash -c 'ulimit -n; ulimit -Hn'
