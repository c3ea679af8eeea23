use List::Util qw(sum);
use POSIX;
use Data::Dumper;
$Data::Dumper::Sortkeys = 1;
print Dumper({a => [1, 2], b => sum(1 .. 100)});
$, = ' ';
print floor(-2.5), fmod(7, 3), strftime('%F', gmtime(86400 * 365)), 2 ** 70, 0.1 + 0.2, 1e16, qq{\n};
printf '%.17g', 0.1;
