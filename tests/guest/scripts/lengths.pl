while (<>) { $h{length $_}++ for split }
print "$_ $h{$_}\n" for sort { $a <=> $b } keys %h;
