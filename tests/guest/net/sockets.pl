use strict;
use Socket;
use IO::Socket::INET;
use IO::Select;

my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5, ReuseAddr => 1) or die $!;
my $port = $server->sockport;
my $pid = fork;
if (!$pid) {
    for (1 .. 3) {
        my $c = $server->accept;
        while (my $line = <$c>) { print $c scalar reverse($line =~ s/\n//r), "\n" }
        close $c;
    }
    exit 5;
}
for my $n (1 .. 3) {
    my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die $!;
    print $c "line $n\nmore\n";
    shutdown $c, 1;
    print <$c>;
}
waitpid $pid, 0;
print $? >> 8, "\n";
socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die $!;
syswrite $a, "pair";
my $s = IO::Select->new($b);
print scalar($s->can_read(1)), "\n";
sysread $b, my $data, 10;
print "$data\n";
my $u = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1");
send $u, "datagram", 0, $u->sockname;
my $from = recv $u, $data, 100, 0;
my ($p, $host) = sockaddr_in($from);
print "$data ", inet_ntoa($host), " ", $p == $u->sockport ? "same" : "other", "\n";
print unpack("i", getsockopt $u, SOL_SOCKET, SO_TYPE), "\n";
