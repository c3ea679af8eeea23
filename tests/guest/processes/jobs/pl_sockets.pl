# Perl: sockets of every family with forked servers, select, sockatmark-free messages, IPC::Open3.
use strict; use Socket; use IO::Socket::INET; use IO::Socket::UNIX; use IO::Select; use IPC::Open3; use Symbol 'gensym';
$| = 1;
my $l = IO::Socket::INET->new(Listen => 20, LocalAddr => "127.0.0.1", Proto => "tcp") or die; my $port = $l->sockport;
my $server = fork; if (!$server) { for (1 .. 6) { my $c = $l->accept; next if fork; while (<$c>) { print $c scalar reverse(chomp($_) ? $_ : ""), "\n" } exit } 1 while wait > 0; exit 2 }
my @out; for my $n (1 .. 6) { my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die; print $s "client $n\n"; push @out, scalar <$s>; close $s } print @out; waitpid $server, 0; print $? >> 8, "\n";
unlink "sock"; my $u = IO::Socket::UNIX->new(Local => "sock", Listen => 5) or die;
if (!fork) { my $c = IO::Socket::UNIX->new(Peer => "sock"); print $c "x" x 200000; exit } my $c = $u->accept; my $n = 0; $n += length while sysread $c, $_, 65536; print "$n\n"; wait; unlink "sock";
socketpair my $a, my $b, AF_UNIX, SOCK_DGRAM, 0; send $a, "one", 0; send $a, "two", 0; recv $b, my $m, 10, 0; print "$m "; recv $b, $m, 2, 0; print "$m\n";
my $sel = IO::Select->new; my @ends; for my $n (0 .. 9) { pipe my $r, my $w; $sel->add($r); push @ends, [$r, $w]; if (!fork) { select undef, undef, undef, 0.01 * (10 - $n); syswrite $w, $n; exit } }
my %got; while (keys %got < 10) { for my $r ($sel->can_read(10)) { sysread $r, my $d, 10; $got{$d} = 1; $sel->remove($r) } } print join(",", sort keys %got), "\n"; 1 while wait > 0;
my $err = gensym; my $pid = open3 my $in, my $o, $err, "bash", "-c", 'read x; echo "out $x"; echo "err $x" >&2; exit 4'; print $in "word\n"; close $in; print <$o>, <$err>; waitpid $pid, 0; print $? >> 8, "\n";
socket my $udp, PF_INET, SOCK_DGRAM, 0; bind $udp, sockaddr_in(0, INADDR_LOOPBACK); my ($p) = sockaddr_in getsockname $udp;
if (!fork) { socket my $q, PF_INET, SOCK_DGRAM, 0; send $q, "datagram $_", 0, sockaddr_in($p, INADDR_LOOPBACK) for 1 .. 3; exit } for (1 .. 3) { recv $udp, my $d, 100, 0; print "$d\n" } wait;
my $bad = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 1); print defined $bad ? "connected\n" : $!{ECONNREFUSED} ? "refused\n" : "$!\n";
