# Mail by the Ruby gem `mail`. usage: ruby rubymail.rb PORT OUT
require 'mail'
port, out = ARGV
Mail.defaults { delivery_method :smtp, address: '127.0.0.1', port: port.to_i, enable_starttls_auto: false }
{
  'ruby-mail-plain' => { from: 'info@sender.example' },
  'ruby-mail-name' => { from: 'Info Desk <info@sender.example>' },
  'ruby-mail-quoted' => { from: '"Sender, Inc." <info@sender.example>' },
  'ruby-mail-utf8name' => { from: 'Jörg Müller <info@sender.example>' },
  'ruby-mail-several' => { from: ['Ann <ann@sender.example>', 'bob@other.example'], sender: 'ann@sender.example' },
  'ruby-mail-resent' => { from: 'third@other.example', 'Resent-From' => 'Ann <ann@sender.example>', 'Resent-Sender' => 'ann@sender.example' },
  'ruby-mail-priority' => { from: 'info@sender.example', 'X-Priority' => '2', 'X-MSMail-Priority' => 'High' },
}.each do |name, fields|
  mail = Mail.new(fields.merge(to: "#{name}@rcpt.example", subject: 'Grüße', charset: 'UTF-8', body: "Hallo\n"))
  mail.smtp_envelope_from = 'ann@sender.example' if name == 'ruby-mail-resent'
  mail.deliver!
end
