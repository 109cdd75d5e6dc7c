# Ruby's Net::SMTP: send.rb PORT starttls|tls CA USER PASSWORD FROM MESSAGE RECIPIENT...
require "net/smtp"

port, encryption, ca, user, password, from, message, *recipients = ARGV
smtp = Net::SMTP.new("127.0.0.1", port.to_i)
trust = OpenSSL::SSL::SSLContext.new
trust.set_params(ca_file: ca)
encryption == "tls" ? smtp.enable_tls(trust) : smtp.enable_starttls(trust)
smtp.start("localhost", user, password, :plain) { smtp.send_message(File.binread(message), from, recipients) }
