<?php
// PHPMailer's SMTP class: send.php PORT starttls|tls CA USER PASSWORD FROM MESSAGE RECIPIENT...
require "/usr/share/php/libphp-phpmailer/autoload.php";

[, $port, $encryption, $ca, $user, $password, $from, $message] = $argv;
$smtp = new PHPMailer\PHPMailer\SMTP();
$trust = ["ssl" => ["cafile" => $ca, "peer_name" => "localhost"]];
function wanted(bool $good): void
{
    global $smtp;
    if ($good) {
        return;
    }
    $error = $smtp->getError();
    fwrite(STDERR, "{$error["error"]} {$error["smtp_code"]} {$error["smtp_code_ex"]} {$error["detail"]}\n");
    exit(1);
}
wanted($smtp->connect(($encryption === "tls" ? "ssl://" : "") . "127.0.0.1", (int) $port, 30, $trust));
wanted($smtp->hello("localhost"));
if ($encryption !== "tls") {
    wanted($smtp->startTLS());
    wanted($smtp->hello("localhost"));
}
wanted($smtp->authenticate($user, $password, "LOGIN"));
wanted($smtp->mail($from));
foreach (array_slice($argv, 8) as $recipient) {
    wanted($smtp->recipient($recipient));
}
wanted($smtp->data(file_get_contents($message)));
$smtp->quit();
