#!/usr/bin/perl
# What Perl's mail modules find in a message. In: a length of four octets and a message; out: a line of JSON.
# Where the length's highest bit is set, the name of the one configuration that is asked comes first.
use strict;
use warnings;
no warnings 'redefine';
use JSON::PP;

my @FIELDS = qw(From Sender Resent-From Resent-Sender);
my (%configs, @order);

# Declares a configuration, where its module is installed.
sub reads {
    my ($module, $how, $read) = @_;
    return unless eval "require $module; 1";
    my $version = eval { $module->VERSION } // 'unknown';
    my $name = "$module $version: $how";
    $configs{$name} = { about => { program => $module, version => "$version", how => $how }, read => $read };
    push @order, $name;
}

# The bodies of the originator fields, as Email::Simple cuts them.
sub bodies {
    my ($octets) = @_;
    require Email::Simple;
    my $message = Email::Simple->new($octets);
    return map { $message->header_raw($_) } @FIELDS;
}

sub decoded {
    my ($octets) = @_;
    require Encode;
    return map { eval { Encode::decode('MIME-Header', $_) } // () } bodies($octets);
}

reads('Email::Address', 'parse', sub { map { $_->address } map { Email::Address->parse($_) } bodies(@_) });
reads('Email::Address', 'decoded, then parse', sub { map { $_->address } map { Email::Address->parse($_) } decoded(@_) });
reads('Email::Address::XS', 'parse', sub { map { $_->address // () } map { Email::Address::XS->parse($_) } bodies(@_) });
reads('Email::Address::XS', 'parse_email_groups', sub {
    require Email::Address::XS;
    my @out;
    for my $body (bodies(@_)) {
        my @groups = Email::Address::XS::parse_email_groups($body);
        while (my ($name, $members) = splice @groups, 0, 2) { push @out, map { $_->address // () } @$members }
    }
    return @out;
});
reads('Mail::Address', 'parse', sub { map { $_->address } map { Mail::Address->parse($_) } bodies(@_) });
reads('Mail::Internet', 'head, then Mail::Address', sub {
    require Mail::Address;
    my @lines = split /(?<=\n)/, $_[0];
    my $head = Mail::Internet->new(\@lines)->head;
    return map { $_->address } map { Mail::Address->parse($_) } map { $head->get($_) } @FIELDS;
});
reads('Email::MIME', 'header_as_obj', sub {
    my $message = Email::MIME->new($_[0]);
    return map { $_->address // () } map { $_->addresses } map { $message->header_as_obj($_) } @FIELDS;
});
reads('Email::MIME', 'header_str, then Email::Address::XS', sub {
    require Email::Address::XS;
    my $message = Email::MIME->new($_[0]);
    return map { $_->address // () } map { Email::Address::XS->parse($_) } map { $message->header_str($_) } @FIELDS;
});
reads('Email::MIME', 'set anew and read again', sub {
    require Email::Address::XS;
    my $message = Email::MIME->new($_[0]);
    my $copy = Email::MIME->create(header_str => [map { my $f = $_; map { $f => $_ } $message->header_str($f) } @FIELDS, 'Subject']);
    my $again = Email::Simple->new($copy->as_string);
    return map { $_->address // () } map { Email::Address::XS->parse($_) } map { $again->header_raw($_) } @FIELDS;
});
reads('Mail::DKIM::Verifier', 'message_originator and message_sender', sub {
    my $dkim = Mail::DKIM::Verifier->new;
    (my $octets = $_[0]) =~ s/\r?\n/\r\n/g;
    $dkim->PRINT($octets);
    $dkim->CLOSE;
    return map { $_ ? $_->address // () : () } $dkim->message_originator, $dkim->message_sender;
});
reads('Mail::DMARC::PurePerl', 'domain of header_from_raw', sub {
    my @out;
    my ($body) = bodies($_[0]) or return;
    # The domains of the run stand in no list of suffixes.
    local *Mail::DMARC::Base::is_valid_domain = sub { 1 };
    local *Mail::DMARC::is_valid_domain = sub { 1 };
    my $dmarc = Mail::DMARC::PurePerl->new;
    $dmarc->header_from_raw("From: $body");
    return '*@' . $dmarc->get_from_dom;
});
reads('MIME::Parser', 'head, then Mail::Address', sub {
    require Mail::Address;
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    my $head = $parser->parse_data($_[0])->head;
    return map { $_->address } map { Mail::Address->parse($_) } map { $head->get_all($_) } @FIELDS;
});
for my $get ('study', 'get') {
    reads('Mail::Message', "$get, addresses", sub {
        my $message = Mail::Message->read($_[0]);
        my $head = $message->head;
        return map { $_->address // () } map { $_->addresses } grep { $_ }
            map { $get eq 'study' ? $head->study($_) : $head->get($_) } @FIELDS;
    });
}
reads('Mail::SpamAssassin', 'From:addr, Sender:addr, Resent-From:addr', sub {
    require Mail::SpamAssassin::PerMsgStatus;
    our $assassin //= Mail::SpamAssassin->new({ local_tests_only => 1, dont_copy_prefs => 1, config_text => '' });
    my $message = $assassin->parse([split /(?<=\n)/, $_[0]], 0);
    my $status = Mail::SpamAssassin::PerMsgStatus->new($assassin, $message);
    my @found = map { $status->get("$_:addr") } @FIELDS;
    $message->finish;
    return grep { defined } @found;
});

sub answer {
    my ($octets, $only) = @_;
    my %said;
    for my $name (defined $only ? $only : @order) {
        my @found = eval { local $SIG{__WARN__} = sub { }; $configs{$name}{read}->($octets) };
        my %seen;
        @found = grep { defined && /\@/ && !$seen{$_}++ } @found;
        $said{$name} = \@found if @found;
    }
    return \%said;
}

binmode STDIN;
open my $out, '>&', \*STDOUT or die;
# What a module prints must not come between the answers.
open STDOUT, '>&', \*STDERR;
$out->autoflush(1);
my $json = JSON::PP->new->ascii->canonical;
eval { require JSON::XS; $json = JSON::XS->new->ascii->canonical };
print $out $json->encode({ asks_one => JSON::PP::true(), configs => { map { $_ => $configs{$_}{about} } @order } }), "\n";
while (read(STDIN, my $length, 4) == 4) {
    $length = unpack 'N', $length;
    my $only;
    if ($length & 0x80000000) {
        read(STDIN, my $size, 2);
        read(STDIN, $only, unpack 'n', $size);
    }
    read(STDIN, my $octets, $length & 0x7fffffff);
    print $out $json->encode(answer($octets, $only)), "\n";
}
