# Regular expressions: matches, captures, substitutions.
use strict;
my @lines = map { sprintf 'user%d@host%d.example.org: %d bytes in 0.%03d s', $_ * 7 % 31, $_ % 9, $_ * 7919 % 100003, $_ * 13 % 1000 } 1 .. 200;
my ($bytes, $text);
for my $round (1 .. $ARGV[0]) {
    my %by;
    $bytes = 0;
    for (@lines) {
        next unless /^(\w+?)(\d+)@([\w.]+): (\d+) bytes in (\d+\.\d+) s$/;
        $by{$3} += $4, $bytes += $4 if $5 > 0.1;
    }
    $text = join ' ', map { "$_=$by{$_}" } sort keys %by;
    $text =~ s/host(\d)/"h" . ($1 + 1)/ge;
    $text =~ tr/a-y/b-z/;
    my $count = () = $text =~ /(?:[aeiou]\w){2,}/g;
    $bytes += $count;
}
print "$bytes $text\n";
