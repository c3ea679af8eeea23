"""Programs that are executed by a process that had threads."""

import subprocess
import threading

for round_ in range(3):
    threads = [threading.Thread(target=sorted, args=([3, 1, 2],)) for _ in range(20)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    script = "for i in 1 2 3; do x=$(echo $i | sed s/2/two/); echo ${x/3/three}; done"
    for _ in range(4):
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        print(round_, done.returncode, done.stdout.split(), done.stderr)
