import random
import statistics

r = random.Random(42)
v = [r.gauss(0, 1) for _ in range(500)]
print(statistics.mean(v), statistics.stdev(v), r.sample(range(10**9), 5), r.random().hex())
