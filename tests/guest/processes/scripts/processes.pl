# Processes as Perl uses them.
$|=1;
my $pid=fork; if(!$pid){exit 3} waitpid $pid,0; print $?>>8,"\n";
print `echo backtick; exit 2`, $?>>8, "\n";
print system("sh","-c","exit 5")>>8, "\n"; print system("true; exit 6")>>8,"\n";
open(my $f,"-|","seq","3") or die; print <$f>; close $f;
open($f,"|-","tr a-z A-Z") or die; print $f "piped\n"; close $f;
pipe(my $r,my $w); if(!fork){close $r; print $w "via pipe\n"; exit} close $w; print <$r>; wait;
for my $i (1..5){ if(!fork){ select undef,undef,undef,0.01*$i; exit $i } } my @s; while((my $p=wait)>0){ push @s,$?>>8 } print "@{[sort @s]}\n";
$SIG{CHLD}=sub{ print "chld\n" }; if(!fork){exit} sleep 1; $SIG{CHLD}="DEFAULT"; wait;
$SIG{ALRM}=sub{die "alarm\n"}; eval{alarm 1; sleep 10}; print $@;
my $e=fork; exec "echo","execed" if !$e; waitpid $e,0;
my $x=system("/nonexistent"); print "$x ",$!+0,"\n";
use IPC::Open3; my $q=open3(my $in,my $out,undef,"cat"); print $in "open3\n"; close $in; print <$out>; waitpid $q,0;
print "done\n";
