<?php
// Mail by PHPMailer. usage: php phpmail.php PORT
require '/usr/share/php/libphp-phpmailer/autoload.php';
use PHPMailer\PHPMailer\PHPMailer;
function mail_by(string $name, callable $set): void {
    global $argv;
    $mail = new PHPMailer(true);
    $mail->isSMTP();
    $mail->Host = '127.0.0.1';
    $mail->Port = (int) $argv[1];
    $mail->SMTPAutoTLS = false;
    $mail->CharSet = 'UTF-8';
    $mail->setFrom('info@sender.example', 'Info Desk');
    $mail->Subject = 'Grüße';
    $mail->Body = "Hallo\n";
    $set($mail);
    $mail->addAddress("$name@rcpt.example");
    $mail->send();
}
mail_by('phpmailer-name', fn ($m) => 0);
mail_by('phpmailer-quoted', fn ($m) => $m->setFrom('info@sender.example', 'Sender, Inc.'));
mail_by('phpmailer-utf8name', fn ($m) => $m->setFrom('info@sender.example', 'Jörg Müller'));
mail_by('phpmailer-high', function ($m) { $m->Priority = 1; });
mail_by('phpmailer-low', function ($m) { $m->Priority = 5; });
mail_by('phpmailer-sender', function ($m) { $m->Sender = 'bounce@sender.example'; $m->addReplyTo('else@where.example', 'Else'); $m->isHTML(true); $m->AltBody = 'x'; });
