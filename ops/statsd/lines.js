'use strict';
/* Which StatsD lines are accepted, and why others are not. Nothing here has side effects but `Samples`.
 *
 * Numbers are those that StatsD takes, unless they would become infinite. Sample rates are checked on every port:
 * StatsD 0.9.0 crashes on `x:1|c|@Infinity`, and it reads `@1e-3` as 1.
 */
const LONGEST_LINE = 1432;
const LONGEST_NAME = 250;
const LONGEST_NUMBER = 42; // 40 digits, a sign and a point
const LARGEST = 1e120; // neither its square nor the value divided by the smallest rate is infinite
const NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;
const BLANKS = /^[ \t\r\v\f]+|[ \t\r\v\f]+$/g;
const RATES = /\|@([^:|\n]*)/g;
const HOUR = 3600 * 1000;
const BAD_RATE = 'the sample rate is not a decimal number above 0 and up to 1, such as @0.1';

/** Return the line without the blanks and carriage returns around it. */
function trim(line) {
  return line.replace(BLANKS, '');
}

function isRate(text) {
  const rate = Number(text);
  return text.length <= LONGEST_NUMBER && /^[\d.]+$/.test(text) && rate > 0 && rate <= 1;
}

/** Return why a number is refused, '' if it is accepted. */
function refusedNumber(text, isTimer) {
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) {
    return 'the value is not a number';
  }
  if (text.length > LONGEST_NUMBER || Math.abs(number) >= LARGEST) {
    return 'the number is too large or has more than 40 digits';
  }
  return isTimer && number < 0 ? 'a timer is negative' : '';
}

/** Return why one value of a line (`1|c|@0.1`) is refused, '' if it is accepted. */
function refusedValue(value) {
  const fields = value.split('|');
  const type = (fields[1] || '').trim();
  if (fields.length < 2) {
    return 'it has no type such as |c';
  }
  if (!['c', 'ms', 'g', 's'].includes(type)) {
    return 'the type is none of c, ms, g, s';
  }
  if (fields.length > 3 || (fields.length === 3 && (type === 'g' || type === 's'))) {
    return 'after the type there is more than the sample rate of a counter or timer';
  }
  if (fields.length === 3 && !(fields[2].startsWith('@') && isRate(fields[2].slice(1).trimEnd()))) {
    return BAD_RATE;
  }
  if (type === 's') {
    return fields[0].trim() === '' || /[\x00-\x1f]/.test(fields[0]) ? 'a set has no readable value' : '';
  }
  return refusedNumber(fields[0], type === 'ms');
}

/** Return why the external port refuses a line, '' if it accepts it; `allowed` limits new names. */
function refusedExternal(line, only, allowed) {
  if (line.length > LONGEST_LINE) {
    return 'the line is longer than ' + LONGEST_LINE + ' bytes';
  }
  if (!line.startsWith(only)) {
    return 'the name does not begin with ' + only;
  }
  const values = line.split(':');
  const name = values.shift();
  if (name.includes(';') || line.includes('|#')) {
    return 'tags are not supported';
  }
  if (!NAME.test(name) || name.length > LONGEST_NAME) {
    return 'the name has other characters than letters, digits, _ - . or more than ' + LONGEST_NAME;
  }
  if (values.length === 0) {
    return 'it has no value';
  }
  for (const value of values) {
    const reason = refusedValue(value);
    if (reason) {
      return reason;
    }
  }
  return allowed(name) ? '' : 'too many new names in this hour';
}

/** Return why a line is refused on our own port, '' if it is accepted: only a rate that StatsD cannot parse. */
function refusedRate(line) {
  for (const rate of line.matchAll(RATES)) {
    if (!isRate(rate[1].trimEnd())) {
      return BAD_RATE;
    }
  }
  return '';
}

/** Return a function that decides whether a name is accepted: always if seen before, else `limit` new ones per hour. */
function nameLimit(limit) {
  const accepted = new Set();
  let hour = 0;
  let fresh = 0;
  return function (name) {
    if (accepted.has(name)) {
      return true;
    }
    const now = Math.floor(Date.now() / HOUR);
    if (now !== hour) {
      hour = now;
      fresh = 0;
    }
    if (fresh >= limit) {
      return false;
    }
    fresh += 1;
    accepted.add(name);
    return true;
  };
}

/** Refused lines: for each port and reason the number since the start, and the newest line as an example. */
class Samples {
  constructor() {
    this.byReason = new Map();
  }

  add(port, reason, line, sender) {
    const key = port + ' ' + reason;
    const lines = (this.byReason.get(key) || { lines: 0 }).lines + 1;
    this.byReason.delete(key); // so that the newest is the last
    this.byReason.set(key, { port: port, reason: reason, lines: lines, line: line, sender: sender, at: Date.now() });
  }

  /** Return the newest examples of different reasons, each as one line of JSON in ASCII. */
  newest(number) {
    return [...this.byReason.values()].reverse().slice(0, number).map(function (sample) {
      return JSON.stringify({ ...sample, at: Math.floor(sample.at / 1000), line: printable(sample.line) });
    });
  }
}

/** Return the beginning of a line, with everything but printable ASCII escaped. */
function printable(line) {
  const start = line.slice(0, 80).replace(/[^\x20-\x7e]/g, function (character) {
    return '\\x' + character.charCodeAt(0).toString(16).padStart(2, '0');
  });
  return line.length > 80 ? start + '...' : start;
}

module.exports = { Samples, nameLimit, refusedExternal, refusedRate, trim };
