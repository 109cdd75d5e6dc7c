// What Thunderbird's jsmime finds. Its file is taken out of Debian's package when the run is set up; its path and version
// are the arguments. In: a length of four octets and a message; out: a line of JSON.
import { pathToFileURL } from 'node:url';

const [path, version] = process.argv.slice(2);
const { jsmime } = await import(pathToFileURL(path));
const { headerparser, MimeParser } = jsmime;
const FIELDS = ['from', 'sender', 'resent-from', 'resent-sender'];

/** Mailboxes, those in groups too. */
function emails(list) {
  return list.flatMap((one) => (one.group ? emails(one.group) : one.email ?? []));
}

/** The bodies of the originator fields as the parser of messages cuts them; each character is an octet. */
function bodies(octets) {
  const found = [];
  const emitter = {
    startPart(part, headers) {
      if (part === '') for (const name of FIELDS) found.push(...(headers.getRawHeader(name) ?? []));
    },
  };
  const parser = new MimeParser(emitter, { strformat: 'binarystring', bodyformat: 'none' });
  parser.deliverData(octets.toString('latin1'));
  parser.deliverEOF();
  return found;
}

const ways = {
  'parseEncodedHeader': (body) => {
    const text = headerparser.convert8BitHeader(body, 'utf-8');
    return emails(headerparser.parseAddressingHeader(text, true));
  },
  'parseEncodedHeaderW': (body) => emails(headerparser.parseAddressingHeader(body, true)),
  'parseDecodedHeader': (body) => emails(headerparser.parseAddressingHeader(body, false)),
  'decoded, then parseDecodedHeader': (body) => {
    const text = headerparser.decodeRFC2047Words(headerparser.convert8BitHeader(body, 'utf-8'), 'utf-8');
    return emails(headerparser.parseAddressingHeader(text, false));
  },
  'parseStructuredHeader': (body) => emails(headerparser.parseStructuredHeader('From', body)),
  'written anew and read again': (body) => {
    const read = headerparser.parseAddressingHeader(headerparser.convert8BitHeader(body, 'utf-8'), true);
    const again = jsmime.headeremitter.emitStructuredHeader('From', read, { useASCII: true });
    return emails(headerparser.parseAddressingHeader(again.slice('From:'.length).replace(/\r\n(?=[ \t])/g, ''), true));
  },
};

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
const name = (how) => `Thunderbird jsmime ${version}: ${how}`;
say({ configs: Object.fromEntries(Object.keys(ways).map((how) => [name(how), { program: 'Thunderbird jsmime', version, how }])) });
let waiting = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE(0)) {
    const end = 4 + waiting.readUInt32BE(0);
    const fields = bodies(waiting.subarray(4, end));
    waiting = waiting.subarray(end);
    const said = {};
    for (const [how, read] of Object.entries(ways)) {
      let found = [];
      try {
        found = fields.flatMap(read);
      } catch {
        // A reader that gives up reads nobody.
      }
      found = [...new Set(found.filter((one) => typeof one === 'string' && one.includes('@')).map((one) => one.toWellFormed()))];
      if (found.length > 0) said[name(how)] = found;
    }
    say(said);
  }
}
