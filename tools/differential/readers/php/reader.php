<?php
// What PHP's extensions and libraries find in a message. In: a length of four octets and a message; out: a line of JSON.
error_reporting(0);
ini_set('display_errors', '0');
ini_set('memory_limit', '512M');

const FIELDS = ['From', 'Sender', 'Resent-From', 'Resent-Sender'];
$configs = [];

function reads(string $program, string $version, string $how, callable $read): void
{
    global $configs;
    $configs["$program $version: $how"] = [['program' => $program, 'version' => $version, 'how' => $how], $read];
}

/** The bodies of the originator fields, unfolded as most programs do it. */
function bodies(string $octets): array
{
    [$section] = preg_split('/\r?\n\r?\n/', $octets, 2);
    $section = preg_replace('/\r?\n(?=[ \t])/', '', $section);
    $found = [];
    foreach (preg_split('/\r?\n/', $section) as $line) {
        [$name, $body] = array_pad(explode(':', $line, 2), 2, '');
        if (in_array(strtolower(trim($name)), array_map('strtolower', FIELDS), true)) {
            $found[] = trim($body);
        }
    }
    return $found;
}

function section(string $octets): string
{
    return preg_split('/\r?\n\r?\n/', $octets, 2)[0] . "\r\n\r\n";
}

/** Of c-client's objects: mailbox and host. */
function imap_addresses(array $list): array
{
    return array_map(fn ($one) => ($one->mailbox ?? '') . '@' . ($one->host ?? ''), $list);
}

if (extension_loaded('imap')) {
    $version = PHP_VERSION;
    reads('PHP imap', $version, 'imap_rfc822_parse_adrlist', function ($octets) {
        $out = [];
        foreach (bodies($octets) as $body) {
            $out = array_merge($out, imap_addresses(imap_rfc822_parse_adrlist($body, 'nowhere.invalid')));
        }
        return $out;
    });
    reads('PHP imap', $version, 'imap_rfc822_parse_headers', function ($octets) {
        $headers = imap_rfc822_parse_headers(section($octets), 'nowhere.invalid');
        return array_merge(imap_addresses($headers->from ?? []), imap_addresses($headers->sender ?? []));
    });
    reads('PHP imap', $version, 'decoded, then imap_rfc822_parse_adrlist', function ($octets) {
        $out = [];
        foreach (bodies($octets) as $body) {
            $body = imap_utf8($body);
            $out = array_merge($out, imap_addresses(imap_rfc822_parse_adrlist($body, 'nowhere.invalid')));
        }
        return $out;
    });
}

if (extension_loaded('mailparse')) {
    $version = phpversion('mailparse');
    $parse = function (array $bodies) {
        $out = [];
        foreach ($bodies as $body) {
            foreach (mailparse_rfc822_parse_addresses($body) as $one) {
                $out[] = $one['address'];
            }
        }
        return $out;
    };
    reads('PHP mailparse', $version, 'mailparse_rfc822_parse_addresses', fn ($octets) => $parse(bodies($octets)));
    reads('PHP mailparse', $version, 'message, then addresses', function ($octets) use ($parse) {
        $message = mailparse_msg_create();
        mailparse_msg_parse($message, $octets);
        $headers = mailparse_msg_get_part_data($message)['headers'] ?? [];
        mailparse_msg_free($message);
        $bodies = [];
        foreach (FIELDS as $name) {
            $bodies = array_merge($bodies, (array) ($headers[strtolower($name)] ?? []));
        }
        return $parse($bodies);
    });
    reads('PHP mailparse', $version, 'decoded, then addresses', function ($octets) use ($parse) {
        return $parse(array_map(fn ($body) => iconv_mime_decode($body, ICONV_MIME_DECODE_CONTINUE_ON_ERROR, 'UTF-8') ?: '', bodies($octets)));
    });
}

function pear(string $package): string
{
    $status = shell_exec('dpkg-query -W -f=\'${Version}\' ' . escapeshellarg($package) . ' 2>/dev/null');
    return $status ?: 'unknown';
}

if ((@include_once 'Mail/RFC822.php') !== false) {
    foreach ([true, false] as $validate) {
        reads('Pear Mail_RFC822', pear('php-mail'), $validate ? 'parseAddressList' : 'parseAddressList, not validated', function ($octets) use ($validate) {
            $out = [];
            foreach (bodies($octets) as $body) {
                $parser = new Mail_RFC822();
                $list = $parser->parseAddressList($body, 'nowhere.invalid', false, $validate);
                foreach (is_array($list) ? $list : [] as $one) {
                    foreach (isset($one->addresses) ? $one->addresses : [$one] as $member) {
                        $out[] = $member->mailbox . '@' . $member->host;
                    }
                }
            }
            return $out;
        });
    }
}

if (is_dir('/usr/share/php/Horde/Mail')) {
    spl_autoload_register(function ($class) {
        $file = '/usr/share/php/' . strtr($class, ['_' => '/', '\\' => '/']) . '.php';
        if (is_file($file)) {
            require_once $file;
        }
    });
    foreach ([true, false] as $validate) {
        reads('Horde_Mail', pear('php-horde-mail'), $validate ? 'validated' : 'not validated', function ($octets) use ($validate) {
            $out = [];
            foreach (bodies($octets) as $body) {
                $list = (new Horde_Mail_Rfc822())->parseAddressList($body, ['validate' => $validate]);
                foreach ($list->raw_addresses as $one) {
                    $out[] = $one->bare_address;
                }
            }
            return $out;
        });
    }
}

$roundcube = '/usr/share/roundcube/program/lib/Roundcube';
if (is_file("$roundcube/rcube_mime.php")) {
    class rcube { public static function get_instance() { return new self; } public function __get($n) { return new class { public function get($k, $d = null) { return $d; } }; } public static function raise_error() { } public static function write_log() { } }
    define('RCUBE_CHARSET', 'UTF-8');
    foreach (['rcube_utils', 'rcube_charset', 'rcube_mime'] as $file) {
        require_once "$roundcube/$file.php";
    }
    // `bootstrap.php` defines it beside much that wants a configuration.
    if (!function_exists('asciiwords')) { function asciiwords($text) { return $text; } }
    if (!function_exists('is_ascii')) { function is_ascii($text, $control = true) { return !preg_match('/[^\x00-\x7f]/', $text); } }
    foreach ([true, false] as $decode) {
        reads('Roundcube', pear('roundcube-core'), $decode ? 'decode_address_list' : 'decode_address_list, not decoded', function ($octets) use ($decode) {
            $out = [];
            foreach (bodies($octets) as $body) {
                foreach (rcube_mime::decode_address_list($body, null, $decode) as $one) {
                    $out[] = $one['mailto'];
                }
            }
            return $out;
        });
    }
    reads('Roundcube', pear('roundcube-core'), 'parse_headers, then decode_address_list', function ($octets) {
        $headers = rcube_mime::parse_headers(section($octets));
        $out = [];
        foreach (['from', 'sender'] as $name) {
            foreach ((array) ($headers[$name] ?? []) as $body) {
                foreach (rcube_mime::decode_address_list($body) as $one) {
                    $out[] = $one['mailto'];
                }
            }
        }
        return $out;
    });
}

function answer(string $octets): object
{
    global $configs;
    $said = [];
    foreach ($configs as $name => [, $read]) {
        try {
            $found = $read($octets);
        } catch (Throwable) {
            $found = [];
        }
        $found = array_values(array_unique(array_filter($found, fn ($one) => is_string($one) && str_contains($one, '@'))));
        if ($found) {
            $said[$name] = $found;
        }
    }
    return (object) $said;
}

function say($value): void
{
    fwrite(STDOUT, json_encode($value, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}

say(['configs' => array_map(fn ($config) => $config[0], $configs)]);
while (strlen($length = stream_get_contents(STDIN, 4)) === 4) {
    $size = unpack('N', $length)[1];
    say(answer($size ? stream_get_contents(STDIN, $size) : ''));
    imap_errors();
    imap_alerts();
}
