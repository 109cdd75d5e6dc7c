#!/bin/sh
# Mail by the programs of the command line: swaks, sendEmail, git send-email, Mutt, NeoMutt, s-nail, GNU mail,
# mblaze, nmh. usage: shellmail.sh PORT OUT
set -u
port=$1; OUT=$(realpath "$2"); export OUT
here=$(realpath "$(dirname "$0")"); capture=$here/sendmail.sh
work=$(mktemp -d); export HOME="$work" EMAIL=info@sender.example; cd "$work" || exit 1
printf 'Hello\n' > body
export LC_ALL=C.UTF-8

swaks_() { name=$1; shift; swaks --server 127.0.0.1 --port "$port" --to "$name@rcpt.example" --hide-all "$@"; }
swaks_ swaks-plain --from info@sender.example
swaks_ swaks-name --from info@sender.example --h-From '"Info Desk" <info@sender.example>'
swaks_ swaks-comment --from info@sender.example --h-From 'info@sender.example (Info (of the) Desk)'
swaks_ swaks-null --from '<>' --h-From 'info@sender.example'
swaks_ swaks-quotedlocal --from '"john doe"@sender.example' --h-From '"john doe"@sender.example'
swaks_ swaks-priority --from info@sender.example --add-header 'X-Priority: 1 (Highest)' --add-header 'Importance: high'
swaks_ swaks-attach --from info@sender.example --attach-type text/plain --attach @body

sendemail -f 'Info Desk <info@sender.example>' -t sendemail-name@rcpt.example -u 'Hello' -m 'Hello' -s "127.0.0.1:$port" -o tls=no -q
sendemail -f 'info@sender.example' -t sendemail-priority@rcpt.example -u 'Hello' -m 'Hello' -s "127.0.0.1:$port" -o tls=no -q -o message-header='X-Priority: 5'

git init -q repo; cd repo || exit 1
commit() { git -c user.name="$1" -c user.email="$2" commit -q --allow-empty-message --allow-empty -m "Change" && echo x >> f && git add f && git -c user.name="$1" -c user.email="$2" commit -q -m "Änderung"; }
gitmail() { name=$1; from=$2; shift 2; git send-email --quiet --confirm=never --smtp-server=127.0.0.1 --smtp-server-port="$port" --to="$name@rcpt.example" --from="$from" "$@" -1 HEAD; }
commit 'Info Desk' info@sender.example
gitmail git-send-email-name 'Info Desk <info@sender.example>'
gitmail git-send-email-utf8name 'Jörg Müller <info@sender.example>'
gitmail git-send-email-quoted '"Sender, Inc." <info@sender.example>'
commit 'Ann Other' ann@other.example
gitmail git-send-email-onbehalf 'Info Desk <info@sender.example>'
cd ..

for mutt in mutt neomutt; do
  mutt_() { NAME=$1; export NAME; shift; $mutt -n -F /dev/null -e "set sendmail=\"$capture\"" -e 'set use_envelope_from=yes' -e 'set use_8bitmime=no' -e 'set hostname=sender.example' -e 'set copy=no' -s 'Grüße' "$@" -- x@rcpt.example < body; }
  mutt_ $mutt-name -e 'my_hdr From: Info Desk <info@sender.example>'
  mutt_ $mutt-quoted -e 'my_hdr From: "Sender, Inc." <info@sender.example>'
  mutt_ $mutt-utf8name -e 'set send_charset=iso-8859-1:utf-8' -e 'my_hdr From: Jörg Müller <info@sender.example>'
  mutt_ $mutt-idn -e 'my_hdr From: Jörg <info@bücher.example>'
  mutt_ $mutt-idn-utf8 -e 'set idn_encode=no' -e 'my_hdr From: Jörg <info@bücher.example>'
  mutt_ $mutt-sender -e 'my_hdr From: Ann <ann@sender.example>' -e 'my_hdr Sender: bob@sender.example' -e 'my_hdr X-Priority: 2'
  # Bounce: the message of a third person, resent with Resent-From.
  printf 'From third@other.example Mon Nov 23 08:00:00 2026\nFrom: Third <third@other.example>\nTo: ann@sender.example\nSubject: x\nDate: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <1@other.example>\n\nHello\n' > box
  NAME=$mutt-bounce; export NAME
  TERM=xterm timeout 10 script -qec "$mutt -n -F /dev/null -e 'set sendmail=\"$capture\"' -e 'set use_envelope_from=yes' -e 'set from=ann@sender.example' -e 'set realname=Ann' -e 'set bounce=yes' -e 'set folder=.' -e 'set record=' -e 'set quit=yes' -e 'set edit_headers=no' -e 'set hostname=sender.example' -e 'push bx@rcpt.example<enter>y<quit>' -f box" /dev/null > /dev/null 2>&1 < /dev/null
done

NAME=s-nail-name; export NAME
s-nail -:/ -Sv15-compat -Smta="$capture" -Sfrom='Info Desk <info@sender.example>' -s 'Grüße' x@rcpt.example < body
NAME=s-nail-quoted; s-nail -:/ -Sv15-compat -Smta="$capture" -r info@sender.example -Sfrom='"Sender, Inc." <info@sender.example>' -s 'x' x@rcpt.example < body
NAME=s-nail-utf8name; s-nail -:/ -Sv15-compat -Smta="$capture" -Sttycharset=utf-8 -Sfrom='Jörg Müller <info@sender.example>' -s 'x' x@rcpt.example < body
NAME=s-nail-several; s-nail -:/ -Sv15-compat -Smta="$capture" -Sfrom='Ann <ann@sender.example>, Bob <bob@other.example>' -Ssender=ann@sender.example -s 'x' x@rcpt.example < body

NAME=gnu-mail-name; mail.mailutils -E "set sendmail=sendmail:$capture" -a 'From: Info Desk <info@sender.example>' -s 'x' x@rcpt.example < body
NAME=gnu-mail-priority; mail.mailutils -E "set sendmail=sendmail:$capture" -a 'From: info@sender.example' -a 'X-Priority: 1' -s 'x' x@rcpt.example < body

printf 'From: Jörg Müller <info@sender.example>\nTo: x@rcpt.example\nSubject: Grüße\n\nHällo\n' | mmime > "$OUT/mblaze-utf8name.eml"

printf 'Path: %s/Mail\n' "$work" > .mh_profile; mkdir -p Mail
printf 'From: Info Desk <info@sender.example>\nTo: nmh-name@rcpt.example\nSubject: Hello\n--------\nHello\n' > draft
/usr/bin/mh/send -server 127.0.0.1 -port "$port" -mts smtp "$work/draft" 2>&1 || true
printf 'From: "Sender, Inc." <info@sender.example>\nSender: bounce@sender.example\nTo: nmh-sender@rcpt.example\nSubject: Hello\n--------\nHello\n' > draft
/usr/bin/mh/send -server 127.0.0.1 -port "$port" -mts smtp "$work/draft" 2>&1 || true
rm -rf "$work"
