# Hashes, arrays, references, subroutines, string building.
use strict;
my ($state, $last) = (5, '');
sub random { $state = ($state * 1103515 + 12345) % 2147483647; return int($state / 64) % $_[0] }
sub depth { my ($tree) = @_; return 0 unless $tree; my ($l, $r) = (depth($tree->[0]), depth($tree->[1])); return 1 + ($l > $r ? $l : $r) }
for my $round (1 .. $ARGV[0]) {
    my (%count, $tree);
    for my $i (1 .. 300) {
        my $word = join '', map { chr(97 + random(5)) } 1 .. 3;
        $count{$word}{$i % 7} += $i;
        my $at = \$tree;
        $at = \$$at->[$word lt $$at->[2] ? 0 : 1] while $$at && length($$at->[2]);
        $$at = [undef, undef, $word];
    }
    my $sum = 0;
    for my $word (sort keys %count) {
        $sum = ($sum * 31 + $_ * $count{$word}{$_}) % 1000003 for sort { $a <=> $b } keys %{$count{$word}};
    }
    $last = sprintf '%d %d %d', $sum, scalar(keys %count), depth($tree);
}
print "$last\n";
