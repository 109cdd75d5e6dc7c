# Mail by the Perl programs: Email::MIME, Email::Stuffer, MIME::Lite, MIME::Entity, Mail::Box.
# usage: perl perlmail.pl OUT
use strict; use warnings; use utf8;
use Email::MIME; use Email::Stuffer; use MIME::Lite; use MIME::Entity; use Mail::Message; use Encode;
my $out = shift;
sub keep { my ($name, $path, $text) = @_;
  open my $f, '>:raw', "$out/$name.eml" or die; print $f (utf8::is_utf8($text) ? encode('UTF-8', $text) : $text); close $f;
  open my $p, '>:raw', "$out/$name.path" or die; print $p encode('UTF-8', $path); close $p; }

my %mime = (
  plain => ['info@sender.example'], name => ['Info Desk <info@sender.example>'], quoted => ['"Sender, Inc." <info@sender.example>'],
  utf8name => ['Jörg Müller <info@sender.example>'], quotedlocal => ['"john doe"@sender.example'],
  comment => ['info@sender.example (Info Desk)'], several => ['"Ann" <ann@sender.example>, "Bob, B." <bob@other.example>', Sender => 'ann@sender.example'],
  high => ['info@sender.example', 'X-Priority' => '1', 'Importance' => 'high'],
);
for my $case (sort keys %mime) {
  my ($from, @more) = @{$mime{$case}};
  my $mail = Email::MIME->create(header_str => [From => $from, @more, To => 'x@rcpt.example', Subject => 'Grüße'],
    attributes => { encoding => 'quoted-printable', charset => 'UTF-8' }, body_str => "Hällo\n");
  my $path = $case eq 'quotedlocal' ? '"john doe"@sender.example' : $case eq 'several' ? 'ann@sender.example' : 'info@sender.example';
  keep("email-mime-$case", $path, $mail->as_string);
}
keep('email-stuffer-name', 'info@sender.example', Email::Stuffer->from('Info Desk <info@sender.example>')->to('x@rcpt.example')
  ->subject('Grüße')->text_body("Hallo\n")->html_body('<p>x</p>')->as_string);
my $lite = MIME::Lite->new(From => '"Info Desk" <info@sender.example>', To => 'x@rcpt.example', Subject => 'Hello', Data => "Hello\n");
keep('mime-lite-name', 'info@sender.example', $lite->as_string);
my $lite8 = MIME::Lite->new(From => encode('ISO-8859-1', 'Jörg Müller') . ' <info@sender.example>', To => 'x@rcpt.example', Subject => 'Raw', Data => "x\n");
keep('mime-lite-raw8bit', 'info@sender.example', $lite8->as_string);
my $entity = MIME::Entity->build(From => 'Info Desk <info@sender.example>', Sender => 'bounce@sender.example', To => 'x@rcpt.example', Subject => 'x', Type => 'multipart/mixed', 'X-Priority' => '4 (Low)');
$entity->attach(Data => "Hello\n"); $entity->attach(Data => 'x' x 100, Type => 'application/octet-stream', Encoding => 'base64');
keep('mime-entity-low', 'info@sender.example', $entity->as_string);
my $built = Mail::Message->build(From => 'Ann Example <ann@sender.example>', To => 'x@rcpt.example', Subject => 'Hello', data => "Hello\n");
keep('mail-box-name', 'ann@sender.example', $built->string);
my $bounce = $built->bounce(From => 'Info Desk <info@other.example>', To => 'y@rcpt.example');
keep('mail-box-bounce', 'info@other.example', $bounce->string);
