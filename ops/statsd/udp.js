'use strict';
/* Our UDP server for StatsD, which replaces the package's servers/udp.js. It adds
 *  - a receive buffer of 4 MB (the kernel may grant less), because bursts overflow the default buffer;
 *  - the external port, which accepts only well-formed lines whose names start with `only`, and counts what it drops;
 *  - a count of the datagrams that the kernel dropped because the buffer was full, on systems with /proc;
 *  - a check of sample rates on every port: a single line such as `x:1|c|@Infinity` crashes StatsD 0.9.0;
 *  - a stop without losses: the package's flush at exit is asynchronous and never leaves the process.
 * It is also listed as a backend, only to be notified of flushes.
 */
const dgram = require('dgram');
const fs = require('fs');

const WANTED_BUFFER = 4 * 1024 * 1024;
const LONGEST_LINE = 1432;
const LONGEST_NAME = 250;
const HOUR = 3600 * 1000;
// Few enough digits that neither a value nor its scaled value becomes infinite.
const SIZE = '\\d{1,20}(?:\\.\\d{1,20})?(?:[eE][+-]?\\d{1,2})?';
const RATE = '@(?:0?\\.\\d{0,9}[1-9]\\d{0,9}|1(?:\\.0+)?)';
const ONE_VALUE = '(?:-?' + SIZE + '\\|c(?:\\|' + RATE + ')?|' + SIZE + '\\|ms(?:\\|' + RATE + ')?|[+-]?' + SIZE + '\\|g|[A-Za-z0-9_.-]+\\|s)';
// `name:1|ms:2|ms` is one line with several values.
const EXTERNAL_LINE = new RegExp('^([A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)+)(?::' + ONE_VALUE + ')+$');
const GOOD_RATE = new RegExp('\\|' + RATE + '(?=[:|\\n]|$)');
const DROPPED = 'eucora.statsd.external.dropped';
const MALFORMED = 'eucora.statsd.malformed';
const KERNEL_DROPPED = 'eucora.statsd.kernel_dropped';
const SOCKET_TABLES = ['/proc/self/net/udp', '/proc/self/net/udp6'];

const sockets = [];
let inodes = new Set();
let droppedSoFar = 0;
let deliver = null;
let stopping = false;
let flushesLeft = 0;

function log(text) {
  console.log('[eucora] ' + text);
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

/** Return the lines of the message that the external port accepts, and the number of lines it drops. */
function filterExternal(message, only, allowed) {
  const kept = [];
  let dropped = 0;
  for (const line of message.toString('latin1').split('\n')) {
    if (line.length === 0) {
      continue;
    }
    const match = line.length <= LONGEST_LINE && line.startsWith(only) ? EXTERNAL_LINE.exec(line) : null;
    if (match !== null && match[1].length <= LONGEST_NAME && allowed(match[1])) {
      kept.push(line);
    } else {
      dropped += 1;
    }
  }
  return { kept: kept, dropped: dropped };
}

/** Return the lines whose sample rates StatsD can parse, and the number of the others. */
function filterRates(message) {
  const kept = [];
  let dropped = 0;
  for (const line of message.toString().split('\n')) {
    const rates = (line.match(/\|@/g) || []).length;
    const good = (line.match(new RegExp(GOOD_RATE, 'g')) || []).length;
    if (rates === good) {
      kept.push(line);
    } else {
      dropped += 1;
    }
  }
  return { kept: kept, dropped: dropped };
}

function receiver(config, pass) {
  const only = config.only;
  const allowed = nameLimit(config.newNamesPerHour || Infinity);
  const counted = only ? DROPPED : MALFORMED;
  return function (message, source) {
    if (!only && !message.includes('|@')) {
      pass(message, source);
      return;
    }
    const result = only ? filterExternal(message, only, allowed) : filterRates(message);
    if (result.dropped > 0) {
      result.kept.push(counted + ':' + result.dropped + '|c');
    }
    if (result.kept.length > 0) {
      pass(result.kept.join('\n'), source);
    }
  };
}

function enlargeBuffer(socket, name) {
  try {
    socket.setRecvBufferSize(WANTED_BUFFER);
  } catch (error) {
    log(name + ': the receive buffer keeps its default size: ' + error.message);
  }
  log(name + ': receive buffer ' + socket.getRecvBufferSize() + ' bytes');
}

/** Store the inodes of this process's sockets; the kernel's tables list sockets by inode. */
function noteInodes() {
  try {
    inodes = new Set(fs.readdirSync('/proc/self/fd').map(function (fd) {
      try {
        return (/^socket:\[(\d+)\]$/.exec(fs.readlinkSync('/proc/self/fd/' + fd)) || [])[1];
      } catch (error) {
        return undefined; // closed in the meantime, like the descriptor of this listing
      }
    }));
  } catch (error) {
    log('there is no /proc: datagrams that the kernel drops are not counted');
  }
}

/** Return how many datagrams the kernel has dropped at our sockets: the sum of a socket table's last column. */
function dropsIn(table) {
  let drops = 0;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns.length >= 13 && inodes.has(columns[9])) {
      drops += Number(columns[12]);
    }
  }
  return drops;
}

/** Count the datagrams that the kernel dropped since the last call, by passing StatsD one more line. */
async function reportDrops() {
  if (inodes.size === 0) {
    return;
  }
  const tables = await Promise.all(SOCKET_TABLES.map(function (file) {
    return fs.promises.readFile(file, 'latin1').catch(function () {
      return '';
    });
  }));
  const drops = dropsIn(tables.join('\n'));
  const fresh = (drops - droppedSoFar) >>> 0; // the kernel counts modulo 2^32
  if (fresh > 0 && fresh < 0x80000000) { // above that, a table could not be read
    droppedSoFar = drops;
    deliver(KERNEL_DROPPED + ':' + fresh + '|c', { address: 'kernel', port: 0, size: 0 });
  }
}

/** Keep reading until the next regular flush at least 100 ms from now, then close, let the flush reach carbon, exit. */
function stop(signal) {
  if (stopping) {
    return;
  }
  stopping = true;
  reportDrops();
  log(signal + ': waiting for the next flush, then exiting');
  setTimeout(function () {
    flushesLeft = 1;
  }, 100);
  setTimeout(exit, 3000);
}

function exit() {
  // The package would flush once more at exit, which never reaches carbon.
  process.removeAllListeners('exit');
  process.exit(0);
}

/** StatsD's server interface: called once for each entry of `servers`. */
exports.start = function (config, callback) {
  deliver = callback;
  if (sockets.length === 0) {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      process.removeAllListeners(signal);
      process.on(signal, stop);
    }
  }
  const name = 'udp ' + config.address + ':' + config.port;
  const socket = dgram.createSocket(config.address_ipv6 ? 'udp6' : 'udp4', receiver(config, callback));
  socket.on('error', function (error) {
    console.error('[eucora] ' + name + ': ' + error.message);
    process.removeAllListeners('exit');
    process.exit(1);
  });
  socket.on('listening', function () {
    enlargeBuffer(socket, name);
    noteInodes();
  });
  socket.bind(config.port, config.address);
  sockets.push(socket);
  return true;
};

/** StatsD's backend interface: called once; the event `flush` follows every flush interval. */
exports.init = function (startup, config, events) {
  events.on('flush', function () {
    if (flushesLeft === 1) {
      flushesLeft = 0;
      for (const socket of sockets) {
        socket.close();
      }
      setTimeout(exit, 300);
    } else {
      // StatsD resets its counters after this listener, so lines read in the meantime belong to the next flush.
      reportDrops();
    }
  });
  return true;
};
