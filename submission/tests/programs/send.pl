# Perl's Net::SMTP: send.pl PORT starttls|tls CA USER PASSWORD FROM MESSAGE RECIPIENT...
use strict;
use warnings;
use Authen::SASL;
use IO::Socket::SSL;
use Net::SMTP;

my ($port, $encryption, $ca, $user, $password, $from, $message, @recipients) = @ARGV;
my %trust = (SSL_ca_file => $ca, SSL_verify_mode => SSL_VERIFY_PEER);
my $smtp = Net::SMTP->new("127.0.0.1", Port => $port, SSL => $encryption eq "tls" ? 1 : 0, %trust) or die "connect: $@\n";
sub wanted { my ($what, $good) = @_; $good or die "$what: " . $smtp->code . " " . $smtp->message; }
wanted("STARTTLS", $smtp->starttls(%trust)) if $encryption ne "tls";
wanted("AUTH", $smtp->auth($user, $password));
wanted("MAIL", $smtp->mail($from));
wanted("RCPT", $smtp->recipient($_)) for @recipients;
open(my $file, "<:raw", $message) or die "$message: $!\n";
wanted("DATA", $smtp->data);
$smtp->datasend($_) while <$file>;
wanted("end", $smtp->dataend);
$smtp->quit;
