// What npm's mail readers find in a message. In: a length of four octets and a message; out: a line of JSON.
// Where the length's highest bit is set, the name of the one configuration that is asked comes first.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const FIELDS = ['from', 'sender', 'resent-from', 'resent-sender'];
const configs = new Map();
// What a library prints must not come between the answers.
console.log = console.info = console.error;

function version(folder) {
  return JSON.parse(readFileSync(new URL(`node_modules/${folder}/package.json`, import.meta.url), 'utf8')).version;
}

/** Declares a configuration of the package that is installed as `folder`. */
function reads(program, folder, how, read) {
  const about = { program, version: version(folder), how };
  configs.set(`${program} ${about.version}: ${how}`, { about, read });
}

/** The bodies of the originator fields, unfolded as most programs do it. */
function bodies(octets, charset = 'utf8') {
  const section = octets.toString(charset).split(/\r?\n\r?\n/, 1)[0].replace(/\r?\n(?=[ \t])/g, '');
  const found = [];
  for (const line of section.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (FIELDS.includes(name)) found.push({ name, body: line.slice(colon + 1).trim() });
  }
  return found;
}

/** The addresses in a result, whatever its shape: groups are looked into, names are not. */
function addresses(result) {
  if (!result) return [];
  if (typeof result === 'string') return [result];
  if (Array.isArray(result)) return result.flatMap(addresses);
  return [result.address, result.email, result.value, result.group, result.addresses, result.members].flatMap(
    (part) => (typeof part === 'function' ? [] : addresses(part)),
  );
}

const each = (parse) => (octets) => bodies(octets).flatMap(({ name, body }) => attempt(() => addresses(parse(body, name))));

function attempt(work) {
  try {
    return work();
  } catch {
    return [];
  }
}

const nodemailers = ['6', '7.0.6', '7.0.7', '7.0.11', '8', '9', '10'].map((name) => `nodemailer-${name}`);
for (const folder of nodemailers) {
  let parse;
  try {
    parse = require(`${folder}/lib/addressparser`);
  } catch {
    parse = require(`./node_modules/${folder}/dist/cjs/addressparser/index.js`);
  }
  parse = parse.default ?? parse;
  reads('nodemailer', folder, 'addressparser', each((body) => parse(body)));
  reads('nodemailer', folder, 'addressparser, flattened', each((body) => parse(body, { flatten: true })));
}

const oldParser = require('addressparser');
reads('addressparser', 'addressparser', 'addressparser', each((body) => oldParser(body)));

for (const folder of ['mailparser', 'mailparser-3.7']) {
  const { simpleParser } = require(folder);
  reads('mailparser', folder, 'simpleParser', async (octets) => {
    const mail = await simpleParser(octets, { skipHtmlToText: true, skipTextToHtml: true });
    return FIELDS.flatMap((name) => addresses(mail.headers.get(name)?.value ?? mail.headers.get(name)));
  });
}

for (const folder of ['postal-mime', 'postal-mime-2']) {
  const module = await import(folder);
  reads('postal-mime', folder, 'parse', async (octets) => {
    const mail = await module.default.parse(octets);
    return [...addresses(mail.from), ...addresses(mail.sender)];
  });
  reads('postal-mime', folder, 'addressParser', each((body) => module.addressParser(body)));
}

for (const folder of ['email-addresses', 'email-addresses-3']) {
  const parser = require(folder);
  const ways = {
    parseAddressList: (body) => parser.parseAddressList(body),
    parseOneAddress: (body) => parser.parseOneAddress(body),
    'parseFrom and parseSender': (body, name) => (name.endsWith('from') ? parser.parseFrom(body) : parser.parseSender(body)),
    'not strict': (body) =>
      parser({ input: body, rfc6532: true, strict: false, rejectTLD: false, oneResult: false, simple: false })?.addresses,
    'at and comma in display names': (body) =>
      parser({ input: body, rfc6532: true, atInDisplayName: true, commaInDisplayName: true, startAt: 'address-list' })?.addresses,
    'partial': (body) => parser({ input: body, partial: true, rfc6532: true })?.addresses,
  };
  for (const [how, way] of Object.entries(ways)) reads('email-addresses', folder, how, each(way));
}

const emailjs = require('emailjs-addressparser');
const parseEmailjs = emailjs.default ?? emailjs;
reads('emailjs-addressparser', 'emailjs-addressparser', 'parse', each((body) => parseEmailjs(body)));
const mimeParser = require('emailjs-mime-parser');
reads('emailjs-mime-parser', 'emailjs-mime-parser', 'parse', (octets) => {
  const node = (mimeParser.default ?? mimeParser)(octets);
  return FIELDS.flatMap((name) => (node.headers[name] ?? []).flatMap((field) => addresses(field.value)));
});

for (const folder of ['address-rfc2822', 'address-rfc2822-1']) {
  const parser = require(folder);
  const own = (list) => list.map((item) => (typeof item.address === 'function' ? item.address() : item.address));
  reads('address-rfc2822', folder, 'parse', each((body) => own(parser.parse(body))));
  reads('address-rfc2822', folder, 'parseFrom', each((body) => own(parser.parseFrom(body))));
  reads('address-rfc2822', folder, 'parseSender', each((body) => own(parser.parseSender(body))));
}

const { Header } = require('haraka-email-message');
const { parse: harakaParse } = require('address-rfc2822');
for (const get of ['get_all', 'get_decoded']) {
  reads('haraka-email-message', 'haraka-email-message', `${get}, then address-rfc2822`, (octets) => {
    const header = new Header();
    const lines = octets.toString('binary').split(/\r?\n\r?\n/, 1)[0].split(/(?<=\n)/);
    header.parse(lines.map((line) => line.replace(/\r\n?$/, '\n')));
    return FIELDS.flatMap((name) => [header[get](name)].flat().filter(Boolean))
      .flatMap((body) => attempt(() => harakaParse(body).map((item) => item.address)));
  });
}

const letterparser = require('letterparser');
reads('letterparser', 'letterparser', 'extract', (octets) => {
  const mail = letterparser.extract(octets.toString('utf8'));
  return [...addresses(mail.from), ...addresses(mail.sender)];
});

for (const folder of ['mailauth', 'mailauth-4']) {
  const { dkimVerify } = require(`./node_modules/${folder}/lib/dkim/verify.js`);
  reads('mailauth', folder, 'DMARC author', async (octets) => {
    const result = await dkimVerify(octets, { resolver: async () => [] });
    return [result.headerFrom].flat().filter(Boolean);
  });
}
const { getAuthorDomain } = require('./node_modules/mailauth/lib/dmarc/author-domain.js');
const { dkimVerify } = require('./node_modules/mailauth/lib/dkim/verify.js');
reads('mailauth', 'mailauth', 'DMARC author domain', async (octets) => {
  const result = await dkimVerify(octets, { resolver: async () => [] });
  const author = getAuthorDomain(result.headerFrom, result.fromFields);
  return author?.authorDomain ? [`*@${author.authorDomain}`] : [];
});

const libmime = require('libmime');
const newest = require('nodemailer-10/lib/addressparser');
const parseNewest = newest.default ?? newest;
reads('libmime', 'libmime', 'decodeWords, then addressparser', each((body) => parseNewest(libmime.decodeWords(body))));
for (const folder of ['mailsplit', '@zone-eu/mailsplit']) {
  const { Headers } = require(folder);
  const split = (octets) => {
    // It wants the section alone, up to and with its empty line.
    const end = /\r?\n\r?\n/.exec(octets.toString('latin1'));
    return new Headers(end ? octets.subarray(0, end.index + end[0].length) : octets);
  };
  reads('mailsplit', folder, 'first field, then addressparser', (octets) => {
    const headers = split(octets);
    return FIELDS.flatMap((name) => addresses(parseNewest(headers.getFirst(name))));
  });
  reads('mailsplit', folder, 'all fields decoded, then addressparser', (octets) => {
    const headers = split(octets);
    return FIELDS.flatMap((name) => headers.getDecoded(name)).flatMap(({ value }) => addresses(parseNewest(value)));
  });
}

const imap = require('imap');
reads('imap', 'imap', 'parseHeader, then addressparser', (octets) => {
  const header = imap.parseHeader(octets.toString('binary').split(/\r?\n\r?\n/, 1)[0]);
  return FIELDS.flatMap((name) => header[name] ?? []).flatMap((body) => addresses(oldParser(body)));
});

const mimelib = require('mimelib');
reads('mimelib', 'mimelib', 'parseAddresses', each((body) => mimelib.parseAddresses(body)));
reads('mimelib', 'mimelib', 'parseHeaders', (octets) => {
  const headers = mimelib.parseHeaders(octets.toString('binary').split(/\r?\n\r?\n/, 1)[0]);
  return FIELDS.flatMap((name) => headers[name] ?? []).flatMap((body) => addresses(mimelib.parseAddresses(body)));
});

const emlFormat = require('eml-format');
reads('eml-format', 'eml-format', 'read', (octets) => new Promise((resolve) => {
  emlFormat.read(octets.toString('utf8'), (error, mail) => resolve(error ? [] : addresses(mail.from)));
}));
const { readEml } = require('eml-parse-js');
reads('eml-parse-js', 'eml-parse-js', 'readEml', (octets) => {
  const mail = readEml(octets.toString('utf8'));
  return mail instanceof Error ? [] : addresses(mail.from);
});

const strictList = await import('parse-email-address');
const full = (found) => [found].flat().filter(Boolean).map((item) => item.full);
reads('parse-email-address', 'parse-email-address', 'parseEmailAddressList', each((body) => full(strictList.parseEmailAddressList(body))));
reads('parse-email-address', 'parse-email-address', 'parseHeaderEmailAddress', each((body) => full(strictList.parseHeaderEmailAddress(body))));

async function answer(octets, only) {
  const said = {};
  for (const [name, { read }] of configs) {
    if (only && name !== only) continue;
    let found = [];
    try {
      found = await read(octets);
    } catch {
      // A reader that gives up reads nobody.
    }
    found = [...new Set(found.filter((one) => typeof one === 'string' && one.includes('@')).map((one) => one.toWellFormed()))];
    if (found.length > 0) said[name] = found;
  }
  return said;
}

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
say({ asks_one: true, configs: Object.fromEntries([...configs].map(([name, { about }]) => [name, about])) });

/** The next question in `waiting`, once it is there whole. */
function question() {
  if (waiting.length < 4) return undefined;
  const length = waiting.readUInt32BE(0);
  if (length >>> 31 && waiting.length < 6) return undefined;
  const start = length >>> 31 ? 6 + waiting.readUInt16BE(4) : 4;
  const end = start + (length & 0x7fffffff);
  if (waiting.length < end) return undefined;
  // A copy: some libraries write into what they are given.
  const asked = { only: waiting.toString('utf8', 6, Math.max(start, 6)), octets: Buffer.from(waiting.subarray(start, end)) };
  waiting = waiting.subarray(end);
  return asked;
}

let waiting = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  waiting = Buffer.concat([waiting, chunk]);
  for (let asked = question(); asked; asked = question()) say(await answer(asked.octets, asked.only));
}
