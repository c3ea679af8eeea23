use strict; use warnings;
my %seen; my $lines = 0;
open my $in, '<', $ARGV[0] or die "no file: $!";
while (<$in>) { $lines++; $seen{$_}++ for split; }
close $in;
printf "%d lines, %d words\n", $lines, scalar keys %seen;
print join(" ", (sort { $seen{$b} <=> $seen{$a} || $a cmp $b } keys %seen)[0 .. 9]), "\n";
my $s = "2026-11-22T10:20:30"; my @f = $s =~ /(\d+)/g; print "@f\n";
printf "%.15g %e %s\n", 1/3, 6.02214076e23, 10 ** 15 + 0.5;
print pack("nNv", 1, 2, 3) eq "\0\1\0\0\0\2\3\0" ? "packed\n" : "wrong\n";
(my $t = "hello world") =~ tr/a-y/b-z/; print "$t\n"; print scalar reverse("stressed"), "\n";
