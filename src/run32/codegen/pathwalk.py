"""Following symbolic links below the root directory, as LLVM IR text: `path_walk`.

It does what `kernel.paths.Paths._walk` does, name by name: `path_walk(desk, path, nofollow, out)`
resolves an absolute guest path into `out` and returns that address, or 0 where Python has to look:
at the first thing that is missing or may not be read, at a name that is the host's (/proc, /dev,
/sys, also where a link leads there), and where a path becomes long. `nofollow` other than 0: a link
in the last place is meant itself.

In `pathcode`'s notation; the variables are stack slots, which LLVM turns into registers.
"""

TEXT = """
define private i64 @path_length(ptr %from) #0 {
entry:
  br label %each
each:
  %i = phi i64 [ 0, %entry ], [ %i2, %each ]
  %sp = getelementptr i8, ptr %from, i64 %i
  %c = load i8, ptr %sp, align 1
  %i2 = add i64 %i, 1
  %end = icmp eq i8 %c, 0
  br i1 %end, label %done, label %each
done:
  ret i64 %i
}

define private void @path_bytes(ptr %to, ptr %from, i64 %n) #0 {
entry:
  br label %each
each:
  %i = phi i64 [ 0, %entry ], [ %i2, %each ]
  %sp = getelementptr i8, ptr %from, i64 %i
  %tp = getelementptr i8, ptr %to, i64 %i
  %c = load i8, ptr %sp, align 1
  store i8 %c, ptr %tp, align 1
  %i2 = add i64 %i, 1
  %more = icmp ult i64 %i2, %n
  br i1 %more, label %each, label %done
done:
  ret void
}

define private i64 @path_text(ptr %to, ptr %from) #0 {
  %n = call i64 @path_length(ptr %from)
  %with_end = add i64 %n, 1
  call void @path_bytes(ptr %to, ptr %from, i64 %with_end)
  ret i64 %n
}

define private i1 @path_is_last(ptr %from) #0 {
entry:
  br label %each
each:
  %p = phi ptr [ %from, %entry ], [ %next, %skip ]
  %c = load i8, ptr %p, align 1
  %next = getelementptr i8, ptr %p, i64 1
  %n = load i8, ptr %next, align 1
  switch i8 %c, label %no [ i8 0, label %yes i8 47, label %skip i8 46, label %dot ]
dot:
  switch i8 %n, label %no [ i8 0, label %yes i8 47, label %skip ]
skip:
  br label %each
yes:
  ret i1 true
no:
  ret i1 false
}

define private i64 @path_walk(ptr %desk, ptr %path, i64 %nofollow, ptr %out) #0 {
entry:
  %a = alloca [$LONG x i8], align 8
  %b = alloca [$LONG x i8], align 8
  %link = alloca [$LINK x i8], align 8
  %restv = alloca ptr, align 8
  %freev = alloca ptr, align 8
  %usedv = alloca ptr, align 8
  %endv = alloca i64, align 8
  %linksv = alloca i64, align 8
  %root = getelementptr i8, ptr %desk, i64 $ROOT
  %np = getelementptr i8, ptr %desk, i64 8
  %n32 = load i32, ptr %np, align 4
  %bottom = zext i32 %n32 to i64
  %copied = call i64 @path_text(ptr %out, ptr %root)
  %whole = icmp eq i64 %copied, %bottom
  store ptr %path, ptr %restv, align 8
  store ptr %a, ptr %freev, align 8
  store ptr %b, ptr %usedv, align 8
  store i64 %bottom, ptr %endv, align 8
  store i64 0, ptr %linksv, align 8
  %length = call i64 @path_length(ptr %path)
  %tail = getelementptr i8, ptr %path, i64 %length
  %tail1 = getelementptr i8, ptr %tail, i64 -1
  %tail2 = getelementptr i8, ptr %tail, i64 -2
  %last1 = load i8, ptr %tail1, align 1
  %last2 = load i8, ptr %tail2, align 1
  %slash1 = icmp eq i8 %last1, 47
  %slash2 = icmp eq i8 %last2, 47
  %dotted = icmp eq i8 %last1, 46
  %slash3 = and i1 %slash2, %dotted
  %slash = or i1 %slash1, %slash3
  %asked = icmp eq i64 %nofollow, 0
  %follow = or i1 %asked, %slash
  %link64 = ptrtoint ptr %link to i64
  %out64 = ptrtoint ptr %out to i64
  br i1 %whole, label %loop, label %python
python:
  ret i64 0
loop:
  %rest = load ptr, ptr %restv, align 8
  %end = load i64, ptr %endv, align 8
  %c = load i8, ptr %rest, align 1
  %rest1 = getelementptr i8, ptr %rest, i64 1
  switch i8 %c, label %name [ i8 0, label %finish i8 47, label %sep ]
sep:
  store ptr %rest1, ptr %restv, align 8
  br label %loop
name:
  %e = phi ptr [ %rest, %loop ], [ %e1, %name ]
  %e1 = getelementptr i8, ptr %e, i64 1
  %ec = load i8, ptr %e1, align 1
  %ends0 = icmp eq i8 %ec, 0
  %ends47 = icmp eq i8 %ec, 47
  %ends = or i1 %ends0, %ends47
  br i1 %ends, label %named, label %name
named:
  store ptr %e1, ptr %restv, align 8
  %e64 = ptrtoint ptr %e1 to i64
  %rest64 = ptrtoint ptr %rest to i64
  %n = sub i64 %e64, %rest64
  %c1 = load i8, ptr %rest1, align 1
  %isdot = icmp eq i8 %c, 46
  %isdot1 = icmp eq i8 %c1, 46
  %one = icmp eq i64 %n, 1
  %two = icmp eq i64 %n, 2
  %here = and i1 %isdot, %one
  %up1 = and i1 %isdot, %two
  %up = and i1 %up1, %isdot1
  br i1 %here, label %loop, label %notdot
notdot:
  br i1 %up, label %pop, label %enter
pop:
  %pe = phi i64 [ %end, %notdot ], [ %pe2, %popped ]
  %low = icmp ule i64 %pe, %bottom
  br i1 %low, label %floor, label %popped
popped:
  %pe2 = sub i64 %pe, 1
  %pp = getelementptr i8, ptr %out, i64 %pe2
  %pc = load i8, ptr %pp, align 1
  %pslash = icmp eq i8 %pc, 47
  br i1 %pslash, label %cut, label %pop
cut:
  store i64 %pe2, ptr %endv, align 8
  br label %loop
floor:
  store i64 %bottom, ptr %endv, align 8
  br label %loop
enter:
  %w = load i32, ptr %rest, align 1
  %w3 = and i32 %w, 16777215
  %isproc = icmp eq i32 %w, $PROC
  %isdev = icmp eq i32 %w3, $DEV
  %issys = icmp eq i32 %w3, $SYS
  %three = icmp eq i64 %n, 3
  %four = icmp eq i64 %n, 4
  %host4 = and i1 %isproc, %four
  %host3 = or i1 %isdev, %issys
  %host3n = and i1 %host3, %three
  %host = or i1 %host4, %host3n
  %top = icmp eq i64 %end, %bottom
  %leaves = and i1 %host, %top
  %sum = add i64 %end, %n
  %wide = icmp ugt i64 %sum, $WIDEST
  %away = or i1 %leaves, %wide
  br i1 %away, label %python, label %append
append:
  %ap = getelementptr i8, ptr %out, i64 %end
  store i8 47, ptr %ap, align 1
  %ap1 = getelementptr i8, ptr %ap, i64 1
  call void @path_bytes(ptr %ap1, ptr %rest, i64 %n)
  %end1 = add i64 %sum, 1
  %ap2 = getelementptr i8, ptr %out, i64 %end1
  store i8 0, ptr %ap2, align 1
  %last = call i1 @path_is_last(ptr %e1)
  %keep = xor i1 %follow, true
  %itself = and i1 %last, %keep
  br i1 %itself, label %accept, label %read
accept:
  store i64 %end1, ptr %endv, align 8
  br label %loop
read:
  %r = RAW(readlinkat, $AT_FDCWD, %out64, %link64, $LINKMAX)
  %plain = icmp eq i64 %r, -$EINVAL
  br i1 %plain, label %accept, label %linked
linked:
  %links = load i64, ptr %linksv, align 8
  %links1 = add i64 %links, 1
  store i64 %links1, ptr %linksv, align 8
  %many = icmp ugt i64 %links1, 40
  %none = icmp slt i64 %r, 1
  %full = icmp sge i64 %r, $LINKMAX
  %bad1 = or i1 %many, %none
  %bad2 = or i1 %bad1, %full
  br i1 %bad2, label %python, label %compose
compose:
  %more = call i64 @path_length(ptr %e1)
  %total = add i64 %more, %r
  %over = icmp ugt i64 %total, $LONGEST
  br i1 %over, label %python, label %join
join:
  %free = load ptr, ptr %freev, align 8
  %used = load ptr, ptr %usedv, align 8
  call void @path_bytes(ptr %free, ptr %link, i64 %r)
  %fp = getelementptr i8, ptr %free, i64 %r
  %copied2 = call i64 @path_text(ptr %fp, ptr %e1)
  %pad = getelementptr i8, ptr %fp, i64 %copied2
  store i64 0, ptr %pad, align 1
  store ptr %free, ptr %restv, align 8
  store ptr %free, ptr %usedv, align 8
  store ptr %used, ptr %freev, align 8
  %l0 = load i8, ptr %link, align 1
  %fromtop = icmp eq i8 %l0, 47
  %end2 = select i1 %fromtop, i64 %bottom, i64 %end
  store i64 %end2, ptr %endv, align 8
  br label %loop
finish:
  %fend = load i64, ptr %endv, align 8
  %fempty = icmp eq i64 %fend, %bottom
  %fslash = or i1 %fempty, %slash
  %zp = getelementptr i8, ptr %out, i64 %fend
  %zc = select i1 %fslash, i8 47, i8 0
  store i8 %zc, ptr %zp, align 1
  %zp1 = getelementptr i8, ptr %zp, i64 1
  store i8 0, ptr %zp1, align 1
  ret i64 %out64
}
"""

LINK, LONG = 1024, 2304
OUT = 2304
"""Bytes that `out` must have."""
CONSTANTS = {
    "LINK": LINK + 8,
    "LINKMAX": LINK,
    "LONG": LONG,
    "LONGEST": LONG - 16,
    "WIDEST": OUT - 16,
    "EINVAL": 22,
}
