import os

print(sorted(os.listdir("dir/many"))[:5], len(os.listdir("dir/many")))
for e in sorted(os.scandir("dir"), key=lambda e: e.name):
    print(e.name, e.is_dir(), e.is_symlink(), e.stat(follow_symlinks=False).st_mtime_ns)
for p, d, f in sorted(os.walk("dir")):
    print(p, sorted(d), len(f))
s = os.stat("words.txt")
print(s.st_size, oct(s.st_mode), s.st_nlink, s.st_mtime)
os.mkdir("fresh")
os.rename("empty", "fresh/moved")
os.link("words.txt", "fresh/hard")
print(os.stat("words.txt").st_nlink, os.path.realpath("dir/link")[-15:])
