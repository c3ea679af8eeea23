"""The job list: command lines that must do the same under run32 as under the oracle.

Compared are standard output, exit status and every file left behind. `unordered` compares output
lines as a set, where a directory's own order shows. Each job runs in a fresh copy of the files that
`inputs.make_inputs` makes. The jobs of `PROCESSES` fork, execute other programs and start threads:
their oracle is `tools.qemu_root`.
"""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One command line; `status` is what the oracle must give, so that a job cannot rot."""

    name: str
    argv: tuple[str, ...]
    stdin: str = ""
    """Name of the input file on standard input, "" for none."""
    status: int = 0
    unordered: bool = False
    silent: bool = False
    """Whether no output at all is what is expected (the files left behind are compared)."""
    locale: str = "C"
    script: Path | None = None
    """A file that the directory has in addition, or a directory whose files it has."""
    wrong: tuple[tuple[str, str], ...] = ()
    """Where qemu-arm is wrong: what it prints, and what Linux does."""


MACHINE = (("armv7l", "armv8l"),)
"""qemu-arm, whose CPU has the ARMv8 additions, too, names an older one."""


def job(name: str, command: str, *more: str, **options: object) -> Job:
    """A job from a shell-like command line; `more` are further arguments, taken as they are."""
    return Job(name, (*shlex.split(command), *more), **options)  # type: ignore[arg-type]


def add_script(job: Job, directory: Path) -> None:
    """Put the job's own files into its directory."""
    if job.script is not None and job.script.is_dir():
        shutil.copytree(job.script, directory, dirs_exist_ok=True)
    elif job.script is not None:
        shutil.copy(job.script, directory)


BUSYBOX = [  # static: no loader, no shared library
    job("busybox-ls", "busybox ls -la dir/a dir/b dir/link"),
    job("busybox-awk", "busybox awk -f words.awk words.txt"),
    job("busybox-sh", "busybox sh arithmetic.sh"),
    job("busybox-sha256sum", "busybox sha256sum words.txt noise.bin zeros.bin empty"),
    job("busybox-md5sum", "busybox md5sum words.txt noise.bin zeros.bin"),
    job("busybox-gzip", "busybox gzip -c words.txt"),
    job("busybox-bzip2", "busybox bzip2 -c old.txt"),
    job("busybox-dc", "busybox dc -e", "20 k 2 v p 100 7 / p 3 40 ^ p"),
    job("busybox-xxd", "busybox xxd -l 200 noise.bin"),
    job("busybox-find", "busybox find dir -type f -size -2 -name *.*", unordered=True),
    job("busybox-cal", "busybox cal 2 2024"),
    job("busybox-uuencode", "busybox uuencode -m noise.bin noise"),
    job("busybox-tar", "busybox tar -cf out.tar dir/a dir/link no-newline", silent=True),
    job("busybox-sort", "busybox sort -k2,2 -u words.txt"),
    job("busybox-uname", "busybox uname -srm", wrong=MACHINE),
]  # fmt: skip

COREUTILS = [
    job("ls-long", "ls -lA --time-style=full-iso --color=never dir dir/a dir/b"),
    job("ls-sorted", "ls -1S dir/c dir/a words.txt noise.bin"),
    job("ls-many", "ls -U dir/many", unordered=True),
    job("ls-recursive", "ls -RF --group-directories-first dir"),
    job("ls-missing", "ls nowhere", status=2, silent=True),
    job("sort-numeric", "sort --parallel=1 -n numbers.txt"),
    job("sort-general", "sort --parallel=1 -t, -k3,3g -k2 table.csv"),
    job("sort-check", "sort --parallel=1 -c sorted.txt", silent=True),
    job("sort-small-buffer", "sort --parallel=1 -S 64k -r words.txt"),
    job("wc", "wc words.txt noise.bin empty no-newline"),
    job("wc-utf8", "wc -mLw utf8.txt", locale="C.UTF-8"),
    job("date-format", "date -u -d @1600000000", "+%F %T %A %j %V %s %N"),
    job("date-parse", "date -u -d", "2024-02-29 12:00 +1 month", "+%c"),
    job("date-2038", "date -u -d @4000000000 -Iseconds"),
    job("date-file", "date -u -r words.txt -R"),
    job("stat-format", "stat -c", "%n %s %f %F %h %A %a %Y %y", "words.txt", "dir",
        "dir/link", "empty"),
    job("stat-fs", "stat -f -c %l:%S ."),
    job("factor", "factor 1 97 1001 65537 4294967297 600851475143 18446744073709551615"),
    job("factor-big", "factor 170141183460469231731687303715884105727"),
    job("seq", "seq -w 8 0.5 12"),
    job("seq-big", "seq 99999999999999999990 3 100000000000000000010"),
    job("seq-float", "seq -f %.3e -1 0.1 1"),
    job("printf", "printf", "%5.2f|%-8s|%x|%o|%c|%q|%b|%'d\\n", "3.14159", "ab", "255", "8", "z",
        "a b$", "t\\tab", "1234567"),
    job("dd", "dd if=noise.bin of=out.bin bs=1000 skip=3 seek=2 count=7 conv=notrunc,swab",
        silent=True),
    job("dd-convert", "dd conv=ucase,block cbs=20", stdin="old.txt"),
    job("cksum", "cksum words.txt zeros.bin"),
    job("b2sum", "b2sum words.txt noise.bin empty"),
    job("sha512sum", "sha512sum noise.bin zeros.bin"),
    job("base64", "base64 noise.bin"),
    job("od", "od -A x -t x2z -t f4 -N 256 noise.bin"),
    job("cut", "cut -d, -f2- --output-delimiter=; table.csv"),
    job("tr", "tr a-m A-M", stdin="words.txt"),
    job("uniq", "uniq -c -w 2", stdin="sorted.txt"),
    job("join", "join -t, -1 2 -2 1 -o 1.1,2.1 table.csv sorted.txt", status=1),
    job("comm", "comm -3 old.txt sorted.txt", status=1),
    job("fmt", "fmt -w 40 old.txt"),
    job("nl-pr", "nl -ba -s: old.txt"),
    job("head-tail", "tail -n +1490 words.txt"),
    job("head-bytes", "head -c -39900 noise.bin"),
    job("tac", "tac crlf.txt"),
    job("split", "split -n 5 -d noise.bin part.", silent=True),
    job("csplit", "csplit -z old.txt 50 {3}"),
    job("shuf", "shuf --random-source=noise.bin -n 30 sorted.txt"),
    job("expr", "expr 1000000007 * 998244353 % 12345"),
    job("test", "test noise.bin -nt words.txt -a -s words.txt -a -L dir/link",
        silent=True),
    job("cp", "cp -a dir copy", silent=True),
    job("mv", "mv -v dir/a dir/b/moved"),
    job("rm", "rm -rv dir/many", unordered=True),
    job("ln", "ln -sv ../words.txt dir/words"),
    job("mkdir", "mkdir -vpm 750 one/two/three"),
    job("touch", "touch -d 2001-02-03T04:05:06 empty new-file", silent=True),
    job("chmod", "chmod -v u=rw,go= words.txt dir/b/script.sh"),
    job("truncate", "truncate -s 123456 words.txt", silent=True),
    job("du", "du --apparent-size -b dir/a dir/c/large"),
    job("readlink", "readlink -v dir/link dir/dangling"),
    job("realpath", "realpath --relative-to=dir words.txt dir/link"),
    job("id", "id -u"),
    job("uname", "uname -srm", wrong=MACHINE),
    job("env", "env", unordered=True),
    job("pathchk", "basename -s .txt -a words.txt dir/a/notes.txt"),
    job("numfmt", "numfmt --to=iec 1024 123456789 98765432101"),
    job("tsort", "tsort", stdin="old.txt", status=1),
    job("false", "false", status=1, silent=True),
]  # fmt: skip

TEXT_TOOLS = [
    job("grep-regex", "grep -nE", "^([a-z]+) .* \\1 ", "words.txt"),
    job("grep-pcre-jit", "grep -oP", "\\b(?=\\w*e)(?!\\w*a)\\w{5,}\\b", "words.txt"),
    job("grep-count", "grep -rc hello dir", unordered=True),
    job("grep-none", "grep zzzzzz words.txt", status=1, silent=True),
    job("grep-fixed", "grep -Fwo -f sorted.txt old.txt"),
    job("sed", "sed -n", "1~50{s/\\([a-z]*\\) \\([a-z]*\\)/\\2 \\1/;y/abc/xyz/;p}", "words.txt"),
    job("sed-in-place", "sed -i.bak -e /the/d -e", "s/o/0/g", "old.txt", silent=True),
    job("sed-program", "sed", "-e", ":a", "-e", "N;$!ba;s/\\n/|/g", "sorted.txt"),
    job("mawk", "mawk -F, -f table.awk table.csv"),
    job("mawk-sort", "mawk -f sort.awk old.txt"),
    job("find", "find dir -name [a-f]* -printf", "%p %s %y %m %d\\n", unordered=True),
    job("find-newer", "find dir -type f -newermt 2020-09-13 -size +10k", unordered=True),
    job("find-delete", "find dir/many -name *5 -delete", silent=True),
    job("diff", "diff -u --label old --label new old.txt new.txt", status=1),
    job("diff-side", "diff -y -W 60 --suppress-common-lines old.txt new.txt", status=1),
    job("diff-recursive", "diff -rq dir/a dir/b", status=1),
    job("cmp", "cmp -l noise.bin zeros.bin", status=1),
]  # fmt: skip

ARCHIVES = [
    job("tar-create", "tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner"
        " -cf out.tar dir", silent=True),
    job("tar-list", "tar -cvvf out.tar --numeric-owner --utc --sort=name --format=pax"
        " --pax-option=delete=atime,delete=ctime,exthdr.name=%d/%f words.txt dir/a dir/link"),
    job("gzip", "gzip -9nc words.txt"),
    job("gunzip-bad", "gzip -dc", stdin="noise.bin", status=1, silent=True),
    job("gzip-file", "gzip -nk zeros.bin", silent=True),
    job("bzip2", "bzip2 -kc words.txt"),
    job("xz", "xz -T1 -6kc words.txt"),
    job("xz-check", "xz -T1 --check=sha256 -0 -kc noise.bin"),
    job("file", "file -b words.txt noise.bin tree.json utf8.txt crlf.txt empty dir dir/b"),
    job("file-elf", "file -bL /usr/bin/file"),
    job("git-version", "git --version"),
    job("git-hash", "git hash-object --stdin", stdin="words.txt"),
    job("git-diff", "git --no-pager diff --no-index --no-color --stat=80 --patience"
        " old.txt new.txt", status=1),
]  # fmt: skip

KEY = "000102030405060708090a0b0c0d0e0f" * 2
IV = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
SALT = "0001020304050607"

LANGUAGES = [
    job("bash", "bash builtins.sh", status=7),
    job("bash-glob", "bash glob.sh"),
    job("bc", "bc -lq pi.bc"),
    job("bc-factorial", "bc -q factorial.bc"),
    job("jq", "jq -c -f tree.jq tree.json"),
    job("jq-sort", "jq -r", ".list | sort_by(.w) | .[:9][] | [.w, .n, .x] | @tsv, @json",
        "tree.json"),
    job("jq-error", "jq .list.bad tree.json", status=5, silent=True),
    job("sqlite3-memory", "sqlite3 :memory:", stdin="script.sql"),
    job("sqlite3-file", "sqlite3 -batch base.db", stdin="script.sql"),
    job("perl-script", "perl words.pl words.txt"),
    job("perl-lengths", "perl lengths.pl words.txt old.txt"),
    job("perl-modules", "perl modules.pl"),
    job("perl-bigint", "perl -Mbigint -e", "print 2 ** 300, qq{\\n}, 3 ** 200 % 1000007"),
    job("lua", "lua5.4 queens.lua"),
    job("openssl-sha", "openssl dgst -sha256 -r words.txt noise.bin"),
    job("openssl-sha3", "openssl dgst -sha3-256 -hmac key zeros.bin"),
    job("openssl-aes", f"openssl enc -aes-256-cbc -K {KEY} -iv {IV} -in words.txt"),
    job("openssl-chacha", f"openssl enc -chacha20 -K {KEY} -iv {IV} -a -in old.txt"),
    job("openssl-pbkdf", f"openssl enc -aes-128-ctr -pbkdf2 -iter 1000 -S {SALT}"
        " -k secret -in old.txt"),
    job("openssl-prime", "openssl prime -hex FFFFFFFFFFFFFFC5"),
]  # fmt: skip

PYTHON = [
    job("python-script", "python3.11 py_count.py words.txt"),
    job("python-version", "python3.11 py_version.py", wrong=MACHINE),
    *(
        job(f"python-{name}", f"python3.11 py_{name}.py", status=status)
        for name, status in [
            ("floats", 0), ("json", 0), ("hashlib", 0), ("mmap", 0), ("bigint", 0),
            ("directory", 0), ("select", 0), ("epoll", 0), ("regex", 0), ("decimal", 0),
            ("struct", 0), ("zlib", 0), ("datetime", 0), ("sqlite", 0), ("random", 0),
            ("exceptions", 3), ("ctypes", 0), ("unicode", 0), ("uncaught", 1), ("files", 0),
        ]
    ),
]  # fmt: skip

SCRIPTS = Path(__file__).parent / "processes/jobs"
INTERPRETERS = {".sh": "bash", ".py": "python3.11", ".pl": "perl"}
STATUS = {"traps.sh": 9, "subshells.sh": 11, "pl_forks.pl": 5}
WRONG = {
    "groups.sh": (("/usr/bin/qemu-arm /usr/bin/sleep marked-name", "marked-name"),),
}
"""What qemu-arm does differently from Linux, by script."""

PROCESSES = [
    Job(
        path.name.replace(".", "-"),
        (INTERPRETERS[path.suffix], path.name),
        status=STATUS.get(path.name, 0),
        script=path,
        wrong=WRONG.get(path.name, ()),
    )
    for path in sorted(SCRIPTS.iterdir())
]
PROCESSES += [Job("configure", ("bash", "configure.sh"), script=SCRIPTS.parent / "configure")]

JOBS = [*BUSYBOX, *COREUTILS, *TEXT_TOOLS, *ARCHIVES, *LANGUAGES, *PYTHON]
