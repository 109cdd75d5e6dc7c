#!/bin/sh
# Makes tests/data/legitimate anew, by hand, on Debian 12 as root with these installed:
#   apt-get install git-email s-nail mailutils libemail-mime-perl libmime-lite-perl libmime-tools-perl libemail-stuffer-perl \
#     libmail-box-perl libphp-phpmailer php-cli ruby-mail nmh sendemail mutt neomutt swaks mblaze nodejs npm python3-venv
# The messages differ from run to run in dates and identifiers only. usage: make.sh WORK
set -eu
here=$(realpath "$(dirname "$0")"); work=${1:?}; port=2525
mkdir -p "$work/out"; cp "$here/package.json" "$work"; cd "$work"
[ -d node_modules ] || npm install --no-audit --no-fund
[ -d venv ] || { python3 -m venv venv; venv/bin/pip -q install -r "$here/requirements.txt"; }
rm -f out/*
python3 "$here/sink.py" $port out & sink=$!
trap 'kill $sink' EXIT
sleep 1
node "$here/nodemail.mjs" $port out
venv/bin/python "$here/pymail.py" $port out
perl "$here/perlmail.pl" out
php "$here/phpmail.php" $port
ruby "$here/rubymail.rb" $port out
sh "$here/shellmail.sh" $port out > shell.log 2>&1
python3 "$here/assemble.py" out "$here/../../tests"
