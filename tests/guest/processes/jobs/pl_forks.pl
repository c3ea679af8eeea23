# Perl: forks, pipes, signals, wait in every form, locks, exec.
use strict; use POSIX qw(:sys_wait_h :signal_h); use Fcntl qw(:flock); use Time::HiRes qw(sleep ualarm);
$| = 1;
my %kids; for my $n (1 .. 8) { my $p = fork // die; if (!$p) { sleep 0.01 * (9 - $n); POSIX::_exit($n) } $kids{$p} = $n }
my $sum = 0; while ((my $p = waitpid -1, 0) > 0) { $sum += $? >> 8; print "bad\n" if $? >> 8 != $kids{$p} } print "$sum\n";
pipe my $r, my $w; for my $n (1 .. 5) { if (!fork) { close $r; syswrite $w, sprintf "%04d\n", $n for 1 .. 100; exit } }
close $w; my %seen; $seen{$_ + 0}++ while <$r>; print join(" ", map "$_:$seen{$_}", sort keys %seen), "\n"; 1 while wait > 0;
my $got = 0; $SIG{CHLD} = sub { while (waitpid(-1, WNOHANG) > 0) { $got++ } };
for (1 .. 10) { exit 0 if !fork } for (1 .. 500) { last if $got == 10; sleep 0.01 } print "$got\n"; $SIG{CHLD} = "DEFAULT";
eval { local $SIG{ALRM} = sub { die "alarm\n" }; ualarm 50_000; sleep 20; }; print $@;
my @order; local $SIG{USR1} = sub { push @order, 1 }; local $SIG{USR2} = sub { push @order, 2 };
kill USR1 => $$; kill USR2 => $$; print "@order\n";
my $set = POSIX::SigSet->new(SIGUSR1); sigprocmask(SIG_BLOCK, $set); kill USR1 => $$; print scalar(@order), "\n"; sigprocmask(SIG_UNBLOCK, $set); print scalar(@order), "\n";
open my $c, ">", "count"; print $c 0; close $c;
for (1 .. 4) { next if fork; for (1 .. 25) { open my $f, "+<", "count"; flock $f, LOCK_EX; my $n = <$f>; seek $f, 0, 0; print $f $n + 1; close $f } exit }
1 while wait > 0; open $c, "<", "count"; print <$c>, "\n";
my $pid = open my $in, "-|"; if (!$pid) { print "from a child of open\n"; exit 6 } print <$in>; close $in; print $? >> 8, "\n";
open my $out, "|-", "tr a-z A-Z | sort" or die; print $out "b\na\n"; close $out; print $?, "\n";
print `echo \$((6 * 7)); kill -TERM \$\$`, $? & 127, "\n"; system { "bash" } "named", "-c", 'echo $0; exit 3'; print $? >> 8, "\n";
my $x = fork; if (!$x) { kill KILL => $$ } waitpid $x, 0; print WIFSIGNALED($?) ? WTERMSIG($?) : "no", "\n";
my $s = fork; if (!$s) { kill STOP => $$; exit 4 } waitpid $s, WUNTRACED; print WIFSTOPPED(${^CHILD_STATUS_NATIVE}) ? "stopped\n" : "no\n"; kill CONT => $s; waitpid $s, 0; print $? >> 8, "\n";
exec "bash", "-c", 'echo replaced $1; exit 5', "_", "perl";
