import collections
import sys

counts = collections.Counter(open(sys.argv[1]).read().split())
for word, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]:
    print(f"{n:5} {word}")
