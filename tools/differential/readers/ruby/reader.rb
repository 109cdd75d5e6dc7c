# What Ruby's mail gem finds in a message. In: a length of four octets and a message; out: a line of JSON.
require 'json'
require 'mail'

FIELDS = %w[From Sender Resent-From Resent-Sender].freeze
CONFIGS = {}

def reads(how, &read)
  about = { program: 'Ruby mail', version: Mail::VERSION.version, how: how }
  CONFIGS["Ruby mail #{Mail::VERSION.version}: #{how}"] = [about, read]
end

def lists(mail)
  FIELDS.flat_map { |name| [mail[name]].flatten.compact }
end

reads('addresses') { |octets| lists(Mail.new(octets)).flat_map { |field| Array(field.respond_to?(:addresses) ? field.addresses : field.address) } }
reads('from, sender') { |octets| mail = Mail.new(octets); [*mail.from, *mail.sender, *mail.resent_from, *mail.resent_sender] }
reads('from_addrs') { |octets| Mail.new(octets).from_addrs }
reads('Address of the raw field') { |octets| lists(Mail.new(octets)).map { |field| Mail::Address.new(field.value).address } }
reads('AddressList of the decoded field') do |octets|
  lists(Mail.new(octets)).flat_map do |field|
    Mail::AddressList.new(Mail::Encodings.value_decode(field.value)).addresses.map(&:address)
  end
end
reads('written anew and read again') { |octets| again = Mail.new(Mail.new(octets).encoded); [*again.from, *again.sender, *again.resent_from] }

def answer(octets)
  CONFIGS.each_with_object({}) do |(name, (_, read)), said|
    found = begin
      read.call(octets.dup)
    rescue StandardError, SystemStackError
      []
    end
    found = found.select { |one| one.is_a?(String) }.map { |one| one.dup.force_encoding('UTF-8').scrub }
    found = found.select { |one| one.include?('@') }.uniq
    said[name] = found unless found.empty?
  end
end

OUT = $stdout.dup
OUT.sync = true
$stdout.reopen($stderr)
$stdin.binmode
OUT.puts JSON.generate(configs: CONFIGS.transform_values(&:first))
while (length = $stdin.read(4)) && length.bytesize == 4
  OUT.puts JSON.generate(answer($stdin.read(length.unpack1('N')) || ''))
end
